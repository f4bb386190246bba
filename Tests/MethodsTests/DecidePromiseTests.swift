import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// What `--confidence` promises of new records.
@Suite struct DecidePromiseTests {
  /// A population of two groups with ten-valued scores: its rates at a threshold are sums of this table.
  private static let chances = (0..<2).map { group in
    (0..<2).map { label in
      (0..<10).map { value -> Double in
        let peak = 3.0 + 2 * Double(label) + Double(group)
        return 1 / (1 + (Double(value) - peak) * (Double(value) - peak))
      }
    }.map { list in list.map { $0 / list.reduce(0, +) } }
  }

  private static func sample(_ seed: Int, sizes: [Int]) -> DecisionRows {
    var stream = RandomStream(seed: UInt64(seed), purpose: "tests.decide.promise")
    var rows = DecisionRows(scores: [], labels: [], groups: [], names: ["a", "b"])
    for group in 0..<2 {
      for row in 0..<sizes[group] {
        let label = row < 2 ? row : stream.uniform() < 0.3 + 0.4 * Double(group) ? 1 : 0
        var rest = stream.uniform()
        var value = 0
        while value < 9, rest >= chances[group][label][value] {
          rest -= chances[group][label][value]
          value += 1
        }
        rows.scores.append(Double(value) / 10)
        rows.labels.append(Double(label))
        rows.groups.append(group)
      }
    }
    return rows
  }

  /// The true distance of a rate that a map has in the population.
  private func gap(_ adjustment: any Adjustment, label: Int) -> Double {
    let values = (0..<10).map { Double($0) / 10 }
    let rates = (0..<2).map { group -> Double in
      let own =
        adjustment.chances(
          score: 0, values: values, codes: values.map { _ in Int32(group) }) ?? []
      return zip(own, Self.chances[group][label]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return abs(rates[0] - rates[1])
  }

  private func fit(
    _ rows: DecisionRows, _ words: [(name: String, value: String)]
  ) throws -> any Adjustment {
    var request = FitRequest(rows.data)
    request.idColumn = "id"
    return try DecideMethod(given: words).fit(request).adjustment
  }

  @Test func thePopulationKeepsToIt() throws {
    let (tolerance, draws) = (0.16, 200)
    var (broken, unpromised) = (0, 0)
    for seed in 0..<draws {
      let rows = Self.sample(seed, sizes: [1500, 1200])
      let words = [("constraint", "equalized_odds=\(tolerance)"), ("confidence", "0.9")]
      let promised = try fit(rows, words.map { (name: $0.0, value: $0.1) })
      #expect(promised.contradiction() == nil)
      if (0...1).contains(where: { gap(promised, label: $0) > tolerance }) { broken += 1 }
      // The same without a promise: the limit is used up on the sample, and new records break it often.
      let plain = try fit(rows, [(name: words[0].0, value: words[0].1)])
      if (0...1).contains(where: { gap(plain, label: $0) > tolerance }) { unpromised += 1 }
    }
    #expect(Double(broken) <= 0.1 * Double(draws))
    #expect(Double(unpromised) > 0.1 * Double(draws))
  }

  /// The margins against the reference's.
  @Test(.enabled(if: Shared.isPresent)) func theBandIsThatOfTheReference() throws {
    var count = 0
    for node in try decisionVectors("d_guarantee")
    where try node["kind"].string == "uniform_band" && node["sizes"].array.count == 2 {
      count += 1
      let rate = try node["rates"].int == 1
      let (sizes, margins) = (try node["sizes"].ints, try node["dkw"].doubles)
      guard rate else { continue }
      let rows = Self.sample(1, sizes: sizes)
      let level = try 1 - node["delta"].double
      for (offset, isPromised) in [(1e-6, true), (-1e-6, false)] {
        let words = [
          (name: "constraint", value: "demographic_parity=\(margins[0] + margins[1] + offset)"),
          (name: "confidence", value: "\(level)"),
        ]
        if isPromised {
          #expect(try fit(rows, words).contradiction() == nil)
        } else {
          #expect(throws: AdjustmentError.self) { try fit(rows, words) }
        }
      }
    }
    #expect(count >= 1)
  }
}
