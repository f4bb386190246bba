internal import FairpostCGSL

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Searches over raw bytes at the speed of memory, for the CSV reader.
package enum ByteScan {
  /// Writes the offsets of every `delimiter` and newline to `out`; returns their number and the newlines'.
  ///
  /// - Precondition: `out` has room for `count` offsets, and `base + count` fits 32 bits.
  package static func structure(
    _ bytes: UnsafePointer<UInt8>, count: Int, delimiter: UInt8, base: Int,
    into out: UnsafeMutablePointer<UInt32>
  ) -> (found: Int, newlines: Int) {
    var newlines = 0
    let found = cgsl_structure(bytes, count, delimiter, UInt32(base), out, &newlines)
    return (found, newlines)
  }

  /// The offset of the first such byte.
  package static func first(_ byte: UInt8, in bytes: UnsafePointer<UInt8>, count: Int) -> Int? {
    guard count > 0, let hit = memchr(bytes, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(hit) - UnsafeRawPointer(bytes)
  }

  /// The offset of the last such byte.
  package static func last(_ byte: UInt8, in bytes: UnsafePointer<UInt8>, count: Int) -> Int? {
    var at = count
    while at > 0 {
      at -= 1
      if bytes[at] == byte { return at }
    }
    return nil
  }

  /// How often a byte occurs.
  package static func count(_ byte: UInt8, in bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    var total = 0
    var at = 0
    let wanted = SIMD16<UInt8>(repeating: byte)
    while at + 16 <= count {
      // Up to 255 rounds of byte-wide counters before they could overflow.
      var lanes = SIMD16<UInt8>()
      var rounds = 0
      while at + 16 <= count, rounds < 255 {
        let chunk = UnsafeRawPointer(bytes + at).loadUnaligned(as: SIMD16<UInt8>.self)
        lanes =
          lanes
          &+ SIMD16<UInt8>(repeating: 0).replacing(
            with: SIMD16<UInt8>(repeating: 1), where: chunk .== wanted)
        at += 16
        rounds += 1
      }
      for lane in 0..<16 { total += Int(lanes[lane]) }
    }
    while at < count {
      if bytes[at] == byte { total += 1 }
      at += 1
    }
    return total
  }
}
