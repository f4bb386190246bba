internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostRoles
internal import FairpostText

/// What `evaluate` can be told.
enum EvaluateOptions {
  static let columns: [OptionSpec] =
    [
      OptionSpec(
        "task", "t", .columnText("NAME[:TYPE]"),
        help:
          "a task, named by its label column; TYPE is regression, multiclass or binary=POSITIVE. Its scores are NAME.score and NAME.fair, its decisions NAME.decision",
        repeated: true, section: "Columns"),
      OptionSpec(
        "score", "s", .column(),
        help:
          "any score column, paired with --task in order; COL.fair is evaluated beside it",
        repeated: true, section: "Columns"),
      CommonOptions.group,
      OptionSpec(
        "intersections", help: "also evaluate all combinations of the sensitive columns",
        section: "Columns"),
      OptionSpec(
        "protected", nil, .columnText("COL=VALUE"),
        help:
          "the protected group, for figures that have a direction; COL,COL=VALUE,VALUE for an intersection",
        repeated: true, section: "Columns"),
      OptionSpec(
        "continuous", nil, .column(), help: "a numeric sensitive attribute", repeated: true,
        section: "Columns"),
      OptionSpec(
        "within", nil, .columns(),
        help: "compare groups among people with the same value of these columns",
        section: "Columns"),
      OptionSpec(
        "features", nil, .columns(),
        help: "numeric columns that say which rows are similar, for the figure consistency",
        section: "Columns"),
      CommonOptions.id,
    ] + CommonOptions.weights

  static let decisions: [OptionSpec] = [
    OptionSpec(
      "threshold", nil, .number("T"),
      help: "scores of at least T are decided 1, even if there is a column NAME.decision",
      defaultNote: "0.5 for binary tasks without a column NAME.decision",
      section: "Decisions"),
    OptionSpec(
      "at-rate", nil, .number("R", in: 0...1),
      help:
        "decide 1 for the highest-scored share R of rows, separately for each score, even if there is a column NAME.decision",
      section: "Decisions"),
  ]

  static let figures: [OptionSpec] = [
    OptionSpec(
      "metrics", nil, .words("ID[,ID...]", MetricSearch.ids),
      help: "only these figures; \"fairpost help metrics\" lists them", repeated: true,
      section: "Figures"),
    OptionSpec(
      "level", nil, .number("P", in: 0.5...0.9999), help: "the confidence level of intervals",
      default: "0.95", section: "Figures"),
    OptionSpec(
      "bootstrap", nil, .integer("N", in: 0...1_000_000),
      help: "intervals from N resamples instead of closed forms", default: "0", section: "Figures"),
    OptionSpec(
      "permutations", nil, .integer("N", in: 0...1_000_000),
      help:
        "add p-values of figures that compare groups, from N permutations; none can be below 1 / (N + 1)",
      default: "0",
      section: "Figures"),
    OptionSpec(
      "adjust-p", nil, .choice("none", "holm"),
      help:
        "correct p-values for the number of hypotheses; figures that test the same one count once",
      default: "none", section: "Figures"),
    OptionSpec(
      "map", "m", .file("MAP"),
      help: "also count this map's calibration rows in the chance level",
      section: "Figures"),
    OptionSpec(
      "small-group", nil, .integer("N", in: 0...Int.max), help: "flag groups with fewer rows",
      default: "30", section: "Figures"),
    OptionSpec(
      "min-cell", nil, .integer("N", in: 0...Int.max),
      help: "hide figures that rest on fewer rows", default: "0", section: "Figures"),
    OptionSpec(
      "fail-if", nil, .text("EXPR"),
      help:
        "fail if a figure is beyond this limit: 'task/score/attribute:metric > 0.05', with <, >, <= or >=; exit with 1 if the whole interval is beyond it, with 2 if the interval contains it",
      repeated: true, section: "Gate"),
  ]

  static let output: [OptionSpec] = [
    OptionSpec(
      "format", nil, .choice("table", "csv", "json", "md"), help: "how figures are written",
      defaultNote: "table on a terminal, else csv", section: "Output"),
    OptionSpec(
      "all", help: "for tables: show every figure, instead of the answer first", section: "Output"),
    CommonOptions.width,
  ]

  /// What is held of the scores.
  static let memory = CommonOptions.memory(
    "the most memory for scores as they stand, where figures of ranks need them; beyond it each different score of a group is held once"
  )

  /// Counts in place of figures, and what is said of counts that are read.
  static let counts = counts(
    "round scores to B significant binary digits, so that the file stays small; a score moves by at most 2^-B of itself. Read with the same --sketch, such counts say how far ks and auc can be off"
  )

  /// Counts in place of what a command makes of them.
  static func counts(_ sketch: String) -> [OptionSpec] {
    [
      OptionSpec(
        "summary",
        help:
          "write no figures, but each different record of the columns in use once, with a count in column n: a smaller file that gives the same figures, read with --frequency n",
        section: "Output"),
      OptionSpec(
        "sketch", nil, .integer("B", in: RowCounts.sketchDigits), help: "with --summary: \(sketch)",
        section: "Output"),
    ]
  }

  /// Whether counts are asked for, with nothing that only figures have.
  ///
  /// - Parameter tellsError: whether the command says how far rounded counts that it reads are off.
  static func wantsCounts(
    _ options: ParsedOptions, tellsError: Bool = false
  ) throws(UsageError) -> Bool {
    guard options.has("summary") else {
      guard options.has("sketch"), !(tellsError && options.has("frequency")) else { return false }
      throw UsageError(
        "--sketch belongs to --summary\(tellsError ? ", or to the counts it wrote, read with --frequency n" : "")"
      )
    }
    let figures = [
      "metrics", "fail-if", "format", "all", "bootstrap", "permutations", "at-rate", "map",
      "min-cell", "tests", "population", "reference", "category", "check",
    ]
    if let other = figures.first(where: { options.has($0) }) {
      throw UsageError(
        "--summary writes counts, no figures: --\(other) belongs to the command that reads them")
    }
    return true
  }
}

extension EvaluationRequest {
  /// What a command line asks for.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init()
    roles = try RoleNames(options)
    wantsIntersections = options.has("intersections")
    continuous = options.texts("continuous")
    strata = options.columns("within").flatMap { $0 }
    features = options.columns("features").flatMap { $0 }
    metrics = options.has("metrics") ? options.columns("metrics").flatMap { $0 } : nil
    threshold = options.number("threshold")
    rate = options.number("at-rate")
    level = options.has("level") ? options.number("level") : nil
    bootstrap = options.integer("bootstrap") ?? 0
    permutations = options.integer("permutations") ?? 0
    correctsP = options.choice("adjust-p") == "holm"
    map = options.text("map")
    smallGroup = options.integer("small-group") ?? 30
    minimumCell = options.integer("min-cell") ?? 0
    limits = options.texts("fail-if")
    seed = UInt64(options.integer("seed") ?? 0)
    sketch = options.integer("sketch")
    if let memory = options.integer("memory") { self.memory = memory << 20 }
  }
}
