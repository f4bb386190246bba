internal import FairpostNumerics

/// What one epoch came to.
package struct EpochReport: Sendable {
  /// Counted from 0.
  package let epoch: Int
  /// The training objective, as the epoch's steps met it.
  package let trainingLoss: Double
  /// The validation objective after the epoch; NaN without validation rows.
  package let validationLoss: Double
  /// Whether this is the best epoch so far.
  package let isBest: Bool
}

/// What training gave.
package struct TrainingResult: Sendable {
  /// The parameters of the best epoch, or of the last without validation rows.
  package var parameters: [Double]
  /// The epoch they are from.
  package var bestEpoch: Int
  /// The epochs that ran.
  package var epochs: Int
  /// The weight of the regulariser where it was learned.
  package var gamma: Double?
}

/// The loop of every method that learns step by step: how long it runs, which epoch it keeps, and when
/// it gives up.
///
/// A method says what an epoch does to the parameters and how they are judged, nothing else.
package struct EpochLoop: Sendable {
  /// Epochs at the most.
  package var epochs: Int
  /// Epochs without a better validation loss before the end; nil never stops early.
  package var patience: Int?

  /// A loop of so many epochs.
  package init(epochs: Int, patience: Int? = nil) {
    self.epochs = epochs
    self.patience = patience
  }

  /// Runs epochs and gives back the parameters of the best.
  ///
  /// - Parameters:
  ///   - start: the parameters to start from.
  ///   - judge: the validation loss of some parameters; without it the last epoch is kept.
  ///   - step: what an epoch does to the parameters; it returns the training loss on the way.
  ///   - log: called after every epoch with the parameters it came to.
  package func run(
    from start: [Double], judge: (([Double]) -> Double)? = nil,
    step: (_ epoch: Int, _ parameters: inout [Double]) throws(TrainingError) -> Double,
    log: (EpochReport, _ parameters: [Double]) -> Void
  ) throws(TrainingError) -> TrainingResult {
    var parameters = start
    var best = TrainingResult(parameters: start, bestEpoch: 0, epochs: 0)
    var bestLoss = Double.infinity
    for epoch in 0..<epochs {
      let loss = try step(epoch, &parameters)
      guard loss.isFinite, Elementwise.isFinite(parameters) else { throw .diverged(epoch: epoch) }
      let judged = judge?(parameters) ?? .nan
      let isBest = judge == nil || judged < bestLoss
      if isBest {
        bestLoss = judged
        best.bestEpoch = epoch
        // Without a judge the last parameters are kept: nothing need be copied on the way.
        if judge != nil { best.parameters = parameters }
      }
      best.epochs = epoch + 1
      log(
        EpochReport(epoch: epoch, trainingLoss: loss, validationLoss: judged, isBest: isBest),
        parameters)
      if let patience, judge != nil, epoch - best.bestEpoch >= patience { break }
    }
    if judge == nil { best.parameters = parameters }
    // Parameters that no epoch has made better than nothing are no result.
    guard judge == nil || bestLoss.isFinite else { throw .diverged(epoch: best.epochs - 1) }
    return best
  }
}

extension NetworkShape {
  /// The parameters to start from: those that were given, if they fit, or drawn ones.
  package func start(_ given: [Double]?, seed: UInt64) throws(TrainingError) -> [Double] {
    let parameters = given ?? initialParameters(seed: seed)
    guard parameters.count == parameterCount else {
      throw .wrongParameterCount(found: parameters.count, expected: parameterCount)
    }
    return parameters
  }
}
