internal import FairpostNumerics

/// A group's score distribution: sorted distinct values with weights.
///
/// It answers `cdf` and `quantile`, merges without loss while exact, and may be compressed to fewer
/// knots; then the mass between two knots counts as spread evenly between them.
package struct Distribution: Sendable, Equatable {
  /// The distinct values, ascending; -0 is 0.
  package let values: [Double]
  /// The weight exactly at each value; nil where every value has weight 1.
  package let masses: [Double]?
  /// The weight strictly between each value and the one before; nil in an exact distribution.
  package let gaps: [Double]?
  /// What the exact weight of a value has beyond its Double, by index; mostly empty.
  package let remainders: [Int: [Double]]
  /// The records behind the distribution (the sum of frequencies where rows have them).
  package let rows: Int
  /// The exact sum of squared row weights, in parts.
  package let squaredWeights: [Double]

  private let sums: [Double]?

  /// The distribution of no records.
  package static let empty = Distribution(values: [], masses: nil, rows: 0, squaredWeights: [])

  /// A distribution from its parts, which must fit together.
  ///
  /// - Precondition: the lists are equally long, values ascend, weights are not negative.
  package init(
    values: [Double], masses: [Double]?, gaps: [Double]? = nil, remainders: [Int: [Double]] = [:],
    rows: Int, squaredWeights: [Double]
  ) {
    precondition(masses.map { $0.count == values.count } ?? true)
    precondition(gaps.map { $0.count == values.count } ?? true)
    self.values = values
    self.masses = masses
    self.gaps = gaps
    self.remainders = remainders
    self.rows = rows
    self.squaredWeights = squaredWeights
    if masses == nil && gaps == nil {
      sums = nil
    } else {
      // Running sums over sorted, merged values: the same for any order or division of the rows.
      var sum = 0.0
      var list: [Double] = []
      list.reserveCapacity(values.count)
      for i in 0..<values.count {
        sum += (gaps?[i] ?? 0) + (masses?[i] ?? 1)
        list.append(sum)
      }
      sums = list
    }
  }

  /// Whether there are no values.
  package var isEmpty: Bool { values.isEmpty }

  /// Whether every value of the sample is kept.
  package var isExact: Bool { gaps == nil }

  /// The whole weight.
  package var total: Double { values.isEmpty ? 0 : sum(through: values.count - 1) }

  /// The weight at or below a value, by index.
  @inline(__always)
  package func sum(through index: Int) -> Double {
    if let sums { return sums[index] }
    return Double(index &+ 1)
  }

  /// The weight strictly below a value, by index.
  @inline(__always)
  package func sum(below index: Int) -> Double {
    let before = index > 0 ? sum(through: index - 1) : 0
    if let gaps { return before + gaps[index] }
    return before
  }

  /// The weight at a value, by index.
  package func mass(at index: Int) -> Double { masses?[index] ?? 1 }

  /// The number of equally weighted records that would tell as much: (sum w)^2 / sum w^2.
  package var effectiveCount: Double {
    let squares = squaredWeights.first ?? 0
    return squares > 0 ? total * total / squares : 0
  }

  /// Whether some value was seen more than once, so that weights are not only the rows' own.
  package var hasTies: Bool { isExact ? values.count < rows : (masses ?? []).contains { $0 > 1 } }

  /// The weighted mean.
  package var mean: Double {
    var sum = DoubleDouble()
    if masses == nil && gaps == nil {
      for value in values { sum.add(value) }
      return sum.value / total
    }
    for i in 0..<values.count {
      if let gaps, gaps[i] != 0 {
        let before = i > 0 ? values[i - 1] : values[i]
        sum.addProduct((before + values[i]) / 2, gaps[i])
      }
      sum.addProduct(values[i], mass(at: i))
    }
    return sum.value / total
  }

  /// Adds the squared distances of the values from a centre to a sum, each by its share of `whole`.
  package func addSquares(around centre: Double, over whole: Double, to sum: inout Double) {
    let one = 1 / whole
    for i in 0..<values.count {
      let deviation = values[i] - centre
      sum += (masses.map { $0[i] / whole } ?? one) * (deviation * deviation)
    }
  }
}

