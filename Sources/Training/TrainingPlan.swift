package import FairpostLearning
package import FairpostNumerics
internal import FairpostPipeline
package import FairpostRoles
package import FairpostText

/// What a model will read and predict, settled once the columns' types are known.
package struct TrainingPlan: Sendable {
  /// A column that becomes features.
  package struct Feature: Sendable {
    package let name: String
    package let isNumeric: Bool
  }

  package let features: [Feature]
  package let tasks: [ModelTask]
  /// What was found rather than told, for people to check.
  package let notes: [Message]

  /// Settles types that were left open.
  ///
  /// - Parameter logTargets: the regressions whose logarithm is learned: `log`, or `TASK=log`.
  package init(
    _ roles: TrainingRoles, _ types: ColumnTypes, logTargets: [String], input name: String
  ) throws {
    var notes: [Message] = []
    var features: [Feature] = []
    for column in roles.features {
      let facts = types[column]
      let isNumeric =
        roles.numeric.contains(column)
        || (facts.isNumeric && !roles.categorical.contains(column))
      // One typing error must not turn a number into fifty categories unnoticed.
      if !isNumeric, !roles.categorical.contains(column), 2 * facts.numbers > facts.present,
        let text = facts.firstText
      {
        throw Failure(
          .badData,
          "\(name): column \"\(column)\": \(facts.numbers) of \(facts.present) values are numbers, but \"\(text)\" is not",
          hint:
            "\(option: "categorical") \(column) takes it as categories, \(option: "numeric") \(column) (with \(option: "on-bad-row") skip to drop such rows) as numbers, \(option: "missing") '\(text)' as missing"
        )
      }
      features.append(Feature(name: column, isNumeric: isNumeric))
    }
    self.features = features
    let texts = features.filter { !$0.isNumeric }.map(\.name)
    if !texts.isEmpty { notes.append("categorical: \(texts.joined(separator: ", "))") }
    if !roles.derived.isEmpty {
      notes.append(
        "not features, because fairpost wrote them or a label was made from them: \(roles.derived.joined(separator: ", ")) (\(option: "include") COL takes one)"
      )
    }

    let logTasks = try Self.logTasks(logTargets, roles)
    tasks = try roles.tasks.map { choice in
      let facts = types[choice.name]
      let kind = try Self.kind(choice, facts, isLog: logTasks.contains(choice.name), name)
      if choice.kind == .undeclared {
        switch kind {
        case .binary: notes.append("task \(choice.name): binary (labels 0 and 1)")
        case .multiclass(let classes):
          notes.append("task \(choice.name): multiclass, \(classes.count) classes")
        case .regression: notes.append("task \(choice.name): regression")
        }
      }
      return ModelTask(
        name: choice.name, kind: kind, negative: Self.negative(kind, facts.values))
    }
    for task in logTasks.sorted() where !tasks.contains(where: { $0.name == task && $0.isLog }) {
      throw UsageError("\(option: "target-transform"): the task \"\(task)\" is not a regression")
    }
    self.notes = notes
  }

  /// The regression tasks whose logarithm is learned.
  private static func logTasks(
    _ targets: [String], _ roles: TrainingRoles
  ) throws(UsageError) -> Set<String> {
    var names: Set<String> = []
    for text in targets {
      if text == "log" {
        guard roles.tasks.count == 1 else {
          throw UsageError("\(option: "target-transform") log: say for which task: TASK=log")
        }
        names.insert(roles.tasks[0].name)
        continue
      }
      guard text.hasSuffix("=log"), roles.tasks.contains(where: { "\($0.name)=log" == text }) else {
        throw UsageError("\(option: "target-transform") \(text): expected log or TASK=log")
      }
      names.insert(String(text.dropLast(4)))
    }
    return names
  }

  /// The kind of a task, as told or as the labels show it.
  package static func kind(
    _ choice: TaskDeclaration, _ facts: ColumnTypes.Facts, isLog: Bool, _ name: String
  ) throws -> TaskKind {
    guard facts.present > 0 else {
      throw Failure(
        .badData, "\(name): column \"\(choice.name)\": no row has a label")
    }
    let texts = facts.values.sorted()
    let isZeroOne = texts.allSatisfy { number($0) == 0 || number($0) == 1 }
    let hint: Message =
      "write \(option: "task") '\(choice.name):binary=\(texts.last?.description ?? "yes")' to name the positive value"
    switch choice.kind {
    case .regression:
      if let text = facts.firstText {
        throw Failure(
          .badData, "\(name): column \"\(choice.name)\": \"\(text)\" is not a number")
      }
      return .regression(logTarget: isLog)
    case .binary(nil):
      guard isZeroOne else {
        throw UsageError(
          "\(option: "task") \(choice.name):binary: the labels are \(list(texts)), not 0 and 1",
          hint: hint)
      }
      return .binary(positive: "1")
    case .binary(let value?):
      let positive = value.description
      guard texts.count <= 2 else {
        throw Failure(
          .badData,
          "\(name): column \"\(choice.name)\": a binary label needs two values, not \(list(texts))")
      }
      guard texts.contains(where: { same($0, positive) }) else {
        throw Failure(
          .badData,
          "\(name): column \"\(choice.name)\": no label is \"\(positive)\": they are \(list(texts))"
        )
      }
      return .binary(positive: positive)
    case .multiclass:
      return .multiclass(classes: try classes(texts, choice.name, name))
    case .undeclared:
      if isZeroOne { return .binary(positive: "1") }
      try facts.label.refuseStrays(task: choice.name, name)
      if texts.count <= 2 {
        throw UsageError(
          "\(option: "task") \(choice.name): the labels are \(list(texts)): which is the positive one?",
          hint: hint)
      }
      if facts.isNumeric { return .regression(logTarget: isLog) }
      return .multiclass(classes: try classes(texts, choice.name, name))
    }
  }

  /// The value of a binary label that is not the positive one.
  private static func negative(_ kind: TaskKind, _ values: Set<ByteText>) -> ByteText? {
    guard case .binary(let positive) = kind else { return nil }
    return values.sorted().first { !same($0, positive) }
  }

  private static func classes(
    _ texts: [ByteText], _ column: String, _ name: String
  ) throws(Failure) -> [String] {
    guard texts.count <= ColumnTypes.mostValues else {
      throw Failure(
        .badData,
        "\(name): column \"\(column)\": more than \(ColumnTypes.mostValues) classes")
    }
    guard texts.count > 1 else {
      throw Failure(
        .badData, "\(name): column \"\(column)\": every label is \(list(texts))")
    }
    var classes: [String] = []
    for text in texts {
      guard let string = text.string else {
        throw Failure(
          .badData, "\(name): column \"\(column)\": the class \(text) is not UTF-8")
      }
      classes.append(string)
    }
    return classes
  }

  private static func list(_ texts: [ByteText]) -> String {
    let shown = texts.prefix(4).map { "\"\($0)\"" }.joined(separator: ", ")
    return shown + (texts.count > 4 ? " and more" : "")
  }

  package static func number(_ text: ByteText) -> Double? { NumberText.parse(text.bytes).value }

  /// Whether a label is the positive value: as a text, or as the same number.
  package static func same(_ text: ByteText, _ positive: String) -> Bool {
    isSame(text, ByteText(positive))
  }

  /// Whether two labels are the same text, or the same number.
  package static func isSame(_ text: ByteText, _ positive: ByteText) -> Bool {
    if text == positive { return true }
    guard let a = number(text), let b = number(positive) else { return false }
    return a == b
  }
}

extension ModelTask {
  /// What is wrong with a label for a model that has learned others; nil for one it knows.
  package func fault(_ label: ByteText) -> String? {
    switch kind {
    case .regression: return nil
    case .multiclass(let classes):
      if classes.contains(where: { ByteText($0) == label }) { return nil }
      return "the class \"\(label)\" is not in the training rows"
    case .binary(let positive):
      if TrainingPlan.same(label, positive) { return nil }
      // A model that names no other value learned from labels 0 and 1, or does not tell.
      guard let other = negative ?? (positive == "1" ? "0" : nil) else { return nil }
      if TrainingPlan.isSame(label, other) { return nil }
      return
        "the label \"\(label)\" is neither \"\(positive)\" nor \"\(other)\", as in the training rows"
    }
  }

  /// Whether the logarithm is learned.
  package var isLog: Bool {
    if case .regression(let logTarget) = kind { logTarget } else { false }
  }
}
