internal import JSON
internal import Numerics
internal import Pipeline

/// Models and maps: JSON files that say their format and version first.
enum StoredFile {
  /// Reads a file of a format, up to a version.
  static func read(_ path: String, format: String, version: Int) throws -> JSONValue {
    let bytes = try contents(path)
    guard !bytes.isEmpty else {
      throw Failure(.badModel, "\(path): the file is empty, not a \(format) file")
    }
    let json: JSONValue
    do { json = try JSONValue(reading: bytes, limit: bytes.count) } catch {
      throw Failure(.badModel, "\(path): not a \(format) file: \(error)")
    }
    let root = JSONNode(json, name: "file")
    do {
      let found = try root["format"].string
      guard found == format else {
        throw Failure(.badModel, "\(path): a \(found) file, where a \(format) file is wanted")
      }
      let number = try root["version"].int
      guard number <= version else {
        // The version alone is refused; who wrote it is only told where it is known.
        let writer = (try? root["written by"].string) ?? "a newer fairpost"
        throw Failure(
          .badModel,
          "\(path): \(format) version \(number), written by \(writer); this fairpost reads up to version \(version)"
        )
      }
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): not a \(format) file: \(error)")
    }
    return json
  }

  /// The format a file says it is of; nil where it says none.
  static func format(_ path: String) throws -> String? {
    // Only to choose a reader; that reader reports what is wrong with the file.
    guard let json = try? JSONValue(reading: try contents(path), limit: .max) else { return nil }
    return try? JSONNode(json, name: "file")["format"].string
  }

  /// The bytes of a file that ends with a checksum of all the rest.
  static func sealed(_ members: JSONObject) throws -> [UInt8] {
    var members = members
    members.append("checksum", .string(try checksum(members)))
    return try JSONValue.object(members).written()
  }

  /// Whether a file's checksum is there and fits, however its lines are broken.
  static func isIntact(_ json: JSONValue) throws -> Bool {
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

  /// The bytes of a whole file; `-` is standard input.
  static func contents(_ path: String) throws -> [UInt8] {
    let file: SystemFile
    do { file = path == "-" ? .standardInput : try SystemFile.reading(path) } catch {
      throw Failure(.noInput, "\(path): \(error.message)")
    }
    let buffer = ByteBuffer(capacity: 64 << 10)
    do { while try file.read(onto: buffer, limit: 256 << 10) > 0 {} } catch {
      throw Failure(.inputOutput, "\(path): \(error.message)")
    }
    return buffer.contents
  }
}
