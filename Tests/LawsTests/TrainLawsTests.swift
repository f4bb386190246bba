import Foundation
import FairpostTestSupport
import Testing

/// Training and prediction through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct TrainLawsTests {
  private func loans(_ count: Int, in scratch: Scratch) throws -> String {
    let url = scratch.url.appendingPathComponent("loans.csv")
    let made = try Program.run(["synth", "loans", "-n", "\(count)", "-o", url.path])
    #expect(made.status == 0)
    return url.path
  }

  private func train(
    _ arguments: [String], _ file: String, in scratch: Scratch, name: String = "m.model"
  ) throws -> String {
    let model = scratch.url.appendingPathComponent(name).path
    let run = try Program.run(["train"] + arguments + ["-o", model, file])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    return model
  }

  static let methods: [[String]] = [
    ["linear", "--task", "repaid", "--task", "amount"],
    ["mlp", "--task", "repaid", "--task", "amount", "--epochs", "2", "--dropout", "0.1"],
    ["mlp", "--task", "education", "--epochs", "2", "--activation", "tanh"],
    ["yoto", "--task", "repaid", "--task", "amount", "--epochs", "2", "--hidden", "8,8"],
    ["faalgrad", "--task", "repaid", "--protected", "sex=F", "--epochs", "3", "--hidden", "6"],
    ["nash", "--task", "repaid", "--epochs", "3", "--bargain-epochs", "3", "--hidden", "8,4"],
    ["nash", "--task", "amount", "--epochs", "2", "--space", "theta", "--hidden", "8"],
    ["gdro", "--task", "education", "--epochs", "2", "--hidden", "8", "--empty-cells", "skip"],
    ["dro", "--task", "repaid", "--epochs", "2", "--hidden", "8"],
    [
      "fair-maml", "--task", "repaid", "--task-column", "region", "--iterations", "5",
      "--gamma", "0.5", "--protected", "sex=F", "--hidden", "6",
    ],
  ]

  /// One record gives one answer: alone, in its file, on any number of threads.
  @Test(arguments: methods) func oneRecordOneAnswer(_ method: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try loans(3000, in: scratch)
    let model = try train(
      method + ["--group", "sex", "--id", "id", "--exclude", "score"], file, in: scratch)
    let whole = try Program.run(["predict", "-q", "-m", model, "--threads", "1", file])
    #expect(whole.status == 0, Comment(rawValue: whole.errorText))
    let threads = try Program.run(["predict", "-q", "-m", model, "--threads", "4", file])
    #expect(threads.output == whole.output)
    let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let lines = whole.outputText.split(separator: "\n")
    #expect(lines.count == rows.count)
    for (row, line) in zip(rows, lines) { #expect(line.hasPrefix(row + ",")) }
    for place in [1, 77, 3000] {
      let alone = try Program.run(
        ["predict", "-q", "-m", model], input: Array("\(rows[0])\n\(rows[place])\n".utf8))
      #expect(alone.outputText.split(separator: "\n").last == lines[place])
    }
  }

  /// The same seed gives the same bytes on any number of threads, through a file or a pipe.
  @Test(arguments: methods) func sameInputSameBytes(_ method: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try loans(1000, in: scratch)
    let arguments =
      ["train"] + method + ["-q", "--group", "sex", "--id", "id", "--exclude", "score"]
    let first = try Program.run(arguments + ["--threads", "1", file])
    #expect(first.status == 0)
    #expect(try Program.run(arguments + ["--threads", "3", file]).output == first.output)
    #expect(try Program.run(arguments, inputFile: file).output == first.output)
    let piped = try Program.run(
      arguments, input: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))))
    #expect(piped.output == first.output)
    #expect(try Program.run(arguments + ["--seed", "5", file]).output != first.output)
  }

  @Test func labelsAndSensitiveColumnsAreNoFeatures() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try loans(500, in: scratch)
    let model = try train(
      ["linear", "--task", "repaid", "--group", "sex", "--id", "id", "--exclude", "score,amount"],
      file, in: scratch)
    let inspected = try Program.run(["inspect", model]).outputText
    for column in ["region", "age", "employed", "debt", "education"] {
      #expect(inspected.contains("\n  \(column): "))
    }
    for column in ["id", "sex", "repaid", "score", "amount"] {
      #expect(!inspected.contains("\n  \(column): "))
    }
    // Without these columns prediction works all the same.
    let cut = try Program.shell(
      "cut -d, -f3-7 loans.csv | fairpost predict -q -m m.model | head -1",
      directory: scratch.url)
    #expect(cut.outputText == "region,age,employed,debt,education,repaid.score\n")
  }

  @Test func damagedModelsAreRefused() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try loans(200, in: scratch)
    let model = try train(
      ["mlp", "--task", "repaid", "--id", "id", "--epochs", "1", "--hidden", "4"], file,
      in: scratch)
    let text = try String(contentsOfFile: model, encoding: .utf8)
    func predict(_ damaged: String) throws -> ProgramRun {
      let path = try scratch.file("bad.model", damaged).path
      return try Program.run(["predict", "-m", path, file])
    }
    var damages = ["", String(text.prefix(text.count / 2)), "[]", "{}"]
    for (from, to) in [
      ("fairpost.model", "fairpost.map"), ("\"version\": 2", "\"version\": 3"),
      ("\"inputs\": ", "\"inputs\": 1"), ("\"hidden\": [4]", "\"hidden\": [5]"),
      ("\"hidden\": [4]", "\"hidden\": [400000000000]"), ("\"relu\"", "\"sigmoid\""),
      ("\"binary\"", "\"ternary\""), ("\"scale\": ", "\"scale\": -"),
      ("\"biases\": [", "\"biases\": [1, "), ("\"conditions\": []", "\"conditions\": [1]"),
      ("\"layer\": \"heads\"", "\"layer\": \"tails\""), ("\"tasks\": [", "\"tasks\": [1, "),
    ] {
      #expect(text.contains(from))
      damages.append(text.replacingOccurrences(of: from, with: to))
    }
    for damaged in damages {
      let run = try predict(damaged)
      #expect(run.status == 78, Comment(rawValue: run.errorText))
      #expect(run.output.isEmpty)
    }
    let newer = try predict(text.replacingOccurrences(of: "\"version\": 2", with: "\"version\": 3"))
    #expect(newer.errorText.contains("version 3, written by fairpost"))
  }

  /// A model of the first version predicts what it predicted when it was written.
  @Test func oldModelsGoOnLoading() throws {
    let run = try Program.run(
      ["predict", "-q", "-m", Fixture.path("models/linear-v1.model")],
      input: Array("age,job\n30,a\n,b\n".utf8))
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let scores = run.outputText.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: ",").last.flatMap { Double($0) }
    }
    #expect(largestDifference(scores, [0.4862265127069041, 0.7255636664113686]) < 1e-9)
  }

  @Test func policiesOfPrediction() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let train = "x,c,y\n1,a,0\n2,b,1\n3,a,1\n4,b,0\n5,a,1\n"
    let file = try scratch.file("t.csv", train).path
    let model = try self.train(["linear", "--task", "y"], file, in: scratch)
    func predict(_ rows: String, _ extra: [String] = []) throws -> ProgramRun {
      try Program.run(["predict", "-m", model] + extra, input: Array(rows.utf8))
    }
    #expect(try predict("x\n1\n").status == 65)
    let lacking = try predict("x\n1\n", ["--missing-column", "missing"])
    #expect(lacking.status == 0 && lacking.errorText.contains("treated as missing in every row: c"))
    let new = try predict("x,c\n1,z\n", ["--flag", "f"])
    #expect(new.outputText.hasSuffix(",new-category\n"))
    #expect(
      new.errorText.contains("1 values with categories that did not occur in the training rows"))
    #expect(try predict("x,c\n1,z\n", ["--new-category", "error"]).status == 65)
    let text = try predict("x,c\nabc,a\n")
    #expect(text.status == 65 && text.errorText.contains("standard input:2: column \"x\""))
    let passed = try predict("x,c\nabc,a\n", ["--on-bad-row", "pass"])
    // A missing number counts as the mean.
    #expect(
      passed.outputText.split(separator: ",").last
        == (try predict("x,c\n3,a\n").outputText.split(separator: ",").last))
  }

  @Test func badTrainingData() throws {
    func train(_ rows: String, _ arguments: [String]) throws -> ProgramRun {
      try Program.run(["train"] + arguments, input: Array(rows.utf8))
    }
    let linear = ["linear", "--task", "y"]
    for method in [linear, ["mlp", "--task", "y", "--epochs", "2"]] {
      let constant = try train("x,y\n1,1\n2,1\n3,1\n", method)
      #expect(constant.status == 65 && constant.errorText.contains("the same label"))
      let one = try train("x,y\n1,1\n", method)
      #expect(one.status == 65)
      let none = try train("x,y\n1,\n2,\n", method)
      #expect(none.status == 65 && none.errorText.contains("no row has a label"))
      let feature = try train("x,z,y\n1,5,1\n2,5,0\n3,5,1\n4,5,0\n", method)
      #expect(feature.status == 0 && feature.errorText.contains("\"z\" is constant"))
      #expect(try train("x,y\n", method).status == 65)
    }
    let separable = "x,y\n-2,0\n-1,0\n1,1\n2,1\n"
    let refused = try train(separable, linear + ["--penalty", "0"])
    #expect(refused.status == 65 && refused.errorText.contains("grow without end"))
    #expect(try train(separable, linear).status == 0)
    let words = try train("x,y\n1,yes\n2,no\n", linear)
    #expect(words.status == 64 && words.errorText.contains("which is the positive one"))
    #expect(
      try train("x,y\n1,yes\n2,no\n3,yes\n", ["linear", "--task", "y:binary=yes"]).status == 0)
    let slip = try train("x,y\n1,1\n2,0\n3,1\n4o,0\n", linear)
    #expect(slip.status == 65 && slip.errorText.contains("\"4o\" is not"))
    let log = try train(
      "x,y\n1,10\n2,0\n3,4\n", ["linear", "--task", "y:regression", "--target-transform", "log"])
    #expect(log.status == 65 && log.errorText.contains("has no logarithm"))
    let share = try train(
      "x,g,y\n1,a,1\n2,b,0\n3,a,0\n4,b,1\n",
      ["faalgrad", "--task", "y", "--protected", "g=a", "--support", "share:0.8"])
    #expect(share.status == 64 && share.errorText.contains("largest possible share is 0.5"))
    let cell = try train(
      "x,g,y\n1,a,1\n2,b,0\n3,a,1\n4,b,1\n",
      ["faalgrad", "--task", "y", "--protected", "g=a", "--support", "config2"])
    #expect(
      cell.status == 65 && cell.errorText.contains("no training row of the group a has the label 0")
    )
  }

  /// A logarithm learned is a score on the label's own scale.
  @Test func logarithmsAreUndone() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let rows = (0..<50).map { "\($0),\(exp(0.1 * Double($0) + 1))\n" }.joined()
    let file = try scratch.file("t.csv", "x,y\n" + rows).path
    let model = try train(
      ["linear", "--task", "y", "--target-transform", "log", "--penalty", "0"], file, in: scratch)
    let run = try Program.run(["predict", "-q", "-m", model, file])
    for line in run.outputText.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",").compactMap { Double($0) }
      #expect(isClose(fields[1], fields[2], relative: 1e-9))
    }
  }

  private func rates(
    _ csv: PlainCSV, label: String, weight: String?
  ) -> [String: Double] {
    var sums: [String: (Double, Double)] = [:]
    let labels = csv.numbers(label)
    let weights = weight.map { csv.numbers($0) } ?? labels.map { _ in 1 }
    for (place, group) in csv.texts("region").enumerated() {
      let old = sums[group] ?? (0, 0)
      sums[group] = (old.0 + weights[place] * labels[place], old.1 + weights[place])
    }
    return sums.mapValues { $0.0 / $0.1 }
  }

  @Test func reweighMakesLabelRatesEqual() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try loans(5000, in: scratch)
    let path = scratch.url.appendingPathComponent("w.csv").path
    let run = try Program.run(
      ["reweigh", "--task", "repaid", "--group", "region", "-o", path, file])
    #expect(run.status == 0)
    let found = rates(try PlainCSV(path: path), label: "repaid", weight: "weight")
    #expect(found.count == 5)
    let values = found.values.sorted()
    #expect((values.last ?? 1) - (values.first ?? 0) < 1e-12)
  }

  @Test func massageMakesLabelRatesEqualUpToOneRow() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let rows = (0..<400).map { row in
      "\(row),\(row % 3 == 0 ? "a" : "b"),\((row % 7 < (row % 3 == 0 ? 2 : 4)) ? 1 : 0),0.\(row * 37 % 89)\n"
    }.joined()
    let file = try scratch.file("t.csv", "id,region,y,p\n" + rows).path
    let path = scratch.url.appendingPathComponent("m.csv").path
    let run = try Program.run(
      [
        "massage", "--task", "y", "--group", "region", "--protected", "region=a", "--score", "p",
        "-o", path, file,
      ])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let csv = try PlainCSV(path: path)
    let before = rates(csv, label: "y", weight: nil)
    let after = rates(csv, label: "y.massaged", weight: nil)
    #expect(abs((before["a"] ?? 0) - (before["b"] ?? 1)) > 0.2)
    #expect(abs((after["a"] ?? 0) - (after["b"] ?? 1)) <= 1.0 / 134 + 1.0 / 266)
    // The order of the rows decides nothing.
    let reversed = try scratch.file(
      "r.csv", "id,region,y,p\n" + rows.split(separator: "\n").reversed().joined(separator: "\n"))
    let again = try Program.run(
      [
        "massage", "-q", "--task", "y", "--group", "region", "--protected", "region=a", "--score",
        "p", reversed.path,
      ])
    #expect(
      Set(again.outputText.split(separator: "\n"))
        == Set(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")))
  }

  @Test func fewShots() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth fair-maml --tasks 20 --rows-per-task 40 > all.csv
      fairpost train fair-maml -q --task label --task-column task --exclude id,part \\
        --protected protected=1 --gamma 0.1 --rows part=train --iterations 50 --hidden 8 \\
        --log steps.csv -o meta.model all.csv
      fairpost adapt -q -m meta.model --rows part=adapt -o h1.model all.csv
      fairpost predict -q -m h1.model --rows part=test all.csv | wc -l
      wc -l < steps.csv
      fairpost inspect h1.model | grep -c 'adapted 1 steps of 0.3 on 5 rows, gamma 0.1, dp'
      """, directory: scratch.url)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(
      run.outputText.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        == ["41", "51", "1"])
  }
}

/// The authors' published run through the program, with the options of its README.
@Suite(.enabled(if: Program.isBuilt && Shared.isPresent)) struct FaAlGradProgramTests {
  private func run(
    order: String, in scratch: Scratch
  ) throws -> (log: PlainCSV, parameters: [Double]) {
    let golden = "reference/faalgrad_golden"
    let model = scratch.url.appendingPathComponent("\(order).model")
    let log = scratch.url.appendingPathComponent("\(order).csv").path
    let run = try Program.run(
      [
        "train", "faalgrad", "--task", "label", "--protected", "race_african_american=1",
        "--include-group", "--exclude", "row", "--split-column", "split", "--no-standardise",
        "--full-batch", "--hidden", "8", "--inner-rate", "0.005", "--outer-rate", "0.01",
        "--patience", "10", "--init", Shared.path("\(golden)/init.json"), "--order", order,
        "--log", log, "-o", model.path, Shared.path("\(golden)/compas_seed102.csv"),
      ])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: model)) as? [String: Any]
    let inner = json?["model"] as? [String: Any]
    let layers = inner?["parameters"] as? [[String: Any]] ?? []
    let parameters = layers.flatMap { layer in
      (layer["weights"] as? [[Double]] ?? []).flatMap { $0 } + (layer["biases"] as? [Double] ?? [])
    }
    return (try PlainCSV(path: log), parameters)
  }

  private func reference(_ file: String, _ key: String) throws -> [Double] {
    let bytes = try Shared.bytes("reference/faalgrad_golden/\(file)")
    let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    let layers = json?[key] as? [String: Any] ?? [:]
    func rows(_ name: String) -> [Double] {
      (layers[name] as? [[Double]] ?? []).flatMap { $0 }
    }
    func flat(_ name: String) -> [Double] { layers[name] as? [Double] ?? [] }
    return rows("W1") + flat("b1") + rows("W2") + flat("b2")
  }

  @Test func secondOrderIsTheAuthorsRun() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let (log, parameters) = try run(order: "second", in: scratch)
    let authors = try PlainCSV(path: Shared.path("reference/faalgrad_golden/log_authors.csv"))
    let exact = try PlainCSV(
      path: Shared.path("reference/faalgrad_golden/trajectory_config1_second_order.csv"))
    #expect(log.rows.count == 26)
    #expect(
      zip(log.numbers("validation_loss"), authors.numbers("val_loss"))
        .allSatisfy { abs($0 - $1) <= 5.001e-5 })
    #expect(largestDifference(log.numbers("validation_loss"), exact.numbers("val_loss")) < 1e-9)
    #expect(
      largestDifference(log.numbers("outer_loss"), exact.numbers("outer_loss_before_step")) < 1e-9)
    #expect(
      largestDifference(parameters, try reference("params_float64.json", "after_step_16")) < 1e-6)
    #expect(
      largestDifference(parameters, try reference("checkpoint_authors.json", "params")) < 1e-6)
  }

  @Test func firstOrderFailsTheSameTest() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let (log, _) = try run(order: "first", in: scratch)
    let authors = try PlainCSV(path: Shared.path("reference/faalgrad_golden/log_authors.csv"))
    #expect(abs(log.numbers("validation_loss")[1] - authors.numbers("val_loss")[1]) > 1e-3)
  }
}
