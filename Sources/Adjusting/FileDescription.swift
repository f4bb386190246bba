package import FairpostFiles
internal import FairpostMethods
internal import FairpostPipeline
internal import FairpostText

/// What a map or a summary of a fit says of itself, in words and numbers.
package enum FileDescription {
  /// The text of a map; what contradicts itself is not repeated.
  package static func text(_ map: MapFile, _ path: String) throws -> String {
    if let lie = map.adjustment.contradiction() { throw Failure(.badModel, "\(path): \(lie)") }
    let head = "\(path): a map of the method \(map.method), written by"
    return Shown.page(origin(head, map.provenance) + [""]) + map.adjustment.description()
  }

  /// The text of a summary.
  package static func text(_ file: SummaryFile, _ path: String) -> String {
    let head = "\(path): records for a fit of the method \(file.method), kept by"
    return Shown.page(
      origin(head, file.provenance) + [
        "records: \(Console.grouped(file.summary.records))",
        "fairpost merge makes the map of this and other summaries.",
      ])
  }

  private static func origin(_ head: String, _ provenance: MapFile.Provenance) -> [String] {
    let options = provenance.options.map {
      $0.value.isEmpty ? "--\($0.name)" : "--\($0.name) \($0.value)"
    }
    return [
      "\(head) \(provenance.writtenBy)",
      "fitted with: \(options.isEmpty ? "no options" : options.joined(separator: " "))",
      "digest of the records: \(provenance.digest)",
    ]
  }
}
