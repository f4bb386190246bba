internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostTraining

/// What `reweigh`, `resample` and `massage` can be told.
enum RebalanceOptions {
  /// The options all three have.
  static let columns: [OptionSpec] = [
    OptionSpec(
      "task", "t", .columnText("COL[:binary=VALUE]"),
      help: "the label column, with its positive value",
      required: true, section: "Columns"),
    OptionSpec(
      "group", "g", .columns("COL[,COL...]"),
      help:
        "the column of the sensitive attribute; several columns make one attribute of their combinations",
      required: true,
      section: "Columns"),
    OptionSpec(
      "weight", nil, .column(), help: "a column of weights the rows already have",
      section: "Columns"),
    CommonOptions.id,
  ]

  /// The protected value, where one is needed.
  static let protected = OptionSpec(
    "protected", nil, .columnText("COL=VALUE"), help: "the protected group of a sensitive column",
    repeated: true, section: "Columns")

  /// The ranker's scores, where they are needed.
  static let score = OptionSpec(
    "score", nil, .column(), help: "a column of scores that rank the rows, higher for label 1",
    defaultNote: "TASK.score", section: "Columns")

}

extension RebalanceRows {
  /// The rows a command line names.
  ///
  /// - Parameter makes: the column the command appends, looked up before the work.
  init(
    _ path: String?, _ options: ParsedOptions, needsScores: Bool, makes: (String) -> String?
  ) throws {
    let settings = try InputSettings(options)
    var first = settings
    first.rejects = nil
    try self.init(
      try TwicePass(path, first, memoryLimit: (options.integer("memory") ?? 0) << 20),
      second: settings, try RoleNames(options), seed: UInt64(options.integer("seed") ?? 0),
      needsScores: needsScores, overwrite: options.has("overwrite"), makes: makes)
  }
}
