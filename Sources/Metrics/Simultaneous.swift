internal import Numerics

/// Intervals of figures over several groups.
enum Simultaneous {
  /// Bounds for a figure over groups.
  ///
  /// The true extreme pair is one fixed pair, so the largest of the pairs' own upper bounds covers
  /// it without any correction; the lower bound takes the best of all pairs and so must hold for all
  /// of them at once (Tukey's range factor), which lets it reach 0.
  static func bounds(
    _ aggregation: Aggregation, _ estimates: [Estimate], tail: Double, factor: Double
  ) -> Interval? {
    let tightTail = 2 * Normal.upperTail(factor)
    let plain = estimates.compactMap { $0.interval(tail: tail) }
    let wide = estimates.compactMap { $0.interval(tail: tightTail) }
    guard plain.count == estimates.count, wide.count == estimates.count else { return nil }
    switch aggregation {
    case .difference:
      if estimates.count == 1 { return Interval(0, 0) }
      var lower = 0.0
      var upper = 0.0
      forPairs(estimates.count) { i, j in
        let narrow = Recovered.difference(
          estimates[i].value, plain[i], estimates[j].value, plain[j])
        upper = max(upper, narrow.upper, -narrow.lower)
        let broad = Recovered.difference(estimates[i].value, wide[i], estimates[j].value, wide[j])
        lower = max(lower, broad.lower, -broad.upper)
      }
      return Interval(lower, upper)
    case .ratio:
      if estimates.count == 1 { return Interval(1, 1) }
      guard plain.allSatisfy({ $0.lower >= 0 }), wide.allSatisfy({ $0.lower >= 0 }) else {
        return nil
      }
      var lower = 1.0
      var upper = 1.0
      forPairs(estimates.count) { i, j in
        // Each pair in both directions; the smaller ratio is the folded one.
        for (x, y) in [(i, j), (j, i)] {
          let narrow = Recovered.ratio(estimates[x].value, plain[x], estimates[y].value, plain[y])
          lower = min(lower, narrow.lower)
          let broad = Recovered.ratio(estimates[x].value, wide[x], estimates[y].value, wide[y])
          upper = min(upper, broad.upper)
        }
      }
      return Interval(lower, upper)
    case .groupMin:
      // Each group's bound at a level that holds for all: the smallest lower and smallest upper.
      let level = estimates.compactMap { $0.interval(tail: tail / Double(estimates.count)) }
      guard let lower = plain.map(\.lower).min(), let upper = level.map(\.upper).min() else {
        return nil
      }
      return Interval(lower, upper)
    case .groupMax:
      let level = estimates.compactMap { $0.interval(tail: tail / Double(estimates.count)) }
      guard let lower = level.map(\.lower).max(), let upper = plain.map(\.upper).max() else {
        return nil
      }
      return Interval(lower, upper)
    default:
      // To-overall figures and averages: group and overall overlap, so the bounds take each group's
      // distance to the overall value with the group's own uncertainty.
      return nil
    }
  }
}
