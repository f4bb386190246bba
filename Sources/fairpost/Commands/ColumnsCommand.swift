internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostTraining

/// `fairpost columns`: what is in a file, column by column.
enum ColumnsCommand: Command {
  static let spec = CommandSpec(
    "columns", summary: "show what is in a file, column by column", usage: "[FILE...]",
    examples: [
      Example("fairpost columns loans.csv", "show names, kinds and how many values are missing")
    ],
    details: [
      "A column counts as numeric if all its values are numbers. In the list, kind is number, 0/1, text or empty; values counts the distinct values, up to \(ColumnTypes.mostValues); examples shows some of them where there are few, or the first text of a column that is mostly numbers."
    ],
    memory: "Streams: holds up to \(ColumnTypes.mostValues) values of each column.",
    options: [format] + CommonOptions.reader, operands: OperandSpec(.file),
    seeAlso: ["groups", "split", "evaluate"], section: "Data")

  /// How a list is written.
  static let format = OptionSpec(
    "format", nil, .choice("table", "csv"), help: "how the list is written",
    defaultNote: "table on a terminal, else csv", section: "Output")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let input = try Input(inputPath(options), try InputSettings(options))
    let names = input.header.names
    let types = try ColumnTypes(
      input, features: [], labels: names, bar: console.bar(size: input.size))
    let header = ["column", "kind", "present", "missing", "values", "examples"]
    let lines = names.map { name -> [String] in
      let facts = types[name]
      let isMany = facts.values.count > ColumnTypes.mostValues
      let mixed = facts.numbers > 0 ? facts.firstText?.description : nil
      let shown =
        isMany
        ? mixed.map { [$0] } ?? [] : facts.values.sorted().prefix(5).map(\.description)
      let rest = !isMany && facts.values.count > 5 ? ", ..." : ""
      return [
        name, kind(facts), String(facts.present), String(types.rows - facts.present),
        isMany ? "more than \(ColumnTypes.mostValues)" : String(facts.values.count),
        shown.joined(separator: ", ") + rest,
      ]
    }
    try write(header, lines, right: [false, false, true, true, true, false], options)
    console.summary(types.tally)
    return .done
  }

  private static func kind(_ facts: ColumnTypes.Facts) -> String {
    guard facts.present > 0 else { return "empty" }
    guard facts.isNumeric, facts.numbers == facts.present else { return "text" }
    return facts.label.areZeroOne ? "0/1" : "number"
  }

  /// Writes a list as a table or CSV.
  static func write(
    _ header: [String], _ lines: [[String]], right: [Bool], _ options: ParsedOptions
  ) throws {
    let output = try OutputFile.open(options.text("output"))
    let cells = [header] + lines
    if (options.choice("format") ?? (output.isTerminal ? "table" : "csv")) == "table" {
      try output.write(FigureTable.aligned(cells, right: right))
    } else {
      for line in cells {
        try output.write(Dialect.comma.record(line.map { Array($0.utf8) }) + [0x0A])
      }
    }
    try output.commit()
  }
}
