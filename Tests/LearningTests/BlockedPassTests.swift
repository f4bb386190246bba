import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Many rows go through a network in blocks; what comes out is what the rows give in small parts.
struct BlockedPassTests {
  private let shape = NetworkShape(inputs: 3, hidden: [5, 4], outputs: 1, activation: .tanh)
  private let rows = 1700
  private let batch: Batch
  private let objective: Objective
  private let parameters: [Double]
  private let direction: [Double]

  init() {
    var random = RandomStream(seed: 5, purpose: "blocked")
    batch = Batch(rows: rows, inputs: (0..<rows * 3).map { _ in random.normal() })
    objective = Objective([
      LossSum(
        loss: .binaryCrossEntropy, targets: (0..<rows).map { Double($0 % 2) },
        weights: (0..<rows).map { _ in random.uniform() })
    ])
    parameters = shape.initialParameters(seed: 1)
    direction = parameters.map { _ in random.normal() }
  }

  /// The pass over a few of the rows, which are one block.
  private func part(_ range: Range<Int>) -> (Batch, Objective) {
    let sum = objective.sums[0]
    return (
      Batch(
        rows: range.count,
        inputs: Array(batch.inputs[range.lowerBound * 3..<range.upperBound * 3])),
      Objective([
        LossSum(
          loss: sum.loss, targets: Array(sum.targets[range]), weights: Array(sum.weights[range]))
      ])
    )
  }

  @Test func equalsTheSumOverParts() {
    var whole = Differentiator(shape: shape)
    var gradient = parameters.map { _ in 0.0 }
    let value = whole.addGradient(objective, parameters, batch, into: &gradient)
    var product = parameters.map { _ in 0.0 }
    whole.addHessianProduct(objective, parameters, direction, batch, into: &product)
    let slopes = whole.rowDerivatives(objective.sums[0], parameters, direction, batch)

    var few = Differentiator(shape: shape)
    var values = 0.0
    var gradients = parameters.map { _ in 0.0 }
    var products = gradients
    var outputs: [Double] = []
    var derivatives: [Double] = []
    for start in stride(from: 0, to: rows, by: 100) {
      let (batch, objective) = part(start..<start + 100)
      values += few.addGradient(objective, parameters, batch, into: &gradients)
      outputs += few.outputs[..<100]
      few.addHessianProduct(objective, parameters, direction, batch, into: &products)
      derivatives += few.rowDerivatives(objective.sums[0], parameters, direction, batch)
    }
    #expect(abs(value - values) < 1e-10)
    #expect(largestDifference(gradient, gradients) < 1e-10)
    #expect(largestDifference(product, products) < 1e-10)
    // A row's own results are the same bits in any company.
    #expect(shape.outputs(parameters, batch) == outputs)
    #expect(slopes == derivatives)
  }

  @Test func isTheSameOnAnyNumberOfThreads() {
    func results(_ threads: Int) -> [[Double]] {
      var engine = Differentiator(shape: shape, threads: threads)
      var gradient = parameters.map { _ in 0.0 }
      let value = engine.addGradient(objective, parameters, batch, into: &gradient)
      var product = parameters.map { _ in 0.0 }
      engine.addHessianProduct(objective, parameters, direction, batch, into: &product)
      return [[value], gradient, product]
    }
    #expect(results(1) == results(3))
  }
}
