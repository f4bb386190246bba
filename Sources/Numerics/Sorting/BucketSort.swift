/// A stable bucket sort: a coarse linear partition, a fine one in cache, and insertion.
///
/// Numbers go to buckets by their place between the least and the greatest. A bucket that stays too
/// full (outliers, lumps) is measured again by its own range; what resists is merge sorted, so the
/// worst case is O(n log n). All elements of an atom share a bucket and are recognised by an equal
/// least and greatest. Change `place` in one spot only: it must be monotone in the key.
enum BucketSort {
  /// Items up to this many are partitioned into about one bucket each; they fit the cache.
  static let fineLimit = 1 << 14
  /// The buckets of a coarse partition; more of them would miss the address translation cache.
  static let coarseBuckets = 1024
  /// Buckets up to this many are insertion sorted.
  static let insertionLimit = 32

  static func sort<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, _ count: Int,
    threads: Int
  ) {
    unsafe sortInPlace(items, scratch, count, depth: 0, threads: threads)
  }

  /// How keys of a range are placed into buckets; nil where the range allows no linear placing.
  struct Place {
    let least: Double
    let scale: Double
    let last: Int

    init?(least: Double, greatest: Double, buckets: Int) {
      let range = greatest - least
      scale = Double(buckets) / range
      guard range.isFinite, scale.isFinite, scale > 0 else { return nil }
      self.least = least
      last = buckets - 1
    }

    @inline(__always) func callAsFunction(_ key: Double) -> Int {
      min(Int((key - least) * scale), last)
    }
  }

  private static func extremes<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ count: Int
  ) -> (least: Double, greatest: Double) {
    var least = unsafe items[0].key
    var greatest = least
    for i in 1..<count {
      let key = unsafe items[i].key
      least = key < least ? key : least
      greatest = key > greatest ? key : greatest
    }
    return (least, greatest)
  }

  /// Sorts `items`, with `scratch` as long.
  private static func sortInPlace<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, _ count: Int,
    depth: Int, threads: Int = 1
  ) {
    if count <= insertionLimit {
      unsafe insertionSort(items, count)
      return
    }
    let (least, greatest) = unsafe extremes(items, count)
    if least == greatest { return }
    guard depth < 4,
      let place = Place(
        least: least, greatest: greatest, buckets: count <= fineLimit ? count : coarseBuckets)
    else {
      unsafe mergeSort(items, scratch, count)
      return
    }
    let starts = unsafe scatter(from: items, to: scratch, count, place)
    defer { unsafe starts.deallocate() }
    if count <= fineLimit {
      unsafe finish(scratch, items, starts, buckets: place.last + 1)
      unsafe items.update(from: scratch, count: count)
      return
    }
    if threads > 1 {
      // Buckets are disjoint ranges, so each is written by one thread only.
      nonisolated(unsafe) let (items, scratch, starts) = unsafe (items, scratch, starts)
      Parallel.forEach(64, threads: threads) { part in
        let (from, to) = (part * (coarseBuckets / 64), (part + 1) * (coarseBuckets / 64))
        for bucket in from..<to {
          let start = unsafe Int(starts[bucket])
          let length = unsafe Int(starts[bucket + 1]) - start
          unsafe sortInto(scratch + start, items + start, length, depth: depth + 1)
        }
      }
    } else {
      for bucket in 0...place.last {
        let start = unsafe Int(starts[bucket])
        let length = unsafe Int(starts[bucket + 1]) - start
        unsafe sortInto(scratch + start, items + start, length, depth: depth + 1)
      }
    }
  }

  /// Sorts `source` into `target`; `source` is used up.
  private static func sortInto<Item: SortItem>(
    _ source: UnsafeMutablePointer<Item>, _ target: UnsafeMutablePointer<Item>, _ count: Int,
    depth: Int
  ) {
    guard count > 0 else { return }
    if count <= insertionLimit {
      unsafe target.update(from: source, count: count)
      unsafe insertionSort(target, count)
      return
    }
    let (least, greatest) = unsafe extremes(source, count)
    if least != greatest, count <= fineLimit, depth < 4,
      let place = Place(least: least, greatest: greatest, buckets: count)
    {
      let starts = unsafe scatter(from: source, to: target, count, place)
      unsafe finish(target, source, starts, buckets: count)
      unsafe starts.deallocate()
      return
    }
    if least != greatest { unsafe sortInPlace(source, target, count, depth: depth) }
    unsafe target.update(from: source, count: count)
  }

  /// Puts every item into its bucket's range of `target`, in order; returns where buckets start.
  private static func scatter<Item: SortItem>(
    from source: UnsafeMutablePointer<Item>, to target: UnsafeMutablePointer<Item>, _ count: Int,
    _ place: Place
  ) -> UnsafeMutablePointer<UInt64> {
    let buckets = place.last + 1
    let starts = UnsafeMutablePointer<UInt64>.allocate(capacity: buckets + 2)
    unsafe starts.initialize(repeating: 0, count: buckets + 2)
    // Counted two places up, so that after the scatter entry b is where bucket b starts.
    for i in 0..<count { unsafe starts[place(source[i].key) &+ 2] &+= 1 }
    for bucket in 2..<(buckets + 2) { unsafe starts[bucket] &+= starts[bucket - 1] }
    for i in 0..<count {
      let item = unsafe source[i]
      let bucket = place(item.key) &+ 1
      let at = unsafe Int(truncatingIfNeeded: starts[bucket])
      unsafe target[at] = item
      unsafe starts[bucket] = UInt64(truncatingIfNeeded: at &+ 1)
    }
    return unsafe starts
  }

  /// Sorts within the buckets of a fine partition.
  private static func finish<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>,
    _ starts: UnsafeMutablePointer<UInt64>, buckets: Int
  ) {
    var start = 0
    for bucket in 0..<buckets {
      let end = unsafe Int(truncatingIfNeeded: starts[bucket + 1])
      let length = end &- start
      if length > 1 {
        if length <= insertionLimit {
          unsafe insertionSort(items + start, length)
        } else {
          let (least, greatest) = unsafe extremes(items + start, length)
          if least != greatest { unsafe mergeSort(items + start, scratch + start, length) }
        }
      }
      start = end
    }
  }

  private static func insertionSort<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ count: Int
  ) {
    var i = 1
    while i < count {
      let item = unsafe items[i]
      let key = item.key
      var j = i
      while j > 0 {
        let before = unsafe items[j &- 1]
        if !(before.key > key) { break }
        unsafe items[j] = before
        j &-= 1
      }
      unsafe items[j] = item
      i &+= 1
    }
  }

  /// A bottom-up merge sort: what is left where no linear placing helps.
  private static func mergeSort<Item: SortItem>(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, _ count: Int
  ) {
    var start = 0
    while start < count {
      unsafe insertionSort(items + start, min(insertionLimit, count - start))
      start += insertionLimit
    }
    var (source, target) = unsafe (items, scratch)
    var width = insertionLimit
    while width < count {
      var start = 0
      while start < count {
        let middle = min(start + width, count)
        let end = min(start + 2 * width, count)
        var (left, right, at) = (start, middle, start)
        while left < middle, right < end {
          if unsafe source[right].key < source[left].key {
            unsafe target[at] = source[right]
            right &+= 1
          } else {
            unsafe target[at] = source[left]
            left &+= 1
          }
          at &+= 1
        }
        if left < middle { unsafe (target + at).update(from: source + left, count: middle - left) }
        if right < end { unsafe (target + at).update(from: source + right, count: end - right) }
        start = end
      }
      unsafe swap(&source, &target)
      width *= 2
    }
    if unsafe source != items { unsafe items.update(from: source, count: count) }
  }
}
