/// The loss of forecasts of a quantile, least where a share q of the labels lies below the scores.
enum PinballLoss {
  /// The mean loss at a low, the middle and a high quantile.
  static let all: [BaseMetric] = [10, 50, 90].map { percent in
    let level = Double(percent) / 100
    return .mean(
      of: { label, score in max(level * (label - score), (level - 1) * (label - score)) },
      id: "pinball_\(percent)", name: "pinball loss at the \(percent) % quantile",
      formula: "mean of max(q (Y-S), (q-1) (Y-S)), q = 0.\(percent)")
  }
}
