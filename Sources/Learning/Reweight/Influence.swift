internal import FairpostNumerics

/// How far a step along each training row's gradient lowers each cell's validation loss:
/// <grad L_k, grad loss_i>, for every training row i and every cell k.
///
/// No row's gradient is ever formed. In a layer, the gradient of a row is the product of what comes
/// back and what goes in, so that the inner product of two rows' gradients is the product of two
/// inner products of these. With few validation rows they are taken row by row; with many, each
/// cell's gradient is formed once and every training row's derivative along it is read off in one
/// matrix product for all cells. Which is cheaper is decided layer by layer.
struct Influence {
  /// How a layer's part is found, with what it reads of the validation rows.
  private enum Part: Sendable {
    /// What goes in and what comes back for every validation row, ready for `Dense.forward`.
    case pairs(input: Operand, delta: Operand)
    /// The gradients of all cells beneath each other.
    case gradients(Operand)
  }

  /// A matrix with a bias, as `Dense.forward` reads it.
  private struct Operand: Sendable {
    var layer: Dense.Layer
    var parameters: [Double]
    var transposed: [Double]

    init(_ rows: [Double], count: Int, width: Int, bias: [Double]) {
      layer = Dense.Layer(inputs: width, outputs: count, weights: 0)
      parameters = Array(rows[..<(count * width)]) + bias
      transposed = [Double](repeating: 0, count: count * width)
      Dense.transpose(layer, parameters: parameters, into: &transposed)
    }
  }

  /// Validation rows.
  var rows: Int { cells.rows }
  /// Each validation cell's loss.
  private(set) var losses: [Double] = []
  private let cells: ValidationCells
  private let loss: ValidationLoss
  private var workspace: Workspace
  private var delta: [Double] = []
  private var parts: [Part] = []

  init(shape: NetworkShape, cells: ValidationCells, loss: ValidationLoss) {
    self.cells = cells
    self.loss = loss
    workspace = Workspace(shape: shape)
  }

  /// Takes the validation rows through the network at some parameters.
  mutating func prepare(_ parameters: [Double], masks: [[Double]]) {
    let shape = workspace.shape
    let rows = cells.rows
    workspace.forward(parameters, cells.batch, masks: masks)
    delta = [Double](repeating: 0, count: rows * shape.outputs)
    losses = cells.means(
      (0..<rows).map { row in
        loss.valueAndGradient(
          workspace.outputs, row * shape.outputs, target: cells.targets[row],
          loss: shape.soleLoss, into: &delta)
      })
    workspace.backwardRows(parameters, outputDelta: delta)
    let count = cells.cells.count
    parts = shape.layers.enumerated().map { l, layer in
      let back = l == shape.hidden.count ? delta : workspace.deltas[l]
      let input = workspace.layerInput(l, cells.batch)
      if rows * (layer.inputs + layer.outputs) <= count * layer.inputs * layer.outputs {
        return .pairs(
          input: Operand(
            input, count: rows, width: layer.inputs, bias: [Double](repeating: 1, count: rows)),
          delta: Operand(
            back, count: rows, width: layer.outputs, bias: [Double](repeating: 0, count: rows)))
      }
      return .gradients(gradients(layer, back: back, input: input))
    }
  }

  /// The gradients of a layer's parameters for all cells.
  private func gradients(_ layer: Dense.Layer, back: [Double], input: [Double]) -> Operand {
    let count = cells.cells.count
    var back = Array(back[..<(cells.rows * layer.outputs)])
    Elementwise.scaleRows(cells.shares, width: layer.outputs, in: &back)
    let size = layer.inputs * layer.outputs
    var stacked = [Double](repeating: 0, count: count * size + layer.outputs)
    var biases = [Double](repeating: 0, count: count * layer.outputs)
    var first = 0
    for cell in 0..<count {
      let last = cells.cellOf[first...].firstIndex { $0 != cell } ?? cells.rows
      Dense.addGradient(
        Dense.Layer(inputs: layer.inputs, outputs: layer.outputs, weights: cell * size),
        rows: last - first, delta: Array(back[first * layer.outputs..<last * layer.outputs]),
        input: input, from: first, into: &stacked, withBias: false)
      for row in first..<last {
        for o in 0..<layer.outputs {
          biases[cell * layer.outputs + o] += back[row * layer.outputs + o]
        }
      }
      first = last
    }
    return Operand(stacked, count: count * layer.outputs, width: layer.inputs, bias: biases)
  }

  /// Room that one thread works in.
  struct Room: Sendable {
    fileprivate var first: [Double] = []
    fileprivate var second: [Double] = []
    fileprivate var sums: [Double] = []
  }

  /// The inner products for the rows of a workspace after `backwardRows`, written row by row.
  func fill(
    _ result: inout [Double], _ training: Workspace, _ batch: Batch, outputDelta: [Double],
    room: inout Room
  ) {
    let rows = batch.rows
    let count = cells.cells.count
    let shape = training.shape
    for i in 0..<rows * count { result[i] = 0 }
    let pairs = rows * cells.rows
    var hasPairs = false
    for (l, layer) in shape.layers.enumerated() {
      let back = l == shape.hidden.count ? outputDelta : training.deltas[l]
      switch parts[l] {
      case .pairs(let input, let delta):
        if room.sums.count < pairs {
          room.sums = [Double](repeating: 0, count: pairs)
        }
        if room.first.count < pairs { room.first = [Double](repeating: 0, count: pairs) }
        if room.second.count < pairs { room.second = [Double](repeating: 0, count: pairs) }
        if !hasPairs { Elementwise.clear(&room.sums, count: pairs) }
        hasPairs = true
        Dense.forward(
          input.layer, rows: rows, input: training.layerInput(l, batch),
          parameters: input.parameters, transposed: input.transposed, into: &room.first)
        Dense.forward(
          delta.layer, rows: rows, input: back, parameters: delta.parameters,
          transposed: delta.transposed, into: &room.second, withBias: false)
        Elementwise.addProducts(room.first, room.second, count: pairs, to: &room.sums)
      case .gradients(let stacked):
        let width = stacked.layer.outputs
        if room.first.count < rows * width {
          room.first = [Double](repeating: 0, count: rows * width)
        }
        Dense.forward(
          stacked.layer, rows: rows, input: training.layerInput(l, batch),
          parameters: stacked.parameters, transposed: stacked.transposed, into: &room.first)
        for row in 0..<rows {
          for cell in 0..<count {
            var sum = 0.0
            let at = row * width + cell * layer.outputs
            for o in 0..<layer.outputs { sum += room.first[at + o] * back[row * layer.outputs + o] }
            result[row * count + cell] += sum
          }
        }
      }
    }
    guard hasPairs else { return }
    for row in 0..<rows {
      for other in 0..<cells.rows {
        result[row * count + cells.cellOf[other]] +=
          cells.shares[other] * room.sums[row * cells.rows + other]
      }
    }
  }
}
