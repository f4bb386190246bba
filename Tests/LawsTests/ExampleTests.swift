import Foundation
import FairpostTestSupport
import Testing

/// The stories in `Examples/`, as a user would run them.
@Suite(.enabled(if: Program.isBuilt)) struct ExampleTests {
  private func run(_ name: String, _ environment: [String: String] = [:]) throws -> ProgramRun {
    let path = Shared.repository.appendingPathComponent("Examples/\(name).sh").path
    return try Program.run(executable: "/bin/sh", [path], environment: environment)
  }

  @Test func production() throws {
    let story = try run("production")
    #expect(story.status == 0, "\(story.errorText)")
    // An unseen group is bad data; a changed digit fails verification, and is named.
    #expect(story.outputText.contains("# status 65\n"))
    #expect(story.outputText.hasSuffix("# status 1\n"))
    #expect(story.errorText.contains("the group \"?\" was not in the fit"))
    #expect(story.errorText.contains("standard input:9: column \"score.fair\""))
  }

  @Test func twoAttributes() throws {
    let story = try run("two-attributes")
    #expect(story.status == 0, "\(story.errorText)")
    #expect(story.outputText.contains("# status 65\n"))
    #expect(story.outputText.contains("score,score.fair.sex,score.fair,done\n"))
    #expect(story.errorText.contains("groups with fewer than 50 records"))
  }

  @Test func evaluateAndGate() throws {
    let story = try run("evaluate-and-gate")
    #expect(story.status == 0, "\(story.errorText)")
    #expect(story.outputText.contains("the limit is kept\n"))
    #expect(story.errorText.contains("--fail-if 'score.fair:ks > 0.1': met"))
    #expect(story.errorText.contains("drift: met"))
  }

  @Test func tiedScores() throws {
    let story = try run("tied-scores")
    #expect(story.status == 0, "\(story.errorText)")
    let results = story.outputText.split(separator: "\n").filter { $0.contains("has ") }
    #expect(results.count == 3)
    #expect(results[0].hasSuffix("has 1 result(s)") && results[1].hasSuffix("has 1 result(s)"))
    #expect(!results[2].hasSuffix("has 1 result(s)"))
    #expect(story.errorText.contains("tied scores leave a KS distance of"))
  }

  /// The imbalance table on one small case: what it measures is near what theory says.
  @Test func imbalance() throws {
    let story = try run("imbalance", ["SEEDS": "2", "POOLS": "2000", "SHARES": "0.5 0.05"])
    #expect(story.status == 0, "\(story.errorText)")
    let table = Output(story.output)
    #expect(table.rows.count == 2)
    for (after, floor) in zip(table.numbers("ks_after"), table.numbers("ks_floor")) {
      #expect(after < 2 * floor && after > floor / 4)
    }
    #expect(table.numbers("ks_before").allSatisfy { $0 > 0.3 })
    #expect(table.numbers("rms").allSatisfy { $0 < 0.2 })
  }

  /// What the help of yoto says of its task weights: they move the errors far less than training
  /// for them does.
  @Test func yotoKnob() throws {
    let story = try run("yoto-knob")
    #expect(story.status == 0, "\(story.errorText)")
    let changes = story.outputText.split(separator: "\n").dropFirst().map { line in
      Double(line.split(separator: " ").dropLast().last ?? "") ?? .nan
    }
    try #require(changes.count == 4)
    #expect(changes[..<2].allSatisfy { $0 < 0.5 })
    #expect(changes[2...].allSatisfy { $0 > 1.5 })
  }

  /// Every figure of the page on `compare` stands in the tables beside it.
  @Test func comparePageQuotesItsTables() throws {
    let folder = Shared.repository.appendingPathComponent("Examples")
    let page = try String(
      contentsOf: folder.appendingPathComponent("compare.md"), encoding: .utf8)
    let tables = try ["adult", "compas", "compas-tasks", "communities"].map { name in
      try String(
        contentsOf: folder.appendingPathComponent("results/compare/\(name).txt"), encoding: .utf8)
    }.joined()
    let figures = page.matches(of: /-?\d\.\d{4}/).map { String($0.output) }
    #expect(figures.count > 80)
    for figure in figures { #expect(tables.contains(figure), "\(figure)") }
  }
}
