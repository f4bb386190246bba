internal import FairpostNumerics

extension Workspace {
  /// The derivative of every output along a direction of the parameters, in `outputTangents`.
  ///
  /// Needs the `forward` of the same batch and parameters. One sweep per direction: the inner
  /// product of a row's dL/d outputs with its output tangents is the derivative of its loss, so no
  /// per-row gradient is ever stored.
  package mutating func tangent(_ parameters: [Double], _ direction: [Double], _ batch: Batch) {
    reserveTangents()
    for (l, layer) in shape.layers.enumerated() {
      Dense.transpose(layer, parameters: direction, into: &directionTransposed[l])
    }
    if isConditioned {
      scale.tangent(parameters, direction, batch.conditions, rows: rows)
      shift.tangent(parameters, direction, batch.conditions, rows: rows)
    }
    for l in shape.hidden.indices {
      let layer = shape.layers[l]
      Dense.forward(
        layer, rows: rows, input: layerInput(l, batch), parameters: direction,
        transposed: directionTransposed[l], into: &activeTangents[l])
      if l > 0 {
        Dense.forward(
          layer, rows: rows, input: isConditioned ? hiddenTangents[l - 1] : activeTangents[l - 1],
          parameters: parameters, transposed: transposed[l], into: &activeTangents[l],
          withBias: false, adding: true)
      }
      tangentThroughHidden(l)
    }
    let l = shape.layers.count - 1
    let layer = shape.layers[l]
    Dense.forward(
      layer, rows: rows, input: layerInput(l, batch), parameters: direction,
      transposed: directionTransposed[l], into: &outputTangents)
    if l > 0 {
      Dense.forward(
        layer, rows: rows, input: isConditioned ? hiddenTangents[l - 1] : activeTangents[l - 1],
        parameters: parameters, transposed: transposed[l], into: &outputTangents, withBias: false,
        adding: true)
    }
  }

  /// Adds the Hessian-vector product to `product`; needs `forward` and `tangent`.
  ///
  /// - Parameters:
  ///   - outputDelta: dL/d outputs.
  ///   - outputDeltaTangent: its derivative along the direction; with zeros for `outputDelta` the
  ///     Gauss-Newton product results.
  package mutating func backwardTangent(
    _ parameters: [Double], _ direction: [Double], _ batch: Batch, outputDelta: [Double],
    outputDeltaTangent: [Double], into product: inout [Double]
  ) {
    if isConditioned {
      scale.clearDelta(rows)
      shift.clearDelta(rows)
    }
    var l = shape.layers.count - 1
    while l >= 0 {
      let layer = shape.layers[l]
      let isLast = l == shape.hidden.count
      let delta = isLast ? outputDelta : deltas[l]
      let deltaTangent = isLast ? outputDeltaTangent : deltaTangents[l]
      Dense.addGradient(
        layer, rows: rows, delta: deltaTangent, input: layerInput(l, batch), into: &product)
      if l > 0 {
        Dense.addGradient(
          layer, rows: rows, delta: delta,
          input: isConditioned ? hiddenTangents[l - 1] : activeTangents[l - 1], into: &product,
          withBias: false)
        Dense.backward(
          layer, rows: rows, delta: delta, parameters: parameters, into: &deltas[l - 1])
        Dense.backward(
          layer, rows: rows, delta: deltaTangent, parameters: parameters,
          into: &deltaTangents[l - 1])
        Dense.backward(
          layer, rows: rows, delta: delta, parameters: direction, into: &deltaTangents[l - 1],
          adding: true)
        backwardTangentThroughHidden(l - 1)
      }
      l -= 1
    }
    if isConditioned {
      scale.backwardTangent(parameters, direction, batch.conditions, rows: rows, into: &product)
      shift.backwardTangent(parameters, direction, batch.conditions, rows: rows, into: &product)
    }
  }

  /// R z_l to R u_l in place of `activeTangents`, and R h_l.
  private mutating func tangentThroughHidden(_ l: Int) {
    let width = shape.hidden[l]
    let count = rows * width
    switch shape.activation {
    case .relu: Elementwise.keepPositive(active[l], count: count, in: &activeTangents[l])
    case .tanh: Elementwise.timesTanhSlope(active[l], count: count, in: &activeTangents[l])
    case .identity: break
    }
    if hasDropout { Elementwise.multiply(masks[l], count: count, in: &activeTangents[l]) }
    guard isConditioned else { return }
    let u = beforeConditioning(l)
    let depth = shape.hidden.count
    for row in 0..<rows {
      let at = row * depth + l
      let sigma = scale.outputs[at]
      let sigmaTangent = scale.outputTangents[at]
      let muTangent = shift.outputTangents[at]
      for j in row * width..<(row + 1) * width {
        hiddenTangents[l][j] = sigma * activeTangents[l][j] + sigmaTangent * u[j] + muTangent
      }
    }
  }

  /// dL/dh_l and R dL/dh_l to dL/dz_l and R dL/dz_l, in place.
  private mutating func backwardTangentThroughHidden(_ l: Int) {
    let width = shape.hidden[l]
    let count = rows * width
    if isConditioned {
      let u = beforeConditioning(l)
      let depth = shape.hidden.count
      for row in 0..<rows {
        let at = row * depth + l
        let sigma = scale.outputs[at]
        let sigmaTangent = scale.outputTangents[at]
        var toScale = 0.0
        var toShift = 0.0
        var toScaleTangent = 0.0
        var toShiftTangent = 0.0
        for j in row * width..<(row + 1) * width {
          let d = deltas[l][j]
          let dTangent = deltaTangents[l][j]
          toScale += d * u[j]
          toShift += d
          toScaleTangent += dTangent * u[j] + d * activeTangents[l][j]
          toShiftTangent += dTangent
          deltas[l][j] = d * sigma
          deltaTangents[l][j] = dTangent * sigma + d * sigmaTangent
        }
        scale.outputDelta[at] = toScale
        shift.outputDelta[at] = toShift
        scale.outputDeltaTangents[at] = toScaleTangent
        shift.outputDeltaTangents[at] = toShiftTangent
      }
    }
    if hasDropout {
      Elementwise.multiply(masks[l], count: count, in: &deltas[l])
      Elementwise.multiply(masks[l], count: count, in: &deltaTangents[l])
    }
    switch shape.activation {
    case .relu:
      Elementwise.keepPositive(active[l], count: count, in: &deltas[l])
      Elementwise.keepPositive(active[l], count: count, in: &deltaTangents[l])
    case .tanh:
      // R(d f'(z)) = Rd f'(z) + d f''(z) Rz, with f'' = -2 t f'. Dropout has already scaled d and
      // the stored tangent is mask f'(z) Rz = R u, so the second part is -2 t d R a.
      for j in 0..<count {
        let t = active[l][j]
        let slope = 1 - t * t
        let tangent = hasDropout ? tangentBeforeDropout(l, j) : activeTangents[l][j]
        deltaTangents[l][j] = deltaTangents[l][j] * slope - 2 * t * deltas[l][j] * tangent
        deltas[l][j] *= slope
      }
    case .identity: break
    }
  }

  /// R a_l from R u_l; where a unit is dropped its delta is 0 and the value does not matter.
  private func tangentBeforeDropout(_ l: Int, _ j: Int) -> Double {
    let mask = masks[l][j]
    return mask == 0 ? 0 : activeTangents[l][j] / mask
  }
}
