package import FairpostLearning
internal import FairpostNumerics

/// `train badr`: of all Pareto-efficient linear models the one whose predictions are fairest.
///
/// The lower level weighs the groups' risks, F_lambda = sum_a lambda_a F_a, and every minimiser
/// w(lambda) wastes no group's accuracy; the upper level searches the lambda of the simplex under
/// which an objective of fairness is least (BADR: bilevel adaptive reweighting).
package struct BADRMethod: TrainingMethod {
  /// How the weights are searched.
  package enum Solver: String, Sendable, CaseIterable {
    /// The lower level solved at every step, the derivative by its Hessian; from several starts.
    case exact
    /// Model, adjoint and weights moved together, on all rows.
    case gd
    /// The same on some rows of each group.
    case sgd
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// What is made small.
    package var fairness = FairnessObjective()
    /// How the weights are searched.
    package var solver = Solver.exact
    /// Steps of the single loop.
    package var steps = 1000
    /// The rows of a step of sgd, of all groups together.
    package var batch = 256
    /// The step of the weights over that of the model.
    package var outerRatio = 0.1
    /// The largest derivative by the weights that is not cut.
    package var clip = 1.0
    /// Models of the front to write into the log.
    package var front = 0
    /// The hidden layers of a network whose last one makes the features; empty for a linear model.
    package var hidden: [Int] = []
    /// Passes over the rows of that network.
    package var epochs = 50

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        FairnessObjective.schema.fields.map { $0.within(\.fairness) } + [
          .choice(
            "solver", \.solver,
            help:
              "how the groups' weights are found: exactly, from several starts, or by gradient steps (gd, sgd)",
            section: "Method"),
          .integer(
            "steps", \.steps, in: 1...10_000_000, help: "steps of gd and sgd", section: "Method"),
          .integer(
            "batch", \.batch, in: 1...1_000_000_000,
            help: "rows in each step of sgd, equally many of each group", section: "Method"),
          .number(
            "outer-ratio", \.outerRatio, in: 0...1e6,
            help: "the step size of the weights, divided by that of the model, for gd and sgd",
            section: "Method"),
          .number(
            "clip", \.clip, in: 0...1e300,
            help: "cut derivatives by the weights to this size, for gd and sgd",
            section: "Method"),
          .integer(
            "pareto", \.front, in: 0...100_000,
            help:
              "instead of searching, write about N models of the front (of two or three groups) into the log",
            section: "Method"),
          .integers(
            "hidden", \.hidden, in: 1...100_000,
            help:
              "first train a network with hidden layers of these widths, then search for its last layer",
            section: "Network"),
          .integer(
            "epochs", \.epochs, in: 1...10_000_000,
            help: "passes over the rows when training that network",
            section: "Network"),
        ])
    }
  }

  package static let info = MethodInfo(
    "badr", summary: "the fairest of the linear models that waste no group's accuracy",
    details: [
      "Bilevel adaptive reweighting: every group has a weight, and the model minimises the weighted mean of the groups' risks (mean losses). The weights are chosen so that the training rows are as fair as possible by the objective. Such a model is Pareto-efficient: no other linear model is better for one group and worse for none. All groups count equally, whatever their size.",
      "Objectives: dp (equal mean predictions), eo (the same among labels of 1) and eodds (among labels of 1 and of 0), dm and hsic (covariance with the group), individual (rows with similar labels get similar predictions), variance, ratio and minimax (of the groups' losses), loss (the mean loss), and sums such as 'dp + 0.2 * loss'. Maxima and decisions in them are smoothed; --sharpness makes them sharper. On the training rows the exact search is never worse than equal weights, weights by size, a single group or the minimax model.",
      "The paper's own single loop with its published step sizes (--outer-ratio 20) does not converge; the step of the weights must be small compared with the model's.",
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group] }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    NetworkShape(
      inputs: request.data.features, hidden: settings.hidden, outputs: request.data.outputs,
      activation: settings.hidden.isEmpty ? .identity : .relu)
  }

  /// Rows with a label and a group.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    request.data.rowsOfLabelAndGroup
  }

  /// Searches the front: of linear models, or of the last layers of a network that is trained first.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    guard !settings.hidden.isEmpty else { return try search(request, log: log) }
    guard request.data.tasks.count == 1 else { throw .needsOneTask }
    let whole = shape(request)
    var first = request
    first.data = request.data.selecting(usedRows(request))
    first.validation = nil
    var network = NetworkSettings()
    network.hidden = settings.hidden
    var training = OptimiserSettings()
    training.epochs = settings.epochs
    var trained = try MLPMethod.fit(
      first, whole, network, training.trainer(seed: request.seed), { _ in })
    // The layers below the last are a network of their own, whose outputs come before the relu.
    let below = NetworkShape(
      inputs: whole.inputs, hidden: Array(settings.hidden.dropLast()),
      outputs: settings.hidden.last ?? 0, activation: .relu)
    var workspace = Workspace(shape: below)
    workspace.forward(
      Array(trained.parameters.prefix(below.parameterCount)), request.data.batch())
    var second = request
    second.data.features = below.outputs
    second.data.inputs = workspace.outputs.prefix(request.data.rows * below.outputs).map {
      max($0, 0)
    }
    let head = try search(second, log: log)
    for (place, value) in head.parameters.enumerated() {
      trained.parameters[below.parameterCount + place] = value
    }
    trained.figures = head.figures
    trained.observations = head.observations
    return trained
  }

  /// Searches the front of linear models.
  private func search(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let linear = LinearHead.shape(request)
    let head = try LinearHead(request, linear, settings.fairness)
    let search = ParetoSearch(head.risks, settings.fairness.objective)
    let isFront = settings.front > 0
    guard !isFront || head.risks.groups <= 3 else { throw .frontOfManyGroups }
    let found: (model: ParetoSearch.Model, notes: [(name: String, value: Double)])
    do {
      switch settings.solver {
      case .exact:
        let best = try search.best(from: head.start) { step, model in
          if request.wantsLog, !isFront { log(head.line(step, model)) }
        }
        found = (
          best.model,
          Self.notes(best.baselines)
        )
      case .gd, .sgd:
        found = (
          try loop(search, head, seed: request.seed) { step, model in
            if request.wantsLog, !isFront { log(head.line(step, model)) }
          }, []
        )
      }
      if isFront, request.wantsLog {
        for line in try front(search, head, from: found.model.point.parameters) { log(line) }
      }
    } catch { throw .linear(task: request.data.tasks[0].name, error) }
    var trained = TrainedNetwork(
      shape: linear, parameters: head.scale.unscaled(found.model.point.parameters))
    trained.observations = head.smallGroups
    trained.figures =
      [("objective \(settings.fairness.objective.text)", found.model.value)] + found.notes
      + found.model.lambda.enumerated().map { group, weight in
        ("weight of \(request.groupName(head.codes[group]))", weight)
      }
    return trained
  }

  /// The objective under the weights that other ways to train stand for; of single groups the least.
  private static func notes(
    _ baselines: [(name: String, model: ParetoSearch.Model)]
  ) -> [(name: String, value: Double)] {
    let alone = baselines.filter { $0.name.hasPrefix("only ") }.map(\.model.value).min()
    return baselines.filter { !$0.name.hasPrefix("only ") }.map {
      ("objective with weights of \($0.name)", $0.model.value)
    } + (alone.map { [("objective with all weight on one group, the best", $0)] } ?? [])
  }

  /// Single steps, with the weights tried exactly now and then: the best are kept.
  private func loop(
    _ search: ParetoSearch, _ head: LinearHead, seed: UInt64,
    log: (Int, ParetoSearch.Model) -> Void
  ) throws(LinearFit.Failure) -> ParetoSearch.Model {
    let risks = search.risks
    let uniform = [Double](repeating: 1 / Double(risks.groups), count: risks.groups)
    var best = try search.model(uniform, from: head.start)
    var loop = SingleLoop()
    loop.innerStep = 1 / largestCurvature(risks, uniform, best.point)
    loop.outerStep = settings.outerRatio * loop.innerStep
    loop.clip = settings.clip
    var state = SingleLoop.State(
      parameters: best.point.parameters,
      adjoint: [Double](repeating: 0, count: head.start.count), lambda: uniform)
    let every = max(1, settings.steps / 20)
    for step in 1...settings.steps {
      var batch = risks
      var decay = 1.0
      if settings.solver == .sgd {
        batch = risks.drawn(settings.batch, seed: seed, step: step)
        decay = Double(step).squareRoot()
      }
      state = loop.step(state, batch, risks, search.objective, decay: decay)
      guard state.parameters.allSatisfy(\.isFinite) else {
        throw .notConverged(iterations: step)
      }
      if step % every == 0 || step == settings.steps {
        let model = try search.model(state.lambda, from: state.parameters)
        log(step, model)
        if model.value < best.value { best = model }
      }
    }
    return best
  }

  /// The largest eigenvalue of the weighted Hessian, by power steps; a little above it.
  private func largestCurvature(
    _ risks: GroupRisks, _ lambda: [Double], _ point: GroupRisks.Point
  ) -> Double {
    var direction = point.parameters.indices.map { 1 / Double($0 + 1) }
    var largest = 1e-300
    for _ in 0..<20 {
      var product = [Double](repeating: 0, count: direction.count)
      for (group, weight) in lambda.enumerated() {
        Elementwise.add(
          weight, times: risks.hessianProduct(group, direction, at: point), to: &product)
      }
      let norm = Elementwise.dot(product, product).squareRoot()
      guard norm > 0 else { break }
      largest = max(largest, norm / Elementwise.dot(direction, direction).squareRoot())
      direction = product.map { $0 / norm }
    }
    return 1.05 * largest
  }

  /// Models along the front, those that another beats for every group marked by 0.
  private func front(
    _ search: ParetoSearch, _ head: LinearHead, from start: [Double]
  ) throws(LinearFit.Failure) -> [TrainingLogLine] {
    let groups = search.risks.groups
    var places: [[Double]] = []
    if groups == 2 {
      let cuts = max(settings.front - 1, 1)
      places = (0...cuts).map { [Double($0) / Double(cuts), 1 - Double($0) / Double(cuts)] }
    } else {
      // A triangle of about so many places.
      var cuts = 1
      while (cuts + 2) * (cuts + 3) / 2 <= settings.front { cuts += 1 }
      for a in 0...cuts {
        for b in 0...(cuts - a) {
          places.append([a, b, cuts - a - b].map { Double($0) / Double(cuts) })
        }
      }
    }
    var models: [ParetoSearch.Model] = []
    var parameters = start
    for place in places {
      let model = try search.model(place, from: parameters)
      parameters = model.point.parameters
      models.append(model)
    }
    return models.indices.map { index in
      let own = models[index].point.risks
      let isBeaten = models.contains { other in
        let pairs = zip(other.point.risks, own)
        return pairs.allSatisfy { $0 <= $1 } && pairs.contains { $0 < $1 - 1e-12 }
      }
      return head.line(index, models[index], isEfficient: !isBeaten)
    }
  }
}

