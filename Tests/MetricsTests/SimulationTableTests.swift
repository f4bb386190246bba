import Foundation
import Metrics
import TestSupport
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
    let header = try #require(lines.first).split(separator: ",").map(String.init)
    return lines.dropFirst().map { line in
      Dictionary(
        zip(header, line.split(separator: ",").map(String.init)),
        uniquingKeysWith: { first, _ in first })
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

  /// Under the null a test at 5 % rejects in at most 5 % of draws, three standard errors allowed.
  @Test(.enabled(if: isThere("size"))) func sizeIsRight() throws {
    for row in try rows("size") where row["effect"] == "0.0" {
      let draws = try number(row, "draws")
      let rejected = try number(row, "rejected_at_.05")
      #expect(rejected <= 0.05 + 3 * (0.05 * 0.95 / draws).squareRoot(), "\(row)")
    }
  }

  @Test(.enabled(if: isThere("drift"))) func driftIsFoundAndNotImagined() throws {
    for row in try rows("drift") {
      let alarms = try number(row, "not_met")
      let rowCount = try number(row, "rows")
      if row["moved"] == "nothing" { #expect(alarms <= 0.01, "\(row)") }
      let isLarge = ["scores0.3", "mix0.25", "missing0.15"]
        .contains("\(row["moved"] ?? "")\(row["size"] ?? "")")
      if isLarge, rowCount >= 1000 { #expect(alarms >= 0.95, "\(row)") }
    }
  }
}
