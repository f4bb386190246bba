import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Held-out figures of a fit where rows repeat, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct HeldOutLawTests {
  /// Groups of scores with two decimals.
  static func scores(_ sizes: [Int], seed: UInt64) -> [[Int]] {
    var stream = RandomStream(seed: seed, purpose: "tests.laws.held out")
    return sizes.enumerated().map { group, size in
      (0..<size).map { _ in
        Int(min(max(45 + 10 * Double(group) + 20 * stream.normal(), 0), 100))
      }
    }
  }

  /// The map of a table without what names its options and records, and what the fit says.
  static func fit(_ table: String, _ options: [String] = []) throws -> (map: String, said: String) {
    let run = try Program.run(
      ["fit", "--score", "p", "--group", "g"] + options, input: Array(table.utf8))
    try #require(run.status == 0, "\(run.errorText)")
    let file = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output)) as? [String: Any])
    let map = try JSONSerialization.data(
      withJSONObject: try #require(file["map"]), options: .sortedKeys)
    return (
      String(decoding: map, as: UTF8.self),
      run.errorText.split(separator: "\n").filter { $0.contains("held-out") }.joined()
    )
  }

  /// One table in five forms: as it is, turned over, with an id nobody uses, with frequencies, and
  /// with frequencies split over rows.
  @Test func aRecordIsARecordHoweverItIsWritten() throws {
    let groups = Self.scores([700, 300], seed: 1)
    let rows = groups.enumerated().flatMap { group, list in list.map { ("g\(group)", $0) } }
    let plain = rows.map { "\($0.0),0.\($0.1 + 100)\n" }
    let counts = Dictionary(grouping: rows, by: { "\($0.0),0.\($0.1 + 100)" }).mapValues(\.count)
    let counted = counts.map { "\($0.key),\($0.value)\n" }.sorted()
    let parted = counts.flatMap { key, count in
      ["\(key),1\n", "\(key),0\n"] + (count > 1 ? ["\(key),\(count - 1)\n"] : [])
    }
    let one = try Self.fit("g,p\n" + plain.joined())
    #expect(try Self.fit("g,p\n" + plain.reversed().joined()) == one)
    let ids = plain.enumerated().map { "\($0.offset),\($0.element)" }.joined()
    #expect(try Self.fit("id,g,p\n" + ids) == one)
    #expect(try Self.fit("id,g,p\n" + ids, ["--id", "id"]) == one)
    #expect(try Self.fit("g,p,n\n" + counted.joined(), ["--frequency", "n"]) == one)
    #expect(try Self.fit("g,p,n\n" + parted.joined(), ["--frequency", "n"]).said == one.said)
  }

  /// Frequencies too large to be walked: the figure is what so many records leave, next to nothing but
  /// the atoms.
  @Test func hugeFrequenciesAreDrawnAtOnce() throws {
    let rows = (0..<20).flatMap { score in
      ["a,\(score),\(1_000_000_000 + 7 * score)\n", "b,\(score),\(1_000_000_000 + 7 * score)\n"]
    }
    let fit = try Self.fit("g,p,n\n" + rows.joined(), ["--frequency", "n"])
    #expect(fit.said.contains("after on held-out folds"))
  }
}
