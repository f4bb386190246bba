internal import JSON
internal import Learning
internal import Pipeline

/// A model as a file: what every model says of itself, around the model.
struct ModelFile {
  /// The first line of every model.
  static let format = "fairpost.model"
  /// The version this program writes, and the newest it reads.
  static let version = 1

  /// The model in it.
  var model: Model
  /// The program that wrote it.
  var writtenBy = "fairpost \(Version.number)"
  /// The sum of the training records' hashes, as hexadecimal digits.
  var digest: String
  /// How many rows it learned from.
  var rows: Int

  /// A file around a model.
  init(_ model: Model, digest: UInt64, rows: Int) {
    self.model = model
    self.rows = rows
    let digits = String(digest, radix: 16)
    self.digest = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The bytes of the file.
  func bytes() throws -> [UInt8] {
    let json: JSONValue = [
      "format": .string(ModelFile.format), "version": .integer(ModelFile.version),
      "written by": .string(writtenBy), "digest": .string(digest), "rows": .integer(rows),
      "model": model.json(),
    ]
    return try json.written()
  }

  /// Reads a model.
  init(path: String) throws {
    let json = try StoredFile.read(path, format: ModelFile.format, version: ModelFile.version)
    do {
      let root = JSONNode(json, name: "file")
      writtenBy = try root["written by"].string
      digest = try root["digest"].string
      rows = try root["rows"].int
      model = try Model(JSONNode(try root["model"].value, name: "model"))
    } catch {
      throw Failure(.badModel, "\(path): \(error)")
    }
  }
}
