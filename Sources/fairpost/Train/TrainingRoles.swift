internal import CSV
internal import Learning
internal import Numerics
internal import Options
internal import Pipeline
internal import Roles

/// What every column of a training file is for, looked up by name before data is read.
struct TrainingRoles {
  let tasks: [TaskChoice]
  /// Columns that may become features, in the order of the file.
  let features: [String]
  /// Columns left out though no option names them: what fairpost itself wrote, and the labels that a
  /// task's labels were made from.
  let derived: [String]
  /// Features that `--rows` selects rows by.
  let selecting: [String]
  /// Every sensitive attribute with its protected value, in the order of the command line.
  let attributes: [ModelGroup]
  /// The columns of the sensitive attribute a method uses; empty without one.
  let group: [String]
  /// The protected value, a text for each column of `group`; empty where none is named.
  let protected: [ByteText]
  let weight: (column: String, isFrequency: Bool)?
  let split: String?
  let taskColumn: String?
  let id: String?
  /// Columns whose values are categories, or numbers, whatever they look like.
  let categorical: Set<String>
  let numeric: Set<String>

  /// The options that give columns their roles.
  static let options: [OptionSpec] =
    [
      TaskChoice.option, CommonOptions.group,
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

  /// Looks all columns up in a file's header.
  init(_ options: ParsedOptions, _ input: Input) throws {
    let header = input.header.names
    tasks = try options.texts("task").map { try TaskChoice($0, columns: header) }
    for (place, task) in tasks.enumerated() {
      _ = try input.column(task.name)
      if tasks[..<place].contains(where: { $0.name == task.name }) {
        throw UsageError("--task \(task.name) is given twice")
      }
    }
    let attributes = options.columns("group")
    var values: [String: String] = [:]
    var order: [String] = []
    for text in options.texts("protected") {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw UsageError("--protected \(text): COL=VALUE is wanted")
      }
      let column = String(text[..<equals])
      guard values.updateValue(String(text[text.index(after: equals)...]), forKey: column) == nil
      else { throw UsageError("--protected: column \"\(column)\" is given twice") }
      order.append(column)
    }
    let group = attributes.first ?? order
    self.group = group
    let known = Set(attributes.flatMap { $0 } + group)
    if let stray = order.first(where: { !known.contains($0) }) {
      throw UsageError("--protected \(stray): no --group names this column")
    }
    let parts = group.compactMap { values[$0] }
    guard parts.isEmpty || parts.count == group.count else {
      throw UsageError("--protected: name a value for each of \(group.joined(separator: ", "))")
    }
    protected = parts.map { ByteText($0) }
    self.attributes = (attributes.isEmpty && !group.isEmpty ? [group] : attributes).map { columns in
      let parts = columns.compactMap { values[$0] }.map { ByteText($0) }
      return ModelGroup(columns: columns, protected: parts.count == columns.count ? parts : [])
    }
    let sensitive = known
    for column in sensitive.sorted() { _ = try input.column(column) }

    weight = try WeightColumn.named(options)
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
}