// MARK: Making one

extension Distribution {
  /// The distribution of equally weighted numbers, in any order.
  ///
  /// - Precondition: they are finite.
  package init(_ numbers: [Double], threads: Int = 1) {
    var sorted = numbers
    Sorting.sort(&sorted, threads: threads)
    self.init(sorted: sorted)
  }

  /// The distribution of equally weighted numbers that are sorted already.
  package init(sorted: consuming [Double]) {
    let rows = sorted.count
    var values = sorted
    var tied = false
    for i in stride(from: 1, to: rows, by: 1) where values[i] == values[i - 1] {
      tied = true
      break
    }
    guard tied else {
      self.init(
        values: values, masses: nil, rows: rows, squaredWeights: rows > 0 ? [Double(rows)] : [])
      return
    }
    var masses: [Double] = []
    var last = 0
    var mass = 1.0
    for i in 1..<rows {
      if values[i] == values[last] {
        mass += 1
      } else {
        masses.append(mass)
        mass = 1
        last += 1
        values[last] = values[i]
      }
    }
    masses.append(mass)
    values.removeLast(rows - last - 1)
    self.init(
      values: values, masses: masses, rows: rows, squaredWeights: [Double(rows)])
    checkInvariants()
  }

  /// The distribution of weighted numbers; numbers of weight 0 are left out.
  ///
  /// Equal numbers are merged, their weights summed exactly, before any running sum is formed. With
  /// `frequencies` a weight w counts as w records, else as one record of weight w.
  package init(_ numbers: [Double], weights: [Double], frequencies: Bool, threads: Int = 1) {
    precondition(numbers.count == weights.count)
    let (sorted, order) = Sorting.sortedPairs(numbers, threads: threads)
    var values: [Double] = []
    var masses: [Double] = []
    var remainders: [Int: [Double]] = [:]
    var rows = 0
    var squares = ExactSum()
    var i = 0
    while i < sorted.count {
      let value = sorted[i]
      var mass = PreciseWeight()
      while i < sorted.count, sorted[i] == value {
        let weight = weights[Int(order[i])]
        if weight > 0 {
          mass.add(weight)
          rows += frequencies ? Int(weight) : 1
          squares.add(frequencies ? weight : weight * weight)
        }
        i += 1
      }
      let parts = mass.parts
      guard let first = parts.first else { continue }
      if parts.count > 1 { remainders[values.count] = Array(parts.dropFirst()) }
      values.append(value)
      masses.append(first)
    }
    self.init(
      values: values, masses: masses.allSatisfy { $0 == 1 } ? nil : masses,
      remainders: remainders, rows: rows, squaredWeights: squares.parts)
    checkInvariants()
  }

  /// The distribution of all records of several exact distributions, exactly.
  ///
  /// - Precondition: all are exact.
  package static func merging(_ all: [Distribution]) -> Distribution {
    let filled = all.filter { !$0.isEmpty }
    if filled.count <= 1 { return filled.first ?? .empty }
    // Pairs of pairs: every value is moved a logarithmic number of times.
    let middle = filled.count / 2
    return merging(Array(filled[..<middle])).merged(with: merging(Array(filled[middle...]))).checked
  }

  /// Two ascending lists in one; nil where they share a number.
  private static func mergedUntied(_ left: [Double], _ right: [Double]) -> [Double]? {
    var merged: [Double] = []
    merged.reserveCapacity(left.count + right.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      let (a, b) = (left[i], right[j])
      if a == b { return nil }
      let takesLeft = a < b
      merged.append(takesLeft ? a : b)
      i &+= takesLeft ? 1 : 0
      j &+= takesLeft ? 0 : 1
    }
    merged.append(contentsOf: left[i...])
    merged.append(contentsOf: right[j...])
    return merged
  }

