internal import FairpostFiles
internal import FairpostMethods
package import FairpostPipeline
internal import FairpostSettings

/// The fit of all records from the summaries of their parts.
package enum MapMerge {
  /// The bytes of a map, or of a summary that can be merged further.
  package static func bytes(
    _ paths: [String], asSummary: Bool, threads: Int, _ console: Console
  ) throws -> [UInt8] {
    do {
      let all = try paths.flatMap { path in
        try SummaryFile.all(path).map { (path: path, file: $0) }
      }
      let whole = try SummaryFile.merging(all)
      let records = Console.grouped(whole.summary.records)
      var parts = "\(records) records of \(paths.count) file\(paths.count == 1 ? "" : "s")"
      if all.count > paths.count { parts += ", in \(all.count) summaries" }
      if asSummary {
        console.note(parts)
        return try whole.bytes()
      }
      let (map, notes) = try whole.map(threads: threads)
      console.note(parts)
      for note in notes { console.note(note) }
      return try map.bytes()
    } catch let error as AdjustmentError {
      throw error.failure(input: paths.joined(separator: ", "), .command)
    }
  }
}
