internal import FairpostNumerics

/// Value, gradient and Hessian-vector product of an objective through a network.
///
/// Many rows go through the network in blocks that stay in the processor's cache: what is kept of
/// every row is its outputs, never its activations. Blocks are dealt to at most eight stripes, every
/// stripe is summed in order and the stripes' sums are added in order; what is a block and what a
/// stripe depends on the number of rows alone, so no result depends on the number of threads.
package struct Differentiator: Sendable {
  /// The network's shape.
  package let shape: NetworkShape
  /// Threads to use where there are several stripes.
  package var threads: Int
  private var gatheredOutputs: [Double] = []
  private var gatheredTangents: [Double] = []
  private var isGathered = false
  private var delta: [Double] = []
  private var deltaTangent: [Double] = []
  private var workspace: Workspace

  /// The most rows that go through the network at once.
  private static let block = 512
  private static let mostStripes = 8

  /// A differentiator for a shape.
  package init(shape: NetworkShape, threads: Int = 1) {
    self.shape = shape
    self.threads = threads
    workspace = Workspace(shape: shape)
  }

  /// The outputs of every row in the last pass.
  package var outputs: [Double] { isGathered ? gatheredOutputs : workspace.outputs }

  private var outputTangents: [Double] {
    isGathered ? gatheredTangents : workspace.outputTangents
  }

  /// The objective at the parameters.
  package mutating func value(
    _ objective: Objective, _ parameters: [Double], _ batch: Batch
  ) -> Double {
    forward(parameters, nil, batch, [])
    return objective.value(outputs: outputs, width: shape.outputs)
  }

  /// The objective, with its gradient added to `gradient`.
  ///
  /// - Parameter transposed: the weights of every layer as `Dense.transpose` leaves them, where the
  ///   caller has them already.
  package mutating func addGradient(
    _ objective: Objective, _ parameters: [Double], _ batch: Batch, masks: [[Double]] = [],
    transposed: [[Double]]? = nil, into gradient: inout [Double]
  ) -> Double {
    forward(parameters, nil, batch, masks, transposed: transposed)
    room(batch.rows)
    let value = objective.gradient(outputs: outputs, width: shape.outputs, delta: &delta)
    backward(parameters, nil, batch, masks, delta, [], into: &gradient)
    return value
  }

  /// Adds the Hessian at the parameters times a direction to `product`.
  package mutating func addHessianProduct(
    _ objective: Objective, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    masks: [[Double]] = [], into product: inout [Double]
  ) {
    tangents(objective, parameters, direction, batch, masks)
    backward(parameters, direction, batch, masks, delta, deltaTangent, into: &product)
  }

  /// Adds the Gauss-Newton matrix times a direction: the Hessian without the network's curvature.
  package mutating func addGaussNewtonProduct(
    _ objective: Objective, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    into product: inout [Double]
  ) {
    tangents(objective, parameters, direction, batch, [])
    backward(parameters, nil, batch, [], deltaTangent, [], into: &product)
  }

  /// The derivative of each row's unweighted loss along a direction of the parameters.
  package mutating func rowDerivatives(
    _ sum: LossSum, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    masks: [[Double]] = []
  ) -> [Double] {
    forward(parameters, direction, batch, masks)
    room(batch.rows)
    for i in delta.indices { delta[i] = 0 }
    return (0..<batch.rows).map { row in
      guard sum.weights[row] != 0 else { return 0 }
      let at = row * shape.outputs + sum.output
      sum.loss.addGradient(outputs, at, sum.targets[row], 1, into: &delta)
      var total = 0.0
      for j in at..<at + sum.loss.width { total += delta[j] * outputTangents[j] }
      return total
    }
  }
}

extension Differentiator {
  private mutating func room(_ rows: Int) {
    let count = rows * shape.outputs
    if delta.count != count {
      delta = [Double](repeating: 0, count: count)
      deltaTangent = delta
    }
  }

  /// dL/d outputs and its derivative along a direction.
  private mutating func tangents(
    _ objective: Objective, _ parameters: [Double], _ direction: [Double], _ batch: Batch,
    _ masks: [[Double]]
  ) {
    forward(parameters, direction, batch, masks)
    room(batch.rows)
    objective.tangent(
      outputs: outputs, tangents: outputTangents, width: shape.outputs, delta: &delta,
      deltaTangent: &deltaTangent)
  }

  /// The rows of each stripe.
  private func stripes(_ rows: Int) -> [Range<Int>] {
    let blocks = (rows + Self.block - 1) / Self.block
    let dealt = (blocks + Self.mostStripes - 1) / Self.mostStripes * Self.block
    return stride(from: 0, to: rows, by: max(dealt, 1)).map { $0..<min(rows, $0 + dealt) }
  }

