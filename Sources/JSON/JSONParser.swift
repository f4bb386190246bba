internal import FairpostNumerics

extension JSONValue {
  /// The deepest nesting of lists and objects that is read or written.
  package static let mostDepth = 64

  /// Reads a JSON text (RFC 8259), strictly: no duplicate names, no comments, UTF-8 checked.
  ///
  /// Anything but blanks after the value is an error. A leading byte order mark is skipped.
  ///
  /// - Parameters:
  ///   - bytes: the whole text.
  ///   - limit: the most bytes that are read, so that a wrong file cannot exhaust the machine.
  package init(reading bytes: [UInt8], limit: Int) throws(JSONError) {
    guard bytes.count <= limit else {
      throw .tooLarge(bytes: bytes.count, limit: limit)
    }
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// Parses all documents of a text, which may stand one behind the other.
  package static func all(reading bytes: [UInt8], limit: Int) throws(JSONError) -> [JSONValue] {
    guard bytes.count <= limit else {
      throw .tooLarge(bytes: bytes.count, limit: limit)
    }
    var parser = JSONParser(bytes: bytes)
    return try parser.documents()
  }
}

/// One pass over the bytes; recursion is bounded by the depth limit.
private struct JSONParser {
  let bytes: [UInt8]
  var at = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try next()
    guard at == bytes.count else { throw unexpected("the end of the file") }
    return value
  }

  mutating func documents() throws(JSONError) -> [JSONValue] {
    var values = [try next()]
    while at < bytes.count { values.append(try next()) }
    return values
  }

  /// The next document, with the blanks around it.
  private mutating func next() throws(JSONError) -> JSONValue {
    if at == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    skipBlanks()
    let value = try value()
    skipBlanks()
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    guard at < bytes.count else { throw unexpected("a value") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw unexpected("a value")
    }
  }

  // MARK: Structure

  private mutating func enter() throws(JSONError) {
    depth += 1
    guard depth <= JSONValue.mostDepth else {
      let place = place(at)
      throw .tooDeep(line: place.line, column: place.column, limit: JSONValue.mostDepth)
    }
    at += 1
    skipBlanks()
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    try enter()
    var elements: [JSONValue] = []
    if peek() != UInt8(ascii: "]") {
      while true {
        elements.append(try value())
        skipBlanks()
        guard peek() == UInt8(ascii: ",") else { break }
        at += 1
        skipBlanks()
      }
    }
    guard peek() == UInt8(ascii: "]") else {
      throw unexpected(elements.isEmpty ? "a value or \"]\"" : "\",\" or \"]\"")
    }
    at += 1
    depth -= 1
    return .array(elements)
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    try enter()
    var object = JSONObject()
    if peek() != UInt8(ascii: "}") {
      while true {
        guard peek() == UInt8(ascii: "\"") else {
          throw unexpected(object.count == 0 ? "a name in quotes or \"}\"" : "a name in quotes")
        }
        let start = at
        let key = try string()
        skipBlanks()
        guard peek() == UInt8(ascii: ":") else { throw unexpected("\":\"") }
        at += 1
        skipBlanks()
        let isNew = object.append(key, try value())
        guard isNew else {
          let place = place(start)
          throw .duplicateKey(line: place.line, column: place.column, key: key)
        }
        skipBlanks()
        guard peek() == UInt8(ascii: ",") else { break }
        at += 1
        skipBlanks()
      }
    }
    guard peek() == UInt8(ascii: "}") else { throw unexpected("\",\" or \"}\"") }
    at += 1
    depth -= 1
    return .object(object)
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let text = word.description
    for byte in text.utf8 {
      guard peek() == byte else { throw unexpected(text) }
      at += 1
    }
    return value
  }

