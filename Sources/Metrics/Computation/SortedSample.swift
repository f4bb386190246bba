internal import FairpostNumerics
package import FairpostTransport

/// A group's scores, sorted, with weights: what every rank figure is computed from.
///
/// Rows that count once each and seldom tie take 8 bytes: `weights` is then empty and a value stands
/// there as often as it occurs. Where half of the values or more are repeats, or rows have weights,
/// values are distinct and each has its weight.
package struct SortedSample: Sendable, Equatable {
  /// The values, rising.
  package private(set) var values: [Double] = []
  /// The weight at each value; empty where each counts once.
  package private(set) var weights: [Double] = []
  /// How many rows, how much weight.
  package private(set) var tally = Tally()

  /// An empty sample.
  package init() {}

  /// A sample from values; NaN and weight 0 are left out.
  package init(values raw: [Double], weights rawWeights: [Double]? = nil) {
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

  /// A sample of one value.
  package init(constant value: Double, _ tally: Tally) {
    guard tally.weight > 0 else { return }
    values = [value + 0]
    weights = [tally.weight]
    self.tally = tally
  }

  /// A sample of rows that count once each, none of them NaN; sorted where it stands.
  package init(unweighted raw: consuming [Double]) {
    tally.rows = raw.count
    tally.weight = Double(raw.count)
    tally.squares = tally.weight
    // A constant predictor's scores need no sorting.
    if let first = raw.first, raw.allSatisfy({ $0 == first }) {
      values = [first + 0]
      weights = [tally.weight]
      return
    }
    Sorting.sort(&raw)
    compress(raw)
  }

  /// Takes sorted values over, as distinct ones where that is shorter.
  private mutating func compress(_ sorted: [Double]) {
    var distinct = 0
    var last = Double.nan
    for place in sorted.indices where sorted[place] != last {
      distinct += 1
      last = sorted[place]
    }
    guard distinct * 2 <= sorted.count else {
      values = sorted
      return
    }
    values.reserveCapacity(distinct)
    weights.reserveCapacity(distinct)
    var run = 0.0
    for place in sorted.indices {
      run += 1
      if place + 1 < sorted.count, sorted[place + 1] == sorted[place] { continue }
      values.append(sorted[place])
      weights.append(run)
      run = 0
    }
  }

  /// A sample of rows with weights, none of them NaN; with `frequencies` a weight counts that many rows.
  package init(_ raw: [Double], weighted rawWeights: [Double], frequencies: Bool, rows: Int) {
    let (sorted, indices) = Sorting.sortedPairs(raw)
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
  package init(_ distribution: Distribution) {
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
  package func merging(_ other: SortedSample) -> SortedSample {
    if isEmpty { return other }
    if other.isEmpty { return self }
    var result = SortedSample()
    result.tally = tally
    result.tally += other.tally
    result.values.reserveCapacity(values.count + other.values.count)
    if weights.isEmpty, other.weights.isEmpty {
      result.mergePlain(values, other.values)
      return result
    }
    result.weights.reserveCapacity(values.count + other.values.count)
    forEachPooled(self, other) { value, a, b in
      result.values.append(value)
      result.weights.append(a + b)
    }
    return result
  }

  /// Merges values that count once each.
  private mutating func mergePlain(_ a: [Double], _ b: [Double]) {
    values = [Double](repeating: 0, count: a.count + b.count)
    var i = 0
    var j = 0
    var at = 0
    while i < a.count, j < b.count {
      let x = a[i]
      let y = b[j]
      // Without a branch: which side is next cannot be foreseen.
      let takesB = y < x
      values[at] = takesB ? y : x
      j &+= takesB ? 1 : 0
      i &+= takesB ? 0 : 1
      at &+= 1
    }
    while i < a.count {
      values[at] = a[i]
      i &+= 1
      at &+= 1
    }
    while j < b.count {
      values[at] = b[j]
      j &+= 1
      at &+= 1
    }
  }

  /// Many samples as one, pair by pair, so that no value is moved more often than it must be.
  package static func merging(_ all: [SortedSample]) -> SortedSample {
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

  /// Rows that count once each, kept in the form that all of them read at once have.
  var asIfReadAtOnce: SortedSample {
    if weights.isEmpty {
      var result = self
      result.values = []
      result.compress(values)
      return result
    }
    guard values.count * 2 > tally.rows else { return self }
    var result = self
    result.weights = []
    result.values = []
    result.values.reserveCapacity(tally.rows)
    for place in values.indices {
      result.values += repeatElement(values[place], count: Int(weights[place]))
    }
    return result
  }

  /// Many short samples of rows that count once each as one; nil where rows have weights.
  package static func sortedAgain(_ all: [SortedSample]) -> SortedSample? {
    var values: [Double] = []
    values.reserveCapacity(all.reduce(0) { $0 + $1.values.count })
    for sample in all {
      guard !sample.weights.isEmpty else {
        values += sample.values
        continue
      }
      for (value, weight) in zip(sample.values, sample.weights) {
        // A few rows of one score are kept as one value.
        guard weight <= 64, weight == weight.rounded(), sample.tally.squares == sample.tally.weight
        else { return nil }
        values += repeatElement(value, count: Int(weight))
      }
    }
    return SortedSample(unweighted: values)
  }

  /// The weight of the value at a place.
  @inline(__always) package func weight(_ place: Int) -> Double {
    weights.isEmpty ? 1 : weights[place]
  }

  /// How many different values there are, however they are kept.
  package var distinctCount: Int {
    guard weights.isEmpty else { return values.count }
    var count = 0
    var last = Double.nan
    for value in values where value != last {
      count += 1
      last = value
    }
    return count
  }

  /// Whether there is nothing in it.
  package var isEmpty: Bool { values.isEmpty }

  /// The weighted mean.
  package var mean: Double {
    var sum = 0.0
    for i in values.indices { sum += values[i] * weight(i) }
    return sum / tally.weight
  }

  /// The weighted population variance.
  package var variance: Double {
    let center = mean
    var sum = 0.0
    for i in values.indices { sum += weight(i) * (values[i] - center) * (values[i] - center) }
    return sum / tally.weight
  }

  /// NumPy's default quantile (type 7), with a weight counting as that many repeats.
  package func quantile(_ level: Double) -> Double {
    quantiles([level])[0]
  }

  /// Type-7 quantiles at rising levels, in one pass; weights of a mean below 1 count relative to it.
  package func quantiles(_ levels: [Double]) -> [Double] {
    guard !values.isEmpty else { return levels.map { _ in .nan } }
    var results: [Double] = []
    let scale = tally.weight > 0 ? max(1, Double(tally.rows) / tally.weight) : 1
    var at = 0
    var through = weight(0) * scale
    for level in levels {
      let position = level * max(tally.weight * scale - 1, 0)
      let floor = position.rounded(.down)
      while through <= floor, at + 1 < values.count {
        at += 1
        through += weight(at) * scale
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
package func forEachPooled(
  _ a: SortedSample, _ b: SortedSample, _ body: (Double, Double, Double) -> Void
) {
  let aValues = a.values
  let bValues = b.values
  let aWeights = a.weights
  let bWeights = b.weights
  let aPlain = aWeights.isEmpty
  let bPlain = bWeights.isEmpty
  var i = 0
  var j = 0
  while i < aValues.count || j < bValues.count {
    let x = i < aValues.count ? aValues[i] : .infinity
    let y = j < bValues.count ? bValues[j] : .infinity
    let value = x < y ? x : y
    var left = 0.0
    var right = 0.0
    while i < aValues.count, aValues[i] == value {
      left += aPlain ? 1 : aWeights[i]
      i &+= 1
    }
    while j < bValues.count, bValues[j] == value {
      right += bPlain ? 1 : bWeights[j]
      j &+= 1
    }
    body(value, left, right)
  }
}
