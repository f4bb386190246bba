internal import FairpostNumerics

/// What a validation row costs a player, as a function of its outputs: a logit for each class, or a
/// predicted number.
package enum ValidationLoss: String, Sendable, Hashable, CaseIterable {
  /// The cross-entropy; of a number, the squared error.
  case crossEntropy = "ce"
  /// The cross-entropy plus a soft F1 term of the true class's logit t: with s = sigmoid(t),
  /// sigmoid(-2 s / (1 + s)). A number has no such term.
  case crossEntropyAndSoftF1 = "ce+soft-f1"

  /// The loss, with its derivatives written to `delta`, where zeros stand.
  func valueAndGradient(
    _ z: [Double], _ at: Int, target: Double, loss: Loss, into delta: inout [Double]
  ) -> Double {
    let entropy = loss.valueAndGradient(z, at, target, 1, into: &delta)
    guard self == .crossEntropyAndSoftF1, case .crossEntropy = loss else { return entropy }
    let label = Int(target)
    let s = Elementwise.sigmoid(z[at + label])
    let term = Elementwise.sigmoid(-2 * s / (1 + s))
    delta[at + label] -= term * (1 - term) * 2 / ((1 + s) * (1 + s)) * s * (1 - s)
    return entropy + term
  }
}

extension NetworkShape {
  /// The training loss of a network for one task: of a number with one output, else of a class.
  var soleLoss: Loss { outputs == 1 ? .squaredError : .crossEntropy(classes: outputs) }
}
