/// A non-decreasing function of one number, given at knots.
///
/// Between knots it is linear or keeps the lower knot's value. One lookup a number, whatever the
/// number of groups behind it; only + - x / are used, so results agree bit for bit everywhere.
package struct MapTable: Sendable, Equatable {
  /// What the function does between two knots.
  package enum Interpolation: Sendable, Equatable {
    /// It runs straight from knot to knot.
    case linear
    /// It keeps the value of the knot at or below.
    case step
  }

  /// Where the knots are, ascending.
  package let knots: [Double]
  /// The values at the knots, not descending.
  package let images: [Double]
  /// What happens between knots.
  package let interpolation: Interpolation
  /// The value below the first knot.
  package let below: Double
  private let lazyIndex = LazyIndex()

  /// A table.
  ///
  /// - Precondition: there is at least one knot, and an image for each.
  package init(
    knots: [Double], images: [Double], interpolation: Interpolation, below: Double? = nil
  ) {
    precondition(!knots.isEmpty && knots.count == images.count)
    self.knots = knots
    self.images = images
    self.interpolation = interpolation
    self.below = below ?? images[0]
  }

  /// The first knot.
  package var least: Double { knots[0] }
  /// The last knot.
  package var greatest: Double { knots[knots.count - 1] }

  /// Where a number's place is found; made when it is first needed, since a fit alone never does.
  var index: BucketIndex { lazyIndex(knots) }

  /// How many knots are at or below `x`.
  func place(_ x: Double) -> Int { index.countThrough(x, in: knots) }

  /// The function's value; constant outside the knots.
  package func callAsFunction(_ x: Double) -> Double { value(x, at: place(x)) }

  /// The value where `place` knots are at or below `x`.
  @inline(__always)
  func value(_ x: Double, at place: Int) -> Double {
    if place == 0 { return below }
    let image = images[place &- 1]
    if place == knots.count || interpolation == .step { return image }
    let knot = knots[place &- 1]
    if x == knot { return image }
    let next = images[place]
    let value = image + (next - image) * ((x - knot) / (knots[place] - knot))
    return value < next ? value : next
  }

  /// The values at ascending numbers, found by one walk instead of a search each.
  ///
  /// The result is bit for bit that of single lookups.
  ///
  /// - Precondition: `sorted` ascends.
  package func values(sorted: [Double]) -> [Double] { values(sorted: sorted[...]) }

  /// The values at ascending numbers, found by one walk instead of a search each.
  package func values(sorted: ArraySlice<Double>) -> [Double] {
    guard let first = sorted.first else { return [] }
    var result: [Double] = []
    result.reserveCapacity(sorted.count)
    // The walk starts at the last knot below the first number.
    var (at, end) = (0, knots.count)
    while at < end {
      let middle = (at + end) / 2
      if knots[middle] <= first { at = middle + 1 } else { end = middle }
    }
    for x in sorted {
      while at < knots.count, knots[at] <= x { at += 1 }
      result.append(value(x, at: at))
    }
    return result
  }
}

extension MapTable {
  package static func == (left: MapTable, right: MapTable) -> Bool {
    left.knots == right.knots && left.images == right.images
      && left.interpolation == right.interpolation && left.below == right.below
  }
}
