package import FairpostNumerics

/// A task as a model keeps it: without labels.
package struct ModelTask: Sendable, Hashable {
  /// The label column.
  package let name: String
  /// What is predicted.
  package let kind: TaskKind
  /// The other value of a binary label, where training rows had one.
  package let negative: ByteText?

  /// A task from its parts.
  package init(name: String, kind: TaskKind, negative: ByteText? = nil) {
    self.name = name
    self.kind = kind
    self.negative = negative
  }

  /// The score columns: `NAME.score`, or one for each class.
  package var scoreNames: [String] {
    if case .multiclass(let classes) = kind {
      classes.map { "\(name).score.\($0)" }
    } else {
      ["\(name).score"]
    }
  }
}

/// The sensitive attribute a model was trained with: its columns and the protected value.
package struct ModelGroup: Sendable, Hashable {
  /// The columns of the attribute.
  package let columns: [String]
  /// The protected group, a value for each column; empty where none was named.
  package let protected: [ByteText]

  /// An attribute from its parts.
  package init(columns: [String], protected: [ByteText]) {
    self.columns = columns
    self.protected = protected
  }
}

/// How a conditioned network did at one choice of task weights.
package struct ModelTrial: Sendable, Hashable {
  /// The task weights.
  package let conditions: [Double]
  /// The mean loss of every task.
  package let losses: [Double]

  /// A trial from its parts.
  package init(conditions: [Double], losses: [Double]) {
    self.conditions = conditions
    self.losses = losses
  }
}

/// A trained model: everything prediction and further training need.
package struct Model: Sendable {
  /// The method's name, as in `train METHOD`.
  package var method: String
  /// The options that hold, by name.
  package var options: [String: String]
  /// What random choices were keyed by.
  package var seed: UInt64
  /// From columns to features.
  package var encoder: Encoder
  /// The tasks, in the order of the heads.
  package var tasks: [ModelTask]
  /// The network.
  package var shape: NetworkShape
  /// Its parameters.
  package var parameters: [Double]
  /// What a conditioned network is conditioned on unless told otherwise.
  package var conditions: [Double]
  /// The sensitive attributes of training, in the order they were named.
  package var attributes: [ModelGroup] = []
  /// The first of them, which is the one that a method uses.
  package var group: ModelGroup? { attributes.first }
  /// Performance over a grid of task weights, for a conditioned network.
  package var trials: [ModelTrial] = []

  /// A model from its parts.
  package init(
    method: String, options: [String: String] = [:], seed: UInt64, encoder: Encoder,
    tasks: [ModelTask], shape: NetworkShape, parameters: [Double], conditions: [Double] = []
  ) {
    self.method = method
    self.options = options
    self.seed = seed
    self.encoder = encoder
    self.tasks = tasks
    self.shape = shape
    self.parameters = parameters
    self.conditions = conditions
  }

  /// The score columns of all tasks.
  package var scoreNames: [String] { tasks.flatMap(\.scoreNames) }

  /// Scores of encoded rows, row by row in the order of `scoreNames`.
  ///
  /// Every row's scores depend on that row alone, to the last bit: sums run over features, never
  /// over rows.
  package func scores(
    inputs: [Double], rows: Int, conditions: [Double]? = nil, workspace: inout Workspace
  ) -> [Double] {
    let own = conditions ?? self.conditions
    workspace.forward(
      parameters, Batch(rows: rows, inputs: inputs, conditions: Trainer.repeated(own, rows)))
    var scores: [Double] = []
    scores.reserveCapacity(rows * shape.outputs)
    for row in 0..<rows {
      var at = row * shape.outputs
      for task in tasks {
        LearningTask.scores(task.kind, outputs: workspace.outputs, at: at, into: &scores)
        at += task.kind.width
      }
    }
    return scores
  }
}
