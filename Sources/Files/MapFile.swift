package import FairpostJSON
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// A map as a file: what every map says of itself, around what its method stores.
package struct MapFile {
  /// The first line of every map.
  package static let format = "fairpost.map"
  /// The version this program writes, and the newest it reads.
  package static let version = 2

  /// The adjustment in it.
  package let adjustment: any Adjustment
  /// The method that made it.
  package let method: String
  /// What it says of its origin.
  package let provenance: Provenance

  /// Where a map comes from: the command line's meaning and a digest of the input.
  package struct Provenance {
    package var writtenBy = "fairpost \(Version.number)"
    /// The options that decide the result, as given.
    package var options: [(name: String, value: String)] = []
    /// The sum of the used records' hashes, as hexadecimal digits.
    package var digest = ""

    /// Nothing known but the program that writes it.
    package init() {}
  }

  /// The bytes of the file.
  package func bytes() throws -> [UInt8] {
    var json: JSONObject = [
      "format": .string(MapFile.format), "version": .integer(MapFile.version),
    ]
    provenance.add(to: &json, method: method)
    json.append("map", adjustment.json())
    return try StoredFile.sealed(json)
  }

  /// Reads a map.
  package init(path: String) throws {
    try self.init(try StoredFile.value(path, expected: "a \(Self.format) file"), path: path)
  }

  /// Reads a map from the JSON of its file.
  package init(_ json: JSONValue, path: String) throws {
    try StoredFile.check(json, path, format: MapFile.format, version: MapFile.version)
    guard try StoredFile.isIntact(json) else {
      throw Failure(
        .badModel, "\(path): the map was changed after it was written: its checksum does not fit",
        hint: "fit it again, or fetch it again from where it was written")
    }
    do {
      let root = JSONNode(json, name: "map")
      let name = try root["method"].string
      guard let method = adjustmentMethods.first(where: { $0.info.name == name }) else {
        throw Failure(.badModel, "\(path): this fairpost has no adjustment \"\(name)\"")
      }
      self.method = name
      provenance = try Provenance(root)
      adjustment = try method.read(try root["map"].value)
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): \(error)")
    } catch let error as Failure {
      throw error
    } catch {
      throw Failure(.badModel, "\(path): \(error)")
    }
  }

  package init(adjustment: any Adjustment, method: String, provenance: Provenance) {
    self.adjustment = adjustment
    self.method = method
    self.provenance = provenance
  }

}
