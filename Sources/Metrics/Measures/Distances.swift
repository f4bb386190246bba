internal import FairpostNumerics

/// Distances between two groups' score distributions, exact on the pooled points.
package enum ScoreDistance {
  /// The largest distance of the two distribution functions (Kolmogorov and Smirnov).
  package static func kolmogorovSmirnov(_ a: SortedSample, _ b: SortedSample) -> Double {
    PairSweep.gap(a, b).ks
  }

  /// The area between the two distribution functions, which is the Wasserstein distance of order 1.
  package static func wasserstein1(_ a: SortedSample, _ b: SortedSample) -> Double {
    PairSweep.gap(a, b).w1
  }

  /// The Wasserstein distance of order 2, by walking both quantile functions.
  package static func wasserstein2(_ a: SortedSample, _ b: SortedSample) -> Double {
    squaredTransport(a, b).square.squareRoot()
  }

  /// The square of the Wasserstein distance of order 2, and the variances under a and b of the two
  /// potentials, which give its sampling error.
  static func squaredTransport(
    _ a: SortedSample, _ b: SortedSample
  ) -> (square: Double, variances: (Double, Double)) {
    guard !a.isEmpty, !b.isEmpty else { return (.nan, (0, 0)) }
    var ofA = Side(a)
    var ofB = Side(b)
    var sum = 0.0
    while true {
      let step = min(ofA.left, ofB.left)
      let gap = ofA.value - ofB.value
      sum += step * gap * gap
      ofA.potential.move(step, ofB.value)
      ofB.potential.move(step, ofA.value)
      ofA.left -= step
      ofB.left -= step
      if ofA.left <= 0, !ofA.next() { break }
      if ofB.left <= 0, !ofB.next() { break }
    }
    ofA.settle()
    ofB.settle()
    return (sum, (ofA.potential.variance, ofB.potential.variance))
  }

  /// One sample on the way: its distinct values in order, equal ones together.
  private struct Side {
    private let sample: SortedSample
    private var end = 0
    /// The value at hand, and how much of its share is not moved yet.
    private(set) var value = 0.0
    var left = 0.0
    var potential = Potential()

    init(_ sample: SortedSample) {
      self.sample = sample
      _ = take()
    }

    /// Ends the value at hand and takes the next one; false where there is none.
    mutating func next() -> Bool {
      settle()
      return take()
    }

    mutating func settle() { potential.settle(value) }

    private mutating func take() -> Bool {
      guard end < sample.values.count else { return false }
      value = sample.values[end]
      var weight = 0.0
      while end < sample.values.count, sample.values[end] == value {
        weight += sample.weight(end)
        end += 1
      }
      left = weight / sample.tally.weight
      return true
    }
  }

  /// The potential of squared transport along one side: its slope at x is 2 (x - where x goes).
  private struct Potential {
    private var mass = 0.0
    private var target = 0.0
    private var last: (value: Double, gap: Double)?
    private var height = 0.0
    private var sums = (0.0, 0.0, 0.0)

    mutating func move(_ step: Double, _ value: Double) {
      mass += step
      target += step * value
    }

    /// Ends a value of this side: all its mass has been moved.
    mutating func settle(_ value: Double) {
      guard mass > 0 else { return }
      let gap = value - target / mass
      if let last { height += (value - last.value) * (gap + last.gap) }
      last = (value, gap)
      sums.0 += mass
      sums.1 += mass * height
      sums.2 += mass * height * height
      mass = 0
      target = 0
    }

    var variance: Double {
      let mean = sums.1 / sums.0
      return max(0, sums.2 / sums.0 - mean * mean)
    }
  }

  /// The largest Wasserstein distance of order 2 over pairs, and its upper bound: of the pairs' own
  /// the largest.
  static func largestWasserstein2(
    _ samples: [SortedSample], tail: Double, threads: Int
  ) -> (value: Double, upper: Double) {
    var pairs: [(Int, Int)] = []
    forPairs(samples.count) { i, j in pairs.append((i, j)) }
    let list = pairs
    let gaps = Parallel.map(list.count, threads: threads) { place -> (Double, Double) in
      let (a, b) = (samples[list[place].0], samples[list[place].1])
      let (square, variances) = squaredTransport(a, b)
      let n = max(a.tally.effective - 1, 1)
      let m = max(b.tally.effective - 1, 1)
      let t = Tails.studentQuantile(1 - tail / 2, degrees: min(n, m))
      let error = (variances.0 / n + variances.1 / m).squareRoot()
      let value = square.squareRoot()
      // On the scale of the distance, where a sample that happens to be near keeps its width.
      return (value, value > 0 ? value + t * error / (2 * value) : 0)
    }
    return (gaps.map(\.0).max() ?? 0, gaps.map(\.1).max() ?? 0)
  }

  /// The levels at which EquiPy compares quantiles.
  static let equipyLevels = (0..<100).map { 0.01 + Double($0) * (0.98 / 99) }

  /// EquiPy's unfairness: the largest gap of a group's quantiles to everybody's, at 100 equally
  /// spaced levels from .01 to .99.
  package static func quantileUnfairness(_ groups: [SortedSample]) -> Double {
    let overall = pooledQuantiles(groups, equipyLevels)
    var largest = 0.0
    for group in groups {
      for (x, y) in zip(group.quantiles(equipyLevels), overall) {
        largest = max(largest, abs(x - y))
      }
    }
    return largest
  }

  /// Type-7 quantiles of samples together, at rising levels.
  static func pooledQuantiles(_ samples: [SortedSample], _ levels: [Double]) -> [Double] {
    let sum = samples.reduce(0) { $0 + $1.tally.weight }
    let rows = Double(samples.reduce(0) { $0 + $1.tally.rows })
    // Weights of a mean below 1 count relative to it.
    let scale = sum > 0 ? max(1, rows / sum) : 1
    let weight = sum * scale
    var results: [Double] = []
    var through = 0.0
    // A quantile between two values waits for the second of them.
    var waiting: [(low: Double, part: Double)] = []
    forEachMerged(samples) { value, _, own in
      for (low, part) in waiting { results.append(low + part * (value - low)) }
      waiting.removeAll(keepingCapacity: true)
      through += own * scale
      while results.count + waiting.count < levels.count {
        let position = levels[results.count + waiting.count] * max(weight - 1, 0)
        let floor = position.rounded(.down)
        if through <= floor { break }
        if floor + 1 < through {
          guard waiting.isEmpty else {
            waiting.append((value, 0))
            continue
          }
          results.append(value)
        } else {
          waiting.append((value, position - floor))
        }
      }
    }
    for (low, _) in waiting { results.append(low) }
    while results.count < levels.count { results.append(results.last ?? .nan) }
    return results
  }
}

