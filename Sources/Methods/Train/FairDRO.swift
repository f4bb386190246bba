package import FairpostLearning
internal import FairpostNumerics

/// `train fairdro`: of the rows of each label, groups with larger losses weigh more.
///
/// Jung, Park, Chun & Moon, Re-weighting based group fairness regularization via classwise robust
/// optimization (ICLR 2023). For every label the groups' losses on all training rows give weights q
/// within a ball around equal ones; after each epoch they move toward the new ones, less so as epochs
/// go by, and a minibatch's loss is the mean over labels of sum_a q_a L_a.
package struct FairDROMethod: TrainingMethod {
  /// What a group's loss is when weights are made of it.
  package enum Measure: String, Sendable, CaseIterable {
    /// The share of wrong decisions.
    case errors
    /// The cross-entropy.
    case loss
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// How it is trained.
    package var training = OptimiserSettings()
    /// The set of weights.
    package var ball = RobustBall.euclidean
    /// How far weights may go from equal ones.
    package var radius = 0.5
    /// What weights are made of.
    package var measure = Measure.errors

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + OptimiserSettings.steps.map { $0.within(\.training) } + [
            .choice(
              "ball", \.ball,
              help:
                "which weights are allowed: a ball around equal weights, by distance or by a divergence",
              section: "Method"),
            .number(
              "radius", \.radius, in: 0...1e6, help: "how far weights may be from equal ones",
              section: "Method"),
            .choice(
              "weigh-by", \.measure, help: "what a group's weight depends on", section: "Method"),
          ])
    }
  }

  package static let info = MethodInfo(
    "fairdro",
    summary: "among the rows of each label, give more weight to groups with larger losses",
    details: [
      "Jung, Park, Chun & Moon, Re-weighting based group fairness regularization via classwise robust optimization, ICLR 2023",
      "With --ball euclidean and a radius above 1/2 divided by the number of groups less one, weights can be negative, as in the paper's own runs (3 and 5): such a model is trained against a group. The last epoch is kept.",
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group] }
  package var plannedSteps: Int? { settings.training.epochs }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Rows with a label and a group.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    request.data.rowsOfLabelAndGroup
  }

  /// Trains one binary task.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let tasks = request.data.tasks
    guard tasks.count == 1, case .binary = tasks[0].kind else { throw .needsOneBinaryTask }
    var request = request
    request.data = request.data.selecting(usedRows(request))
    request.validation = nil
    let data = request.data
    let labels = data.tasks[0].targets.map { Int($0) }
    let present = Set(data.groups).sorted()
    guard present.count > 1 else { throw .oneGroup }
    let groups = data.groups.map { code in present.firstIndex(of: code) ?? 0 }
    let shape = shape(request)
    var workspace = Workspace(shape: shape)
    let equal = [Double](repeating: 1 / Double(present.count), count: present.count)
    var weights = [equal, equal]
    let epochs = max(settings.training.epochs, 1)
    let batch = settings.training.isFullBatch ? data.rows : settings.training.batch
    let perEpoch = max(1, (data.rows + batch - 1) / batch)
    var steps = 0

    /// Moves the weights after an epoch.
    func follow(_ parameters: [Double], epoch: Int) {
      workspace.forward(parameters, data.batch())
      var losses = [[Double]](
        repeating: [Double](repeating: 0, count: present.count), count: 2)
      var totals = losses
      for row in 0..<data.rows {
        let z = workspace.outputs[row]
        let own =
          settings.measure == .errors
          ? ((z >= 0) == (labels[row] == 1) ? 0 : 1)
          : Elementwise.softplus(labels[row] == 1 ? -z : z)
        losses[labels[row]][groups[row]] += data.weights[row] * own
        totals[labels[row]][groups[row]] += data.weights[row]
      }
      let share = 1 - Double(epoch) / Double(epochs)
      for label in 0..<2 {
        let means = zip(losses[label], totals[label]).map { $1 > 0 ? $0 / $1 : 0 }
        let worst = settings.ball.weights(means, radius: settings.radius)
        weights[label] = zip(weights[label], worst).map { $0 + share * ($1 - $0) }
      }
    }
    var trained = try MLPMethod.fit(
      request, shape, settings.network, settings.training.trainer(seed: request.seed), log,
      weigh: { rows, parameters in
        if steps > 0, steps % perEpoch == 0 { follow(parameters, epoch: steps / perEpoch) }
        steps += 1
        // The mean over labels of sum_a q_a times the cell's mean loss, as a weight of each row beside
        // the mean over the minibatch.
        var cells = [[Double]](
          repeating: [Double](repeating: 0, count: present.count), count: 2)
        var total = 0.0
        for row in rows {
          cells[labels[row]][groups[row]] += data.weights[row]
          total += data.weights[row]
        }
        return rows.map { row in
          let cell = cells[labels[row]][groups[row]]
          return cell > 0 ? weights[labels[row]][groups[row]] * total / (2 * cell) : 0
        }
      },
      figures: {
        [
          ("least_weight", weights.joined().min() ?? 0),
          ("greatest_weight", weights.joined().max() ?? 0),
        ]
      })
    for label in [1, 0] {
      for (place, code) in present.enumerated() {
        trained.figures.append(
          ("weight of \(request.groupName(code)) with label \(label)", weights[label][place]))
      }
    }
    return trained
  }
}
