internal import FairpostAdjusting
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostSettings

/// `fairpost frontier`: what fairness costs, over the whole range of an adjustment's knob.
enum FrontierCommand: Command {
  static let spec = CommandSpec(
    "frontier", summary: "write the curve of performance against fairness of an adjustment",
    usage: "METHOD [FILE...]",
    examples: [
      Example(
        "fairpost frontier decide --task repaid --score p --group sex --constraint equalized_odds --test test.csv fit.csv",
        "find the greatest accuracy for each tolerance, and see it on other records"),
      Example(
        "fairpost frontier wasserstein --task repaid --score p --group sex preds.csv",
        "try epsilon from 0 to 1 in twenty steps"),
    ],
    details: [
      "Writes a CSV row for each value of the option that trades fairness against performance: \(FrontierCurve.methods.map { "\($0.knob) of \($0.info.name)" }.joined(separator: ", ")). For decide the rows are all the breakpoints of the curve: between two of them it is a straight line, and the column price is its slope. For the other methods, and for decide with --deterministic or F1, --steps values are tried.",
      "accuracy and the gaps of the groups' rates are given for the rows of the fit and, with --test, for others. A random decision counts with its probability. The interval of a gap is made from the intervals of all groups' rates, which hold together at the given level.",
      "Do not choose a value by the rows of --test: the best of many looks better than it is.",
    ],
    memory: "Holds the records, some 100 bytes each, and the curve.",
    options: FitOptions.columns + [
      OptionSpec(
        "test", nil, .file(), help: "also show each value's result on these records",
        section: "Figures"),
      OptionSpec(
        "steps", nil, .integer("N", in: 1...10_000),
        help: "how many values to try, where the curve has no breakpoints", default: "20",
        section: "Figures"),
      OptionSpec(
        "cut", nil, .number("T", in: -1e300...1e300),
        help: "a score of at least T counts as decided 1, for methods that only move scores",
        default: "0.5", section: "Figures"),
      OptionSpec(
        "level", nil, .number("P", in: 0.5...0.9999), help: "the confidence level of intervals",
        default: "0.95", section: "Figures"),
      CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(
      .file, methods: FrontierCurve.methods.map { MethodSpec($0) },
      defaultMethod: "decide"),
    seeAlso: ["adjust", "compare", "plot"], section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let name = options.method ?? ""
    let type = adjustmentMethods.first { $0.info.name == name }
    let roles = try RoleNames(options)
    var curve = try FrontierCurve(
      name, given: type.map { options.given(for: $0) } ?? [], roles, seed: seed(options), .command)
    curve.steps = options.integer("steps") ?? curve.steps
    curve.threshold = options.number("cut") ?? curve.threshold
    curve.level = options.number("level") ?? curve.level
    let input = try Input(inputPath(options), try InputSettings(options))
    let besides = try InputSettings(options).besides
    let test = try options.text("test").map { try Input($0, besides) }
    let output = try OutputFile.open(options.text("output"))
    try output.write(
      try curve.csv(
        input, test: test, scores: try ScoreColumns.names(roles, in: input), console))
    try output.commit()
    return .done
  }
}
