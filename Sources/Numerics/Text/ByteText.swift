/// A field's text as the bytes it is made of; it need not be UTF-8.
///
/// Ordered by bytes, so that sorting is the same in every locale.
package struct ByteText: Hashable, Comparable, Sendable {
  /// The bytes, unquoted.
  package let bytes: [UInt8]

  /// A text from its bytes.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A text from a string's UTF-8 bytes.
  package init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether there are no bytes.
  package var isEmpty: Bool { bytes.isEmpty }

  /// The text, if the bytes are UTF-8.
  package var string: String? { String(validating: bytes, as: UTF8.self) }

  package static func < (left: ByteText, right: ByteText) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension ByteText: CustomStringConvertible, ExpressibleByStringLiteral {
  /// The text for people to read: bytes that are not UTF-8 show as U+FFFD.
  package var description: String { String(decoding: bytes, as: UTF8.self) }

  package init(stringLiteral value: String) { self.init(value) }
}
