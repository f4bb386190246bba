package import FairpostNumerics

/// Intervals of figures over several groups.
///
/// The true extreme pair is one fixed pair, so the largest of the pairs' own upper bounds covers it
/// without any correction; a lower bound takes the best of all pairs and so must hold for all of them
/// at once, which lets it reach 0.
package struct Simultaneous {
  package let estimates: [Estimate]
  package let tail: Double
  private let plain: [Interval]
  private let wide: [Interval]

  /// Bounds of each group, alone and (by Tukey's range factor) for all pairs; nil where one has none.
  package init?(_ estimates: [Estimate], tail: Double, factor: Double) {
    self.estimates = estimates
    self.tail = tail
    let tightTail = 2 * Normal.upperTail(factor)
    plain = estimates.compactMap { $0.interval(tail: tail) }
    wide = estimates.compactMap { $0.interval(tail: tightTail) }
    guard plain.count == estimates.count, wide.count == estimates.count else { return nil }
  }

  /// Bounds for a figure over groups; those to overall have their own.
  package func bounds(_ aggregation: Aggregation) -> Interval? {
    switch aggregation {
    case .difference: return estimates.count == 1 ? Interval(0, 0) : difference
    case .ratio: return estimates.count == 1 ? Interval(1, 1) : ratio
    case .groupMin, .groupMax: return extreme(aggregation)
    case .meanPairDifference: return averaged { $0 }
    case .groupVariance:
      // The variance is the sum over pairs of squared differences, over the square of their number.
      let scale = Double(estimates.count - 1) / (2 * Double(estimates.count))
      let mean = averaged { $0 * $0 }
      return Interval(mean.lower * scale, mean.upper * scale)
    default: return nil
    }
  }

  /// How far two groups are apart: at most, this pair alone; at least, whatever the pair.
  private func apart(_ i: Int, _ j: Int) -> Interval {
    let (a, b) = (estimates[i].value, estimates[j].value)
    let narrow = Recovered.difference(a, plain[i], b, plain[j])
    let broad = Recovered.difference(a, wide[i], b, wide[j])
    return Interval(max(0, broad.lower, -broad.upper), max(narrow.upper, -narrow.lower))
  }

  private var values: [Double] { estimates.map(\.value) }

  private var difference: Interval {
    // No pair is farther apart than the bounds' ends: from the outermost in, most need no look.
    let high = Outermost.groups(values, distances { $0.upper - $1 }, .highest, far: true)
      .sorted { (plain[$0].upper, $1) > (plain[$1].upper, $0) }
    let low = Outermost.groups(values, distances { $1 - $0.lower }, .lowest, far: true)
      .sorted { (plain[$0].lower, $0) < (plain[$1].lower, $1) }
    var result = Interval(0, 0)
    for i in high {
      for j in low {
        if plain[i].upper - plain[j].lower <= result.upper { break }
        if i != j { result.upper = max(result.upper, apart(i, j).upper) }
      }
    }
    let falling = Outermost.groups(values, distances(wide) { $1 - $0.lower }, .highest, far: false)
      .sorted { (estimates[$0].value, $1) > (estimates[$1].value, $0) }
    let rising = Outermost.groups(values, distances(wide) { $0.upper - $1 }, .lowest, far: false)
      .sorted { (estimates[$0].value, $0) < (estimates[$1].value, $1) }
    for i in falling {
      for j in rising {
        if estimates[i].value - estimates[j].value <= result.lower { break }
        if i != j { result.lower = max(result.lower, apart(i, j).lower) }
      }
    }
    return result
  }

  /// How far a bound is from its value, by group.
  private func distances(
    _ bounds: [Interval]? = nil, _ distance: (Interval, Double) -> Double
  ) -> [Double] {
    let bounds = bounds ?? plain
    return estimates.indices.map { distance(bounds[$0], estimates[$0].value) }
  }

  private var ratio: Interval? {
    guard plain.allSatisfy({ $0.lower >= 0 }), wide.allSatisfy({ $0.lower >= 0 }) else {
      return nil
    }
    var result = Interval(1, 1)
    // Each pair in both directions; the smaller ratio is the folded one.
    let low = Outermost.groups(values, distances { $1 - $0.lower }, .lowest, far: true)
      .sorted { (plain[$0].lower, $0) < (plain[$1].lower, $1) }
    let high = Outermost.groups(values, distances { $0.upper - $1 }, .highest, far: true)
      .sorted { (plain[$0].upper, $1) > (plain[$1].upper, $0) }
    for i in low {
      for j in high where i != j {
        // No ratio is below that of the bounds' ends.
        if plain[j].upper > 0, plain[i].lower / plain[j].upper >= result.lower { break }
        let narrow = Recovered.ratio(estimates[i].value, plain[i], estimates[j].value, plain[j])
        result.lower = min(result.lower, narrow.lower)
      }
      // Nothing is below 0.
      if result.lower <= 0 { break }
    }
    let rising = Outermost.groups(values, distances(wide) { $0.upper - $1 }, .lowest, far: false)
      .sorted { (estimates[$0].value, $0) < (estimates[$1].value, $1) }
    let falling = Outermost.groups(values, distances(wide) { $1 - $0.lower }, .highest, far: false)
      .sorted { (estimates[$0].value, $1) > (estimates[$1].value, $0) }
    for i in rising {
      for j in falling where i != j {
        let (a, b) = (estimates[i].value, estimates[j].value)
        if b > 0, a / b >= result.upper { break }
        result.upper = min(result.upper, Recovered.ratio(a, wide[i], b, wide[j]).upper)
      }
    }
    return result
  }

  /// The least or the greatest group's value, each group at a level that holds for all.
  private func extreme(_ aggregation: Aggregation) -> Interval? {
    let level = estimates.compactMap { $0.interval(tail: tail / Double(estimates.count)) }
    if aggregation == .groupMin {
      guard let lower = plain.map(\.lower).min(), let upper = level.map(\.upper).min() else {
        return nil
      }
      return Interval(lower, upper)
    }
    guard let lower = level.map(\.lower).max(), let upper = plain.map(\.upper).max() else {
      return nil
    }
    return Interval(lower, upper)
  }

  /// The mean over pairs of a rising function of their distance; errors of pairs add up to no more
  /// than each alone.
  private func averaged(_ body: (Double) -> Double) -> Interval {
    let pairs = estimates.count * (estimates.count - 1) / 2
    guard pairs > 0 else { return Interval(0, 0) }
    var sum = Interval(0, 0)
    forPairs(estimates.count) { i, j in
      let bounds = apart(i, j)
      sum.lower += body(bounds.lower)
      sum.upper += body(bounds.upper)
    }
    return Interval(sum.lower / Double(pairs), sum.upper / Double(pairs))
  }
}

