/// Which score column of a task is meant, by its kind and its number among those of that kind.
///
/// Figures over tasks put columns together by it: one task's adjusted score goes with the other
/// tasks' adjusted scores, and the constant predictors go with each other, wherever they stand.
struct ScorePlace: Sendable, Equatable {
  let kind: ScoreKind
  /// How many columns of that kind stand before it.
  let number: Int

  /// The place of a task's column.
  init(_ task: TaskColumns, _ index: Int) {
    let kind = task.scores[index].kind
    self.kind = kind
    number = task.scores[..<index].count { $0.kind == kind }
  }

  /// The only place where there are no tasks side by side.
  init() {
    kind = .given
    number = 0
  }

  /// The column at this place of a task, if it has one.
  func column(of task: TaskColumns) -> ScoreColumn? {
    let own = task.scores.filter { $0.kind == kind }
    return number < own.count ? own[number] : nil
  }
}

extension EvaluationContext {
  /// Every task with its column of this kind, or the reason why they are not compared.
  enum Counterparts {
    case columns([(task: TaskColumns, score: ScoreColumn)])
    case lacking(String)
  }

  /// The columns of all tasks that `counts` lets take part; one without a column of this kind leaves
  /// nothing to say of all tasks.
  func counterparts(where counts: (TaskColumns) -> Bool = { _ in true }) -> Counterparts {
    var columns: [(task: TaskColumns, score: ScoreColumn)] = []
    for task in data.tasks where counts(task) {
      guard let column = place.column(of: task) else {
        return .lacking("task \(task.name) has no score of the kind of \(score.name)")
      }
      columns.append((task, column))
    }
    return .columns(columns)
  }
}
