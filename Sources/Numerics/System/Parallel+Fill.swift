extension Parallel {
  /// An array whose stretches are filled on several threads.
  ///
  /// - Parameter fill: gets a range of indices and the numbers there, all 0, to set.
  public static func fill(
    _ count: Int, stretch: Int, threads: Int,
    _ fill: @escaping @Sendable (Range<Int>, inout MutableSpan<Double>) -> Void
  ) -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress {
        nonisolated(unsafe) let target = unsafe base
        Parallel.forEach((count + stretch - 1) / stretch, threads: threads) { piece in
          let range = (piece * stretch)..<min((piece + 1) * stretch, count)
          let part = unsafe UnsafeMutableBufferPointer(
            start: target + range.lowerBound, count: range.count)
          unsafe part.initialize(repeating: 0)
          var span = unsafe MutableSpan(_unsafeElements: part)
          fill(range, &span)
        }
      }
      filled = count
    }
  }
}
