internal import FairpostAdjusting
internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost verify`: whether an adjusted file is what a map gives.
enum VerifyCommand: Command {
  static let spec = CommandSpec(
    "verify", summary: "say whether an adjusted file is what a map gives", usage: "-m MAP [FILE]",
    examples: [
      Example("fairpost verify -m sex.map fair.csv", "exit 0 where every row agrees, else 1")
    ],
    details: [
      "Every adjusted score is derived again from its score and group, and compared to the last bit: fairpost writes numbers so that they read back the same. The columns of --steps are compared where they are there. A map whose certificate does not follow from what it holds is refused. A map fitted with --exact holds its data and is computed again whole; of another, counts, means, distances, bounds and price are held to its knots, and only the figures of held-out folds cannot be."
    ],
    memory: "Streams: memory is bounded by the map, which has 1 GiB at most.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment"),
      OptionSpec(
        "list", nil, .integer("N", in: 0...1_000_000), help: "name the first N rows that differ",
        default: "10", section: "Output"),
    ] + CommonOptions.reading + [CommonOptions.badRows] + CommonOptions.general,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [
      ExitNote(0, "every row agrees, or there is none"), ExitNote(1, "some rows differ"),
    ],
    seeAlso: ["apply", "inspect"], section: "Adjusting")

  /// A row that differs: its line in the block, and what stands there and should.
  private struct Difference: Sendable {
    let line: Int
    let column: String
    let found: String
    let wanted: String
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.text("map") ?? ""
    let map = try MapFile(path: path)
    if let lie = map.adjustment.contradiction() {
      throw Failure(.badModel, "\(path): \(lie)")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    // Columns of --steps are derived again too, where the file has them.
    let steps = try ApplyFilter(map.adjustment, input, seed: map.adjustment.seed, wantsSteps: true)
    let hasSteps = steps.columnNames.allSatisfy { input.header.names.contains($0) }
    let filter =
      hasSteps
      ? steps
      : try ApplyFilter(map.adjustment, input, seed: map.adjustment.seed, wantsSteps: false)
    let claimed = try input.columns(filter.columnNames)
    let limit = options.integer("list") ?? 0
    struct Found {
      var lines: Int
      var count = 0
      var compared = 0
      var listed: [String] = []
    }
    let found = Guarded(Found(lines: input.headerLines))
    let name = input.name

    let tally = try input.run(
      makeState: { filter.makeWorker() },
      transform: {
        (batch: inout Batch, tables: inout [TupleTable]) -> (rows: Int, differences: [Difference])
        in
        let derived = try filter.process(&batch, &tables)
        var differences: [Difference] = []
        for (column, values) in zip(claimed, derived) {
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
              "\(name):\(found.lines + difference.line + 1): column \"\(difference.column)\": \"\(difference.found)\" stands where the map gives \"\(difference.wanted)\""
            )
          }
          found.count += batch.differences.count
          found.compared += batch.rows
          found.lines += tally.lines
        }
      })
    let result = found.withLock { $0 }
    for line in result.listed { Console.say("fairpost verify", line) }
    console.summary(
      tally,
      [
        result.count == 0
          ? result.compared > 0 ? "every value agrees" : "there was nothing to verify"
          : "\(Console.grouped(result.count)) value\(result.count == 1 ? " differs" : "s differ")"
      ])
    return result.count == 0 ? .done : .notMet
  }
}
