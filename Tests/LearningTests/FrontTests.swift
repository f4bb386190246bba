import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

/// Three groups whose optima are the corners of a triangle, as `synth front` has them.
///
/// There is no noise, and the x are the same in all groups.
///
/// Each group's loss is the same quadratic around its corner, so that a linear model is Pareto optimal
/// just where its coefficients lie in the triangle. If every group's loss falls, the distance to every
/// point of the triangle falls.
@Suite struct FrontTests {
  private let corners = (0..<3).map { k -> [Double] in
    let angle = 2 * Double.pi * Double(k) / 3
    return [cos(angle), sin(angle)]
  }
  private let shape = NetworkShape(inputs: 2, hidden: [], outputs: 1, activation: .identity)
  /// Coefficients and intercept, outside the triangle.
  private let start = [2.5, 1.5, 0.0]

  /// Rows of all groups, so many of each.
  private func rows(_ sizes: [Int], seed: UInt64) -> LearningData {
    var stream = RandomStream(seed: seed, purpose: "front")
    var inputs: [Double] = []
    var targets: [Double] = []
    var groups: [Int32] = []
    // Points and their opposites: the mean is 0, and the intercept stays where it is best.
    let points = (0..<(sizes.max() ?? 0) / 2).flatMap { _ -> [[Double]] in
      let x = stream.normal()
      let z = 0.5 * x + 0.75.squareRoot() * stream.normal()
      return [[x, z], [-x, -z]]
    }
    for (k, size) in sizes.enumerated() {
      for point in points[..<size] {
        inputs += point
        targets.append(point[0] * corners[k][0] + point[1] * corners[k][1])
        groups.append(Int32(k))
      }
    }
    return LearningData(
      features: 2, inputs: inputs,
      tasks: [
        LearningTask(name: "y", kind: .regression(logTarget: false), targets: targets)
      ], groups: groups)
  }

  /// The distance to the triangle, by its definition: the nearest point of a fine grid, in the norm
  /// of the covariance of x.
  private func distance(_ point: [Double]) -> Double {
    var least = Double.infinity
    let steps = 400
    for i in 0...steps {
      for j in 0...steps - i {
        let (a, b) = (Double(i) / Double(steps), Double(j) / Double(steps))
        let c = 1 - a - b
        let dx = point[0] - a * corners[0][0] - b * corners[1][0] - c * corners[2][0]
        let dy = point[1] - a * corners[0][1] - b * corners[1][1] - c * corners[2][1]
        least = min(least, dx * dx + dx * dy + dy * dy)
      }
    }
    return least.squareRoot()
  }

  /// The distance before training and after every epoch.
  private func distances(
    _ sizes: [Int], _ change: (inout ReweightSettings) -> Void
  ) throws -> [Double] {
    let data = rows(sizes, seed: 1)
    let validation = rows([20, 20, 20], seed: 2)
    var settings = ReweightSettings()
    settings.loss = .crossEntropy
    settings.momentum = 0
    settings.decay = 0
    settings.batchSize = nil
    change(&settings)
    let isTheta = if case .parameters = settings.rule { true } else { false }
    let cells = ValidationCells(isTheta ? data : validation, classes: 1)
    #expect(cells.cells.count == 3 && cells.missing.isEmpty)
    var result = [distance(start)]
    // The training is a pure function of its settings: more epochs begin with the fewer.
    for epochs in [1, 2, 4, 8, 16, 32, 64] {
      settings.epochs = epochs
      let parameters = try ReweightTrainer.fit(
        shape: shape, data: data, cells: cells, settings: settings, initial: start
      ).parameters
      result.append(distance(parameters))
    }
    return result
  }

  /// Bargaining over the parameters lowers every group's loss, so the distance falls till it is 0.
  @Test func parametersReachTheFront() throws {
    let distances = try distances([40, 40, 40]) {
      $0.rule = .parameters(epochs: 1000)
      $0.rate = 0.05
    }
    for (before, after) in zip(distances, distances.dropFirst()) {
      #expect(after < before || after < 0.01, "\(distances)")
    }
    #expect((distances.last ?? 1) < 0.05, "\(distances)")
  }

  /// Bargaining over the weights goes to the front too, from a training set with few of two groups;
  /// so does a protocol alone, since outside the triangle one direction is downhill for all.
  @Test(arguments: [true, false]) func weightsReachTheFront(_ bargains: Bool) throws {
    let distances = try distances([6, 10, 100]) {
      $0.rule = bargains ? .bargain(epochs: 1000) : .base
      $0.base = .forml
      $0.rate = 0.002
    }
    for (before, after) in zip(distances, distances.dropFirst()) {
      #expect(after < before || after < 0.01, "\(distances)")
    }
    #expect((distances.last ?? 1) < 0.01, "\(distances)")
  }
}
