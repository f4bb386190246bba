internal import FairpostNumerics

/// What one epoch of learning with rows' weights came to; shares are of the epoch's minibatches.
package struct ReweightEpoch: Sendable {
  /// Counted from 0.
  package var number = 0
  /// Whether the players bargained.
  package var bargains = false
  /// The mean training loss of the minibatches, each row counting alike.
  package var trainingLoss = Double.nan
  /// Each cell's validation loss after the epoch.
  package var cellLosses: [Double] = []
  /// The share in which the base protocol's direction is no gain for some player.
  package var conflictsBefore = Double.nan
  /// The share in which the direction taken is no gain for some player.
  package var conflicts = Double.nan
  /// The share, of those with bargaining, in which the players agreed.
  package var feasible = Double.nan
  /// The players' mean weights where they agreed.
  package var agreed: [Double] = []
  /// Each cell's mean gain from weights of norm 1, before and after negative weights are cut off.
  package var utilities: [Double] = []
  package var utilitiesAfter: [Double] = []
  /// The mean share of rows with a weight.
  package var nonzero = Double.nan
}

/// What learning with rows' weights gave.
package struct ReweightResult: Sendable {
  /// The parameters after the last epoch.
  package var parameters: [Double]
  /// Each training row's mean weight over the minibatches it was in; NaN where it was in none.
  package var meanWeights: [Double]
}

/// Trains a network with learned weights of the rows.
package enum ReweightTrainer {
  /// Trains.
  ///
  /// The last, incomplete minibatch of an epoch is left out: weights have the same norm however few
  /// the rows are, and a step on three rows would be as long as one on all others.
  ///
  /// - Parameters:
  ///   - cells: the validation cells, or the cells of the training rows where the rule bargains over
  ///     the parameters; nil for a rule that needs none.
  ///   - buffer: what momentum remembers; nothing if nil.
  ///   - log: called after every epoch.
  package static func fit(
    shape: NetworkShape, data: LearningData, cells: ValidationCells?, settings: ReweightSettings,
    initial: [Double], buffer: [Double]? = nil, log: (ReweightEpoch) -> Void = { _ in }
  ) throws(TrainingError) -> ReweightResult {
    let used = data.weights.indices.filter {
      data.weights[$0] > 0 && !data.tasks[0].targets[$0].isNaN
    }
    guard !used.isEmpty else { throw .noRows }
    let size = min(settings.batchSize ?? used.count, used.count)
    var byWeights = ReweightStep(
      shape: shape, data: data, cells: isByParameters(settings) ? nil : cells, settings: settings,
      parameters: initial, buffer: buffer)
    var byParameters = cells.flatMap { cells in
      isByParameters(settings)
        ? ParameterStep(
          shape: shape, data: data, cells: cells, settings: settings, parameters: initial,
          buffer: buffer) : nil
    }
    var sums = [Double](repeating: 0, count: data.rows)
    var counts = [Int](repeating: 0, count: data.rows)
    return try ThreadTeam.with(threads: settings.threads) { team throws(TrainingError) in
      for epoch in 0..<settings.epochs {
        var stream = RandomStream(
          seed: settings.seed, purpose: "reweight.epoch", index: UInt64(epoch))
        let order = settings.batchSize == nil ? Array(used.indices) : stream.permutation(used.count)
        var tally = ReweightTally()
        let bargains = bargains(settings, epoch)
        for start in stride(from: 0, through: used.count - size, by: size) {
          let rows = order[start..<start + size].map { used[$0] }
          if byParameters != nil {
            if let report = byParameters?.take(rows, bargains: bargains, stream: &stream) {
              tally.add(report)
            }
            continue
          }
          tally.add(byWeights.take(rows, bargains: bargains, team: team, stream: &stream))
          for (at, row) in rows.enumerated() {
            sums[row] += byWeights.weights[at]
            counts[row] += 1
          }
        }
        let parameters = byParameters?.parameters ?? byWeights.parameters
        guard Elementwise.isFinite(parameters), tally.trainingLoss.isFinite else {
          throw .diverged(epoch: epoch)
        }
        var report = tally.means(number: epoch, bargains: bargains)
        report.cellLosses = cells?.losses(shape, parameters, settings.loss) ?? []
        log(report)
      }
      return ReweightResult(
        parameters: byParameters?.parameters ?? byWeights.parameters,
        meanWeights: zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : .nan })
    }
  }

  private static func isByParameters(_ settings: ReweightSettings) -> Bool {
    if case .parameters = settings.rule { true } else { false }
  }

  /// Whether the players bargain in an epoch, counted from 0: the published rule is "epoch < T" with
  /// epochs counted from 1.
  private static func bargains(_ settings: ReweightSettings, _ epoch: Int) -> Bool {
    switch settings.rule {
    case .bargain(let epochs), .parameters(let epochs): epoch + 1 < epochs
    case .base, .largest: false
    }
  }
}

/// Sums over an epoch's minibatches.
private struct ReweightTally {
  private var batches = 0
  private var bargained = 0
  private var agreed = 0
  private var before = 0
  private var after = 0
  private var losses = 0.0
  private var nonzero = 0.0
  private var weights: [Mean] = []
  private var utilities: [Mean] = []
  private var utilitiesAfter: [Mean] = []

  /// A sum with how many numbers are in it.
  private struct Mean {
    var sum = 0.0
    var count = 0
    var value: Double { count > 0 ? sum / Double(count) : .nan }
  }

  var trainingLoss: Double { losses / Double(max(batches, 1)) }

  mutating func add(_ report: ReweightReport) {
    batches += 1
    losses += report.trainingLoss
    nonzero += report.nonzero
    if report.conflictsBefore { before += 1 }
    if report.conflicts { after += 1 }
    switch report.outcome {
    case .agreed(let own):
      bargained += 1
      agreed += 1
      Self.add(own, to: &weights)
    case .nothing: bargained += 1
    case nil: break
    }
    Self.add(report.utilities, to: &utilities)
    Self.add(report.utilitiesAfter, to: &utilitiesAfter)
  }

  private static func add(_ values: [Double], to means: inout [Mean]) {
    while means.count < values.count { means.append(Mean()) }
    for (place, value) in values.enumerated() where value.isFinite {
      means[place].sum += value
      means[place].count += 1
    }
  }

  func means(number: Int, bargains: Bool) -> ReweightEpoch {
    let all = Double(max(batches, 1))
    var epoch = ReweightEpoch()
    epoch.number = number
    epoch.bargains = bargains
    epoch.trainingLoss = trainingLoss
    if !utilities.isEmpty {
      epoch.conflictsBefore = Double(before) / all
      epoch.conflicts = Double(after) / all
    }
    if bargained > 0 { epoch.feasible = Double(agreed) / Double(bargained) }
    epoch.agreed = weights.map(\.value)
    epoch.utilities = utilities.map(\.value)
    epoch.utilitiesAfter = utilitiesAfter.map(\.value)
    epoch.nonzero = nonzero / all
    return epoch
  }
}
