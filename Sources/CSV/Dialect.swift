/// How records are written: the byte between fields.
///
/// Quotes are RFC 4180's, lines end in LF or CRLF.
package struct Dialect: Equatable, Sendable {
  /// The byte between two fields.
  package let delimiter: UInt8

  /// The byte around a field that holds delimiters, quotes or newlines.
  package static let quote = UInt8(ascii: "\"")
  package static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// A dialect; `nil` where the byte is a quote or a line ending, which cannot delimit.
  package init?(delimiter: UInt8) {
    guard ![Dialect.quote, Dialect.newline, Dialect.carriageReturn].contains(delimiter) else {
      return nil
    }
    self.delimiter = delimiter
  }

  private init(known delimiter: UInt8) { self.delimiter = delimiter }

  /// Comma-separated.
  package static let comma = Dialect(known: UInt8(ascii: ","))
  /// Tab-separated.
  package static let tab = Dialect(known: UInt8(ascii: "\t"))

  /// A field's text, quoted only where it must be.
  package func quoted(_ bytes: [UInt8]) -> [UInt8] {
    let mustQuote = bytes.contains { byte in
      byte == delimiter || byte == Dialect.quote || byte == Dialect.newline
        || byte == Dialect.carriageReturn
    }
    guard mustQuote else { return bytes }
    var result = [Dialect.quote]
    for byte in bytes {
      if byte == Dialect.quote { result.append(byte) }
      result.append(byte)
    }
    result.append(Dialect.quote)
    return result
  }

  /// Several fields as a record without its line ending.
  package func record(_ fields: [[UInt8]]) -> [UInt8] {
    // A lone empty field would read back as a blank line.
    if fields.count == 1, fields[0].isEmpty { return [Dialect.quote, Dialect.quote] }
    var record: [UInt8] = []
    record.reserveCapacity(fields.reduce(fields.count) { $0 + $1.count })
    for (place, field) in fields.enumerated() {
      if place > 0 { record.append(delimiter) }
      record += quoted(field)
    }
    return record
  }
}
