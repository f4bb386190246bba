/// Numbers sorted within their groups, with the rows they came from.
///
/// Rows are put at once into a few thousand buckets, each a stretch of one group's range, and every
/// bucket is sorted in cache. Besides the result that takes 12 bytes a row, and no number of groups
/// or threads changes it: equal numbers keep the order of their rows.
package struct GroupedSort: Sendable {
  /// Each group's numbers, ascending; -0 has become 0.
  package let values: [[Double]]
  /// The row of every number, group by group in the order of `values`.
  private let rows: [UInt32]
  /// How many rows there were, left-out ones included.
  private let rowCount: Int

  /// Sorts numbers within groups; rows of a negative group and NaN are left out.
  ///
  /// Nil where a number is infinite, which no bucket can hold.
  ///
  /// - Precondition: a group for every number, below `count`; fewer than 2^32 rows.
  package init?(_ numbers: [Double], groups: [Int32], count: Int, threads: Int) {
    precondition(numbers.count == groups.count && numbers.count <= Int(UInt32.max))
    rowCount = numbers.count
    let chunks = Chunks(rows: numbers.count, threads: threads)
    let ranges = chunks.map { GroupRanges(numbers, groups, rows: $0, count: count) }
    if ranges.contains(where: \.hasInfinity) { return nil }
    let plan = BucketPlan(ranges, count: count)
    let counts = chunks.map { plan.counts(numbers, groups, rows: $0) }
    // Chunk by chunk within a bucket, so that rows stay in order whatever the chunks.
    var starts = [Int](repeating: 0, count: plan.buckets + 1)
    var offsets = counts
    var total = 0
    for bucket in 0..<plan.buckets {
      starts[bucket] = total
      for chunk in counts.indices {
        offsets[chunk][bucket] = total
        total += counts[chunk][bucket]
      }
    }
    starts[plan.buckets] = total

    let keys = UnsafeMutablePointer<Double>.allocate(capacity: max(total, 1))
    defer { unsafe keys.deallocate() }
    unsafe LargePages.hint(keys, bytes: total * MemoryLayout<Double>.stride)
    let (bounds, places) = (starts, offsets)
    rows = unsafe [UInt32](unsafeUninitializedCapacity: total) { buffer, filled in
      if let order = buffer.baseAddress {
        unsafe LargePages.hint(order, bytes: total * MemoryLayout<UInt32>.stride)
        nonisolated(unsafe) let (keys, order) = unsafe (keys, order)
        Parallel.forEach(chunks.ranges.count, threads: threads) { chunk in
          unsafe plan.scatter(
            numbers, groups, rows: chunks.ranges[chunk], to: places[chunk], keys, order)
        }
        Parallel.forEach(plan.buckets, threads: threads) { bucket in
          let from = bounds[bucket]
          unsafe GroupedSort.sortBucket(keys + from, order + from, bounds[bucket + 1] - from)
        }
      }
      filled = total
    }
    nonisolated(unsafe) let sortedKeys = unsafe keys
    values = Parallel.map(count, threads: threads) { group in
      let range = bounds[plan.first[group]]..<bounds[plan.first[group + 1]]
      return unsafe [Double](unsafeUninitializedCapacity: range.count) { buffer, filled in
        if let base = buffer.baseAddress {
          unsafe LargePages.hint(base, bytes: range.count * MemoryLayout<Double>.stride)
          unsafe base.initialize(from: sortedKeys + range.lowerBound, count: range.count)
        }
        filled = range.count
      }
    }
  }

  /// Sorts one bucket by number; what is in order already, such as an atom, is only looked at.
  private static func sortBucket(
    _ keys: UnsafeMutablePointer<Double>, _ rows: UnsafeMutablePointer<UInt32>, _ count: Int
  ) {
    var at = 1
    while at < count, unsafe keys[at - 1] <= keys[at] { at += 1 }
    if at >= count { return }
    let items = UnsafeMutablePointer<KeyIndex>.allocate(capacity: 2 * count)
    defer { unsafe items.deallocate() }
    for i in 0..<count { unsafe items[i] = KeyIndex(key: keys[i], index: rows[i]) }
    unsafe BucketSort.sort(items, items + count, count, threads: 1)
    for i in 0..<count {
      unsafe keys[i] = items[i].key
      unsafe rows[i] = items[i].index
    }
  }

  /// Replaces the sorted rows of `numbers` by what `image` makes of ascending stretches of a group.
  ///
  /// - Precondition: there are as many numbers as were sorted.
  /// - Parameter image: gets the group and ascending numbers of it, and returns as many results; runs
  ///   on several threads.
  package func replace(
    in numbers: inout [Double], threads: Int,
    by image: @escaping @Sendable (_ group: Int, _ ascending: ArraySlice<Double>) -> [Double]
  ) {
    var pieces: [(group: Int, range: Range<Int>, offset: Int)] = []
    var offset = 0
    for (group, list) in values.enumerated() {
      for start in stride(from: 0, to: list.count, by: 8192) {
        pieces.append((group, start..<min(start + 8192, list.count), offset))
      }
      offset += list.count
    }
    // Every row is below the count of those sorted.
    precondition(numbers.count == rowCount)
    let (work, values, rows) = (pieces, values, rows)
    unsafe numbers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // Every row is in one piece only.
      nonisolated(unsafe) let target = unsafe base
      Parallel.forEach(work.count, threads: threads) { index in
        let (group, range, offset) = work[index]
        let results = image(group, values[group][range])
        precondition(results.count == range.count)
        for (place, result) in zip(range, results) {
          unsafe target[Int(rows[offset &+ place])] = result
        }
      }
    }
  }
}

