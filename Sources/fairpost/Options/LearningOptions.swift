internal import FairpostOptions
internal import FairpostRoles
internal import FairpostText
internal import FairpostTraining

/// What says of rows to learn from what their columns are for.
enum LearningOptions {
  /// The option that names a task.
  static let taskOption = OptionSpec(
    "task", "t", .text("COL[:TYPE]"),
    help:
      "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, found in the labels where it is not given; repeat for several tasks",
    repeated: true, required: true, section: "Columns")

  /// The options that give columns their roles.
  static let options: [OptionSpec] =
    [
      taskOption, CommonOptions.group,
      OptionSpec(
        "protected", nil, .text("COL=VALUE"),
        help: "the protected value of a sensitive column, for methods that need one",
        repeated: true, section: "Columns"),
      OptionSpec(
        "include-group", help: "let the sensitive columns be features", section: "Columns"),
      OptionSpec(
        "exclude", nil, .columns(), help: "columns that never become features", repeated: true,
        section: "Columns"),
      OptionSpec(
        "include", nil, .columns(),
        help:
          "features whose names are those of columns that fairpost writes: NAME.score, NAME.fair, NAME.decision, NAME.massaged, weight, split",
        repeated: true, section: "Columns"),
      OptionSpec(
        "categorical", nil, .columns(),
        help: "columns of categories, though they look like numbers",
        repeated: true, section: "Columns"),
      OptionSpec(
        "numeric", nil, .columns(),
        help: "columns of numbers: a text in them is a bad value, not a category", repeated: true,
        section: "Columns"),
      OptionSpec(
        "task-column", nil, .column(),
        help: "the column that names the task (state, clinic) of a row in meta-learning",
        section: "Columns"),
      OptionSpec(
        "split-column", nil, .column(),
        help:
          "a column whose rows \"train\" train and whose rows \"validation\", \"val\" or \"valid\" choose the best epoch; others are left out",
        section: "Validation"),
      CommonOptions.id,
    ] + CommonOptions.weights

  /// The policies for what training rows had not shown.
  static let policies: [OptionSpec] = [
    OptionSpec(
      "missing-column", nil, .choice("error", "missing"),
      help: "what to do where a column the model reads is not there; missing takes it as empty",
      default: "error", section: "Policies"),
    OptionSpec(
      "new-category", nil, .choice("other", "error"),
      help:
        "what to do with a category training rows did not have; other takes it as the level \"other\", or as no level where there is none",
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
