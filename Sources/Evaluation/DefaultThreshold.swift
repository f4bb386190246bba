package import FairpostMetrics
package import FairpostPipeline
package import FairpostRoles
internal import FairpostText

/// The threshold of .5 that decides where nothing else is said: it means something for scores between
/// 0 and 1 only.
package enum DefaultThreshold {
  /// What `evaluate` says of scores that are no probabilities.
  package static func refusal(_ range: ScoreRange, _ column: String, _ input: String) -> Failure {
    range.refusal(
      column: column, input,
      hint:
        "\(option: "threshold") T decides 1 for scores of at least T, \(option: "at-rate") R for the highest-scored share R of rows; figures without decisions need neither: \(option: "metrics") auc,ks,mean_score"
    )
  }

  /// Whether figures look at decisions.
  package static func isNeeded(_ metrics: [Metric]) -> Bool {
    metrics.contains { $0.needs.contains(.decisions) }
  }
}

extension LabelFacts {
  /// The labels of a column that may be numbers, from the rows in memory; rows of weight 0 count for
  /// nothing.
  package init(_ table: Table, _ place: Int, weights: [Double]? = nil) {
    self.init()
    let column = table.lenient[place]
    for (row, value) in column.values.enumerated() where weights?[row] != 0 {
      see(value, line: table.firstOther[place])
    }
    for text in column.texts { seeText(text) }
  }
}
