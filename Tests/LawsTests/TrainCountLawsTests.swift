import Foundation
import FairpostTestSupport
import Testing

/// What training learns from and says of it: weights, labels, tasks, ranges; through the program.
@Suite(.enabled(if: Program.isBuilt)) final class TrainCountLawsTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  deinit { scratch.remove() }

  private func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }

  /// The named file's rows: a feature, a category, a label, a group, a weight from 0 to 3.
  private func sample(repeating isRepeated: Bool = false) throws -> String {
    var lines = ["a,c,y,g,w"]
    for row in 0..<72 {
      let category = row % 4 == 0 ? "" : "\("pqrs".dropFirst(row % 7 % 4).prefix(1))"
      let number = row % 12 == 4 ? "" : "\(row * 7 % 11)"
      let group = "xyz".dropFirst(row % 3).prefix(1)
      let line = "\(number),\(category),\(row * 5 % 9 % 2),\(group),\(row % 4)"
      lines += Array(repeating: line, count: isRepeated ? row % 4 : 1)
    }
    return try scratch.file(
      isRepeated ? "repeated.csv" : "in.csv", lines.joined(separator: "\n") + "\n"
    )
    .path
  }

  private func train(_ arguments: [String], _ file: String) throws -> ProgramRun {
    try Program.run(["train"] + arguments + ["-o", path("m"), file])
  }

  private func scores(_ file: String) throws -> [Double] {
    let run = try Program.run(["predict", "-q", "-m", path("m"), file])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    return run.outputText.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: ",").last.flatMap { Double($0) }
    }
  }

  /// A value of a model file's own options.
  private func stored(_ name: String) throws -> String? {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: path("m"))))
    let model = (json as? [String: Any])?["model"] as? [String: Any]
    return (model?["options"] as? [String: String])?[name]
  }

  // MARK: Weights

  /// Rows with a frequency are so many rows: in standardisation, the commonest categories, the loss.
  @Test(arguments: [
    ["linear", "--levels", "2"],
    ["mlp", "--full-batch", "--epochs", "5", "--hidden", "3", "--levels", "3"],
    [
      "faalgrad", "--protected", "g=x", "--align", "0.5", "--full-batch", "--epochs", "5",
      "--hidden",
      "3",
    ],
  ]) func frequenciesAreRepeatedRows(_ method: [String]) throws {
    let file = try sample()
    let plain = method + ["--task", "y", "--exclude", "g", "--validation-share", "0"]
    let run = try train(plain + ["--frequency", "w"], file)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(run.errorText.contains("learned from 108 rows and"))
    #expect(run.errorText.contains("rows of weight 0, left out: 18"))
    let found = try scores(file)
    let again = try train(plain + ["--exclude", "w"], sample(repeating: true))
    #expect(again.errorText.contains("learned from 108 rows and"))
    let expected = try scores(file)
    #expect(found.count == 72 && largestDifference(found, expected) < 1e-9)
  }

  /// However large the minibatches, the loss of faalgrad --align stands for all rows: features that
  /// say nothing leave the rate of all labels, not the mean of the groups' rates.
  @Test func minibatchesOfAlignedGradients() throws {
    let rows = (0..<400).map { row in
      let isProtected = row % 10 == 0
      return "\(row * 7 % 5),\(isProtected ? "p" : "q"),\(isProtected || row % 10 == 1 ? 1 : 0)"
    }
    let file = try scratch.file("rates.csv", (["a,g,y"] + rows).joined(separator: "\n") + "\n").path
    let run = try train(
      [
        "faalgrad", "--task", "y", "--protected", "g=p", "--align", "0", "--batch", "20",
        "--epochs",
        "40", "--hidden", "2", "--outer-rate", "0.01",
      ], file)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let found = try scores(file)
    #expect(abs(found.reduce(0, +) / Double(found.count) - 0.2) < 0.05)
  }

  // MARK: Labels

  /// Labels a model has not learned are bad values, wherever it meets them.
  @Test(arguments: [("yes", "no"), ("1", "0")]) func labelsNotKnown(_ yes: String, _ no: String)
    throws
  {
    func rows(_ labels: [String]) -> String {
      "a,y\n" + labels.enumerated().map { "\($0),\($1)\n" }.joined()
    }
    let task = "y:binary=\(yes)"
    let file = try scratch.file("known.csv", rows([yes, no, yes, no, no])).path
    let stray = try scratch.file("stray.csv", rows([yes, no, "ja", ""])).path
    let refused = try train(["linear", "--task", task, "--validation", stray], file)
    #expect(refused.status == 65 && refused.errorText.contains("stray.csv:4: column \"y\""))
    #expect(try train(["linear", "--task", task], file).status == 0)
    let adapted = try Program.run(["adapt", "-m", path("m"), "-o", path("n"), stray])
    #expect(adapted.status == 65 && adapted.errorText.contains("stray.csv:4: column \"y\""))
    #expect(adapted.errorText.contains("\"ja\""))
    let skipped = try Program.run(
      ["adapt", "-m", path("m"), "-o", path("n"), "--on-bad-row", "skip", stray])
    #expect(skipped.status == 0 && skipped.errorText.contains("1 bad, skipped"))
  }

  // MARK: Meta-learning

  private func tasks() throws -> String {
    let made = try Program.run(
      ["synth", "fair-maml", "--tasks", "10", "--rows-per-task", "30", "-o", path("tasks.csv")])
    #expect(made.status == 0)
    return path("tasks.csv")
  }

  private let meta = [
    "--task", "label", "--task-column", "task", "--exclude", "part", "--protected", "protected=1",
    "--rows", "part=train", "--iterations", "40", "--hidden", "4",
  ]

  /// The weight that was learned is the model's, and what adapts the model uses it.
  @Test(arguments: ["auto", "1"]) func learnedGammaIsKept(_ gamma: String) throws {
    let file = try tasks()
    let run = try train(
      ["fair-maml", "--gamma", gamma, "--tolerance", "0.3", "--log", path("log.csv")] + meta, file)
    #expect(run.status == 0 && run.errorText.contains("gamma as learned: "))
    let log = try PlainCSV(path: path("log.csv"))
    let (last, figure) = (log.numbers("gamma")[39], log.numbers("regulariser")[39])
    let learned = try #require(stored("gamma").flatMap { Double($0) })
    #expect(learned > 0 && abs(learned - max(0, last + 0.01 * (figure - 0.3))) < 1e-12)
    let own = try Program.run(["adapt", "-q", "-m", path("m"), file])
    let told = try Program.run(["adapt", "-q", "-m", path("m"), "--gamma", "\(learned)", file])
    #expect(own.status == 0 && own.output == told.output)
    let none = try Program.run(["adapt", "-q", "-m", path("m"), "--gamma", "0", file])
    #expect(own.output != none.output)
  }

  /// Tasks too small to learn from are counted.
  @Test(arguments: ["fair-maml", "pretrained"]) func smallTasksAreCounted(_ method: String) throws {
    let file = try tasks()
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let header = text.prefix { $0 != "\n" }.split(separator: ",").map(String.init)
    let column = try #require(header.firstIndex(of: "task"))
    let lines = text.split(separator: "\n").map { line -> String in
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if fields[column] == "t1" { fields[column] = "t2" }
      return fields.joined(separator: ",")
    }
    let other = try scratch.file("other.csv", lines.joined(separator: "\n") + "\n").path
    let run = try train([method, "--min-task-rows", "31"] + meta, other)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(run.errorText.contains("tasks learned from: 1\n"))
    #expect(run.errorText.contains("tasks left out for having fewer than 31 rows: 8\n"))
  }

  /// Where no epoch is chosen, rows to choose it by are refused.
  @Test(arguments: ["fair-maml", "pretrained"]) func nothingToValidate(_ method: String) throws {
    let file = try tasks()
    for option in [["--validation", file], ["--validation-share", "0.2"]] {
      let run = try train([method] + option + meta, file)
      #expect(run.status == 64 && run.errorText.contains("so it cannot use --"))
    }
  }

  @Test func helpOfTheBaselinePromisesNothing() throws {
    let help = try Program.run(["train", "pretrained", "--help"]).outputText
    #expect(help.contains("--gamma X  ") && !help.contains("auto learns"))
  }

  // MARK: Ranges

  /// Large finite numbers are learned from and predicted for.
  @Test(arguments: ["1e160", "1.7e308"]) func largeNumbers(_ size: String) throws {
    let file = try scratch.file("large.csv", "x,y\n\(size),0\n-\(size),1\n3,1\n4,0\n").path
    for method in [["mlp", "--hidden", "2", "--epochs", "1"], ["linear"]] {
      let run = try train(method + ["--task", "y"], file)
      #expect(run.status == 0, Comment(rawValue: run.errorText))
      #expect(try scores(file).count == 4)
    }
  }

  @Test func rangesOfTaskWeights() throws {
    let file = try sample()
    let yoto = [
      "yoto", "--task", "y", "--task", "a:regression", "--exclude", "g,w", "--epochs", "1",
      "--hidden", "2",
    ]
    for bad in [
      ["--weight-from", "5", "--weight-to", "1"], ["--weight-from", "1,2,3"],
      ["--weight-from", "1,7"], ["--weight-to", "1,0.1"],
    ] {
      let run = try train(yoto + bad, file)
      #expect(run.status == 64, Comment(rawValue: run.errorText))
    }
    #expect(try train(yoto + ["--weight-from", "1,0.5", "--weight-to", "2"], file).status == 0)
    let inside = try Program.run(["predict", "-m", path("m"), "--task-weights", "1,0.5", file])
    #expect(inside.status == 0 && !inside.errorText.contains("outside"))
    let outside = try Program.run(["predict", "-m", path("m"), "--task-weights", "1,9", file])
    #expect(outside.status == 0)
    #expect(
      outside.errorText.contains(
        "the weight 9 of task a is outside the range the model learned, 0.5 to 2"))
  }

  /// With rotating groups every message says which group it is about.
  @Test func rotatingGroupsAreNamed() throws {
    let file = try sample()
    let method = [
      "faalgrad", "--task", "y", "--group", "g", "--exclude", "w", "--epochs", "2", "--hidden", "2",
    ]
    let run = try train(method + ["--support", "config2"], file)
    for group in ["x", "y", "z"] {
      #expect(run.errorText.contains("favourable label of \(group): "))
    }
    let large = try train(method + ["--support", "share:0.5"], file)
    #expect(large.status == 64 && large.errorText.contains("rows of the group x; the largest"))
    let swap = try train(method + ["--support", "swap:0.9"], file)
    #expect(swap.status == 64 && swap.errorText.contains("rows outside the group x; the largest"))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let one = try scratch.file("one.csv", text.replacingOccurrences(of: ",1,y,", with: ",0,y,"))
      .path
    let empty = try train(method + ["--support", "config2"], one)
    #expect(empty.status == 65)
    #expect(empty.errorText.contains("no training row of the group y has the label 1"))
  }
}
