import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// The chance level of KS where rows are few, with and without a map, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct SmallChanceLevelTests {
  /// The chance level and its band of a metric of score p.
  private func level(_ arguments: [String], _ table: String, score: String = "p") throws
    -> (mean: Double, band: Double)
  {
    let run = try Program.run(
      [
        "evaluate", "-q", "--task", "y", "--score", "p", "--group", "g", "--metrics", "ks",
        "--format", "json",
      ] + arguments, input: Array(table.utf8))
    try #require(run.status == 0, "\(run.errorText)")
    let all = try JSONSerialization.jsonObject(with: Data(run.output))
    let figures =
      (all as? [[String: Any]]) ?? ((all as? [String: Any])?["figures"] as? [[String: Any]]) ?? []
    let own = try #require(figures.first { $0["score"] as? String == score })
    return (
      try #require(own["floor"] as? Double), try #require(own["floor95"] as? Double)
    )
  }

  /// Two groups of three rows of a fair coin: the mean of |X - Y| / 3 by counting all outcomes.
  @Test func fewRowsAreCountedOut() throws {
    let table = "g,p,y\na,0,0\na,0,1\na,1,1\nb,0,0\nb,1,0\nb,1,1\n"
    let ways = [1.0, 3, 3, 1]
    var expected = 0.0
    for x in 0...3 {
      for y in 0...3 { expected += ways[x] * ways[y] / 64 * abs(Double(x - y)) / 3 }
    }
    let found = try level([], table)
    // Four standard errors of 1,000 draws.
    #expect(abs(found.mean - expected) < 4 * 0.25 / 1000.0.squareRoot())
    #expect(found.band <= 1)
  }

  /// Ranks of a few rows within a few calibration rows, drawn here from their definition.
  @Test(arguments: [(rows: 6, calibration: 3, groups: 3), (rows: 20, calibration: 30, groups: 2)])
  func aMapOfFewRowsAddsItsOwnError(_ one: (rows: Int, calibration: Int, groups: Int)) throws {
    var stream = RandomStream(seed: 11, purpose: "tests.small chance level")
    func table(_ rows: Int) -> String {
      "g,p,y\n"
        + (0..<one.groups).map { group in
          (0..<rows).map { "g\(group),\(stream.uniform()),\($0 % 2)\n" }.joined()
        }.joined()
    }
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = scratch.url.appendingPathComponent("c.map").path
    let fit = try Program.run(
      ["fit", "-q", "--score", "p", "--group", "g", "-o", map],
      input: Array(table(one.calibration).utf8))
    try #require(fit.status == 0, "\(fit.errorText)")
    let applied = try Program.run(["apply", "-q", "-m", map], input: Array(table(one.rows).utf8))
    let found = try level(["--map", map], applied.outputText, score: "p.fair")
    var sum = 0.0
    for _ in 0..<4000 {
      let groups = (0..<one.groups).map { _ in
        let known = (0..<one.calibration).map { _ in stream.uniform() }.sorted()
        return (0..<one.rows).map { _ in Self.rank(stream.uniform(), in: known) }
      }
      var largest = 0.0
      for (place, a) in groups.enumerated() {
        for b in groups[(place + 1)...] { largest = max(largest, largestGap(a, b)) }
      }
      sum += largest / 4000
    }
    // The program looks at the scores that there are, between which it sees nothing.
    #expect(abs(found.mean / sum - 1) < 0.15, "\(found.mean) where \(sum) is shown")
    #expect(found.band <= 1)
  }

  /// Straight between the middles of the steps, constant outside.
  private static func rank(_ x: Double, in sorted: [Double]) -> Double {
    let count = Double(sorted.count)
    guard let next = sorted.firstIndex(where: { $0 > x }) else { return (count - 0.5) / count }
    if next == 0 { return 0.5 / count }
    let part = (x - sorted[next - 1]) / (sorted[next] - sorted[next - 1])
    return (Double(next) - 0.5 + part) / count
  }
}
