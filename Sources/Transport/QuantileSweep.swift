/// The average of several groups' step quantile functions, walked once from level 0 to level 1.
///
/// The walk merges the groups' CDF levels; between two neighbouring levels the average is constant.
/// Its running value and integral are carried in two Doubles each, so that a small interval's mean
/// does not suffer from the length of the walk. Memory besides the result is a few words a group.
enum QuantileSweep {
  /// The mean of the average quantile function over each atom's interval [F(x-), F(x)].
  ///
  /// - Parameter shares: the weight of each group in the average; 0 for a group that is only mapped.
  static func intervalMeans(_ groups: [Distribution], shares: [Double]) -> [[Double]] {
    var images = groups.map { group in
      var list: [Double] = []
      list.reserveCapacity(group.values.count)
      return list
    }
    var integral = DoubleDouble()
    var starts = [DoubleDouble](repeating: integral, count: groups.count)
    var startLevels = [Double](repeating: 0, count: groups.count)
    walk(groups, shares: shares) { from, level, value, group in
      if level > from {
        integral.addProduct(value.high, level - from)
        integral.low += value.low * (level - from)
      }
      let width = level - startLevels[group]
      // Rounding may not turn the order of two values round.
      let mean = width > 0 ? integral.minus(starts[group]) / width : value.value
      images[group].append(max(mean, images[group].last ?? -.infinity))
      starts[group] = integral
      startLevels[group] = level
    }
    return images
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
    walk(groups, shares: shares) { _, _, value, group in
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
  static func table(_ groups: [Distribution], shares: [Double]) -> QuantileAverage {
    var levels: [Double] = []
    var values: [Double] = []
    walk(groups, shares: shares) { from, level, value, _ in
      if level > from {
        levels.append(level)
        values.append(max(value.value, values.last ?? -.infinity))
      }
    }
    return QuantileAverage(levels: levels, values: values)
  }

  /// Calls `visit(from, level, value, group)` at every level where a group's quantile steps up.
  private static func walk(
    _ groups: [Distribution], shares: [Double],
    _ visit: (_ from: Double, _ level: Double, _ value: DoubleDouble, _ group: Int) -> Void
  ) {
    let totals = groups.map(\.total)
    var cursors = [Int](repeating: 0, count: groups.count)
    var value = DoubleDouble()
    var queue = LevelQueue(capacity: groups.count)
    for (index, group) in groups.enumerated() where !group.isEmpty {
      value.addProduct(shares[index], group.values[0])
      queue.insert(group.sum(through: 0) / totals[index], index)
    }
    var from = 0.0
    // The lists themselves, so that a step touches no distribution.
    let lists = groups.map(\.values)
    let isPlain = groups.allSatisfy { $0.masses == nil && $0.gaps == nil }
    while let (level, index) = queue.first {
      visit(from, level, value, index)
      from = level
      let cursor = cursors[index] &+ 1
      cursors[index] = cursor
      let share = shares[index]
      let isOver = cursor >= lists[index].count
      if isOver {
        queue.removeFirst()
      } else {
        if share != 0 {
          value.addProduct(share, lists[index][cursor])
          value.addProduct(-share, lists[index][cursor &- 1])
        }
        let sum = isPlain ? Double(cursor &+ 1) : groups[index].sum(through: cursor)
        queue.replaceFirst(sum / totals[index])
      }
    }
  }
}

/// The next level of each group, least first, ties by group: a binary heap.
private struct LevelQueue {
  private var levels: [Double] = []
  private var groups: [Int] = []

  init(capacity: Int) {
    levels.reserveCapacity(capacity)
    groups.reserveCapacity(capacity)
  }

  var first: (level: Double, group: Int)? {
    levels.isEmpty ? nil : (levels[0], groups[0])
  }

  mutating func insert(_ level: Double, _ group: Int) {
    levels.append(level)
    groups.append(group)
    var at = levels.count - 1
    while at > 0 {
      let parent = (at - 1) / 2
      if !precedes(at, parent) { break }
      swapAt(at, parent)
      at = parent
    }
  }

  mutating func replaceFirst(_ level: Double) {
    levels[0] = level
    sink()
  }

  mutating func removeFirst() {
    swapAt(0, levels.count - 1)
    levels.removeLast()
    groups.removeLast()
    if !levels.isEmpty { sink() }
  }

  private mutating func sink() {
    var at = 0
    while true {
      var child = 2 &* at &+ 1
      if child >= levels.count { return }
      if child &+ 1 < levels.count, precedes(child &+ 1, child) { child &+= 1 }
      if !precedes(child, at) { return }
      swapAt(child, at)
      at = child
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    levels[a] < levels[b] || (levels[a] == levels[b] && groups[a] < groups[b])
  }

  private mutating func swapAt(_ a: Int, _ b: Int) {
    levels.swapAt(a, b)
    groups.swapAt(a, b)
  }
}
