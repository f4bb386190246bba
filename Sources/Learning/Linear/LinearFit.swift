internal import FairpostNumerics

/// A linear model solved to convergence: least squares, ridge, logistic, softmax.
///
/// The objective is sum_i w_i loss(z_i) + penalty/2 |W|^2 with free intercepts, as in scikit-learn
/// (C = 1 / penalty). Up to `mostByNewton` parameters Newton's method solves it with the exact
/// Hessian, whose cost grows with their square; least squares ends after one step. Beyond that it is
/// solved from gradients alone (L-BFGS), to the same tolerance.
package struct LinearFit: Sendable {
  /// Weights (outputs x inputs, row by row), then intercepts: the parameters of a network without
  /// hidden layers.
  package let parameters: [Double]
  /// Steps of the search.
  package let iterations: Int
  /// The largest absolute entry of the last gradient, over the total weight.
  package let gradientNorm: Double

  /// Why there is no fit.
  package enum Failure: Error, Hashable, Sendable {
    /// No row has a weight and a target.
    case noRows
    /// Every label is the same: there is nothing to tell apart.
    case constantTarget
    /// Without a penalty the classes can be told apart perfectly, so weights grow without end.
    case separable
    /// The columns repeat each other and there is no penalty.
    case singular
    /// The steps do not settle.
    case notConverged(iterations: Int)
  }

  /// The most parameters for which a Hessian is formed and factored at every step.
  package static let mostByNewton = 256

  /// Fits one head.
  ///
  /// - Parameters:
  ///   - inputs: features, row by row.
  ///   - loss: `squaredError`, `binaryCrossEntropy` or `crossEntropy`.
  ///   - weights: 0 leaves a row out.
  ///   - penalty: the ridge on weights, not on intercepts.
  ///   - tolerance: where `gradientNorm` ends the search; it ends sooner where rounding lets the
  ///     gradient fall no further, as sums over many rows or large numbers do.
  ///   - threads: threads to use where there are many parameters; no result depends on them.
  ///   - mostByNewton: the most parameters for which Newton's method is used.
  package static func solve(
    inputs: [Double], features: Int, loss: Loss, targets: [Double], weights: [Double],
    penalty: Double, tolerance: Double = 1e-12, limit: Int = 200, threads: Int = 1,
    mostByNewton: Int = LinearFit.mostByNewton
  ) throws(Failure) -> LinearFit {
    let rows = targets.count
    precondition(inputs.count == rows * features && weights.count == rows)
    let used = weights.indices.filter { weights[$0] > 0 }
    guard let firstRow = used.first else { throw .noRows }
    if loss != .squaredError, used.allSatisfy({ targets[$0] == targets[firstRow] }) {
      throw .constantTarget
    }
    if (features + 1) * loss.width > mostByNewton {
      return try solveFromGradients(
        LinearRisk(
          inputs: inputs, features: features, loss: loss, targets: targets, weights: weights,
          penalty: penalty, threads: threads),
        inputs: inputs, used: used, tolerance: tolerance)
    }
    // A softmax is only fixed up to a shift of all logits. The penalty fixes the weights, the
    // intercepts are free: a minute ridge on their common shift makes the Hessian regular and
    // changes nothing that is predicted.
    let shape = NetworkShape(inputs: features, hidden: [], outputs: loss.width)
    let batch = Batch(rows: rows, inputs: inputs)
    let objective = Objective([LossSum(loss: loss, targets: targets, weights: weights)])
    var total = 0.0
    for row in used { total += weights[row] }
    let count = shape.parameterCount
    let mask = shape.weightMask()
    var engine = Differentiator(shape: shape)

    func evaluate(_ p: [Double], _ gradient: inout [Double]) -> Double {
      Elementwise.clear(&gradient)
      var value = engine.addGradient(objective, p, batch, into: &gradient)
      for i in 0..<count where mask[i] == 1 {
        value += penalty / 2 * p[i] * p[i]
        gradient[i] += penalty * p[i]
      }
      return value
    }

    var parameters = [Double](repeating: 0, count: count)
    var gradient = parameters
    var value = evaluate(parameters, &gradient)
    var iteration = 0
    guard value.isFinite else { throw .notConverged(iterations: iteration) }
    func norm(_ gradient: [Double]) -> Double {
      gradient.reduce(0) { max($0, abs($1)) } / total
    }
    func found(_ parameters: [Double], _ gradient: [Double]) throws(Failure) -> LinearFit {
      if penalty == 0, loss != .squaredError,
        separates(engine.outputs, loss, targets, used)
      {
        throw .separable
      }
      return LinearFit(
        parameters: parameters, iterations: iteration, gradientNorm: norm(gradient))
    }
    // The relative rounding of a sum over the rows; residuals are rounded as what they are left of.
    let rounding = 0x1p-52 * (10 + Double(rows).squareRoot())
    let floor = 100 * rounding * rounding * abs(value)
    let firstNorm = norm(gradient)
    while true {
      if norm(gradient) <= tolerance { return try found(parameters, gradient) }
      guard iteration < limit else { throw .notConverged(iterations: iteration) }
      iteration += 1
      let hessian = Self.hessian(
        inputs, features, loss, weights, engine.outputs, penalty: penalty)
      guard let factor = Cholesky(hessian, order: count) else {
        if penalty == 0, loss != .squaredError,
          separates(engine.outputs, loss, targets, used)
        {
          throw .separable
        }
        throw .singular
      }
      let step = factor.solve(gradient)
      let slope = Elementwise.dot(step, gradient)
      let noise = rounding * abs(value) + floor
      var length = 1.0
      var next = parameters
      var nextGradient = gradient
      var nextValue = value
      Elementwise.sum(parameters, -1, times: step, into: &next)
      nextValue = evaluate(next, &nextGradient)
      if slope <= 10 * noise {
        // What a step gains is lost in the rounding of the value: only the gradient can tell, and
        // where a step no longer halves it, it is rounding too.
        if norm(nextGradient) <= norm(gradient) / 2 {
          (parameters, gradient, value) = (next, nextGradient, nextValue)
          continue
        }
        return norm(nextGradient) < norm(gradient)
          ? try found(next, nextGradient) : try found(parameters, gradient)
      }
      while !(nextValue <= value - 1e-4 * length * slope + noise) {
        length /= 2
        if length < 1e-10 {
          // No progress is possible: as good as this arithmetic gets.
          if norm(gradient) < 1e-9 * max(1, firstNorm) { return try found(parameters, gradient) }
          throw .notConverged(iterations: iteration)
        }
        Elementwise.sum(parameters, -length, times: step, into: &next)
        nextValue = evaluate(next, &nextGradient)
      }
      parameters = next
      gradient = nextGradient
      value = nextValue
      if penalty == 0, loss != .squaredError, value / total < 1e-9 { throw .separable }
    }
  }

  /// The search from gradients alone, for many parameters.
  private static func solveFromGradients(
    _ risk: LinearRisk, inputs: [Double], used: [Int], tolerance: Double
  ) throws(Failure) -> LinearFit {
    let layer = risk.layer
    var total = 0.0
    for row in used { total += risk.weights[row] }
    let rounding = 0x1p-52 * (10 + Double(used.count).squareRoot())
    let search = QuasiNewton(tolerance: tolerance * total, rounding: rounding)
    let start = [Double](repeating: 0, count: layer.end)
    var first = start
    let firstValue = risk.evaluate(start, &first)
    guard firstValue.isFinite else { throw .notConverged(iterations: 0) }
    let firstNorm = first.reduce(0) { max($0, abs($1)) }
    let found = search.minimise(from: start, scale: risk.curvature()) { risk.evaluate($0, &$1) }
    let norm = found.gradient.reduce(0) { max($0, abs($1)) }
    let isClassification = risk.loss != .squaredError
    if risk.penalty == 0 {
      // Only here can there be no solution, or many; the exact Hessian tells.
      let outputs = risk.outputs(found.place)
      if isClassification,
        found.value / total < 1e-9 || separates(outputs, risk.loss, risk.targets, used)
      {
        throw .separable
      }
      let hessian = hessian(
        inputs, risk.features, risk.loss, risk.weights, outputs, penalty: 0)
      if Cholesky(hessian, order: layer.end) == nil { throw .singular }
    }
    // As good as this arithmetic gets, or not good enough.
    guard found.isWithinTolerance || norm <= 1e-9 * max(total, firstNorm) else {
      throw .notConverged(iterations: found.steps)
    }
    return LinearFit(
      parameters: centred(found.place, layer, weights: risk.penalty == 0),
      iterations: found.steps, gradientNorm: norm / total)
  }

  /// The parameters of a softmax without the part all classes share, which predicts nothing.
  private static func centred(
    _ parameters: [Double], _ layer: Dense.Layer, weights: Bool
  ) -> [Double] {
    guard layer.outputs > 1 else { return parameters }
    var result = parameters
    func centre(_ places: [Int]) {
      let mean = places.reduce(0) { $0 + result[$1] } / Double(places.count)
      for place in places { result[place] -= mean }
    }
    centre(Array(layer.biases..<layer.end))
    if weights {
      for j in 0..<layer.inputs {
        centre((0..<layer.outputs).map { $0 * layer.inputs + j })
      }
    }
    return result
  }

  /// Whether every used row is on its right side.
  private static func separates(
    _ z: [Double], _ loss: Loss, _ targets: [Double], _ used: [Int]
  ) -> Bool {
    let width = loss.width
    return used.allSatisfy { row in
      if width == 1 { return targets[row] == 1 ? z[row] > 0 : z[row] < 0 }
      let own = z[row * width + Int(targets[row])]
      return (0..<width).allSatisfy { c in c == Int(targets[row]) || z[row * width + c] < own }
    }
  }

  /// The exact Hessian: for outputs a and b the block X' diag(w d2loss/dz_a dz_b) X.
  ///
  /// - Parameter isRegular: whether a ridge that is added elsewhere fixes what all classes share.
  static func hessian(
    _ inputs: [Double], _ features: Int, _ loss: Loss, _ weights: [Double], _ outputs: [Double],
    penalty: Double, isRegular: Bool = false
  ) -> [Double] {
    let width = loss.width
    let rows = weights.count
    let count = (features + 1) * width
    let block = Dense.Layer(inputs: features, outputs: features, weights: 0)
    var hessian = [Double](repeating: 0, count: count * count)
    // Rows in blocks that stay in the cache; sums run on from block to block.
    let most = 1024
    var scaled = [Double](repeating: 0, count: min(rows, most) * features)
    for a in 0..<width {
      var unit = [Double](repeating: 0, count: rows * width)
      for row in 0..<rows { unit[row * width + a] = 1 }
      var curvature = [Double](repeating: 0, count: rows * width)
      for row in 0..<rows where weights[row] != 0 {
        loss.addTangent(outputs, unit, row * width, weights[row], into: &curvature)
      }
      for b in 0...a {
        // The column sums of the scaled rows come out in the place of the biases.
        var sums = [Double](repeating: 0, count: block.end)
        var corner = 0.0
        for start in stride(from: 0, to: rows, by: most) {
          let end = min(rows, start + most)
          for row in start..<end {
            let c = curvature[row * width + b]
            corner += c
            let from = row * features
            let to = (row - start) * features
            for j in 0..<features { scaled[to + j] = c * inputs[from + j] }
          }
          Dense.addGradient(
            block, rows: end - start, delta: scaled, input: inputs, from: start, into: &sums)
        }
        let biasA = width * features + a
        let biasB = width * features + b
        func put(_ i: Int, _ j: Int, _ value: Double) {
          hessian[i * count + j] = value
          hessian[j * count + i] = value
        }
        for i in 0..<features {
          for j in 0..<features {
            put(a * features + i, b * features + j, sums[i * features + j])
          }
          put(a * features + i, biasB, sums[block.biases + i])
          put(b * features + i, biasA, sums[block.biases + i])
        }
        put(biasA, biasB, corner)
      }
    }
    for i in 0..<width * features { hessian[i * count + i] += penalty }
    if width > 1 {
      let start = width * features
      let ridge = (0..<width).map { hessian[(start + $0) * count + start + $0] }.max() ?? 1
      for a in start..<count {
        for b in start..<count { hessian[a * count + b] += ridge }
      }
      if penalty == 0, !isRegular {
        for i in 0..<features {
          var largest = 0.0
          for a in 0..<width {
            let at = a * features + i
            largest = max(largest, hessian[at * count + at])
          }
          for a in 0..<width {
            for b in 0..<width {
              hessian[(a * features + i) * count + b * features + i] += largest
            }
          }
        }
      }
    }
    return hessian
  }
}
