extension Parallel {
  /// Replaces every code by its entry in a table, on several threads; negative codes become -1.
  ///
  /// - Precondition: the table has an entry for every code.
  package static func renumber(_ codes: inout [Int32], by table: [Int32], threads: Int) {
    let count = codes.count
    let stretch = 1 << 16
    unsafe codes.withUnsafeMutableBufferPointer { buffer in
      // Every stretch is written by one thread only.
      nonisolated(unsafe) let codes = unsafe buffer
      Parallel.forEach((count + stretch - 1) / stretch, threads: threads) { piece in
        for row in (piece * stretch)..<min((piece + 1) * stretch, count) {
          let code = unsafe codes[row]
          unsafe codes[row] = code < 0 ? -1 : table[Int(code)]
        }
      }
    }
  }

  /// An array whose stretches are filled on several threads.
  ///
  /// - Parameter fill: gets a range of indices and the numbers there, all 0, to set.
  package static func fill(
    _ count: Int, stretch: Int, threads: Int,
    _ fill: @escaping @Sendable (Range<Int>, inout MutableSpan<Double>) -> Void
  ) -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress {
        unsafe LargePages.hint(base, bytes: count * MemoryLayout<Double>.stride)
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
