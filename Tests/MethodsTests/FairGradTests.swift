import FairpostLearning
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

/// Numbers of the authors' package: see reference/fairgrad_vectors.
@Suite(.enabled(if: Shared.isPresent)) struct FairGradVectorTests {
  private struct Vectors: Decodable {
    struct Step: Decodable {
      let rows: [Int]
      let logits: [[Double]]
      let group_fairness: [[Double]]
      let multipliers: [[Double]]
      let weights: [[Double]]
      let weighted_mean_loss: Double
    }
    let epsilon: Double
    let fairness_rate: Double
    let y: [Int]
    let s: [Int]
    let C: [[Double]]
    let P: [[Double]]
    let steps: [Step]
  }

  @Test(arguments: [
    ("equal_odds", FairGradMethod.Constraint.equalizedOdds),
    ("demographic_parity", .demographicParity), ("accuracy_parity", .accuracyParity),
  ])
  func stepsAreThoseOfThePackage(
    _ name: String, _ constraint: FairGradMethod.Constraint
  ) throws {
    let bytes = try Shared.bytes("reference/fairgrad_vectors/\(name).json")
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(bytes))
    var settings = FairGradMethod.Settings()
    settings.constraint = constraint
    settings.tolerance = vectors.epsilon
    settings.fairnessRate = vectors.fairness_rate
    let ones = [Double](repeating: 1, count: vectors.y.count)
    var cells = FairGradCells(
      labels: vectors.y, groups: vectors.s, weights: ones, settings: settings)
    #expect(largestDifference(cells.matrix.flatMap { $0 }, vectors.C.flatMap { $0 }) < 1e-14)
    #expect(largestDifference(cells.shares, vectors.P.flatMap { $0 }) < 1e-14)
    #expect(vectors.steps.count == 4)
    for step in vectors.steps {
      let labels = step.rows.map { vectors.y[$0] }
      let groups = step.rows.map { vectors.s[$0] }
      cells.step(
        labels: labels, groups: groups, decisions: step.logits.map { $0[1] > $0[0] ? 1 : 0 },
        weights: labels.map { _ in 1 })
      #expect(
        largestDifference(cells.differences, step.group_fairness.flatMap { $0 }) < 1e-10)
      let multipliers = step.multipliers.flatMap { row in
        (0..<row.count / 2).map { (row[$0], row[$0 + row.count / 2]) }
      }
      for (own, other) in zip(cells.multipliers, multipliers) {
        #expect(abs(own.above - other.0) < 1e-10 && abs(own.below - other.1) < 1e-10)
      }
      #expect(largestDifference(cells.weights, step.weights.flatMap { $0 }) < 1e-10)
      // The mean of weight times cross-entropy, from the two logits.
      var loss = 0.0
      for (row, logits) in step.logits.enumerated() {
        let own = logits[labels[row]]
        let other = logits[1 - labels[row]]
        loss += cells.weight(labels[row], groups[row]) * log(1 + exp(other - own))
      }
      #expect(abs(loss / Double(labels.count) - step.weighted_mean_loss) < 1e-10)
    }
  }
}

@Suite struct FairGradTests {
  /// Labels, groups, weights and decisions drawn at random; group 3 has one row.
  private struct Rows {
    var labels: [Int] = []
    var groups: [Int] = []
    var weights: [Double] = []
    var decisions: [Int] = []

    init(seed: UInt64) {
      var stream = RandomStream(seed: seed, purpose: "fairgrad rows")
      for row in 0..<200 {
        labels.append(stream.uniform() < 0.4 ? 1 : 0)
        groups.append(row == 0 ? 3 : stream.below(3))
        weights.append(0.5 + stream.uniform())
        decisions.append(stream.uniform() < 0.5 ? 1 : 0)
      }
    }

    func errors() -> [Double] {
      var (wrong, all) = ([Double](repeating: 0, count: 8), [Double](repeating: 0, count: 8))
      for row in labels.indices {
        let cell = labels[row] * 4 + groups[row]
        all[cell] += weights[row]
        if decisions[row] != labels[row] { wrong[cell] += weights[row] }
      }
      return zip(wrong, all).map { $1 > 0 ? $0 / $1 : 0 }
    }
  }

  /// F is C e + C0: what decisions change of F is C times what they change of the error rates.
  @Test(arguments: [
    FairGradMethod.Constraint.equalizedOdds, .equalOpportunity, .demographicParity,
  ])
  func theMatrixIsTheDerivative(_ constraint: FairGradMethod.Constraint) {
    var settings = FairGradMethod.Settings()
    settings.constraint = constraint
    var rows = Rows(seed: 7)
    var cells = FairGradCells(
      labels: rows.labels, groups: rows.groups, weights: rows.weights, settings: settings)
    func measured() -> [Double] {
      cells.step(
        labels: rows.labels, groups: rows.groups, decisions: rows.decisions,
        weights: rows.weights)
      return cells.differences
    }
    let (before, errorsBefore) = (measured(), rows.errors())
    rows.decisions = Rows(seed: 8).decisions
    let (after, errorsAfter) = (measured(), rows.errors())
    var largest = 0.0
    // A cell without rows has no F.
    for row in before.indices where cells.shares[row] > 0 {
      var change = 0.0
      for cell in errorsBefore.indices {
        change += cells.matrix[row][cell] * (errorsAfter[cell] - errorsBefore[cell])
      }
      #expect(abs(after[row] - before[row] - change) < 1e-12)
      largest = max(largest, abs(change))
    }
    #expect(largest > 0.01)
  }

  private func data(_ count: Int, groups: Int32 = 2) -> LearningData {
    var stream = RandomStream(seed: 3, purpose: "fairgrad data")
    var (inputs, labels, codes) = ([Double](), [Double](), [Int32]())
    for _ in 0..<count {
      let group = Int32(stream.below(Int(groups)))
      let x = stream.normal() + (group == 0 ? 0 : 1)
      let noise = stream.normal()
      inputs += [x, stream.normal()]
      labels.append(x + noise > 0.5 ? 1 : 0)
      codes.append(group)
    }
    return LearningData(
      features: 2, inputs: inputs,
      tasks: [LearningTask(name: "y", kind: .binary(positive: "1"), targets: labels)],
      groups: codes)
  }

  /// The constraint is what comes closer: without it the groups' selection differs by far more.
  @Test func parityComesCloser() throws {
    var settings = FairGradMethod.Settings()
    settings.network.hidden = [8]
    settings.constraint = .demographicParity
    settings.training.isFullBatch = true
    settings.training.epochs = 400
    settings.training.rate = 0.01
    func difference(_ rate: Double) throws -> Double {
      settings.fairnessRate = rate
      let trained = try FairGradMethod(settings).train(TrainingRequest(data: data(2000))) { _ in }
      return try #require(trained.figures.last?.value)
    }
    let (without, with) = (try difference(0), try difference(0.5))
    #expect(without > 0.1)
    #expect(with < without / 4)
  }

  @Test func whatCannotBeLearnedIsRefused() {
    let method = FairGradMethod(FairGradMethod.Settings())
    #expect(throws: TrainingError.oneGroup) {
      try method.train(TrainingRequest(data: data(100, groups: 1))) { _ in }
    }
    var constant = data(100)
    constant.tasks[0].targets = constant.tasks[0].targets.map { _ in 1 }
    #expect(throws: TrainingError.constantLabel(task: "y")) {
      try method.train(TrainingRequest(data: constant)) { _ in }
    }
  }
}
