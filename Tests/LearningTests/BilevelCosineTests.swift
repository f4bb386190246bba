import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

/// How far the one-step hypergradient, which learning goes by, is from that of the bilevel problem.
///
/// The bilevel problem lets the weighted training converge: w(e) minimises sum e_i loss_i + decay/2
/// |w|^2, and dL(w(e))/de_i = -grad L' H^-1 grad loss_i. One step has the identity in place of H^-1,
/// so the cosine between the two says what the curvature changes.
@Suite struct BilevelCosineTests {
  private let features = 5
  private let shape = NetworkShape(inputs: 5, hidden: [], outputs: 2, activation: .identity)

  /// Rows of two groups whose features have so large a correlation.
  private func rows(_ count: Int, correlation: Double, seed: UInt64) -> LearningData {
    var stream = RandomStream(seed: seed, purpose: "bilevel")
    var inputs: [Double] = []
    var targets: [Double] = []
    var groups: [Int32] = []
    for row in 0..<count {
      let group = row % 4 == 0 ? 1 : 0
      let common = stream.normal()
      let x = (0..<features).map { _ in
        correlation.squareRoot() * common + (1 - correlation).squareRoot() * stream.normal()
      }
      let logit = x[0] - x[1] + (group == 1 ? -1.5 * x[2] : 0.5 * x[2])
      inputs += x
      targets.append(stream.uniform() < Elementwise.sigmoid(logit) ? 1 : 0)
      groups.append(Int32(group))
    }
    return LearningData(
      features: features, inputs: inputs,
      tasks: [
        LearningTask(name: "y", kind: .multiclass(classes: ["0", "1"]), targets: targets)
      ], groups: groups)
  }

  /// The rows' gradients and the Hessian of the weighted training loss, column by column.
  private func derivatives(
    _ data: LearningData, _ weight: Double, _ decay: Double, _ point: [Double]
  ) -> (rows: [[Double]], hessian: [Double]) {
    let count = point.count
    var engine = Differentiator(shape: shape)
    let loss = Loss.crossEntropy(classes: 2)
    let gradients = (0..<data.rows).map { row -> [Double] in
      let one = data.selecting([row])
      var gradient = [Double](repeating: 0, count: count)
      _ = engine.addGradient(
        Objective([LossSum(loss: loss, targets: one.tasks[0].targets, weights: [1])]), point,
        one.batch(), into: &gradient)
      return gradient
    }
    let objective = Objective([
      LossSum(
        loss: loss, targets: data.tasks[0].targets, weights: data.weights.map { $0 * weight })
    ])
    var hessian: [Double] = []
    for i in 0..<count {
      var unit = [Double](repeating: 0, count: count)
      unit[i] = 1
      var column = unit.map { decay * $0 }
      engine.addHessianProduct(objective, point, unit, data.batch(), into: &column)
      hessian += column
    }
    return (gradients, hessian)
  }

  /// The cosine of the two hypergradients of the mean cell loss, at the solution of equal weights.
  private func cosine(correlation: Double, decay: Double) throws -> Double {
    let data = rows(200, correlation: correlation, seed: 1)
    let cells = ValidationCells(rows(80, correlation: correlation, seed: 2), classes: 2)
    let weight = 1 / Double(data.rows)
    var point = [Double](repeating: 0, count: shape.parameterCount)
    for _ in 0..<50 {
      let (gradients, hessian) = derivatives(data, weight, decay, point)
      let slope = point.indices.map { i in
        gradients.reduce(decay * point[i]) { $0 + weight * $1[i] }
      }
      let step = try #require(Cholesky(hessian, order: point.count)).solve(slope)
      for i in point.indices { point[i] -= step[i] }
    }
    let (gradients, hessian) = derivatives(data, weight, decay, point)
    // The validation gradient by central differences of the cells' mean loss.
    func loss(_ point: [Double]) -> Double {
      cells.losses(shape, point, .crossEntropy).reduce(0, +) / 4
    }
    let upper = point.indices.map { i in
      var (up, down) = (point, point)
      up[i] += 1e-5
      down[i] -= 1e-5
      return (loss(up) - loss(down)) / 2e-5
    }
    let solved = try #require(Cholesky(hessian, order: point.count)).solve(upper)
    let bilevel = gradients.map { -Elementwise.dot(solved, $0) }

    var settings = ReweightSettings()
    settings.rule = .base
    settings.base = .ltr
    settings.loss = .crossEntropy
    settings.momentum = 0
    settings.decay = decay
    var step = ReweightStep(
      shape: shape, data: data, cells: cells, settings: settings, parameters: point)
    var stream = RandomStream(key: 1)
    _ = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<200), bargains: false, team: team, stream: &stream)
    }
    let own = step.direction
    return Elementwise.dot(own, bilevel)
      / (Elementwise.dot(own, own) * Elementwise.dot(bilevel, bilevel)).squareRoot()
  }

  /// Nearly the same where features are uncorrelated or the decay rules; far apart where a direction
  /// is hardly curved.
  @Test func oneStepAgainstConverged() throws {
    var found: [[Double]] = []
    for correlation in [0, 0.5, 0.9] {
      found.append(
        try [1e-3, 1e-2, 1e-1, 1].map { try cosine(correlation: correlation, decay: $0) })
    }
    for row in found { #expect(row.allSatisfy { $0 > 0 && $0 <= 1 }) }
    #expect(found[0][3] > 0.95)
    #expect(found[2][0] < found[2][3])
    #expect(found[2][0] < found[0][0])
  }
}
