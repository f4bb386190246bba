/// Distances between two groups' score distributions, exact on the pooled points.
public enum ScoreDistance {
  /// The largest distance of the two distribution functions (Kolmogorov and Smirnov).
  public static func kolmogorovSmirnov(_ a: SortedSample, _ b: SortedSample) -> Double {
    var largest = 0.0
    var left = 0.0
    var right = 0.0
    // Divided, not multiplied by a reciprocal: both functions end at exactly 1.
    let scaleA = a.tally.weight
    let scaleB = b.tally.weight
    forEachPooled(a, b) { _, x, y in
      left += x
      right += y
      largest = max(largest, abs(left / scaleA - right / scaleB))
    }
    return largest
  }

  /// The area between the two distribution functions, which is the Wasserstein distance of order 1.
  public static func wasserstein1(_ a: SortedSample, _ b: SortedSample) -> Double {
    var area = 0.0
    var left = 0.0
    var right = 0.0
    var last = 0.0
    var started = false
    forEachPooled(a, b) { value, x, y in
      if started {
        area += abs(left / a.tally.weight - right / b.tally.weight) * (value - last)
      }
      started = true
      last = value
      left += x
      right += y
    }
    return area
  }

  /// The Wasserstein distance of order 2, by walking both quantile functions.
  public static func wasserstein2(_ a: SortedSample, _ b: SortedSample) -> Double {
    guard !a.isEmpty, !b.isEmpty else { return .nan }
    var i = 0
    var j = 0
    var left = a.weights[0] / a.tally.weight
    var right = b.weights[0] / b.tally.weight
    var sum = 0.0
    while true {
      let step = min(left, right)
      let gap = a.values[i] - b.values[j]
      sum += step * gap * gap
      left -= step
      right -= step
      if left <= 0 {
        i += 1
        if i >= a.values.count { break }
        left = a.weights[i] / a.tally.weight
      }
      if right <= 0 {
        j += 1
        if j >= b.values.count { break }
        right = b.weights[j] / b.tally.weight
      }
    }
    return sum.squareRoot()
  }

  /// EquiPy's unfairness: the largest gap of a group's quantiles to everybody's, at 100 equally
  /// spaced levels from .01 to .99.
  public static func quantileUnfairness(_ groups: [SortedSample]) -> Double {
    var all = SortedSample()
    for group in groups { all = all.merging(group) }
    let levels = (0..<100).map { 0.01 + Double($0) * (0.98 / 99) }
    let overall = all.quantiles(levels)
    var largest = 0.0
    for group in groups {
      for (x, y) in zip(group.quantiles(levels), overall) { largest = max(largest, abs(x - y)) }
    }
    return largest
  }

  /// The potential of W1 (slope +1 where b's distribution function is above a's) has these variances
  /// under a and b; they give the sampling error of W1.
  static func potentialVariances(_ a: SortedSample, _ b: SortedSample) -> (Double, Double) {
    var height = 0.0
    var last = 0.0
    var started = false
    var left = 0.0
    var right = 0.0
    var sums = (0.0, 0.0, 0.0, 0.0)
    forEachPooled(a, b) { value, x, y in
      if started {
        let gap = left / a.tally.weight - right / b.tally.weight
        // Where the functions cross or touch, the slope is 0.
        height += (gap > 0 ? -1 : gap < 0 ? 1 : 0) * (value - last)
      }
      started = true
      last = value
      sums.0 += x * height
      sums.1 += x * height * height
      sums.2 += y * height
      sums.3 += y * height * height
      left += x
      right += y
    }
    let meanA = sums.0 / a.tally.weight
    let meanB = sums.2 / b.tally.weight
    return (
      max(0, sums.1 / a.tally.weight - meanA * meanA),
      max(0, sums.3 / b.tally.weight - meanB * meanB)
    )
  }
}

/// Areas under ROC curves of positives against negatives, ties counting half.
public enum RankArea {
  /// P(positive > negative) + P(equal) / 2.
  public static func value(positives: SortedSample, negatives: SortedSample) -> Double? {
    guard !positives.isEmpty, !negatives.isEmpty else { return nil }
    var below = 0.0
    var sum = 0.0
    forEachPooled(positives, negatives) { _, p, n in
      sum += p * (below + 0.5 * n)
      below += n
    }
    return sum / (positives.tally.weight * negatives.tally.weight)
  }

  /// The value with DeLong's variance, which also holds for weights.
  public static func delong(positives: SortedSample, negatives: SortedSample) -> (
    value: Double, variance: Double
  )? {
    guard let area = value(positives: positives, negatives: negatives) else { return nil }
    var negativesBelow = 0.0
    var positivesBelow = 0.0
    var spreadPositive = 0.0
    var spreadNegative = 0.0
    let positiveWeight = positives.tally.weight
    let negativeWeight = negatives.tally.weight
    forEachPooled(positives, negatives) { _, p, n in
      let placementPositive = (negativesBelow + 0.5 * n) / negativeWeight
      let placementNegative = 1 - (positivesBelow + 0.5 * p) / positiveWeight
      spreadPositive += p * (placementPositive - area) * (placementPositive - area)
      spreadNegative += n * (placementNegative - area) * (placementNegative - area)
      negativesBelow += n
      positivesBelow += p
    }
    func part(_ spread: Double, _ tally: Tally) -> Double {
      tally.effective > 1 ? spread / tally.weight / (tally.effective - 1) : 0.25
    }
    return (area, part(spreadPositive, positives.tally) + part(spreadNegative, negatives.tally))
  }
}
