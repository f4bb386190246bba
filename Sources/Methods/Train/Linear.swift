package import FairpostLearning
internal import FairpostNumerics

/// Linear models solved to convergence: a head per task, each fitted by itself.
package enum LinearTraining {
  /// Fits every task; the parameters are those of a network without hidden layers.
  ///
  /// - Parameter penalty: the ridge penalty/2 |W|^2 beside the sum (not the mean) of losses, as
  ///   1/C of scikit-learn; intercepts are free. For regression the loss is (z - y)^2, so the
  ///   ridge of alpha |W|^2 is a penalty of 2 alpha.
  package static func fit(
    data: LearningData, penalty: Double, threads: Int = 1
  ) throws(TrainingError) -> (shape: NetworkShape, parameters: [Double]) {
    try Trainer.check(data)
    let shape = NetworkShape(
      inputs: data.features, hidden: [], outputs: data.outputs, activation: .identity)
    let layer = shape.layers[0]
    var parameters = [Double](repeating: 0, count: shape.parameterCount)
    for (task, offset) in zip(data.tasks, data.offsets) {
      var weights = data.weights
      var targets = task.targets
      for row in weights.indices where targets[row].isNaN {
        weights[row] = 0
        targets[row] = 0
      }
      let fit: LinearFit
      do {
        fit = try LinearFit.solve(
          inputs: data.inputs, features: data.features, loss: task.kind.loss, targets: targets,
          weights: weights, penalty: penalty, threads: threads)
      } catch {
        throw .linear(task: task.name, error)
      }
      let width = task.kind.width
      for i in 0..<width * data.features {
        parameters[layer.weights + offset * data.features + i] = fit.parameters[i]
      }
      for o in 0..<width {
        parameters[layer.biases + offset + o] = fit.parameters[width * data.features + o]
      }
    }
    return (shape, parameters)
  }
}
