internal import FairpostNumerics

/// What one walk over two groups' scores tells of their distance.
struct PairGap: Sendable {
  /// The largest distance of the distribution functions, and its upper bound.
  var ks = 0.0
  var ksUpper = 0.0
  /// The area between them.
  var w1 = 0.0
  /// The variances of W1's potential under either group, which give the sampling error of W1.
  ///
  /// The potential has slope +1 where b's distribution function is above a's, -1 where it is below.
  var variances = (0.0, 0.0)
}

/// The largest distances over all pairs of groups, with bounds that hold for all pairs at once.
struct PairSummary: Sendable {
  var ks = 0.0
  var ksLower = 0.0
  var ksUpper = 0.0
  var w1 = 0.0
  var w1Upper = 0.0
}

/// Walks over pairs of groups.
enum PairSweep {
  /// Steps after which a walk notes where it is.
  private static let stride = 4096

  /// Where a walk was, and the largest gap from there to the next note.
  private struct Note {
    var walk: PooledWalk
    var left: Double
    var right: Double
    var largest = 0.0
  }

  /// One pair, with the upper bound of KS where `z` is given.
  static func gap(_ a: SortedSample, _ b: SortedSample, z: Double? = nil) -> PairGap {
    var gap = PairGap()
    var walk = PooledWalk(a, b)
    // Divided, not multiplied by a reciprocal: both functions end at exactly 1.
    let scaleA = a.tally.weight
    let scaleB = b.tally.weight
    var notes: [Note] = []
    var step = 0
    var left = 0.0
    var right = 0.0
    var last = 0.0
    var between = 0.0
    var height = 0.0
    var sums = (0.0, 0.0, 0.0, 0.0)
    var largest = 0.0
    while !walk.isOver {
      if z != nil, step % stride == 0 {
        notes.append(Note(walk: walk, left: left, right: right))
        if notes.count > 1 { notes[notes.count - 2].largest = largest }
        largest = 0
      }
      let (value, x, y) = walk.next()
      if step > 0 {
        let width = value - last
        gap.w1 += abs(between) * width
        // Where the functions touch, the slope is 0.
        height += between > 0 ? -width : between < 0 ? width : 0
      }
      step &+= 1
      last = value
      sums.0 += x * height
      sums.1 += x * height * height
      sums.2 += y * height
      sums.3 += y * height * height
      left += x
      right += y
      between = left / scaleA - right / scaleB
      largest = max(largest, abs(between))
      if largest > gap.ks { gap.ks = largest }
    }
    if !notes.isEmpty { notes[notes.count - 1].largest = largest }
    let means = (sums.0 / scaleA, sums.2 / scaleB)
    gap.variances = (
      max(0, sums.1 / scaleA - means.0 * means.0), max(0, sums.3 / scaleB - means.1 * means.1)
    )
    if let z { gap.ksUpper = upper(a, b, gap.ks, notes, z) }
    return gap
  }

  /// The upper bound of KS: the largest of the points' own bounds, sought only where it can be.
  private static func upper(
    _ a: SortedSample, _ b: SortedSample, _ ks: Double, _ notes: [Note], _ z: Double
  ) -> Double {
    let n = a.tally.effective
    let m = b.tally.effective
    let widest = spread(n, m, z)
    var upper = ks
    // From the places with the largest gaps on, so that most others are ruled out at once.
    for note in notes.sorted(by: { $0.largest > $1.largest }) {
      if note.largest + widest <= upper { break }
      var walk = note.walk
      var left = note.left
      var right = note.right
      for _ in 0..<stride where !walk.isOver {
        let (_, x, y) = walk.next()
        left += x
        right += y
        let p = left / a.tally.weight
        let q = right / b.tally.weight
        if abs(p - q) + widest <= upper { continue }
        let bounds = Recovered.difference(
          p, Proportion.wilson(p * n, of: n, quantile: z), q,
          Proportion.wilson(q * m, of: m, quantile: z))
        upper = max(upper, bounds.upper, -bounds.lower)
      }
    }
    return upper
  }

  /// No difference of two proportions is farther from its Newcombe bounds than this.
  private static func spread(_ n: Double, _ m: Double, _ z: Double) -> Double {
    func widest(_ size: Double) -> Double {
      let square = z * z / size
      return square / 2 + (square / 4 + square * square / 4).squareRoot()
    }
    return (widest(n) * widest(n) + widest(m) * widest(m)).squareRoot()
  }

