internal import FairpostCSV
internal import FairpostEvaluation
package import FairpostLearning
package import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText
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
  package let weight: RoleNames.WeightName?
  package let split: String?
  package let taskColumn: String?
  package let id: String?
  /// Columns whose values are categories, or numbers, whatever they look like.
  package let categorical: Set<String>
  package let numeric: Set<String>

  /// Whether the rows to learn from have the sensitive columns.
  package let hasGroup: Bool

  /// Looks all columns up in a file's header.
  ///
  /// - Parameter mayLackGroup: the sensitive columns may be in the validation rows only.
  package init(_ columns: LearningColumns, _ input: Input, mayLackGroup: Bool = false) throws {
    let roles = columns.roles
    let header = input.header.names
    tasks = try TaskDeclaration.all(roles.tasks, columns: header)
    for task in tasks { _ = try input.column(task.name) }
    let attributes = try SensitiveAttributes.checked(roles.groups)
    let values = try ProtectedValues(roles.protected)
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

    weight = roles.weight
    try Self.refuseConflicts(columns, tasks, known)
    split = columns.split
    taskColumn = columns.taskColumn
    id = roles.id
    let excluded = try Self.matching(columns.excluded, input)
    let included = columns.included
    categorical = Set(columns.categorical)
    numeric = Set(columns.numeric)
    let single = [weight?.column, split, taskColumn, id].compactMap { $0 }
    for column in single + excluded + included + categorical.sorted() + numeric.sorted() {
      _ = try input.column(column)
    }
    if let both = categorical.intersection(numeric).sorted().first {
      throw UsageError(
        "column \"\(both)\" is both \(option: "categorical") and \(option: "numeric")")
    }

    var never = Set(single + excluded + tasks.map(\.name))
    if !columns.includesGroup { never.formUnion(sensitive) }
    if let role = included.first(where: { never.contains($0) }) {
      throw UsageError(
        "\(option: "include") \(role): the column already has another role, or is in \(option: "exclude")",
        hint: sensitive.contains(role)
          ? "\(option: "include-group") lets sensitive columns be features" : nil)
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

  /// Names of columns, with each pattern replaced by the columns that it fits.
  ///
  /// In a pattern `*` stands for any text, `?` for one character. A column that is called like a pattern
  /// is that column.
  private static func matching(_ names: [String], _ input: Input) throws -> [String] {
    var all: [String] = []
    for name in names {
      let isPattern = name.contains { $0 == "*" || $0 == "?" }
      guard isPattern, !input.header.contains(name) else {
        all.append(name)
        continue
      }
      let fitting = input.header.names.filter { fits(Array($0), Array(name)) }
      guard !fitting.isEmpty else {
        throw UsageError(
          "\(option: "exclude") \(name): no column of \(input.name) fits the pattern",
          hint: "the columns are \(input.header.names.prefix(12).joined(separator: ", "))")
      }
      all += fitting.filter { !all.contains($0) }
    }
    return all
  }

  private static func fits(_ text: [Character], _ pattern: [Character]) -> Bool {
    var (at, place) = (0, 0)
    // Where the last `*` stands, and how much it has taken.
    var star: (place: Int, taken: Int)?
    while at < text.count {
      if place < pattern.count, pattern[place] == "*" {
        star = (place, at)
        place += 1
      } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[at] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.place, last.taken + 1)
        (at, place) = (last.taken + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }

  /// Refuses a column with two roles that contradict each other.
  private static func refuseConflicts(
    _ columns: LearningColumns, _ tasks: [TaskDeclaration], _ sensitive: Set<String>
  ) throws(UsageError) {
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(columns.roles)
    for task in tasks { try conflicts.take(task.name, "the label (\(option: "task"))") }
    try conflicts.take(columns.split, "\(option: "split-column")")
    for column in sensitive.sorted() {
      try conflicts.take(column, "a sensitive attribute (\(option: "group"))")
    }
  }
}
