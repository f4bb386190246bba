import Foundation
import FairpostMetrics
import FairpostTestSupport
import Testing

/// Distances of score distributions against SciPy's and EquiPy's numbers.
@Suite(.enabled(if: Shared.isPresent))
struct DistanceTests {
  @Test func equipyMetrics() throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(Shared.bytes("reference/equipy/metrics.json")))
    let cases = try #require(json as? [String: [String: Any]])
    var checked = 0
    for (_, entry) in cases {
      guard let file = entry["file"] as? String, let group = entry["group_column"] as? String else {
        continue
      }
      let folders = ["equipy", "wasserstein"].map { Shared.path("reference/\($0)/\(file)") }
      guard let path = folders.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
        continue
      }
      let table = try PlainCSV(path: path)
      let names = table.texts(group)
      for (column, value) in entry {
        guard let expected = value as? [String: Any] else { continue }
        let scores = table.numbers(column)
        var samples: [String: SortedSample] = [:]
        for name in Set(names) {
          samples[name] = SortedSample(values: zip(scores, names).filter { $0.1 == name }.map(\.0))
        }
        for (pair, numbers) in expected {
          let sides = pair.split(separator: "~").map(String.init)
          guard sides.count == 2, let values = numbers as? [String: Any] else { continue }
          let a = try #require(samples[sides[0]])
          let b = try #require(samples[sides[1]])
          func agree(_ key: String, _ found: Double) {
            let wanted = (values[key] as? NSNumber)?.doubleValue ?? .nan
            #expect(
              isClose(found, wanted, absolute: 1e-12, relative: 1e-12), "\(file) \(column) \(key)")
            checked += 1
          }
          agree("ks", ScoreDistance.kolmogorovSmirnov(a, b))
          agree("w1", ScoreDistance.wasserstein1(a, b))
          agree("w2", ScoreDistance.wasserstein2(a, b))
          agree("mean_diff", a.mean - b.mean)
        }
        let unfairness = (expected["equipy_unfairness"] as? NSNumber)?.doubleValue ?? .nan
        let found = ScoreDistance.quantileUnfairness(Array(samples.values))
        #expect(isClose(found, unfairness, absolute: 1e-9), "\(file) \(column)")
      }
    }
    #expect(checked >= 40)
  }

  @Test func compasDeciles() throws {
    let table = try PlainCSV(path: Shared.path("data/compas.csv"))
    let scores = table.numbers("decile_score")
    let races = table.texts("race").map { $0 == "African-American" }
    let a = SortedSample(values: zip(scores, races).filter(\.1).map(\.0))
    let b = SortedSample(values: zip(scores, races).filter { !$0.1 }.map(\.0))
    #expect(isClose(ScoreDistance.kolmogorovSmirnov(a, b), 0.2684, absolute: 5e-5))
    #expect(isClose(ScoreDistance.wasserstein1(a, b), 1.7677, absolute: 5e-5))
  }
}
