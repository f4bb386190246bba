/// Sorting of numbers by value, faster than comparison sorting, with one total order.
///
/// -0 counts as 0 and leaves as 0; equal numbers keep the order they came in, so that an order of
/// indices is unique. NaN is refused.
package enum Sorting {
  /// Sorts numbers upwards in place; -0 becomes 0.
  ///
  /// - Precondition: no number is NaN.
  /// - Complexity: about linear for spread-out numbers, at worst O(n log n); as much scratch memory again.
  package static func sort(_ values: inout [Double], threads: Int = 1) {
    let count = values.count
    guard count > 1 else {
      if count == 1 { values[0] += 0 }
      return
    }
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: count)
    defer { unsafe scratch.deallocate() }
    unsafe LargePages.hint(scratch, bytes: count * MemoryLayout<Double>.stride)
    unsafe values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in 0..<count {
        unsafe base[i] += 0
        unsafe precondition(!base[i].isNaN, "NaN cannot be sorted")
      }
      unsafe BucketSort.sort(base, scratch, count, threads: threads)
    }
  }

  /// The indices of the numbers in ascending order of value; equal numbers in order of index.
  ///
  /// - Precondition: no number is NaN, and there are fewer than 2^32.
  package static func order(_ values: [Double], threads: Int = 1) -> [UInt32] {
    sortedPairs(values, threads: threads).indices
  }

  /// The numbers in ascending order with the index each came from.
  ///
  /// - Precondition: no number is NaN, and there are fewer than 2^32.
  package static func sortedPairs(
    _ values: [Double], threads: Int = 1
  ) -> (values: [Double], indices: [UInt32]) {
    let count = values.count
    precondition(count <= Int(UInt32.max))
    let items = UnsafeMutablePointer<KeyIndex>.allocate(capacity: max(count, 1))
    let scratch = UnsafeMutablePointer<KeyIndex>.allocate(capacity: max(count, 1))
    defer {
      unsafe items.deallocate()
      unsafe scratch.deallocate()
    }
    unsafe LargePages.hint(items, bytes: count * MemoryLayout<KeyIndex>.stride)
    unsafe LargePages.hint(scratch, bytes: count * MemoryLayout<KeyIndex>.stride)
    for i in 0..<count {
      precondition(!values[i].isNaN, "NaN cannot be sorted")
      unsafe items[i] = KeyIndex(key: values[i] + 0, index: UInt32(truncatingIfNeeded: i))
    }
    unsafe BucketSort.sort(items, scratch, count, threads: threads)
    let sorted = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      for i in 0..<count { unsafe buffer[i] = items[i].key }
      filled = count
    }
    let indices = [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
      for i in 0..<count { unsafe buffer[i] = items[i].index }
      filled = count
    }
    return (sorted, indices)
  }
}

/// What the bucket sort moves: something trivially copied with a number to sort by.
protocol SortItem: BitwiseCopyable, Sendable {
  var key: Double { get }
}

extension Double: SortItem {
  @inline(__always) var key: Double { self }
}

/// A number and where it came from.
struct KeyIndex: SortItem {
  var key: Double
  var index: UInt32
}
