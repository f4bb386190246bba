internal import FairpostLearning
internal import FairpostNumerics

/// A model as exports write it: from columns to features, through layers, to scores.
struct ExportedModel {
  /// A linear map and, but for the last, the function behind it.
  struct Layer {
    /// A row of weights for each output.
    var weights: [[Double]]
    var biases: [Double]
  }

  let columns: [ColumnEncoding]
  let layers: [Layer]
  let activation: Activation
  let tasks: [ModelTask]

  init(_ model: Model) {
    columns = model.encoder.columns
    activation = model.shape.activation
    tasks = model.tasks
    var layers = model.shape.layers.map { Self.layer($0, model.parameters) }
    if model.shape.conditions > 0 {
      // A network with weights for its tasks is a plain one once the weights are known: what scales and
      // shifts a layer goes into the weights of the next.
      let scales = Self.side(model.shape.scaleLayers, model)
      let shifts = Self.side(model.shape.shiftLayers, model)
      for place in model.shape.hidden.indices {
        for output in layers[place + 1].weights.indices {
          let row = layers[place + 1].weights[output]
          layers[place + 1].biases[output] += row.reduce(0, +) * shifts[place]
          layers[place + 1].weights[output] = row.map { $0 * scales[place] }
        }
      }
    }
    self.layers = layers
  }

  private static func layer(_ layer: Dense.Layer, _ parameters: [Double]) -> Layer {
    Layer(
      weights: (0..<layer.outputs).map { output in
        let start = layer.weights + output * layer.inputs
        return Array(parameters[start..<start + layer.inputs])
      }, biases: Array(parameters[layer.biases..<layer.end]))
  }

  /// What a conditioning net says for the model's own weights.
  private static func side(_ layers: [Dense.Layer], _ model: Model) -> [Double] {
    var values = model.conditions
    for (place, stored) in layers.enumerated() {
      let layer = layer(stored, model.parameters)
      values = zip(layer.weights, layer.biases).map { row, bias in
        let sum = zip(row, values).reduce(bias) { $0 + $1.0 * $1.1 }
        return place == 0 ? max(sum, 0) : sum
      }
    }
    return values
  }
}

extension TaskKind {
  /// What the exported programs call it: it says what makes scores of a task's outputs.
  var exportWord: String {
    switch self {
    case .binary: "binary"
    case .multiclass: "multiclass"
    case .regression(let logTarget): logTarget ? "log" : "number"
    }
  }
}
