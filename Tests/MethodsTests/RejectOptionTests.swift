import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Foundation
import Testing

@Suite struct RejectOptionTests {
  /// Rows of some groups: scores on a grid, so that there are ties, and labels.
  struct Rows {
    var scores: [Double] = []
    var labels: [Double] = []
    var groups: [Int32] = []
    var weights: [Double]?
    var names: [String]

    init(seed: UInt64, count: Int, groups number: Int, weighted: Bool = false) {
      var stream = RandomStream(seed: seed, purpose: "reject option")
      names = (0..<number).map { "g\($0)" }
      for row in 0..<count {
        let group = row < 2 * number ? row % number : stream.below(number)
        scores.append((stream.uniform() * 64 + Double(group)).rounded() / 80)
        labels.append(row < 2 * number ? Double(row / number) : stream.uniform() < 0.5 ? 1 : 0)
        groups.append(Int32(group))
      }
      if weighted { weights = scores.map { _ in 0.25 + stream.uniform() } }
    }

    init(scores: [Double], labels: [Double], names: [String], of groups: [String]) {
      (self.scores, self.labels, self.names) = (scores, labels, names)
      self.groups = groups.map { Int32(names.firstIndex(of: $0) ?? -1) }
    }

    var data: CalibrationData {
      var data = CalibrationData(
        scores: [("p", scores)],
        attributes: [
          Grouping(columns: ["g"], keys: names.map { GroupKey([ByteText($0)]) }, codes: groups)
        ], weights: weights)
      data.labels = [labels]
      return data
    }

    /// The decisions under a band, the gap of a rate, and the accuracy: as the definitions say.
    func outcome(
      _ margin: Double?, _ threshold: Double, _ favoured: Set<Int32>, labelled: Bool
    ) -> (decisions: [Double], gap: Double, accuracy: Double) {
      let decisions = scores.indices.map { row -> Double in
        if let margin, abs(scores[row] - threshold) <= margin {
          return favoured.contains(groups[row]) ? 1 : 0
        }
        return scores[row] >= threshold ? 1 : 0
      }
      var rates: [Double] = []
      for group in names.indices {
        var (all, good) = (0.0, 0.0)
        for row in scores.indices where Int(groups[row]) == group && (!labelled || labels[row] == 1)
        {
          all += weights?[row] ?? 1
          good += decisions[row] * (weights?[row] ?? 1)
        }
        rates.append(good / all)
      }
      var (right, all) = (0.0, 0.0)
      for row in scores.indices {
        all += weights?[row] ?? 1
        if decisions[row] == labels[row] { right += weights?[row] ?? 1 }
      }
      return (decisions, (rates.max() ?? 0) - (rates.min() ?? 0), right / all)
    }

    func margins(_ threshold: Double) -> [Double?] {
      [nil] + Set(scores.map { abs($0 - threshold) }).sorted()
    }
  }

  /// What a fit decides on its own rows.
  static func decisions(
    _ rows: Rows, _ settings: RejectOptionMethod.Settings
  ) throws -> [Double] {
    let fitted = try RejectOptionMethod(settings).fit(FitRequest(rows.data)).adjustment
    #expect(fitted.contradiction() == nil)
    // What is written and read again decides alike.
    let read = try RejectOptionMethod.read(fitted.json())
    let batch = read.apply(
      score: 0, values: rows.scores, codes: [rows.groups], keys: nil, steps: false)
    return batch.columns[0]
  }

