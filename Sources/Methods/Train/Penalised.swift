package import FairpostLearning
internal import FairpostNumerics

/// `train penalised`: a linear model whose risk has a measure of unfairness added.
///
/// minimise sum_a (n_a / n) F_a(w) + gamma Fair(w). Unlike the models of `badr`, what it finds may be
/// worse for every group than another model: it is the thing that bilevel training improves on.
package struct PenalisedMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The measure that is added.
    package var fairness = FairnessObjective()
    /// Its weight.
    package var gamma = 1.0

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        FairnessObjective.schema.fields.map { $0.within(\.fairness) } + [
          .number(
            "gamma", \.gamma, in: 0...1e6, help: "the weight of the objective, added to the risk",
            section: "Method")
        ])
    }
  }

  package static let info = MethodInfo(
    "penalised", summary: "a linear model with a measure of unfairness added to its risk",
    details: [
      "Fairness by regularisation, with the objectives of badr: the mean loss of all rows, the ridge, and gamma times the objective, minimised starting from the solution without it. The model found may waste accuracy; badr's does not."
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group] }

  package func shape(_ request: TrainingRequest) -> NetworkShape { LinearHead.shape(request) }

  /// Rows with a label and a group.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    request.data.rowsOfLabelAndGroup
  }

  /// Goes downhill.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let head = try LinearHead(request, shape(request), settings.fairness)
    let risks = head.risks
    let objective = settings.fairness.objective
    let total = risks.totals.reduce(0, +)
    let shares = risks.totals.map { $0 / total }
    let plain: GroupRisks.Point
    let curvature: [Double]
    do {
      plain = try risks.minimiser(shares, from: head.start)
    } catch { throw .linear(task: request.data.tasks[0].name, error) }
    let hessian = risks.hessian(shares, at: plain)
    let count = head.start.count
    curvature = (0..<count).map { max(hessian[$0 * count + $0], settings.fairness.penalty) }
    let search = QuasiNewton(tolerance: 1e-9)
    let found = search.minimise(from: plain.parameters, scale: curvature) { place, gradient in
      let point = risks.point(place)
      let (value, slope) = objective.evaluate(risks, at: point)
      gradient = slope.map { settings.gamma * $0 }
      var sum = settings.gamma * value
      for (share, group) in zip(shares, 0..<risks.groups) {
        sum += share * point.risks[group]
        Elementwise.add(share, times: point.gradients[group], to: &gradient)
      }
      return sum
    }
    let end = risks.point(found.place)
    if request.wantsLog {
      log(
        TrainingLogLine(
          step: found.steps,
          figures: [
            ("risk", zip(shares, end.risks).reduce(0) { $0 + $1.0 * $1.1 }),
            ("objective", objective.value(risks, at: end)),
          ]))
    }
    var trained = TrainedNetwork(
      shape: shape(request), parameters: head.scale.unscaled(found.place))
    trained.figures = [
      ("objective \(objective.text)", objective.value(risks, at: end)),
      ("objective without the penalty", objective.value(risks, at: plain)),
    ]
    return trained
  }
}
