internal import Numerics

/// Bounds and noise floors for distances of distribution functions.
///
/// A distance is a supremum (over x for KS, over functions of slope at most 1 for W1), so an upper
/// bound needs only the sampling error at the supremum's place; the lower bound takes the supremum of
/// the noise away, all pairs at once.
enum DistanceBands {
  /// The band of the largest KS distance over pairs of groups.
  static func kolmogorovSmirnov(_ samples: [SortedSample], tail: Double) -> Interval {
    let pairs = samples.count * (samples.count - 1) / 2
    let critical = Tails.kolmogorovQuantile(tail: tail / Double(pairs))
    let z = Normal.quantile(1 - tail / 2)
    var lower = 0.0
    var upper = 0.0
    forPairs(samples.count) { i, j in
      let a = samples[i]
      let b = samples[j]
      let n = a.tally.effective
      let m = b.tally.effective
      let distance = ScoreDistance.kolmogorovSmirnov(a, b)
      // The exact discrete law is a little lighter than the limit; the correction is Stephens'.
      let size = (n * m / (n + m)).squareRoot()
      lower = max(lower, distance - critical / (size + 0.12 + 0.11 / size))
      var left = 0.0
      var right = 0.0
      upper = max(upper, distance)
      // No point whose gap is smaller than the largest by the widest bounds there are can matter.
      let widest =
        (widestWilson(n, z) * widestWilson(n, z) + widestWilson(m, z) * widestWilson(m, z))
        .squareRoot()
      forEachPooled(a, b) { _, x, y in
        left += x
        right += y
        let p = left / a.tally.weight
        let q = right / b.tally.weight
        if abs(p - q) + widest <= upper { return }
        let aBounds = Proportion.wilson(p * n, of: n, quantile: z)
        let bBounds = Proportion.wilson(q * m, of: m, quantile: z)
        let bounds = Recovered.difference(p, aBounds, q, bBounds)
        upper = max(upper, bounds.upper, -bounds.lower)
      }
    }
    return Interval(max(0, lower), min(1, upper))
  }

  /// No Wilson bound is farther from its proportion than this.
  private static func widestWilson(_ size: Double, _ z: Double) -> Double {
    let square = z * z / size
    return square / 2 + (square / 4 + square * square / 4).squareRoot()
  }

  /// The band of the largest W1 distance over pairs of groups.
  static func wasserstein1(
    _ samples: [SortedSample], pooled given: SortedSample? = nil, tail: Double,
    _ stream: inout RandomStream
  ) -> Interval {
    let pooled = given ?? SortedSample.merging(samples)
    let grid = Grid(pooled)
    var upper = 0.0
    var values: [Double] = []
    var errors: [Double] = []
    forPairs(samples.count) { i, j in
      let distance = ScoreDistance.wasserstein1(samples[i], samples[j])
      let (first, second) = ScoreDistance.potentialVariances(samples[i], samples[j])
      let n = max(samples[i].tally.effective - 1, 1)
      let m = max(samples[j].tally.effective - 1, 1)
      let degrees = min(n, m)
      let z = Tails.studentQuantile(1 - tail / 2, degrees: degrees)
      // The potential's spread is estimated; the scores' own spread bounds it from above.
      let spread = (max(first, 0) / n + max(second, 0) / m).squareRoot()
      upper = max(upper, distance + z * spread)
      values.append(distance)
      errors.append(max(spread, 1e-300))
    }
    // The noise of all pairs at once, each around its own group's distribution.
    // A small sample's own spread says too little; everybody's stands in for it.
    let laws = samples.map { grid.shares(of: $0.tally.effective < 50 ? pooled : $0) }
    let sizes = samples.map { max($0.tally.effective - 1, 1) }
    var largest: [Double] = []
    for _ in 0..<400 {
      let paths = laws.indices.map { grid.bridge(laws[$0], size: sizes[$0], &stream) }
      var worst = 0.0
      forPairs(paths.count) { i, j in worst = max(worst, grid.area(paths[i], paths[j])) }
      largest.append(worst)
    }
    largest.sort()
    let noise = largest[Int((1 - tail) * Double(largest.count))]
    return Interval(max(0, (values.max() ?? 0) - noise), upper)
  }

  /// What groups drawn from one common distribution would show.
  static func floor(
    _ samples: [SortedSample], pooled given: SortedSample? = nil, sizes: [Double], draws: Int,
    integral: Bool, _ stream: inout RandomStream
  ) -> NoiseFloor {
    let pooled = given ?? SortedSample.merging(samples)
    let grid = Grid(pooled)
    let law = grid.shares(of: pooled)
    var results: [Double] = []
    for _ in 0..<draws {
      let paths = sizes.map { grid.bridge(law, size: max($0, 1), &stream) }
      var worst = 0.0
      forPairs(paths.count) { i, j in
        worst = max(
          worst, integral ? grid.area(paths[i], paths[j]) : grid.height(paths[i], paths[j]))
      }
      results.append(worst)
    }
    results.sort()
    return NoiseFloor(
      mean: results.reduce(0, +) / Double(results.count),
      band: results[min(results.count - 1, Int(0.95 * Double(results.count)))])
  }

  /// At most 128 cut points through the pooled scores, on which noise is simulated.
  struct Grid {
    var cuts: [Double] = []

    init(_ pooled: SortedSample) {
      let values = pooled.values
      if values.count <= 128 {
        cuts = values
      } else {
        let levels = (0..<128).map { Double($0) / 127 }
        for cut in pooled.quantiles(levels) where cuts.last != cut { cuts.append(cut) }
      }
    }

    /// The share of a sample up to each cut, beyond the cut before.
    func shares(of sample: SortedSample) -> [Double] {
      var result = [Double](repeating: 0, count: cuts.count)
      var at = 0
      for (value, weight) in zip(sample.values, sample.weights) {
        while at + 1 < cuts.count, value > cuts[at] { at += 1 }
        result[at] += weight / sample.tally.weight
      }
      return result
    }

    /// The noise of an empirical distribution function at the cuts: a Brownian bridge.
    func bridge(_ shares: [Double], size: Double, _ stream: inout RandomStream) -> [Double] {
      var steps = [Double](repeating: 0, count: shares.count)
      var total = 0.0
      for i in shares.indices where shares[i] > 0 {
        steps[i] = shares[i].squareRoot() * stream.normal()
        total += steps[i]
      }
      let scale = 1 / size.squareRoot()
      var path = 0.0
      for i in steps.indices {
        path += (steps[i] - shares[i] * total) * scale
        steps[i] = path
      }
      return steps
    }

    func area(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<max(0, cuts.count - 1) { sum += abs(a[i] - b[i]) * (cuts[i + 1] - cuts[i]) }
      return sum
    }

    func height(_ a: [Double], _ b: [Double]) -> Double {
      var largest = 0.0
      for i in a.indices { largest = max(largest, abs(a[i] - b[i])) }
      return largest
    }
  }
}