/// An objective of fairness as settings, with the ridge of the linear model it is searched with.
package struct FairnessObjective: MethodSettings {
  /// What is made small.
  package var objective = UpperObjective(.demographicParity)
  /// The ridge beside each group's mean loss.
  package var penalty = 0.01

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<FairnessObjective> {
    Schema([
      SettingField(
        "objective", nil, .text, "EXPR",
        help:
          "what to make small: \(UpperMeasure.allCases.map(\.rawValue).joined(separator: ", ")), or a sum such as 'dp + 0.2 * loss'",
        section: "Method",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard var objective = UpperObjective(text) else {
            throw .wrongForm(
              "expected a sum of \(UpperMeasure.allCases.map(\.rawValue).joined(separator: ", ")), each with or without a factor of at least 0: 'dp + 0.2 * loss'"
            )
          }
          objective.sharpness = settings.objective.sharpness
          settings.objective = objective
        }, write: { $0.objective.text }),
      SettingField(
        "sharpness", nil, .number(1e-3...1e6), "X",
        help: "how sharp the smoothed maxima and decisions are; larger is nearer to hard ones",
        section: "Method",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard let value = SettingText.number(text[...]), value >= 1e-3, value <= 1e6 else {
            throw .wrongKind(.number(1e-3...1e6))
          }
          settings.objective.sharpness = value
        }, write: { NumberText.text($0.objective.sharpness) }),
      .number(
        "penalty", \.penalty, in: 1e-9...1e9,
        help: "the ridge penalty X/2 |W|^2, added to each group's mean loss", section: "Method"),
    ])
  }
}