extension Simultaneous {
  /// Bounds for the distance of groups to everybody, of which they are a part.
  ///
  /// Where everybody's value is a weighted mean of the groups', the difference is that to the rest,
  /// scaled by the rest's share, and the rest is independent of the group. Otherwise group and
  /// everybody are taken for independent, which only widens: a part goes along with the whole.
  ///
  /// - Parameter parts: of how many such figures the worst will be taken.
  package func toOverall(
    _ whole: Estimate, rests: [Estimate?], parts: Int, isRatio: Bool
  ) -> Interval? {
    let tight = tail / Double(max(estimates.count, 1) * parts)
    var result = isRatio ? Interval(1, 1) : Interval(0, 0)
    for (index, own) in estimates.enumerated() {
      var rest: Estimate?
      var share = 0.0
      if let weight = own.weight, let all = whole.weight {
        share = weight / all
        // A group that is everybody is not apart from everybody.
        if share >= 1 { continue }
        rest = index < rests.count ? rests[index] : nil
      }
      let other = rest ?? whole
      func bounds(_ tail: Double) -> Interval? {
        guard let a = own.interval(tail: tail), let b = other.interval(tail: tail) else {
          return nil
        }
        if !isRatio {
          let scale = rest == nil ? 1 : 1 - share
          let gap = Recovered.difference(own.value, a, other.value, b)
          return Interval(gap.lower * scale, gap.upper * scale)
        }
        guard other.value > 0, a.lower >= 0, b.lower >= 0 else { return nil }
        let ratio = Recovered.ratio(own.value, a, other.value, b)
        guard rest != nil else { return ratio }
        func toAll(_ x: Double) -> Double { x <= 0 ? 0 : 1 / (share + (1 - share) / x) }
        return Interval(toAll(ratio.lower), toAll(ratio.upper))
      }
      guard let narrow = bounds(tail), let broad = bounds(tight) else { return nil }
      if isRatio {
        func folded(_ x: Double) -> Double { x > 1 ? 1 / x : x }
        result.lower = min(result.lower, folded(narrow.lower), folded(narrow.upper))
        if !broad.contains(1) {
          result.upper = min(result.upper, max(folded(broad.lower), folded(broad.upper)))
        }
      } else {
        result.upper = max(result.upper, narrow.upper, -narrow.lower)
        result.lower = max(result.lower, broad.lower, -broad.upper)
      }
    }
    return result
  }
}
