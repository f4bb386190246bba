internal import FairpostNumerics

/// What a head predicts.
package enum TaskKind: Sendable, Hashable {
  /// One logit; the label 1 stands for `positive`.
  case binary(positive: String)
  /// One logit per class, in the order of the names.
  case multiclass(classes: [String])
  /// A number; with `logTarget`, the logarithm of the label is learned.
  case regression(logTarget: Bool)

  /// Outputs of the head.
  package var width: Int {
    if case .multiclass(let classes) = self { classes.count } else { 1 }
  }

  /// The loss of a row.
  package var loss: Loss {
    switch self {
    case .binary: .binaryCrossEntropy
    case .multiclass(let classes): .crossEntropy(classes: classes.count)
    case .regression: .squaredError
    }
  }
}

/// One task: its name, its kind and every row's label.
package struct LearningTask: Sendable {
  /// The label column.
  package let name: String
  /// What is predicted.
  package let kind: TaskKind
  /// 0 or 1, a class number, or a number; NaN where the label is missing.
  package var targets: [Double]

  /// A task from its parts.
  package init(name: String, kind: TaskKind, targets: [Double]) {
    self.name = name
    self.kind = kind
    self.targets = targets
  }

  /// Scores from a row's outputs: probabilities, or the number on its own scale.
  package static func scores(
    _ kind: TaskKind, outputs: [Double], at: Int, into scores: inout [Double]
  ) {
    switch kind {
    case .binary: scores.append(Elementwise.sigmoid(outputs[at]))
    case .regression(let logTarget):
      scores.append(logTarget ? Elementwise.exponential(outputs[at]) : outputs[at])
    case .multiclass(let classes):
      let own = outputs[at..<at + classes.count]
      let largest = own.max() ?? 0
      let powers = own.map { Elementwise.exponential($0 - largest) }
      let sum = powers.reduce(0, +)
      scores.append(contentsOf: powers.map { $0 / sum })
    }
  }
}

/// Encoded rows: features, labels, weights and, where a method needs them, groups and tasks.
package struct LearningData: Sendable {
  /// How many rows.
  package var rows: Int
  /// How many features.
  package var features: Int
  /// Features, row by row.
  package var inputs: [Double]
  /// The tasks with their labels.
  package var tasks: [LearningTask]
  /// Row weights; 0 leaves a row out.
  package var weights: [Double]
  /// The sensitive group of every row, -1 where missing; empty if no method asked.
  package var groups: [Int32]
  /// The task (state, clinic, ...) every row belongs to in meta-learning; empty otherwise.
  package var episodes: [Int32]

  /// Data from its parts; weights of 1 where none are given.
  package init(
    features: Int, inputs: [Double], tasks: [LearningTask], weights: [Double] = [],
    groups: [Int32] = [], episodes: [Int32] = []
  ) {
    let rows = tasks.first?.targets.count ?? (features == 0 ? 0 : inputs.count / features)
    precondition(inputs.count == rows * features)
    self.rows = rows
    self.features = features
    self.inputs = inputs
    self.tasks = tasks
    self.weights = weights.isEmpty ? [Double](repeating: 1, count: rows) : weights
    self.groups = groups
    self.episodes = episodes
  }

  /// Outputs of all heads together.
  package var outputs: Int { tasks.reduce(0) { $0 + $1.kind.width } }

  /// The first output of every task.
  package var offsets: [Int] {
    var at = 0
    return tasks.map { task in
      defer { at += task.kind.width }
      return at
    }
  }

  /// Some of the rows, in the order given.
  package func selecting(_ chosen: [Int]) -> LearningData {
    var inputs = [Double](repeating: 0, count: chosen.count * features)
    Dense.gather(chosen[...], of: self.inputs, width: features, into: &inputs)
    var result = self
    result.rows = chosen.count
    result.inputs = inputs
    result.weights = chosen.map { weights[$0] }
    for t in tasks.indices { result.tasks[t].targets = chosen.map { tasks[t].targets[$0] } }
    if !groups.isEmpty { result.groups = chosen.map { groups[$0] } }
    if !episodes.isEmpty { result.episodes = chosen.map { episodes[$0] } }
    return result
  }

  /// The rows as one batch.
  package func batch(conditions: [Double] = []) -> Batch {
    Batch(rows: rows, inputs: inputs, conditions: conditions)
  }

  /// The weighted mean loss of every task, added up with task weights.
  ///
  /// Rows whose label is missing count for the other tasks only; each task's mean is over the rows
  /// it has.
  ///
  /// - Parameter rowTaskWeights: a weight for each row and task, row by row, on top of the others
  ///   (the drawn preferences of a loss-conditional network); empty for none.
  package func objective(taskWeights: [Double] = [], rowTaskWeights: [Double] = []) -> Objective {
    let offsets = offsets
    var coefficients: [Double] = []
    var sums: [LossSum] = []
    for (t, task) in tasks.enumerated() {
      var weights = weights
      var total = 0.0
      for row in weights.indices {
        if task.targets[row].isNaN { weights[row] = 0 }
        total += weights[row]
      }
      guard total > 0 else { continue }
      for row in weights.indices {
        weights[row] /= total
        if !rowTaskWeights.isEmpty { weights[row] *= rowTaskWeights[row * tasks.count + t] }
      }
      sums.append(
        LossSum(
          loss: task.kind.loss, output: offsets[t], targets: task.targets, weights: weights))
      coefficients.append(taskWeights.isEmpty ? 1 : taskWeights[t])
    }
    return Objective(sums, .linear(coefficients))
  }
}
