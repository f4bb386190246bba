internal import FairpostNumerics

extension Workspace {
  /// Each row's dL/dz in every hidden layer, in `deltas`, without the gradient of the parameters.
  ///
  /// For plain networks only, not for conditioned ones.
  mutating func backwardRows(_ parameters: [Double], outputDelta: [Double]) {
    precondition(!isConditioned)
    for l in shape.hidden.indices.reversed() {
      let delta = l + 1 == shape.hidden.count ? outputDelta : deltas[l + 1]
      Dense.backward(
        shape.layers[l + 1], rows: rows, delta: delta, parameters: parameters, into: &deltas[l])
      backwardThroughHidden(l)
    }
  }

  /// Adds the gradient of a weighted sum of chosen rows' losses, from what `backwardRows` left.
  ///
  /// - Parameters:
  ///   - chosen: the rows that count.
  ///   - weights: their weights, one for each chosen row.
  mutating func addGradient(
    of chosen: [Int], weights: [Double], _ batch: Batch, outputDelta: [Double],
    into gradient: inout [Double]
  ) {
    guard !chosen.isEmpty else { return }
    for (l, layer) in shape.layers.enumerated() {
      let from = l == shape.hidden.count ? outputDelta : deltas[l]
      Self.room(&chosenDelta, chosen.count * layer.outputs)
      Self.room(&chosenInput, chosen.count * layer.inputs)
      Dense.gather(chosen[...], of: from, width: layer.outputs, into: &chosenDelta)
      Dense.gather(
        chosen[...], of: layerInput(l, batch), width: layer.inputs, into: &chosenInput)
      Elementwise.scaleRows(weights, width: layer.outputs, in: &chosenDelta)
      Dense.addGradient(
        layer, rows: chosen.count, delta: chosenDelta, input: chosenInput, into: &gradient)
    }
  }

  private static func room(_ array: inout [Double], _ count: Int) {
    if array.count < count { array = [Double](repeating: 0, count: count) }
  }
}
