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
    let start = try shape.start(initial, seed: settings.seed)
    var optimiser = Optimiser(.usualAdam, rate: settings.outerRate, count: start.count)
    var engine = Differentiator(shape: shape)
    var gradient = start
    var deck = Episodes.Deck()
    var drawn: [Int] = []
    var report: FairMAML.Iteration?
    return try EpochLoop(epochs: settings.iterations).run(from: start) { iteration, parameters in
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
      let loss = total / Double(settings.tasksPerBatch)
      report = FairMAML.Iteration(
        number: iteration, loss: loss, regulariser: regulariser,
        withoutProtected: Double(without) / Double(settings.tasksPerBatch),
        gamma: settings.gamma, groupLosses: groupLosses)
      return loss
    } log: { _, _ in
      if let report { log(report) }
    }
  }
}
