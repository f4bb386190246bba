package import FairpostNumerics

/// A JSON text as a value: what models, maps and reports are made of.
package enum JSONValue: Sendable {
  /// The word `null`.
  case null
  /// The words `true` and `false`.
  case bool(Bool)
  /// A number whose text is an integer in the range of Int, kept exactly.
  case integer(Int)
  /// Any other number; finite, or the writer refuses it.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values in the order they were written.
  case object(JSONObject)
}

extension JSONValue {
  /// A list of numbers.
  package init(_ numbers: [Double]) { self = .array(numbers.map { .number($0) }) }

  /// A list of integers.
  package init(_ integers: [Int]) { self = .array(integers.map { .integer($0) }) }

  /// A text of bytes: a string where they are UTF-8, else `{"hex": "..."}`.
  package init(_ text: ByteText) {
    if let string = text.string {
      self = .string(string)
      return
    }
    var hex: [UInt8] = []
    hex.reserveCapacity(2 * text.bytes.count)
    for byte in text.bytes {
      hex.append(Hex.digit(byte >> 4))
      hex.append(Hex.digit(byte & 15))
    }
    self = .object(["hex": .string(String(decoding: hex, as: UTF8.self))])
  }

  /// The bytes of a string or of `{"hex": "..."}`, or nil for anything else.
  package var byteText: ByteText? {
    switch self {
    case .string(let string): return ByteText(string)
    case .object(let object):
      guard object.count == 1, case .string(let text)? = object["hex"] else { return nil }
      let digits = Array(text.utf8)
      guard digits.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(digits.count / 2)
      for at in stride(from: 0, to: digits.count, by: 2) {
        guard let high = Hex.value(digits[at]), let low = Hex.value(digits[at + 1]) else {
          return nil
        }
        bytes.append(high << 4 | low)
      }
      return ByteText(bytes)
    default: return nil
    }
  }

  /// What kind of value this is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONValue: Equatable {
  /// Whether two values are the same; texts are compared by bytes, and an integer equals the
  /// number that its text is as a Double: large whole numbers are written in shortest digits.
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
      Double(a) == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object with members in the order written.
  ///
  /// - Precondition: no two names are the same.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements {
      let isNew = object.append(key, value)
      precondition(isNew, "two members have one name")
    }
    self = .object(object)
  }
}

/// Hexadecimal digits as bytes.
enum Hex {
  static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }
}
