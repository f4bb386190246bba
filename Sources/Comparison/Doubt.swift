internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostText

extension ResultTable {
  /// An arm that leaves this share of the constant predictor's errors, or less, is nearly perfect.
  private static let perfectShare = (higher: 0.05, lower: 0.15)
  /// How many half-widths of its interval the best arm may be led by, and the share of its errors.
  private static let lead = (halfWidths: 4.0, share: 0.7, shareWithoutInterval: 0.5)

  /// Why an arm's performance is not to be believed as it stands; nil where it may be.
  ///
  /// Nearly perfect is what no model of people is; and predictions from elsewhere that leave the best
  /// arm trained here far behind have most likely been learned from the rows they are tested on.
  package func doubt(_ arm: Int, _ task: CompareMetrics.Task) -> String? {
    let metric = task.performance
    guard arms[arm].source != .constant, let own = mean(arm, task),
      let constant = arms.indices.first(where: { arms[$0].source == .constant }),
      let ownRest = Self.rest(own.mean, metric.direction)
    else { return nil }
    var isExternal = false
    if case .external = arms[arm].source { isExternal = true }
    let question =
      isExternal
      ? "did it learn from the rows it is tested on? --print-split names them"
      : "does a feature give the label away?"
    let value = "\(metric.id) \(FigureTable.short(own.mean))"
    if let known = mean(constant, task), let rest = Self.rest(known.mean, metric.direction) {
      let share =
        metric.direction == .lower ? Self.perfectShare.lower : Self.perfectShare.higher
      if rest > 0, ownRest <= share * rest {
        return "DOUBTFUL: nearly perfect (\(value)): \(question)"
      }
    }
    guard isExternal else { return nil }
    let others = arms.indices.compactMap { other -> (place: Int, rest: Double)? in
      guard case .model = arms[other].source, let known = mean(other, task),
        let rest = Self.rest(known.mean, metric.direction)
      else { return nil }
      return (other, rest)
    }
    guard let best = others.min(by: { $0.rest < $1.rest }), let known = mean(best.place, task)
    else { return nil }
    var isFar = ownRest <= Self.lead.shareWithoutInterval * best.rest
    if let lower = known.lower, let upper = known.upper {
      let halfWidth = (upper - lower) / 2
      isFar =
        ownRest <= Self.lead.share * best.rest
        && best.rest - ownRest > Self.lead.halfWidths * halfWidth
    }
    guard isFar else { return nil }
    return
      "DOUBTFUL: \(value) where the best arm trained here, \(arms[best.place].name), has \(FigureTable.short(known.mean)): \(question)"
  }

  private func mean(_ arm: Int, _ task: CompareMetrics.Task) -> ReplicateMean? {
    row(arm, task, task.performance)?.mean
  }

  /// How far a figure is from the best it could be; nil where there is no best.
  private static func rest(_ value: Double, _ direction: Direction) -> Double? {
    switch direction {
    case .higher: value <= 1 ? 1 - value : nil
    case .lower: value >= 0 ? value : nil
    default: nil
    }
  }
}
