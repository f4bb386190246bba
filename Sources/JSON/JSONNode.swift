package import FairpostNumerics

/// A value together with where it was found, so that a reader's errors name the place.
///
///     let map = JSONNode(value, name: "map")
///     for group in try map["groups"].array {
///       let count = try group["n"].int  // map.groups[3].n: expected a whole number, found a text
///     }
package struct JSONNode: Sendable {
  /// The value.
  package let value: JSONValue
  private let place: Place

  private indirect enum Place: Sendable {
    case root(String)
    case member(Place, String)
    case element(Place, Int)
  }

  /// The outermost value, under a name for messages.
  package init(_ value: JSONValue, name: String) {
    self.init(value, .root(name))
  }

  private init(_ value: JSONValue, _ place: Place) {
    self.value = value
    self.place = place
  }

  /// Where the value is, as in `map.groups[3].n`.
  package var path: String { Self.text(place) }

  private static func text(_ place: Place) -> String {
    switch place {
    case .root(let name): return name
    case .member(let outer, let key):
      let outer = text(outer)
      return outer.isEmpty ? key : "\(outer).\(key)"
    case .element(let outer, let position): return "\(text(outer))[\(position)]"
    }
  }
}

// MARK: Inside

extension JSONNode {
  /// The members of an object, in order.
  package var members: [(key: String, value: JSONNode)] {
    get throws(JSONError) {
      try object.members.map { ($0.key, JSONNode($0.value, .member(place, $0.key))) }
    }
  }

  /// The object itself.
  package var object: JSONObject {
    get throws(JSONError) {
      guard case .object(let object) = value else { throw wrong("an object") }
      return object
    }
  }

  /// A member that must be there.
  package subscript(key: String) -> JSONNode {
    get throws(JSONError) {
      guard let member = try object[key] else {
        throw .missing(path: Self.text(.member(place, key)))
      }
      return JSONNode(member, .member(place, key))
    }
  }

  /// A member that may be absent; null counts as absent.
  package func optional(_ key: String) throws(JSONError) -> JSONNode? {
    guard let member = try object[key] else { return nil }
    if case .null = member { return nil }
    return JSONNode(member, .member(place, key))
  }

  /// The elements of a list.
  package var array: [JSONNode] {
    get throws(JSONError) {
      guard case .array(let elements) = value else { throw wrong("a list") }
      return elements.enumerated().map { JSONNode($1, .element(place, $0)) }
    }
  }
}

// MARK: Plain values

extension JSONNode {
  /// Whether the value is null.
  package var isNull: Bool {
    if case .null = value { true } else { false }
  }

  /// A number.
  package var double: Double {
    get throws(JSONError) {
      guard let number = Self.double(value) else { throw wrong("a number") }
      return number
    }
  }

  /// A whole number; one written as 3.0 or 1e3 counts.
  package var int: Int {
    get throws(JSONError) {
      switch value {
      case .integer(let integer): return integer
      case .number(let number):
        guard let integer = Int(exactly: number) else { throw wrong("a whole number") }
        return integer
      default: throw wrong("a whole number")
      }
    }
  }

  /// The greatest number of records, or of anything counted, that a file may state.
  package static let mostCount = 1 << 53

  /// A count: a whole number between 0 and `mostCount`, so that a few thousand can be added.
  package var count: Int {
    get throws(JSONError) {
      let number = try int
      guard number >= 0, number <= Self.mostCount else {
        throw wrong("a whole number between 0 and \(Self.mostCount)")
      }
      return number
    }
  }

  /// A list of counts, the sum of which is one too.
  package var counts: [Int] {
    get throws(JSONError) {
      var (counts, sum): ([Int], Int) = ([], 0)
      for element in try array {
        counts.append(try element.count)
        sum += counts.last ?? 0
        guard sum <= Self.mostCount else { throw wrong("counts with a sum of at most 2^53") }
      }
      return counts
    }
  }

  /// A text.
  package var string: String {
    get throws(JSONError) {
      guard case .string(let string) = value else { throw wrong("a text") }
      return string
    }
  }

  /// True or false.
  package var bool: Bool {
    get throws(JSONError) {
      guard case .bool(let bool) = value else { throw wrong("true or false") }
      return bool
    }
  }

  /// A text of bytes: a string, or `{"hex": "..."}`.
  package var byteText: ByteText {
    get throws(JSONError) {
      guard let text = value.byteText else { throw wrong("a text or {\"hex\": \"...\"}") }
      return text
    }
  }

  /// A list of numbers.
  package var doubles: [Double] {
    get throws(JSONError) {
      guard case .array(let elements) = value else { throw wrong("a list of numbers") }
      var numbers: [Double] = []
      numbers.reserveCapacity(elements.count)
      for (position, element) in elements.enumerated() {
        guard let number = Self.double(element) else {
          throw JSONNode(element, .element(place, position)).wrong("a number")
        }
        numbers.append(number)
      }
      return numbers
    }
  }

  /// A list of whole numbers.
  package var ints: [Int] {
    get throws(JSONError) {
      var integers: [Int] = []
      for element in try array { integers.append(try element.int) }
      return integers
    }
  }

  /// A list of texts.
  package var strings: [String] {
    get throws(JSONError) {
      var strings: [String] = []
      for element in try array { strings.append(try element.string) }
      return strings
    }
  }

  /// An error that says what was needed here.
  package func wrong(_ expected: String) -> JSONError {
    .wrongKind(path: path, expected: expected, found: value.kind)
  }

  private static func double(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
