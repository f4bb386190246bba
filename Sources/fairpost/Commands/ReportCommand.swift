internal import FairpostCharts
internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostPlots
internal import FairpostReport
internal import FairpostText
internal import FairpostTraining

/// `fairpost report`: an evaluation as one page.
enum ReportCommand: Command {
  static let spec = CommandSpec(
    "report", summary: "write an evaluation as one HTML page, the verdict first",
    usage: "[FILE...]",
    examples: [
      Example(
        "fairpost report --task repaid --score p --group sex -o report.html scored.csv",
        "write one file that can be mailed"),
      Example(
        "fairpost report --group sex --fail-if 'ks > 0.1' -m sex.map -o report.html fair.csv",
        "add a gate, and what the map states about itself"),
      Example(
        "fairpost verify report.html fair.csv", "check that its figures are those of the file"),
    ],
    details: CommandDetails.report,
    memory:
      "As evaluate; also holds the columns of the rows in pictures, a million rows at most, chosen at random by a hash.",
    options: EvaluateOptions.columns + EvaluateOptions.decisions + EvaluateOptions.figures + [
      OptionSpec("title", nil, .name("TEXT"), help: "the page's title", section: "Output"),
      OptionSpec("model-card", help: "write Markdown for a model card", section: "Output"),
      OptionSpec(
        "model", nil, .file("MODEL"), help: "the model that the card describes", section: "Output"),
    ] + [CommonOptions.memory] + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(.file),
    exitNotes: EvaluateCommand.spec.exitNotes, seeAlso: ["evaluate", "verify", "plot"],
    section: "Reporting")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    var request = try EvaluationRequest(options)
    request.isForGlance = request.metrics == nil
    try EvaluationRun.check(request)
    let passes = try TwicePass(
      inputPath(options), try InputSettings(options),
      memoryLimit: (options.integer("memory") ?? 0) << 20)
    let input = passes.firstPass
    let evaluation = try EvaluationRun(request, input)
    let output = try OutputFile.open(options.text("output"))
    let outcome = try evaluation.run(progress: console.bar(size: input.size))
    let title = options.text("title") ?? "Fairness of \(input.name)"
    if options.has("model-card") {
      let about = try options.text("model").map {
        ModelDescription.text(try ModelFile(path: $0), $0)
      }
      try output.write(
        ModelCard.markdown(
          title: title, input: input.name, outcome: outcome, smallGroup: request.smallGroup,
          about: about))
    } else {
      let source = PictureSource(
        try passes.secondPass(), rows: outcome.tally.records, request: request,
        console: Console(command: "report", isQuiet: true))
      let map = try request.map.map { ($0, try MapFile(path: $0).adjustment.description()) }
      let (charts, digest) = try ReportCharts.all(source, outcome)
      try output.write(
        try ReportPage(
          title: title, input: input.name, outcome: outcome, smallGroup: request.smallGroup,
          charts: charts, map: map,
          words: ["evaluate"] + evaluateWords(options), level: request.level ?? 0.95,
          digest: digest
        ).html())
    }
    try output.commit()
    console.summary(outcome.tally, outcome.notes)
    for finding in outcome.verdicts {
      Console.say("fairpost report", FailureGates.sentence(finding))
    }
    return outcome.status
  }

  /// What a command line says that `evaluate` takes too, so that its figures can be had again.
  private static func evaluateWords(_ options: ParsedOptions) -> [String] {
    let passing: Set = ["output", "threads", "quiet", "progress", "title", "memory", "rejects"]
    let known = Dictionary(
      EvaluateCommand.spec.everyOption.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
    return options.given.filter { !passing.contains($0.name) }.flatMap { name, value -> [String] in
      guard let option = known[name] else { return [] }
      return option.value == nil ? ["--\(name)"] : ["--\(name)", value]
    }
  }
}
