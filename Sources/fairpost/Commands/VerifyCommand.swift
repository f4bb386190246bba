internal import FairpostAdjusting
internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostReport
internal import FairpostText
internal import FairpostSettings

/// `fairpost verify`: whether an adjusted file is what a map gives.
enum VerifyCommand: Command {
  static let spec = CommandSpec(
    "verify", summary: "check that an adjusted file, or a report, is what it should be",
    usage: "-m MAP [FILE]|REPORT.html [FILE]",
    examples: [
      Example(
        "fairpost verify -m sex.map fair.csv", "exit with 0 if every row agrees, with 1 if not"),
      Example(
        "fairpost verify report.html fair.csv", "check the figures of a report in the same way"),
    ],
    details: [
      "Computes every adjusted score again from its score and group, and compares it to the last bit: fairpost writes numbers so that they read back the same. The columns of --steps are compared if they exist. The map's certificate (the figures it states about itself) is computed again too, and a map whose certificate does not follow from what it holds is refused. A map fitted with --exact holds its data, so all of it is computed again; for other maps, counts, means, distances, bounds and price are compared with the knots, and only the figures of held-out folds cannot be checked."
    ],
    memory: "Streams: holds the map (1 GiB at most).",
    options: [
      OptionSpec("map", "m", .file("MAP"), help: "the map", section: "Adjustment"),
      OptionSpec(
        "list", nil, .integer("N", in: 0...1_000_000), help: "name the first N rows that differ",
        default: "10", section: "Output"),
    ] + CommonOptions.reading + [CommonOptions.badRows] + CommonOptions.general,
    operands: OperandSpec(.file, maximum: 2),
    exitNotes: [
      ExitNote(0, "every row agrees, or there are no rows"), ExitNote(1, "some rows differ"),
    ],
    seeAlso: ["apply", "inspect"], section: "Adjusting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let path = options.text("map") else { return try verifyReport(options, console) }
    guard options.operands.count < 2 else {
      throw UsageError("verify -m MAP reads one file, not \(options.operands.count)")
    }
    let map = try MapFile(path: path)
    try MapVerification.refuseLies(map, named: path)
    let input = try Input(inputPath(options), try InputSettings(options))
    let found = try MapVerification(
      map, named: path, input, listing: options.integer("list") ?? 0, .command)
    for difference in found.listed {
      Console.say(
        "fairpost verify",
        "\(input.name):\(difference.line): column \"\(difference.column)\": \"\(difference.found)\" was found where the map gives \"\(difference.wanted)\""
      )
    }
    console.summary(
      found.tally,
      [
        found.count == 0
          ? found.compared > 0 ? "every value agrees" : "there was nothing to verify"
          : "\(Console.grouped(found.count)) value\(found.count == 1 ? " differs" : "s differ")"
      ])
    return found.count == 0 ? .done : .notMet
  }

  /// Derives the figures of a report again.
  private static func verifyReport(
    _ options: ParsedOptions, _ console: Console
  ) throws -> ExitStatus {
    guard let path = options.operands.first, path.hasSuffix(".html") else {
      throw UsageError(
        "--map is missing", hint: "name a map, --map MAP, or a report: fairpost verify REPORT.html")
    }
    let claim = try ReportPage.Claim(try StoredFile.contents(path), path: path)
    let given = try Parser(EvaluateCommand.spec.withHelp).parse(Array(claim.words.dropFirst()))
    var request = try EvaluationRequest(given)
    request.isForGlance = request.metrics == nil
    var settings = try InputSettings(given)
    settings.threads = options.integer("threads") ?? settings.threads
    let input = try Input(options.operands.dropFirst().first, settings)
    let outcome = try EvaluationRun(request, input).run()
    let found = try claim.differences(outcome, level: request.level ?? 0.95)
    for name in found.different.prefix(options.integer("list") ?? 0) {
      Console.say("fairpost verify", "\(path): \(name) is not what \(input.name) gives")
    }
    let count = found.different.count
    console.summary(
      outcome.tally,
      [
        count == 0
          ? "all \(Console.grouped(found.compared)) figures agree"
          : "\(Console.grouped(count)) of \(Console.grouped(found.compared)) figures differ"
      ])
    return count == 0 ? .done : .notMet
  }
}