/// A linear head over the groups' rows, as the methods that search its weights need it.
struct LinearHead {
  let risks: GroupRisks
  let scale: TargetScale
  /// The code of each group that has rows.
  let codes: [Int32]
  private let kind: TaskKind
  private let names: [String]

  /// No hidden layer.
  static func shape(_ request: TrainingRequest) -> NetworkShape {
    NetworkShape(
      inputs: request.data.features, hidden: [], outputs: request.data.outputs,
      activation: .identity)
  }

  /// The risks of the groups of a request's rows, where the objective can be had of them.
  init(
    _ request: TrainingRequest, _ shape: NetworkShape, _ fairness: FairnessObjective
  ) throws(TrainingError) {
    guard request.data.tasks.count == 1 else { throw .needsOneTask }
    let data = request.data.selecting(request.data.rowsOfLabelAndGroup)
    try Trainer.check(data)
    kind = data.tasks[0].kind
    for term in fairness.objective.terms {
      let measure = term.measure
      let suits: Bool
      switch kind {
      case .binary: suits = true
      case .regression: suits = !measure.needsBinaryLabels
      case .multiclass: suits = measure.isOfLosses
      }
      guard suits else { throw .unsuitedObjective(measure.rawValue) }
    }
    let codes = Set(data.groups).sorted()
    guard codes.count > 1 else { throw .oneGroup }
    self.codes = codes
    names = codes.map { request.groupName($0) }
    let isOfLabels = fairness.objective.terms.contains { $0.measure.needsBinaryLabels }
    let needed =
      fairness.objective.terms.contains { $0.measure == .equalizedOdds } ? [1.0, 0] : [1.0]
    if isOfLabels {
      for code in codes {
        for label in needed
        where !data.groups.indices.contains(where: {
          data.groups[$0] == code && data.tasks[0].targets[$0] == label
        }) {
          throw .undefinedObjective(group: code, label: Int(label))
        }
      }
    }
    scale = TargetScale(data, shape, dividing: request.standardises)
    risks = GroupRisks(
      inputs: data.inputs, features: data.features, loss: kind.loss,
      targets: scale.scaled(data).tasks[0].targets, weights: data.weights,
      codes: data.groups.map { code in codes.firstIndex(of: code) ?? -1 }, groups: codes.count,
      penalty: fairness.penalty, threads: request.threads)
  }

