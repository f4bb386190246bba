internal import FairpostNumerics

/// The average of several groups' step quantile functions, walked from level 0 to level 1.
///
/// The walk merges the groups' CDF levels; between two neighbouring levels the average is constant.
/// Its running value and integral are carried in two Doubles each, so that a small interval's mean
/// does not suffer from the length of the walk. A long walk is cut into stretches that threads take;
/// where it is cut follows from the data alone, so that their number changes no result.
enum QuantileSweep {
  /// The mean of the average quantile function over each atom's interval [F(x-), F(x)].
  ///
  /// - Parameter shares: the weight of each group in the average; 0 for a group that is only mapped.
  static func intervalMeans(
    _ groups: [Distribution], shares: [Double], threads: Int = 1
  ) -> [[Double]] {
    let cuts = SweepCuts(groups)
    let parts = Parallel.map(cuts.count, threads: threads) { stretch in
      StretchMeans(groups, shares: shares, cuts: cuts, stretch: stretch)
    }
    return Parallel.map(groups.count, threads: threads) { StretchMeans.joined(parts, group: $0) }
  }

  /// The same with levels to twice the digits, so that means over equal parts of the average agree but
  /// for their own rounding, however many records there are.
  static func preciseIntervalMeans(_ groups: [Distribution], shares: [Double]) -> [[Double]] {
    var images = groups.map { group in
      var list: [Double] = []
      list.reserveCapacity(group.values.count)
      return list
    }
    let totals = groups.map(\.total)
    var integral = DoubleDouble()
    var starts = [DoubleDouble](repeating: integral, count: groups.count)
    var from = TwoDouble()
    var startLevels = [TwoDouble](repeating: from, count: groups.count)
    walk(groups, shares: shares, cuts: SweepCuts(groups, stretches: 1), stretch: 0) {
      _, _, value, group in
      let at = images[group].count
      let level = TwoDouble(groups[group].sum(through: at), over: totals[group])
      if level.high > from.high {
        let width = level - from
        integral.addProduct(value.high, width.high)
        integral.low += value.high * width.low + value.low * width.high
        from = level
      }
      let width = (from - startLevels[group]).high
      let mean = width > 0 ? integral.minus(starts[group]) / width : value.value
      images[group].append(max(mean, images[group].last ?? -.infinity))
      starts[group] = integral
      startLevels[group] = from
    }
    return images
  }

  /// The average quantile function as a table: the level each step ends at, and its value.
  static func table(
    _ groups: [Distribution], shares: [Double], threads: Int = 1
  ) -> QuantileAverage {
    let cuts = SweepCuts(groups)
    let parts = Parallel.map(cuts.count, threads: threads) { stretch in
      var levels: [Double] = []
      var values: [Double] = []
      walk(groups, shares: shares, cuts: cuts, stretch: stretch) { from, level, value, _ in
        if level > from {
          levels.append(level)
          values.append(max(value.value, values.last ?? -.infinity))
        }
      }
      return (levels, values)
    }
    var (levels, values) = parts[0]
    for part in parts.dropFirst() {
      levels += part.0
      let least = values.last ?? -.infinity
      values += part.1.map { max($0, least) }
    }
    return QuantileAverage(levels: levels, values: values)
  }

  /// Calls `visit(from, level, value, group)` at every level of a stretch where a group's quantile
  /// steps up.
  @inline(__always)
  static func walk(
    _ groups: [Distribution], shares: [Double], cuts: SweepCuts, stretch: Int,
    _ visit: (_ from: Double, _ level: Double, _ value: DoubleDouble, _ group: Int) -> Void
  ) {
    // The lists themselves, so that a step touches no distribution.
    let lists = groups.map(\.values)
    let totals = groups.map(\.total)
    let isPlain = groups.allSatisfy { $0.masses == nil && $0.gaps == nil }
    let ends = cuts.places[stretch + 1]
    var cursorList = cuts.places[stretch]
    var currentList = [Double](repeating: 0, count: groups.count)
    var cursors = cursorList.mutableSpan
    var current = currentList.mutableSpan
    var value = DoubleDouble()
    var from = 0.0

    /// Where a group's quantile steps up next; behind every level where it does not.
    func level(_ index: Int, _ cursor: Int) -> Double {
      if cursor >= ends[index] { return .infinity }
      let sum = isPlain ? Double(cursor &+ 1) : groups[index].sum(through: cursor)
      return sum / totals[index]
    }
    for (index, group) in groups.enumerated() where !group.isEmpty {
      let cursor = cursors[index]
      if cursor > 0 { from = max(from, group.sum(through: cursor - 1) / totals[index]) }
      current[index] = lists[index][min(cursor, lists[index].count - 1)]
      value.addProduct(shares[index], current[index])
    }
    var queue = LevelQueue(groups.indices.map { level($0, cursors[$0]) })
    while let (at, index) = queue.first {
      visit(from, at, value, index)
      from = at
      let cursor = cursors[index] &+ 1
      cursors[index] = cursor
      queue.replaceFirst(level(index, cursor))
      if cursor < lists[index].count, shares[index] != 0 {
        let next = lists[index][cursor]
        value.addProduct(shares[index], next)
        value.addProduct(-shares[index], current[index])
        current[index] = next
      }
    }
  }
}

/// The next level of each group, least first, ties by group; infinity where a group has none.
///
/// A few groups are looked through, which no branch can mispredict; many stand in a binary heap.
private struct LevelQueue {
  private static let few = 8

  private var small = InlineArray<8, Double>(repeating: .infinity)
  private let count: Int
  private var place = 0
  private var levels: [Double] = []
  private var groups: [Int] = []

  init(_ levels: [Double]) {
    count = levels.count
    if count <= Self.few {
      for (index, level) in levels.enumerated() { small[index] = level }
    } else {
      groups = levels.indices.sorted { (levels[$0], $0) < (levels[$1], $1) }
      self.levels = groups.map { levels[$0] }
    }
  }

  var first: (level: Double, group: Int)? {
    @inline(__always) mutating get {
      if count > Self.few { return levels[0] == .infinity ? nil : (levels[0], groups[0]) }
      var (least, place) = (small[0], 0)
      for index in 1..<Self.few where small[index] < least {
        (least, place) = (small[index], index)
      }
      self.place = place
      return least == .infinity ? nil : (least, place)
    }
  }

  @inline(__always)
  mutating func replaceFirst(_ level: Double) {
    if count <= Self.few {
      small[place] = level
    } else {
      levels[0] = level
      sink()
    }
  }

  private mutating func sink() {
    var at = 0
    while true {
      var child = 2 &* at &+ 1
      if child >= levels.count { return }
      if child &+ 1 < levels.count, precedes(child &+ 1, child) { child &+= 1 }
      if !precedes(child, at) { return }
      levels.swapAt(child, at)
      groups.swapAt(child, at)
      at = child
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    levels[a] < levels[b] || (levels[a] == levels[b] && groups[a] < groups[b])
  }
}
