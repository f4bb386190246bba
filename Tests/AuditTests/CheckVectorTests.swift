import FairpostAudit
import FairpostJSON
import FairpostPipeline
import FairpostTestSupport
import Testing

/// Published tables, innocent and not, row by row.
@Suite struct CheckVectorTests {
  @Test(.enabled(if: Shared.isPresent)) func everyRow() throws {
    for (name, entry) in try AuditVectorTests.json("check/expected.json").members {
      let input = try Input(
        Shared.path("reference/audit/check/\(name).csv"), InputSettings())
      let run = try CheckRun(
        input, groups: ["sex", "race"], position: nil, period: nil, older: nil)
      let check = try #require(run.checks.first?.check)
      for row in try entry["rows"].array {
        let line = try row["line"].int
        let own = try #require(check.rows.first { $0.row.line == line }, "\(name):\(line)")
        #expect(own.rate?.rawValue == (try row.optional("rate")?.string), "\(name):\(line) rate")
        #expect(own.ratio?.rawValue == (try row.optional("ratio")?.string), "\(name):\(line) ratio")
        #expect(own.elsewhere == (try row.optional("elsewhere")?.string), "\(name):\(line)")
      }
      let benchmarks = try entry["conventions"].array.map {
        try "\($0["table"].array.map { try $0.bool }) \($0["benchmark"].string)"
      }
      #expect(check.conventions.map { "\($0.table) \($0.benchmark)" } == benchmarks, "\(name)")
      let findings = try entry["findings"].array.map {
        "\(try $0["what"].string) \(try $0.optional("table")?.array.map { try $0.bool } ?? [])"
      }
      #expect(
        Set(check.findings.map { "\($0.what.rawValue) \($0.table ?? [])" }) == Set(findings),
        "\(name)")
      if try entry["kind"].string == "innocent" { #expect(run.status == .done, "\(name)") }
    }
  }
}
