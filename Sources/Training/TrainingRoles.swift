internal import FairpostCSV
internal import FairpostEvaluation
package import FairpostLearning
package import FairpostNumerics
package import FairpostOptions
package import FairpostPipeline
package import FairpostRoles
internal import FairpostTransport

/// What every column of a training file is for, looked up by name before data is read.
package struct TrainingRoles {
  package let tasks: [TaskDeclaration]
  /// Columns that may become features, in the order of the file.
  package let features: [String]
  /// Columns left out though no option names them: what fairpost itself wrote, and the labels that a
  /// task's labels were made from.
  package let derived: [String]
  /// Features that `--rows` selects rows by.
  package let selecting: [String]
  /// Every sensitive attribute with its protected value, in the order of the command line.
  package let attributes: [ModelGroup]
  /// The columns of the sensitive attribute a method uses; empty without one.
  package let group: [String]
  /// The protected value, a text for each column of `group`; empty where none is named.
  package let protected: [ByteText]
  package let weight: (column: String, isFrequency: Bool)?
  package let split: String?
  package let taskColumn: String?
  package let id: String?
  /// Columns whose values are categories, or numbers, whatever they look like.
  package let categorical: Set<String>
  package let numeric: Set<String>

  /// The option that names a task.
  package static let taskOption = OptionSpec(
    "task", "t", .text("COL[:TYPE]"),
    help:
      "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, found in the labels where it is not given; repeat for several tasks",
    repeated: true, required: true, section: "Columns")

  /// The options that give columns their roles.
  package static let options: [OptionSpec] =
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

  /// Whether the rows to learn from have the sensitive columns.
  package let hasGroup: Bool

  /// Looks all columns up in a file's header.
  ///
  /// - Parameter mayLackGroup: the sensitive columns may be in the validation rows only.
  package init(_ options: ParsedOptions, _ input: Input, mayLackGroup: Bool = false) throws {
    let header = input.header.names
    tasks = try TaskDeclaration.all(options.texts("task"), columns: header)
    for task in tasks { _ = try input.column(task.name) }
    let attributes = try SensitiveAttributes.named(options)
    let values = try ProtectedValues(options)
    let group = attributes.first ?? values.columns
    self.group = group
    let known = Set(attributes.flatMap { $0 } + group)
    let all = attributes.isEmpty && !group.isEmpty ? [group] : attributes
    try values.check(all.isEmpty ? [group] : all)
    protected = values.key(group)?.parts ?? []
    self.attributes = all.map { columns in
      ModelGroup(columns: columns, protected: values.key(columns)?.parts ?? [])
    }
    let sensitive = known
    hasGroup = !mayLackGroup || sensitive.isSubset(of: header)
    if hasGroup { for column in sensitive.sorted() { _ = try input.column(column) } }

    weight = try WeightColumn.named(options)
    try Self.refuseConflicts(options, tasks, known)
    split = options.text("split-column")
    taskColumn = options.text("task-column")
    id = options.text("id")
    let excluded = options.columns("exclude").flatMap { $0 }
    let included = options.columns("include").flatMap { $0 }
    categorical = Set(options.columns("categorical").flatMap { $0 })
    numeric = Set(options.columns("numeric").flatMap { $0 })
    let single = [weight?.column, split, taskColumn, id].compactMap { $0 }
    for column in single + excluded + included + categorical.sorted() + numeric.sorted() {
      _ = try input.column(column)
    }
    if let both = categorical.intersection(numeric).sorted().first {
      throw UsageError("column \"\(both)\" is both --categorical and --numeric")
    }

    var never = Set(single + excluded + tasks.map(\.name))
    if !options.has("include-group") { never.formUnion(sensitive) }
    if let role = included.first(where: { never.contains($0) }) {
      throw UsageError(
        "--include \(role): the column has another role, or is in --exclude",
        hint: sensitive.contains(role) ? "--include-group lets sensitive columns be features" : nil)
    }
    let named = categorical.union(numeric).union(included)
    let sources = Set(tasks.compactMap { OwnColumns.stem($0.name) })
    let candidates = header.filter { !never.contains($0) && !$0.isEmpty }
    let derived = candidates.filter { name in
      !named.contains(name) && (OwnColumns.contains(name) || sources.contains(name))
    }
    self.derived = derived
    features = candidates.filter { !derived.contains($0) }
    let selected = input.settings.rows.map(\.column)
    selecting = features.filter { selected.contains($0) && !included.contains($0) }
    for name in features { _ = try input.column(name) }
    guard !features.isEmpty else {
      throw Failure(.badData, "\(input.name): no column is left to learn from")
    }
  }

  /// Refuses a column with two roles that contradict each other.
  private static func refuseConflicts(
    _ options: ParsedOptions, _ tasks: [TaskDeclaration], _ sensitive: Set<String>
  ) throws(UsageError) {
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(options)
    for task in tasks { try conflicts.take(task.name, "the label (--task)") }
    try conflicts.take(options.text("split-column"), "--split-column")
    for column in sensitive.sorted() {
      try conflicts.take(column, "a sensitive attribute (--group)")
    }
  }
}
