internal import Numerics
internal import Transport

/// How a figure over groups is made from one value per group.
public enum Aggregation: String, Sendable, CaseIterable {
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
  func value(_ values: [Double], overall: Double) -> Double? {
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
      guard values.count > 1 else { return 0 }
      var sum = 0.0
      for i in values.indices {
        for j in 0..<i { sum += abs(values[i] - values[j]) }
      }
      return sum / Double(values.count * (values.count - 1) / 2)
    case .groupVariance:
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    case .directedDifference, .directedRatio: return nil
    }
  }

  /// What the words mean.
  var formula: String {
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
  func direction(_ base: Direction) -> Direction {
    switch self {
    case .difference, .differenceToOverall, .meanPairDifference, .groupVariance: .lower
    case .ratio, .ratioToOverall: .higher
    case .groupMin, .groupMax: base
    case .directedDifference: .target(0)
    case .directedRatio: .target(1)
    }
  }

  /// Whether exact fairness has a floor for it.
  var hasNoiseFloor: Bool {
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
  func derive(_ base: BaseMetric, _ aggregation: Aggregation, id: String) -> Outcome {
    let codes = present
    guard !codes.isEmpty else { return .unavailable("no group has rows") }
    switch aggregation {
    case .directedDifference, .directedRatio: return directed(base, aggregation)
    default: break
    }
    var estimates: [Estimate] = []
    for code in codes {
      guard let estimate = base.estimate(groups[code]) else {
        var outcome = Outcome.unavailable("group \(grouping.keys[code]): \(base.notEstimable)")
        outcome.flags = flags(codes)
        return outcome
      }
      estimates.append(estimate)
    }
    guard let whole = base.estimate(overall) else { return .unavailable(base.notEstimable) }
    var outcome = Outcome()
    outcome.count = estimates.reduce(0) { $0 + $1.count }
    outcome.flags = flags(codes)
    outcome.value = aggregation.value(estimates.map(\.value), overall: whole.value)
    guard let value = outcome.value else {
      outcome.reason = "the denominator is 0"
      return outcome
    }
    if let bounds = simultaneous(aggregation, estimates, whole) {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-newcombe"
    }
    if aggregation.hasNoiseFloor, codes.count > 1 {
      let sizes = calibration.isEmpty ? [] : codes.map { calibration[$0] }
      outcome.noise = noiseFloor(aggregation, estimates, whole, calibration: sizes, id: id)
      if let noise = outcome.noise {
        outcome.insideNoise =
          aggregation == .ratio || aggregation == .ratioToOverall
          ? value >= noise.band : value <= noise.band
      }
    }
    return outcome
  }

  /// Protected against all others together.
  private func directed(_ base: BaseMetric, _ aggregation: Aggregation) -> Outcome {
    guard let protected else { return .unavailable("no protected value is named") }
    guard let a = base.estimate(groups[protected]), let b = base.estimate(rest(protected)) else {
      return .unavailable(base.notEstimable)
    }
    var outcome = Outcome()
    outcome.count = a.count + b.count
    outcome.flags = flags([protected])
    let aBounds = a.interval(tail: options.tail)
    let bBounds = b.interval(tail: options.tail)
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

  /// Bounds for a figure over groups.
  ///
  /// The true extreme pair is one fixed pair, so the largest of the pairs' own upper bounds covers
  /// it without any correction; the lower bound takes the best of all pairs and so must hold for all
  /// of them at once (Tukey's range factor), which lets it reach 0.
  private func simultaneous(
    _ aggregation: Aggregation, _ estimates: [Estimate], _ whole: Estimate
  ) -> Interval? {
    let tail = options.tail
    let factor = Tails.allPairs(count: estimates.count, tail: tail)
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

  /// A seeded simulation of the figure when every group has the overall value.
  private func noiseFloor(
    _ aggregation: Aggregation, _ estimates: [Estimate], _ whole: Estimate, calibration: [Int],
    id: String
  ) -> NoiseFloor? {
    guard options.noiseDraws > 0 else { return nil }
    var stream = stream(id)
    var draws: [Double] = []
    draws.reserveCapacity(options.noiseDraws)
    var weights: [Double] = []
    for estimate in estimates { weights.append(max(estimate.size, 1)) }
    let total = weights.reduce(0, +)
    var values = [Double](repeating: 0, count: estimates.count)
    let common: Double
    if case .proportion(let p, _, _) = whole.spread { common = p } else { common = whole.value }
    for _ in 0..<options.noiseDraws {
      for (index, estimate) in estimates.enumerated() {
        // The fitted map's own error adds to the variance of the group: 1/n + 1/m.
        var inflation = 1.0
        if index < calibration.count, calibration[index] > 0 {
          inflation += weights[index] / Double(calibration[index])
        }
        guard let value = estimate.fairDraw(around: common, inflation: inflation, &stream) else {
          return nil
        }
        values[index] = value
      }
      var mean = 0.0
      for i in values.indices { mean += weights[i] * values[i] / total }
      if let value = aggregation.value(values, overall: mean) { draws.append(value) }
    }
    guard !draws.isEmpty else { return nil }
    draws.sort()
    let low = aggregation == .ratio || aggregation == .ratioToOverall
    let level = low ? 0.05 : 0.95
    return NoiseFloor(
      mean: draws.reduce(0, +) / Double(draws.count),
      band: draws[min(draws.count - 1, Int(level * Double(draws.count)))])
  }
}

extension Estimate {
  /// The effective size the value rests on.
  var size: Double {
    if case .proportion(_, let total, _) = spread { return total }
    return Double(count)
  }

  /// A value this group would show if the truth were `common`.
  func fairDraw(around common: Double, inflation: Double, _ stream: inout RandomStream) -> Double? {
    switch spread {
    case .proportion(_, let total, let transform):
      let size = total / inflation
      let variance = common * (1 - common) / max(size, 1)
      var p: Double
      if size * common * (1 - common) > 200 {
        p = min(1, max(0, common + variance.squareRoot() * stream.normal()))
      } else {
        let whole = max(1, Int(size.rounded()))
        p = Double(Draws.binomial(whole, common, &stream)) / Double(whole)
      }
      if let transform { p = transform(p) }
      return p
    case .normal(let error, _):
      return common + error * inflation.squareRoot() * stream.normal()
    case .area(let variance, _):
      return min(1, max(0, common + (variance * inflation).squareRoot() * stream.normal()))
    case .twoProportions(let p, let n, let q, let m):
      let variance = (p * (1 - p) / n + q * (1 - q) / m) / 4
      return common + (variance * inflation).squareRoot() * stream.normal()
    case .unknown: return nil
    }
  }
}

/// Every unordered pair.
func forPairs(_ count: Int, _ body: (Int, Int) -> Void) {
  for i in 0..<count {
    for j in 0..<i { body(j, i) }
  }
}