/// The rows in as many stretches as there are threads.
private struct Chunks: Sendable {
  let ranges: [Range<Int>]
  let threads: Int

  init(rows: Int, threads: Int) {
    let size = max(1, (rows + threads - 1) / max(threads, 1))
    ranges = stride(from: 0, to: rows, by: size).map { $0..<min($0 + size, rows) }
    self.threads = threads
  }

  func map<Result: Sendable>(_ body: @escaping @Sendable (Range<Int>) -> Result) -> [Result] {
    let ranges = ranges
    return Parallel.map(ranges.count, threads: threads) { body(ranges[$0]) }
  }
}

/// How many numbers each group has, and between what.
private struct GroupRanges: Sendable {
  var counts: [Int]
  var least: [Double]
  var greatest: [Double]

  init(_ numbers: [Double], _ groups: [Int32], rows: Range<Int>, count: Int) {
    var counts = [Int](repeating: 0, count: count)
    var least = [Double](repeating: .infinity, count: count)
    var greatest = [Double](repeating: -.infinity, count: count)
    for row in rows where groups[row] >= 0 {
      let value = numbers[row]
      let group = Int(groups[row])
      if value.isNaN { continue }
      counts[group] &+= 1
      if value < least[group] { least[group] = value }
      if value > greatest[group] { greatest[group] = value }
    }
    (self.counts, self.least, self.greatest) = (counts, least, greatest)
  }

  var hasInfinity: Bool {
    counts.indices.contains { counts[$0] > 0 && !(least[$0].isFinite && greatest[$0].isFinite) }
  }
}

/// Which bucket a number of a group belongs to.
private struct BucketPlan: Sendable {
  /// A group's buckets in one place, for one access a row.
  struct Scale {
    var least = 0.0
    var factor = 0.0
    var first: Int32 = 0
    var last: Int32 = 0
  }

  /// The first bucket of each group, and the number of buckets.
  let first: [Int]
  private let scales: [Scale]

  var buckets: Int { first[first.count - 1] }

  init(_ parts: [GroupRanges], count: Int) {
    let total = parts.reduce(0) { $0 + $1.counts.reduce(0, +) }
    // Buckets that fit the cache, but not more of them than can be written to side by side.
    let size = max(4096, total / 2048)
    var first = [0]
    var scales: [Scale] = []
    for group in 0..<count {
      let rows = parts.reduce(0) { $0 + $1.counts[group] }
      let least = parts.reduce(.infinity) { min($0, $1.least[group]) }
      let greatest = parts.reduce(-.infinity) { max($0, $1.greatest[group]) }
      var buckets = max(1, rows / size)
      var factor = Double(buckets) / (greatest - least)
      if !(factor.isFinite && factor > 0) { (buckets, factor) = (1, 0) }
      let start = first[group]
      first.append(start + buckets)
      scales.append(
        Scale(
          least: rows > 0 ? least : 0, factor: factor, first: Int32(start),
          last: Int32(start + buckets - 1)))
    }
    self.first = first
    self.scales = scales
  }

  @inline(__always)
  private static func bucket(_ value: Double, _ scale: Scale) -> Int {
    // Not below 0, since the least number of the group was seen.
    Int(
      min(
        Int32(truncatingIfNeeded: Int((value - scale.least) * scale.factor)) &+ scale.first,
        scale.last))
  }

  func counts(_ numbers: [Double], _ groups: [Int32], rows: Range<Int>) -> [Int] {
    var counts = [Int](repeating: 0, count: buckets)
    for row in rows where groups[row] >= 0 {
      let value = numbers[row]
      if value.isNaN { continue }
      counts[Self.bucket(value, scales[Int(groups[row])])] &+= 1
    }
    return counts
  }

  func scatter(
    _ numbers: [Double], _ groups: [Int32], rows: Range<Int>, to offsets: [Int],
    _ keys: UnsafeMutablePointer<Double>, _ order: UnsafeMutablePointer<UInt32>
  ) {
    var next = offsets
    for row in rows where groups[row] >= 0 {
      let value = numbers[row]
      if value.isNaN { continue }
      let bucket = Self.bucket(value, scales[Int(groups[row])])
      let at = next[bucket]
      unsafe keys[at] = value + 0
      unsafe order[at] = UInt32(truncatingIfNeeded: row)
      next[bucket] = at &+ 1
    }
  }
}
