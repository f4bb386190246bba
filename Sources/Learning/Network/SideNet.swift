internal import FairpostNumerics

/// A conditioning net: conditions, one hidden layer with ReLU, one linear output per trunk layer.
struct SideNet: Sendable {
  let layers: [Dense.Layer]
  var outputs: [Double] = []
  var outputTangents: [Double] = []
  var outputDelta: [Double] = []
  var outputDeltaTangents: [Double] = []
  private var hidden: [Double] = []
  private var hiddenTangents: [Double] = []
  private var delta: [Double] = []
  private var deltaTangents: [Double] = []

  init(layers: [Dense.Layer]) { self.layers = layers }

  private static func room(_ array: inout [Double], _ count: Int) {
    if array.count < count { array = [Double](repeating: 0, count: count) }
  }

  private static func transposed(_ layer: Dense.Layer, _ parameters: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: layer.inputs * layer.outputs)
    Dense.transpose(layer, parameters: parameters, into: &result)
    return result
  }

  mutating func clearDelta(_ rows: Int) {
    Self.room(&outputDelta, rows * layers[1].outputs)
    Self.room(&outputDeltaTangents, rows * layers[1].outputs)
    Elementwise.clear(&outputDelta)
    Elementwise.clear(&outputDeltaTangents)
  }

  mutating func forward(_ parameters: [Double], _ conditions: [Double], rows: Int) {
    Self.room(&hidden, rows * layers[0].outputs)
    Self.room(&outputs, rows * layers[1].outputs)
    Dense.forward(
      layers[0], rows: rows, input: conditions, parameters: parameters,
      transposed: Self.transposed(layers[0], parameters), into: &hidden)
    Elementwise.relu(&hidden, count: rows * layers[0].outputs)
    Dense.forward(
      layers[1], rows: rows, input: hidden, parameters: parameters,
      transposed: Self.transposed(layers[1], parameters), into: &outputs)
  }

  mutating func backward(
    _ parameters: [Double], _ conditions: [Double], rows: Int, into gradient: inout [Double]
  ) {
    Self.room(&delta, rows * layers[0].outputs)
    Dense.addGradient(layers[1], rows: rows, delta: outputDelta, input: hidden, into: &gradient)
    Dense.backward(
      layers[1], rows: rows, delta: outputDelta, parameters: parameters, into: &delta)
    Elementwise.keepPositive(hidden, count: rows * layers[0].outputs, in: &delta)
    Dense.addGradient(layers[0], rows: rows, delta: delta, input: conditions, into: &gradient)
  }

  mutating func tangent(
    _ parameters: [Double], _ direction: [Double], _ conditions: [Double], rows: Int
  ) {
    Self.room(&hiddenTangents, rows * layers[0].outputs)
    Self.room(&outputTangents, rows * layers[1].outputs)
    Dense.forward(
      layers[0], rows: rows, input: conditions, parameters: direction,
      transposed: Self.transposed(layers[0], direction), into: &hiddenTangents)
    Elementwise.keepPositive(hidden, count: rows * layers[0].outputs, in: &hiddenTangents)
    Dense.forward(
      layers[1], rows: rows, input: hidden, parameters: direction,
      transposed: Self.transposed(layers[1], direction), into: &outputTangents)
    Dense.forward(
      layers[1], rows: rows, input: hiddenTangents, parameters: parameters,
      transposed: Self.transposed(layers[1], parameters), into: &outputTangents, withBias: false,
      adding: true)
  }

  mutating func backwardTangent(
    _ parameters: [Double], _ direction: [Double], _ conditions: [Double], rows: Int,
    into product: inout [Double]
  ) {
    let count = rows * layers[0].outputs
    Self.room(&deltaTangents, count)
    Self.room(&delta, count)
    Dense.addGradient(
      layers[1], rows: rows, delta: outputDeltaTangents, input: hidden, into: &product)
    Dense.addGradient(
      layers[1], rows: rows, delta: outputDelta, input: hiddenTangents, into: &product,
      withBias: false)
    Dense.backward(
      layers[1], rows: rows, delta: outputDeltaTangents, parameters: parameters,
      into: &deltaTangents)
    Dense.backward(
      layers[1], rows: rows, delta: outputDelta, parameters: direction, into: &deltaTangents,
      adding: true)
    Elementwise.keepPositive(hidden, count: count, in: &deltaTangents)
    Dense.addGradient(
      layers[0], rows: rows, delta: deltaTangents, input: conditions, into: &product)
  }
}
