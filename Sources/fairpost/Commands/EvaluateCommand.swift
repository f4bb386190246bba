internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost evaluate`: how good and how fair scores and decisions are.
enum EvaluateCommand: Command {
  static let spec = CommandSpec(
    "evaluate", summary: "show how good and how fair scores and decisions are", usage: "[FILE...]",
    examples: [
      Example(
        "fairpost evaluate --group sex fair.csv", "show the usual figures of every *.score column"),
      Example(
        "fairpost evaluate --task y --score p --group sex,race preds.csv",
        "evaluate another tool's scores, by intersections of sex and race"),
      Example(
        "fairpost evaluate --group sex --fail-if 'demographic_parity_difference > 0.05' fair.csv",
        "exit with 1 if the difference is clearly larger, with 2 if that is undecided"),
    ],
    details: CommandDetails.evaluate,
    memory:
      "Figures that are sums (rates, losses, errors, calibration in bins of equal width) stream: their memory depends only on the number of groups. Figures of ranks (ks, w1, w2, auc and others computed from sorted scores) hold 16 bytes a row and score; up to 32 with several attributes, and for pairwise_rank and bins of equal mass; up to 48 with weights. Where unweighted scores take more than --memory, each different score of a group is held once; the figures are the same. The mae of the constant predictor of a regression holds 8 bytes a row for the labels. Options and figures that read rows again hold the columns they read: --at-rate, --permutations, --bootstrap of scores, --features, --continuous, several tasks together, multiclass tasks, and figures of pairs of rows.",
    options: EvaluateOptions.columns + EvaluateOptions.decisions + EvaluateOptions.figures
      + EvaluateOptions.output + EvaluateOptions.counts
      + [CommonOptions.seed, EvaluateOptions.memory] + CommonOptions.reader,
    operands: OperandSpec(.file),
    exitNotes: [
      ExitNote(0, "done, and every limit is met"),
      ExitNote(1, "a limit is clearly exceeded: the whole interval lies beyond it"),
      ExitNote(2, "undecided: an interval contains its limit, or a figure cannot be estimated"),
    ],
    seeAlso: ["drift", "adjust", "help"], section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    var request = try EvaluationRequest(options)
    try EvaluationRun.check(request)
    let input = try Input(inputPath(options), try InputSettings(options))
    if try EvaluateOptions.wantsCounts(options, tellsError: true) {
      try RowCounts(request, input, digits: options.integer("sketch"))
        .write([input], to: options.text("output"), console)
      return .done
    }
    let output = try OutputFile.open(options.text("output"))
    let format = options.choice("format") ?? (output.isTerminal ? "table" : "csv")
    request.isForGlance = format == "table" && request.metrics == nil && !options.has("all")
    let outcome = try EvaluationRun(request, input).run(progress: console.bar(size: input.size))
    if request.isForGlance {
      let width = options.integer("width") ?? output.columns
      let glance = Glance(outcome.figures, width: width, smallGroup: request.smallGroup)
      try output.write(glance.text())
    } else {
      try output.write(try outcome.bytes(format, level: request.level ?? 0.95))
    }
    try output.commit()
    console.note(outcome.words)
    console.summary(outcome.tally, outcome.notes)
    for finding in outcome.verdicts {
      Console.say("fairpost evaluate", FailureGates.sentence(finding))
    }
    return outcome.status
  }
}

extension EvaluationRun.Outcome {
  /// The figures in the form asked for.
  fileprivate func bytes(_ format: String, level: Double) throws -> [UInt8] {
    switch format {
    case "json":
      try FigureJSON.bytes(figures, gates: verdicts, level: level)
    case "csv": try FigureCSV.bytes(figures)
    default:
      Array(
        FigureTable(pairs: pairs, style: format == "md" ? .markdown : .aligned).text(figures).utf8)
    }
  }
}
