/// What an arm says of some rows: scores by output, decisions where it makes them itself.
package struct Predictions: Sendable {
  /// For each task its score columns: one, or one for each class.
  package var scores: [[[Double]]]
  /// For each task decisions of the arm's own, or nil.
  package var decisions: [[Int16]?]
  /// For each task whether the scores are still those decisions are made from.
  package var hasScores: [Bool]
  /// For each task why an adjustment does not apply to it, or nil: such a task has no figures.
  package var unsuited: [String?]

  /// Scores alone.
  package init(_ scores: [[[Double]]]) {
    self.scores = scores
    decisions = scores.map { _ in nil }
    hasScores = scores.map { _ in true }
    unsuited = scores.map { _ in nil }
  }

  /// Some of the rows.
  package func selecting(_ places: Range<Int>) -> Predictions {
    var result = self
    result.scores = scores.map { $0.map { Array($0[places]) } }
    result.decisions = decisions.map { $0.map { Array($0[places]) } }
    return result
  }
}