/// Areas under ROC curves of positives against negatives, ties counting half.
package enum RankArea {
  /// P(positive > negative) + P(equal) / 2.
  package static func value(positives: SortedSample, negatives: SortedSample) -> Double? {
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
  package static func delong(positives: SortedSample, negatives: SortedSample) -> (
    value: Double, variance: Double
  )? {
    delong(positives: [positives], negatives: [negatives])
  }

  /// The same of samples in pieces, which are walked together.
  static func delong(positives: [SortedSample], negatives: [SortedSample]) -> (
    value: Double, variance: Double
  )? {
    var tallies = (positive: Tally(), negative: Tally())
    for sample in positives { tallies.positive += sample.tally }
    for sample in negatives { tallies.negative += sample.tally }
    guard tallies.positive.weight > 0, tallies.negative.weight > 0 else { return nil }
    var placements = Placements(tallies.positive.weight, tallies.negative.weight)
    if positives.count == 1, negatives.count == 1 {
      forEachPooled(positives[0], negatives[0]) { _, p, n in placements.add(p, n) }
    } else {
      var last = -Double.infinity
      var p = 0.0
      var n = 0.0
      forEachMerged(positives + negatives) { value, sample, weight in
        if value != last {
          placements.add(p, n)
          (last, p, n) = (value, 0, 0)
        }
        if sample < positives.count { p += weight } else { n += weight }
      }
      placements.add(p, n)
    }
    func part(_ spread: Double, _ tally: Tally) -> Double {
      tally.effective > 1 ? spread / tally.weight / (tally.effective - 1) : 0.25
    }
    let (area, spreadPositive, spreadNegative) = placements.result
    return (
      area, part(spreadPositive, tallies.positive) + part(spreadNegative, tallies.negative)
    )
  }

  /// The share of the other label below each score, and how it spreads; one pass.
  private struct Placements {
    let positiveWeight: Double
    let negativeWeight: Double
    var positivesBelow = 0.0
    var negativesBelow = 0.0
    /// Sums and sums of squares of the distances of placements from a perfect ranking's, so that near
    /// it, where areas are, nothing cancels.
    var sums = (0.0, 0.0, 0.0, 0.0)
    var area = 0.0

    init(_ positiveWeight: Double, _ negativeWeight: Double) {
      self.positiveWeight = positiveWeight
      self.negativeWeight = negativeWeight
    }

    @inline(__always) mutating func add(_ p: Double, _ n: Double) {
      let ofPositive = (negativesBelow + 0.5 * n) / negativeWeight - 1
      let ofNegative = (positivesBelow + 0.5 * p) / positiveWeight
      area += p * (negativesBelow + 0.5 * n)
      sums.0 += p * ofPositive
      sums.1 += p * ofPositive * ofPositive
      sums.2 += n * ofNegative
      sums.3 += n * ofNegative * ofNegative
      negativesBelow += n
      positivesBelow += p
    }

    /// The area and the two sums of squares around it.
    var result: (area: Double, positive: Double, negative: Double) {
      (
        area / (positiveWeight * negativeWeight),
        max(0, sums.1 - sums.0 * sums.0 / positiveWeight),
        max(0, sums.3 - sums.2 * sums.2 / negativeWeight)
      )
    }
  }
}
