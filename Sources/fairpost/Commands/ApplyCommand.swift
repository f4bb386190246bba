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
        "append a column that says what was done to each row: clamped, shifted, pooled, unseen, missing-group, missing-score, passed, small-cell",
      section: "Output"),
    OptionSpec(
      "steps", help: "also append the score after each attribute's step, except the last",
      section: "Output"),
  ]

  static let spec = CommandSpec(
    "apply", summary: "adjust a stream of scores by a fitted map", usage: "-m MAP [FILE...]",
    examples: [
      Example("fairpost apply -m sex.map new.csv > fair.csv", "append the fair scores"),
      Example(
        "fairpost apply -m sex.map --flag done --on-bad-row skip < new.csv",
        "say what was done to each row, and leave out bad rows"),
    ],
    details: CommandDetails.apply,
    memory:
      "Streams: holds the map (1 GiB at most), however many rows there are.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment")
    ] + policies + filterOptions + CommonOptions.service,
    operands: OperandSpec(.file), seeAlso: ["fit", "adjust", "verify"],
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
        "rows without a group: fail, use the map of missing groups, use the pooled map, leave the score, or leave out the row",
      defaultNote: "the map's", section: "Policies"),
    OptionSpec(
      "outside", nil, .choice("clamp", "shift", "error"),
      help:
        "scores outside their group's fitted range: use the end of the range (clamp), continue beyond it with slope 1 (shift), or fail",
      defaultNote: "the map's", section: "Policies"),
  ]

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.text("map") ?? ""
    let policies = PolicyOverrides(
      options.given.filter { PolicyOverrides.names.contains($0.name) }.map { ($0.name, $0.value) })
    let (map, changes) = try policies.applied(to: try MapFile(path: path), named: path)
    let wantsSteps = options.has("steps")
    let settings = try InputSettings.service(
      options, reads: MapApplication.columns(map),
      writes: MapApplication.written(map, wantsSteps: wantsSteps))
    if let service = try ServiceSettings(options) {
      try refuseDropping(map, "socket")
      try MapApplication.serve(
        service, settings, policies, path: path, wantsSteps: wantsSteps, flag: options.text("flag"),
        overwrite: options.has("overwrite"), console)
      return .done
    }
    let input = try Input(inputPath(options), settings)
    return try apply(map, to: input, options, console, saying: changes)
  }

  /// Refuses a map that leaves rows out where somebody waits for each answer.
  private static func refuseDropping(_ map: MapFile, _ option: String) throws(UsageError) {
    guard map.adjustment.dropsRows else { return }
    throw UsageError(
      "--\(option) answers every line, so it cannot be used with --missing-group drop")
  }

  /// Runs a map over an input, as `adjust` does too.
  static func apply(
    _ map: MapFile, knowing values: KnownValues? = nil, to input: Input, _ options: ParsedOptions,
    _ console: Console, saying details: [Message] = []
  ) throws -> ExitStatus {
    if options.has("unbuffered") { try refuseDropping(map, "unbuffered") }
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
