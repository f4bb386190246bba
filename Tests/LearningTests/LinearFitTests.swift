import Foundation
import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
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

  /// Over many rows rounding keeps the gradient above the tolerance: the search ends all the same.
  @Test(arguments: [11, 47, 48]) func manyRowsEndInFewSteps(_ seed: UInt64) throws {
    var state = seed
    func draw(_ below: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % below
    }
    var inputs: [Double] = []
    var labels: [Double] = []
    for _ in 0..<30_000 {
      let drawn = draw(1 << 31)
      inputs += [Double(drawn % 3), (Double(drawn / 3 % 61) - 30) / 10]
      labels.append(draw(1000) < [500, 731, 881][Int(drawn % 3)] ? 1 : 0)
    }
    let fit = try LinearFit.solve(
      inputs: inputs, features: 2, loss: .binaryCrossEntropy, targets: labels,
      weights: labels.map { _ in 1 }, penalty: 1)
    #expect(fit.iterations <= 8 && fit.gradientNorm < 1e-11)
    // Labels far from 1 raise the rounding floor; least squares is one step and its correction.
    let squares = try LinearFit.solve(
      inputs: inputs, features: 2, loss: .squaredError, targets: labels.map { 1e9 * $0 },
      weights: labels.map { _ in 1 }, penalty: 1)
    #expect(squares.iterations <= 4 && squares.gradientNorm < 1e-3)
  }

  /// The search from gradients alone finds what scikit-learn and Newton's method find.
  @Test func gradientsAloneFindTheSame() throws {
    let x = numbers("X")
    func fit(
      _ loss: Loss, _ target: String, weights: String? = nil, penalty: Double, most: Int = 0
    ) throws -> [Double] {
      let targets = numbers(target)
      return try LinearFit.solve(
        inputs: x, features: 4, loss: loss, targets: targets,
        weights: weights.map(numbers) ?? targets.map { _ in 1 }, penalty: penalty,
        mostByNewton: most
      ).parameters
    }
    func same(_ found: [Double], _ expected: String) -> Bool {
      largestDifference(found, numbers(expected)) < 1e-8
    }
    #expect(same(try fit(.binaryCrossEntropy, "binary", penalty: 1), "logistic"))
    #expect(
      same(
        try fit(.binaryCrossEntropy, "binary", weights: "weights", penalty: 1),
        "logistic_weighted"))
    #expect(same(try fit(.squaredError, "number", penalty: 0), "least_squares"))
    #expect(same(try fit(.squaredError, "number", penalty: 4), "ridge_alpha_2"))
    for penalty in [0, 1.0] {
      let softmax = try fit(.crossEntropy(classes: 3), "classes", penalty: penalty)
      let newton = try fit(.crossEntropy(classes: 3), "classes", penalty: penalty, most: 1000)
      #expect(largestDifference(softmax, newton) < 1e-8)
    }
  }

  /// One-hot columns, mostly zeros: solved without them, on any number of threads to the same bits.
  @Test func manyColumnsOfZeros() throws {
    var random = RandomStream(seed: 3, purpose: "one-hot")
    let levels = 40
    var inputs: [Double] = []
    var labels: [Double] = []
    for row in 0..<3000 {
      var features = [Double](repeating: 0, count: levels + 1)
      features[row * row % 97 % levels] = 1
      features[levels] = random.normal()
      inputs += features
      labels.append(random.normal() + features[levels] > Double(row % levels) / 40 ? 1 : 0)
    }
    func fit(threads: Int, most: Int) throws -> LinearFit {
      try LinearFit.solve(
        inputs: inputs, features: levels + 1, loss: .binaryCrossEntropy, targets: labels,
        weights: labels.map { _ in 1 }, penalty: 1, threads: threads, mostByNewton: most)
    }
    let alone = try fit(threads: 1, most: 0)
    #expect(alone.parameters == (try fit(threads: 3, most: 0)).parameters)
    #expect(alone.gradientNorm < 1e-12)
    #expect(largestDifference(alone.parameters, try fit(threads: 1, most: 1000).parameters) < 1e-9)
  }

  /// What has no solution is refused in the same words by either search.
  @Test(arguments: [0, 1000]) func noSolution(most: Int) {
    func solve(_ x: [Double], _ features: Int, _ y: [Double], loss: Loss) throws {
      _ = try LinearFit.solve(
        inputs: x, features: features, loss: loss, targets: y, weights: y.map { _ in 1 },
        penalty: 0, mostByNewton: most)
    }
    #expect(throws: LinearFit.Failure.separable) {
      try solve([-2, -1, 1, 2], 1, [0, 0, 1, 1], loss: .binaryCrossEntropy)
    }
    #expect(throws: LinearFit.Failure.singular) {
      try solve([1, 2, 2, 4, 3, 6, 5, 10], 2, [0, 1, 1, 3], loss: .squaredError)
    }
    #expect(throws: LinearFit.Failure.singular) {
      try solve([3, 3, 3, 3], 1, [0, 1, 1, 1], loss: .binaryCrossEntropy)
    }
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
