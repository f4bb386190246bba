internal import FairpostNumerics

/// A table that finds a number's place among sorted numbers in about one step.
///
/// The range is cut into equal buckets that remember where each begins; what is left inside a bucket
/// is found by bisection, so that lumps cost a logarithm and nothing worse.
struct BucketIndex: Sendable, Equatable {
  private let least: Double
  private let scale: Double
  private let last: Int
  /// For each bucket, how many sorted numbers lie in earlier buckets.
  private let starts: [Int32]

  init(_ sorted: [Double]) {
    least = sorted.first ?? 0
    let range = (sorted.last ?? 0) - least
    var buckets = max(1, min(2 * sorted.count, 1 << 22))
    var scale = Double(buckets) / range
    if !(scale.isFinite && range.isFinite && scale > 0) {
      buckets = 1
      scale = 0
    }
    self.scale = scale
    last = buckets - 1
    var starts = [Int32](repeating: 0, count: buckets + 1)
    for x in sorted {
      starts[Self.place(x, least, scale, last) + 1] += 1
    }
    for bucket in 1...buckets { starts[bucket] += starts[bucket - 1] }
    self.starts = starts
  }

  @inline(__always)
  private static func place(_ x: Double, _ least: Double, _ scale: Double, _ last: Int) -> Int {
    let at = (x - least) * scale
    if !(at > 0) { return 0 }
    return at >= Double(last) ? last : Int(at)
  }

  /// How many of the sorted numbers are at or below `x`.
  @inline(__always)
  func countThrough(_ x: Double, in sorted: [Double]) -> Int {
    let bucket = Self.place(x, least, scale, last)
    var low = Int(starts[bucket])
    var high = Int(starts[bucket &+ 1])
    while high &- low > 4 {
      let middle = (low &+ high) / 2
      if sorted[middle] <= x { low = middle &+ 1 } else { high = middle }
    }
    while low < high, sorted[low] <= x { low &+= 1 }
    return low
  }

  /// The same for a number below the greatest, on a view of the sorted numbers.
  ///
  /// How many numbers of its bucket are at or below `x` is as good as random: counting four of them
  /// costs less than one jump that was guessed wrong. Those of later buckets are above `x` anyway.
  ///
  /// - Precondition: `x` is less than the last of the sorted numbers.
  @inline(__always)
  func countThrough(_ x: Double, in sorted: Span<Double>) -> Int {
    let bucket = Self.place(x, least, scale, last)
    var low = Int(starts[bucket])
    var high = Int(starts[bucket &+ 1])
    while high &- low > 4 {
      let middle = (low &+ high) / 2
      if sorted[middle] <= x { low = middle &+ 1 } else { high = middle }
    }
    let end = sorted.count &- 1
    return low &+ (sorted[min(low, end)] <= x ? 1 : 0) &+ (sorted[min(low &+ 1, end)] <= x ? 1 : 0)
      &+ (sorted[min(low &+ 2, end)] <= x ? 1 : 0) &+ (sorted[min(low &+ 3, end)] <= x ? 1 : 0)
  }

  /// How many of the sorted numbers are strictly below `x`.
  @inline(__always)
  func countBelow(_ x: Double, in sorted: [Double]) -> Int {
    let bucket = Self.place(x, least, scale, last)
    var low = Int(starts[bucket])
    var high = Int(starts[bucket &+ 1])
    while low < high {
      let middle = (low &+ high) / 2
      if sorted[middle] < x { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}

/// An index that is made when it is first asked for.
final class LazyIndex: Sendable {
  private let made = Guarded<BucketIndex?>(nil)

  func callAsFunction(_ sorted: [Double]) -> BucketIndex {
    made.withLock { index in
      if let index { return index }
      let new = BucketIndex(sorted)
      index = new
      return new
    }
  }
}
