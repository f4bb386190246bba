package import FairpostLearning
internal import FairpostNumerics

/// The baseline of the Fair-MAML paper: one network trained on all tasks' rows in turn, with the
/// same regulariser and no inner step; fine-tuned afterwards like the meta-learned one.
package enum Pretrained {
  /// Trains on batches of tasks drawn as Fair-MAML draws them; support and query rows both count.
  package static func fit(
    shape: NetworkShape, data: LearningData, settings: FairMAML.Settings,
    initial: [Double]? = nil, log: (FairMAML.Iteration) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingResult {
    let episodes = try FairMAML.episodes(data, settings)
    var parameters = initial ?? shape.initialParameters(seed: settings.seed)
    guard parameters.count == shape.parameterCount else {
      throw .wrongParameterCount(found: parameters.count, expected: shape.parameterCount)
    }
    var optimiser = Optimiser(.usualAdam, rate: settings.outerRate, count: parameters.count)
    var engine = Differentiator(shape: shape)
    var gradient = parameters
    var deck = Episodes.Deck()
    var drawn: [Int] = []
    for iteration in 0..<settings.iterations {
      var stream = RandomStream(
        seed: settings.seed, purpose: "pretrained.iteration", index: UInt64(iteration))
      Elementwise.clear(&gradient)
      var total = 0.0
      var without = 0
      var batch: [Int] = []
      for _ in 0..<settings.tasksPerBatch {
        drawn.removeAll(keepingCapacity: true)
        episodes.draw(
          2 * settings.shots, of: stream.below(episodes.rows.count), &stream, &deck, into: &drawn)
        let rows = data.selecting(drawn)
        if settings.reportedGroups > 0 { batch.append(contentsOf: drawn) }
        if !settings.regulariser.applies(rows, protected: settings.protected) { without += 1 }
        total += engine.addGradient(
          settings.regulariser.objective(
            rows, protected: settings.protected, gamma: settings.gamma), parameters, rows.batch(),
          into: &gradient)
      }
      var groupLosses: [Double] = []
      var regulariser = Double.nan
      if settings.reportedGroups > 0 {
        let rows = data.selecting(batch)
        groupLosses = GroupFigures.losses(
          rows, groups: settings.reportedGroups, parameters, &engine)
        regulariser = settings.regulariser.value(
          rows, protected: settings.protected, parameters, &engine)
      }
      optimiser.step(&parameters, gradient: gradient)
      guard total.isFinite, parameters.allSatisfy(\.isFinite) else {
        throw .diverged(epoch: iteration)
      }
      log(
        FairMAML.Iteration(
          number: iteration, loss: total / Double(settings.tasksPerBatch),
          regulariser: regulariser,
          withoutProtected: Double(without) / Double(settings.tasksPerBatch),
          gamma: settings.gamma, groupLosses: groupLosses))
    }
    return TrainingResult(
      parameters: parameters, bestEpoch: settings.iterations - 1, epochs: settings.iterations)
  }
}
