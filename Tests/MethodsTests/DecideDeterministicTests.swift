import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// Decisions without lots, against all combinations of thresholds.
@Suite struct DecideDeterministicTests {
  /// The fit without lots: its value and what it could be with lots, by the raw rows.
  private func value(_ problem: DecisionCase, _ name: String) throws -> Double {
    let method = try DecideMethod(given: problem.words + [("deterministic", "yes")])
    let adjustment = try method.fit(FitRequest(problem.rows.data)).adjustment
    #expect(adjustment.idColumn == nil)
    #expect(adjustment.contradiction() == nil, "\(name)")
    let chances = try problem.chances(JSONNode(adjustment.json(), name: "map"))
    #expect(chances.allSatisfy { $0 == 0 || $0 == 1 }, "\(name)")
    #expect(problem.excess(chances) <= 1e-11, "\(name): \(problem.excess(chances))")
    return problem.value(chances)
  }

  @Test(.enabled(if: Shared.isPresent)) func theBestThresholdsAreThoseOfTheReference() throws {
    var count = 0
    for node in try decisionVectors("b_deterministic")
    where try node["rule"].string == "threshold" {
      count += 1
      let (name, expected) = (try node["name"].string, try node["expected"])
      let problem = try DecisionCase(node)
      let value = try value(problem, name)
      #expect(try abs(value - expected["value"].double) < 1e-9, "\(name): \(value)")
      let randomised = try problem.prove(problem.fit(), name)
      #expect(
        try abs(randomised - value - expected["loss_against_randomised"].double) < 1e-9, "\(name)")
    }
    #expect(count >= 12)
  }

  @Test(arguments: 0..<150)
  func noCombinationOfThresholdsIsBetter(_ seed: Int) throws {
    var problem = DecideLawTests.problem(seed)
    // At most three groups, and few rows of each.
    let rows = problem.rows
    var kept: [Int] = []
    for group in 0..<min(3, rows.names.count) {
      kept += rows.scores.indices.filter { rows.groups[$0] == group }.prefix(9)
    }
    problem.rows = DecisionRows(
      scores: kept.map { rows.scores[$0] }, labels: kept.map { rows.labels[$0] },
      groups: kept.map { rows.groups[$0] }, weights: rows.weights.map { w in kept.map { w[$0] } },
      names: Array(rows.names.prefix(3)))
    problem.caps = problem.caps.filter { !$0.isOverall }
    if problem.parity.isEmpty, problem.caps.isEmpty { return }
    // Every combination of a threshold of each group, forward and reversed.
    var all: [[Double]] = [problem.rows.scores.map { _ in 0 }]
    for group in problem.rows.names.indices {
      let own = problem.rows.scores.indices.filter { problem.rows.groups[$0] == group }
      let thresholds = Set(own.map { problem.rows.scores[$0] }).union([.infinity])
      all = all.flatMap { chances in
        thresholds.flatMap { threshold in
          (problem.flip ? [false, true] : [false]).map { isReversed in
            var next = chances
            for row in own {
              next[row] = (problem.rows.scores[row] >= threshold) != isReversed ? 1 : 0
            }
            return next
          }
        }
      }
    }
    let values = all.filter { problem.excess($0) <= 1e-12 }.map { problem.value($0) }
    guard let best = values.max() else {
      #expect(throws: AdjustmentError.self) { try value(problem, "case \(seed)") }
      return
    }
    #expect(try abs(value(problem, "case \(seed)") - best) < 1e-9)
  }

  /// Where no tolerance is given it is what one record of the smallest group comes to.
  @Test(arguments: 0..<30)
  func theToleranceIsOneRecord(_ seed: Int) throws {
    var problem = DecideLawTests.problem(seed)
    (problem.caps, problem.parity, problem.rows.weights) = ([], [], nil)
    var sizes: [String: Double] = [:]
    for (rate, label) in [("tpr", 1.0), ("fpr", 0.0)] {
      let all = problem.rows.names.indices.map { problem.rows.sum(group: $0, label: label) }
      sizes[rate] = all.min() ?? 1
    }
    let method = try DecideMethod(
      given: [("deterministic", "yes"), ("constraint", "equalized_odds")])
    if sizes.values.contains(where: { $0 < 10 }) {
      #expect(throws: AdjustmentError.self) { try method.fit(FitRequest(problem.rows.data)) }
      return
    }
    let adjustment = try method.fit(FitRequest(problem.rows.data)).adjustment
    let chances = try problem.chances(JSONNode(adjustment.json(), name: "map"))
    for rate in ["tpr", "fpr"] {
      let rates = problem.rows.names.indices.map { problem.rows.rate(rate, group: $0, chances) }
      let gap = (rates.max() ?? 0) - (rates.min() ?? 0)
      #expect(gap <= 1 / (sizes.values.min() ?? 1) + 1e-11)
    }
  }
}
