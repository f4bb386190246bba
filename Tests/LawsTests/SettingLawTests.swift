import Foundation
import FairpostTestSupport
import Testing

/// The settings of an adjustment are read once, before any data, and everything follows from them.
@Suite(.enabled(if: Program.isBuilt)) struct SettingLawTests {
  private let scratch: Scratch
  private let folder: URL

  init() throws {
    scratch = try Scratch()
    folder = try scratch.folder("work")
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  private func run(_ words: String, _ input: [UInt8] = []) throws -> ProgramRun {
    try Program.shell("fairpost \(words)", input: input, directory: folder)
  }

  /// A sample whose record number 3 (line 4) has a bad score, or no id.
  private func sample(_ line: String) -> [UInt8] {
    var lines = String(decoding: AdjustSample([300, 120], seed: 3).csv(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    lines.insert(line, at: 3)
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Two attributes with one epsilon for both, or one for each.
  static let epsilons = ["0.2", "0.2,0.5", "0,0", "1,0"]

  @Test(arguments: epsilons) func badRowsAreBadUnderEveryNumberOfEpsilons(_ epsilon: String) throws
  {
    defer { scratch.remove() }
    let plain = "--score p --group group --group region --min-group 1 --epsilon \(epsilon)"
    for (line, words, told) in [
      ("9999,a,north,7.5,7", "--range=-5,5", "the score 7.5 lies outside --range -5,5"),
      ("9999,,north,0.5,0", "", "the group is missing (see --missing-group)"),
      (",a,north,0.5,0", "--ties random --id id", "the record's id is missing"),
      (",a,north,0.5,0", "--jitter 0.01 --id id", "the record's id is missing"),
    ] {
      // Scores of the sample outside the range are bad rows too; the first one ends the run.
      let input = sample(line)
      let failing = try run("adjust -q \(plain) \(words)", input)
      #expect(failing.status == 65)
      #expect(
        failing.errorText.hasPrefix("fairpost adjust: standard input:4: column "),
        "\(failing.errorText)")
      #expect(failing.errorText.contains(told), "\(failing.errorText)")
      let skipping = try run("adjust \(plain) \(words) --on-bad-row skip", input)
      #expect(skipping.status == 0, "\(skipping.errorText)")
      #expect(skipping.errorText.contains("skipped"))
      // What lies outside the range takes no part in the fit, and is held at the end by the map.
      if !words.hasPrefix("--range") {
        #expect(!Output(skipping.output).texts("id").contains("9999"))
      }
      #expect(!Output(skipping.output).texts("id").contains(""))
    }
  }

  @Test func aWrongNumberOfEpsilonsIsRefusedBeforeDataIsRead() throws {
    defer { scratch.remove() }
    // The file has a bad first row, which is never reached.
    let input = Array("id,group,region,p\n1,a,north,x\n".utf8)
    for command in ["fit", "adjust"] {
      let run = try run("\(command) --score p --group group --epsilon 0.2,0.5", input)
      #expect(run.status == 64)
      #expect(run.errorText.contains("--epsilon has 2 values for 1 attribute(s)"))
    }
    try write("loans.csv", try self.run("synth loans -n 300").output)
    let compare = try run(
      "compare loans.csv --task repaid --group sex --methods linear --set wasserstein.epsilon=0.2,0.5"
    )
    #expect(compare.status == 64 && compare.output.isEmpty)
    #expect(
      compare.errorText.contains("--set wasserstein.epsilon has 2 values for 1 attribute(s)"))
  }

  @Test func compareReadsTheWeightsOfGroups() throws {
    defer { scratch.remove() }
    try write("loans.csv", try run("synth loans -n 900").output)
    try write("equal.csv", Array("sex,weight\nM,5\nF,5\n".utf8))
    try write("lone.csv", Array("sex,weight\nM,5\n".utf8))
    func compare(_ words: String) throws -> ProgramRun {
      try run(
        "compare loans.csv -q --task repaid --group sex --exclude id,score,amount --methods linear --adjust wasserstein --seeds 1 --format csv \(words)"
      )
    }
    /// The figures of the adjusted arm, without what its settings are called.
    func figures(_ run: ProgramRun) -> [[String]] {
      let output = Output(run.output)
      let place = output.header.firstIndex(of: "settings") ?? 0
      return output.rows.filter { $0[1] == "linear/wasserstein" }.map { row in
        row.indices.filter { $0 != place }.map { row[$0] }
      }
    }
    let shares = try compare("")
    let equal = try compare("--set wasserstein.group-weights=equal")
    let file = try compare("--set wasserstein.group-weights-file=equal.csv")
    #expect(shares.status == 0 && equal.status == 0 && file.status == 0, "\(file.errorText)")
    #expect(!figures(file).isEmpty && figures(file) == figures(equal))
    #expect(figures(file) != figures(shares))
    let absent = try compare("--set wasserstein.group-weights-file=absent.csv")
    #expect(absent.status == 66 && absent.output.isEmpty)
    #expect(
      absent.errorText.contains("--set wasserstein.group-weights-file=absent.csv: "),
      "\(absent.errorText)")
    let lone = try compare("--set wasserstein.group-weights-file=lone.csv")
    #expect(lone.status == 65)
    #expect(lone.outputText.contains("wasserstein.group-weights-file has no weight for group F"))
    // A journal knows what the file held.
    let first = try compare("--set wasserstein.group-weights-file=equal.csv --journal cells")
    try write("equal.csv", Array("sex,weight\nM,5\nF,1\n".utf8))
    let second = try compare(
      "--set wasserstein.group-weights-file=equal.csv --journal cells --resume")
    #expect(figures(first) == figures(equal) && figures(second) != figures(equal))
  }

  @Test func whatIsDrawnByTheRecordNeedsItsID() throws {
    defer { scratch.remove() }
    let lines = try run("synth loans -n 200").outputText.split(separator: "\n").map(String.init)
    for (id, told) in [("", "the record's id is missing"), ("L0000002", "the same id")] {
      var changed = lines
      changed[8] = id + changed[8].dropFirst(8)
      try write("loans.csv", Array((changed.joined(separator: "\n") + "\n").utf8))
      for words in ["ties=random", "jitter=0.01", "estimator=split"] {
        let compare = try run(
          "compare loans.csv -q --task repaid --group sex --id id --exclude score,amount --methods linear --adjust wasserstein --set wasserstein.\(words) --seeds 1"
        )
        let adjust = try run(
          "adjust -q loans.csv --score score --group sex --id id --epsilon 0 --\(words)")
        for run in [compare, adjust] {
          #expect(run.status == 65 && run.output.isEmpty)
          #expect(run.errorText.contains(told), "\(run.errorText)")
        }
      }
    }
  }

  @Test func columnsThatExistAreFoundBeforeTheFit() throws {
    defer { scratch.remove() }
    let input = AdjustSample([200, 100], seed: 5).csv { 1 / (1 + exp(-$0)) }
    try write("fair.csv", try run("adjust -q --score p --group group", input).output)
    // A threshold writes p.decision, not p.fair.
    let decided = try run("adjust threshold -q --score p --group group fair.csv")
    #expect(decided.status == 0, "\(decided.errorText)")
    #expect(decided.outputText.hasPrefix("id,group,region,p,grade,p.fair,p.decision\n"))
    // What is really there is found before anything is fitted: the sample has bad rows.
    try write("bad.csv", Array("group,region,p,p.fair,p.decision,note\na,n,x,0,0,0\n".utf8))
    for (words, column) in [
      ("wasserstein --group group", "p.fair"), ("threshold --group group", "p.decision"),
      ("wasserstein --overwrite --group group --flag p.fair", "p.fair"),
      ("threshold --overwrite --group group --flag p.decision", "p.decision"),
    ] {
      for more in ["", "--calibrate bad.csv"] {
        let run = try run("adjust \(words) --score p \(more) bad.csv")
        #expect(run.status == 65 || run.status == 64)
        #expect(
          run.errorText.contains("there is already a column \"\(column)\"")
            || run.errorText.contains("two of the new columns would be called \"\(column)\""),
          "\(run.errorText)")
      }
    }
    let steps = try run(
      "adjust --steps --score p --group group --group region",
      Array("group,region,p,p.fair.group\na,n,x,1\n".utf8))
    #expect(steps.status == 65 && steps.errorText.contains("\"p.fair.group\""))
  }

  @Test func aTaskMayHoldAColon() throws {
    defer { scratch.remove() }
    let text = String(decoding: AdjustSample([200, 100], seed: 6).csv(), as: UTF8.self)
    let plain = Array(text.replacing(",p,", with: ",y.score,").utf8)
    let colon = Array(text.replacing(",p,", with: ",a:b.score,").utf8)
    let expected = Output(try run("adjust -q --task y --group group", plain).output)
    for task in ["a:b", "a:b:regression"] {
      let found = try run("adjust -q --task \(task) --group group", colon)
      #expect(found.status == 0, "\(found.errorText)")
      #expect(Output(found.output).texts("a:b.fair") == expected.texts("y.fair"))
    }
    #expect(
      try run("adjust -q --task y:regression --group group", plain).output
        == run("adjust -q --task y --group group", plain).output)
  }

  @Test func aWordTooManyBlamesTheWordThatIsNoMethod() throws {
    defer { scratch.remove() }
    try write("x.csv", AdjustSample([60, 60], seed: 7).csv())
    for command in ["fit", "adjust"] {
      let run = try run("\(command) bogus x.csv --score p --group group")
      #expect(run.status == 64)
      #expect(run.errorText.contains("\"bogus\" is neither a method of \(command) nor a file"))
      #expect(run.errorText.contains("the methods are wasserstein, threshold"))
    }
  }

  @Test func aWeightOfNothingIsTheSameHoweverItIsWritten() throws {
    defer { scratch.remove() }
    try write("loans.csv", try run("synth loans -n 400").output)
    let plain =
      "loans.csv -q --task repaid --task-column region --exclude id,score,amount --hidden 4 --iterations 3"
    for method in ["fair-maml", "pretrained"] {
      let zero = try run("train \(method) \(plain) --gamma 0")
      #expect(zero.status == 0, "\(zero.errorText)")
      for text in ["0.0", "0e5", "-0", "+0"] {
        let other = try run("train \(method) \(plain) --gamma=\(text)")
        #expect(other.output == zero.output, "\(text): \(other.errorText)")
      }
    }
  }

  @Test func valuesThatMeanNothingAreRefused() throws {
    defer { scratch.remove() }
    for (words, told) in [
      (
        "synth gaussians --means 0,1 --deviations 1,1 --sizes 1.5,3",
        "--sizes must be whole numbers"
      ),
      ("train mlp --task p --hidden 1.5", "--hidden must be whole numbers"),
      ("train mlp --task p --task-weight p=1 --task-weight p=2", "--task-weight p is given twice"),
      ("predict -m x --flag ''", "--flag must be a name, not empty"),
      ("adjust --score p --group group --flag ''", "--flag must be a name, not empty"),
    ] {
      let run = try run(words, Array("group,p\na,1\n".utf8))
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.errorText.contains(told), "\(run.errorText)")
    }
  }
}
