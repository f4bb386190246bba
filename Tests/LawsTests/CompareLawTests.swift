import Foundation
import FairpostTestSupport
import Testing

/// What a comparison promises, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct CompareLawTests {
  /// Loans with ids, in a scratch folder of their own.
  private struct Work {
    let scratch: Scratch
    let folder: URL

    init(_ rows: Int = 900) throws {
      scratch = try Scratch()
      folder = try scratch.folder("compare")
      let loans = try Program.run(["synth", "loans", "-n", "\(rows)"])
      try Data(loans.output).write(to: folder.appendingPathComponent("loans.csv"))
    }

    func run(_ more: String, _ methods: String = "linear,mlp") throws -> ProgramRun {
      let small = methods.contains("mlp") ? "--set mlp.epochs=8 --set mlp.hidden=8" : ""
      return try Program.shell(
        "fairpost compare loans.csv -q --task repaid --group sex --id id --exclude score,amount --methods \(methods) \(small) --adjust none,wasserstein --seeds 2 \(more)",
        directory: folder)
    }

    func bytes(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
  }

  /// A table with long names of arms fits the terminal, whatever it must leave out.
  @Test(arguments: [80, 100, 120, 200]) func theTableFits(_ width: Int) throws {
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 600 > loans.csv
      fairpost compare -q --task repaid --group sex --exclude id,score --methods linear,reweigh+linear \\
        --adjust none,wasserstein --seeds 2 --format table --width \(width) loans.csv
      """)
    #expect(run.status == 0, "\(run.errorText)")
    let lines = run.outputText.split(separator: "\n")
    #expect(lines.count > 12)
    #expect(run.outputText.contains("reweigh+linear/wasserstein"))
    for line in lines { #expect(line.count <= width, "\(line)") }
  }

  @Test func threadsDecideNothing() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let one = try work.run("--threads 1 --format csv --cells one.csv")
    #expect(one.status == 0, "\(one.errorText)")
    for threads in ["2", "3"] {
      let other = try work.run("--threads \(threads) --format csv --cells other.csv")
      #expect(other.output == one.output)
      #expect(try work.bytes("other.csv") == work.bytes("one.csv"))
    }
    // Sweeping keeps what was there: the same arm gives the same figures in another company.
    let more = try work.run(
      "--format csv --sweep 'wasserstein.epsilon=0.5,1'", "linear,mlp,reweigh+linear")
    let plain = Output(one.output)
    let wider = Output(more.output)
    for arm in ["linear", "mlp", "constant", "blind"] {
      #expect(!values(plain, arm).isEmpty && values(plain, arm) == values(wider, arm))
    }
    // Epsilon 1 moves nothing, so only what the model learned from differs from the bare arm.
    #expect(values(wider, "linear/wasserstein(epsilon=1)") != values(plain, "linear/wasserstein"))
  }

  private func values(_ output: Output, _ arm: String) -> [String] {
    zip(output.texts("arm"), output.texts("value")).filter { $0.0 == arm }.map(\.1)
  }

  @Test func killedAndResumedIsUndisturbed() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let whole = try work.run("--format csv")
    let script = """
      fairpost compare loans.csv -q --task repaid --group sex --id id --exclude score,amount --methods linear,mlp --set mlp.epochs=8 --set mlp.hidden=8 --adjust none,wasserstein --seeds 2 --format csv --threads 1 --journal cells > cut.csv &
      running=$!
      while [ "$(ls cells 2>/dev/null | wc -l)" -lt 4 ]; do :; done
      kill -9 $running
      sleep 0.5
      ls cells | wc -l
      """
    let killed = try Program.shell(script, directory: work.folder)
    let finished = try #require(
      Int(killed.outputText.trimmingCharacters(in: .whitespacesAndNewlines)),
      "\(killed.outputText)\(killed.errorText)")
    // Some cells are there, and not all: 6 arms by 2 seeds, and the journal's own file.
    #expect(finished >= 4 && finished < 13)
    #expect(try work.bytes("cut.csv").isEmpty)
    let resumed = try work.run("--format csv --journal cells --resume")
    #expect(resumed.status == 0, "\(resumed.errorText)")
    #expect(resumed.output == whole.output)
    // All is there now: once more costs nothing and gives the same.
    #expect(try work.run("--format csv --journal cells --resume").output == whole.output)
  }

  @Test func anotherComparisonsJournalIsRefused() throws {
    let work = try Work(400)
    defer { work.scratch.remove() }
    #expect(try work.run("--journal cells", "linear").status == 0)
    let again = try work.run("--journal cells", "linear")
    #expect(again.status == 64 && again.errorText.contains("--resume continues with them"))
    let other = try work.run("--journal cells --resume --threshold 0.4", "linear")
    #expect(other.status == 65 && other.errorText.contains("threshold differs"))
    let text = String(decoding: try work.bytes("loans.csv"), as: UTF8.self)
    try work.write("loans.csv", text.replacing(",north,", with: ",south,", maxReplacements: 1))
    let data = try work.run("--journal cells --resume", "linear")
    #expect(data.status == 65 && data.errorText.contains("the data differ"))
    try work.write("loans.csv", text)
    // More methods and seeds may join.
    #expect(try work.run("--journal cells --resume", "linear,mlp").status == 0)
    let cells = try FileManager.default.contentsOfDirectory(
      atPath: work.folder.appendingPathComponent("cells").path)
    let cell = try #require(cells.first { $0 != "journal.json" })
    let changed = String(decoding: try work.bytes("cells/\(cell)"), as: UTF8.self)
      .replacing("0.0", with: "0.1", maxReplacements: 1)
    try work.write("cells/\(cell)", changed)
    let damaged = try work.run("--journal cells --resume", "linear,mlp")
    #expect(damaged.status == 78 && damaged.errorText.contains("its checksum differs"))
    let file = try work.run("--journal loans.csv", "linear")
    #expect(file.status != 0 && file.output.isEmpty)
  }

  @Test func aFailingCellIsARowAndTheRestIsThere() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let run = try Program.shell(
      "fairpost compare loans.csv -q --task repaid --group region --id id --exclude score,amount --methods linear,fair-maml --adjust none,wasserstein --set wasserstein.outside=error --seeds 2 --format csv",
      directory: work.folder)
    #expect(run.status == 65)
    let rows = Output(run.output)
    let flags = zip(rows.texts("arm"), rows.texts("flag"))
    let failed = flags.filter { $0.0 == "linear/wasserstein" }.map(\.1)
    #expect(failed.count == 2)
    #expect(
      failed.allSatisfy { $0.hasPrefix("failed: ") && $0.hasSuffix("outside the fitted range") })
    #expect(!values(rows, "linear").isEmpty)
    #expect(
      flags.contains { $0.0 == "fair-maml" && $0.1.hasPrefix("not applicable: ") })
    #expect(run.errorText.contains("the rest of the table is complete"))
  }

  /// The rows of a comparison that hold for some arm, as texts by column.
  private func rows(_ output: Output, _ holds: [String: String]) -> [[String: String]] {
    let columns = Dictionary(
      uniqueKeysWithValues: (output.header + holds.keys.filter { !output.header.contains($0) })
        .map { ($0, output.texts($0)) })
    return output.rows.indices.compactMap { place in
      guard holds.allSatisfy({ columns[$0.key]?[place] == $0.value }) else { return nil }
      // A text with a comma is quoted, and cut at the comma.
      return columns.mapValues { $0[place].trimmingPrefix("\"").description }
    }
  }

  @Test func anAdjustmentOfOneAttributeIsNotApplicableToTwo() throws {
    let work = try Work(3000)
    defer { work.scratch.remove() }
    let run = try Program.shell(
      "fairpost compare loans.csv -q --task repaid --group sex --group age --bin age=45 --id id --exclude score,amount,region --methods linear --seeds 2 --format csv",
      directory: work.folder)
    #expect(run.status == 0, "\(run.errorText)")
    let output = Output(run.output)
    let threshold = rows(output, ["arm": "linear/threshold"])
    #expect(threshold.count == 1)
    #expect(threshold[0]["flag"]?.hasPrefix("not applicable: takes one attribute") == true)
    #expect(!values(output, "linear/wasserstein").filter { !$0.isEmpty }.isEmpty)
    // So is an option that is for one attribute only.
    let target = try Program.shell(
      "fairpost compare loans.csv -q --task repaid --group sex --group age --bin age=45 --exclude id,score,amount,region --methods linear --adjust none,wasserstein --set wasserstein.target-w2=0.05 --seeds 1 --format csv",
      directory: work.folder)
    #expect(target.status == 0 && target.outputText.contains("takes one attribute, not 2"))
  }

  @Test func anArmWithFailedCellsIsOnNoFront() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let loans = Output(try work.bytes("loans.csv"))
    // Always right, but without predictions of two records: it fails where one of them is tested.
    let perfect = zip(loans.texts("id"), loans.texts("repaid")).map { "\($0),\($1)\n" }
    var isSeen = false
    for left in [10, 200, 350, 500, 650, 800] {
      var some = perfect
      some.remove(at: left)
      try work.write("most.csv", "id,repaid.decision\n" + some.joined())
      let run = try work.run("--format csv --arm most=most.csv", "linear")
      guard run.status == 65 else { continue }
      let output = Output(run.output)
      let accuracy = rows(
        output, ["arm": "most", "metric": "accuracy", "decisions": "own", "group": ""])
      guard accuracy.count == 1 else { continue }
      isSeen = true
      #expect(accuracy[0]["value"] == "1" && accuracy[0]["seeds"] == "1")
      #expect(accuracy[0]["pareto"] == "0")
      #expect(accuracy[0]["flag"]?.hasPrefix("mean over 1 of 2 seeds: ") == true)
      #expect(rows(output, ["arm": "most", "pareto": "1"]).isEmpty)
      // The others stand where they would without it.
      let alone = Output(try work.run("--format csv", "linear").output)
      func front(_ output: Output) -> [String?] {
        rows(output, ["pareto": "1", "metric": "accuracy", "group": ""]).map { $0["arm"] }
      }
      #expect(front(output) == front(alone))
      let table = try work.run("--format table --width 1000 --arm most=most.csv", "linear")
      #expect(
        table.outputText.contains("means over 1 of 2 seeds, so it is left out of the frontier"))
      #expect(table.outputText.contains(", 1 of 2 seeds\n"))
      break
    }
    #expect(isSeen)
  }

  @Test func aRateThatTiedScoresDoNotLeaveIsMarked() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let loans = Output(try work.bytes("loans.csv"))
    let coarse = zip(loans.texts("id"), loans.texts("score")).map {
      "\($0),\((Double($1) ?? 0) < 0.4 ? 0.2 : 0.7)\n"
    }
    try work.write("coarse.csv", "id,repaid.score\n" + coarse.joined())
    let words = "--at-rate 0.37 --arm coarse=coarse.csv --cells cells.csv"
    let run = try work.run("--format csv \(words)", "linear")
    #expect(run.status == 0, "\(run.errorText)")
    let output = Output(run.output)
    for arm in ["constant", "coarse"] {
      let marked = rows(output, ["arm": arm, "decisions": "equal_rate"])
      #expect(!marked.isEmpty && marked.allSatisfy { $0["pareto"] == "0" })
      for row in marked where row["value"] != "" {
        #expect(row["flag"]?.hasPrefix("rate-not-attainable under 2 of 2 seeds: ") == true)
      }
      #expect(
        rows(output, ["arm": arm, "decisions": "own"]).allSatisfy {
          $0["flag"]?.contains("rate-not-attainable") == false
        })
    }
    let fine = rows(output, ["arm": "linear", "decisions": "equal_rate"])
    #expect(fine.allSatisfy { $0["flag"] == "" })
    #expect(fine.contains { $0["pareto"] == "1" })
    let cells = String(decoding: try work.bytes("cells.csv"), as: UTF8.self)
    #expect(cells.contains("rate-not-attainable: tied scores select "))
    let table = try work.run("--format table --width 1000 \(words)", "linear").outputText
    #expect(table.contains("~") && table.contains("where ties do not allow it (~)"))
    // The marks outlive a journal.
    #expect(try work.run("--format csv \(words) --journal cells", "linear").output == run.output)
    let resumed = try work.run("--format csv \(words) --journal cells --resume", "linear")
    #expect(resumed.output == run.output)
  }

  @Test func reasonsNameTheOptionsThatCompareHas() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let text = String(decoding: try work.bytes("loans.csv"), as: UTF8.self)
    try work.write("loans.csv", text.replacing(",north,", with: ",,", maxReplacements: 40))
    for (words, told) in [
      ("", "choose --set wasserstein.missing-group=own, pool, pass or drop"),
      (
        "--group sex --set wasserstein.missing-group=pool --set wasserstein.min-group=200",
        "lower wasserstein.min-group, or choose --set wasserstein.small-cell=pool or marginal"
      ),
      (
        "--set wasserstein.missing-group=pool --set wasserstein.range=0.4,0.5",
        "lie outside wasserstein.range"
      ),
    ] {
      let run = try Program.shell(
        "fairpost compare loans.csv -q --task repaid --group region \(words) --id id --exclude score,amount --methods linear --adjust none,wasserstein --seeds 1 --format csv",
        directory: work.folder)
      #expect(run.status == 65)
      #expect(run.outputText.contains(told), "\(run.outputText.suffix(400))")
      #expect(!run.outputText.contains("--missing-group"))
      #expect(!run.outputText.contains("--min-group"))
    }
    // What the text names can be done.
    let done = try Program.shell(
      "fairpost compare loans.csv -q --task repaid --group region --set wasserstein.missing-group=pool --set wasserstein.unseen=pool --set wasserstein.allow-singletons=yes --id id --exclude score,amount --methods linear --adjust none,wasserstein --seeds 1 --format csv",
      directory: work.folder)
    #expect(done.status == 0, "\(done.errorText)")
  }

  @Test func anAdjustmentLeavesUnsuitableTasksAlone() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let words =
      "-q --task repaid --group sex --id id --exclude score --methods linear --adjust none,threshold --seeds 2 --format csv"
    let both = try Program.shell(
      "fairpost compare loans.csv \(words) --task amount", directory: work.folder)
    #expect(both.status == 0, "\(both.errorText)")
    let output = Output(both.output)
    let binary = rows(
      output,
      [
        "arm": "linear/threshold", "task": "repaid", "metric": "accuracy", "decisions": "own",
        "group": "",
      ])
    #expect(binary.count == 1 && binary[0]["seeds"] == "2" && binary[0]["value"] != "")
    for task in ["amount", ""] {
      let other = rows(output, ["arm": "linear/threshold", "task": task])
      #expect(!other.isEmpty)
      #expect(
        other.allSatisfy {
          $0["value"] == "" && $0["flag"]?.hasPrefix("not applicable: decides binary tasks") == true
        })
    }
    // The binary task's figures have company, and stay what they are without it.
    let alone = Output(
      try Program.shell("fairpost compare loans.csv \(words)", directory: work.folder).output)
    #expect(!rows(alone, ["arm": "linear/threshold", "metric": "accuracy"]).isEmpty)
  }

  @Test func anotherToolsPredictionsAreMatchedByID() throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let loans = Output(try work.bytes("loans.csv"))
    let ids = loans.texts("id")
    let labels = loans.texts("repaid")
    // Decisions that are always right, and decisions by sex alone, in another order.
    let perfect = zip(ids, labels).map { "\($0),\($1)\n" }.reversed()
    try work.write("perfect.csv", "id,repaid.decision\n" + perfect.joined())
    let sex = zip(ids, loans.texts("sex")).map { "\($0),\($1 == "F" ? 1 : 0),0.5\n" }
    try work.write("sex.csv", "id,repaid.decision,p\n" + sex.joined())
    let run = try work.run(
      "--format csv --arm perfect=perfect.csv --arm sex=sex.csv", "linear")
    #expect(run.status == 0, "\(run.errorText)")
    let output = Output(run.output)
    func value(_ arm: String, _ metric: String) -> String? {
      output.rows.indices.first {
        output.texts("arm")[$0] == arm && output.texts("metric")[$0] == metric
          && output.texts("decisions")[$0] == "own" && output.texts("group")[$0].isEmpty
      }.map { output.texts("value")[$0] }
    }
    #expect(value("perfect", "accuracy") == "1")
    #expect(value("perfect", "equalized_odds.difference") == "0")
    #expect(value("sex", "demographic_parity_difference") == "1")

    let short = zip(ids, labels).dropFirst(300).map { "\($0),\($1)\n" }
    try work.write("short.csv", "id,repaid.decision\n" + short.joined())
    let missing = try work.run("--format csv --arm short=short.csv", "linear")
    #expect(missing.status == 65 && missing.outputText.contains("test rows have no prediction"))
    #expect(missing.outputText.contains("linear/wasserstein"))
    try work.write("twice.csv", "id,repaid.decision\n\(ids[3]),1\n\(ids[4]),0\n\(ids[3]),1\n")
    let twice = try work.run("--arm twice=twice.csv", "linear")
    #expect(twice.status == 65 && twice.output.isEmpty)
    #expect(
      twice.errorText.contains("twice.csv:4: column \"id\": the record of line 2 has the same id"))
    try work.write("none.csv", "id,score\n\(ids[3]),1\n")
    let none = try work.run("--arm none=none.csv", "linear")
    #expect(none.status == 65 && none.errorText.contains("no column \"repaid.score\""))
    #expect(try work.run("--arm none=absent.csv", "linear").status == 66)
  }

  @Test func wrongNamesNameTheNearest() throws {
    let work = try Work(100)
    defer { work.scratch.remove() }
    for (words, methods, told) in [
      ("", "linear,faalgrid", "did you mean \"faalgrad\"?"),
      ("", "reweight+linear", "did you mean \"reweigh\"?"),
      ("--sweep wassertein.epsilon=1", "linear", "did you mean \"wasserstein\"?"),
      ("--sweep wasserstein.epsilo=1", "linear", "epsilon"),
      ("--fairness demographic_parity_diference", "linear", "demographic_parity_difference"),
      ("--set mlp.rate=x", "mlp", "--set mlp.rate must be a number"),
    ] {
      let words = words.isEmpty ? "" : words
      let run = try Program.shell(
        "fairpost compare loans.csv --task repaid --group sex --methods \(methods) \(words)",
        directory: work.folder)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.errorText.contains(told), "\(run.errorText)")
    }
  }

  @Test func theConfigurationIsAFile() throws {
    let work = try Work(400)
    defer { work.scratch.remove() }
    let direct = try work.run("--format csv", "linear")
    let printed = try work.run("--format csv --print-config", "linear")
    #expect(printed.status == 0)
    try work.write("exp.json", printed.outputText)
    let configured = try Program.shell(
      "fairpost compare --config exp.json", directory: work.folder)
    #expect(configured.output == direct.output)
    // The command line wins.
    let other = try Program.shell(
      "fairpost compare --config exp.json --seeds 1", directory: work.folder)
    #expect(other.status == 0 && other.output != direct.output)
    try work.write("bad.json", "{\"methode\": \"linear\"}")
    let bad = try Program.shell("fairpost compare --config bad.json", directory: work.folder)
    #expect(bad.status == 64 && bad.errorText.contains("did you mean \"methods\"?"))
  }
}
