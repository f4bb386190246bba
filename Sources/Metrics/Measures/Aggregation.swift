internal import FairpostNumerics
internal import FairpostTransport

/// How a figure over groups is made from one value per group.
package enum Aggregation: String, Sendable, CaseIterable {
  /// Largest minus smallest.
  case difference
  /// Smallest over largest.
  case ratio
  /// The largest distance of a group to everybody.
  case differenceToOverall = "difference_to_overall"
  /// The smallest ratio of a group to everybody, folded to at most 1.
  case ratioToOverall = "ratio_to_overall"
  /// The smallest group value.
  case groupMin = "group_min"
  /// The largest group value.
  case groupMax = "group_max"
  /// Protected minus others.
  case directedDifference = "directed_difference"
  /// Protected over others; may exceed 1.
  case directedRatio = "directed_ratio"
  /// The mean absolute difference over pairs of groups.
  case meanPairDifference = "mean_pair_difference"
  /// The population variance of the group values.
  case groupVariance = "group_variance"

  /// The value from group values and the overall value.
  package func value(_ values: [Double], overall: Double) -> Double? {
    guard let low = values.min(), let high = values.max() else { return nil }
    switch self {
    case .difference: return high - low
    case .ratio: return high == 0 ? nil : low / high
    case .differenceToOverall: return values.map { abs($0 - overall) }.max()
    case .ratioToOverall:
      if overall == 0 { return nil }
      return values.map { x -> Double in
        let ratio = x / overall
        return ratio > 1 ? 1 / ratio : ratio
      }.min()
    case .groupMin: return low
    case .groupMax: return high
    case .meanPairDifference:
      guard values.count > 1 else { return nil }
      // In rising order the k-th value is the greater in k pairs and the lesser in the others.
      var sum = 0.0
      for (place, value) in values.sorted().enumerated() {
        sum += value * Double(2 * place - values.count + 1)
      }
      return sum / Double(values.count * (values.count - 1) / 2)
    case .groupVariance:
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    case .directedDifference, .directedRatio: return nil
    }
  }

  /// What the words mean.
  package var formula: String {
    switch self {
    case .difference: "max over groups - min over groups"
    case .ratio: "min over groups / max over groups"
    case .differenceToOverall: "max over groups of |group - overall|"
    case .ratioToOverall: "min over groups of group / overall, folded to <= 1"
    case .groupMin: "min over groups"
    case .groupMax: "max over groups"
    case .directedDifference: "protected - others"
    case .directedRatio: "protected / others (may exceed 1)"
    case .meanPairDifference: "mean over pairs of groups of |difference|"
    case .groupVariance: "population variance over groups"
    }
  }

  /// Which way the figure should go.
  package func direction(_ base: Direction) -> Direction {
    switch self {
    case .difference, .differenceToOverall, .meanPairDifference, .groupVariance: .lower
    case .ratio, .ratioToOverall: .higher
    case .groupMin, .groupMax: base
    case .directedDifference: .target(0)
    case .directedRatio: .target(1)
    }
  }

  /// Whether it is one group's value, and compares nothing.
  package var isExtreme: Bool { self == .groupMin || self == .groupMax }

  /// Whether the greatest, the least and the mean value are all it is made of.
  package var isOfExtremes: Bool {
    switch self {
    case .difference, .ratio, .differenceToOverall, .ratioToOverall, .groupMin, .groupMax: true
    case .directedDifference, .directedRatio, .meanPairDifference, .groupVariance: false
    }
  }

  /// Whether exact fairness has a floor for it.
  package var hasNoiseFloor: Bool {
    switch self {
    case .difference, .ratio, .differenceToOverall, .ratioToOverall, .meanPairDifference,
      .groupVariance:
      true
    default: false
    }
  }
}

