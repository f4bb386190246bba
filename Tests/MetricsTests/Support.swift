import Foundation
import FairpostMetrics
import FairpostNumerics
import FairpostTransport

/// A grouping of text values.
func grouping(_ columns: [String], _ values: [[String]]) -> Grouping {
  let rows = values[0].indices.map { row in GroupKey(values.map { ByteText($0[row]) }) }
  let keys = Set(rows).sorted()
  return Grouping(
    columns: columns, keys: keys,
    codes: rows.map { key in Int32(keys.firstIndex(of: key) ?? -1) })
}

/// The figures of one binary task.
func binaryData(
  labels: [Double], decisions: [Int16], scores: [Double] = [], group: Grouping,
  weights: RowWeights = .none
) throws -> EvaluationData {
  try EvaluationData(
    count: labels.count,
    tasks: [
      TaskColumns(
        name: "y", kind: .binary, labels: labels,
        scores: [ScoreColumn(name: "s", values: scores, decisions: decisions)])
    ], attributes: [group], weights: weights)
}

extension Figure {
  /// The values of its group together; nil for a figure over groups.
  var groupName: String? { group?.parts.map(\.description).joined(separator: "|") }
}

extension [Figure] {
  /// The figure of a metric over groups, or of one group.
  func first(_ metric: String, _ group: String? = nil) -> Figure? {
    first {
      $0.metric == metric && $0.groupName == group
    }
  }
}