  private mutating func skipBlanks() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  // MARK: Numbers

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let isZeroFirst = peek() == 0x30
    let whole = try digits()
    // Leading zeros are no JSON.
    guard !isZeroFirst || whole.count == 1 else {
      at = whole.lowerBound + 1
      throw unexpected("no digit after a leading 0")
    }
    var isInteger = true
    if peek() == UInt8(ascii: ".") {
      at += 1
      isInteger = false
      _ = try digits()
    }
    if let letter = peek(), letter | 0x20 == UInt8(ascii: "e") {
      at += 1
      isInteger = false
      if let sign = peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { at += 1 }
      _ = try digits()
    }
    if isInteger, let integer = integer(whole, isNegative: whole.lowerBound > start) {
      return .integer(integer)
    }
    guard let value = NumberText.parse(bytes, in: start..<at).value else {
      let place = place(start)
      throw .outOfRange(line: place.line, column: place.column)
    }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) -> Range<Int> {
    let start = at
    while at < bytes.count, bytes[at] &- 0x30 <= 9 { at += 1 }
    guard at > start else { throw unexpected("a digit") }
    return start..<at
  }

  /// The integer, if it fits; -0 is left to Double, which has one.
  private func integer(_ range: Range<Int>, isNegative: Bool) -> Int? {
    guard range.count <= 19, !(isNegative && bytes[range.lowerBound] == 0x30) else { return nil }
    var magnitude: UInt64 = 0
    for i in range { magnitude = magnitude &* 10 &+ UInt64(bytes[i] &- 0x30) }
    guard isNegative else { return Int(exactly: magnitude) }
    return magnitude <= 1 << 63 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  // MARK: Texts

  private mutating func string() throws(JSONError) -> String {
    let open = at
    at += 1
    let start = at
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        let end = at
        at += 1
        return try text(bytes[start..<end], open: open)
      case UInt8(ascii: "\\"): return try escapedString(open: open)
      case 0..<0x20: throw unexpected("a character of the text (escaped, as \\n)")
      default: at += 1
      }
    }
    throw unexpected("the quote that closes the text")
  }

  /// The slow route of texts that have escapes, from the first of them on.
  private mutating func escapedString(open: Int) throws(JSONError) -> String {
    var buffer = Array(bytes[open + 1..<at])
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        return try text(buffer[...], open: open)
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &buffer)
      case 0..<0x20: throw unexpected("a character of the text (escaped, as \\n)")
      default:
        buffer.append(byte)
        at += 1
      }
    }
    throw unexpected("the quote that closes the text")
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
    guard let letter = peek() else { throw unexpected("an escape") }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(letter)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"):
      at += 1
      var code = try hexUnit()
      if code & 0xFC00 == 0xD800 {
        guard peek() == UInt8(ascii: "\\") else { throw unexpected("a low surrogate") }
        at += 1
        guard peek() == UInt8(ascii: "u") else { throw unexpected("a low surrogate") }
        at += 1
        let start = at
        let low = try hexUnit()
        guard low & 0xFC00 == 0xDC00 else {
          at = start
          throw unexpected("a low surrogate")
        }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else {
        at -= 4
        throw unexpected("a high surrogate before a low one")
      }
      buffer.append(contentsOf: Character(scalar).utf8)
      return
    default: throw unexpected("an escape (one of \"\\/bfnrtu)")
    }
    at += 1
  }

  private mutating func hexUnit() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Hex.value(byte) else {
        throw unexpected("a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }

  private func text(_ slice: ArraySlice<UInt8>, open: Int) throws(JSONError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else {
      let place = place(open)
      throw .notUTF8(line: place.line, column: place.column)
    }
    return text
  }

  // MARK: Errors

  private func unexpected(_ expected: String) -> JSONError {
    let place = place(at)
    guard at < bytes.count else {
      // Nothing but blanks is as good as nothing.
      let isEmpty = bytes.allSatisfy { [0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF].contains($0) }
      return .cutShort(
        line: isEmpty ? 1 : place.line, column: isEmpty ? 1 : place.column, expected: expected)
    }
    let byte = bytes[at]
    let found =
      switch byte {
      case 0x0A, 0x0D: "the end of the line"
      case UInt8(ascii: "\""): "a quote"
      case 0x21...0x7E: "\"\(Character(Unicode.Scalar(byte)))\""
      case 0x20: "a blank"
      default: "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
      }
    return .unexpected(line: place.line, column: place.column, found: found, expected: expected)
  }

  private func place(_ offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<min(offset, bytes.count)]
    let line = 1 + before.lazy.filter { $0 == 0x0A }.count
    let lineStart = (before.lastIndex(of: 0x0A) ?? -1) + 1
    let column = 1 + before[lineStart...].lazy.filter { $0 & 0xC0 != 0x80 }.count
    return (line, column)
  }
}
