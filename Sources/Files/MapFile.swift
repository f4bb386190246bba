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
    var options = JSONObject()
    // A repeated option is a list.
    for (name, value) in provenance.options {
      guard options[name] == nil else { continue }
      let values = provenance.options.filter { $0.name == name }.map(\.value)
      options.append(name, values.count == 1 ? .string(value) : .array(values.map { .string($0) }))
    }
    let json: JSONObject = [
      "format": .string(MapFile.format), "version": .integer(MapFile.version),
      "written by": .string(provenance.writtenBy), "method": .string(method),
      "options": .object(options), "digest": .string(provenance.digest),
      "map": adjustment.json(),
    ]
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
      var provenance = Provenance()
      provenance.writtenBy = try root["written by"].string
      provenance.digest = try root["digest"].string
      for (key, node) in try root["options"].members {
        if case .array = node.value {
          // A list is a repeated option.
          for value in try node.strings { provenance.options.append((key, value)) }
        } else {
          provenance.options.append((key, try node.string))
        }
      }
      self.provenance = provenance
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
