internal import FairpostCSV
internal import FairpostMethods
package import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText
internal import FairpostTransport

/// Which columns an evaluation looks at, and as what; settled from the header, before any data is read.
package struct EvaluationPlan {
  /// One score of a task: a column, or one column for each class.
  package struct Score {
    package let name: String
    /// The columns by class; one without a class for all but multiclass tasks, none for decisions alone.
    package let columns: [(category: String?, column: ColumnReference)]
    /// The score this one was made from, where it stands beside it.
    package var before: String?
    /// What kind of score it is.
    package var kind: ScoreKind { before == nil ? .given : .adjusted }
  }

  /// One task.
  package struct Task {
    package let name: String
    package let kind: TaskDeclaration.Kind
    package let label: ColumnReference?
    package fileprivate(set) var decision: ColumnReference?
    package let scores: [Score]

    /// The column that has decided by a score: a score made from another one beside it has none.
    package func decision(of score: Score) -> ColumnReference? {
      score.before == nil ? decision : nil
    }

    /// Whether scores come one for each class.
    package var isMulticlass: Bool {
      kind == .multiclass || scores.contains { $0.columns.contains { $0.category != nil } }
    }
  }

  package let tasks: [Task]
  /// The attributes, intersections included.
  package let attributes: [[ColumnReference]]
  package let features: [ColumnReference]
  package let continuous: [ColumnReference]
  /// The columns of strata; empty where there are none.
  package let strata: [ColumnReference]
  package let id: ColumnReference?
  package let protected: ProtectedValues

  /// Settles the columns that are asked for.
  package init(_ request: EvaluationRequest, _ input: Input) throws {
    let roles = request.roles
    let header = input.header
    let declared = try TaskDeclaration.all(roles.tasks, columns: header.names)
    let named = roles.scores
    if let twice = named.first(where: { one in named.count { $0 == one } > 1 }) {
      throw UsageError("\(option: "score") \(twice) is given twice")
    }
    var tasks =
      named.isEmpty
      ? try Self.tasks(declared, input) : try Self.tasks(declared, scores: named, input)
    let deciding: [(name: String, value: Double?)] = [
      ("threshold", request.threshold), ("at-rate", request.rate),
    ]
    for option in deciding.filter({ $0.value != nil }).map(\.name) {
      for place in tasks.indices where !tasks[place].isMulticlass {
        // What is asked for is done, whatever was decided before.
        guard tasks[place].scores.contains(where: { !$0.columns.isEmpty }) else {
          throw UsageError(
            "--\(option) decides by scores, but task \(tasks[place].name) has only decisions")
        }
        tasks[place].decision = nil
      }
    }
    self.tasks = tasks
    attributes = try Self.attributes(request, input)
    features = try request.features.map { try input.column($0) }
    continuous = try request.continuous.map { try input.column($0) }
    strata = try request.strata.map { try input.column($0) }
    id = try roles.id.map { try input.column($0) }
    protected = try ProtectedValues(roles.protected)
    try protected.check(attributes.map { $0.map(\.name) })
    try refuseConflicts(roles)
  }

  /// Refuses a column with two roles that contradict each other.
  private func refuseConflicts(_ roles: RoleNames) throws(UsageError) {
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(roles)
    for task in tasks {
      try conflicts.take(task.label?.name, "the label (\(option: "task"))")
      try conflicts.take(task.decision?.name, "the decision")
      for column in task.scores.flatMap(\.columns) {
        try conflicts.take(column.column.name, "a score")
      }
    }
    for column in Set(attributes.joined().map(\.name)).sorted() {
      try conflicts.take(column, "a sensitive attribute (\(option: "group"))")
    }
  }

  /// Tasks whose scores follow from their names.
  private static func tasks(_ declared: [TaskDeclaration], _ input: Input) throws -> [Task] {
    var declared = declared
    if declared.isEmpty {
      var names: [String] = []
      for word in ["score", "fair", "decision"] where names.isEmpty {
        for column in input.header.names {
          let name = task(of: column, word)
          if let name, !names.contains(name) { names.append(name) }
        }
      }
      guard !names.isEmpty else {
        throw UsageError(
          "\(input.name) has no column *.score",
          hint:
            "name the score columns with \(option: "score") COL, and their labels with \(option: "task") COL"
        )
      }
      declared = names.map { TaskDeclaration(name: $0, kind: .undeclared) }
    }
    return try declared.map { task in
      var scores: [Score] = []
      for word in ["score", "fair"] {
        let whole = "\(task.name).\(word)"
        let before = scores.first?.name
        if input.header.contains(whole) {
          scores.append(
            Score(name: whole, columns: [(nil, try input.column(whole))], before: before))
          continue
        }
        let parts = input.header.names.filter { Self.task(of: $0, word) == task.name }
        if parts.isEmpty { continue }
        let columns = try parts.map {
          (String($0.dropFirst(whole.count + 1)) as String?, try input.column($0))
        }
        scores.append(Score(name: whole, columns: columns, before: before))
      }
      let decision = "\(task.name).decision"
      let hasDecision = input.header.contains(decision)
      if scores.isEmpty, hasDecision { scores.append(Score(name: decision, columns: [])) }
      if scores.isEmpty, input.header.contains(task.name) {
        throw Failure(
          .badData, "\(input.name): no column \"\(task.name).score\" for task \(task.name)",
          hint: "name the column of its scores with \(option: "score") COL")
      }
      if scores.isEmpty { _ = try input.column("\(task.name).score") }
      return Task(
        name: task.name, kind: task.kind, label: try label(task.name, input),
        decision: hasDecision ? try input.column(decision) : nil, scores: scores)
    }
  }

  /// Tasks whose scores another tool named.
  private static func tasks(
    _ declared: [TaskDeclaration], scores named: [String], _ input: Input
  ) throws -> [Task] {
    func sideBySide(_ names: [String]) throws -> [Score] {
      var scores: [Score] = []
      for name in names {
        scores.append(Score(name: name, columns: [(nil, try input.column(name))]))
        let fair = ScoreName.derived(name, "fair")
        if fair != name, input.header.contains(fair), !named.contains(fair) {
          scores.append(
            Score(name: fair, columns: [(nil, try input.column(fair))], before: name))
        }
      }
      return scores
    }
    func task(_ declaration: TaskDeclaration, _ names: [String], mustHaveLabel: Bool) throws -> Task
    {
      // Of several scores of one task none owns the decisions; of one, its own count too.
      let owners = [declaration.name] + (names.count == 1 ? names : [])
      let decision = owners.map { ScoreName.derived($0, "decision") }
        .first { input.header.contains($0) }
      return Task(
        name: declaration.name, kind: declaration.kind,
        label: mustHaveLabel
          ? try input.column(declaration.name)
          : names.contains(declaration.name) ? nil : try label(declaration.name, input),
        decision: try decision.map { try input.column($0) },
        scores: try sideBySide(names))
    }
    if declared.count == 1 { return [try task(declared[0], named, mustHaveLabel: true)] }
    if declared.isEmpty {
      return try named.map { name in
        let prefix = Self.task(of: name, "score") ?? name
        return try task(
          TaskDeclaration(name: prefix, kind: .undeclared), [name], mustHaveLabel: false)
      }
    }
    guard declared.count == named.count else {
      throw UsageError(
        "\(option: "task") and \(option: "score") are paired in order, but there are \(declared.count) and \(named.count)"
      )
    }
    return try zip(declared, named).map { try task($0, [$1], mustHaveLabel: true) }
  }

  /// The task of `TASK.word` or `TASK.word.CLASS`.
  private static func task(of column: String, _ word: String) -> String? {
    let suffix = ".\(word)"
    if column.hasSuffix(suffix), column.count > suffix.count {
      return String(column.dropLast(suffix.count))
    }
    guard word != "decision" else { return nil }
    if word == "score" { return ScoreName.parts(column)?.task }
    let score = column.replacingFirst(".\(word).", with: ".score.")
    return score == column ? nil : ScoreName.parts(score)?.task
  }

  /// The label column of a task; a score column that happens to have the name is none.
  private static func label(_ name: String, _ input: Input) throws -> ColumnReference? {
    input.header.contains(name) && task(of: name, "score") == nil ? try input.column(name) : nil
  }

  /// The sensitive attributes, and all combinations of their columns where they are asked for.
  private static func attributes(
    _ request: EvaluationRequest, _ input: Input
  ) throws -> [[ColumnReference]] {
    var names = try SensitiveAttributes.checked(request.roles.groups)
    if request.wantsIntersections {
      var columns: [String] = []
      for column in names.joined() where !columns.contains(column) { columns.append(column) }
      guard columns.count > 1 else {
        throw UsageError("\(option: "intersections") needs two sensitive columns")
      }
      guard columns.count <= 6 else {
        throw UsageError(
          "\(option: "intersections") of \(columns.count) columns: at most 6 can be combined")
      }
      // By size, then in the order of the command line.
      let masks = (1..<(1 << columns.count)).filter { $0.nonzeroBitCount > 1 }
        .sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }
      for mask in masks {
        let crossed = columns.indices.filter { mask >> $0 & 1 == 1 }.map { columns[$0] }
        if !names.contains(where: { Set($0) == Set(crossed) }) { names.append(crossed) }
      }
    }
    return try names.map { try input.columns($0) }
  }
}

extension String {
  /// The text with the first occurrence of a part replaced.
  fileprivate func replacingFirst(_ part: String, with other: String) -> String {
    let bytes = Array(utf8)
    let wanted = Array(part.utf8)
    guard bytes.count >= wanted.count else { return self }
    for start in 0...(bytes.count - wanted.count)
    where bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
      return String(decoding: bytes[..<start], as: UTF8.self) + other
        + String(decoding: bytes[(start + wanted.count)...], as: UTF8.self)
    }
    return self
  }
}
