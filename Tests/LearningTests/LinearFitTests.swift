import Foundation
import Learning
import TestSupport
import Testing

@Suite struct LinearFitTests {
  private let json: [String: Any]

  init() throws {
    let bytes = try Fixture.bytes("learning/linear.json")
    json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
  }

  private func numbers(_ name: String) -> [Double] {
    (json[name] as? [NSNumber] ?? []).map(\.doubleValue)
  }

  private func fit(
    _ loss: Loss, _ target: String, weights: [Double]? = nil, penalty: Double
  ) throws -> [Double] {
    let targets = numbers(target)
    return try LinearFit.solve(
      inputs: numbers("X"), features: 4, loss: loss, targets: targets,
      weights: weights ?? targets.map { _ in 1 }, penalty: penalty
    ).parameters
  }

  /// scikit-learn's tolerance of 1e-12 is on the gradient; coefficients agree to far below 1e-6.
  @Test func againstScikitLearn() throws {
    let logistic = try fit(.binaryCrossEntropy, "binary", penalty: 1)
    #expect(logistic.count == 5 && largestDifference(logistic, numbers("logistic")) < 1e-6)
    let weighted = try fit(
      .binaryCrossEntropy, "binary", weights: numbers("weights"), penalty: 1)
    #expect(largestDifference(weighted, numbers("logistic_weighted")) < 1e-6)
    let squares = try fit(.squaredError, "number", penalty: 0)
    #expect(largestDifference(squares, numbers("least_squares")) < 1e-9)
    // The loss (z - y)^2 with penalty/2 |W|^2: alpha 2 is a penalty of 4.
    let ridge = try fit(.squaredError, "number", penalty: 4)
    #expect(largestDifference(ridge, numbers("ridge_alpha_2")) < 1e-9)
  }

  /// The weights; intercepts of a softmax are free up to a common shift.
  @Test func softmaxAgainstScikitLearn() throws {
    let found = try fit(.crossEntropy(classes: 3), "classes", penalty: 1)
    let expected = numbers("softmax")
    #expect(found.count == 15 && expected.count == 15)
    #expect(largestDifference(Array(found[0..<12]), Array(expected[0..<12])) < 1e-6)
    let shift = found[12] - expected[12]
    for place in [13, 14] { #expect(abs(found[place] - expected[place] - shift) < 1e-6) }
  }

  @Test func frequenciesAreRepeatedRows() throws {
    let x = numbers("X")
    let y = numbers("binary")
    let once = try LinearFit.solve(
      inputs: x + x, features: 4, loss: .binaryCrossEntropy, targets: y + y,
      weights: (y + y).map { _ in 1 }, penalty: 1)
    let twice = try LinearFit.solve(
      inputs: x, features: 4, loss: .binaryCrossEntropy, targets: y, weights: y.map { _ in 2 },
      penalty: 1)
    #expect(largestDifference(once.parameters, twice.parameters) < 1e-10)
  }

  @Test func badData() {
    func solve(_ x: [Double], _ y: [Double], _ w: [Double], _ penalty: Double) throws {
      _ = try LinearFit.solve(
        inputs: x, features: 1, loss: .binaryCrossEntropy, targets: y, weights: w,
        penalty: penalty)
    }
    #expect(throws: LinearFit.Failure.noRows) { try solve([1, 2], [0, 1], [0, 0], 1) }
    #expect(throws: LinearFit.Failure.constantTarget) { try solve([1, 2], [1, 1], [1, 1], 1) }
    #expect(throws: LinearFit.Failure.separable) {
      try solve([-2, -1, 1, 2], [0, 0, 1, 1], [1, 1, 1, 1], 0)
    }
    #expect(throws: Never.self) { try solve([-2, -1, 1, 2], [0, 0, 1, 1], [1, 1, 1, 1], 1) }
    #expect(throws: LinearFit.Failure.singular) {
      try solve([3, 3, 3, 3], [0, 1, 1, 1], [1, 1, 1, 1], 0)
    }
  }
}
