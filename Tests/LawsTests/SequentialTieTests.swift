import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Several attributes with tied scores, through the built program: against exact fractions, and under
/// what must change nothing.
@Suite(.enabled(if: Program.isBuilt)) struct SequentialTieTests {
  struct Row {
    let keys: [String]
    let score: Double
    let fair: Double
  }

  /// The cases of `Fixtures/adjust/steps`, a row for every record.
  static func cases() throws -> [[Row]] {
    let path = Shared.repository.appendingPathComponent("Fixtures/adjust/steps/cases.csv")
    var cases: [[Row]] = []
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",").map(String.init)
      let place = try #require(Int(fields[0]))
      if cases.count < place { cases.append([]) }
      let row = Row(
        keys: Array(fields[2..<(2 + (Int(fields[1]) ?? 2))]),
        score: try #require(Double(fields[5])), fair: try #require(Double(fields[7])))
      cases[place - 1] += Array(repeating: row, count: try #require(Int(fields[6])))
    }
    return cases
  }

  /// The fair scores of rows; what is written of a score and of a group's name can be chosen.
  static func fair(
    _ rows: [Row], score: (Double) -> Double = { $0 }, name: (String) -> String = { $0 },
    options: [String] = []
  ) throws -> [Double] {
    let columns = Array(["a", "b", "c"].prefix(rows[0].keys.count))
    var text = columns.joined(separator: ",") + ",p\n"
    for row in rows {
      text += row.keys.map(name).joined(separator: ",") + ",\(score(row.score))\n"
    }
    let run = try Program.run(
      ["adjust", "-q", "--score", "p", "--min-group", "1", "--allow-singletons"] + options
        + columns.flatMap { ["--group", $0] }, input: Array(text.utf8))
    try #require(run.status == 0, "\(run.errorText)")
    return Output(run.output).numbers("p.fair")
  }

  static func farthest(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? .infinity : .infinity
  }

  @Test func tiesAreThoseOfExactFractions() throws {
    let cases = try Self.cases()
    try #require(cases.count == 40)
    for (place, rows) in cases.enumerated() {
      let off = Self.farthest(try Self.fair(rows), rows.map(\.fair))
      #expect(off < 1e-12, "case \(place + 1): \(off)")
    }
  }

  /// Scores times a number and plus one are decimals that round anew; names decide the order of groups.
  @Test func affineScoresAndOtherNamesChangeNothing() throws {
    let turned = ["x": "n", "y": "m", "u": "k", "v": "j", "w": "i", "s": "h", "t": "g"]
    for (place, rows) in try Self.cases().enumerated() where place % 3 == 0 {
      let one = try Self.fair(rows)
      let moved: (Double) -> Double = { 0.1 * $0 + 0.7 }
      let scaled = try Self.fair(rows, score: moved)
      #expect(Self.farthest(scaled, one.map(moved)) < 1e-12, "case \(place + 1)")
      let named = try Self.fair(rows, name: { turned[$0] ?? $0 })
      #expect(Self.farthest(named, one) < 1e-12, "case \(place + 1)")
      // A map that is kept whole and one that is compressed know the same ties.
      #expect(try Self.fair(rows, options: ["--exact"]) == one)
    }
  }

  /// Scores that lie a few roundings apart are not one.
  @Test func largeNumbersStayApart() throws {
    var rows: [Row] = []
    for score in 0..<15 {
      for keys in [["x", "u"], ["x", "v"], ["y", "u"], ["y", "v"]] {
        rows.append(Row(keys: keys, score: 1e15 + Double(score), fair: 0))
      }
    }
    let fair = try Self.fair(rows)
    #expect(Set(fair).count == 15)
  }
}
