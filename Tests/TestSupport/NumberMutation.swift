package import FairpostJSON
import FairpostNumerics

/// Numbers that readers of files stumble over.
package enum HostileNumber {
  /// Each as the reader of JSON would give it.
  package static let all: [JSONValue] = [
    .integer(0), .number(-0.0), .number(.leastNonzeroMagnitude), .number(1e-300), .number(1e150),
    .number(1e308), .number(-1e308), .integer(1 << 53), .number(0x1p63), .integer(.min),
  ]
}

/// A file of JSON with one of its numbers replaced.
package enum NumberMutation {
  /// How many numbers a value holds.
  package static func count(_ json: JSONValue) -> Int {
    switch json {
    case .integer, .number: 1
    case .array(let elements): elements.reduce(0) { $0 + count($1) }
    case .object(let object): object.members.reduce(0) { $0 + count($1.value) }
    default: 0
    }
  }

  /// The value with its number `place`, counted in order, replaced.
  package static func replacing(_ place: Int, of json: JSONValue, by number: JSONValue) -> JSONValue
  {
    var at = 0
    return replaced(json, place, number, &at)
  }

  private static func replaced(
    _ json: JSONValue, _ place: Int, _ number: JSONValue, _ at: inout Int
  ) -> JSONValue {
    switch json {
    case .integer, .number:
      at += 1
      return at == place + 1 ? number : json
    case .array(let elements):
      return .array(elements.map { replaced($0, place, number, &at) })
    case .object(let object):
      var changed = JSONObject()
      for (key, value) in object.members {
        changed.append(key, replaced(value, place, number, &at))
      }
      return .object(changed)
    default: return json
    }
  }

  /// The bytes of a map or model with a checksum that fits, as anybody can compute one.
  package static func sealed(_ json: JSONValue) throws -> [UInt8] {
    guard case .object(var members) = json else { return try json.written() }
    members["checksum"] = nil
    let bytes = try JSONValue.object(members).written(.compact)
    let digits = String(StableHash(seed: 0, purpose: "checksum")(ByteText(bytes)), radix: 16)
    members.append(
      "checksum", .string(String(repeating: "0", count: 16 - digits.count) + digits))
    return try JSONValue.object(members).written()
  }

  /// How many cases a test of random mutations takes: more where FAIRPOST_TORTURE says so.
  package static func cases(_ usual: Int) -> Int { Torture.cases ?? usual }
}
