internal import FairpostAdjusting
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles

/// `fairpost adjust`: fit and apply in one.
enum AdjustCommand: Command {
  static let spec = CommandSpec(
    "adjust", summary: "make scores fair to groups: fit and apply in one", usage: "[METHOD] [FILE]",
    examples: [
      Example("fairpost --score p --group sex < preds.csv", "adjust is what options alone mean"),
      Example(
        "fairpost adjust --group sex --calibrate calibration.csv preds.csv > fair.csv",
        "calibrate on other records than those adjusted"),
      Example(
        "fairpost adjust --score p --group sex,race --epsilon 0.5 preds.csv",
        "go half the way, over the intersections"),
    ],
    details: [
      "Each score is moved to where its rank within its own group stands in the groups' common distribution, their Wasserstein barycentre. Order within a group is kept; the overall mean too.",
      "Without --calibrate the map is fitted to the same records it adjusts: their figures are then in-sample, and say nothing about new records.",
    ],
    memory:
      "Holds the calibration records: 12 bytes a record and score, and 16 a score while it sorts. Without --calibrate the input is read twice; a pipe is kept, past --memory in a nameless temporary file.",
    options: FitOptions.columns + [
      OptionSpec(
        "calibrate", "c", .file(), help: "fit to these records instead of the input's own",
        section: "Adjustment"),
      OptionSpec(
        "memory", nil, .integer("MIB", in: 0...1_000_000),
        help: "how much of a pipe to keep in memory", default: "1024", section: "General"),
    ] + ApplyCommand.filterOptions + [CommonOptions.seed] + CommonOptions.filter,
    operands: OperandSpec(
      .file, maximum: 1, methods: adjustmentMethods.map { MethodSpec($0) },
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
      var own = settings
      own.rejects = nil
      let calibration = try Input(path, own)
      if calibration.identity != nil, calibration.identity == input.identity {
        console.note("the calibration file is the input itself: its figures are in-sample")
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
      "fitted to the records it adjusts: their figures are in-sample (--calibrate FILE for others)")
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
