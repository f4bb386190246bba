internal import FairpostNumerics

/// Some of a minibatch's rows at work, with the room for it.
struct ReweightPiece: Sendable {
  /// The rows' numbers in the data.
  private(set) var rows: [Int] = []
  /// Their losses after `forward`.
  private(set) var losses: [Double] = []
  /// Their inner products with the cells' validation gradients, row by row.
  private(set) var products: [Double]
  /// The weighted sum of their gradients after `backward`.
  private(set) var gradient: [Double]
  private var workspace: Workspace
  private var batch = Batch(rows: 0, inputs: [])
  private var delta: [Double]
  private var room = Influence.Room()
  private var masks: [[Double]] = []
  private var chosen: [Int] = []
  private var weights: [Double] = []

  init(_ shape: NetworkShape, rows: Int, cells: Int) {
    workspace = Workspace(shape: shape)
    products = [Double](repeating: 0, count: rows * cells)
    gradient = [Double](repeating: 0, count: shape.parameterCount)
    delta = [Double](repeating: 0, count: rows * shape.outputs)
    batch.inputs = [Double](repeating: 0, count: rows * shape.inputs)
  }

  /// Rows of a new minibatch.
  mutating func take(_ rows: ArraySlice<Int>, _ masks: [[Double]]) {
    self.rows = Array(rows)
    self.masks = masks
  }

  /// Losses and, where there are validation cells, inner products.
  mutating func forward(
    _ shape: NetworkShape, _ data: LearningData, _ parameters: [Double], _ influence: Influence?
  ) {
    gather(rows, data, shape)
    workspace.forward(parameters, batch, masks: masks)
    losses = slopes(rows, data, shape)
    guard influence != nil || masks.isEmpty else { return }
    workspace.backwardRows(parameters, outputDelta: delta)
    influence?.fill(&products, workspace, batch, outputDelta: delta, room: &room)
  }

  /// The rows that count, by their places in the piece.
  mutating func choose(_ chosen: [Int], weights: [Double], _ masks: [[Double]]) {
    self.chosen = chosen
    self.weights = weights
    self.masks = masks
  }

  /// The weighted sum of gradients.
  ///
  /// Without dropout the rows have been through the network already.
  mutating func backward(_ shape: NetworkShape, _ data: LearningData, _ parameters: [Double]) {
    Elementwise.clear(&gradient)
    guard !chosen.isEmpty else { return }
    if masks.isEmpty {
      workspace.addGradient(
        of: chosen, weights: weights, batch, outputDelta: delta, into: &gradient)
      return
    }
    let own = chosen.map { rows[$0] }
    gather(own, data, shape)
    workspace.forward(parameters, batch, masks: masks)
    _ = slopes(own, data, shape)
    Elementwise.scaleRows(weights, width: shape.outputs, in: &delta)
    workspace.backward(parameters, batch, outputDelta: delta, into: &gradient)
  }

  private mutating func gather(_ rows: [Int], _ data: LearningData, _ shape: NetworkShape) {
    batch.rows = rows.count
    Dense.gather(rows[...], of: data.inputs, width: shape.inputs, into: &batch.inputs)
  }

  /// The losses, with dL/d outputs in `delta`.
  private mutating func slopes(
    _ rows: [Int], _ data: LearningData, _ shape: NetworkShape
  ) -> [Double] {
    let loss = shape.soleLoss
    Elementwise.clear(&delta)
    return rows.enumerated().map { at, row in
      loss.valueAndGradient(
        workspace.outputs, at * shape.outputs, data.tasks[0].targets[row], 1, into: &delta)
    }
  }
}
