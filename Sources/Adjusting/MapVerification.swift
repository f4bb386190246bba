internal import FairpostCSV
package import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostSettings
internal import FairpostText

/// Whether an adjusted file is what a map gives: every adjusted score derived again and compared to
/// the last bit.
package struct MapVerification: Sendable {
  /// A value that is not what the map gives.
  package struct Difference: Sendable, Equatable {
    /// The line in the file.
    package let line: Int
    /// The column.
    package let column: String
    /// What stands there.
    package let found: String
    /// What the map gives; empty for none.
    package let wanted: String
  }

  /// The first that differ, as many as were asked for.
  package let listed: [Difference]
  /// How many differ.
  package let count: Int
  /// How many rows were compared.
  package let compared: Int
  /// What was read.
  package let tally: Tally

  /// Refuses a map that claims of itself what does not follow from what it holds.
  package static func refuseLies(_ map: MapFile, named name: String) throws(Failure) {
    guard let lie = map.adjustment.contradiction() else { return }
    throw Failure(.badModel, "\(name): \(lie)")
  }

  /// Reads an adjusted file.
  ///
  /// - Parameters:
  ///   - name: what messages call the map.
  ///   - limit: how many differences to list.
  package init(
    _ map: MapFile, named name: String, _ input: Input, listing limit: Int, _ voice: SettingVoice
  ) throws {
    try Self.refuseLies(map, named: name)
    // Columns of the steps are derived again too, where the file has them.
    let steps = try ApplyFilter(
      map.adjustment, input, seed: map.adjustment.seed, wantsSteps: true, voice)
    let hasSteps = steps.columnNames.allSatisfy { input.header.names.contains($0) }
    let filter =
      hasSteps
      ? steps
      : try ApplyFilter(
        map.adjustment, input, seed: map.adjustment.seed, wantsSteps: false, voice)
    let claimed = try input.columns(filter.columnNames)
    struct Found {
      var lines: Int
      var count = 0
      var compared = 0
      var listed: [Difference] = []
    }
    let found = Guarded(Found(lines: input.headerLines))
    tally = try input.run(
      makeState: { filter.makeWorker() },
      transform: {
        (batch: inout Batch, tables: inout [TupleTable]) -> (rows: Int, differences: [Difference])
        in
        let derived = try filter.process(&batch, &tables)
        var differences: [Difference] = []
        for (column, values) in zip(claimed, derived) {
          if case .choices(let codes, let texts) = values {
            for row in 0..<batch.count where !batch.isLeftOut(row) {
              let wanted = ByteText(texts[Int(codes[row])])
              let found = batch.text(row, column)
              if found == wanted { continue }
              differences.append(
                Difference(
                  line: batch.block.line(of: row), column: column.name,
                  found: found.description, wanted: wanted.description))
            }
          }
          guard case .numbers(let wanted) = values else { continue }
          let stored = batch.numbers(column)
          for row in 0..<batch.count where !batch.isLeftOut(row) {
            let same =
              stored[row].bitPattern == wanted[row].bitPattern
              || (stored[row].isNaN && wanted[row].isNaN)
            if same { continue }
            differences.append(
              Difference(
                line: batch.block.line(of: row), column: column.name,
                found: batch.text(row, column).description,
                wanted: wanted[row].isNaN ? "" : NumberText.text(wanted[row])))
          }
        }
        let rows = (0..<batch.count).count { !batch.isLeftOut($0) }
        return (rows, differences.sorted { $0.line < $1.line })
      },
      consume: { (batch: (rows: Int, differences: [Difference]), tally: Tally) in
        found.withLock { found in
          for difference in batch.differences where found.listed.count < limit {
            found.listed.append(
              Difference(
                line: found.lines + difference.line + 1, column: difference.column,
                found: difference.found, wanted: difference.wanted))
          }
          found.count += batch.differences.count
          found.compared += batch.rows
          found.lines += tally.lines
        }
      })
    let result = found.withLock { $0 }
    (listed, count, compared) = (result.listed, result.count, result.compared)
  }
}
