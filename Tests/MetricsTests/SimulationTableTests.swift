import Foundation
import FairpostMetrics
import FairpostTestSupport
import Testing

/// The committed tables of `make coverage-table` keep what is promised, and are what the code gives.
struct SimulationTableTests {
  private static func table(_ name: String) -> URL {
    Shared.repository.appendingPathComponent("Fixtures/metrics/\(name).csv")
  }

  static func isThere(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: table(name).path)
  }

  private func rows(_ name: String) throws -> [[String: String]] {
    let lines = try String(contentsOf: Self.table(name), encoding: .utf8).split(separator: "\n")
    // An empty field is a field.
    func fields(_ line: Substring) -> [String] {
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = fields(try #require(lines.first))
    return lines.dropFirst().map { line in
      Dictionary(zip(header, fields(line)), uniquingKeysWith: { first, _ in first })
    }
  }

  private func number(_ row: [String: String], _ column: String) throws -> Double {
    try #require(row[column].flatMap { Double($0) })
  }

  @Test(.enabled(if: isThere("coverage"))) func coverageIsKept() throws {
    let rows = try rows("coverage")
    #expect(rows.count == CoverageSimulation.cases.count)
    let shares = try rows.map { try number($0, "coverage") }
    #expect(try rows.allSatisfy { try number($0, "draws") >= 2000 })
    #expect(shares.allSatisfy { $0 >= 0.93 })
    #expect(shares.reduce(0, +) / Double(shares.count) <= 0.98)
  }

  /// The first draws of every case, drawn anew, give the numbers that are written there.
  @Test(.enabled(if: isThere("coverage"))) func coverageIsWhatTheCodeGives() throws {
    for (row, item) in zip(try rows("coverage"), CoverageSimulation.cases) {
      let seed = try #require(row["seed"].flatMap { UInt64($0) })
      let again = CoverageSimulation.run(item, draws: CoverageSimulation.firstDraws, seed: seed)
      #expect(row["figure"] == item.figure)
      #expect(try again.firstHeld == Int(number(row, "first_held")), "\(row)")
      let width = try number(row, "first_width")
      #expect(abs(again.firstWidth - width) <= 1e-9 * max(1, width), "\(row)")
    }
  }

  /// Every figure shown by default is in the table of fair groups, and holds its truth in 93 % of the
  /// draws, three standard errors allowed; it is within its chance level in 95 %.
  @Test(.enabled(if: isThere("fair"))) func fairGroupsLookFair() throws {
    let rows = try rows("fair")
    let figures = Set(rows.compactMap { $0["figure"] })
    for metric in MetricRegistry.all where metric.isDefault {
      if metric.needs.isDisjoint(with: [.classes, .tasks, .continuous, .features]) {
        #expect(figures.contains(metric.id), "\(metric.id)")
      }
    }
    for row in rows {
      let count = try number(row, "intervals")
      #expect(count >= 380, "\(row)")
      #expect(
        try number(row, "coverage") >= 0.93 - 3 * (0.93 * 0.07 / count).squareRoot(), "\(row)")
      if let within = row["within_chance"].flatMap({ Double($0) }) {
        #expect(within >= 0.95 - 4 * (0.95 * 0.05 / count).squareRoot(), "\(row)")
      }
    }
    let between = try rows.filter { $0["scope"] == "between" }.map { try number($0, "coverage") }
    #expect(between.reduce(0, +) / Double(between.count) >= 0.95)
  }

  /// The first draws of a case of each kind, drawn anew.
  @Test(.enabled(if: isThere("fair")), arguments: [0, 3, 5, 7, 11])
  func fairIsWhatTheCodeGives(_ place: Int) throws {
    let item = FairSimulation.cases[place]
    let sizes = item.sizes.map(String.init).joined(separator: " ")
    let rows = try rows("fair").filter {
      $0["sizes"] == sizes && $0["effect"] == "\(item.effect)"
        && $0["bootstrap"] == "\(item.bootstrap)"
    }
    let seed = try #require(rows.first?["seed"].flatMap { UInt64($0) })
    let again = FairSimulation.run(item, draws: FairSimulation.firstDraws, seed: seed)
    #expect(again.count == rows.count)
    for (row, figure) in zip(rows, again) {
      #expect(row["figure"] == figure.metric && row["scope"] == figure.scope)
      #expect(try figure.firstHeld == Int(number(row, "first_held")), "\(row)")
      let width = try number(row, "first_width")
      #expect(abs(figure.firstWidth - width) <= 1e-9 * max(1, width), "\(row)")
    }
  }

  /// The first draws of every test, drawn anew, give the numbers that are written there.
  @Test(.enabled(if: isThere("size"))) func sizeIsWhatTheCodeGives() throws {
    for (row, item) in zip(try rows("size"), SizeSimulation.cases) {
      let seed = try #require(row["seed"].flatMap { UInt64($0) })
      let again = SizeSimulation.run(item, draws: SizeSimulation.firstDraws, seed: seed)
      #expect(try again.first == Int(number(row, "rejected_20")), "\(row)")
    }
  }

  /// Under the null a test at 5 % rejects in at most 5 % of draws, three standard errors allowed.
  @Test(.enabled(if: isThere("size"))) func sizeIsRight() throws {
    for row in try rows("size") where row["effect"] == "0.0" {
      let draws = try number(row, "draws")
      let rejected = try number(row, "rejected_at_.05")
      #expect(rejected <= 0.05 + 3 * (0.05 * 0.95 / draws).squareRoot(), "\(row)")
    }
  }

  @Test(.enabled(if: isThere("drift"))) func driftIsFoundAndNotImagined() throws {
    let rows = try rows("drift")
    #expect(rows.count == DriftSimulation.cases.count)
    for row in rows {
      let draws = try number(row, "draws")
      let alarms = try number(row, "not_met") / draws
      let rowCount = try number(row, "rows")
      if row["moved"] == "nothing" {
        #expect(alarms <= 0.05 && draws >= 2000, "\(row)")
        // The lower bounds hold for all figures at once.
        #expect(try number(row, "above") / draws <= 0.05, "\(row)")
      }
      #expect(try number(row, "coverage") >= 0.93, "\(row)")
      let isLarge = ["scores0.3", "mix0.25", "missing0.15"]
        .contains("\(row["moved"] ?? "")\(row["size"] ?? "")")
      if isLarge, rowCount >= 1000 { #expect(alarms >= 0.95, "\(row)") }
      // A shift by two fifths of the range is found with 32 fitted rows a group.
      let smallest = row["fitted"].flatMap { $0.split(separator: " ").compactMap { Int($0) }.min() }
      if row["size"] == "0.4", let smallest, smallest >= 32 {
        #expect(alarms >= 0.95, "\(row)")
      }
    }
  }

  /// The table's first draws, drawn anew, give the numbers that are written there.
  @Test(.enabled(if: isThere("drift"))) func driftIsWhatTheCodeGives() throws {
    for (row, item) in zip(try rows("drift"), DriftSimulation.cases) {
      let seed = try #require(row["seed"].flatMap { UInt64($0) })
      let again = DriftSimulation.run(item, draws: DriftSimulation.firstDraws, seed: seed)
      #expect(try again.notMet == Int(number(row, "not_met_20")), "\(row)")
    }
  }
}
