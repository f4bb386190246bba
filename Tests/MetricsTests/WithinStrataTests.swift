import FairpostMetrics
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// Figures within strata and standardised gaps: known tables, and how often their intervals hold.
struct WithinStrataTests {
  /// Admissions to Berkeley's six largest departments in the autumn of 1973 (Bickel, Hammel and
  /// O'Connell 1975): applicants and admitted, men and women.
  private static let berkeley: [(String, men: (Int, Int), women: (Int, Int))] = [
    ("A", (825, 512), (108, 89)), ("B", (560, 353), (25, 17)), ("C", (325, 120), (593, 202)),
    ("D", (417, 138), (375, 131)), ("E", (191, 53), (393, 94)), ("F", (373, 22), (341, 24)),
  ]

  private static func berkeleyFigures() throws -> [Figure] {
    var (groups, departments, decisions): ([String], [String], [Int16]) = ([], [], [])
    var counts: [Int] = []
    for (department, men, women) in berkeley {
      for (sex, (applied, admitted)) in [("M", men), ("F", women)] {
        for (decision, count) in [(Int16(1), admitted), (0, applied - admitted)] {
          groups.append(sex)
          departments.append(department)
          decisions.append(decision)
          counts.append(count)
        }
      }
    }
    let data = try EvaluationData(
      count: groups.count,
      tasks: [
        TaskColumns(
          name: "y", kind: .binary, labels: [],
          scores: [ScoreColumn(name: "y.decision", values: [], decisions: decisions)])
      ], attributes: [grouping(["sex"], [groups])], weights: .frequencies(counts),
      strata: grouping(["department"], [departments]))
    var options = EvaluationOptions()
    options.protected = [["sex"]: GroupKey(["F"])]
    return Evaluator(data, options: options).figures(
      [
        "selection_rate.difference", "conditional_parity_difference",
        "conditional_parity_difference.directed",
      ].compactMap(MetricRegistry.find))
  }

  /// Women were admitted less often in all and, department by department, a little more often.
  @Test func departmentsExplainBerkeley() throws {
    let figures = try Self.berkeleyFigures()
    let gap = try #require(figures.first("selection_rate.difference")?.value)
    #expect(isClose(gap, 1198.0 / 2691 - 557.0 / 1835, absolute: 1e-12, relative: 0))
    var (sum, weight) = (0.0, 0.0)
    for (_, men, women) in Self.berkeley {
      let own = Double(men.0 * women.0) / Double(men.0 + women.0)
      sum += own * (Double(women.1) / Double(women.0) - Double(men.1) / Double(men.0))
      weight += own
    }
    let directed = try #require(figures.first { $0.metric.hasSuffix(".directed") })
    #expect(isClose(directed.value ?? .nan, sum / weight, absolute: 1e-12, relative: 0))
    #expect(sum > 0)
    // Not beyond chance in either reading.
    #expect((directed.lower ?? 1) < 0 && (directed.upper ?? -1) > 0)
    let largest = try #require(figures.first("conditional_parity_difference"))
    #expect(isClose(largest.value ?? .nan, sum / weight, absolute: 1e-12, relative: 0))
    #expect(largest.insideNoise == true)
  }

  /// Intervals hold their truth in about the share they promise, and fair decisions stay within
  /// their chance level.
  @Test func intervalsHold() throws {
    var stream = RandomStream(seed: 77, purpose: "within strata", index: 0)
    let draws = 300
    var (held, within, standardised) = (0, 0, 0)
    let shift = 0.5
    for _ in 0..<draws {
      var (groups, strata, decisions): ([String], [String], [Int16]) = ([], [], [])
      var fair: [Int16] = []
      var scores: [Double] = []
      for row in 0..<400 {
        let stratum = row % 4
        // The groups apply to the strata in other shares.
        let isA = stream.uniform() < 0.2 + 0.2 * Double(stratum)
        groups.append(isA ? "a" : "b")
        strata.append("\(stratum)")
        let rate = 0.2 + 0.15 * Double(stratum)
        decisions.append(stream.uniform() < rate + (isA ? 0.15 : 0) ? 1 : 0)
        fair.append(stream.uniform() < rate ? 1 : 0)
        scores.append(stream.normal() + (isA ? shift : 0))
      }
      func figures(_ decisions: [Int16]) throws -> [Figure] {
        let data = try EvaluationData(
          count: groups.count,
          tasks: [
            TaskColumns(
              name: "y", kind: .binary, labels: [],
              scores: [ScoreColumn(name: "y.score", values: scores, decisions: decisions)])
          ], attributes: [grouping(["g"], [groups])], strata: grouping(["k"], [strata]))
        var options = EvaluationOptions()
        options.noiseDraws = 200
        return Evaluator(data, options: options).figures(
          ["conditional_parity_difference", "standardised_mean_difference"]
            .compactMap(MetricRegistry.find))
      }
      let unfair = try figures(decisions)
      let gap = try #require(unfair.first("conditional_parity_difference"))
      if let lower = gap.lower, let upper = gap.upper, lower <= 0.15, upper >= 0.15 { held += 1 }
      if try figures(fair).first("conditional_parity_difference")?.insideNoise == true {
        within += 1
      }
      // Everybody's spread: half of them are moved by the shift.
      let truth = shift / (1 + shift * shift / 4).squareRoot()
      let mean = try #require(unfair.first("standardised_mean_difference"))
      if let lower = mean.lower, let upper = mean.upper, lower <= truth, upper >= truth {
        standardised += 1
      }
    }
    // 95 % of 300, three standard errors allowed below.
    for (name, count) in [("common gap", held), ("chance", within), ("standardised", standardised)]
    {
      #expect(Double(count) / Double(draws) >= 0.912, "\(name): \(count) of \(draws)")
    }
    #expect(held < draws && within < draws && standardised < draws)
  }
}
