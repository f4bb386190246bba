internal import FairpostNumerics

/// sum_i w_i loss(z_i) + penalty/2 |W|^2 of a linear model, with its gradient, made for many
/// parameters: rows in blocks that stay in the cache, zeros of one-hot columns left out.
///
/// Sums are formed stripe by stripe and stripes are added in order, so that no result depends on
/// the number of threads.
struct LinearRisk: Sendable {
  let loss: Loss
  let features: Int
  let targets: [Double]
  let weights: [Double]
  let penalty: Double
  let threads: Int
  private let design: Design

  /// Features as they came, or without their zeros.
  private enum Design: Sendable {
    case dense([Double])
    case sparse(SparseRows)
  }

  private static let block = 512
  private static let stripes = 8

  init(
    inputs: [Double], features: Int, loss: Loss, targets: [Double], weights: [Double],
    penalty: Double, threads: Int
  ) {
    self.loss = loss
    self.features = features
    self.targets = targets
    self.weights = weights
    self.penalty = penalty
    self.threads = threads
    design =
      features > 0
      ? SparseRows(inputs, columns: features).map { .sparse($0) } ?? .dense(inputs)
      : .dense(inputs)
  }

  var layer: Dense.Layer { Dense.Layer(inputs: features, outputs: loss.width, weights: 0) }

  /// The value at some parameters; the gradient replaces what stands in `gradient`.
  func evaluate(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    let layer = layer
    var transposed = [Double](repeating: 0, count: layer.inputs * layer.outputs)
    Dense.transpose(layer, parameters: parameters, into: &transposed)
    let biases = Array(parameters[layer.biases..<layer.end])
    let turned = transposed
    let parts = Parallel.map(Self.stripes, threads: threads) { stripe in
      sum(rows(of: stripe), parameters, turned, biases)
    }
    var value = 0.0
    for part in parts { value += part.value }
    gradient = parts[0].gradient
    for part in parts.dropFirst() { Elementwise.add(1, times: part.gradient, to: &gradient) }
    for i in 0..<layer.biases {
      value += penalty / 2 * parameters[i] * parameters[i]
      gradient[i] += penalty * parameters[i]
    }
    return value
  }

  /// The outputs of every row.
  func outputs(_ parameters: [Double]) -> [Double] {
    let layer = layer
    let width = layer.outputs
    var transposed = [Double](repeating: 0, count: layer.inputs * width)
    Dense.transpose(layer, parameters: parameters, into: &transposed)
    var outputs = [Double](repeating: 0, count: targets.count * width)
    switch design {
    case .dense(let inputs):
      Dense.forward(
        layer, rows: targets.count, input: inputs, parameters: parameters, transposed: transposed,
        into: &outputs)
    case .sparse(let matrix):
      for i in outputs.indices { outputs[i] = parameters[layer.biases + i % width] }
      matrix.addProduct(0..<targets.count, weights: transposed, width: width, to: &outputs)
    }
    return outputs
  }

  /// About the diagonal of the Hessian where all parameters are 0; at least `penalty`, and positive.
  func curvature() -> [Double] {
    let layer = layer
    let width = Double(layer.outputs)
    let bend = loss == .squaredError ? 2 : layer.outputs == 1 ? 0.25 : (1 - 1 / width) / width
    var squares = [Double](repeating: 0, count: features)
    var total = 0.0
    for row in weights.indices { total += weights[row] }
    switch design {
    case .dense(let inputs):
      for row in weights.indices where weights[row] != 0 {
        for j in 0..<features {
          let x = inputs[row * features + j]
          squares[j] += weights[row] * x * x
        }
      }
    case .sparse(let rows):
      rows.addTransposedProduct(
        0..<weights.count, delta: weights, width: 1, squared: true, to: &squares)
    }
    var result = [Double](repeating: bend * total, count: layer.end)
    for output in 0..<layer.outputs {
      for j in 0..<features {
        let own = bend * squares[j] + penalty
        result[output * features + j] = own > 0 ? own : 1
      }
    }
    return result
  }

  private func rows(of stripe: Int) -> Range<Int> {
    let rows = targets.count
    return rows * stripe / Self.stripes..<rows * (stripe + 1) / Self.stripes
  }

  /// Value and gradient of some rows, without the penalty.
  private func sum(
    _ rows: Range<Int>, _ parameters: [Double], _ transposed: [Double], _ biases: [Double]
  ) -> (value: Double, gradient: [Double]) {
    let layer = layer
    let width = layer.outputs
    var gradient = [Double](repeating: 0, count: layer.end)
    // A sparse gradient grows feature by feature; it is turned at the end.
    var byFeature: [Double] = []
    if case .sparse = design { byFeature = [Double](repeating: 0, count: features * width) }
    var outputs = [Double](repeating: 0, count: Self.block * width)
    var delta = outputs
    var value = 0.0
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.block) {
      let part = start..<min(rows.upperBound, start + Self.block)
      switch design {
      case .dense(let inputs):
        Dense.forward(
          layer, rows: part.count, input: inputs, from: start, parameters: parameters,
          transposed: transposed, into: &outputs)
      case .sparse(let matrix):
        for row in 0..<part.count {
          for c in 0..<width { outputs[row * width + c] = biases[c] }
        }
        matrix.addProduct(part, weights: transposed, width: width, to: &outputs)
      }
      Elementwise.clear(&delta, count: part.count * width)
      for row in part where weights[row] != 0 {
        value +=
          weights[row]
          * loss.valueAndGradient(
            outputs, (row - start) * width, targets[row], weights[row], into: &delta)
      }
      switch design {
      case .dense(let inputs):
        Dense.addGradient(
          layer, rows: part.count, delta: delta, input: inputs, from: start, into: &gradient)
      case .sparse(let matrix):
        matrix.addTransposedProduct(part, delta: delta, width: width, to: &byFeature)
        for row in 0..<part.count {
          for c in 0..<width { gradient[layer.biases + c] += delta[row * width + c] }
        }
      }
    }
    for j in 0..<byFeature.count {
      gradient[j % width * features + j / width] = byFeature[j]
    }
    return (value, gradient)
  }
}
