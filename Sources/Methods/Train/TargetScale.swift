internal import FairpostLearning
internal import FairpostNumerics

/// Regression labels on a scale of mean 0 and deviation 1 while a network learns, and the way back.
///
/// A small step size suits numbers of that scale whatever the unit of the label, and a squared error
/// then weighs about as much as a cross-entropy. The heads are linear, so the way back is folded
/// into their weights, and nothing about the scale is left to store.
struct TargetScale {
  private let layer: (weights: Int, biases: Int, inputs: Int)
  private let heads: [(task: Int, output: Int, mean: Double, deviation: Double)]

  /// The scale of the labelled rows; without `dividing`, only the mean is taken away.
  init(_ data: LearningData, _ shape: NetworkShape, dividing: Bool) {
    let last = shape.layers[shape.layers.count - 1]
    layer = (last.weights, last.biases, last.inputs)
    let offsets = data.offsets
    heads = data.tasks.indices.compactMap { t in
      guard case .regression = data.tasks[t].kind else { return nil }
      let targets = data.tasks[t].targets
      let rows = targets.indices.filter { !targets[$0].isNaN && data.weights[$0] > 0 }
      guard !rows.isEmpty else { return nil }
      let moments = WeightedMoments(
        rows.map { targets[$0] }, weights: rows.map { data.weights[$0] })
      let divides = dividing && !moments.isConstant
      return (t, offsets[t], moments.mean, divides ? moments.deviation : 1)
    }
  }

  /// The rows with labels on the scale.
  func scaled(_ data: LearningData) -> LearningData {
    var data = data
    for head in heads {
      data.tasks[head.task].targets = data.tasks[head.task].targets.map {
        ($0 - head.mean) / head.deviation
      }
    }
    return data
  }

  /// Parameters that predict labels as they were, from those that predict them on the scale.
  func unscaled(_ parameters: [Double]) -> [Double] {
    changed(parameters) { weight, head in
      weight * head.deviation
    } bias: { bias, head in
      bias * head.deviation + head.mean
    }
  }

  /// The other way.
  func scaled(_ parameters: [Double]) -> [Double] {
    changed(parameters) { weight, head in
      weight / head.deviation
    } bias: { bias, head in
      (bias - head.mean) / head.deviation
    }
  }

  private typealias Change = (Double, (mean: Double, deviation: Double)) -> Double

  private func changed(_ parameters: [Double], weight: Change, bias: Change) -> [Double] {
    var parameters = parameters
    for head in heads {
      let scale = (head.mean, head.deviation)
      let first = layer.weights + head.output * layer.inputs
      for i in first..<first + layer.inputs { parameters[i] = weight(parameters[i], scale) }
      let at = layer.biases + head.output
      parameters[at] = bias(parameters[at], scale)
    }
    return parameters
  }
}
