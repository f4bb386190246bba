internal import FairpostAdjusting
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost merge`: the map of all records from the summaries of their parts.
enum MergeCommand: Command {
  static let spec = CommandSpec(
    "merge", summary: "make one map from the summaries of several files or machines",
    usage: "FILE...",
    examples: [
      Example(
        "fairpost merge -o whole.map monday.sum tuesday.sum",
        "make the map that one fit of both days' records would have written, byte for byte"),
      Example(
        "fairpost merge --summary -o week.sum monday.sum tuesday.sum",
        "make a summary of both, to be merged further"),
      Example(
        "cat *.sum | fairpost merge -o whole.map -", "make one map of all summaries in the folder"),
    ],
    details: [
      "The files are written by fairpost fit --summary, or are maps fitted with --exact. Their number, order and nesting do not matter. All must be made with the same options; where they differ, the first difference is named. Several may come in one file or stream, one behind the other.",
      "A record that is in two parts counts twice: ids are not compared between parts.",
    ],
    memory:
      "Holds all distinct scores of all files, about 16 bytes each, and the text of one file at a time.",
    options: [
      OptionSpec(
        "summary", help: "write a summary, which can be merged further", section: "Output")
    ] + CommonOptions.general,
    operands: OperandSpec(.file, minimum: 1), seeAlso: ["fit", "apply", "inspect"],
    section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let bytes = try MapMerge.bytes(
      options.operands, asSummary: options.has("summary"),
      threads: options.integer("threads") ?? Parallel.cores, console)
    let output = try OutputFile.open(options.text("output"))
    try output.write(bytes)
    try output.commit()
    return .done
  }
}
