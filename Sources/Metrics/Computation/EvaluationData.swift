package import FairpostNumerics
package import FairpostTransport

/// One score column of a task, with the decisions that go with it.
package struct ScoreColumn: Sendable {
  /// The column's name, such as `income.fair`.
  package var name: String
  /// What kind of score it is: figures over tasks put columns of one kind together.
  package var kind: ScoreKind
  /// The scores; NaN where missing.
  ///
  /// Empty where there are only decisions.
  package var values: [Double]
  /// The decisions: 0 or 1 (class codes in a multiclass task), -1 where missing.
  ///
  /// Empty where there are none.
  package var decisions: [Int16]

  /// A score column.
  package init(
    name: String, values: [Double], decisions: [Int16] = [], kind: ScoreKind = .given
  ) {
    self.name = name
    self.kind = kind
    self.values = values
    self.decisions = decisions
  }

  /// A score column whose decisions are `score >= threshold`.
  package init(
    name: String, values: [Double], threshold: Double, kind: ScoreKind = .given
  ) {
    self.init(
      name: name, values: values,
      decisions: values.map { $0.isNaN ? -1 : ($0 >= threshold ? 1 : 0) }, kind: kind)
  }
}

/// What kind of score a column holds.
package enum ScoreKind: Sendable, Equatable {
  /// A model's own scores.
  case given
  /// Scores made fairer, which stand beside those they were made from.
  case adjusted
  /// The same score for every row.
  case constant
}

/// What a task's labels are.
package enum TaskKind: Sendable, Equatable {
  /// Labels 0 and 1.
  case binary
  /// Numbers.
  case regression
  /// Class codes 0..<classes.count.
  case multiclass(classes: [ByteText])
}

/// One task: its labels and the scores that predict them.
package struct TaskColumns: Sendable {
  /// The name of the label column.
  package var name: String
  /// What the labels are.
  package var kind: TaskKind
  /// The labels; NaN where missing, empty where there are none.
  package var labels: [Double]
  /// The score columns, side by side.
  package var scores: [ScoreColumn]

  /// A task.
  package init(name: String, kind: TaskKind, labels: [Double], scores: [ScoreColumn]) {
    self.name = name
    self.kind = kind
    self.labels = labels
    self.scores = scores
  }
}

/// How much each row counts.
package enum RowWeights: Sendable {
  /// Every row once.
  case none
  /// Survey weights: estimates as if duplicated, uncertainty by the effective size.
  case survey([Double])
  /// Whole numbers: the same as duplication in everything.
  case frequencies([Int])
}

/// A numeric sensitive attribute.
package struct ContinuousAttribute: Sendable {
  /// The column's name.
  package var name: String
  /// The values; NaN where missing.
  package var values: [Double]

  /// A numeric attribute.
  package init(name: String, values: [Double]) {
    self.name = name
    self.values = values
  }
}

/// Everything figures are computed from, in columns.
package struct EvaluationData: Sendable {
  /// The number of rows.
  package private(set) var count: Int
  /// The tasks.
  package var tasks: [TaskColumns]
  /// The sensitive attributes.
  package var attributes: [Grouping]
  /// How much each row counts.
  package var weights: RowWeights
  /// Feature columns for individual consistency; empty where not given.
  package var features: [[Double]]
  /// Numeric attributes.
  package var continuous: [ContinuousAttribute]
  /// Which rows are alike, for figures within strata.
  package var strata: Grouping?
  /// A hash for each record, which keys resampling; empty where not given.
  package var recordHashes: [UInt64]

  /// The columns of an evaluation; every column must have `count` rows.
  package init(
    count: Int, tasks: [TaskColumns], attributes: [Grouping], weights: RowWeights = .none,
    features: [[Double]] = [], continuous: [ContinuousAttribute] = [], strata: Grouping? = nil,
    recordHashes: [UInt64] = []
  ) throws(MetricsError) {
    self.count = count
    self.tasks = tasks
    self.attributes = attributes
    self.weights = weights
    self.features = features
    self.continuous = continuous
    self.strata = strata
    self.recordHashes = recordHashes
    try check()
  }

  /// Refuses columns that do not fit together and values no figure can use.
  private func check() throws(MetricsError) {
    func length(_ name: String, _ found: Int, optional: Bool = false) throws(MetricsError) {
      if found != count, !(optional && found == 0) {
        throw .length(column: name, expected: count, found: found)
      }
    }
    for task in tasks {
      try length(task.name, task.labels.count, optional: true)
      if task.kind == .binary,
        let row = task.labels.firstIndex(where: { !$0.isNaN && $0 != 0 && $0 != 1 })
      {
        throw .label(column: task.name, row: row, value: task.labels[row])
      }
      if case .multiclass(let classes) = task.kind,
        let row = task.labels.firstIndex(where: {
          !$0.isNaN && ($0 < 0 || $0 >= Double(classes.count) || $0 != $0.rounded())
        })
      {
        throw .label(column: task.name, row: row, value: task.labels[row])
      }
      for score in task.scores {
        try length(score.name, score.values.count, optional: true)
        try length(score.name, score.decisions.count, optional: true)
        if let row = score.values.firstIndex(where: \.isInfinite) {
          throw .notFinite(column: score.name, row: row)
        }
      }
    }
    for attribute in attributes {
      try length(attribute.columns.joined(separator: ","), attribute.codes.count)
    }
    for column in features { try length("feature", column.count) }
    for column in continuous { try length(column.name, column.values.count) }
    if let strata {
      try length(strata.columns.joined(separator: ","), strata.codes.count)
    }
    try length("record hashes", recordHashes.count, optional: true)
    switch weights {
    case .none: break
    case .survey(let values):
      try length("weight", values.count)
      if let row = values.firstIndex(where: {
        WeightRule.fault($0, isFrequency: false) != nil
      }) {
        throw .weight(row: row)
      }
    case .frequencies(let values):
      try length("frequency", values.count)
      if let row = values.firstIndex(where: {
        WeightRule.fault(Double($0), isFrequency: true) != nil
      }) {
        throw .weight(row: row)
      }
    }
  }

  /// The weight of a row as a number.
  func weight(_ row: Int) -> Double {
    switch weights {
    case .none: 1
    case .survey(let values): values[row]
    case .frequencies(let values): Double(values[row])
    }
  }
}

