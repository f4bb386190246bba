internal import Numerics

/// Value, gradient and Hessian-vector product of an objective through a network.
public struct Differentiator: Sendable {
  /// The network at work.
  public var workspace: Workspace
  private var delta: [Double] = []
  private var deltaTangent: [Double] = []

  /// A differentiator for a shape.
  public init(shape: NetworkShape) { workspace = Workspace(shape: shape) }

  private mutating func room(_ rows: Int) {
    let count = rows * workspace.shape.outputs
    if delta.count != count {
      delta = [Double](repeating: 0, count: count)
      deltaTangent = delta
    }
  }

  /// The objective at the parameters.
  public mutating func value(
    _ objective: Objective, _ parameters: [Double], _ batch: Batch
  ) -> Double {
    workspace.forward(parameters, batch)
    return objective.value(outputs: workspace.outputs, width: workspace.shape.outputs)
  }

  /// The objective, with its gradient added to `gradient`.
  ///
  /// - Parameter transposed: the weights of every layer as `Dense.transpose` leaves them, where the
  ///   caller has them already.
  public mutating func addGradient(
    _ objective: Objective, _ parameters: [Double], _ batch: Batch, masks: [[Double]] = [],
    transposed: [[Double]]? = nil, into gradient: inout [Double]
  ) -> Double {
    room(batch.rows)
    workspace.forward(parameters, batch, masks: masks, transposed: transposed)
    let value = objective.gradient(
      outputs: workspace.outputs, width: workspace.shape.outputs, delta: &delta)
    workspace.backward(parameters, batch, outputDelta: delta, into: &gradient)
    return value
  }

  /// Adds the Hessian at the parameters times a direction to `product`.
  public mutating func addHessianProduct(
    _ objective: Objective, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    masks: [[Double]] = [], into product: inout [Double]
  ) {
    room(batch.rows)
    workspace.forward(parameters, batch, masks: masks)
    workspace.tangent(parameters, direction, batch)
    objective.tangent(
      outputs: workspace.outputs, tangents: workspace.outputTangents,
      width: workspace.shape.outputs, delta: &delta, deltaTangent: &deltaTangent)
    workspace.backwardTangent(
      parameters, direction, batch, outputDelta: delta, outputDeltaTangent: deltaTangent,
      into: &product)
  }

  /// Adds the Gauss-Newton matrix times a direction: the Hessian without the network's curvature.
  public mutating func addGaussNewtonProduct(
    _ objective: Objective, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    into product: inout [Double]
  ) {
    room(batch.rows)
    workspace.forward(parameters, batch)
    workspace.tangent(parameters, direction, batch)
    objective.tangent(
      outputs: workspace.outputs, tangents: workspace.outputTangents,
      width: workspace.shape.outputs, delta: &delta, deltaTangent: &deltaTangent)
    workspace.backward(parameters, batch, outputDelta: deltaTangent, into: &product)
  }

  /// The derivative of each row's unweighted loss along a direction of the parameters.
  public mutating func rowDerivatives(
    _ sum: LossSum, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    masks: [[Double]] = []
  ) -> [Double] {
    let width = workspace.shape.outputs
    room(batch.rows)
    workspace.forward(parameters, batch, masks: masks)
    workspace.tangent(parameters, direction, batch)
    for i in delta.indices { delta[i] = 0 }
    return (0..<batch.rows).map { row in
      guard sum.weights[row] != 0 else { return 0 }
      let at = row * width + sum.output
      sum.loss.addGradient(workspace.outputs, at, sum.targets[row], 1, into: &delta)
      var total = 0.0
      for j in at..<at + sum.loss.width { total += delta[j] * workspace.outputTangents[j] }
      return total
    }
  }
}
