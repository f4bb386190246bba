internal import FairpostNumerics

/// How a network is trained by minibatches.
package struct TrainerSettings: Sendable {
  /// Passes over the rows.
  package var epochs = 100
  /// Rows of a minibatch; nil takes all rows at once.
  package var batchSize: Int? = 128
  /// The rule of a step.
  package var rule = Optimiser.Rule.usualAdam
  /// The step size.
  package var rate = 1e-3
  /// The largest norm of a gradient.
  package var clip: Double?
  /// The ridge l2/2 |W|^2 on weights, not on biases.
  package var l2 = 0.0
  /// The share of hidden units dropped in training.
  package var dropout = 0.0
  /// Epochs without a better validation loss before the end; nil never stops early.
  package var patience: Int?
  /// A weight for each task; empty for 1.
  package var taskWeights: [Double] = []
  /// For a conditioned network, the range each task's weight is drawn from, row by row.
  package var conditionRanges: [ClosedRange<Double>] = []
  /// What random choices are keyed by.
  package var seed: UInt64 = 1
  /// Threads; the result does not depend on them.
  package var threads = 1

  /// The defaults.
  package init() {}
}

/// Why training cannot be done.
package enum TrainingError: Error, Hashable, Sendable {
  /// There are no rows with a weight.
  case noRows
  /// A task has no label at all.
  case noLabels(task: String)
  /// A task's labels are all the same.
  case constantLabel(task: String)
  /// Starting weights do not fit the network.
  case wrongParameterCount(found: Int, expected: Int)
  /// The loss or a parameter is no longer a finite number: the step size is too large.
  case diverged(epoch: Int)
  /// What was learned gives outputs or losses that are not finite numbers.
  case notFinite(task: String)
  /// A linear model has no solution.
  case linear(task: String, LinearFit.Failure)
  /// A cell a method needs has no rows: a label among a group's members, or among all others.
  case emptyCell(group: Int32, isMember: Bool, label: Int)
  /// More support rows of a group, or of all others, are asked for than there are.
  case shareTooLarge(group: Int32, isMember: Bool, largest: Double)
  /// A method needs at least two groups.
  case oneGroup
  /// Too few tasks have enough rows.
  case tooFewEpisodes(found: Int, rowsNeeded: Int)
  /// A method takes one binary task.
  case needsOneBinaryTask
  /// A method takes one task.
  case needsOneTask
  /// No validation row has a group and a label.
  case noValidationCells
  /// A method needs validation rows of at least two groups.
  case oneValidationGroup
  /// A group has no validation row with a label.
  case emptyValidationCell(group: Int32, label: String)
  /// An objective of fairness is about rows of a group with a label that there are not.
  case undefinedObjective(group: Int32, label: Int)
  /// An objective of fairness is not about such labels.
  case unsuitedObjective(String)
  /// A front of more than three groups cannot be listed.
  case frontOfManyGroups
}

/// Trains a network by minibatches with early stopping.
package enum Trainer {
  /// Refuses data no network can learn from.
  package static func check(_ data: LearningData) throws(TrainingError) {
    guard data.weights.contains(where: { $0 > 0 }) else { throw .noRows }
    for task in data.tasks {
      let used = data.weights.indices.filter { data.weights[$0] > 0 && !task.targets[$0].isNaN }
      guard let first = used.first else { throw .noLabels(task: task.name) }
      if case .regression = task.kind { continue }
      if used.allSatisfy({ task.targets[$0] == task.targets[first] }) {
        throw .constantLabel(task: task.name)
      }
    }
  }

  /// Trains and gives back the best parameters.
  ///
  /// - Parameters:
  ///   - validation: rows the best epoch is chosen on.
  ///   - initial: where to start; drawn from the seed if nil.
  ///   - log: called after every epoch.
  ///   - weigh: factors for the rows of a minibatch, from the parameters before its step; for methods
  ///     that follow how rows fare and give more weight to some.
  package static func fit(
    shape: NetworkShape, data: LearningData, validation: LearningData? = nil,
    settings: TrainerSettings, initial: [Double]? = nil,
    log: (EpochReport) -> Void = { _ in },
    weigh: ((_ rows: [Int], _ parameters: [Double]) -> [Double])? = nil
  ) throws(TrainingError) -> TrainingResult {
    try check(data)
    let start = try shape.start(initial, seed: settings.seed)
    var optimiser = Optimiser(
      settings.rule, rate: settings.rate, count: start.count, clip: settings.clip)
    var engine = Differentiator(shape: shape, threads: settings.threads)
    var minibatch = MinibatchGradient(
      shape: shape, data: data, taskWeights: settings.taskWeights)
    var gradient = [Double](repeating: 0, count: start.count)
    let mask = shape.weightMask()
    let used = data.weights.indices.filter { data.weights[$0] > 0 }
    let size = min(settings.batchSize ?? used.count, used.count)
    let middle = settings.conditionRanges.map { ($0.lowerBound + $0.upperBound) / 2 }
    let judge = validation.map { validation in
      let conditions = repeated(middle, validation.rows)
      return { (parameters: [Double]) in
        engine.value(
          validation.objective(taskWeights: settings.taskWeights, rowTaskWeights: conditions),
          parameters, validation.batch(conditions: conditions))
      }
    }

    return try ThreadTeam.with(threads: settings.threads) { team throws(TrainingError) in
      let loop = EpochLoop(epochs: settings.epochs, patience: settings.patience)
      return try loop.run(from: start, judge: judge) { epoch, parameters in
        var stream = RandomStream(
          seed: settings.seed, purpose: "trainer.epoch", index: UInt64(epoch))
        let order = settings.batchSize == nil ? Array(used.indices) : stream.permutation(used.count)
        var total = 0.0
        var batches = 0
        var start = 0
        while start < order.count {
          let rows = order[start..<min(start + size, order.count)].map { used[$0] }
          start += size
          var conditions: [Double] = []
          if shape.conditions > 0 {
            for _ in rows {
              for range in settings.conditionRanges {
                conditions.append(
                  range.lowerBound + (range.upperBound - range.lowerBound) * stream.uniform())
              }
            }
          }
          let masks = dropoutMasks(shape, rows.count, settings.dropout, &stream)
          Elementwise.clear(&gradient)
          total += minibatch.add(
            rows, parameters, rowWeights: weigh?(rows, parameters) ?? [], conditions: conditions,
            masks: masks, team: team, into: &gradient)
          if settings.l2 != 0 {
            for i in gradient.indices { gradient[i] += settings.l2 * mask[i] * parameters[i] }
          }
          optimiser.step(&parameters, gradient: gradient)
          batches += 1
        }
        return total / Double(max(batches, 1))
      } log: { report, _ in
        log(report)
      }
    }
  }

  /// The same conditions for every row.
  package static func repeated(_ conditions: [Double], _ rows: Int) -> [Double] {
    conditions.isEmpty ? [] : (0..<rows).flatMap { _ in conditions }
  }

  private static func dropoutMasks(
    _ shape: NetworkShape, _ rows: Int, _ share: Double, _ stream: inout RandomStream
  ) -> [[Double]] {
    guard share > 0 else { return [] }
    let kept = 1 / (1 - share)
    var masks: [[Double]] = []
    for width in shape.hidden {
      var mask = [Double](repeating: kept, count: rows * width)
      for i in mask.indices where stream.uniform() < share { mask[i] = 0 }
      masks.append(mask)
    }
    return masks
  }
}
