package import FairpostMetrics
internal import FairpostNumerics
package import FairpostOptions
internal import FairpostPipeline
internal import FairpostRoles
package import FairpostTransport

/// What `evaluate` can be told.
package enum EvaluateOptions {
  package static let columns: [OptionSpec] =
    [
      OptionSpec(
        "task", "t", .text("NAME[:TYPE]"),
        help:
          "a task by its label column; TYPE is regression, multiclass or binary=POSITIVE; its scores are NAME.score and NAME.fair, its decisions NAME.decision",
        repeated: true, section: "Columns"),
      OptionSpec(
        "score", "s", .column(),
        help:
          "a score column of another tool, paired with --task in order; COL.fair stands beside it",
        repeated: true, section: "Columns"),
      CommonOptions.group,
      OptionSpec(
        "intersections", help: "all combinations of the sensitive columns as well",
        section: "Columns"),
      OptionSpec(
        "protected", nil, .text("COL=VALUE"),
        help: "the protected value, for directed figures; COL,COL=VALUE,VALUE for an intersection",
        repeated: true, section: "Columns"),
      OptionSpec(
        "continuous", nil, .column(), help: "a numeric sensitive attribute", repeated: true,
        section: "Columns"),
      OptionSpec(
        "features", nil, .columns(),
        help: "numeric columns in which near rows are alike, for consistency",
        section: "Columns"),
      CommonOptions.id,
    ] + CommonOptions.weights

  package static let decisions: [OptionSpec] = [
    OptionSpec(
      "threshold", nil, .number("T"),
      help: "scores from T on are decided 1, whatever a column NAME.decision says",
      defaultNote: "0.5 for binary tasks, where no column NAME.decision has decided",
      section: "Decisions"),
    OptionSpec(
      "at-rate", nil, .number("R", in: 0...1),
      help:
        "decide 1 for the highest scores, this share of all, score by score, whatever a column NAME.decision says",
      section: "Decisions"),
  ]

  package static let figures: [OptionSpec] = [
    OptionSpec(
      "metrics", nil, .columns("ID[,ID...]"),
      help: "these figures only; \"fairpost help metrics\" lists them", repeated: true,
      section: "Figures"),
    OptionSpec(
      "level", nil, .number("P", in: 0.5...0.9999), help: "the level of intervals",
      default: "0.95", section: "Figures"),
    OptionSpec(
      "bootstrap", nil, .integer("N", in: 0...1_000_000),
      help: "intervals from N resamples instead of closed forms", default: "0", section: "Figures"),
    OptionSpec(
      "permutations", nil, .integer("N", in: 0...1_000_000),
      help: "p-values of figures over groups from N permutations; none can be below 1 / (N + 1)",
      default: "0",
      section: "Figures"),
    OptionSpec(
      "adjust-p", nil, .choice("none", "holm"),
      help:
        "correct p-values for the number of hypotheses; figures that test the same one count once",
      default: "none", section: "Figures"),
    OptionSpec(
      "map", "m", .file("MAP"), help: "count the calibration rows of this map into the noise floor",
      section: "Figures"),
    OptionSpec(
      "small-group", nil, .integer("N", in: 0...Int.max), help: "flag groups with fewer rows",
      default: "30", section: "Figures"),
    OptionSpec(
      "min-cell", nil, .integer("N", in: 0...Int.max),
      help: "show no figure that rests on fewer rows", default: "0", section: "Figures"),
    OptionSpec(
      "fail-if", nil, .text("EXPR"),
      help:
        "a limit, 'task/score/attribute:metric > 0.05', with <, >, <= or >=; exit 1 where its interval is beyond it, 2 where that is open",
      repeated: true, section: "Gate"),
  ]

  package static let output: [OptionSpec] = [
    OptionSpec(
      "format", nil, .choice("table", "csv", "json", "md"), help: "how figures are written",
      defaultNote: "table on a terminal, else csv", section: "Output")
  ]

  /// How figures are computed, from the command line.
  package static func settings(
    _ options: ParsedOptions, _ plan: EvaluationPlan, threads: Int
  ) throws -> EvaluationOptions {
    var settings = EvaluationOptions()
    if options.has("level"), let level = options.number("level") {
      settings.tail = (100 - level * 100) / 100
    }
    settings.smallGroup = options.integer("small-group") ?? 30
    settings.seed = UInt64(options.integer("seed") ?? 0)
    settings.bootstrap = options.integer("bootstrap") ?? 0
    settings.permutations = options.integer("permutations") ?? 0
    settings.threads = threads
    for attribute in plan.attributes.map({ $0.map(\.name) }) {
      settings.protected[attribute] = plan.protected.key(attribute)
    }
    if settings.permutations == 0, options.choice("adjust-p") == "holm" {
      throw UsageError("--adjust-p corrects p-values: ask for them with --permutations N")
    }
    return settings
  }

  /// Refuses a protected value that no row has.
  package static func check(
    _ protected: [[String]: GroupKey], _ attributes: [(columns: [String], keys: [GroupKey])],
    _ input: String
  ) throws {
    for (columns, keys) in attributes {
      guard let key = protected[columns], !keys.contains(key) else { continue }
      let near = nearest(key.description, in: keys.map(\.description))
      throw Failure(
        .badData,
        "\(input): column \"\(columns.joined(separator: ","))\": no row has the protected value \"\(key)\"",
        hint: near.map { "did you mean \"\($0)\"?" })
    }
  }
}
