internal import FairpostAdjusting
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText

/// `fairpost adjust`: fit and apply in one.
enum AdjustCommand: Command {
  static let spec = CommandSpec(
    "adjust", summary: "make scores fair to groups: fit and apply in one",
    usage: "[METHOD] [FILE...]",
    examples: [
      Example(
        "fairpost --score p --group sex < preds.csv", "without a command name, fairpost runs adjust"
      ),
      Example(
        "fairpost adjust --group sex --calibrate calibration.csv preds.csv > fair.csv",
        "fit the map to other records than those adjusted"),
      Example(
        "fairpost adjust --score p --group sex,race --epsilon 0.5 preds.csv",
        "close half of the gap, between the intersections of sex and race"),
    ],
    details: CommandDetails.adjust,
    memory:
      "Holds the calibration records: 12 bytes a record and score, and 16 a score while it sorts; where that is more than --memory, wasserstein without --id holds each different score of a group once. Without --calibrate the input is read twice; a pipe is kept in memory, and beyond --memory in a temporary file.",
    options: FitOptions.columns + [
      OptionSpec(
        "calibrate", "c", .file(), help: "fit to the records of this file instead of the input's",
        section: "Adjustment"),
      FitOptions.memory,
    ] + ApplyCommand.filterOptions + [CommonOptions.seed] + CommonOptions.filter,
    operands: OperandSpec(
      .file, methods: adjustmentMethods.map { MethodSpec($0) },
      defaultMethod: "wasserstein"),
    seeAlso: ["fit", "apply", "evaluate"], section: "Adjusting", passesRows: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let roles = try RoleNames(options)
    let fit = try MapFit(options, roles)
    let settings = try InputSettings(options)
    if let path = options.text("calibrate") {
      let input = try Input(inputPath(options), settings)
      let names = try ScoreColumns.names(roles, in: input)
      try checkOutputs(input, names, fit, options)
      let calibration = try Input(path, settings.besides)
      if calibration.identity != nil, calibration.identity == input.identity {
        console.note(
          "the calibration file is the input itself: results look better than they will be on new records"
        )
      }
      let map = try fit.map(of: calibration, scores: names, certificate: false, console)
      return try ApplyCommand.apply(map, to: input, options, console)
    }
    let passes = try TwicePass(
      inputPath(options), settings, memoryLimit: (options.integer("memory") ?? 0) << 20)
    let first = passes.firstPass
    let names = try ScoreColumns.names(roles, in: first)
    try checkOutputs(first, names, fit, options)
    let fitted = try fit.mapKnowing(
      first, scores: names, console, progress: console.bar(size: first.size))
    console.note(
      "fitted to the records it adjusts: results look better than they will be on new records (--calibrate FILE fits to others)"
    )
    var again = settings
    again.maximumBad = nil
    let second = try passes.secondPass(again)
    return try ApplyCommand.apply(
      fitted.map, knowing: fitted.values, to: second, options, console)
  }

  /// A column that exists already is found out before the work.
  private static func checkOutputs(
    _ input: Input, _ scores: [String], _ fit: MapFit, _ options: ParsedOptions
  ) throws {
    let names = fit.columnNames(scores: scores, wantsSteps: options.has("steps"))
    let flag = options.text("flag").map { [$0] } ?? []
    _ = try input.places(of: names + flag, overwrite: options.has("overwrite"))
  }
}
