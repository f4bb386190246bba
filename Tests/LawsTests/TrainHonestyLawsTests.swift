import Foundation
import FairpostTestSupport
import Testing

/// Training does not learn from the answer, nor by heart, nor from other rows than it says; through
/// the program.
@Suite(.enabled(if: Program.isBuilt)) final class TrainHonestyLawsTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  deinit { scratch.remove() }

  private func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }

  private func file(_ name: String, _ header: String, _ rows: [String]) throws -> String {
    try scratch.file(name, ([header] + rows).joined(separator: "\n") + "\n").path
  }

  private func train(_ arguments: [String], _ file: String, as model: String = "m") throws
    -> ProgramRun
  {
    try Program.run(["train"] + arguments + ["-o", path(model), file])
  }

  private func features(_ model: String = "m") throws -> [String] {
    let text = try Program.run(["inspect", path(model)]).outputText
    let columns = text.components(separatedBy: "\ncolumns:\n").last?
      .components(separatedBy: "\n\n").first
    return (columns ?? "").split(separator: "\n").compactMap { line in
      line.split(separator: ":").first.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  private func scores(_ model: String, _ file: String) throws -> [Double] {
    let run = try Program.run(["predict", "-q", "-m", path(model), file])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    return run.outputText.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: ",").last.flatMap { Double($0) }
    }
  }

  /// A fraction that looks random, from a row's number.
  private func draw(_ row: Int, _ salt: Int) -> Double {
    var state = UInt64(row) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(salt) &* 0xD1B5_4A32_D192_ED03
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((state ^ (state >> 31)) >> 11) * 0x1p-53
  }

  // MARK: The answer among the features

  /// What fairpost wrote, and the label a label was made from, are no features unless named.
  @Test func ownColumnsAreNoFeatures() throws {
    let header =
      "id,x,y,y.massaged,y.score,z.score.high,z.fair,z.decision,weight,split,bonus.points"
    let rows = (0..<80).map { row in
      let label = draw(row, 1) < 0.5 ? 1 : 0
      let values = (2..<10).map { "\(draw(row, $0))" }
      return
        "\(row),\(values[0]),\(label),\(row % 9 == 0 ? 1 - label : label),\(values[1]),\(values[2]),\(values[3]),\(row % 2),\(values[4]),\(row % 3 == 0 ? "test" : "train"),\(values[5])"
    }
    let csv = try file("own.csv", header, rows)
    let run = try train(["linear", "--task", "y.massaged", "--id", "id"], csv)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(try features() == ["x", "bonus.points"])
    let said = try #require(run.errorText.split(separator: "\n").first { $0.contains("--include") })
    for name in ["y", "y.score", "z.score.high", "z.fair", "z.decision", "weight", "split"] {
      #expect(said.contains(" \(name),") || said.contains(" \(name) "))
    }
    let named = try train(
      ["linear", "--task", "y.massaged", "--id", "id", "--include", "weight,y.score"], csv)
    #expect(named.status == 0, Comment(rawValue: named.errorText))
    #expect(try features() == ["x", "y.score", "weight", "bonus.points"])
    let label = try train(["linear", "--task", "y", "--id", "id", "--include", "y"], csv)
    #expect(label.status == 64)
  }

  /// The chain of a user: massage, then train on the massaged label.
  @Test func massagedLabelsAreNotLearnedFromTheirSource() throws {
    let run = try Program.shell(
      """
      fairpost synth loans -n 600 > loans.csv
      fairpost train linear -q --task repaid --group sex --id id --exclude amount,score -o r.model loans.csv
      fairpost predict -q -m r.model loans.csv |
        fairpost massage -q --task repaid --score repaid.score --group sex --protected sex=F |
        fairpost reweigh -q --task repaid --group sex > both.csv
      fairpost train linear --task repaid.massaged --group sex --id id --exclude amount,score -o m both.csv
      """, directory: scratch.url)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(try features() == ["region", "age", "employed", "debt", "education"])
  }

  /// A feature that gives the label or the group away is named in the first line with how well.
  @Test func giveawaysComeFirst() throws {
    let rows = (0..<400).map { row -> String in
      let label = draw(row, 1) < 0.3 ? 1 : 0
      let kind = Int(draw(row, 2) * 3)
      let number = draw(row, 3) * 10
      let group = draw(row, 4) < 0.5 ? "F" : "M"
      let leak = draw(row, 5) < 0.02 ? 1 - label : label
      let title = group == "F" ? ["Ms", "Mrs"][row % 2] : "Mr"
      return
        "k\(row),\(draw(row, 6)),\(leak),\(label == 1 ? "\(draw(row, 7))" : ""),\("abc".dropFirst(kind).prefix(1)),\(number * number * number),\(title),\(group),\(label),\("xyz".dropFirst(kind).prefix(1)),\(number)"
    }
    let csv = try file("leaks.csv", "key,noise,leak,gone,code,cube,title,sex,y,kind,n", rows)
    func first(_ task: [String]) throws -> String {
      let run = try train(["linear", "--group", "sex"] + task, csv)
      #expect(run.status == 0, Comment(rawValue: run.errorText))
      return String(run.errorText.split(separator: "\n").first ?? "")
    }
    let binary = try first(["--task", "y", "--exclude", "kind,n"])
    #expect(binary.contains("column \"leak\" alone predicts the label \"y\""))
    #expect(binary.contains("column \"gone\" alone predicts the label \"y\""))
    #expect(binary.contains("column \"title\" alone predicts the group \"sex\""))
    // A key and a column of chance predict nothing.
    #expect(!binary.contains("\"key\"") && !binary.contains("\"noise\""))
    // The area under the curve, pair by pair.
    let fields = rows.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let pairs = fields.map { (Double($0[2]) ?? 0, $0[8] == "1") }
    var (total, won) = (0.0, 0.0)
    for (high, isPositive) in pairs where isPositive {
      for (low, isOther) in pairs where !isOther {
        total += 1
        won += high > low ? 1 : high == low ? 0.5 : 0
      }
    }
    let figure = binary.components(separatedBy: "\"leak\" alone").dropFirst().first?
      .components(separatedBy: "AUC ").dropFirst().first?.prefix { $0.isNumber || $0 == "." }
    let value = try #require(figure.flatMap { Double($0) })
    #expect(abs(value - won / total) < 0.005)
    let classes = try first(["--task", "kind:multiclass", "--exclude", "y,n,leak,gone"])
    #expect(classes.contains("column \"code\" alone predicts the label \"kind\""))
    let number = try first(["--task", "n:regression", "--exclude", "y,leak,gone,kind,code"])
    #expect(number.contains("column \"cube\" alone predicts the label \"n\""))
    let all = try train(["linear", "--task", "y", "--exclude", "kind,n"], csv).errorText
    #expect(all.contains("column \"key\" has as many values as rows (400)"))
    // Without them the first line is that of the rows.
    let clean = try first(["--task", "y", "--exclude", "kind,n,leak,gone,title,key"])
    #expect(clean.contains("400 rows"))
  }

  // MARK: Learning by heart

  private func noisy(_ name: String, _ range: Range<Int>) throws -> String {
    let rows = range.map { row in
      let features = (1...6).map { draw(row, $0) * 2 - 1 }
      let isPositive = features[0] + features[1] > 2 * draw(row, 9) - 1
      return "\(row)," + features.map { "\($0)" }.joined(separator: ",")
        + ",\(draw(row, 8) < 0.5 ? "F" : "M"),\(isPositive ? 1 : 0)"
    }
    return try file(name, "id,a,b,c,d,e,f,sex,y", rows)
  }

  private func logLoss(_ model: String, _ file: String) throws -> Double {
    let labels = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      .dropFirst().map { $0.hasSuffix(",1") }
    let scores = try scores(model, file)
    #expect(scores.count == labels.count)
    return zip(scores, labels).reduce(0) { $0 - log($1.1 ? $1.0 : 1 - $1.0) }
      / Double(labels.count)
  }

  /// By default rows are held out, so that a network is no worse elsewhere than it need be.
  @Test func epochsAreChosenOnRowsHeldOut() throws {
    let csv = try noisy("train.csv", 0..<400)
    let other = try noisy("other.csv", 1000..<2000)
    let method = ["mlp", "--task", "y", "--group", "sex", "--id", "id", "--rate", "0.01"]
    let run = try train(method, csv, as: "default")
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(run.errorText.contains("held out to choose the best epoch: "))
    #expect(run.errorText.contains("on the training rows: y: AUC"))
    #expect(run.errorText.contains("on the validation rows: y: AUC"))
    #expect(run.errorText.contains("on the validation rows: y: train linear: AUC"))
    let asked = try train(method + ["--validation-share", "0.2"], csv, as: "asked")
    #expect(asked.status == 0)
    #expect(try scores("asked", other) == scores("default", other))
    let by = try train(method + ["--validation-share", "0"], csv, as: "heart")
    #expect(by.errorText.contains("there are no validation rows"))
    #expect(!by.errorText.contains("on the validation rows"))
    #expect(try 1.2 * logLoss("default", other) < logLoss("heart", other))
  }

  /// Every method that chooses among epochs holds the same rows out, whatever their order.
  @Test(arguments: [["mlp"], ["yoto"], ["faalgrad", "--group", "sex"]])
  func everyEpochMethodHoldsOut(_ method: [String]) throws {
    let csv = try noisy("train.csv", 0..<200)
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
    let turned = try file(
      "turned.csv", String(lines[0]), lines.dropFirst().reversed().map(String.init))
    func heldOut(_ file: String) throws -> String {
      let run = try train(
        method
          + ["--task", "y", "--id", "id", "--exclude", "sex", "--epochs", "2"].filter {
            method[0] != "faalgrad" || ($0 != "--exclude" && $0 != "sex")
          }, file)
      #expect(run.status == 0, Comment(rawValue: run.errorText))
      let line = run.errorText.split(separator: "\n").first { $0.contains("held out to choose") }
      return String(line ?? "")
    }
    let said = try heldOut(csv)
    #expect(!said.isEmpty)
    #expect(try heldOut(turned) == said)
  }

  @Test func worseThanLinearIsSaid() throws {
    let csv = try noisy("train.csv", 0..<400)
    let run = try train(
      ["mlp", "--task", "y", "--id", "id", "--exclude", "sex", "--epochs", "1", "--rate", "1e-6"],
      csv)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(run.errorText.contains("WORSE THAN LINEAR for y: log loss"))
  }

  /// Steps that leave the valley end in an error, with and without rows held out.
  @Test(arguments: ["0", "0.2"]) func divergenceIsAnError(_ share: String) throws {
    let csv = try noisy("train.csv", 0..<400)
    let run = try train(
      [
        "mlp", "--task", "y", "--id", "id", "--exclude", "sex", "--epochs", "3", "--rate", "1000",
        "--validation-share", share,
      ], csv)
    #expect(run.status == 65 && run.errorText.contains("diverged"))
    #expect(!FileManager.default.fileExists(atPath: path("m")))
  }

  // MARK: Starting from a model

  /// Weights belong to columns and tasks by name, whatever the order of either.
  @Test func weightsGoByName() throws {
    let csv = try noisy("train.csv", 0..<120)
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
    func turned(_ name: String, _ order: [Int]) throws -> String {
      let rows = lines.map { line in
        let fields = line.split(separator: ",")
        return order.map { String(fields[$0]) }.joined(separator: ",")
      }
      return try file(name, rows[0], Array(rows.dropFirst()))
    }
    let method = ["mlp", "--id", "id", "--hidden", "5", "--epochs", "3"]
    let tasks = ["--task", "y", "--task", "f:regression"]
    #expect(try train(method + tasks, csv, as: "first").status == 0)
    let other = try turned("turned.csv", [7, 3, 0, 2, 1, 5, 4, 6, 8])
    let still = ["--init", path("first"), "--rate", "0", "--validation-share", "0"]
    let again = try train(
      method + ["--task", "f:regression", "--task", "y"] + still, other, as: "again")
    #expect(again.status == 0, Comment(rawValue: again.errorText))
    func columns(_ model: String, _ file: String) throws -> [[Double]] {
      let run = try Program.run(["predict", "-q", "-m", path(model), file])
      return run.outputText.split(separator: "\n").dropFirst().map {
        $0.split(separator: ",").suffix(2).compactMap { Double($0) }
      }
    }
    let expected = try columns("first", csv)
    #expect(expected.count == 120)
    let found = try columns("again", other).map { [$0[1], $0[0]] }
    #expect(largestDifference(found.flatMap { $0 }, expected.flatMap { $0 }) < 1e-12)

    // What does not fit is refused by its name.
    for (order, header, word) in [
      ([0, 1, 2, 3, 4, 6, 7, 8], nil, "\"e\""),
      ([0, 1, 2, 3, 4, 5, 6, 7, 8], "id,a,b,c,d,e2,f,sex,y", "\"e2\""),
    ] {
      var rows = try String(contentsOfFile: turned("less.csv", order), encoding: .utf8)
        .split(separator: "\n").map(String.init)
      if let header { rows[0] = header }
      let less = try file("less.csv", rows[0], Array(rows.dropFirst()))
      let run = try train(method + tasks + still, less)
      #expect(run.status == 78 && run.errorText.contains(word), Comment(rawValue: run.errorText))
    }
    let strange = try file(
      "strange.csv", String(lines[0]),
      lines.dropFirst().map { String($0).replacingOccurrences(of: ",M,", with: ",X,") })
    let run = try train(method + tasks + still, strange)
    #expect(run.status == 78 && run.errorText.contains("\"X\""), Comment(rawValue: run.errorText))
  }

  // MARK: Rows and columns

  /// The rows that are said to be learned from are those that were.
  @Test func leftOutRowsAreCounted() throws {
    let rows = (0..<300).map { row in
      "\(draw(row, 1)),\(row % 10 == 3 ? "" : draw(row, 2) < 0.5 ? "F" : "M"),\(row % 15 == 4 ? "" : "t\(row % 3)"),\(row % 20 == 5 ? "" : draw(row, 3) < 0.5 ? "1" : "0")"
    }
    let csv = try file("rows.csv", "x,sex,task,y", rows)
    let few = ["--epochs", "2", "--validation-share", "0"]
    // 15 rows have no label, and 30 no group; none lacks both.
    let plain = try train(["linear", "--task", "y", "--exclude", "sex,task"], csv).errorText
    #expect(plain.contains("learned from 285 rows") && plain.contains("15 without a label"))
    let mlp = try train(["mlp", "--task", "y", "--exclude", "sex,task"] + few, csv).errorText
    #expect(mlp.contains("learned from 285 rows"))
    let aligned = try train(
      ["faalgrad", "--task", "y", "--group", "sex", "--exclude", "task"] + few, csv
    ).errorText
    #expect(aligned.contains("learned from 255 rows"), Comment(rawValue: aligned))
    #expect(aligned.contains("30 without a group"))
    // 20 rows have no task; none of them lacks a label.
    let meta = try train(
      [
        "fair-maml", "--task", "y", "--task-column", "task", "--exclude", "sex", "--iterations",
        "2",
      ], csv
    ).errorText
    #expect(meta.contains("learned from 265 rows"), Comment(rawValue: meta))
    #expect(meta.contains("20 without a task"))
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: path("m"))))
    #expect((json as? [String: Any])?["rows"] as? Int == 265)
  }

  @Test func emptyAndSelectingColumns() throws {
    let rows = (0..<90).map { row in
      "\(draw(row, 1)),,\(["north", "south", "west"][row % 3]),\(draw(row, 2) < 0.5 ? 1 : 0),\(row % 2 == 0 ? "F" : "M"),\("abc".dropFirst(row / 2 % 3).prefix(1))"
    }
    let csv = try file("columns.csv", "x,nothing,region,y,sex,race", rows)
    let method = ["linear", "--task", "y", "--group", "sex", "--group", "race"]
    let two = try train(method + ["--rows", "region=north,south"], csv)
    #expect(two.status == 0, Comment(rawValue: two.errorText))
    #expect(try features() == ["x", "region"])
    #expect(two.errorText.contains("every value to learn from is missing: nothing"))
    #expect(two.errorText.contains("still features, although --rows selects rows by them: region"))
    let inspected = try Program.run(["inspect", path("m")]).outputText
    #expect(inspected.contains("attribute sex\n") && inspected.contains("attribute race\n"))
    let one = try train(method + ["--rows", "region=north"], csv)
    #expect(try features() == ["x"])
    #expect(one.errorText.contains("--rows leaves them a single value: region"))
  }

  /// A place without a score is not "decided 0", nor is a point without a label a 0.
  @Test func missingPlacesAreNotDecided() throws {
    let grid = (0..<36).map { "\($0 % 6),\($0 / 6),\($0 == 14 ? "" : "0.9")" }
    let csv = try file("grid.csv", "a,b,p", grid)
    let points = try file("points.csv", "a,b,label", ["1,1,1", "2,2,", "3,3,0"])
    let run = try Program.run(
      ["plot", "boundary", "--x", "a", "--y", "b", "--score", "p", "--points", points, csv])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(
      run.outputText.contains(">grey: no score<")
        && run.outputText.contains(">grey dots: no label<"))
    #expect(run.errorText.contains("1 rows without a score"))
    #expect(run.errorText.contains("1 points without a label"))
    let whole = try file("whole.csv", "a,b,p", (0..<36).map { "\($0 % 6),\($0 / 6),0.9" })
    let clean = try Program.run(["plot", "boundary", "--x", "a", "--y", "b", "--score", "p", whole])
    #expect(!clean.outputText.contains("no score<") && clean.errors.isEmpty)
  }
}
