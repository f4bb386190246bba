package import FairpostJSON
package import FairpostMethods
internal import FairpostPipeline
internal import FairpostText

/// The summary of a fit's records as a file: what a part of the data adds to the fit of the whole.
package struct SummaryFile {
  /// The first line of every summary.
  package static let format = "fairpost.summary"
  /// The version this program writes, and the newest it reads.
  package static let version = 1

  /// What is kept of the records.
  package let summary: any FitSummary
  /// The method that fits it.
  package let method: String
  /// What it says of its origin.
  package let provenance: MapFile.Provenance

  package init(summary: any FitSummary, method: String, provenance: MapFile.Provenance) {
    self.summary = summary
    self.method = method
    self.provenance = provenance
  }

  /// The bytes of the file.
  package func bytes() throws -> [UInt8] {
    var json: JSONObject = [
      "format": .string(Self.format), "version": .integer(Self.version),
    ]
    provenance.add(to: &json, method: method)
    json.append("summary", summary.json())
    return try StoredFile.sealed(json)
  }

  /// Reads the summaries in a file, or maps that keep all their records; several may stand one behind the other.
  package static func all(_ path: String) throws -> [SummaryFile] {
    try StoredFile.values(path, expected: "a summary or a map").map { try read($0, path) }
  }

  private static func read(_ json: JSONValue, _ path: String) throws -> SummaryFile {
    if StoredFile.format(json) == MapFile.format {
      let map = try MapFile(json, path: path)
      guard let summary = map.adjustment.summary else {
        throw Failure(
          .badModel, "\(path): the map does not keep its records and cannot be merged",
          hint:
            "fit each part with \(option: "summary"), or with \(option: "exact") for maps that merge"
        )
      }
      return SummaryFile(summary: summary, method: map.method, provenance: map.provenance)
    }
    return try SummaryFile(json, path: path)
  }

  /// Reads a summary from the JSON of its file.
  package init(_ json: JSONValue, path: String) throws {
    try StoredFile.check(json, path, format: Self.format, version: Self.version)
    guard try StoredFile.isIntact(json) else {
      throw Failure(
        .badModel,
        "\(path): the summary was changed after it was written: its checksum does not fit",
        hint: "fetch it again from where it was written")
    }
    do {
      let root = JSONNode(json, name: "summary")
      let name = try root["method"].string
      let method = adjustmentMethods.first { $0.info.name == name }
      guard let summary = try method?.readSummary(try root["summary"].value) else {
        throw Failure(.badModel, "\(path): this fairpost cannot merge fits of \"\(name)\"")
      }
      self.init(summary: summary, method: name, provenance: try MapFile.Provenance(root))
    } catch let error as JSONError { throw Failure(.badModel, "\(path): \(error)") }
  }

  /// The summary of the records of several.
  package static func merging(_ parts: [(path: String, file: SummaryFile)]) throws -> SummaryFile {
    guard let (name, first) = parts.first else {
      throw Failure(.badData, "there is nothing to merge")
    }
    var digest: UInt64 = 0
    for (path, part) in parts {
      guard part.method == first.method else {
        throw Failure(
          .badData,
          "\(name) and \(path) do not fit together: one is of \(first.method), one of \(part.method)"
        )
      }
      if let words = first.provenance.difference(to: part.provenance) {
        throw Failure(
          .badData, "\(name) and \(path) do not fit together: they were made with \(words)")
      }
      digest &+= UInt64(part.provenance.digest, radix: 16) ?? 0
      if let words = first.summary.conflict(with: part.summary) {
        throw Failure(.badData, "\(name) and \(path) do not fit together: \(words)")
      }
    }
    let merged = try type(of: first.summary).merging(parts.map(\.file.summary))
    var provenance = first.provenance
    provenance.writtenBy = MapFile.Provenance().writtenBy
    provenance.digest = MapFile.Provenance.digits(digest)
    return SummaryFile(summary: merged, method: first.method, provenance: provenance)
  }

  /// The map of all its records, with notes for people.
  package func map(threads: Int) throws -> (map: MapFile, notes: [String]) {
    let (adjustment, notes) = try summary.fit(threads: threads)
    return (MapFile(adjustment: adjustment, method: method, provenance: provenance), notes)
  }
}

extension MapFile.Provenance {
  /// A digest in digits.
  package static func digits(_ digest: UInt64) -> String {
    let digits = String(digest, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Adds what is known to a file.
  func add(to json: inout JSONObject, method: String) {
    var object = JSONObject()
    // A repeated option is a list.
    for (name, _) in options where object[name] == nil {
      let values = options.filter { $0.name == name }.map(\.value)
      object.append(
        name, values.count == 1 ? .string(values[0]) : .array(values.map { .string($0) }))
    }
    json.append("written by", .string(writtenBy))
    json.append("method", .string(method))
    json.append("options", .object(object))
    json.append("digest", .string(digest))
  }

  /// Reads what a file says of its origin.
  init(_ root: JSONNode) throws {
    self.init()
    writtenBy = try root["written by"].string
    digest = try root["digest"].string
    for (key, node) in try root["options"].members {
      if case .array = node.value {
        // A list is a repeated option.
        for value in try node.strings { options.append((key, value)) }
      } else {
        options.append((key, try node.string))
      }
    }
  }

  /// The first option that differs, with both values; nil where all agree.
  fileprivate func difference(to other: Self) -> Message? {
    func values(_ all: [(name: String, value: String)], _ name: String) -> [String]? {
      let own = all.filter { $0.name == name }.map(\.value)
      return own.isEmpty ? nil : own
    }
    for name in options.map(\.name) + other.options.map(\.name) {
      let (one, two) = (values(options, name), values(other.options, name))
      guard one != two else { continue }
      func words(_ values: [String]?) -> Message {
        guard let values else { return "no \(option: name)" }
        return "\(option: name) \(values.joined(separator: " "))"
      }
      return "\(words(one)) and \(words(two))"
    }
    return nil
  }
}
