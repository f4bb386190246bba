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
    "drift", summary: "say whether the population has moved since a map was fitted",
    usage: "-m MAP [FILE]",
    examples: [
      Example("fairpost drift -m sex.map today.csv", "exit 0 where nothing moved, 1 where it did"),
      Example(
        "fairpost drift -m sex.map --max-ks 0.05 --format json today.csv",
        "a tighter limit on the scores, figures as JSON"),
    ],
    details: [
      "For each score of the map: the total variation of the group shares, in each group the Kolmogorov-Smirnov distance to the fitted scores and the share outside the fitted range, and over all rows the shares without a group or score and of groups the map does not know.",
      "Each is held against its limit by its interval: FAIL (exit 1) where the whole interval is beyond the limit, UNDECIDED (exit 2) where it contains the limit, PASS (exit 0) where all of it is within. The figures are written in any case.",
      "Many figures are looked at, so the lower bounds hold for all of them together: with K figures (the mix, the missing rows, and two for each group, of every score) each has the tail of --level divided by K (Bonferroni's correction). Where nothing moved, at most 1 run in 20 ends with exit 1 at --level 0.95. The upper bounds hold one by one, which is enough because exit 0 needs all of them.",
      "The scores of N fitted rows leave out a share of about 2 / (N + 1) of the very population they come from. The lower bound of outside_range allows for this: it says how many rows are beyond what chance leaves outside, by the law of the smallest and the largest of N scores. A limit of 0 on missing rows or unknown groups is exceeded by one such row.",
      "A map fitted with --weight or --frequency describes the weighted population: name the column here too, or rows count once each. Shares without a group or score and of unknown groups are of rows, frequencies counted.",
      "Scores are compared with the map's knots, whose ranks are exact to 1/4096 unless the map was fitted with --exact.",
    ],
    memory:
      "Holds the scores, 8 bytes a row and score, and their groups; the map (1 GiB at most) besides.",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", required: true, section: "Adjustment"),
      limit("max-mix", "total variation of the group shares", "0.1"),
      limit("max-ks", "KS distance in a group", "0.1"),
      limit("max-outside", "share of a group's rows outside the fitted range", "0.05"),
      limit("max-missing", "share of rows without a group or score", "0.05"),
      limit("max-unseen", "share of rows of groups that were not in the fit", "0"),
      OptionSpec(
        "level", nil, .number("P", in: 0.5...0.9999), help: "the level of intervals",
        default: "0.95", section: "Figures"),
      OptionSpec(
        "format", nil, .choice("table", "csv", "json"), help: "how figures are written",
        defaultNote: "table on a terminal, else csv", section: "Output"),
    ] + CommonOptions.weights + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [
      ExitNote(0, "every limit is kept"), ExitNote(1, "a limit is surely not kept"),
      ExitNote(2, "whether a limit is kept is open"),
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
