#if canImport(Glibc)
  internal import Glibc
#endif

/// Asks the system to hold long arrays in large pages.
///
/// A sort writes to thousands of places in turn and results go back to rows in the order of their
/// scores: with pages of 4 KiB nearly every such access also misses the table of pages. It is a hint
/// and changes no result; where the system does not know it nothing happens.
enum LargePages {
  /// Below this a hint costs more than it saves.
  private static let least = 4 << 20
  private static let pageSize = 2 << 20

  /// Hints at some memory that was not written yet; only whole large pages inside it are meant.
  static func hint(_ start: UnsafeMutableRawPointer, bytes: Int) {
    #if canImport(Glibc)
      guard bytes >= least else { return }
      let address = Int(bitPattern: start)
      let from = (address + pageSize - 1) & ~(pageSize - 1)
      let to = (address + bytes) & ~(pageSize - 1)
      guard from < to else { return }
      // A hint may be refused: then the pages are small ones.
      _ = unsafe madvise(start + (from - address), to - from, MADV_HUGEPAGE)
    #endif
  }
}

extension Array where Element: BitwiseCopyable {
  /// Makes room for so many elements, in large pages where there are enough of them.
  package mutating func reserveLargeCapacity(_ capacity: Int) {
    reserveCapacity(capacity)
    let bytes = self.capacity * MemoryLayout<Element>.stride
    unsafe withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { unsafe LargePages.hint(base, bytes: bytes) }
    }
  }
}
