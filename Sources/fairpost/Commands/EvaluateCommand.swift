internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost evaluate`: how good and how fair scores and decisions are.
enum EvaluateCommand: Command {
  static let spec = CommandSpec(
    "evaluate", summary: "say how good and how fair scores and decisions are", usage: "[FILE]",
    examples: [
      Example(
        "fairpost evaluate --group sex fair.csv", "every usual figure of every *.score column"),
      Example(
        "fairpost evaluate --task y --score p --group sex,race preds.csv",
        "another tool's scores, by intersections"),
      Example(
        "fairpost evaluate --group sex --fail-if 'demographic_parity_difference > 0.05' fair.csv",
        "exit 1 where the difference is clearly larger, 2 where that is undecided"),
    ],
    details: [
      "On a terminal the answer comes first: for each notion of fairness the largest gap between groups, its interval, who it is between, and one of three words. Beyond chance: an exactly fair predictor would not show so large a gap on samples of this size. Within chance: it could. Too few rows: a group is too small to tell. Then the groups with the usual figures. --all shows every figure; CSV and JSON always hold all.",
      "Every figure has its definition, its interval, the rows it rests on and, where it compares groups, the chance level: what an exactly fair predictor would show on these sample sizes. What cannot be estimated is not estimable and says why; it is never 0. The constant predictor stands beside every score.",
      "Without --task and --score every column *.score is evaluated, with the column before the dot as its label and *.fair beside it. Labels are 0 and 1 or numbers; others are declared with --task NAME:TYPE. Without labels the figures that need them are left out. A column of 0 and 1 with a few other numbers is an error that counts them.",
      "Binary tasks are decided at 0.5 where nothing else decides; scores that do not lie between 0 and 1 (deciles, percentages, amounts) are then bad data: give --threshold or --at-rate, or ask with --metrics for figures without decisions, such as auc and ks. Figures of decisions that are all alike are flagged, and a limit on them is undecided.",
      "A row without a score, a label or a decision (empty, NaN or --missing TEXT) is left out of the figures that need it, and each figure says how many rows it rests on; the summary counts such rows by column. A number that is not finite is a bad value.",
      "A column NAME.decision has decided by the first score of its task; NAME.fair beside NAME.score is decided by the threshold. --threshold and --at-rate decide all scores anew.",
      "n is the number of rows a figure rests on; where it compares groups, n_least (in CSV and JSON) is the fewest of one group, and of figures made of several rates the smallest denominator.",
      "--adjust-p holm corrects for the number of hypotheses, not of figures: the difference and the ratio of a rate, a rate and its complement, or the distances of score distributions test the same. The first figure shown is the test of its hypothesis, and the others show the same corrected p. With H hypotheses and N permutations no p can be below H / (N + 1), and evaluate says how many permutations are needed.",
      "--bootstrap takes the bounds of resamples. Figures that compare groups, and calibration errors, are never negative and grow with noise, resamples more so: their bounds toward fairness, or toward 0, are no closer than those of the closed form. Of fewer than 200 rows resamples spread too little, and neither bound is closer.",
      "A limit of --fail-if on a figure of a group holds for every group and for all rows together, unless one is named: 'selection_rate[sex=F] < 0.4' (or 'sex=F:selection_rate < 0.4'), 'all:accuracy < 0.7'. It is held against the interval, not the value: FAIL (exit 1) where the whole interval is beyond the limit, UNDECIDED (exit 2) where the interval contains it or the figure cannot be estimated or is flagged, PASS (exit 0) otherwise. The figures are written in any case.",
    ],
    memory:
      "Figures that are sums (rates, losses, errors, calibration in bins of equal width) stream in memory bounded by the number of groups. Figures of ranks (ks, w1, w2, auc and others made of sorted scores) hold 16 bytes a row and score, sorted once for all attributes, up to 32 with several attributes and for pairwise_rank and bins of equal mass, up to 48 with weights; mae of the constant predictor of a regression holds 8 bytes a row for the labels. Options and figures that look at rows again hold the columns they look at: --at-rate, --permutations, --bootstrap of scores, --features, --continuous, several tasks together, multiclass tasks, and figures of pairs of rows.",
    options: EvaluateOptions.columns + EvaluateOptions.decisions + EvaluateOptions.figures
      + EvaluateOptions.output + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [
      ExitNote(0, "done, and every limit is kept"),
      ExitNote(1, "a limit is clearly exceeded: the whole interval lies beyond it"),
      ExitNote(2, "undecided: the interval contains a limit, or nothing can be estimated"),
    ],
    seeAlso: ["drift", "adjust", "help"], section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    var request = try EvaluationRequest(options)
    try EvaluationRun.check(request)
    let input = try Input(inputPath(options), try InputSettings(options))
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
