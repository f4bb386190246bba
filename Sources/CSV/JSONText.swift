/// One JSON object in a line, walked member by member and checked to its end.
///
/// Values are not made into anything: a member's value is a range of the line's bytes.
struct JSONText {
  /// Where a member stands: its name between the quotes, and its value.
  struct Member {
    let name: Range<Int>
    let nameHasEscapes: Bool
    let value: Range<Int>
    /// From the quote of the name to the end of the value.
    var whole: Range<Int> { name.lowerBound - 1..<value.upperBound }
  }

  /// What is wrong with a line.
  struct Fault: Error {
    let words: String

    init(_ words: String) { self.words = words }
  }

  /// Nested deeper, a line is no record.
  private static let deepest = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  /// The members of the only object in a line.
  static func forEachMember(
    of bytes: UnsafeBufferPointer<UInt8>, _ visit: (Member) throws(Fault) -> Void
  ) throws(Fault) {
    var text = JSONText(bytes: bytes)
    try text.object(visit)
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0D { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  private mutating func object(_ visit: (Member) throws(Fault) -> Void) throws(Fault) {
    skipSpace()
    guard take(UInt8(ascii: "{")) else { throw Fault("the line is not a JSON object") }
    skipSpace()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        let from = at + 1
        let hasEscapes = try string()
        let name = from..<at - 1
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw broken() }
        skipSpace()
        let start = at
        try value(depth: 1)
        try visit(Member(name: name, nameHasEscapes: hasEscapes, value: start..<at))
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw broken() }
    }
    skipSpace()
    guard at == bytes.count else { throw Fault("something stands behind the JSON object") }
  }

  private func broken() -> Fault {
    at >= bytes.count
      ? Fault("the JSON object does not end on the line")
      : Fault("the JSON is broken at byte \(at + 1) of the line")
  }

  private mutating func value(depth: Int) throws(Fault) {
    guard depth <= Self.deepest else {
      throw Fault("the JSON is nested deeper than \(Self.deepest) levels")
    }
    switch next {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"): try list(depth, end: UInt8(ascii: "}"), named: true)
    case UInt8(ascii: "["): try list(depth, end: UInt8(ascii: "]"), named: false)
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try number()
    }
  }

  private mutating func list(_ depth: Int, end: UInt8, named: Bool) throws(Fault) {
    at += 1
    skipSpace()
    if take(end) { return }
    repeat {
      skipSpace()
      if named {
        _ = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw broken() }
        skipSpace()
      }
      try value(depth: depth + 1)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(end) else { throw broken() }
  }

  private mutating func word(_ word: StaticString) throws(Fault) {
    for place in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[place]) else { throw broken() }
    }
  }

  private mutating func digits() throws(Fault) {
    let start = at
    while let byte = next, byte >= 0x30, byte <= 0x39 { at += 1 }
    if at == start { throw broken() }
  }

  private mutating func number() throws(Fault) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
  }

  /// Passes a string; whether it has escapes.
  private mutating func string() throws(Fault) -> Bool {
    guard take(UInt8(ascii: "\"")) else { throw broken() }
    var hasEscapes = false
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return hasEscapes
      case UInt8(ascii: "\\"):
        hasEscapes = true
        switch next {
        case UInt8(ascii: "u"):
          at += 1
          for _ in 0..<4 {
            guard let digit = next, Self.hexadecimal(digit) != nil else { throw broken() }
            at += 1
          }
        case let byte? where "\"\\/bfnrt".utf8.contains(byte): at += 1
        default: throw broken()
        }
      case 0..<0x20: throw Fault("a string of the JSON holds a control character")
      default: break
      }
    }
    throw broken()
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    default: nil
    }
  }

  /// The text of a string that was passed, without its quotes; nil where half of a pair of surrogates
  /// stands alone.
  static func unescaped(_ string: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(string.count)
    var at = 0
    func unit(_ from: Int) -> UInt32? {
      guard from + 6 <= string.count, string[from] == UInt8(ascii: "\\"),
        string[from + 1] == UInt8(ascii: "u")
      else { return nil }
      return (from + 2..<from + 6).reduce(UInt32?(0)) { sum, place in
        sum.flatMap { sum in hexadecimal(string[place]).map { sum << 4 | $0 } }
      }
    }
    while at < string.count {
      guard string[at] == UInt8(ascii: "\\"), at + 1 < string.count else {
        result.append(string[at])
        at += 1
        continue
      }
      let escape = string[at + 1]
      at += 2
      switch escape {
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "u"):
        guard var scalar = unit(at - 2) else { return nil }
        at += 4
        if (0xD800..<0xDC00).contains(scalar) {
          guard let low = unit(at), (0xDC00..<0xE000).contains(low) else { return nil }
          at += 6
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let valid = Unicode.Scalar(scalar) else { return nil }
        result += UTF8.encode(valid).map { Array($0) } ?? []
      default: result.append(escape)
      }
    }
    return result
  }

  /// A text as a JSON string with its quotes.
  static func quoted(_ text: [UInt8]) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0x0A: result += Array("\\n".utf8)
      case 0x0D: result += Array("\\r".utf8)
      case 0x09: result += Array("\\t".utf8)
      case 0..<0x20:
        result +=
          Array("\\u00".utf8) + [0x30 + byte >> 4, Array("0123456789abcdef".utf8)[Int(byte & 15)]]
      default: result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
    return result
  }
}
