package import FairpostNumerics

/// The function between two layers.
package enum Activation: String, Sendable, Hashable, CaseIterable {
  /// max(x, 0), with slope 0 at exactly 0.
  case relu
  /// The hyperbolic tangent.
  case tanh
  /// Nothing: a chain of linear maps.
  case identity
}

/// How starting weights are drawn.
package enum InitialLaw: String, Sendable, Hashable, CaseIterable {
  /// Weights and biases uniform in +-1/sqrt(inputs).
  case uniform
  /// Weights normal with variance 2/inputs, biases 0 (He and others, 2015).
  case kaiming
}

/// What a network is made of; the parameters are elsewhere, in one flat array.
///
/// The heads of all tasks lie beside each other in one last linear layer. Parameters come in the
/// order: trunk layers, the layer of heads, then (with conditioning) the two layers of the scale
/// net and the two of the shift net; each layer is weights (outputs x inputs, row by row), then
/// biases.
package struct NetworkShape: Sendable, Hashable {
  /// Features.
  package let inputs: Int
  /// The width of every hidden layer; none for a linear model.
  package let hidden: [Int]
  /// Outputs of all heads together.
  package let outputs: Int
  /// The function after every hidden layer.
  package let activation: Activation
  /// Numbers the network is conditioned on for each row (task weights); 0 for a plain network.
  package let conditions: Int
  /// The width of the two conditioning nets.
  package let conditionWidth: Int

  /// The trunk and the layer of heads.
  package let layers: [Dense.Layer]
  /// From conditions to one scale for each hidden layer; empty without conditioning.
  package let scaleLayers: [Dense.Layer]
  /// From conditions to one shift for each hidden layer; empty without conditioning.
  package let shiftLayers: [Dense.Layer]
  /// Parameters in all.
  package let parameterCount: Int

  /// A shape from its sizes.
  ///
  /// - Parameters:
  ///   - conditions: numbers a row is conditioned on, as in the loss-conditional network of
  ///     Dosovitskiy & Djolonga (2020): h = dropout(f(z)) sigma_l + mu_l, one scalar of each per
  ///     layer and row. Ignored without hidden layers.
  package init(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu, conditions: Int = 0,
    conditionWidth: Int = 10
  ) {
    self.inputs = inputs
    self.hidden = hidden
    self.outputs = outputs
    self.activation = activation
    self.conditions = hidden.isEmpty ? 0 : conditions
    self.conditionWidth = conditionWidth
    var at = 0
    func chain(_ sizes: [Int]) -> [Dense.Layer] {
      zip(sizes, sizes.dropFirst()).map { pair in
        let layer = Dense.Layer(inputs: pair.0, outputs: pair.1, weights: at)
        at = layer.end
        return layer
      }
    }
    layers = chain([inputs] + hidden + [outputs])
    if self.conditions > 0 {
      scaleLayers = chain([conditions, conditionWidth, hidden.count])
      shiftLayers = chain([conditions, conditionWidth, hidden.count])
    } else {
      scaleLayers = []
      shiftLayers = []
    }
    parameterCount = at
  }

  /// Every layer with the name it has in model files.
  package var namedLayers: [(name: String, layer: Dense.Layer)] {
    var result: [(name: String, layer: Dense.Layer)] = []
    for (index, layer) in layers.enumerated() {
      result.append((index + 1 == layers.count ? "heads" : "hidden.\(index + 1)", layer))
    }
    for (index, layer) in scaleLayers.enumerated() { result.append(("scale.\(index + 1)", layer)) }
    for (index, layer) in shiftLayers.enumerated() { result.append(("shift.\(index + 1)", layer)) }
    return result
  }

  /// Starting parameters, layer by layer from a seeded stream.
  package func initialParameters(
    seed: UInt64, index: UInt64 = 0, law: InitialLaw = .uniform
  ) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: "network.initial", index: index)
    var parameters: [Double] = []
    parameters.reserveCapacity(parameterCount)
    for (_, layer) in namedLayers {
      let inputs = Double(max(layer.inputs, 1))
      let bound = 1 / inputs.squareRoot()
      for place in layer.weights..<layer.end {
        switch law {
        case .uniform: parameters.append(bound * (2 * stream.uniform() - 1))
        case .kaiming:
          parameters.append(place < layer.biases ? (2 / inputs).squareRoot() * stream.normal() : 0)
        }
      }
    }
    return parameters
  }

  /// 1 where a parameter is a weight, 0 where it is a bias: biases are not penalised.
  package func weightMask() -> [Double] {
    var mask = [Double](repeating: 0, count: parameterCount)
    for (_, layer) in namedLayers {
      for i in layer.weights..<layer.biases { mask[i] = 1 }
    }
    return mask
  }
}
