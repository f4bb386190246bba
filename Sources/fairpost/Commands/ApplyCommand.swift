internal import FairpostAdjusting
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostSettings
internal import FairpostText

/// `fairpost apply`: a fitted map over a stream of scores.
enum ApplyCommand: Command {
  /// The options of filters that adjust scores.
  static let filterOptions: [OptionSpec] = [
    OptionSpec(
      "flag", nil, .name("COL"),
      help:
        "append what was done to each row: clamped, shifted, pooled, unseen, missing-group, missing-score, passed, small-cell",
      section: "Output"),
    OptionSpec(
      "steps", help: "also append the score after each attribute's step but the last",
      section: "Output"),
  ]

  static let spec = CommandSpec(
    "apply", summary: "adjust a stream of scores by a fitted map", usage: "-m MAP [FILE]",
    examples: [
      Example("fairpost apply -m sex.map new.csv > fair.csv", "append the fair scores"),
      Example(
        "fairpost apply -m sex.map --flag done --on-bad-row skip < new.csv",
        "say what was done to each row, and leave bad ones out"),
    ],
    details: [
      "Policies for unseen and missing groups, scores outside the range and small cells are the map's, chosen when it was fitted.",
      "What comes out for a row depends on the map and that row alone: one record gives the same answer alone, in a batch, and in any order.",
    ],
    memory:
      "Streams: memory is bounded by the map, which has 1 GiB at most, whatever the number of rows.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment"),
      OptionSpec(
        "unbuffered", help: "answer each line at once, as a co-process (one thread)",
        section: "Output"),
    ] + filterOptions + CommonOptions.filter,
    operands: OperandSpec(.file, maximum: 1), seeAlso: ["fit", "adjust", "verify"],
    section: "Adjusting", passesRows: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let map = try MapFile(path: options.text("map") ?? "")
    if options.has("unbuffered"), options.choice("on-bad-row") == "skip" {
      throw UsageError("--unbuffered answers every line, so --on-bad-row skip does not go with it")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    return try apply(map, to: input, options, console)
  }

  /// Runs a map over an input, as `adjust` does too.
  static func apply(
    _ map: MapFile, knowing values: KnownValues? = nil, to input: Input, _ options: ParsedOptions,
    _ console: Console
  ) throws -> ExitStatus {
    if options.has("unbuffered"), map.adjustment.dropsRows {
      throw UsageError(
        "--unbuffered answers every line, so the map's --missing-group drop does not go with it")
    }
    if map.adjustment.dropsRows, OutputClaims.overwritesInput(options) {
      throw UsageError(
        "--output is the input, and the map leaves rows out (--missing-group drop): they would be lost",
        hint: "write to another file")
    }
    let bar = console.bar(size: input.size)
    let application = try MapApplication(
      map, to: input, knowing: values, wantsSteps: options.has("steps"), .command)
    let output = try OutputFile.open(options.text("output"))
    let tally = try application.run(
      writing: output, flag: options.text("flag"), overwrite: options.has("overwrite"),
      progress: bar)
    try output.commit()
    bar?.clear()
    console.summary(tally)
    return .done
  }
}
