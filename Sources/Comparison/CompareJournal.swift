internal import FairpostFiles
package import FairpostJSON
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// A folder that holds finished cells, each in a file of its own.
///
/// `journal.json` says which comparison they are of: a digest of what every cell depends on. A cell's
/// own settings are in its name, so that more methods, settings and seeds may join later.
package struct CompareJournal: Sendable {
  private static let format = "fairpost.journal"
  private static let cellFormat = "fairpost.cell"
  private static let version = 1

  package let folder: String
  /// What every cell of the comparison depends on, as a digest.
  package let digest: String

  /// Opens a folder, or makes it; one of another comparison is refused.
  package init(_ folder: String, configuration: JSONObject, data: UInt64, resumes: Bool) throws {
    self.folder = folder
    let text = try JSONValue.object(configuration).written(.compact)
    let hash = StableHash(seed: 0, purpose: "compare.journal")
    digest = Self.hexadecimal(hash(hash(ByteText(text)) ^ data))
    let dataDigest = Self.hexadecimal(data)
    do { try SystemPath.makeDirectory(folder) } catch {
      throw Failure(.cannotCreate, "\(folder): cannot make this folder: \(error.message)")
    }
    let path = "\(folder)/journal.json"
    if FileStatus.of(path) != nil {
      let json = try StoredFile.read(path, format: Self.format, version: Self.version)
      try refuseOther(JSONNode(json, name: "file"), path, configuration, dataDigest)
      guard resumes else {
        throw UsageError(
          "\(option: "journal") \(folder): this folder already holds cells of this comparison",
          hint: "\(option: "resume") continues with them")
      }
      return
    }
    let names: [String]
    do { names = try SystemPath.contents(of: folder) } catch {
      throw Failure(.cannotCreate, "\(folder): \(error.message)")
    }
    // What an interrupted start left behind begins with a dot.
    guard names.allSatisfy({ $0.hasPrefix(".") }) else {
      throw Failure(
        .badData, "\(folder): not a journal, and not an empty folder either")
    }
    var members: JSONObject = [
      "format": .string(Self.format), "version": .integer(Self.version),
      "written by": .string("fairpost \(Version.number)"), "data": .string(dataDigest),
    ]
    members.append("configuration", .object(configuration))
    try write(try StoredFile.sealed(members), to: path)
  }

  /// Says what differs from the comparison a journal is of.
  private func refuseOther(
    _ root: JSONNode, _ path: String, _ configuration: JSONObject, _ data: String
  ) throws {
    guard try StoredFile.isIntact(root.value) else {
      throw Failure(.badModel, "\(path): the file was changed or cut short: its checksum differs")
    }
    let writer: String
    let known: JSONNode
    let knownData: String
    do {
      writer = try root["written by"].string
      known = try root["configuration"]
      knownData = try root["data"].string
    } catch { throw Failure(.badModel, "\(path): \(error)") }
    var differs: [String] = []
    if writer != "fairpost \(Version.number)" { differs.append("it was written by \(writer)") }
    if knownData != data { differs.append("the data differ") }
    if case .object(let members) = known.value {
      var names = configuration.members.map(\.key)
      names += members.members.map(\.key).filter { !names.contains($0) }
      for name in names where members[name] != configuration[name] {
        differs.append("\(name) differs")
      }
    }
    guard !differs.isEmpty else { return }
    throw Failure(
      .badData, "\(folder): the journal of another comparison: \(differs.joined(separator: ", "))",
      hint: "name another \(option: "journal"), or leave out what changed")
  }

  // MARK: Cells

  private func path(_ arm: String, _ seed: UInt64) -> String {
    let name = StableHash(seed: seed, purpose: "compare.cell")(arm)
    return "\(folder)/\(Self.hexadecimal(name)).json"
  }

  /// A finished cell, if it is there.
  package func cell(_ arm: String, _ seed: UInt64) throws -> CellResult? {
    let path = path(arm, seed)
    guard FileStatus.of(path) != nil else { return nil }
    let json = try StoredFile.read(path, format: Self.cellFormat, version: Self.version)
    guard try StoredFile.isIntact(json) else {
      throw Failure(.badModel, "\(path): the cell was changed or cut short: its checksum differs")
    }
    do {
      let root = JSONNode(json, name: "cell")
      guard try root["comparison"].string == digest, try root["arm"].string == arm,
        try root["seed"].string == String(seed)
      else {
        throw Failure(.badData, "\(path): a cell of another comparison")
      }
      return try CellResult(try root["cell"])
    } catch let error as JSONError {
      throw Failure(.badModel, "\(path): \(error)")
    }
  }

  /// Keeps a finished cell, whole or not at all.
  package func keep(_ cell: CellResult, _ arm: String, _ seed: UInt64) throws {
    let members: JSONObject = [
      "format": .string(Self.cellFormat), "version": .integer(Self.version),
      "comparison": .string(digest), "arm": .string(arm), "seed": .string(String(seed)),
      "cell": .object(cell.json),
    ]
    try write(try StoredFile.sealed(members), to: path(arm, seed))
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let output = try OutputFile.open(path)
    try output.write(bytes)
    try output.commit()
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
