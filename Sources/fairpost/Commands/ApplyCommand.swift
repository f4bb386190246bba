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
      "Policies for unseen and missing groups, scores outside the range and small cells are the map's, chosen when it was fitted. --unseen, --missing-group and --outside choose anew for this use, where the map holds what they need; the summary says so.",
      "--on-bad-row report gives every record an answer in its place: a bad one keeps its fields, its new columns are empty and --error-column says what is wrong; in place of a line with a wrong number of fields stands a record of empty fields with that and the line itself.",
      "What comes out for a row depends on the map and that row alone: one record gives the same answer alone, in a batch, and in any order.",
    ],
    memory:
      "Streams: memory is bounded by the map, which has 1 GiB at most, whatever the number of rows.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment")
    ] + policies + filterOptions + CommonOptions.service,
    operands: OperandSpec(.file, maximum: 1), seeAlso: ["fit", "adjust", "verify"],
    section: "Adjusting", passesRows: true)

  /// Policies that hold instead of the map's.
  private static let policies: [OptionSpec] = [
    OptionSpec(
      "unseen", nil, .choice("error", "pool", "pass"),
      help: "groups that were not in the fit: fail, use the pooled map, or leave the score",
      defaultNote: "the map's", section: "Policies"),
    OptionSpec(
      "missing-group", nil, .choice("error", "own", "pool", "pass", "drop"),
      help:
        "rows without a group: fail, the map of missing groups, the pooled map, leave the score, or leave out the row",
      defaultNote: "the map's", section: "Policies"),
    OptionSpec(
      "outside", nil, .choice("clamp", "shift", "error"),
      help:
        "scores outside their group's fitted range: hold at the end, continue with slope 1, or fail",
      defaultNote: "the map's", section: "Policies"),
  ]

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.text("map") ?? ""
    let policies = PolicyOverrides(
      options.given.filter { PolicyOverrides.names.contains($0.name) }.map { ($0.name, $0.value) })
    let (map, changes) = try policies.applied(to: try MapFile(path: path), named: path)
    if options.has("unbuffered"), options.choice("on-bad-row") == "skip" {
      throw UsageError("--unbuffered answers every line, so --on-bad-row skip does not go with it")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    return try apply(map, to: input, options, console, saying: changes)
  }

  /// Runs a map over an input, as `adjust` does too.
  static func apply(
    _ map: MapFile, knowing values: KnownValues? = nil, to input: Input, _ options: ParsedOptions,
    _ console: Console, saying details: [Message] = []
  ) throws -> ExitStatus {
    if options.has("unbuffered"), map.adjustment.dropsRows {
      throw UsageError(
        "--unbuffered answers every line, so --missing-group drop does not go with it")
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
    console.summary(tally, details)
    return .done
  }
}
