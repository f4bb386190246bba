internal import FairpostNumerics

/// Decisions at a given selection rate, and the predictor that knows nothing.
package enum Decisions {
  /// Decisions that select the highest scores, a share as close to `rate` as ties allow.
  ///
  /// Equal scores are decided alike; a missing score gives no decision.
  package static func atRate(_ rate: Double, scores: [Double], weights: RowWeights = .none)
    -> [Int16]
  {
    var numbers: [Double]?
    switch weights {
    case .none: numbers = nil
    case .survey(let values): numbers = values
    case .frequencies(let values): numbers = values.map(Double.init)
    }
    let sample = SortedSample(values: scores, weights: numbers)
    let target = rate * sample.tally.weight
    var best = (distance: abs(target), threshold: Double.infinity)
    var selected = 0.0
    for i in sample.values.indices.reversed() {
      selected += sample.weight(i)
      // Equal scores are decided alike.
      if i > 0, sample.values[i - 1] == sample.values[i] { continue }
      let distance = abs(selected - target)
      if distance < best.distance { best = (distance, sample.values[i]) }
    }
    return scores.map { $0.isNaN ? -1 : ($0 >= best.threshold ? 1 : 0) }
  }

  /// What decisions at a rate came to.
  package struct Attained: Sendable, Equatable {
    /// The share they select.
    package let rate: Double
    /// Whether that is the rate that was asked for, up to one row, or to a thousandth of the rows where
    /// that is more; tied scores may leave no such decisions.
    package let isAsked: Bool
  }

  /// The share that decisions of `atRate` select; nil where nothing is decided.
  package static func attained(
    _ rate: Double, _ decisions: [Int16], weights: RowWeights = .none
  ) -> Attained? {
    var selected = 0.0
    var total = 0.0
    var step = 0.0
    for (row, decision) in decisions.enumerated() where decision >= 0 {
      let weight: Double
      switch weights {
      case .none: weight = 1
      case .survey(let values): weight = values[row]
      case .frequencies(let values): weight = Double(values[row])
      }
      total += weight
      if decision == 1 { selected += weight }
      // A frequency stands for so many rows of one score, each of which is a step by itself.
      if case .survey = weights { step = max(step, weight) } else { step = 1 }
    }
    guard total > 0 else { return nil }
    let distance = abs(selected - rate * total)
    return Attained(rate: selected / total, isAsked: distance <= max(step, total / 1000))
  }

  /// The constant predictor of a task: the mean label as score, the commonest label as decision.
  package static func constant(_ task: TaskColumns, weights: RowWeights = .none) -> ScoreColumn {
    // The sum of labels and their weight.
    var sums = ExactSums(count: 2)
    var counts: [Int16: Double] = [:]
    for (row, label) in task.labels.enumerated() where !label.isNaN {
      let weight: Double
      switch weights {
      case .none: weight = 1
      case .survey(let values): weight = values[row]
      case .frequencies(let values): weight = Double(values[row])
      }
      sums.add(product: weight, label, at: 0)
      sums.add(weight, at: 1)
      if task.kind != .regression { counts[Int16(label), default: 0] += weight }
    }
    let total = sums.value(at: 1)
    let mean = total > 0 ? sums.value(at: 0) / total : .nan
    // Among equally common labels the smallest, so that the order of rows does not matter.
    let common = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
    var isClasses = false
    if case .multiclass = task.kind { isClasses = true }
    return ScoreColumn(
      name: "constant",
      values: isClasses ? [] : [Double](repeating: mean, count: task.labels.count),
      decisions: common.map { [Int16](repeating: $0, count: task.labels.count) } ?? [],
      kind: .constant)
  }
}
