internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostMethods
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText

/// Which columns hold scores, and what the columns made from them are called.
package enum ScoreColumns {
  /// The score columns the roles name; with neither tasks nor scores every `*.score` and `*.score.CLASS`.
  package static func names(_ roles: RoleNames, in input: Input) throws -> [String] {
    let tasks = try TaskDeclaration.all(roles.tasks, columns: input.header.names)
      .map(\.name)
    let scores = roles.scores
    if !scores.isEmpty {
      if !tasks.isEmpty, tasks.count != scores.count {
        throw UsageError(
          "\(option: "task") and \(option: "score") are paired in order, but there are \(tasks.count) and \(scores.count)"
        )
      }
      if let twice = scores.first(where: { name in scores.count { $0 == name } > 1 }) {
        throw UsageError("\(option: "score") \(twice) is given twice")
      }
      return scores
    }
    let all = input.header.names.filter { ScoreName.isScore($0) }
    if tasks.isEmpty {
      guard !all.isEmpty else {
        throw UsageError(
          "\(input.name) has no column *.score",
          hint: input.separatorAdvice ?? "name the score columns with \(option: "score") COL")
      }
      return all
    }
    var names: [String] = []
    for task in tasks {
      let own = all.filter { isScore($0, of: task) }
      if own.isEmpty, input.header.contains(task) {
        throw Failure(
          .badData,
          "\(input.name): no column \"\(task).score\", which task \(task) would be adjusted by",
          hint:
            "if the column \(task) holds the scores, name it with \(option: "score") \(task); if it holds labels, name the scores beside it: \(option: "task") \(task) \(option: "score") COL"
        )
      }
      if own.isEmpty { _ = try input.column("\(task).score") }
      names += own
    }
    return names
  }

  private static func isScore(_ column: String, of task: String) -> Bool {
    column == "\(task).score" || column.hasPrefix("\(task).score.")
  }
}
