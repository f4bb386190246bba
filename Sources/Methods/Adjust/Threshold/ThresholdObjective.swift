/// What a choice of thresholds is judged by: a disparity of decision rates, the smaller the better.
package enum ThresholdObjective: String, CaseIterable, Sendable {
  /// The largest difference of selection rates.
  case demographicParityDifference = "demographic_parity_difference"
  /// How far the smallest selection rate is below the largest, as a share of it.
  case demographicParityRatio = "demographic_parity_ratio"
  /// The largest difference of true positive rates.
  case equalOpportunityDifference = "equal_opportunity_difference"
  /// The larger of the largest differences of true and of false positive rates.
  case equalizedOddsDifference = "equalized_odds_difference"

  /// Whether labels are needed.
  package var needsLabels: Bool {
    switch self {
    case .demographicParityDifference, .demographicParityRatio: false
    case .equalOpportunityDifference, .equalizedOddsDifference: true
    }
  }

  /// The rates a point of a curve is judged by: one, or two that count alike.
  func rates(_ point: ThresholdCurve.Point) -> [Double] {
    switch self {
    case .demographicParityDifference, .demographicParityRatio: [point.selected]
    case .equalOpportunityDifference: [point.truePositive]
    case .equalizedOddsDifference: [point.truePositive, point.falsePositive]
    }
  }

  /// The disparity of rates that lie between two numbers.
  func disparity(least: Double, greatest: Double) -> Double {
    switch self {
    case .demographicParityRatio: greatest > 0 ? 1 - least / greatest : 0
    default: greatest - least
    }
  }

  /// The disparity of one point for each group.
  func disparity(_ points: [ThresholdCurve.Point]) -> Double {
    guard let first = points.first else { return 0 }
    var worst = 0.0
    for place in rates(first).indices {
      let values = points.map { rates($0)[place] }
      worst = max(
        worst, disparity(least: values.min() ?? 0, greatest: values.max() ?? 0))
    }
    return worst
  }
}
