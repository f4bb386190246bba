import Foundation
import FairpostTestSupport
import Testing

/// Another tool's arm: which rows it may learn from can be known, and what cannot be is doubted.
@Suite(.enabled(if: Program.isBuilt)) struct CompareArmLawTests {
  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
  }

  /// `compare --print-split` and `split --as-compare` name the same rows for every seed.
  @Test func theDivisionCanBeMade() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -n 400 > loans.csv
      fairpost compare --print-split --id id --seed 3 --seeds 2 loans.csv > parts.csv
      fairpost split -q --as-compare --id id --seed 3 --column loans.csv > three.csv
      fairpost split -q --as-compare --id id --seed 4 --column loans.csv > four.csv
      """, directory: scratch.url)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    func read(_ name: String) throws -> String {
      try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
    }
    let parts = try read("parts.csv")
    #expect(parts.hasPrefix("id,seed,part\n"))
    let printed = rows(parts)
    #expect(printed.count == 800)
    for (seed, name) in [("3", "three.csv"), ("4", "four.csv")] {
      let divided = rows(try read(name)).map { [$0[0], $0.last ?? ""] }
      #expect(printed.filter { $0[1] == seed }.map { [$0[0], $0[2]] } == divided)
    }
    #expect(Set(printed.map { $0[2] }) == ["train", "calibrate", "test"])
  }

  /// The printed test rows are those that are tested, and an arm that holds the answers is doubted.
  @Test func testedRowsAreThePrintedOnes() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    func shell(_ script: String) throws -> ProgramRun {
      try Program.shell(script, directory: scratch.url)
    }
    let made = try shell(
      """
      fairpost synth loans -n 500 > loans.csv
      fairpost compare -q --print-split --id id --seeds 2 loans.csv > parts.csv
      """)
    #expect(made.status == 0, Comment(rawValue: made.errorText))
    func read(_ name: String) throws -> String {
      try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
    }
    let loans = try read("loans.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let place = try #require(loans[0].firstIndex(of: "repaid"))
    let labels = Dictionary(uniqueKeysWithValues: loans.dropFirst().map { ($0[0], $0[place]) })
    let tested = rows(try read("parts.csv")).filter { $0[2] == "test" }
    func arm(_ name: String, _ lines: [String]) throws {
      _ = try scratch.file(name, lines.map { $0 + "\n" }.joined())
    }
    // The answers, for each seed's test rows only; and scores that know nothing.
    try arm(
      "oracle.csv",
      ["id,seed,repaid.score"] + tested.map { "\($0[0]),\($0[1]),\(labels[$0[0]] ?? "")" })
    try arm(
      "chance.csv",
      ["id,seed,repaid.score"]
        + tested.enumerated().map { "\($1[0]),\($1[1]),0.\($0 * 37 % 90 + 10)" }
    )
    let compare =
      "fairpost compare loans.csv --task repaid --group sex --id id --exclude score,amount "
      + "--methods linear --adjust none --seeds 2 --format table --width 1000 "
    let run = try shell(compare + "--arm oracle=oracle.csv --arm chance=chance.csv")
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let lines = run.outputText.split(separator: "\n")
    let oracle = try #require(lines.first { $0.hasPrefix("oracle") })
    #expect(oracle.contains("DOUBTFUL") && oracle.contains("--print-split"))
    #expect(lines.filter { $0.contains("DOUBTFUL") }.count == 1)
    // One row fewer and the arm is incomplete: no other rows are tested.
    try arm(
      "short.csv",
      ["id,seed,repaid.score"] + tested.dropFirst().map { "\($0[0]),\($0[1]),0.5" })
    let short = try shell(compare + "--arm short=short.csv")
    #expect(short.status == 65)
    #expect(short.outputText.contains("1 of "), Comment(rawValue: short.outputText))
  }

  @Test func theDivisionOfCompareExcludesOthers() throws {
    let run = try Program.run(
      ["split", "--as-compare", "--stratify", "a"], input: Array("a\n1\n".utf8))
    #expect(run.status == 64)
  }
}
