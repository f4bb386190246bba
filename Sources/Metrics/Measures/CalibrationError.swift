internal import FairpostNumerics

/// How far labels are from the scores, bin by bin of the score.
enum CalibrationError {
  /// The expected calibration error of some bins; nil where they are empty.
  static func estimate(_ bins: [CalibrationBin]) -> Estimate? {
    var tally = Tally()
    var sum = 0.0
    var squares = 0.0
    for bin in bins {
      tally += bin.tally
      sum += abs(bin.label - bin.score)
      squares += bin.squaredError
    }
    guard tally.weight > 0 else { return nil }
    let value = sum / tally.weight
    // Each bin's share of the error has this variance, about 0, which is no less than its own.
    let size = tally.effective
    let noise = bins.map { $0.squaredError / tally.weight / max(size, 1) }
    let spread = max(0, squares / tally.weight - value * value) / max(size - 1, 1)
    return Estimate(
      value: value, count: tally.rows,
      spread: .absolute(noise: noise, error: spread.squareRoot(), degrees: size - 1))
  }

  /// Ten bins of a tenth of a group's scores each; equal scores stay together, in the bin of their
  /// middle.
  static func equalMass(_ group: RankedGroup) -> [CalibrationBin] {
    var bins = [CalibrationBin](repeating: CalibrationBin(), count: 10)
    let total = group.tally(label: 1).weight + group.tally(label: 0).weight
    guard total > 0 else { return [] }
    let design = group.tally(label: 1).design(with: group.tally(label: 0))
    var below = 0.0
    var walk = PooledWalk(group.positives, group.negatives)
    while !walk.isOver {
      let (score, positive, negative) = walk.next()
      let weight = positive + negative
      let bin = min(9, Int((below + weight / 2) / total * 10))
      below += weight
      bins[bin].tally.weight += weight
      bins[bin].tally.squares += weight * design.squares
      bins[bin].score += weight * score
      bins[bin].label += positive
      bins[bin].squaredError += positive * (1 - score) * (1 - score) + negative * score * score
    }
    // Sorted scores keep weights, not rows: a bin has its share of the group's.
    for place in bins.indices {
      bins[place].tally.rows = Int((bins[place].tally.weight * design.rows).rounded())
    }
    return bins
  }
}

extension Tally {
  /// The squares and the rows to one unit of weight, of two parts together.
  fileprivate func design(with other: Tally) -> (squares: Double, rows: Double) {
    var both = self
    both += other
    return (both.squares / both.weight, Double(both.rows) / both.weight)
  }
}
