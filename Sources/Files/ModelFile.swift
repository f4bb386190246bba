package import FairpostJSON
package import FairpostLearning
internal import FairpostPipeline
internal import FairpostText

/// A model as a file: what every model says of itself, around the model.
package struct ModelFile {
  /// The first line of every model.
  package static let format = "fairpost.model"
  /// The version this program writes, and the newest it reads; files of version 1 have no checksum.
  package static let version = 2

  /// The model in it.
  package var model: Model
  /// The program that wrote it.
  package var writtenBy = "fairpost \(Version.number)"
  /// The sum of the training records' hashes, as hexadecimal digits.
  package var digest: String
  /// How many rows it learned from.
  package var rows: Int

  /// A file around a model.
  package init(_ model: Model, digest: UInt64, rows: Int) {
    self.model = model
    self.rows = rows
    let digits = String(digest, radix: 16)
    self.digest = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The bytes of the file.
  package func bytes() throws -> [UInt8] {
    let json: JSONObject = [
      "format": .string(ModelFile.format), "version": .integer(ModelFile.version),
      "written by": .string(writtenBy), "digest": .string(digest), "rows": .integer(rows),
      "model": model.json(),
    ]
    return try StoredFile.sealed(json)
  }

  /// Reads a model.
  package init(path: String) throws {
    try self.init(try StoredFile.value(path, expected: "a \(Self.format) file"), path: path)
  }

  /// Reads a model from the JSON of its file.
  package init(_ json: JSONValue, path: String) throws {
    try StoredFile.check(json, path, format: Self.format, version: Self.version)
    do {
      let root = JSONNode(json, name: "file")
      if try root["version"].int > 1 || root.optional("checksum") != nil {
        guard try StoredFile.isIntact(json) else {
          throw Failure(
            .badModel,
            "\(path): the model was changed after it was written: its checksum does not fit",
            hint: "train it again, or fetch it again from where it was written")
        }
      }
      writtenBy = try root["written by"].string
      digest = try root["digest"].string
      rows = try root["rows"].count
      model = try Model(JSONNode(try root["model"].value, name: "model"))
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): \(error)")
    }
  }
}