  private func merged(with other: Distribution) -> Distribution {
    precondition(isExact && other.isExact, "only exact distributions merge without loss")
    if masses == nil, other.masses == nil, let values = Self.mergedUntied(values, other.values) {
      var squares = ExactSum()
      for part in squaredWeights + other.squaredWeights { squares.add(part) }
      return Distribution(
        values: values, masses: nil, rows: rows + other.rows, squaredWeights: squares.parts)
    }
    var values: [Double] = []
    values.reserveCapacity(self.values.count + other.values.count)
    var masses: [Double]?
    var remainders: [Int: [Double]] = [:]
    func note(_ mass: Double, _ rest: [Double]) {
      if mass != 1 && masses == nil {
        masses = [Double](repeating: 1, count: values.count - 1)
        masses?.reserveCapacity(values.capacity)
      }
      masses?.append(mass)
      if !rest.isEmpty { remainders[values.count - 1] = rest }
    }
    var (i, j) = (0, 0)
    while i < self.values.count || j < other.values.count {
      let takeLeft =
        j >= other.values.count || (i < self.values.count && self.values[i] <= other.values[j])
      let takeRight =
        i >= self.values.count || (j < other.values.count && other.values[j] <= self.values[i])
      if takeLeft && takeRight {
        var mass = PreciseWeight()
        for part in [self.mass(at: i)] + (self.remainders[i] ?? []) { mass.add(part) }
        for part in [other.mass(at: j)] + (other.remainders[j] ?? []) { mass.add(part) }
        let parts = mass.parts
        values.append(self.values[i])
        note(parts.first ?? 0, Array(parts.dropFirst()))
        i += 1
        j += 1
      } else if takeLeft {
        values.append(self.values[i])
        note(self.mass(at: i), self.remainders.isEmpty ? [] : self.remainders[i] ?? [])
        i += 1
      } else {
        values.append(other.values[j])
        note(other.mass(at: j), other.remainders.isEmpty ? [] : other.remainders[j] ?? [])
        j += 1
      }
    }
    var squares = ExactSum()
    for part in squaredWeights + other.squaredWeights { squares.add(part) }
    return Distribution(
      values: values, masses: masses, remainders: remainders, rows: rows + other.rows,
      squaredWeights: squares.parts)
  }

  /// The distribution after a non-decreasing map of its values, given the images.
  ///
  /// - Precondition: there is an image for every value, the images do not descend, and this is exact.
  package func mapped(to images: [Double]) -> Distribution {
    precondition(images.count == values.count && isExact)
    // Nothing falls together: the weights are those there are.
    if zip(images, images.dropFirst()).allSatisfy({ $0 + 0 < $1 + 0 }), !images.contains(0) {
      return Distribution(
        values: images, masses: masses, remainders: remainders, rows: rows,
        squaredWeights: squaredWeights)
    }
    var merged: [Double] = []
    var masses: [Double] = []
    var remainders: [Int: [Double]] = [:]
    var i = 0
    while i < images.count {
      let image = images[i] + 0
      var mass = PreciseWeight()
      while i < images.count, images[i] + 0 == image {
        mass.add(self.mass(at: i))
        if !self.remainders.isEmpty { for part in self.remainders[i] ?? [] { mass.add(part) } }
        i += 1
      }
      let parts = mass.parts
      if parts.count > 1 { remainders[merged.count] = Array(parts.dropFirst()) }
      merged.append(image)
      masses.append(parts.first ?? 0)
    }
    return Distribution(
      values: merged, masses: masses.allSatisfy { $0 == 1 } ? nil : masses,
      remainders: remainders, rows: rows, squaredWeights: squaredWeights
    ).checked
  }
}

/// A sum of weights that is exact, and cheap while no addition rounds.
private struct PreciseWeight {
  private var plain = 0.0
  private var exact: ExactSum?

  mutating func add(_ weight: Double) {
    if exact == nil {
      let sum = plain + weight
      // The additions round-trip exactly if and only if nothing was lost.
      if sum - plain == weight && sum - weight == plain {
        plain = sum
        return
      }
      var all = ExactSum()
      all.add(plain)
      exact = all
    }
    exact?.add(weight)
  }

  var parts: [Double] { exact?.parts ?? (plain == 0 ? [] : [plain]) }
}
