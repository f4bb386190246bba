internal import FairpostCSV
internal import FairpostEvaluation
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText

/// The labels that belong to scores, for methods that look at them.
///
/// A score's label is its task's column: `--task y --score p` pair in order, and `y.score` is the
/// score of y.
package struct CalibrationLabels {
  private struct Label {
    let task: TaskDeclaration
    let column: ColumnReference
    /// Its place among the table's texts or numbers.
    let place: Int
  }

  private let input: String
  /// For each score its label, where it has one.
  private let labels: [Label?]

  /// Finds the label columns of scores.
  package init(_ input: Input, _ roles: RoleNames, scores: [String], use: LabelUse) throws {
    self.input = input.name
    guard use != .none else {
      labels = []
      return
    }
    let tasks = try TaskDeclaration.all(roles.tasks, columns: input.header.names)
    let isPaired = !roles.scores.isEmpty
    var (texts, numbers) = (0, 0)
    labels = try scores.enumerated().map { index, score in
      let own =
        isPaired
        ? (tasks.isEmpty ? nil : tasks[index])
        : try tasks.first { "\($0.name).score" == score }
          ?? CalibrationLabels.task(ofScore: score, header: input.header)
      guard let task = own, input.header.contains(task.name) else {
        // A task beside a score column is named for its label alone.
        if let own, isPaired || use == .required { _ = try input.column(own.name) }
        guard use == .required else { return nil }
        throw UsageError(
          "labels are needed for the score \"\(score)\"",
          hint:
            "name their column: \(option: "task") LABEL with LABEL.score, or \(option: "task") LABEL \(option: "score") COL"
        )
      }
      let column = try input.column(task.name)
      if case .binary(.some) = task.kind {
        defer { texts += 1 }
        return Label(task: task, column: column, place: texts)
      }
      if case .regression = task.kind { throw CalibrationLabels.notBinary(task.name) }
      if case .multiclass = task.kind { throw CalibrationLabels.notBinary(task.name) }
      defer { numbers += 1 }
      return Label(task: task, column: column, place: numbers)
    }
  }

  /// The task a column "TASK.score" speaks of; nil for a score of any other name.
  private static func task(ofScore score: String, header: Header) throws -> TaskDeclaration? {
    guard score.hasSuffix(".score") else { return nil }
    return try TaskDeclaration(String(score.dropLast(6)), columns: header.names)
  }

  private static func notBinary(_ task: String) -> UsageError {
    UsageError("\(option: "task") \(task): decisions are for a binary task")
  }

  /// Asks for the columns.
  package func add(to request: inout TableRequest) {
    for label in labels.compactMap({ $0 }) {
      if case .binary(.some) = label.task.kind {
        request.texts.append(label.column)
      } else {
        request.lenient.append(label.column)
      }
    }
  }

  /// The labels of each score as 1, 0 and NaN.
  ///
  /// - Parameter weights: the rows' weights, where they have some.
  package func values(of table: Table, weights: [Double]?) throws -> [[Double]] {
    try labels.map { label in
      guard let label else { return [] }
      let name = label.task.name
      if case .binary(let positive?) = label.task.kind {
        return try LabelType.binary(
          table.texts[label.place], positive: positive, task: name, input)
      }
      let column = table.lenient[label.place]
      guard try LabelFacts(table, label.place, weights: weights).found(task: name, input) == .binary
      else {
        throw CalibrationLabels.notBinary(name)
      }
      guard let weights else { return column.values }
      return zip(column.values, weights).map { $1 == 0 ? .nan : $0 }
    }
  }
}
