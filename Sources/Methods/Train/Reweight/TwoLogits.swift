internal import FairpostLearning
internal import FairpostNumerics

/// A binary head with a logit for each label, as learning with rows' weights has it, and with one.
///
/// Only the difference of two logits says a probability, so that the difference of their weights is
/// the same model. The soft F1 term of the validation loss reads each logit by itself, which is why
/// there are two while learning.
struct TwoLogits {
  /// The shape with one logit.
  let one: NetworkShape
  /// The same shape with two.
  let two: NetworkShape

  init(_ one: NetworkShape) {
    self.one = one
    two = NetworkShape(
      inputs: one.inputs, hidden: one.hidden, outputs: 2, activation: one.activation)
  }

  /// Parameters with one logit from those with two.
  func folded(_ parameters: [Double]) -> [Double] {
    let head = two.layers[two.layers.count - 1]
    var result = Array(parameters[..<head.weights])
    for i in 0..<head.inputs {
      result.append(parameters[head.weights + head.inputs + i] - parameters[head.weights + i])
    }
    result.append(parameters[head.biases + 1] - parameters[head.biases])
    return result
  }

  /// Parameters with two logits, minus and plus a half of the one.
  func unfolded(_ parameters: [Double]) -> [Double] {
    let head = one.layers[one.layers.count - 1]
    let weights = parameters[head.weights..<head.biases]
    return Array(parameters[..<head.weights]) + weights.map { -0.5 * $0 }
      + weights.map { 0.5 * $0 } + [-0.5 * parameters[head.biases], 0.5 * parameters[head.biases]]
  }
}
