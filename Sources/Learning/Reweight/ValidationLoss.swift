internal import FairpostNumerics

/// What a validation row costs a player, as a function of its logits, one for each class.
package enum ValidationLoss: String, Sendable, Hashable, CaseIterable {
  /// The cross-entropy.
  case crossEntropy = "ce"
  /// The cross-entropy plus a soft F1 term of the true class's logit t: with s = sigmoid(t),
  /// sigmoid(-2 s / (1 + s)).
  case crossEntropyAndSoftF1 = "ce+soft-f1"

  /// The loss, with its derivatives written to `delta`, where zeros stand.
  func valueAndGradient(
    _ z: [Double], _ at: Int, label: Int, classes: Int, into delta: inout [Double]
  ) -> Double {
    let entropy = Loss.crossEntropy(classes: classes)
      .valueAndGradient(z, at, Double(label), 1, into: &delta)
    guard self == .crossEntropyAndSoftF1 else { return entropy }
    let s = Elementwise.sigmoid(z[at + label])
    let term = Elementwise.sigmoid(-2 * s / (1 + s))
    delta[at + label] -= term * (1 - term) * 2 / ((1 + s) * (1 + s)) * s * (1 - s)
    return entropy + term
  }
}
