/// What a text turned out to be when it was read as a number.
package enum NumberReading: Equatable, Sendable {
  /// A finite number, correctly rounded.
  case number(Double)
  /// Nothing, or one of the words NA, NaN, nan and null.
  case missing
  /// An infinity in words, or a decimal number too large for a Double.
  case notFinite
  /// Anything else.
  case invalid

  /// The number, if there is one.
  @inlinable package var value: Double? {
    if case .number(let value) = self { value } else { nil }
  }
}

/// Numbers to and from decimal text, the same in every locale.
///
/// Reading rounds correctly to the nearest Double (ties to even) however many digits there are.
/// Writing gives the shortest digits that read back the same and, among those, the closest to the
/// true value; the layout is JavaScript's with a bare exponent (`0.1`, `100`, `1e21`, `1.5e-7`).
package enum NumberText {
  /// The room that any written number or integer needs, in bytes; a writer may use all of it.
  package static let capacity = 32
}

// MARK: Reading, safely

extension NumberText {
  /// Reads a number from bytes.
  package static func parse(_ bytes: RawSpan) -> NumberReading {
    bytes.withUnsafeBytes { parse($0) }
  }

  /// Reads a number from bytes.
  package static func parse(_ bytes: Span<UInt8>) -> NumberReading {
    bytes.withUnsafeBytes { parse($0) }
  }

  /// Reads a number from bytes.
  package static func parse(_ bytes: [UInt8]) -> NumberReading {
    bytes.withUnsafeBytes { parse($0) }
  }

  /// Reads a number from some of an array's bytes.
  package static func parse(_ bytes: [UInt8], in range: Range<Int>) -> NumberReading {
    bytes.withUnsafeBytes { parse(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Reads a number from a text.
  package static func parse(_ text: String) -> NumberReading {
    var text = text
    return text.withUTF8 { parse(UnsafeRawBufferPointer($0)) }
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer) -> NumberReading {
    guard let start = bytes.baseAddress else { return .missing }
    return parse(start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
  }
}

// MARK: Writing, safely

extension NumberText {
  /// The shortest text that reads back as the same number; `nan`, `inf` and `-inf` for the rest.
  package static func text(_ value: Double) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let count = write(value, to: start)
      return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  /// The text of an integer.
  package static func text(_ value: Int) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let count = write(value, to: start)
      return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  /// Appends the shortest text that reads back as the same number.
  package static func append(_ value: Double, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return }
      let count = write(value, to: start)
      bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
    }
  }

  /// Appends the text of an integer.
  package static func append(_ value: Int, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return }
      let count = write(value, to: start)
      bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
    }
  }
}
