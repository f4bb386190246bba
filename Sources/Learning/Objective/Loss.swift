internal import FairpostNumerics

/// A smooth function of one row's outputs, with its first two derivatives.
package enum Loss: Sendable, Hashable {
  /// log(1 + exp(z)) - y z: cross-entropy of a 0/1 label (or a share) with one logit.
  case binaryCrossEntropy
  /// Cross-entropy of a class number with as many logits as classes.
  case crossEntropy(classes: Int)
  /// (z - y)^2.
  case squaredError
  /// Minus the predicted probability of class 1 with one logit; the target is ignored.
  case negativeProbability
  /// Minus the predicted probability of class 1 with two logits; the target is ignored.
  case negativeSoftmaxProbability
  /// The output itself, times the target: averages of scores and boundary covariances.
  case linear

  /// Outputs the loss reads.
  package var width: Int {
    switch self {
    case .crossEntropy(let classes): classes
    case .negativeSoftmaxProbability: 2
    default: 1
    }
  }

  /// The value at a row's outputs z[at...].
  @inline(__always)
  func value(_ z: [Double], _ at: Int, _ target: Double) -> Double {
    switch self {
    case .binaryCrossEntropy: return Elementwise.softplus(z[at]) - target * z[at]
    case .crossEntropy(classes: 2):
      // Of one difference, and exact for either class however small the loss.
      let d = z[at + 1] - z[at]
      return Elementwise.softplus(target == 1 ? -d : d)
    case .crossEntropy(let classes):
      let label = Int(target)
      let own = z[at + label]
      var largest = own
      for c in 0..<classes { largest = max(largest, z[at + c]) }
      var sum = 0.0
      for c in 0..<classes { sum += Elementwise.exponential(z[at + c] - largest) }
      return Elementwise.logarithm(sum) + (largest - own)
    case .squaredError: return (z[at] - target) * (z[at] - target)
    case .negativeProbability: return -Elementwise.sigmoid(z[at])
    case .negativeSoftmaxProbability: return -Elementwise.sigmoid(z[at + 1] - z[at])
    case .linear: return target * z[at]
    }
  }

  /// Adds weight dL/dz to `delta`.
  @inline(__always)
  func addGradient(
    _ z: [Double], _ at: Int, _ target: Double, _ weight: Double, into delta: inout [Double]
  ) {
    switch self {
    case .binaryCrossEntropy: delta[at] += weight * (Elementwise.sigmoid(z[at]) - target)
    case .crossEntropy(classes: 2):
      let slope = weight * (Elementwise.sigmoid(z[at + 1] - z[at]) - target)
      delta[at + 1] += slope
      delta[at] -= slope
    case .crossEntropy(let classes):
      let label = Int(target)
      let (largest, sum) = Self.normaliser(z, at, classes)
      for c in 0..<classes {
        let p = Elementwise.exponential(z[at + c] - largest) / sum
        delta[at + c] += weight * (c == label ? p - 1 : p)
      }
    case .squaredError: delta[at] += weight * 2 * (z[at] - target)
    case .negativeProbability:
      let s = Elementwise.sigmoid(z[at])
      delta[at] -= weight * s * (1 - s)
    case .negativeSoftmaxProbability:
      let s = Elementwise.sigmoid(z[at + 1] - z[at])
      let slope = weight * s * (1 - s)
      delta[at + 1] -= slope
      delta[at] += slope
    case .linear: delta[at] += weight * target
    }
  }

  /// Adds weight dL/dz to `delta`, where nothing stands yet, and gives the value: an exponential an
  /// output does for both.
  @inline(__always)
  package func valueAndGradient(
    _ z: [Double], _ at: Int, _ target: Double, _ weight: Double, into delta: inout [Double]
  ) -> Double {
    guard case .crossEntropy(let classes) = self, classes > 2 else {
      addGradient(z, at, target, weight, into: &delta)
      return value(z, at, target)
    }
    let label = Int(target)
    var largest = z[at]
    for c in 1..<classes { largest = max(largest, z[at + c]) }
    var sum = 0.0
    for c in 0..<classes {
      let power = Elementwise.exponential(z[at + c] - largest)
      delta[at + c] = power
      sum += power
    }
    let factor = weight / sum
    for c in 0..<classes { delta[at + c] *= factor }
    delta[at + label] -= weight
    return Elementwise.logarithm(sum) + (largest - z[at + label])
  }

  /// Adds weight R(dL/dz) to `deltaTangent`, given R z.
  @inline(__always)
  func addTangent(
    _ z: [Double], _ tangent: [Double], _ at: Int, _ weight: Double,
    into deltaTangent: inout [Double]
  ) {
    switch self {
    case .binaryCrossEntropy:
      let s = Elementwise.sigmoid(z[at])
      deltaTangent[at] += weight * s * (1 - s) * tangent[at]
    case .crossEntropy(classes: 2):
      let s = Elementwise.sigmoid(z[at + 1] - z[at])
      let bend = weight * s * (1 - s) * (tangent[at + 1] - tangent[at])
      deltaTangent[at + 1] += bend
      deltaTangent[at] -= bend
    case .crossEntropy(let classes):
      let (largest, sum) = Self.normaliser(z, at, classes)
      var mean = 0.0
      for c in 0..<classes {
        mean += Elementwise.exponential(z[at + c] - largest) / sum * tangent[at + c]
      }
      for c in 0..<classes {
        let p = Elementwise.exponential(z[at + c] - largest) / sum
        deltaTangent[at + c] += weight * p * (tangent[at + c] - mean)
      }
    case .squaredError: deltaTangent[at] += weight * 2 * tangent[at]
    case .negativeProbability:
      let s = Elementwise.sigmoid(z[at])
      deltaTangent[at] -= weight * s * (1 - s) * (1 - 2 * s) * tangent[at]
    case .negativeSoftmaxProbability:
      let s = Elementwise.sigmoid(z[at + 1] - z[at])
      let bend = weight * s * (1 - s) * (1 - 2 * s) * (tangent[at + 1] - tangent[at])
      deltaTangent[at + 1] -= bend
      deltaTangent[at] += bend
    case .linear: break
    }
  }

  private static func normaliser(
    _ z: [Double], _ at: Int, _ classes: Int
  ) -> (largest: Double, sum: Double) {
    var largest = z[at]
    for c in 1..<classes { largest = max(largest, z[at + c]) }
    var sum = 0.0
    for c in 0..<classes { sum += Elementwise.exponential(z[at + c] - largest) }
    return (largest, sum)
  }
}
