import Foundation
import FairpostMetrics
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// Figures against SciPy's, NumPy's and scikit-learn's numbers on one small table.
struct ReferenceTests {
  static func reference() throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(
      with: Data(Fixture.bytes("metrics/reference.json")))
    return try #require(json as? [String: Any])
  }

  static func data(_ reference: [String: Any]) throws -> EvaluationData {
    let rows = try #require(reference["rows"] as? [String: Any])
    func numbers(_ name: String) throws -> [Double] {
      try #require(rows[name] as? [NSNumber]).map(\.doubleValue)
    }
    let scores = try numbers("score")
    let ages = try numbers("age")
    let names = try #require(rows["group"] as? [String])
    let decisions = try numbers("decision").map { Int16($0) }
    let labels = try numbers("label")
    return try EvaluationData(
      count: scores.count,
      tasks: [
        TaskColumns(
          name: "y", kind: .binary, labels: labels,
          scores: [ScoreColumn(name: "s", values: scores, decisions: decisions)]),
        TaskColumns(
          name: "z", kind: .binary, labels: labels,
          scores: [
            ScoreColumn(name: "t", values: scores.map { 1 - $0 * $0 }, decisions: decisions)
          ]),
      ], attributes: [grouping(["g"], [names])],
      features: [scores.map { $0 * 3 }, ages.map { $0 / 10 }],
      continuous: [ContinuousAttribute(name: "age", values: ages)])
  }

  @Test func figures() throws {
    let reference = try Self.reference()
    let data = try Self.data(reference)
    let found = Evaluator(data).figures(MetricRegistry.all)
    let overall = try #require(reference["overall"] as? [String: Double])
    for (id, value) in overall {
      #expect(isClose(found.first(id)?.value ?? .nan, value, relative: 1e-12), "\(id)")
    }
    let groups = try #require(reference["groups"] as? [String: [String: Double]])
    for (group, values) in groups {
      for (id, value) in values {
        #expect(isClose(found.first(id, group)?.value ?? .nan, value, relative: 1e-12), "\(id)")
      }
    }
    let single = [
      "ks", "w1", "xauc_gap", "pairwise_rank_gap", "ece", "consistency", "rank_correlation",
      "largest_cut_gap",
    ]
    for id in single {
      let value = try #require(reference[id] as? Double)
      #expect(isClose(found.first(id)?.value ?? .nan, value, relative: 1e-12), "\(id)")
    }
    let energy = try #require(reference["energy"] as? Double)
    #expect(isClose(found.first("energy_distance")?.value ?? .nan, energy, relative: 1e-10))
  }

  @Test func delongVariance() throws {
    let reference = try Self.reference()
    let data = try Self.data(reference)
    let labels = data.tasks[0].labels
    let scores = data.tasks[0].scores[0].values
    let area = try #require(
      RankArea.delong(
        positives: SortedSample(values: zip(scores, labels).filter { $0.1 == 1 }.map(\.0)),
        negatives: SortedSample(values: zip(scores, labels).filter { $0.1 == 0 }.map(\.0))))
    let expected = try #require(reference["delong_variance"] as? Double)
    #expect(isClose(area.variance, expected, relative: 1e-12))
  }

  @Test func intervalsAndTails() throws {
    let reference = try Self.reference()
    let proportions = try #require(reference["proportions"] as? [[Any]])
    for row in proportions {
      let numbers = row.map { ($0 as? NSNumber)?.doubleValue ?? .nan }
      let exact = row[2] as? String == "exact"
      let bounds =
        exact
        ? Proportion.clopperPearson(numbers[0], of: numbers[1], tail: 0.05)
        : Proportion.wilson(numbers[0], of: numbers[1], quantile: Normal.quantile(0.975))
      #expect(isClose(bounds.lower, numbers[3], absolute: 1e-9), "\(row)")
      #expect(isClose(bounds.upper, numbers[4], absolute: 1e-9), "\(row)")
    }
    for row in try #require(reference["kolmogorov"] as? [[Double]]) {
      #expect(isClose(Tails.kolmogorov(row[0]), row[1], absolute: 1e-9))
    }
    for row in try #require(reference["range"] as? [[Double]]) {
      #expect(isClose(Tails.normalRange(row[0], count: Int(row[1])), row[2], absolute: 1e-6))
    }
    for row in try #require(reference["beta"] as? [[Double]]) {
      #expect(isClose(Tails.betaQuantile(row[0], row[1], row[2]), row[3], absolute: 1e-9))
    }
  }
}

/// BADR's objectives against the values of the released formulas.
@Suite(.enabled(if: Shared.isPresent))
struct ObjectiveTests {
  @Test func badr() throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(Shared.bytes("reference/nash/badr_logreg.json")))
    let reference = try #require(json as? [String: Any])
    let weights = try #require(reference["w_star"] as? [Double])
    var labels: [Double] = []
    var scores: [Double] = []
    var names: [String] = []
    for (group, key) in [("a", "1"), ("b", "2")] {
      let features = try #require(reference["X" + key] as? [[Double]])
      labels += try #require(reference["y" + key] as? [Double])
      for row in features {
        let z = zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }
        scores.append(1 / (1 + exp(-z)))
        names.append(group)
      }
    }
    let data = try binaryData(
      labels: labels, decisions: scores.map { $0 >= 0.5 ? 1 : 0 }, scores: scores,
      group: grouping(["g"], [names]))
    let found = Evaluator(data).figures(MetricRegistry.all)
    let metrics = try #require(reference["metrics"] as? [String: [String: Any]])
    let ids = [
      "DemographicParity": "badr_demographic_parity", "EqualOpportunity": "badr_equal_opportunity",
      "EqualizedOdds": "badr_equalized_odds", "DisparateMistreatment": "disparate_mistreatment",
      "HSIC": "hsic", "IndividualFairness": "individual_fairness", "GroupVariance": "loss_variance",
    ]
    for (name, id) in ids {
      let expected = try #require(metrics[name]?["value"] as? Double)
      #expect(isClose(found.first(id)?.value ?? .nan, expected, relative: 1e-9), "\(id)")
    }
  }
}
