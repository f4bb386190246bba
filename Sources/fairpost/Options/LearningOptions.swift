internal import FairpostOptions
internal import FairpostRoles
internal import FairpostText
internal import FairpostTraining

/// What says of rows to learn from what their columns are for.
enum LearningOptions {
  /// The option that names a task.
  static let taskOption = OptionSpec(
    "task", "t", .columnText("COL[:TYPE]"),
    help:
      "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, and without it the labels decide; repeat the option for several tasks",
    repeated: true, required: true, section: "Columns")

  /// The options that give columns their roles.
  static let options: [OptionSpec] =
    [
      taskOption, CommonOptions.group,
      OptionSpec(
        "protected", nil, .columnText("COL=VALUE"),
        help: "the protected group, for methods that need one",
        repeated: true, section: "Columns"),
      OptionSpec(
        "include-group", help: "use the sensitive columns as features", section: "Columns"),
      OptionSpec(
        "exclude", nil, .columns(),
        help: "columns that are not to be features; 'v_*' means all whose names begin so",
        repeated: true, section: "Columns"),
      OptionSpec(
        "include", nil, .columns(),
        help:
          "use these columns as features, although fairpost writes columns of such names: NAME.score, NAME.fair, NAME.decision, NAME.massaged, weight, split",
        repeated: true, section: "Columns"),
      OptionSpec(
        "categorical", nil, .columns(),
        help: "columns to treat as categories, though they look like numbers",
        repeated: true, section: "Columns"),
      OptionSpec(
        "numeric", nil, .columns(),
        help: "columns to treat as numbers: a text in them is a bad value, not a category",
        repeated: true,
        section: "Columns"),
      OptionSpec(
        "task-column", nil, .column(),
        help: "for meta-learning: the column that names a row's task (such as a state or clinic)",
        section: "Columns"),
      OptionSpec(
        "split-column", nil, .column(),
        help:
          "a column that says what each row is for: \"train\" to learn from, \"validation\", \"val\" or \"valid\" to choose the best epoch; other rows are left out",
        section: "Validation"),
      CommonOptions.id,
    ] + CommonOptions.weights

  /// The policies for what training rows had not shown.
  static let policies: [OptionSpec] = [
    OptionSpec(
      "missing-column", nil, .choice("error", "missing"),
      help:
        "what to do if a column that the model reads does not exist; missing treats it as empty",
      default: "error", section: "Policies"),
    OptionSpec(
      "new-category", nil, .choice("other", "error"),
      help:
        "what to do with a category that did not occur in the training rows; other treats it as the level \"other\", or as none of the known ones",
      default: "other", section: "Policies"),
  ]
}

extension LearningColumns {
  /// The roles a command line gives.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init()
    roles = try RoleNames(options)
    includesGroup = options.has("include-group")
    excluded = options.columns("exclude").flatMap { $0 }
    included = options.columns("include").flatMap { $0 }
    categorical = options.columns("categorical").flatMap { $0 }
    numeric = options.columns("numeric").flatMap { $0 }
    taskColumn = options.text("task-column")
    split = options.text("split-column")
    logTargets = options.texts("target-transform")
  }
}

extension LearningRequest {
  /// What a command line asks for.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init()
    columns = try LearningColumns(options)
    validation = options.text("validation")
    validationShare = options.number("validation-share")
    standardises = !options.has("no-standardise")
    levels = options.integer("levels") ?? 50
    heldOut = options.text("held-out")
    initial = options.text("init")
    log = options.text("log")
    weights = options.text("save-weights")
    seed = UInt64(options.integer("seed") ?? 0)
    for option in [
      "no-standardise", "include-group", "validation-share", "levels", "exclude", "include",
    ] {
      if options.has(option), options.text(option) == "" {
        recorded[option] = "yes"
      } else if options.text(option) != nil {
        recorded[option] = options.texts(option).joined(separator: ",")
      }
    }
  }
}

extension ModelColumnPolicy {
  /// What a command line says.
  init(_ options: ParsedOptions) {
    self.init()
    takesMissingColumns = options.choice("missing-column") == "missing"
    refusesNewCategories = options.choice("new-category") == "error"
  }
}
