internal import Numerics
public import Transport

/// A group's scores as sorted distinct values with weights: what every rank figure is computed from.
public struct SortedSample: Sendable, Equatable {
  /// The distinct values, rising.
  public private(set) var values: [Double] = []
  /// The weight at each value.
  public private(set) var weights: [Double] = []
  /// How many rows, how much weight.
  public private(set) var tally = Tally()

  /// An empty sample.
  public init() {}

  /// A sample from values; NaN and weight 0 are left out.
  public init(values raw: [Double], weights rawWeights: [Double]? = nil) {
    guard let rawWeights else {
      self.init(unweighted: raw.filter { !$0.isNaN })
      return
    }
    var values: [Double] = []
    var weights: [Double] = []
    for (value, weight) in zip(raw, rawWeights) where !value.isNaN && weight > 0 {
      values.append(value)
      weights.append(weight)
    }
    self.init(values, weighted: weights, frequencies: false, rows: values.count)
  }

  /// A sample of rows that count once each, none of them NaN.
  init(unweighted raw: consuming [Double]) {
    var sorted = raw
    // A constant predictor's scores need no sorting.
    if let first = sorted.first, sorted.allSatisfy({ $0 == first }) {
      values = [first + 0]
      weights = [Double(sorted.count)]
      tally.rows = sorted.count
      tally.weight = Double(sorted.count)
      tally.squares = tally.weight
      return
    }
    Sorting.sort(&sorted)
    var distinct = 0
    var last = Double.nan
    for value in sorted where value != last {
      distinct += 1
      last = value
    }
    tally.rows = sorted.count
    tally.weight = Double(sorted.count)
    tally.squares = tally.weight
    if distinct == sorted.count {
      weights = [Double](repeating: 1, count: distinct)
      values = sorted
      return
    }
    values.reserveCapacity(distinct)
    weights.reserveCapacity(distinct)
    var run = 0
    for place in sorted.indices {
      run += 1
      if place + 1 < sorted.count, sorted[place + 1] == sorted[place] { continue }
      values.append(sorted[place])
      weights.append(Double(run))
      run = 0
    }
  }

  /// A sample of rows with weights, none of them NaN; with `frequencies` a weight counts that many rows.
  init(_ raw: [Double], weighted rawWeights: [Double], frequencies: Bool, rows: Int) {
    let (sorted, indices) = Sorting.sortedPairs(raw)
    values.reserveCapacity(sorted.count)
    weights.reserveCapacity(sorted.count)
    var tied: [Double] = []
    for place in sorted.indices {
      let weight = rawWeights[Int(indices[place])]
      tied.append(weight)
      if place + 1 < sorted.count, sorted[place + 1] == sorted[place] { continue }
      // Equal values are summed by weight, so that the sums do not depend on the order of the rows.
      if tied.count > 1 { tied.sort() }
      var sum = 0.0
      for weight in tied {
        sum += weight
        tally.squares += frequencies ? weight : weight * weight
      }
      tally.weight += sum
      values.append(sorted[place])
      weights.append(sum)
      tied.removeAll(keepingCapacity: true)
    }
    tally.rows = rows
  }

  /// A fitted distribution; the mass between the knots of a compressed one counts at the upper knot.
  public init(_ distribution: Distribution) {
    var before = 0.0
    for index in distribution.values.indices {
      let through = distribution.sum(through: index)
      values.append(distribution.values[index])
      weights.append(through - before)
      before = through
    }
    tally.weight = before
    let effective = distribution.effectiveCount
    tally.squares = effective > 0 ? before * before / effective : 0
    tally.rows = distribution.rows
  }

  /// Two samples as one.
  public func merging(_ other: SortedSample) -> SortedSample {
    if isEmpty { return other }
    if other.isEmpty { return self }
    var result = SortedSample()
    result.tally = tally
    result.tally += other.tally
    result.values.reserveCapacity(values.count + other.values.count)
    result.weights.reserveCapacity(values.count + other.values.count)
    forEachPooled(self, other) { value, a, b in
      result.values.append(value)
      result.weights.append(a + b)
    }
    return result
  }

  /// Many samples as one, pair by pair, so that no value is moved more often than it must be.
  static func merging(_ all: [SortedSample]) -> SortedSample {
    var level = all
    while level.count > 1 {
      var next: [SortedSample] = []
      for place in stride(from: 0, to: level.count, by: 2) {
        next.append(place + 1 < level.count ? level[place].merging(level[place + 1]) : level[place])
      }
      level = next
    }
    return level.first ?? SortedSample()
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { values.isEmpty }

  /// The weighted mean.
  public var mean: Double {
    var sum = 0.0
    for i in values.indices { sum += values[i] * weights[i] }
    return sum / tally.weight
  }

  /// The weighted population variance.
  public var variance: Double {
    let center = mean
    var sum = 0.0
    for i in values.indices { sum += weights[i] * (values[i] - center) * (values[i] - center) }
    return sum / tally.weight
  }

  /// NumPy's default quantile (type 7), with a weight counting as that many repeats.
  public func quantile(_ level: Double) -> Double {
    quantiles([level])[0]
  }

  /// Type-7 quantiles at rising levels, in one pass.
  public func quantiles(_ levels: [Double]) -> [Double] {
    guard !values.isEmpty else { return levels.map { _ in .nan } }
    var results: [Double] = []
    var at = 0
    var through = weights[0]
    for level in levels {
      let position = level * max(tally.weight - 1, 0)
      let floor = position.rounded(.down)
      while through <= floor, at + 1 < values.count {
        at += 1
        through += weights[at]
      }
      let low = values[at]
      let next = floor + 1 < through || at + 1 >= values.count ? low : values[at + 1]
      results.append(low + (position - floor) * (next - low))
    }
    return results
  }
}

/// Visits the distinct values of two samples in order, with the weight each has there.
@inline(__always)
func forEachPooled(
  _ a: SortedSample, _ b: SortedSample, _ body: (Double, Double, Double) -> Void
) {
  let aValues = a.values
  let bValues = b.values
  let aWeights = a.weights
  let bWeights = b.weights
  var i = 0
  var j = 0
  while i < aValues.count || j < bValues.count {
    let x = i < aValues.count ? aValues[i] : .infinity
    let y = j < bValues.count ? bValues[j] : .infinity
    if x < y {
      body(x, aWeights[i], 0)
      i += 1
    } else if y < x {
      body(y, 0, bWeights[j])
      j += 1
    } else {
      body(x, aWeights[i], bWeights[j])
      i += 1
      j += 1
    }
  }
}
