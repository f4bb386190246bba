internal import FairpostNumerics

/// Which knots of a distribution to keep, so that no stretch between two of them holds much weight.
package enum Compression {
  /// The indices to keep: the first, the last, and enough between that every gap's share of the
  /// weight, knot included, is at most `1/limit`; an atom heavier than that is kept by itself.
  package static func knots(of distribution: Distribution, limit: Int) -> [Int] {
    let count = distribution.values.count
    if count <= limit || limit < 2 { return Array(0..<count) }
    let step = distribution.total / Double(limit)
    var kept = [0]
    var reached = distribution.sum(through: 0)
    var index = 1
    while index < count {
      // The furthest value within one step of the last knot.
      let beyond = (index..<count).firstPlace { distribution.sum(through: $0) > reached + step }
      let next = max(index, beyond - 1)
      kept.append(next)
      reached = distribution.sum(through: next)
      index = next + 1
    }
    return kept
  }

  /// The knots, and those between them without which a result would be off by more than a bound.
  package static func refined(_ kept: [Int], of table: MapTable, bound: Double) -> [Int] {
    let (knots, images) = (table.knots, table.images)
    var result: [Int] = [kept[0]]
    if table.interpolation == .step {
      for end in kept.dropFirst() {
        var start = result[result.count - 1]
        for place in (start + 1)..<end where images[place] - images[start] > bound {
          result.append(place)
          start = place
        }
        result.append(end)
      }
      return result
    }
    for (start, end) in zip(kept, kept.dropFirst()) {
      // Each stretch is cut where it is farthest off; what is left of a cut comes first.
      var ends = [end]
      var from = start
      while let to = ends.last {
        let slope = (images[to] - images[from]) / (knots[to] - knots[from])
        var (worst, error) = (from, bound)
        for place in (from + 1)..<to {
          let off = abs(images[from] + slope * (knots[place] - knots[from]) - images[place])
          if off > error { (worst, error) = (place, off) }
        }
        if worst > from {
          ends.append(worst)
        } else {
          result.append(to)
          from = to
          ends.removeLast()
        }
      }
    }
    return result
  }

  /// The distribution with only the chosen knots; the rest becomes the gaps between them.
  package static func keep(_ kept: [Int], of distribution: Distribution) -> Distribution {
    if kept.count == distribution.values.count { return distribution }
    var masses: [Double] = []
    var gaps: [Double] = []
    var before = 0.0
    for index in kept {
      masses.append(distribution.mass(at: index))
      gaps.append(max(0, distribution.sum(below: index) - before))
      before = distribution.sum(through: index)
    }
    return Distribution(
      values: kept.map { distribution.values[$0] }, masses: masses, gaps: gaps,
      rows: distribution.rows, squaredWeights: distribution.squaredWeights)
  }

  /// The table with only the chosen knots, and the largest error that makes at the others.
  package static func keep(
    _ kept: [Int], of table: MapTable
  ) -> (table: MapTable, valueError: Double) {
    if kept.count == table.knots.count { return (table, 0) }
    let small = MapTable(
      knots: kept.map { table.knots[$0] }, images: kept.map { table.images[$0] },
      interpolation: table.interpolation, below: table.below)
    var error = 0.0
    let (knots, images) = (table.knots.span, table.images.span)
    for (start, end) in zip(kept, kept.dropFirst()) {
      let (x, y) = (knots[start], images[start])
      let (width, next) = (knots[end] - x, images[end])
      for place in (start + 1)..<end {
        // As in `MapTable.value(_:at:)`, operation for operation.
        var value = y
        if table.interpolation == .linear {
          value = min(y + (next - y) * ((knots[place] - x) / width), next)
        }
        error = max(error, abs(value - images[place]))
      }
    }
    return (small, error)
  }

  /// The largest share of the weight strictly between two neighbouring knots.
  package static func rankError(of distribution: Distribution) -> Double {
    (distribution.gaps?.max() ?? 0) / distribution.total
  }
}
