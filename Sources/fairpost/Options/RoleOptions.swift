internal import FairpostAdjusting
internal import FairpostOptions
internal import FairpostRoles
internal import FairpostText

extension RoleNames {
  /// The roles a command line gives; what it does not have is not asked for.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init()
    tasks = options.texts("task")
    scores = options.texts("score")
    groups = options.columns("group")
    protected = options.texts("protected")
    id = options.text("id")
    switch (options.text("weight"), options.text("frequency")) {
    case (nil, nil): break
    case (let name?, nil): weight = WeightName(name, isFrequency: false)
    case (nil, let name?): weight = WeightName(name, isFrequency: true)
    default: throw UsageError("--weight and --frequency cannot be used together")
    }
  }
}

/// The options that name the columns of a fit.
enum FitOptions {
  /// Scores, groups, keys and weights.
  static let columns: [OptionSpec] =
    scores + [CommonOptions.group, CommonOptions.id] + CommonOptions.weights

  /// The options that name them.
  static let scores: [OptionSpec] = [
    OptionSpec(
      "task", "t", .columnText("NAME"),
      help: "a task: its scores are in NAME.score (or NAME.score.CLASS)",
      repeated: true, section: "Columns"),
    OptionSpec(
      "score", "s", .column(), help: "any score column; the adjusted one is called COL.fair",
      repeated: true, section: "Columns"),
  ]

  /// What is held of the records.
  static let memory = CommonOptions.memory(
    "the most memory for records as they stand; beyond it the fit of wasserstein holds each different score of a group once, and a pipe that is read twice goes into a temporary file"
  )

  /// What parts of the data leave for the fit of the whole.
  static let summary: [OptionSpec] = [
    OptionSpec(
      "summary",
      help:
        "write a summary of these records instead of a map: merge makes a map from the summaries of several files or machines",
      section: "Merging"),
    OptionSpec(
      "min-cell", nil, .integer("K", in: 2...1_000_000),
      help:
        "with --summary: keep no score and no cell of fewer than K records, for rows that may not leave",
      section: "Merging"),
  ]

  /// The options of a command line that decide a fit's result, in a fixed order.
  static func decisive(_ options: ParsedOptions) -> [(name: String, value: String)] {
    // How the bytes of a file are read says nothing of the records: a part may lack the header.
    let passing: Set = [
      "delimiter", "decimal", "no-header", "columns", "max-bad", "progress",
      "output", "threads", "quiet", "shard", "calibrate", "overwrite", "flag", "memory",
      "rejects", "unbuffered", "map", "steps", "summary",
    ]
    return options.given.filter { !passing.contains($0.name) }.sorted { $0.name < $1.name }
  }
}
