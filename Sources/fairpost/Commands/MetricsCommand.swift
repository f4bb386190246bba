internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost metrics`: which figures there are, found by the words people know them by.
enum MetricsCommand: Command {
  static let spec = CommandSpec(
    "metrics", summary: "list the figures, or find them by a word", usage: "[WORD...]",
    examples: [
      Example("fairpost metrics", "list every figure, one on a line"),
      Example("fairpost metrics impact ratio", "find what others call the impact ratio"),
      Example("fairpost metrics tpr", "find the name of another tool"),
    ],
    details: CommandDetails.metrics,
    options: [
      OptionSpec(
        "format", nil, .choice("table", "csv"), help: "how the list is written",
        defaultNote: "table on a terminal, else csv", section: "Output")
    ] + CommonOptions.general,
    operands: OperandSpec(.words(MetricSearch.ids)), seeAlso: ["evaluate", "compare"],
    section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let words = options.operands.flatMap { $0.split(separator: " ") }.map { $0.lowercased() }
    let found = try MetricSearch.found(words)
    let output = try OutputFile.open(options.text("output"))
    switch options.choice("format") ?? (output.isTerminal ? "table" : "csv") {
    case "csv": try output.write(MetricSearch.csv(found))
    default:
      try output.write(
        words.isEmpty ? MetricSearch.list(found) : found.map(MetricSearch.entry).joined())
    }
    try output.commit()
    return .done
  }
}
