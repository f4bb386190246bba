package import FairpostLearning

/// Whether what was learned is a model at all.
package enum Soundness {
  /// Refuses a network whose outputs or losses are not finite numbers on rows it learned from.
  ///
  /// Every parameter may be finite and the step size still too large: then products of parameters, or
  /// squares of errors, leave the range of numbers.
  package static func check(
    _ shape: NetworkShape, _ parameters: [Double], conditions: [Double], on data: LearningData
  ) throws(TrainingError) {
    guard parameters.allSatisfy(\.isFinite) else { throw .notFinite(task: data.tasks[0].name) }
    var engine = Differentiator(shape: shape)
    let batch = data.batch(conditions: Trainer.repeated(conditions, data.rows))
    for (place, (task, offset)) in zip(data.tasks, data.offsets).enumerated() {
      let weights = data.tasks.indices.map { $0 == place ? 1.0 : 0 }
      let loss = engine.value(data.objective(taskWeights: weights), parameters, batch)
      let outputs = engine.outputs
      let isFinite = (0..<data.rows).allSatisfy { row in
        (0..<task.kind.width).allSatisfy {
          outputs[row * shape.outputs + offset + $0].isFinite
        }
      }
      guard loss.isFinite, isFinite else { throw .notFinite(task: task.name) }
    }
  }
}
