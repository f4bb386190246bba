import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

@Suite(.enabled(if: Shared.isPresent)) struct MetaGradientTests {
  @Test(arguments: ReferenceCase.names)
  func reference(_ name: String) throws {
    let reference = try ReferenceCase(name)
    let task = reference.task
    var differentiator = Differentiator(shape: reference.shape)
    let zero = [Double](repeating: 0, count: reference.shape.parameterCount)
    #expect(zero.count == reference.parameters.count)

    var gradient = zero
    let value = differentiator.addGradient(
      task.supportObjective, reference.parameters, task.support, into: &gradient)
    #expect(isClose(value, reference.number("loss_support"), relative: 1e-13))
    #expect(relativeDeviation(gradient, reference.numbers("grad_support")) < 1e-12)

    gradient = zero
    _ = differentiator.addGradient(
      task.queryObjective, reference.parameters, task.query, into: &gradient)
    #expect(relativeDeviation(gradient, reference.numbers("grad_query")) < 1e-12)

    var product = zero
    differentiator.addHessianProduct(
      task.supportObjective, reference.parameters, reference.numbers("hvp_direction"),
      task.support, into: &product)
    #expect(relativeDeviation(product, reference.numbers("hvp_support")) < 1e-12)

    for order in MetaOrder.allCases {
      var meta = MetaGradient(
        shape: reference.shape, rate: reference.rate, steps: reference.steps, order: order)
      gradient = zero
      let after = meta.addGradient(task, reference.parameters, into: &gradient)
      #expect(isClose(after, reference.number("loss_query_after"), relative: 1e-13))
      let expected = reference.numbers("meta_gradient_\(order.rawValue)_order")
      #expect(relativeDeviation(gradient, expected) < 1e-12)
    }
  }
}

/// Properties of the meta-gradient that need no reference.
@Suite struct MetaGradientLawsTests {
  private let shape = NetworkShape(inputs: 4, hidden: [6, 5], outputs: 1, activation: .tanh)
  private let task: MetaTask
  private let theta: [Double]

  init() {
    var stream = RandomStream(seed: 12, purpose: "test.meta", index: 0)
    func part(_ rows: Int) -> (Batch, Objective) {
      let batch = Batch(rows: rows, inputs: (0..<rows * 4).map { _ in stream.normal() })
      let y = (0..<rows).map { _ in Double(stream.below(2)) }
      let weights = y.map { _ in 1 / Double(rows) }
      return (
        batch,
        Objective(
          [
            LossSum(loss: .binaryCrossEntropy, targets: y, weights: weights),
            LossSum(loss: .negativeProbability, targets: y, weights: weights.map { $0 / 2 }),
          ], .linear([1, 1.5], constant: 1.5))
      )
    }
    let support = part(12)
    let query = part(9)
    task = MetaTask(
      support: support.0, supportObjective: support.1, query: query.0, queryObjective: query.1)
    theta = shape.initialParameters(seed: 2)
  }

  private func meta(_ rate: Double, _ steps: Int, _ parameters: [Double]) -> (Double, [Double]) {
    var engine = MetaGradient(shape: shape, rate: rate, steps: steps, order: .second)
    var gradient = [Double](repeating: 0, count: parameters.count)
    let value = engine.addGradient(task, parameters, into: &gradient)
    return (value, gradient)
  }

  @Test func centralDifferences() {
    let (_, gradient) = meta(0.3, 3, theta)
    var differences = gradient
    for i in theta.indices {
      var plus = theta
      var minus = theta
      plus[i] += 1e-5
      minus[i] -= 1e-5
      differences[i] = (meta(0.3, 3, plus).0 - meta(0.3, 3, minus).0) / 2e-5
    }
    #expect(relativeDeviation(gradient, differences) < 1e-8)
  }

  /// g_q - eta (H_q g_s + H_s g_q) is right up to eta^2: half the rate, a quarter of the gap.
  @Test func expansion() {
    var engine = Differentiator(shape: shape)
    let zero = [Double](repeating: 0, count: theta.count)
    var support = zero
    var query = zero
    _ = engine.addGradient(task.supportObjective, theta, task.support, into: &support)
    _ = engine.addGradient(task.queryObjective, theta, task.query, into: &query)
    var bend = zero
    engine.addHessianProduct(task.queryObjective, theta, support, task.query, into: &bend)
    engine.addHessianProduct(task.supportObjective, theta, query, task.support, into: &bend)
    func gap(_ rate: Double) -> Double {
      let found = meta(rate, 1, theta).1
      return largestDifference(found, zip(query, bend).map { $0 - rate * $1 })
    }
    #expect(abs(gap(2e-3) / gap(1e-3) - 4) < 0.05)
    #expect(largestDifference(meta(0, 1, theta).1, query) == 0)
  }

  @Test func twoStepsAreTwoComposed() {
    var engine = Differentiator(shape: shape)
    let zero = [Double](repeating: 0, count: theta.count)
    func step(_ from: [Double]) -> [Double] {
      var gradient = zero
      _ = engine.addGradient(task.supportObjective, from, task.support, into: &gradient)
      return zip(from, gradient).map { $0 - 0.2 * $1 }
    }
    func back(_ at: [Double], _ u: [Double]) -> [Double] {
      var product = zero
      engine.addHessianProduct(task.supportObjective, at, u, task.support, into: &product)
      return zip(u, product).map { $0 - 0.2 * $1 }
    }
    let one = step(theta)
    let two = step(one)
    var u = zero
    _ = engine.addGradient(task.queryObjective, two, task.query, into: &u)
    u = back(theta, back(one, u))
    #expect(relativeDeviation(meta(0.2, 2, theta).1, u) < 1e-13)
  }
}
