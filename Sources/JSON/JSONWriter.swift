internal import FairpostNumerics

extension JSONValue {
  /// How a JSON text is laid out.
  package enum Layout: Sendable {
    /// One member or element a line, two blanks a level; lists of plain values fill lines of a
    /// hundred columns. Ends with a newline.
    case lines
    /// Everything on one line, without blanks and without a newline.
    case compact
  }

  /// The value as JSON text, the same bytes for the same value.
  ///
  /// - Throws: `JSONError.notFinite` for a number that JSON cannot write, and `JSONError.tooDeep`
  ///   for what the reader would refuse.
  package func written(_ layout: Layout = .lines) throws(JSONError) -> [UInt8] {
    var writer = JSONWriter(isCompact: layout == .compact)
    try writer.write(self, level: 0)
    if layout == .lines { writer.bytes.append(0x0A) }
    return writer.bytes
  }
}

private struct JSONWriter {
  let isCompact: Bool
  var bytes: [UInt8] = []
  /// Where the value being written is: names and positions from the outside in.
  var path: [Step] = []

  enum Step {
    case key(String)
    case position(Int)
  }

  static let width = 100

  init(isCompact: Bool) { self.isCompact = isCompact }

  mutating func write(_ value: JSONValue, level: Int) throws(JSONError) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): NumberText.append(value, to: &bytes)
    case .number(let value):
      guard value.isFinite else { throw .notFinite(path: pathText) }
      NumberText.append(value, to: &bytes)
    case .string(let text): write(text)
    case .array(let elements): try write(elements, level: level)
    case .object(let object): try write(object, level: level)
    }
  }

  // MARK: Lists

  private mutating func write(_ elements: [JSONValue], level: Int) throws(JSONError) {
    try checkDepth(level)
    guard !elements.isEmpty else {
      bytes.append(contentsOf: "[]".utf8)
      return
    }
    bytes.append(UInt8(ascii: "["))
    let isPlain = !isCompact && elements.allSatisfy(Self.isPlain)
    if isPlain, try writeOnOneLine(elements, level: level) { return }

    var lineStart = 0
    for (position, element) in elements.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      if !isPlain || position == 0 {
        lineStart = bytes.count + 1
        newLine(level + 1)
      } else {
        bytes.append(0x20)
      }
      let start = bytes.count
      path.append(.position(position))
      try write(element, level: level + 1)
      path.removeLast()
      // One more column for the comma.
      if isPlain, position > 0, bytes.count + 1 - lineStart > Self.width {
        // The blank before the element becomes the line break.
        let moved = Self.copy(bytes, from: start)
        bytes.removeSubrange(start - 1..<bytes.count)
        lineStart = bytes.count + 1
        newLine(level + 1)
        bytes.append(contentsOf: moved)
      }
    }
    newLine(level)
    bytes.append(UInt8(ascii: "]"))
  }

  /// Writes a list after its bracket if it fits the line; else leaves nothing and returns false.
  private mutating func writeOnOneLine(
    _ elements: [JSONValue], level: Int
  ) throws(JSONError) -> Bool {
    let start = bytes.count
    // A list has a name before it, which is at most a line away.
    let used = Self.columnsUsed(bytes)
    // One column for the bracket and one for a comma.
    let room = Self.width - used - 2
    for (position, element) in elements.enumerated() {
      if position > 0 { bytes.append(contentsOf: ", ".utf8) }
      path.append(.position(position))
      try write(element, level: level + 1)
      path.removeLast()
      guard bytes.count - start <= room else {
        bytes.removeSubrange(start...)
        return false
      }
    }
    bytes.append(UInt8(ascii: "]"))
    return true
  }

  /// The bytes from an index on, in an array of their own.
  ///
  /// A function, so that no slice of the text lives on: changing the text would copy all of it.
  private static func copy(_ bytes: [UInt8], from start: Int) -> [UInt8] { Array(bytes[start...]) }

  /// The columns of the last line, as far as they matter.
  private static func columnsUsed(_ bytes: [UInt8]) -> Int {
    let window = bytes.suffix(width)
    return window.lastIndex(of: 0x0A).map { window.endIndex - $0 - 1 } ?? window.count
  }

  /// Whether a value stands on a line with others: no list, and no object but bytes in hexadecimal.
  private static func isPlain(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let elements): elements.isEmpty
    case .object(let object): object.count == 0 || isHex(object)
    default: true
    }
  }

  private static func isHex(_ object: JSONObject) -> Bool {
    guard object.count == 1, case .string? = object["hex"] else { return false }
    return true
  }

  // MARK: Objects

  private mutating func write(_ object: JSONObject, level: Int) throws(JSONError) {
    try checkDepth(level)
    guard object.count > 0 else {
      bytes.append(contentsOf: "{}".utf8)
      return
    }
    let isOnOneLine = Self.isHex(object)
    bytes.append(UInt8(ascii: "{"))
    for (position, member) in object.members.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      if !isOnOneLine { newLine(level + 1) }
      write(member.key)
      bytes.append(UInt8(ascii: ":"))
      if !isCompact { bytes.append(0x20) }
      path.append(.key(member.key))
      try write(member.value, level: level + 1)
      path.removeLast()
    }
    if !isOnOneLine { newLine(level) }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func newLine(_ level: Int) {
    guard !isCompact else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
  }

  private func checkDepth(_ level: Int) throws(JSONError) {
    guard level < JSONValue.mostDepth else {
      throw .tooDeep(line: 0, column: 0, limit: JSONValue.mostDepth)
    }
  }

  // MARK: Texts

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(Hex.digit(byte >> 4))
        bytes.append(Hex.digit(byte & 15))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private var pathText: String {
    var text = ""
    for step in path {
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .position(let position): text += "[\(position)]"
      }
    }
    return text.isEmpty ? "the value" : text
  }
}