extension EvaluationContext {
  /// A derived figure of a base metric.
  ///
  /// - Parameter parts: of how many such figures the worst will be taken, for bounds that hold for all.
  package func derive(
    _ base: BaseMetric, _ aggregation: Aggregation, id: String, parts: Int = 1
  ) -> Outcome {
    let codes = present
    guard !codes.isEmpty else { return .unavailable("no group has rows") }
    switch aggregation {
    case .directedDifference, .directedRatio: return directed(base, aggregation)
    default: break
    }
    let known = self.estimates(base)
    var estimates: [Estimate] = []
    for code in codes {
      guard let estimate = known.groups[code] else {
        var outcome = Outcome.unavailable("group \(grouping.keys[code]): \(base.notEstimable)")
        outcome.flags = flags(codes)
        return outcome
      }
      estimates.append(estimate)
    }
    guard let whole = known.overall else { return .unavailable(base.notEstimable) }
    var outcome = Outcome()
    outcome.count = estimates.reduce(0) { $0 + $1.count }
    outcome.least = estimates.map(\.count).min()
    outcome.flags = flags(codes)
    outcome.value = aggregation.value(estimates.map(\.value), overall: whole.value)
    guard outcome.value != nil else {
      outcome.reason = "the denominator is 0"
      return outcome
    }
    if options.intervals,
      let bounds = bounds(base, aggregation, estimates, whole, parts: parts)
    {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-newcombe"
    }
    if aggregation.hasNoiseFloor, codes.count > 1 {
      let sizes = calibration.isEmpty ? [] : codes.map { calibration[$0] }
      if let draws = fairDraws(aggregation, estimates, whole, calibration: sizes, id: id) {
        outcome.takeChance(
          draws, isRatio: aggregation == .ratio || aggregation == .ratioToOverall)
      }
    }
    return outcome
  }

  /// Bounds of a figure over groups; the tight ones hold for `parts` figures at once.
  private func bounds(
    _ base: BaseMetric, _ aggregation: Aggregation, _ estimates: [Estimate], _ whole: Estimate,
    parts: Int
  ) -> Interval? {
    let factor =
      parts == 1
      ? pairFactor : Tails.allPairs(count: present.count, tail: options.tail / Double(parts))
    guard let groups = Simultaneous(estimates, tail: options.tail, factor: factor) else {
      return nil
    }
    switch aggregation {
    case .differenceToOverall, .ratioToOverall:
      // With very many groups the rest is hardly other than everybody.
      let rests =
        whole.weight != nil && present.count <= 200 ? present.map { base.estimate(rest($0)) } : []
      return groups.toOverall(
        whole, rests: rests, parts: parts, isRatio: aggregation == .ratioToOverall)
    default: return groups.bounds(aggregation)
    }
  }

  /// Protected against all others together.
  private func directed(_ base: BaseMetric, _ aggregation: Aggregation) -> Outcome {
    guard let protected else { return .unavailable("no protected value is named") }
    guard let a = base.estimate(groups[protected]), let b = base.estimate(rest(protected)) else {
      return .unavailable(base.notEstimable)
    }
    var outcome = Outcome()
    outcome.count = a.count + b.count
    outcome.least = min(a.count, b.count)
    outcome.flags = flags([protected])
    let aBounds = options.intervals ? a.interval(tail: options.tail) : nil
    let bBounds = options.intervals ? b.interval(tail: options.tail) : nil
    if aggregation == .directedDifference {
      outcome.value = a.value - b.value
      if let aBounds, let bBounds {
        let bounds = Recovered.difference(a.value, aBounds, b.value, bBounds)
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = "newcombe"
      }
    } else {
      guard b.value != 0 else { return .unavailable("the others' value is 0") }
      outcome.value = a.value / b.value
      if let aBounds, let bBounds, aBounds.lower >= 0, bBounds.lower >= 0 {
        let bounds = Recovered.ratio(a.value, aBounds, b.value, bBounds)
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = "donner-zou"
      }
    }
    return outcome
  }
}

/// Every unordered pair.
package func forPairs(_ count: Int, _ body: (Int, Int) -> Void) {
  for i in 0..<count {
    for j in 0..<i { body(j, i) }
  }
}
