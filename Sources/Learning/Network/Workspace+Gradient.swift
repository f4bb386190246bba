internal import FairpostNumerics

extension Workspace {
  /// Runs the batch through the network; the result is in `outputs`.
  ///
  /// - Parameters:
  ///   - masks: for each hidden layer, row by row, 0 where a unit is dropped and 1 / (1 - share)
  ///     where it is kept; empty for no dropout.
  ///   - transposed: the weights of every layer as `Dense.transpose` leaves them, where the caller
  ///     has them already.
  package mutating func forward(
    _ parameters: [Double], _ batch: Batch, masks: [[Double]] = [],
    transposed shared: [[Double]]? = nil
  ) {
    if let shared {
      transposed = shared
    } else {
      for (l, layer) in shape.layers.enumerated() {
        Dense.transpose(layer, parameters: parameters, into: &transposed[l])
      }
    }
    reserve(batch.rows)
    self.masks = masks
    if isConditioned {
      scale.forward(parameters, batch.conditions, rows: rows)
      shift.forward(parameters, batch.conditions, rows: rows)
    }
    if hasDropout, dropped.isEmpty { dropped = active }
    for l in shape.hidden.indices {
      let layer = shape.layers[l]
      let count = rows * layer.outputs
      let input = layerInput(l, batch)
      Dense.forward(
        layer, rows: rows, input: input, parameters: parameters, transposed: transposed[l],
        into: &active[l])
      activate(l, count)
      if hasDropout {
        dropped[l] = active[l]
        Elementwise.multiply(masks[l], count: count, in: &dropped[l])
      }
      if isConditioned {
        let u = beforeConditioning(l)
        let depth = shape.hidden.count
        for row in 0..<rows {
          let sigma = scale.outputs[row * depth + l]
          let mu = shift.outputs[row * depth + l]
          for j in row * layer.outputs..<(row + 1) * layer.outputs {
            hidden[l][j] = u[j] * sigma + mu
          }
        }
      }
    }
    let last = shape.layers.count - 1
    let input = layerInput(last, batch)
    Dense.forward(
      shape.layers[last], rows: rows, input: input, parameters: parameters,
      transposed: transposed[last], into: &outputs)
  }

  /// Adds the gradient to `gradient`, given dL/d outputs of the last `forward`.
  package mutating func backward(
    _ parameters: [Double], _ batch: Batch, outputDelta: [Double], into gradient: inout [Double]
  ) {
    if isConditioned {
      scale.clearDelta(rows)
      shift.clearDelta(rows)
    }
    var l = shape.layers.count - 1
    while l >= 0 {
      let layer = shape.layers[l]
      let delta = l == shape.hidden.count ? outputDelta : deltas[l]
      Dense.addGradient(
        layer, rows: rows, delta: delta, input: layerInput(l, batch), into: &gradient)
      if l > 0 {
        Dense.backward(
          layer, rows: rows, delta: delta, parameters: parameters, into: &deltas[l - 1])
        backwardThroughHidden(l - 1)
      }
      l -= 1
    }
    if isConditioned {
      scale.backward(parameters, batch.conditions, rows: rows, into: &gradient)
      shift.backward(parameters, batch.conditions, rows: rows, into: &gradient)
    }
  }

  private mutating func activate(_ l: Int, _ count: Int) {
    switch shape.activation {
    case .relu: Elementwise.relu(&active[l], count: count)
    case .tanh: Elementwise.tanh(&active[l], count: count)
    case .identity: break
    }
  }

  /// dL/dh_l to dL/dz_l, in place.
  mutating func backwardThroughHidden(_ l: Int) {
    let width = shape.hidden[l]
    let count = rows * width
    if isConditioned {
      let u = beforeConditioning(l)
      let depth = shape.hidden.count
      for row in 0..<rows {
        let sigma = scale.outputs[row * depth + l]
        var toScale = 0.0
        var toShift = 0.0
        for j in row * width..<(row + 1) * width {
          let d = deltas[l][j]
          toScale += d * u[j]
          toShift += d
          deltas[l][j] = d * sigma
        }
        scale.outputDelta[row * depth + l] = toScale
        shift.outputDelta[row * depth + l] = toShift
      }
    }
    if hasDropout { Elementwise.multiply(masks[l], count: count, in: &deltas[l]) }
    switch shape.activation {
    case .relu: Elementwise.keepPositive(active[l], count: count, in: &deltas[l])
    case .tanh: Elementwise.timesTanhSlope(active[l], count: count, in: &deltas[l])
    case .identity: break
    }
  }
}
