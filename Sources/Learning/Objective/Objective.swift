internal import FairpostNumerics

/// One weighted sum of per-row losses, S = sum_i w_i loss(z_i, y_i).
package struct LossSum: Sendable {
  /// What is summed.
  package var loss: Loss
  /// The first of the outputs it reads.
  package var output: Int
  /// y_i; what it means depends on the loss.
  package var targets: [Double]
  /// w_i; a row of weight 0 does not count, whatever its target.
  package var weights: [Double]

  /// A sum from its parts.
  package init(loss: Loss, output: Int = 0, targets: [Double], weights: [Double]) {
    self.loss = loss
    self.output = output
    self.targets = targets
    self.weights = weights
  }
}

/// How a few sums become one number, with first and second derivatives.
package struct Combination: Sendable {
  /// F(S), dF/dS and d2F/dS2 (row by row; empty where F is linear).
  package let evaluate:
    @Sendable ([Double]) -> (value: Double, gradient: [Double], hessian: [Double])

  /// A combination from its evaluation.
  package init(
    _ evaluate:
      @escaping @Sendable ([Double]) -> (value: Double, gradient: [Double], hessian: [Double])
  ) {
    self.evaluate = evaluate
  }

  /// constant + sum_k c_k S_k.
  package static func linear(_ coefficients: [Double], constant: Double = 0) -> Combination {
    Combination { sums in
      var value = constant
      for (c, s) in zip(coefficients, sums) { value += c * s }
      return (value, coefficients, [])
    }
  }
}

/// A smooth function F(S_1, ..., S_K) of weighted sums of per-row losses.
///
/// Everything a training method differentiates is one of these. The chain rule turns it into row
/// weights (F_k w_ki), plus, where F is not linear, a term of rank K in the Hessian.
package struct Objective: Sendable {
  /// The sums.
  package var sums: [LossSum]
  /// F.
  package var combination: Combination

  /// An objective from its sums and their combination; plainly added up if none is given.
  package init(_ sums: [LossSum], _ combination: Combination? = nil) {
    self.sums = sums
    self.combination = combination ?? .linear([Double](repeating: 1, count: sums.count))
  }

  /// The sums and F at a batch's outputs.
  ///
  /// - Parameter width: outputs of a row.
  package func value(outputs: [Double], width: Int) -> Double {
    combination.evaluate(sumValues(outputs, width)).value
  }

  /// F and dF/d outputs, which replaces the first places of `delta`.
  package func gradient(outputs: [Double], width: Int, delta: inout [Double]) -> Double {
    let (value, slopes, _) = combination.evaluate(sumValues(outputs, width))
    fillDelta(outputs, width, slopes, &delta)
    return value
  }

  /// dF/d outputs and its derivative along `tangents` (R outputs).
  package func tangent(
    outputs: [Double], tangents: [Double], width: Int, delta: inout [Double],
    deltaTangent: inout [Double]
  ) {
    let (_, slopes, bends) = combination.evaluate(sumValues(outputs, width))
    fillDelta(outputs, width, slopes, &delta)
    for i in deltaTangent.indices { deltaTangent[i] = 0 }
    for (sum, slope) in zip(sums, slopes) {
      sum.addTangent(outputs, tangents, width, slope, &deltaTangent)
    }
    guard !bends.isEmpty else { return }
    // The low-rank part: R(dF/dS_k) = sum_j F_kj R S_j.
    let sumTangents = sums.map { $0.tangent(outputs, tangents, width) }
    for (k, sum) in sums.enumerated() {
      var change = 0.0
      for j in sums.indices { change += bends[k * sums.count + j] * sumTangents[j] }
      guard change != 0 else { continue }
      sum.addDelta(outputs, width, change, &deltaTangent)
    }
  }

  private func sumValues(_ outputs: [Double], _ width: Int) -> [Double] {
    sums.map { $0.value(outputs, width) }
  }

  private func fillDelta(
    _ outputs: [Double], _ width: Int, _ slopes: [Double], _ delta: inout [Double]
  ) {
    for i in delta.indices { delta[i] = 0 }
    for (sum, slope) in zip(sums, slopes) { sum.addDelta(outputs, width, slope, &delta) }
  }
}

extension LossSum {
  /// S.
  func value(_ outputs: [Double], _ width: Int) -> Double {
    var total = 0.0
    for row in weights.indices where weights[row] != 0 {
      total += weights[row] * loss.value(outputs, row * width + output, targets[row])
    }
    return total
  }

  /// Adds slope dS/d outputs to `delta`.
  func addDelta(_ outputs: [Double], _ width: Int, _ slope: Double, _ delta: inout [Double]) {
    for row in weights.indices where weights[row] != 0 {
      loss.addGradient(
        outputs, row * width + output, targets[row], slope * weights[row], into: &delta)
    }
  }

  /// Adds slope R(dS/d outputs) to `deltaTangent`.
  func addTangent(
    _ outputs: [Double], _ tangents: [Double], _ width: Int, _ slope: Double,
    _ deltaTangent: inout [Double]
  ) {
    for row in weights.indices where weights[row] != 0 {
      loss.addTangent(
        outputs, tangents, row * width + output, slope * weights[row], into: &deltaTangent)
    }
  }

  /// R S.
  func tangent(_ outputs: [Double], _ tangents: [Double], _ width: Int) -> Double {
    var row1 = [Double](repeating: 0, count: outputs.count)
    addDelta(outputs, width, 1, &row1)
    var total = 0.0
    for row in weights.indices where weights[row] != 0 {
      let at = row * width + output
      for j in at..<at + loss.width { total += row1[j] * tangents[j] }
    }
    return total
  }
}
