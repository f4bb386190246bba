package import FairpostJSON
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// Models and maps: JSON files that say their format and version first.
package enum StoredFile {
  /// The most bytes of a map or model: what is larger is neither written nor read.
  package static let mostBytes = 1 << 30
  /// The limit in words, for help and messages.
  package static let mostBytesText = "1 GiB"

  /// Reads a file of a format, up to a version.
  package static func read(_ path: String, format: String, version: Int) throws -> JSONValue {
    let json = try value(path, expected: "a \(format) file")
    try check(json, path, format: format, version: version)
    return json
  }

  /// Holds a file's first words to what its reader wants.
  package static func check(_ json: JSONValue, _ path: String, format: String, version: Int) throws
  {
    let root = JSONNode(json, name: "file")
    do {
      let found = try root["format"].string
      guard found == format else {
        throw Failure(.badModel, "\(path): a \(found) file, where a \(format) file was expected")
      }
      let number = try root["version"].int
      guard number >= 1 else {
        throw try root["version"].wrong("a version of at least 1")
      }
      guard number <= version else {
        // The version alone is refused; who wrote it is only told where it is known.
        var writer = "a newer fairpost"
        if let node = try root.optional("written by"), case .string = node.value {
          writer = try node.string
        }
        throw Failure(
          .badModel,
          "\(path): \(format) version \(number), written by \(writer); this fairpost reads up to version \(version)"
        )
      }
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): not a \(format) file: \(error)")
    }
  }

  /// The JSON in a file, which is read once.
  package static func value(_ path: String, expected: String) throws -> JSONValue {
    try parsed(path, expected) { bytes throws(JSONError) in
      try JSONValue(reading: bytes, limit: mostBytes)
    }
  }

  /// All JSON in a file, where several texts may stand one behind the other.
  static func values(_ path: String, expected: String) throws -> [JSONValue] {
    try parsed(path, expected) { bytes throws(JSONError) in
      try JSONValue.all(reading: bytes, limit: mostBytes)
    }
  }

  private static func parsed<Parsed>(
    _ path: String, _ expected: String, _ parse: ([UInt8]) throws(JSONError) -> Parsed
  ) throws -> Parsed {
    let bytes = try contents(path)
    guard !bytes.isEmpty else {
      throw Failure(.badModel, "\(path): the file is empty, not \(expected)")
    }
    do { return try parse(bytes) } catch {
      throw Failure(.badModel, "\(path): not \(expected): \(error)")
    }
  }

  /// The format a file says it is of; nil where it says none.
  package static func format(_ json: JSONValue) -> String? {
    guard case .object(let members) = json, case .string(let format)? = members["format"] else {
      return nil
    }
    return format
  }

  /// The bytes of a file that ends with a checksum of all the rest.
  package static func sealed(_ members: JSONObject) throws -> [UInt8] {
    var members = members
    members.append("checksum", .string(try checksum(members)))
    let bytes = try JSONValue.object(members).written()
    guard bytes.count <= mostBytes else {
      throw Failure(
        .badData,
        "the file would have \(bytes.count) bytes, but files larger than \(mostBytesText) cannot be read again",
        hint:
          "a map without \(option: "exact") has \(option: "knots") knots a group; a model is smaller with fewer units"
      )
    }
    return bytes
  }

  /// Whether a file's checksum is there and fits, however its lines are broken.
  package static func isIntact(_ json: JSONValue) throws -> Bool {
    guard case .object(var members) = json, case .string(let stated)? = members["checksum"] else {
      return false
    }
    members["checksum"] = nil
    return try checksum(members) == stated
  }

  private static func checksum(_ members: JSONObject) throws -> String {
    let bytes = try JSONValue.object(members).written(.compact)
    let digits = String(StableHash(seed: 0, purpose: "checksum")(ByteText(bytes)), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The bytes of a whole JSON file of at most `mostBytes`; `-` is standard input.
  ///
  /// It is read in steps. A device that never ends is refused after the first unless it begins as JSON
  /// does, and after the last step that is allowed otherwise.
  package static func contents(_ path: String) throws -> [UInt8] {
    let file: SystemFile
    do { file = path == "-" ? try Input.standardInput() : try SystemFile.reading(path) } catch {
      if let error = error as? SystemError { throw Input.cannotOpen(path, error) }
      throw error
    }
    let buffer = ByteBuffer(capacity: 64 << 10)
    var hasBegun = false
    do {
      while try file.read(onto: buffer, limit: 256 << 10) > 0 {
        if !hasBegun, let first = firstByte(buffer) {
          // What begins otherwise is no JSON, as its parser will say.
          guard isStart(first) else { break }
          hasBegun = true
        }
        guard buffer.count <= mostBytes else {
          throw Failure(
            .badModel,
            "\(path): larger than \(mostBytesText), the most that a map or model may have")
        }
      }
    } catch let error as SystemError {
      throw Failure(.inputOutput, "\(path): \(error.message)")
    }
    return buffer.contents
  }

  /// The first byte that is no blank.
  private static func firstByte(_ buffer: ByteBuffer) -> UInt8? {
    buffer.copy(0..<min(buffer.count, 4096)).first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  /// Whether a JSON text, or a page of a report, may begin so: with its first sign, or a byte order mark.
  private static func isStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "["), UInt8(ascii: "\""),
      UInt8(ascii: "-"), 0xEF,
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"),
      UInt8(ascii: "n"):
      true
    default: false
    }
  }
}