  /// The largest distances over pairs; bounds only where a tail is given.
  static func summary(_ samples: [SortedSample], tail: Double?, threads: Int) -> PairSummary {
    var result = PairSummary()
    let count = samples.count
    guard count > 1 else { return result }
    let pairs = count * (count - 1) / 2
    let critical = tail.map { Tails.kolmogorovQuantile(tail: $0 / Double(pairs)) } ?? 0
    let z = tail.map { Normal.quantile(1 - $0 / 2) }
    let sizes = samples.map(\.tally.effective)
    let students = samples.map { sample in
      tail.map {
        Tails.studentQuantile(1 - $0 / 2, degrees: max(sample.tally.effective - 1, 1))
      } ?? 0
    }
    func take(_ gap: PairGap, _ i: Int, _ j: Int, _ result: inout PairSummary) {
      result.ks = max(result.ks, gap.ks)
      result.w1 = max(result.w1, gap.w1)
      guard tail != nil else { return }
      // The exact law of two samples is a little lighter than the limit, so that the limit holds.
      let size = (sizes[i] * sizes[j] / (sizes[i] + sizes[j])).squareRoot()
      result.ksLower = max(result.ksLower, gap.ks - critical / size)
      result.ksUpper = min(1, max(result.ksUpper, gap.ksUpper))
      let error = gap.variances.0 / max(sizes[i] - 1, 1) + gap.variances.1 / max(sizes[j] - 1, 1)
      result.w1Upper = max(
        result.w1Upper, gap.w1 + max(students[i], students[j]) * error.squareRoot())
    }
    if count <= ManyGroups.above {
      var list: [(Int, Int)] = []
      forPairs(count) { i, j in list.append((i, j)) }
      // Large pairs first, so that the threads end together.
      list.sort {
        samples[$0.0].values.count + samples[$0.1].values.count
          > samples[$1.0].values.count + samples[$1.1].values.count
      }
      let order = list
      let gaps = Parallel.map(order.count, threads: threads) {
        gap(samples[order[$0].0], samples[order[$0].1], z: z)
      }
      for (pair, gap) in zip(order, gaps) { take(gap, pair.0, pair.1, &result) }
      return result
    }

    let heights = HeightSweep(samples, tail: tail)
    let areas = AreaSearch(samples, tail: tail, threads: threads)
    result.ks = heights.ks
    result.ksLower = heights.lower
    result.ksUpper = heights.upper
    result.w1 = areas.value
    result.w1Upper = areas.upper
    return result
  }

  /// Quantiles of all groups together, coarsely: what distances are measured from.
  static func middle(_ samples: [SortedSample]) -> SortedSample {
    // Of many groups fewer quantiles each do, for together they are as many.
    let count = samples.count > ManyGroups.above ? min(128, max(8, 65_536 / samples.count)) : 128
    let levels = (0..<count).map { (Double($0) + 0.5) / Double(count) }
    var values: [Double] = []
    var weights: [Double] = []
    for sample in samples {
      if sample.distinctCount <= levels.count {
        values += sample.values
        weights += sample.values.indices.map { sample.weight($0) }
      } else {
        values += sample.quantiles(levels)
        weights += [Double](
          repeating: sample.tally.weight / Double(levels.count), count: levels.count)
      }
    }
    return SortedSample(values: values, weights: weights)
  }
}

/// A walk over the distinct values of two samples in order, which can be taken up again.
struct PooledWalk: Sendable {
  private let values: ([Double], [Double])
  private let weights: ([Double], [Double])
  private var place = (0, 0)

  init(_ a: SortedSample, _ b: SortedSample) {
    values = (a.values, b.values)
    weights = (a.weights, b.weights)
  }

  var isOver: Bool {
    @inline(__always) get { place.0 >= values.0.count && place.1 >= values.1.count }
  }

  /// The next value, with the weight each sample has there.
  @inline(__always) mutating func next() -> (value: Double, a: Double, b: Double) {
    let x = place.0 < values.0.count ? values.0[place.0] : .infinity
    let y = place.1 < values.1.count ? values.1[place.1] : .infinity
    let value = x < y ? x : y
    var left = 0.0
    var right = 0.0
    while place.0 < values.0.count, values.0[place.0] == value {
      left += weights.0.isEmpty ? 1 : weights.0[place.0]
      place.0 &+= 1
    }
    while place.1 < values.1.count, values.1[place.1] == value {
      right += weights.1.isEmpty ? 1 : weights.1[place.1]
      place.1 &+= 1
    }
    return (value, left, right)
  }
}
