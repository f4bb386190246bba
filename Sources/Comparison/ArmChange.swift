internal import FairpostEvaluation
internal import FairpostMetrics

/// What one arm gains against another on the two axes; positive is better.
package struct ArmChange {
  /// A change in the direction that counts as better, with the interval that allows for rows the
  /// seeds share.
  package struct Gain {
    package let mean: Double
    package let lower: Double?
    package let upper: Double?
    /// The seeds under which both have a figure.
    package let count: Int

    /// Whether the interval holds gains only.
    package var isSure: Bool { lower.map { $0 > 0 } ?? false }
    /// Whether the interval holds losses only.
    package var isLoss: Bool { upper.map { $0 < 0 } ?? false }

    /// The same as a price.
    package var negated: Gain {
      Gain(
        mean: 0 - mean, lower: upper.map { 0 - $0 }, upper: lower.map { 0 - $0 }, count: count)
    }
  }

  package let arm: Int
  package let fairness: Gain
  package let performance: Gain

  /// The gains of an arm; nil where the two share no seed.
  package init?(_ arm: Int, against other: Int, in table: ResultTable, _ task: CompareMetrics.Task)
  {
    func gain(_ metric: Metric) -> Gain? {
      guard let own = table.row(arm, task, metric), let reference = table.row(other, task, metric)
      else { return nil }
      // A distance from the target, so that smaller is better whatever the direction.
      let direction = metric.direction
      let costs = own.values.map { $0.map { direction.cost($0) } }
      let known = reference.values.map { $0.map { direction.cost($0) } }
      guard
        let change = ReplicateMean(known, minus: costs, tail: table.tail, overlap: table.overlap)
      else { return nil }
      return Gain(
        mean: change.mean, lower: change.lower, upper: change.upper, count: change.count)
    }
    guard let fairness = gain(task.fairness), let performance = gain(task.performance) else {
      return nil
    }
    self.arm = arm
    self.fairness = fairness
    self.performance = performance
  }

  /// The seeds it rests on.
  package var count: Int { min(fairness.count, performance.count) }

  /// The change in a word or two.
  package var words: String {
    switch (fairness.isSure, performance.isLoss) {
    case (true, false): performance.isSure ? "better on both" : "no significant cost"
    case (true, true): "at a cost"
    case (false, true): fairness.isLoss ? "worse on both" : "a cost without a significant gain"
    case (false, false): fairness.isLoss ? "less fair" : "no significant gain"
    }
  }
}
