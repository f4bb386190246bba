package import FairpostNumerics

/// Simulated noise of many groups' distribution functions: how high and how large the areas between
/// the farthest two are.
///
/// It is what `DistanceBands` simulates of few groups, drawn in the same way, but at a tenth of the
/// cost: normal numbers come from a table, places of rows from a guide, and of all paths of a draw only
/// those that lie farthest from their law are kept to be held against each other.
package struct ManyPaths {
  private typealias Grid = DistanceBands.Grid
  /// How many of a draw's paths are kept.
  ///
  /// Two paths' area is no larger than that of both to the axis, and beyond so many the sum is below
  /// what the first ones have.
  private static let kept = 64
  /// With fewer cuts a path is the sum of so few normal numbers that the table's ends would show.
  private static let fewCuts = 16

  private let cuts: [Double]
  private let widths: [Double]
  private var highest: [Double]
  private var lowest: [Double]
  private var paths: [[Double]] = []
  private var areas: [Double] = []
  private var least = 0.0

  private init(cuts: [Double]) {
    self.cuts = cuts
    widths = zip(cuts.dropFirst(), cuts).map { $0 - $1 }
    highest = [Double](repeating: 0, count: cuts.count)
    lowest = highest
  }

  /// The chance levels of the largest height and of the largest area, of groups with one law.
  package static func floors(
    _ samples: [SortedSample], sizes: [DistanceBands.Rows], draws wanted: Int,
    _ stream: inout RandomStream
  ) -> (height: NoiseFloor, area: NoiseFloor) {
    let grid = Grid(samples)
    guard grid.cuts.count > 1 else {
      return (NoiseFloor(mean: 0, band: 0), NoiseFloor(mean: 0, band: 0))
    }
    let law = grid.pooled(samples)
    let guide = RowGuide(law)
    let bridges = BridgeLaws([law])
    var path = law
    var heights: [Double] = []
    var areas: [Double] = []
    for _ in 0..<ManyGroups.draws(wanted, groups: samples.count) {
      var paths = ManyPaths(cuts: grid.cuts)
      for rows in sizes {
        if rows.calibration == 0, rows.together < Grid.fewest {
          paths.take(guide.path(max(1, Int(rows.measured.rounded())), &stream))
        } else if rows.together >= Grid.fewest, law.count >= fewCuts {
          bridges.draw(0, size: rows.together, &stream, into: &path)
          paths.take(path)
        } else {
          paths.take(grid.noise(law, rows, &stream))
        }
      }
      heights.append(paths.largestHeight)
      areas.append(paths.largestArea(grid))
    }
    return (NoiseFloor(simulated: heights), NoiseFloor(simulated: areas))
  }

  /// Draws of the largest area between two groups, each around a law of its own.
  package static func areas(
    _ grid: DistanceBands.Grid, laws: [[Double]], sizes: [Double], draws: Int,
    _ stream: inout RandomStream
  ) -> [Double] {
    guard grid.cuts.count > 1 else { return [Double](repeating: 0, count: draws) }
    let bridges = BridgeLaws(laws)
    var path = grid.cuts
    return (0..<draws).map { _ in
      var paths = ManyPaths(cuts: grid.cuts)
      for group in laws.indices {
        if path.count >= fewCuts {
          bridges.draw(group, size: sizes[group], &stream, into: &path)
          paths.take(path, heights: false)
        } else {
          paths.take(grid.bridge(laws[group], size: sizes[group], &stream))
        }
      }
      return paths.largestArea(grid)
    }
  }

  private mutating func take(_ path: borrowing [Double], heights: Bool = true) {
    var area = 0.0
    for place in widths.indices { area += abs(path[place]) * widths[place] }
    if heights {
      for place in widths.indices {
        let height = path[place]
        if height > highest[place] { highest[place] = height }
        if height < lowest[place] { lowest[place] = height }
      }
    }
    if areas.count < Self.kept {
      areas.append(area)
      paths.append(copy path)
      if areas.count == Self.kept { least = areas.min() ?? 0 }
    } else if area > least, let place = areas.firstIndex(of: least) {
      areas[place] = area
      paths[place] = copy path
      least = areas.min() ?? 0
    }
  }

  private var largestHeight: Double {
    var largest = 0.0
    for place in cuts.indices { largest = max(largest, highest[place] - lowest[place]) }
    return largest
  }

  private func largestArea(_ grid: DistanceBands.Grid) -> Double { grid.largestArea(paths) }
}