extension EvaluationData {
  /// The rows of every group of every attribute, frequencies counted.
  package var groupRows: [(columns: [String], rows: [Int])] {
    withoutIdleRows.countedRows
  }

  private var countedRows: [(columns: [String], rows: [Int])] {
    attributes.map { attribute in
      var rows = [Int](repeating: 0, count: attribute.keys.count)
      for (row, code) in attribute.codes.enumerated() where code >= 0 {
        let one = tally(row)
        if one.weight > 0 { rows[Int(code)] += one.rows }
      }
      return (attribute.columns, rows)
    }
  }

  /// The rows, frequencies counted.
  var recordCount: Int {
    guard case .frequencies(let counts) = weights else { return count }
    return counts.reduce(0, +)
  }

  /// One row as a tally.
  func tally(_ row: Int) -> Tally {
    var one = Tally()
    one.weight = weight(row)
    if case .survey = weights {
      one.rows = 1
      one.squares = one.weight * one.weight
    } else {
      one.rows = Int(one.weight)
      one.squares = one.weight
    }
    return one
  }

  /// Some of the rows; parts of columns that fit together fit together.
  func taking(_ rows: [Int]) -> EvaluationData {
    func take<Value>(_ column: [Value]) -> [Value] {
      column.isEmpty ? [] : rows.map { column[$0] }
    }
    var result = self
    result.count = rows.count
    for task in tasks.indices {
      result.tasks[task].labels = take(tasks[task].labels)
      for score in tasks[task].scores.indices {
        result.tasks[task].scores[score].values = take(tasks[task].scores[score].values)
        result.tasks[task].scores[score].decisions = take(tasks[task].scores[score].decisions)
      }
    }
    switch weights {
    case .none: break
    case .survey(let values): result.weights = .survey(take(values))
    case .frequencies(let values): result.weights = .frequencies(take(values))
    }
    result.attributes = attributes.map {
      Grouping(columns: $0.columns, keys: $0.keys, codes: take($0.codes))
    }
    result.features = features.map(take)
    result.continuous = continuous.map {
      ContinuousAttribute(name: $0.name, values: take($0.values))
    }
    result.strata = strata.map {
      Grouping(columns: $0.columns, keys: $0.keys, codes: take($0.codes))
    }
    result.recordHashes = take(recordHashes)
    return result
  }

  /// No rows and no columns.
  static let empty = EvaluationData(made: 0, tasks: [], attributes: [])

  /// Columns that the library itself has made, which fit together.
  init(made count: Int, tasks: [TaskColumns], attributes: [Grouping]) {
    self.count = count
    self.tasks = tasks
    self.attributes = attributes
    weights = .none
    features = []
    continuous = []
    recordHashes = []
  }
}

/// What is wrong with the data of an evaluation.
package enum MetricsError: Error, Equatable {
  /// A column has another length than the table.
  case length(column: String, expected: Int, found: Int)
  /// A label is none of the task's.
  case label(column: String, row: Int, value: Double)
  /// A score is infinite.
  case notFinite(column: String, row: Int)
  /// A weight is negative or missing.
  case weight(row: Int)
  /// A metric's name is not known.
  case unknownMetric(String)
  /// A gate cannot be read, or names what is not there.
  case gate(text: String, problem: String)
}
