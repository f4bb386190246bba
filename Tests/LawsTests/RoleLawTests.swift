import Foundation
import FairpostTestSupport
import Testing

/// What a command line says of columns is checked against what is in them, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct RoleLawTests {
  /// 200 rows: id, y (0 and 1), p (0 to 1), d (deciles of p), sex; some labels and scores replaced.
  private func rows(labels: [Int: String] = [:], score: (Double) -> Double = { $0 }) -> [UInt8] {
    var lines = ["id,y,p,d,sex"]
    for row in 0..<200 {
      let p = Double((row * 61) % 199) / 199
      let y = (row * 7) % 10 < Int(p * 10) ? 1 : 0
      let sex = row % 3 == 0 ? "F" : "M"
      lines.append(
        "\(row),\(labels[row] ?? String(y)),\(score(p)),\(Int(p * 10) + 1),\(sex)")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func run(_ line: String, _ input: [UInt8]) throws -> ProgramRun {
    try Program.run(line.split(separator: " ").map(String.init), input: input)
  }

  // MARK: Thresholds

  /// Nobody chose .5 for deciles: every row would be decided alike.
  @Test(arguments: [
    "evaluate --task y --score d --group sex",
    "evaluate --task y --score d --group sex --permutations 9",
    "evaluate --task y --score d --group sex --metrics demographic_parity_difference",
    "evaluate --task y:binary --score d --group sex",
    "evaluate --task y --score d --group sex --fail-if demographic_parity_difference>0.1",
    "fit threshold --task y --score d --group sex",
    "fit threshold --task y --score d --group sex --fix F=5 --grid 0.1",
    "adjust threshold --task y --score d --group sex",
    "reweigh --errors --task y --score d --group sex",
  ])
  func theDefaultThresholdIsForProbabilities(_ line: String) throws {
    let outcome = try run(line, rows())
    #expect(outcome.status == 65, "\(line): \(outcome.status) \(outcome.errorText)")
    #expect(
      outcome.errorText.contains("column \"d\": the scores lie between 1 and 10"),
      "\(line): \(outcome.errorText)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    "evaluate --task y --score d --group sex --metrics ks,auc",
    "evaluate --task y --score d --group sex --metrics ks,auc --permutations 9",
    "evaluate --task y --score d --group sex --threshold 5",
    "evaluate --task y --score d --group sex --at-rate 0.3",
    "evaluate --task y:regression --score d --group sex", "evaluate --score d --group sex",
    "fit threshold --task y --score d --group sex --fix F=5", "fit --score d --group sex",
  ])
  func whatNeedsNoDefaultWorks(_ line: String) throws {
    let outcome = try run(line, rows())
    #expect(outcome.status == 0, "\(line): \(outcome.status) \(outcome.errorText)")
  }

  @Test func anOutsideModelOfDecilesIsRefused() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.file("other.csv", rows())
    let outcome = try run(
      "compare --task y --group sex --id id --exclude d --methods linear --seeds 1 --arm o=\(file.path) --score d",
      rows())
    #expect(outcome.status == 65, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("column \"d\": the scores lie between 1 and 10"))
  }

  /// All decisions 0: a difference of 0 proves nothing.
  @Test(arguments: [
    "demographic_parity_difference > 0.5", "demographic_parity_ratio < 0.5", "accuracy < 0.1",
    "selection_rate > 0.9",
  ])
  func decisionsThatAreAllAlikeDecideNoGate(_ gate: String) throws {
    for extra in [[], ["--permutations", "9"]] {
      let outcome = try Program.run(
        ["evaluate", "--task", "y", "--score", "p", "--group", "sex", "--fail-if", gate] + extra,
        input: rows(score: { $0 / 3 }))
      #expect(outcome.status == 2, "\(gate): \(outcome.status) \(outcome.errorText)")
      #expect(outcome.outputText.contains("decisions-alike"))
    }
  }

  // MARK: Labels

  /// Three strays among 200 labels are counted, wherever types are found.
  @Test(arguments: [
    "evaluate --task y --score p --group sex",
    "evaluate --task y --score p --group sex --permutations 9",
    "fit threshold --task y --score p --group sex",
    "train linear --task y --exclude id",
    "compare --task y --group sex --exclude id --methods linear --seeds 1",
    "reweigh --task y --group sex",
  ])
  func straysAmongZerosAndOnesAreCounted(_ line: String) throws {
    let outcome = try run(line, rows(labels: [40: "2", 90: "-1", 91: ".5"]))
    #expect(outcome.status == 65, "\(line): \(outcome.status) \(outcome.errorText)")
    #expect(
      outcome.errorText.contains("3 of 200 labels are neither 0 nor 1: 2, -1, 0.5"),
      "\(line): \(outcome.errorText)")
    if !line.hasPrefix("reweigh") {
      #expect(outcome.errorText.contains(":42: column \"y\""), "\(line): \(outcome.errorText)")
    }
    #expect(outcome.output.isEmpty)
  }

  /// Counts are numbers, and what was found is said before anything else.
  @Test func countsAreNumbers() throws {
    var labels: [Int: String] = [:]
    for row in 0..<200 { labels[row] = String(row * 13 % 11) }
    let outcome = try run("evaluate --task y --score p --group sex", rows(labels: labels))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let first = outcome.errorText.split(separator: "\n").first ?? ""
    #expect(first == "fairpost evaluate: task y (numbers) by p; groups of sex")
    let binary = try run("evaluate --task y --score p --group sex --protected sex=F", rows())
    let line = binary.errorText.split(separator: "\n").first ?? ""
    #expect(
      line == "fairpost evaluate: task y (binary: 0 and 1) by p; groups of sex; protected sex=F")
  }

  @Test(arguments: ["", " --permutations 9"])
  func exchangedColumnsAreNoticed(_ extra: String) throws {
    let outcome = try run("evaluate --task p --score y --group sex" + extra, rows())
    #expect(outcome.status == 65, "\(outcome.status) \(outcome.errorText)")
    #expect(outcome.errorText.contains("are they exchanged?"))
    let meant = try run("evaluate --task p:regression --score y --group sex" + extra, rows())
    #expect(meant.status == 0, "\(meant.errorText)")
  }

  // MARK: Columns

  @Test(arguments: [
    "evaluate --task y --score p --group sex --protected sex=F --protected sex=M",
    "massage --task y --score p --group sex --protected sex=F --protected sex=M",
    "resample oversample --task y --group sex --protected sex=F --protected sex=M",
    "train linear --task y --group sex --protected sex=F --protected sex=M --exclude id",
    "evaluate --task y --score p --group sex,sex", "fit --score p --group sex,sex",
    "fit --score p --group sex --group sex", "train linear --task y --group sex,sex",
    "reweigh --task y --group sex,sex", "split --column --stratify sex,sex",
    "split --column --count 2 --per sex,sex", "evaluate --task y --score y --group sex",
    "evaluate --task y --score p --group y", "evaluate --task y --score p --group sex --weight p",
    "evaluate --task y --score p --group sex --id p", "fit --score p --group p",
    "fit --score p --group sex --frequency sex", "train linear --task y --group y",
    "train linear --task y --group sex --weight y", "reweigh --task y --group y",
  ])
  func rolesThatContradictAreRefused(_ line: String) throws {
    let outcome = try run(line, rows())
    #expect(outcome.status == 64, "\(line): \(outcome.status) \(outcome.errorText)")
    #expect(outcome.output.isEmpty)
  }

  /// A figure measured from the protected group's side names it, in every format.
  @Test(arguments: ["csv", "json", "md", "table"]) func directedFiguresNameTheirGroup(
    _ format: String
  ) throws {
    for value in ["F", "M"] {
      let outcome = try run(
        "evaluate -q --task y --score p --group sex --protected sex=\(value) --metrics selection_rate.directed_ratio --format \(format)",
        rows())
      #expect(outcome.status == 0, "\(outcome.errorText)")
      let other = value == "F" ? "M" : "F"
      let texts = ["\"\(value)\"", " \(value) "]
      #expect(texts.contains { outcome.outputText.contains($0) }, "\(outcome.outputText)")
      let others = ["\"\(other)\"", " \(other) "]
      #expect(!others.contains { outcome.outputText.contains($0) }, "\(outcome.outputText)")
    }
  }

  /// A name may hold colons, for scores as for labels.
  @Test func namesWithColonsAreNames() throws {
    let text = String(decoding: rows(), as: UTF8.self)
      .replacingOccurrences(of: "id,y,p,d,sex", with: "id,a:b,a:b.score,d,sex")
    for line in ["adjust --task a:b --group sex", "evaluate --task a:b:binary --group sex"] {
      let outcome = try run(line, Array(text.utf8))
      #expect(outcome.status == 0, "\(line): \(outcome.errorText)")
    }
  }

  @Test func anIDThatOccursTwiceIsNamedByItsLines() throws {
    let text = String(decoding: rows(), as: UTF8.self)
      .replacingOccurrences(of: "\n150,", with: "\n\"1\n50\",")
      .replacingOccurrences(of: "\n180,", with: "\n20,")
    let outcome = try run("fit --score p --group sex --id id", Array(text.utf8))
    #expect(outcome.status == 65)
    // The id of record 150 holds a line break, so that lines are one more behind it.
    #expect(
      outcome.errorText.contains("standard input:183: column \"id\": the record of line 22 has"),
      "\(outcome.errorText)")
  }

  // MARK: Gates

  /// A limit on a figure of a group holds for every group.
  @Test func aGateLooksAtEveryGroup() throws {
    // Scores of F are low: 0 of 67 are selected; of M all.
    var lines = ["y,p,sex"]
    for row in 0..<200 {
      lines.append("\(row % 2),\(row % 4 == 0 ? 0.2 : 0.9),\(row % 4 == 0 ? "F" : "M")")
    }
    let input = Array((lines.joined(separator: "\n") + "\n").utf8)
    func status(_ gate: String) throws -> ProgramRun {
      try Program.run(
        ["evaluate", "--task", "y", "--score", "p", "--group", "sex", "--fail-if", gate],
        input: input)
    }
    let every = try status("selection_rate < 0.4")
    #expect(every.status == 1, "\(every.errorText)")
    #expect(every.errorText.contains("group F"))
    #expect(try status("all:selection_rate < 0.4").status == 0)
    #expect(try status("sex=M:selection_rate < 0.4").status == 0)
    #expect(try status("sex=F:selection_rate < 0.4").status == 1)
    #expect(try status("y/p/sex=F:selection_rate < 0.4").status == 1)
    #expect(try status("sex=X:selection_rate < 0.4").status == 2)
    #expect(try status("sex=F:demographic_parity_difference > 0.4").status == 64)
  }

  @Test(arguments: [
    ("selection_rate.directed_ratio < 0.8", "--protected sex=VALUE"),
    ("consistency < 0.8", "--features"), ("rank_correlation > 0.5", "--continuous"),
  ])
  func aGateThatLacksSomethingSaysWhat(_ gate: String, _ option: String) throws {
    let outcome = try Program.run(
      ["evaluate", "--task", "y", "--score", "p", "--group", "sex", "--fail-if", gate],
      input: rows())
    #expect(outcome.status == 64, "\(gate): \(outcome.status) \(outcome.errorText)")
    #expect(outcome.errorText.contains(option), "\(gate): \(outcome.errorText)")
  }

  @Test(arguments: ["0x1p3", "inf", "nan", "1e999", "", "1 2"])
  func aLimitIsADecimalNumber(_ limit: String) throws {
    let outcome = try Program.run(
      [
        "evaluate", "--task", "y", "--score", "p", "--group", "sex", "--fail-if",
        "demographic_parity_difference > \(limit)",
      ], input: rows())
    #expect(outcome.status == 64, "\(limit): \(outcome.errorText)")
  }
}