/// Rows drawn one by one into the cells of a law: the first place to look comes from a guide.
private struct RowGuide {
  private static let bits = 11
  private var levels: [Double] = []
  /// The levels as whole numbers of 2^-32, and the first cell for each of the guide's entries.
  private var bounds: [UInt32] = []
  private var first: [UInt8] = []

  init(_ law: [Double]) {
    var level = 0.0
    for share in law {
      level += share
      levels.append(min(level, 1))
    }
    bounds = levels.map { UInt32(min($0 * 0x1p32, 0xFFFF_FFFF)) }
    bounds[bounds.count - 1] = .max
    var cell = 0
    for entry in 0..<(1 << Self.bits) {
      while bounds[cell] < UInt32(entry) << (32 - Self.bits) { cell += 1 }
      first.append(UInt8(cell))
    }
  }

  /// How far the distribution function of so many rows lies from the law, cut by cut.
  func path(_ count: Int, _ stream: inout RandomStream) -> [Double] {
    var hits = [Double](repeating: 0, count: levels.count)
    let one = 1 / Double(count)
    var left = count
    while left > 0 {
      let bits = stream.next()
      hits[cell(UInt32(truncatingIfNeeded: bits))] += one
      if left > 1 { hits[cell(UInt32(truncatingIfNeeded: bits >> 32))] += one }
      left -= 2
    }
    var through = 0.0
    for place in hits.indices {
      through += hits[place]
      hits[place] = through - levels[place]
    }
    return hits
  }

  @inline(__always) private func cell(_ draw: UInt32) -> Int {
    var cell = Int(first[Int(draw >> (32 - UInt32(Self.bits)))])
    while bounds[cell] < draw { cell += 1 }
    return cell
  }
}

/// Laws from which Brownian bridges are drawn, the noise of a distribution function at the cuts.
///
/// Normal numbers come from a table of 4,096 quantiles: a height is the sum of many of them.
private struct BridgeLaws {
  private static let numbers: [Double] = (0..<4096).map {
    Normal.quantile((Double($0) + 0.5) / 4096)
  }
  private let count: Int
  private let numbers = Self.numbers
  /// The roots of the shares at the cuts, law after law.
  private var roots: [Double] = []

  init(_ laws: [[Double]]) {
    count = laws.first?.count ?? 0
    for law in laws { for share in law { roots.append(share.squareRoot()) } }
  }

  /// One path of a sample of so many rows.
  func draw(_ law: Int, size: Double, _ stream: inout RandomStream, into path: inout [Double]) {
    let scale = 1 / size.squareRoot()
    let first = law * count
    var total = 0.0
    var bits: UInt64 = 0
    for place in 0..<count {
      if place % 5 == 0 { bits = stream.next() }
      let step = roots[first + place] * numbers[Int(bits & 0xFFF)]
      bits >>= 12
      path[place] = step
      total += step
    }
    var height = 0.0
    for place in 0..<count {
      let root = roots[first + place]
      height += path[place] - root * root * total
      path[place] = height * scale
    }
  }
}

extension NoiseFloor {
  /// The mean of simulated figures and the level 95 of 100 do not pass.
  package init(simulated: [Double]) {
    let sorted = simulated.sorted()
    self.init(
      mean: sorted.reduce(0, +) / Double(sorted.count),
      band: sorted[min(sorted.count - 1, Int(0.95 * Double(sorted.count)))])
  }
}
