internal import FairpostNumerics

/// Gaps of mean scores in units of the scores' own spread, which compare across scales.
enum StandardisedMeans {
  /// The metrics.
  static let all: [Metric] = [
    metric("standardised_mean_difference", "max over pairs of groups of |mean S_a - mean S_b|") {
      $0.derive(.meanScore, .difference, id: "standardised_mean_difference")
    },
    metric(
      "standardised_mean_difference.directed",
      "mean S of the protected group - mean S of the others",
      direction: .target(0), needs: [.scores, .protected]
    ) { $0.derive(.meanScore, .directedDifference, id: "standardised_mean_difference.directed") },
  ]

  private static func metric(
    _ id: String, _ gap: String, direction: Direction = .lower, needs: Needs = .scores,
    _ compute: @escaping @Sendable (EvaluationContext) -> Outcome
  ) -> Metric {
    Metric(
      id: id,
      name: needs.contains(.protected)
        ? "standardised mean difference, directed" : "standardised mean difference",
      formula: gap + ", over the standard deviation (n) of S of everybody",
      direction: direction, needs: needs,
      notEstimable: "a group has no scores, or all scores are the same", quantity: "mean_score",
      isDirected: needs.contains(.protected)
    ) { context in
      let gap = compute(context)
      guard gap.value != nil else { return [gap] }
      guard let spread = context.spreadOfScores else {
        return [.unavailable("all scores are the same: they have no standard deviation")]
      }
      return [gap.divided(by: spread.value, relativeError: spread.relativeError)]
    }
  }
}

extension EvaluationContext {
  /// The standard deviation of everybody's scores, with its error as a share of it were they normal.
  fileprivate var spreadOfScores: (value: Double, relativeError: Double)? {
    let moments = overall.sums.moments
    let tally = moments.scored
    guard tally.weight > 0, moments.known == nil else { return nil }
    let mean = moments.sums[MomentIndex.score] / tally.weight
    let squares = moments.sums[MomentIndex.scoreSquare] / tally.weight
    let variance = squares - mean * mean
    // What is left of equal numbers is rounding.
    guard variance > 1e-14 * squares, tally.effective > 1 else { return nil }
    return (variance.squareRoot(), (1 / (2 * (tally.effective - 1))).squareRoot())
  }
}

extension Outcome {
  /// The same figure over a divisor that is an estimate itself: both errors are independent of each
  /// other in normal samples, so their squares add up on each side.
  fileprivate func divided(by divisor: Double, relativeError: Double) -> Outcome {
    var result = self
    guard let value else { return result }
    result.value = value / divisor
    if let lower, let upper {
      // Two standard errors of the divisor, as far out as the bounds of the gap.
      let own = 2 * relativeError * value
      func far(_ side: Double) -> Double { (side * side + own * own).squareRoot() }
      let least = (value - far(value - lower)) / divisor
      // A gap over pairs is not below 0.
      result.lower = lower >= 0 && value >= 0 ? max(0, least) : least
      result.upper = (value + far(upper - value)) / divisor
    }
    result.fairDraws = fairDraws.map { $0 / divisor }
    if let noise {
      result.noise = NoiseFloor(mean: noise.mean / divisor, band: noise.band / divisor)
    }
    return result
  }
}