  /// Fills `outputs`, and `outputTangents` where there is a direction.
  private mutating func forward(
    _ parameters: [Double], _ direction: [Double]?, _ batch: Batch, _ masks: [[Double]],
    transposed: [[Double]]? = nil
  ) {
    isGathered = batch.rows > Self.block
    if !isGathered {
      workspace.forward(parameters, batch, masks: masks, transposed: transposed)
      if let direction { workspace.tangent(parameters, direction, batch) }
      return
    }
    let shape = shape
    let stripes = stripes(batch.rows)
    let parts = Parallel.map(stripes.count, threads: threads) { index in
      var workspace = Workspace(shape: shape)
      var outputs: [Double] = []
      var tangents: [Double] = []
      for (part, masks) in Self.blocks(stripes[index], of: batch, masks, shape) {
        workspace.forward(parameters, part, masks: masks, transposed: transposed)
        outputs += workspace.outputs[..<(part.rows * shape.outputs)]
        guard let direction else { continue }
        workspace.tangent(parameters, direction, part)
        tangents += workspace.outputTangents[..<(part.rows * shape.outputs)]
      }
      return (outputs, tangents)
    }
    gatheredOutputs = parts.flatMap(\.0)
    gatheredTangents = parts.flatMap(\.1)
  }

  /// Adds to `gradient` what flows back from the outputs; with a direction, the derivative along it.
  private mutating func backward(
    _ parameters: [Double], _ direction: [Double]?, _ batch: Batch, _ masks: [[Double]],
    _ delta: [Double], _ deltaTangent: [Double], into gradient: inout [Double]
  ) {
    if !isGathered {
      // The workspace still holds the activations of these rows.
      Self.back(&workspace, parameters, direction, batch, delta, deltaTangent, &gradient)
      return
    }
    let shape = shape
    let stripes = stripes(batch.rows)
    let width = shape.outputs
    let count = gradient.count
    let parts = Parallel.map(stripes.count, threads: threads) { index in
      var workspace = Workspace(shape: shape)
      var sum = [Double](repeating: 0, count: count)
      var at = stripes[index].lowerBound
      for (part, masks) in Self.blocks(stripes[index], of: batch, masks, shape) {
        workspace.forward(parameters, part, masks: masks)
        if let direction { workspace.tangent(parameters, direction, part) }
        let outputs = at * width..<(at + part.rows) * width
        Self.back(
          &workspace, parameters, direction, part, Array(delta[outputs]),
          deltaTangent.isEmpty ? [] : Array(deltaTangent[outputs]), &sum)
        at += part.rows
      }
      return sum
    }
    for part in parts { Elementwise.add(1, times: part, to: &gradient) }
  }

  private static func back(
    _ workspace: inout Workspace, _ parameters: [Double], _ direction: [Double]?, _ batch: Batch,
    _ delta: [Double], _ deltaTangent: [Double], _ gradient: inout [Double]
  ) {
    guard let direction else {
      workspace.backward(parameters, batch, outputDelta: delta, into: &gradient)
      return
    }
    workspace.backwardTangent(
      parameters, direction, batch, outputDelta: delta, outputDeltaTangent: deltaTangent,
      into: &gradient)
  }

  /// The blocks of a stripe, one after the other.
  private static func blocks(
    _ stripe: Range<Int>, of batch: Batch, _ masks: [[Double]], _ shape: NetworkShape
  ) -> some Sequence<(Batch, [[Double]])> {
    stride(from: stripe.lowerBound, to: stripe.upperBound, by: block).lazy.map { start in
      let rows = start..<min(stripe.upperBound, start + block)
      func part(_ numbers: [Double], _ width: Int) -> [Double] {
        numbers.isEmpty
          ? [] : Array(numbers[rows.lowerBound * width..<rows.upperBound * width])
      }
      return (
        Batch(
          rows: rows.count, inputs: part(batch.inputs, shape.inputs),
          conditions: part(batch.conditions, shape.conditions)),
        masks.enumerated().map { part($1, shape.hidden[$0]) }
      )
    }
  }
}

extension NetworkShape {
  /// The outputs of every row, in memory bounded by the outputs themselves.
  package func outputs(_ parameters: [Double], _ batch: Batch, threads: Int = 1) -> [Double] {
    var engine = Differentiator(shape: self, threads: threads)
    _ = engine.value(Objective([]), parameters, batch)
    return engine.outputs
  }
}
