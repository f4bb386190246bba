#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Growable bytes with room to write past the end of what counts, for blocks of input and output.
///
/// An array would be cleared and bounds-checked on every byte; a block is filled by `read`, scanned
/// and written once. `slack` bytes behind the capacity may be read and written freely, so that copies
/// can go sixteen bytes at a time.
package final class ByteBuffer: @unchecked Sendable {
  /// Bytes behind the capacity that may be touched.
  package static let slack = 64

  /// The first byte.
  package private(set) var start: UnsafeMutablePointer<UInt8>
  /// How many bytes fit.
  package private(set) var capacity: Int
  /// How many bytes count.
  package var count = 0

  /// An empty buffer with room for some bytes.
  package init(capacity: Int) {
    self.capacity = max(capacity, 64)
    start = .allocate(capacity: self.capacity + Self.slack)
  }

  /// A buffer holding a copy of some bytes.
  package convenience init(_ bytes: [UInt8]) {
    self.init(capacity: bytes.count)
    append(bytes)
  }

  deinit { start.deallocate() }

  /// Makes room for at least `capacity` bytes, keeping the contents.
  package func reserve(_ capacity: Int) {
    guard capacity > self.capacity else { return }
    let room = max(capacity, self.capacity + self.capacity / 2)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: room + Self.slack)
    memcpy(moved, start, count)
    start.deallocate()
    start = moved
    self.capacity = room
  }

  /// Appends some bytes.
  package func append(_ bytes: [UInt8]) {
    reserve(count + bytes.count)
    bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { memcpy(start + count, base, source.count) }
    }
    count += bytes.count
  }

  /// Appends bytes that stand elsewhere.
  package func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    reserve(count + bytes.count)
    memcpy(start + count, base, bytes.count)
    count += bytes.count
  }

  /// Appends another buffer's bytes from an offset on, all or some.
  package func append(_ other: ByteBuffer, from offset: Int = 0, count limit: Int? = nil) {
    let added = limit ?? (other.count - offset)
    precondition(added >= 0 && offset + added <= other.count)
    reserve(count + added)
    memcpy(start + count, other.start + offset, added)
    count += added
  }

  /// Appends a text's UTF-8 bytes.
  package func append(_ text: String) { append(Array(text.utf8)) }

  /// Appends one byte.
  package func append(_ byte: UInt8) {
    reserve(count + 1)
    start[count] = byte
    count += 1
  }

  /// A copy of a range of the bytes.
  package func copy(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  /// How often a byte stands in a range.
  package func count(of byte: UInt8, in range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return ByteScan.count(byte, in: UnsafePointer(start + range.lowerBound), count: range.count)
  }

  /// The last byte.
  package var last: UInt8? { count > 0 ? start[count - 1] : nil }

  /// All bytes, copied.
  package var contents: [UInt8] { copy(0..<count) }
}
