internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText

/// `fairpost drift`: whether a population has moved since a map was fitted.
enum DriftCommand: Command {
  static let spec = CommandSpec(
    "drift", summary: "test whether the population has moved since a map was fitted",
    usage: "-m MAP [FILE...]",
    examples: [
      Example(
        "fairpost drift -m sex.map today.csv",
        "exit with 0 if nothing has moved, with 1 if something has"),
      Example(
        "fairpost drift -m sex.map --max-ks 0.05 --format json today.csv",
        "use a tighter limit on the scores, and write JSON"),
    ],
    details: CommandDetails.drift,
    memory:
      "Holds the scores, 8 bytes a row and score, their groups, and the map (1 GiB at most).",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment"),
      limit("max-mix", "change of the groups' shares (total variation)", "0.1"),
      limit("max-ks", "change of a group's scores (KS distance)", "0.1"),
      limit("max-outside", "share of a group's rows outside the fitted range", "0.05"),
      limit("max-missing", "share of rows without a group or score", "0.05"),
      limit("max-unseen", "share of rows whose group was not in the fit", "0"),
      OptionSpec(
        "level", nil, .number("P", in: 0.5...0.9999), help: "the confidence level of intervals",
        default: "0.95", section: "Figures"),
      OptionSpec(
        "format", nil, .choice("table", "csv", "json"), help: "how figures are written",
        defaultNote: "table on a terminal, else csv", section: "Output"),
    ] + CommonOptions.weights + CommonOptions.reader,
    operands: OperandSpec(.file),
    exitNotes: [
      ExitNote(0, "every limit is met"),
      ExitNote(1, "a limit is clearly exceeded (the whole interval lies beyond it)"),
      ExitNote(2, "undecided: an interval contains its limit"),
    ],
    seeAlso: ["fit", "evaluate"], section: "Measuring")

  private static func limit(_ name: String, _ what: String, _ value: String) -> OptionSpec {
    OptionSpec(
      name, nil, .number("X", in: 0...1), help: "limit on the \(what)", default: value,
      section: "Limits")
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let map = try MapFile(path: options.text("map") ?? "").adjustment
    let input = try Input(inputPath(options), try InputSettings(options))
    let output = try OutputFile.open(options.text("output"))
    var request = TableRequest()
    request.numbers = try input.columns(map.scoreColumns)
    request.groups = try map.groupColumns.map { try input.columns($0) }
    let weight = try WeightColumn(try RoleNames(options), input)
    if let weight {
      request.numbers.append(weight.column)
      request.check = { batch, numbers, _ in weight.check(numbers[numbers.count - 1], &batch) }
    }
    let bar = console.bar(size: input.size)
    let table = try input.table(request, progress: bar)
    bar?.clear()
    try weight?.checkTotal(table.numbers[table.numbers.count - 1], input.name)

    var limits = DriftLimits()
    limits.mix = options.number("max-mix") ?? limits.mix
    limits.ks = options.number("max-ks") ?? limits.ks
    limits.outside = options.number("max-outside") ?? limits.outside
    limits.missing = options.number("max-missing") ?? limits.missing
    limits.unseen = options.number("max-unseen") ?? limits.unseen
    let level = options.number("level") ?? 0.95
    var rows: [DriftRow] = []
    for score in map.scoreColumns.indices {
      rows += DriftRow.rows(
        map, score: score, table, weight, limits: limits, tail: (100 - level * 100) / 100)
    }
    switch options.choice("format") ?? (output.isTerminal ? "table" : "csv") {
    case "json": try output.write(try DriftRow.json(rows))
    case "csv": try output.write(try DriftRow.csv(rows))
    default: try output.write(DriftRow.table(rows))
    }
    try output.commit()
    let worst = rows.map(\.figure.verdict).max() ?? .met
    console.summary(table.tally, ["drift: \(worst.word)"])
    return FailureGates.status(rows.map(\.figure.verdict))
  }
}