  @Test(arguments: 0..<60)
  func theBestOfAllBandsIsFound(_ seed: Int) throws {
    let rows = Rows(
      seed: UInt64(seed), count: 40 + seed, groups: 2 + seed % 3, weighted: seed % 4 == 3)
    let labelled = seed % 2 == 1
    var settings = RejectOptionMethod.Settings()
    settings.threshold = seed % 5 == 0 ? 0.4375 : 0.5
    settings.favoured = ["g0"]
    settings.objective = labelled ? .equalOpportunityDifference : .demographicParityDifference
    let all = rows.margins(settings.threshold).map {
      rows.outcome($0, settings.threshold, [0], labelled: labelled)
    }
    // Without a tolerance the smallest gap, of the narrowest such band.
    let least = all.map(\.gap).min() ?? 0
    let first = try #require(all.first { $0.gap <= least + 1e-12 })
    #expect(try Self.decisions(rows, settings) == first.decisions)
    // With one the most accurate band within it.
    settings.tolerance = least + 0.1
    let within = all.filter { $0.gap <= least + 0.1 + 1e-12 }
    let best = within.map(\.accuracy).max() ?? 0
    let chosen = try Self.decisions(rows, settings)
    let taken = try #require(within.first { $0.decisions == chosen })
    #expect(abs(taken.accuracy - best) < 1e-9)
  }

  @Test func whatNoBandReachesIsSaid() throws {
    var settings = RejectOptionMethod.Settings()
    settings.tolerance = 0
    settings.favoured = ["g1"]
    let rows = Rows(
      scores: [0.1, 0.2, 0.9, 0.9, 0.9], labels: [0, 1, 1, 1, 0], names: ["g0", "g1"],
      of: ["g0", "g0", "g1", "g1", "g1"])
    let gaps = rows.margins(0.5).map { rows.outcome($0, 0.5, [1], labelled: false).gap }
    #expect(gaps.allSatisfy { $0 == 1 })
    let error = #expect(throws: AdjustmentError.self) {
      try RejectOptionMethod(settings).fit(FitRequest(rows.data))
    }
    #expect("\(String(describing: error))".contains("the smallest is 1"))
  }

  @Test func namesThatAreNoGroupAreRefused() {
    var settings = RejectOptionMethod.Settings()
    settings.favoured = ["g9"]
    let rows = Rows(seed: 1, count: 20, groups: 2)
    #expect(throws: AdjustmentError.self) {
      try RejectOptionMethod(settings).fit(FitRequest(rows.data))
    }
  }
}

/// See reference/decisions, section e.
@Suite(.enabled(if: Shared.isPresent)) struct RejectOptionVectorTests {
  private struct Case: Decodable {
    struct Band: Decodable {
      let margin: Double?
      let gap: Double
      let accuracy: Double
    }
    struct Expected: Decodable {
      let most_accurate: Band?
      let least_gap: Band?
    }
    let name: String
    let kind: String
    let group: [String]?
    let score: [Double]?
    let label: [Double]?
    let favoured: [String]?
    let threshold: Double?
    let rate: String?
    let tolerance: Double?
    let expected: Expected
  }

  @Test func bandsAreThoseOfTheReference() throws {
    let bytes = try Shared.bytes("reference/decisions/e_rates.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(bytes))
      .filter { $0.kind == "reject_option" }
    #expect(cases.count == 3)
    for one in cases {
      let group = try #require(one.group)
      let names = Set(group).sorted()
      let rows = RejectOptionTests.Rows(
        scores: try #require(one.score), labels: try #require(one.label), names: names, of: group)
      var settings = RejectOptionMethod.Settings()
      settings.threshold = try #require(one.threshold)
      settings.favoured = try #require(one.favoured)
      settings.objective =
        one.rate == "tpr" ? .equalOpportunityDifference : .demographicParityDifference
      let favoured = Set(settings.favoured.map { Int32(names.firstIndex(of: $0) ?? -1) })
      for (tolerance, band) in [
        (nil, try #require(one.expected.least_gap)),
        (one.tolerance, try #require(one.expected.most_accurate)),
      ] {
        settings.tolerance = tolerance
        let own = rows.outcome(
          band.margin, settings.threshold, favoured, labelled: one.rate == "tpr")
        #expect(abs(own.gap - band.gap) < 1e-12 && abs(own.accuracy - band.accuracy) < 1e-12)
        #expect(try RejectOptionTests.decisions(rows, settings) == own.decisions, "\(one.name)")
      }
    }
  }
}
