import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Hessian-vector products and gradients of every kind of network, loss and combination.
@Suite struct HessianTests {
  @Test(.enabled(if: Shared.isPresent)) func reference() throws {
    let vectors = try readReference("reference/nash/hvp_mlp.json")
    let step = try readReference("reference/nash/ltr_step.json")
    let net = step["feasible_conflict"] as? [String: Any] ?? [:]
    let rows = net["Xval"] as? [[Double]] ?? []
    let labels = (net["yval"] as? [Double]) ?? []
    let theta = net["theta"] as? [Double] ?? []
    let direction = vectors["v"] as? [Double] ?? []
    #expect(theta.count == 32 && direction.count == 32 && !rows.isEmpty)
    let objective = Objective([
      LossSum(
        loss: .crossEntropy(classes: 2), targets: labels,
        weights: labels.map { _ in 1 / Double(rows.count) })
    ])
    let batch = Batch(rows: rows.count, inputs: rows.flatMap { $0 })
    for activation in [Activation.relu, .tanh] {
      let shape = NetworkShape(inputs: 3, hidden: [4, 2], outputs: 2, activation: activation)
      var differentiator = Differentiator(shape: shape)
      var gradient = [Double](repeating: 0, count: 32)
      _ = differentiator.addGradient(objective, theta, batch, into: &gradient)
      var product = [Double](repeating: 0, count: 32)
      differentiator.addHessianProduct(objective, theta, direction, batch, into: &product)
      let name = activation.rawValue
      #expect(
        largestDifference(gradient, vectors["grad_\(name)"] as? [Double] ?? []) < 1e-12)
      #expect(relativeDeviation(product, vectors["hv_\(name)"] as? [Double] ?? []) < 1e-10)
      if activation == .tanh {
        var gaussNewton = [Double](repeating: 0, count: 32)
        differentiator.addGaussNewtonProduct(
          objective, theta, direction, batch, into: &gaussNewton)
        #expect(relativeDeviation(gaussNewton, vectors["ggn_tanh"] as? [Double] ?? []) < 1e-10)
      }
    }
  }

  /// A network with random parameters, rows and an objective that uses every loss and a
  /// combination that is not linear.
  struct Example {
    let shape: NetworkShape
    let batch: Batch
    let objective: Objective
    let parameters: [Double]
    let masks: [[Double]]
    var u: [Double]
    var v: [Double]

    init(_ activation: Activation, conditioned: Bool, dropout: Bool, hidden: [Int] = [7, 5]) {
      var stream = RandomStream(seed: 4, purpose: "test", index: 0)
      let shape = NetworkShape(
        inputs: 6, hidden: hidden, outputs: 6, activation: activation,
        conditions: conditioned ? 2 : 0)
      self.shape = shape
      let rows = 11
      batch = Batch(
        rows: rows, inputs: (0..<rows * 6).map { _ in stream.normal() },
        conditions: conditioned ? (0..<rows * 2).map { _ in 1 + stream.uniform() } : [])
      func weights() -> [Double] { (0..<rows).map { $0 == 3 ? 0 : 0.2 + stream.uniform() } }
      func labels(_ n: Int) -> [Double] { (0..<rows).map { _ in Double(stream.below(n)) } }
      let sums = [
        LossSum(loss: .binaryCrossEntropy, output: 0, targets: labels(2), weights: weights()),
        LossSum(loss: .squaredError, output: 1, targets: labels(3), weights: weights()),
        LossSum(
          loss: .crossEntropy(classes: 3), output: 2, targets: labels(3), weights: weights()),
        LossSum(loss: .negativeProbability, output: 5, targets: labels(2), weights: weights()),
        LossSum(
          loss: .negativeSoftmaxProbability, output: 2, targets: labels(2), weights: weights()),
        LossSum(loss: .linear, output: 4, targets: labels(2), weights: weights()),
      ]
      // F = sum of S_k + S_0 S_4 / 10 + S_5^2 / 2.
      objective = Objective(
        sums,
        Combination { s in
          var gradient = [Double](repeating: 1, count: 6)
          gradient[0] += s[4] / 10
          gradient[4] += s[0] / 10
          gradient[5] += s[5]
          var hessian = [Double](repeating: 0, count: 36)
          hessian[4] = 0.1
          hessian[24] = 0.1
          hessian[35] = 1
          return (s.reduce(0, +) + s[0] * s[4] / 10 + s[5] * s[5] / 2, gradient, hessian)
        })
      parameters = shape.initialParameters(seed: 9)
      masks =
        dropout
        ? hidden.map { width in
          (0..<rows * width).map { _ in stream.uniform() < 0.3 ? 0 : 1 / 0.7 }
        } : []
      u = parameters.map { _ in stream.normal() }
      v = parameters.map { _ in stream.normal() }
    }

    func gradient(_ parameters: [Double]) -> [Double] {
      var differentiator = Differentiator(shape: shape)
      var result = [Double](repeating: 0, count: parameters.count)
      _ = differentiator.addGradient(objective, parameters, batch, masks: masks, into: &result)
      return result
    }

    func value(_ parameters: [Double]) -> Double {
      var differentiator = Differentiator(shape: shape)
      var result = [Double](repeating: 0, count: parameters.count)
      return differentiator.addGradient(objective, parameters, batch, masks: masks, into: &result)
    }

    func product(_ direction: [Double]) -> [Double] {
      var differentiator = Differentiator(shape: shape)
      var result = [Double](repeating: 0, count: parameters.count)
      differentiator.addHessianProduct(
        objective, parameters, direction, batch, masks: masks, into: &result)
      return result
    }

    func moved(_ direction: [Double], _ h: Double) -> [Double] {
      zip(parameters, direction).map { $0 + h * $1 }
    }
  }

  static func examples() -> [(String, Example)] {
    var result: [(String, Example)] = []
    for activation in [Activation.tanh, .identity] {
      for conditioned in [false, true] {
        for dropout in [false, true] {
          result.append(
            (
              "\(activation) conditioned \(conditioned) dropout \(dropout)",
              Example(activation, conditioned: conditioned, dropout: dropout)
            ))
        }
      }
    }
    result.append(
      ("linear", Example(.identity, conditioned: false, dropout: false, hidden: [])))
    return result
  }

  /// Central differences of the value, step 1e-5: agreement to about 1e-10, asked for at 1e-8.
  @Test func gradientAgainstDifferences() {
    for (name, example) in Self.examples() {
      let gradient = example.gradient(example.parameters)
      let h = 1e-5
      for i in stride(from: 0, to: gradient.count, by: 3) {
        var unit = [Double](repeating: 0, count: gradient.count)
        unit[i] = 1
        let slope =
          (example.value(example.moved(unit, h)) - example.value(example.moved(unit, -h)))
          / (2 * h)
        #expect(isClose(slope, gradient[i], absolute: 1e-8, relative: 1e-8), "\(name) \(i)")
      }
    }
  }

  @Test func productAgainstDifferences() {
    for (name, example) in Self.examples() {
      let product = example.product(example.v)
      let h = 1e-5
      let plus = example.gradient(example.moved(example.v, h))
      let minus = example.gradient(example.moved(example.v, -h))
      let difference = zip(plus, minus).map { ($0 - $1) / (2 * h) }
      #expect(relativeDeviation(product, difference) < 1e-8, "\(name)")
    }
  }

  @Test func symmetry() {
    var all = Self.examples()
    for conditioned in [false, true] {
      for dropout in [false, true] {
        all.append(("relu", Example(.relu, conditioned: conditioned, dropout: dropout)))
      }
    }
    for (name, example) in all {
      let left = Elementwise.dot(example.u, example.product(example.v))
      let right = Elementwise.dot(example.v, example.product(example.u))
      #expect(isClose(left, right, relative: 1e-12), "\(name)")
    }
  }

  /// The derivative of every row's loss along a direction, against one gradient per row.
  @Test func rowDerivatives() {
    let example = Example(.relu, conditioned: true, dropout: true)
    let sum = example.objective.sums[2]
    var differentiator = Differentiator(shape: example.shape)
    let found = differentiator.rowDerivatives(
      sum, example.parameters, example.v, example.batch, masks: example.masks)
    for row in 0..<example.batch.rows where sum.weights[row] != 0 {
      var one = sum
      one.weights = sum.weights.indices.map { $0 == row ? 1 : 0 }
      var gradient = [Double](repeating: 0, count: example.parameters.count)
      _ = differentiator.addGradient(
        Objective([one]), example.parameters, example.batch, masks: example.masks, into: &gradient)
      #expect(
        isClose(found[row], Elementwise.dot(gradient, example.v), absolute: 1e-12, relative: 1e-12))
    }
  }
}
