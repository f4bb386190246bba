internal import FairpostCSV
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTraining

/// Which rows train, calibrate and test under each seed, as CSV: for tools that make an arm elsewhere.
package enum CompareSplitList {
  /// Writes a line for every seed and row: the id or the row's number, the seed, the part.
  package static func write(
    _ comparison: CompareRequest, _ input: Input, to output: OutputFile, _ console: Console
  ) throws {
    let limits = try ComparePlan.limits(comparison)
    let parts = try SplitPlan(fractions: comparison.fractions).names
    let id = try comparison.columns.roles.id.map { try input.column($0) }
    var request = TableRequest()
    request.hashes = [(CompareSplit.keyHash, id)]
    if let id {
      request.texts = [id]
      request.check = { batch, _, _ in
        for row in 0..<batch.count where batch.text(row, id).isEmpty {
          batch.note(row, id.name, "the record's id is missing")
        }
      }
    }
    let table = try input.table(request)
    let dialect = input.dialect
    let comma = [dialect.delimiter]
    let first = dialect.quoted(Array((id?.name ?? "row").utf8))
    try output.write(first + comma + Array("seed".utf8) + comma + Array("part\n".utf8))
    let keys: [[UInt8]] = (0..<table.count).map { row in
      guard let column = table.texts.first else { return Array("\(row + 1)".utf8) }
      return column.codes[row] < 0
        ? [] : dialect.quoted(column.values[Int(column.codes[row])].bytes)
    }
    for seed in comparison.seeds {
      let codes = SplitPlan.parts(
        of: CompareSplit.hashes(table.hashes[0], seed: seed), limits)
      let ends = parts.map { comma + Array("\(seed)".utf8) + comma + Array("\($0)\n".utf8) }
      var bytes: [UInt8] = []
      for (row, code) in codes.enumerated() {
        bytes += keys[row]
        bytes += ends[Int(code)]
      }
      try output.write(bytes)
    }
    try output.commit()
    console.summary(table.tally)
    if id == nil {
      console.note(
        "rows are named by their number among those read; \(option: "id") COL names them by a column"
      )
    }
  }
}
