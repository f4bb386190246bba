internal import FairpostComparison
internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostTransport

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
        "exit 1 where the difference is surely larger, 2 where that is open"),
    ],
    details: [
      "Every figure has its definition, its interval, the rows it rests on and, where it compares groups, the noise floor: what an exactly fair predictor would show on these sample sizes. What cannot be estimated is not estimable and says why; it is never 0. The constant predictor stands beside every score.",
      "Without --task and --score every column *.score is evaluated, with the column before the dot as its label and *.fair beside it. Labels are 0 and 1 or numbers; others are declared with --task NAME:TYPE. Without labels the figures that need them are left out. A column of 0 and 1 with a few other numbers is an error that counts them.",
      "Binary tasks are decided at 0.5 where nothing else decides; scores that do not lie between 0 and 1 (deciles, percentages, amounts) are then bad data: give --threshold or --at-rate, or ask with --metrics for figures without decisions, such as auc and ks. Figures of decisions that are all alike are flagged, and a limit on them is undecided.",
      "A row without a score, a label or a decision (empty, NaN or --missing TEXT) is left out of the figures that need it, and each figure says how many rows it rests on; the summary counts such rows by column. A number that is not finite is a bad value.",
      "A column NAME.decision has decided by the first score of its task; NAME.fair beside NAME.score is decided by the threshold. --threshold and --at-rate decide all scores anew.",
      "n is the number of rows a figure rests on; where it compares groups, n_least (in CSV and JSON) is the fewest of one group, and of figures made of several rates the smallest denominator.",
      "--adjust-p holm corrects for the number of hypotheses, not of figures: the difference and the ratio of a rate, a rate and its complement, or the distances of score distributions test the same. The first figure shown is the test of its hypothesis, and the others show the same corrected p. With H hypotheses and N permutations no p can be below H / (N + 1), and evaluate says how many permutations are needed.",
      "--bootstrap takes the bounds of resamples. Figures that compare groups, and calibration errors, are never negative and grow with noise, resamples more so: their bounds toward fairness, or toward 0, are no closer than those of the closed form. Of fewer than 200 rows resamples spread too little, and neither bound is closer.",
      "A limit of --fail-if on a figure of a group holds for every group and for all rows together, unless one is named: 'sex=F:selection_rate < 0.4', 'all:accuracy < 0.7'. It is held against the interval, not the value: 1 where the whole interval is beyond the limit, 2 where the interval contains it or the figure cannot be estimated or is flagged, 0 otherwise. The figures are written in any case.",
    ],
    memory:
      "Figures that are sums (rates, losses, errors, calibration in bins of equal width) stream in memory bounded by the number of groups. Figures of ranks (ks, w1, w2, auc and others made of sorted scores) hold 16 bytes a row and score, sorted once for all attributes, up to 32 with several attributes and for pairwise_rank and bins of equal mass, up to 48 with weights; mae of the constant predictor of a regression holds 8 bytes a row for the labels. Options and figures that look at rows again hold the columns they look at: --at-rate, --permutations, --bootstrap of scores, --features, --continuous, several tasks together, multiclass tasks, and figures of pairs of rows.",
    options: EvaluateOptions.columns + EvaluateOptions.decisions + EvaluateOptions.figures
      + EvaluateOptions.output + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [
      ExitNote(0, "done, and every limit is kept"), ExitNote(1, "a limit is surely not kept"),
      ExitNote(2, "whether a limit is kept is open"),
    ],
    seeAlso: ["drift", "adjust", "help"], section: "Measuring")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    if options.has("threshold"), options.has("at-rate") {
      throw UsageError("--threshold and --at-rate exclude each other")
    }
    let asked = try MetricChoice.asked(options)
    let inputSettings = try InputSettings(options)
    let input = try Input(inputPath(options), inputSettings)
    let plan = try EvaluationPlan(options, input)
    try MetricNeeds.check(asked ?? [], "--metrics", plan)
    var settings = try EvaluateOptions.settings(options, plan, threads: inputSettings.threads)
    let gates = try FailureGates(options, plan, protected: settings.protected)
    try MetricNeeds.check(gates.metrics, "--fail-if", plan)
    if let path = options.text("map") {
      settings.calibrationCounts = try CalibrationCounts.of(path)
    }
    let weight = try WeightColumn(options, input)
    let output = try OutputFile.open(options.text("output"))
    var also = MetricChoice.also(options, tasks: plan.tasks.count) + gates.metrics

    let bar = progressBar(options, input)
    var figures: [Figure]
    let tally: FairpostPipeline.Tally
    var notes: [String]
    // What each task turned out to be.
    var kinds: [String: TaskKind] = [:]
    // The rows of every group, for --min-cell.
    let groups: [(columns: [String], rows: [Int])]
    // What is shown without being asked for is left out where the data cannot give it.
    let usual = asked == nil ? MetricRegistry.all.filter { $0.isDefault && $0.isStreamed } : []
    let minimum = options.integer("min-cell") ?? 0
    let hidden = SmallCells.also((asked ?? usual) + also, below: minimum)
    also += hidden
    let wanted = (asked ?? usual) + also
    if SumReader.suffices(wanted, plan, options) {
      let reading = try SumReader(
        plan, threshold: options.number("threshold"), weight: weight, metrics: wanted,
        threads: inputSettings.threads
      )
      .read(input, progress: bar)
      try EvaluateOptions.check(
        settings.protected, reading.streams.map { ($0.columns, $0.keys) }, input.name)
      figures = Evaluator.figures(
        reading.streams, metrics: asked ?? [], also: usual + also, options: settings)
      for stream in reading.streams { kinds[stream.task] = stream.kind }
      groups = reading.streams.map { ($0.columns, $0.sums.groups.map(\.total.rows)) }
      (tally, notes) = (reading.tally, reading.notes)
    } else {
      let reader = EvaluationReader(
        plan: plan,
        settings: EvaluationReader.DecisionSettings(
          threshold: options.number("threshold"), rate: options.number("at-rate"),
          isNeeded: DefaultThreshold.isNeeded(wanted)),
        weight: weight, seed: seed(options))
      let reading = try reader.read(input, progress: bar)
      try EvaluateOptions.check(
        settings.protected, reading.data.attributes.map { ($0.columns, $0.keys) }, input.name)
      bar?.update("computing")
      figures = Evaluator(reading.data, options: settings).figures(asked, also: also)
      for task in reading.data.tasks { kinds[task.name] = task.kind }
      groups = reading.data.groupRows
      (tally, notes) = (reading.tally, reading.notes)
    }
    bar?.clear()
    let cells = SmallCells(figures, groups: groups, below: minimum)
    figures.removeAll { figure in
      hidden.contains { $0.id == figure.metric && (asked != nil || !$0.isDefault) }
    }
    figures = FigureSelection.shown(figures, asked: asked, gates: gates.metrics)
    if settings.permutations > 0 {
      let tests = PermutationNotes(figures, options, settings)
      figures = tests.figures
      notes += tests.notes
    }
    // A gate on what is not shown is open: limits one after the other would tell the figure.
    figures = figures.map(cells.shown)
    let verdicts = gates.verdicts(figures)
    try write(
      plan.namingProtected(figures, settings.protected), verdicts.map { ($0.text, $0.verdict) },
      plan, options, output)
    console.note(plan.words(kinds, settings.protected, weight))
    console.summary(tally, notes)
    for item in verdicts {
      Console.say("fairpost evaluate", FailureGates.sentence(item))
    }
    return FailureGates.status(verdicts.map(\.verdict))
  }

  /// Writes the figures in the form asked for.
  private static func write(
    _ figures: [Figure], _ verdicts: [(text: String, verdict: Gate.Verdict)],
    _ plan: EvaluationPlan, _ options: ParsedOptions, _ output: OutputFile
  ) throws {
    let format = options.choice("format") ?? (output.isTerminal ? "table" : "csv")
    let pairs = plan.tasks.flatMap(\.scores).compactMap { score in
      score.before.map { (before: $0, after: score.name) }
    }
    switch format {
    case "json":
      try output.write(
        try FigureJSON.bytes(figures, gates: verdicts, level: options.number("level") ?? 0.95))
    case "csv": try output.write(try FigureCSV.bytes(figures))
    default:
      try output.write(
        FigureTable(pairs: pairs, style: format == "md" ? .markdown : .aligned).text(figures))
    }
    try output.commit()
  }
}