  /// Groups of so few rows are small.
  private static let few = 20

  /// What should be known of groups with few rows.
  var smallGroups: [TrainingObservation] {
    names.indices.compactMap { group in
      let rows = risks.codes.count { $0 == group }
      return rows < Self.few ? .smallGroup(group: names[group], rows: rows) : nil
    }
  }

  /// Parameters of 0.
  var start: [Double] { [Double](repeating: 0, count: risks.layer.end) }

  /// A model as a line of the log.
  func line(
    _ step: Int, _ model: ParetoSearch.Model, isEfficient: Bool? = nil
  ) -> TrainingLogLine {
    var figures = [(name: "objective", value: model.value)]
    figures += zip(names, model.lambda).map { ("weight.\($0)", $1) }
    figures += zip(names, model.point.losses).map { ("loss.\($0)", $1) }
    if case .binary = kind { figures.append(("accuracy", accuracy(model.point))) }
    figures.append(("efficient", isEfficient.map { $0 ? 1 : 0 } ?? .nan))
    return TrainingLogLine(step: step, figures: figures)
  }

  private func accuracy(_ point: GroupRisks.Point) -> Double {
    var right = 0.0
    var total = 0.0
    for row in 0..<risks.rows {
      total += risks.weights[row]
      if (point.outputs[row] >= 0) == (risks.targets[row] == 1) { right += risks.weights[row] }
    }
    return right / total
  }
}
