import Foundation
import FairpostTestSupport
import Testing

/// What options of training and prediction mean, through the built program.
@Suite(.enabled(if: Program.isBuilt)) final class TrainOptionLawsTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  deinit { scratch.remove() }

  /// Two features, a category, a binary label, a number, an odd column to weigh by.
  private func sample(_ rows: Int, _ number: (Double) -> Double = { $0 }) throws -> String {
    let lines = (0..<rows).map { row in
      let a = Double(row * 37 % 101) / 50 - 1
      let b = Double(row * 53 % 89) / 40 - 1
      let label = a - b + Double(row * 29 % 23) / 12 - 1 > 0 ? 1 : 0
      return
        "\(row),\(a),\(b),\("xyz".dropFirst(row % 3).prefix(1)),\(label),\(number(3 * a + b * b))"
    }
    return try scratch.file("in.csv", (["id,a,b,c,y,n"] + lines).joined(separator: "\n") + "\n")
      .path
  }

  private func train(_ arguments: [String], _ file: String, name: String = "m") throws -> String {
    let model = scratch.url.appendingPathComponent(name).path
    let run = try Program.run(["train"] + arguments + ["-q", "--id", "id", "-o", model, file])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    return model
  }

  /// The scores of the last `count` columns, row by row.
  private func scores(_ model: String, _ file: String, _ extra: [String] = [], last count: Int = 1)
    throws -> [Double]
  {
    let run = try Program.run(["predict", "-q", "-m", model] + extra + [file])
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    return run.outputText.split(separator: "\n").dropFirst().flatMap {
      $0.split(separator: ",").suffix(count).compactMap { Double($0) }
    }
  }

  /// The weights and biases of every layer of a model file.
  private func layers(_ model: String) throws -> [(weights: [[Double]], biases: [Double])] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: model))
    let json = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    let inner = json?["model"] as? [String: Any]
    return (inner?["parameters"] as? [[String: Any]] ?? []).map {
      ($0["weights"] as? [[Double]] ?? [], $0["biases"] as? [Double] ?? [])
    }
  }

  private func logLikelihood(_ score: Double, label: Int) -> Double {
    Foundation.log(label == 1 ? score : 1 - score)
  }

  // MARK: Linear models

  /// scikit-learn's coefficients on one exported design, and the gradient of the penalised loss at
  /// what was found.
  @Test func logisticCoefficients() throws {
    let json =
      try JSONSerialization.jsonObject(with: Data(Fixture.bytes("learning/linear.json")))
      as? [String: Any] ?? [:]
    func numbers(_ name: String) -> [Double] {
      (json[name] as? [NSNumber] ?? []).map(\.doubleValue)
    }
    let (x, y, weights) = (numbers("X"), numbers("binary"), numbers("weights"))
    try #require(x.count == 240 && y.count == 60 && weights.count == 60)
    let lines = y.indices.map { row -> String in
      let fields = x[4 * row..<4 * row + 4].map { "\($0)" }
      return (["\(row)"] + fields + ["\(Int(y[row]))", "\(weights[row])"]).joined(separator: ",")
    }
    let file = try scratch.file(
      "design.csv", (["id,p,q,r,s,y,w"] + lines).joined(separator: "\n") + "\n"
    ).path
    for (name, extra, given) in [
      ("logistic", ["--exclude", "w"], y.map { _ in 1 }),
      ("logistic_weighted", ["--weight", "w"], weights),
    ] {
      let model = try train(
        ["linear", "--task", "y:binary", "--no-standardise", "--penalty", "1"] + extra, file)
      let head = try #require(layers(model).last)
      let found = head.weights[0] + head.biases
      #expect(largestDifference(found, numbers(name)) < 1e-6)
      var gradient = head.weights[0] + [0]
      for row in y.indices {
        let own = x[4 * row..<4 * row + 4] + [1.0]
        var z = 0.0
        for (coefficient, value) in zip(found, own) { z += coefficient * value }
        let residual = given[row] * (1 / (1 + exp(-z)) - y[row])
        for (k, value) in own.enumerated() { gradient[k] += residual * value }
      }
      #expect(gradient.allSatisfy { abs($0) < 1e-9 })
    }
  }

  // MARK: Networks

  /// Doubled task weights are a doubled step.
  @Test func taskWeightsAreFactorsOfTheLoss() throws {
    let file = try sample(120)
    let plain = [
      "mlp", "--task", "y", "--task", "n", "--hidden", "5", "--epochs", "4", "--optimiser", "sgd",
      "--momentum", "0",
    ]
    let one = try train(plain + ["--rate", "0.02"], file, name: "one")
    let two = try train(
      plain + ["--rate", "0.01", "--task-weight", "y=2", "--task-weight", "n=2"], file, name: "two")
    let uneven = try train(
      plain + ["--rate", "0.02", "--task-weight", "y=2"], file, name: "uneven")
    let expected = try scores(one, file, last: 2)
    #expect(expected.count == 240)
    #expect(try scores(two, file, last: 2) == expected)
    #expect(try scores(uneven, file, last: 2) != expected)
  }

  /// The unit of a regression label changes nothing but the unit of its score.
  @Test(arguments: [["mlp", "--activation", "tanh"], ["yoto"]])
  func unitsOfALabel(_ method: [String]) throws {
    let arguments = method + ["--task", "y", "--task", "n:regression", "--hidden", "5,4"]
    let epochs = ["--epochs", "5", "--validation-share", "0.2"]
    let plain = try sample(150)
    let expected = try scores(train(arguments + epochs, plain), plain)
    let far = try sample(150) { 4096 * $0 - 100_000 }
    let found = try scores(train(arguments + epochs, far), far)
    #expect(expected.count == 150)
    #expect(largestDifference(found.map { ($0 + 100_000) / 4096 }, expected) < 1e-9)
  }

  /// A model read back by --init and not moved predicts what it predicted.
  @Test func startingFromAModel() throws {
    let file = try sample(80) { 1000 + 50 * $0 }
    let arguments = ["mlp", "--task", "n:regression", "--hidden", "4"]
    let first = try train(arguments + ["--epochs", "3"], file)
    let again = try train(
      arguments + ["--init", first, "--epochs", "1", "--rate", "0"], file, name: "again")
    #expect(largestDifference(try scores(again, file), try scores(first, file)) < 1e-9)
    let other = try Program.run(
      [
        "train", "mlp", "--task", "n:regression", "--hidden", "5", "--id", "id", "--init", first,
        file,
      ])
    #expect(other.status == 78 && other.output.isEmpty, Comment(rawValue: other.errorText))
  }

  /// Kaiming's law: no biases, and the variance 2/inputs up to four standard errors.
  @Test func kaimingWeights() throws {
    let file = try sample(60)
    let model = try train(
      [
        "mlp", "--task", "y", "--exclude", "n", "--hidden", "200,100", "--initial", "kaiming",
        "--epochs", "1", "--rate", "0",
      ], file)
    for (weights, biases) in try layers(model) {
      #expect(!biases.isEmpty && biases.allSatisfy { $0 == 0 })
      let all = weights.flatMap { $0 }
      let count = Double(all.count)
      let variance = 2 / Double(weights[0].count)
      let mean = all.reduce(0, +) / count
      let square = all.reduce(0) { $0 + $1 * $1 } / count
      #expect(abs(mean) < 4 * (variance / count).squareRoot())
      #expect(abs(square / variance - 1) < 4 * (2 / count).squareRoot())
    }
  }

  // MARK: Meta-learning

  /// The multiplier follows its own rule, read off the log: gamma + rate (R - tolerance), at least 0.
  @Test(arguments: [0.3, 0.66]) func gammaIsLearned(_ tolerance: Double) throws {
    let log = scratch.url.appendingPathComponent("log.csv").path
    let data = scratch.url.appendingPathComponent("tasks.csv").path
    #expect(
      try Program.run(["synth", "fair-maml", "--tasks", "10", "--rows-per-task", "30", "-o", data])
        .status == 0)
    _ = try train(
      [
        "fair-maml", "--task", "label", "--task-column", "task", "--exclude", "part",
        "--protected", "protected=1", "--gamma", "auto", "--tolerance", "\(tolerance)", "--rows",
        "part=train", "--iterations", "40", "--hidden", "4", "--log", log,
      ], data)
    let csv = try PlainCSV(path: log)
    #expect(
      csv.header == [
        "step", "loss", "regulariser", "gamma", "without_protected", "loss.0", "loss.1",
      ])
    #expect(csv.numbers("step") == (0..<40).map(Double.init))
    let (gammas, figures) = (csv.numbers("gamma"), csv.numbers("regulariser"))
    #expect(gammas[0] == 0)
    for (old, new) in zip(zip(gammas, figures), gammas.dropFirst()) {
      #expect(abs(max(0, old.0 + 0.01 * (old.1 - tolerance)) - new) < 1e-15)
    }
  }

  @Test func columnsOfTheLog() throws {
    let file = try sample(90)
    let log = scratch.url.appendingPathComponent("log.csv").path
    _ = try train(
      [
        "mlp", "--task", "y", "--epochs", "3", "--hidden", "4", "--log", log,
        "--validation-share", "0",
      ], file)
    var csv = try PlainCSV(path: log)
    #expect(csv.header == ["step", "training_loss", "validation_loss"] && csv.rows.count == 3)
    // No validation rows, no figure.
    #expect(csv.texts("validation_loss") == ["", "", ""])
    _ = try train(
      [
        "faalgrad", "--task", "y", "--protected", "c=x", "--epochs", "2", "--hidden", "4", "--log",
        log,
      ],
      file)
    csv = try PlainCSV(path: log)
    #expect(
      csv.header
        == [
          "step", "outer_loss", "validation_loss", "cosine", "regulariser", "without_protected",
          "loss.x", "loss.y", "loss.z",
        ])
    #expect(csv.numbers("cosine").allSatisfy { abs($0) <= 1 })
    #expect(csv.numbers("regulariser").allSatisfy { $0 > 0 && $0 < 1 })
    #expect(csv.texts("without_protected") == ["0", "0"])
    _ = try train(["linear", "--task", "y", "--log", log], file)
    csv = try PlainCSV(path: log)
    #expect(csv.header == ["step", "loss.y"] && csv.rows.count == 1)
  }

  /// What a log says of groups is what the model's predictions say, and saying it changes nothing.
  @Test(arguments: ["pretrained", "faalgrad"]) func logOfGroups(_ method: String) throws {
    let rows = 40
    let lines = (0..<rows).map {
      "\($0),\($0 * 7 % 11),\("xyz".dropFirst($0 % 3).prefix(1)),\($0 * 5 % 9 % 2),t\n"
    }
    let file = try scratch.file("one.csv", "id,a,c,y,task\n" + lines.joined()).path
    let log = scratch.url.appendingPathComponent("log.csv").path
    // The baseline stays where it started, and its batch is all rows of the only task.
    let options =
      method == "faalgrad"
      ? ["--epochs", "3"]
      : [
        "--task-column", "task", "--shots", "\(rows / 2)", "--tasks-per-batch", "1",
        "--iterations", "3", "--outer-rate", "0",
      ]
    let arguments =
      [method, "--task", "y", "--protected", "c=x", "--exclude", "task", "--hidden", "4"] + options
    let gamma = ["--gamma", "0.5"]
    let silent = try train(arguments + gamma, file, name: "silent")
    let model = try train(arguments + gamma + ["--log", log], file)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: silent))
        == Data(contentsOf: URL(fileURLWithPath: model)))
    let scores = try scores(model, file)
    let csv = try PlainCSV(path: log)
    #expect(csv.rows.count == 3)
    let losses = scores.enumerated().map { -logLikelihood($1, label: $0 * 5 % 9 % 2) }
    for (group, name) in ["x", "y", "z"].enumerated() {
      let own = losses.enumerated().filter { $0.offset % 3 == group }.map(\.element)
      let found = try #require(csv.numbers("loss.\(name)").last)
      #expect(abs(found - own.reduce(0, +) / Double(own.count)) < 1e-12)
    }
    let protected = scores.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    let regulariser = 1 - protected.reduce(0, +) / Double(protected.count)
    #expect(abs((csv.numbers("regulariser").last ?? .nan) - regulariser) < 1e-12)
    if method == "pretrained" {
      let mean = losses.reduce(0, +) / Double(rows)
      #expect(abs(csv.numbers("loss")[2] - mean - 0.5 * regulariser) < 1e-12)
    }
  }

  /// Two rows, each the query of the other: the log shows the loss of the group that was asked.
  @Test func logOfQueries() throws {
    let file = try scratch.file("two.csv", "id,a,c,y,task\n1,0.5,x,1,t\n2,-2,y,0,t\n").path
    let log = scratch.url.appendingPathComponent("log.csv").path
    let model = try train(
      [
        "fair-maml", "--task", "y", "--group", "c", "--task-column", "task", "--shots", "1",
        "--min-task-rows", "2", "--tasks-per-batch", "1", "--iterations", "20", "--inner-rate",
        "0", "--outer-rate", "0", "--hidden", "3", "--log", log,
      ], file)
    let scores = try scores(model, file)
    let csv = try PlainCSV(path: log)
    var asked = Set<Int>()
    for (x, y) in zip(csv.texts("loss.x"), csv.texts("loss.y")) {
      #expect(x.isEmpty != y.isEmpty)
      let (found, row) = x.isEmpty ? (Double(y), 1) : (Double(x), 0)
      asked.insert(row)
      #expect(abs((found ?? .nan) + logLikelihood(scores[row], label: 1 - row)) < 1e-12)
    }
    #expect(asked.count == 2)
  }

  // MARK: Prediction

  /// With --unbuffered the answer to a line comes before the next line is sent.
  @Test func answersAtOnce() throws {
    _ = try train(["linear", "--task", "y", "--exclude", "n"], sample(60))
    let run = try Program.shell(
      """
      mkfifo ask answer
      fairpost predict -q --unbuffered -m m < ask > answer &
      exec 3> ask 4< answer
      echo id,a,b,c >&3; echo 1,0,0,x >&3
      read -r header <&4; read -r first <&4
      echo "2,$(echo "$first" | cut -d, -f5 | cut -c1),0,y" >&3
      read -r second <&4
      exec 3>&-
      wait
      echo "$header"; echo "$second" | cut -d, -f1-4
      """, directory: scratch.url)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
    #expect(run.outputText == "id,a,b,c,y.score\n2,0,0,y\n")
  }

  /// A label or a feature looked up in another file is what it is in the file itself.
  @Test func joinedColumns() throws {
    let file = try sample(60)
    let cut = try Program.shell(
      """
      cut -d, -f1-4 in.csv > features.csv; cut -d, -f1,5 in.csv > labels.csv
      cut -d, -f1,2,4 in.csv > left.csv; cut -d, -f1,3 in.csv > right.csv
      """, directory: scratch.url)
    #expect(cut.status == 0)
    func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }
    let whole = try train(["linear", "--task", "y", "--exclude", "n"], file, name: "whole")
    let expected = try scores(whole, file)
    #expect(expected.count == 60)
    let joined = try train(
      ["linear", "--task", "y", "--join", path("labels.csv"), "--on", "id"], path("features.csv"),
      name: "joined")
    #expect(try scores(joined, file) == expected)
    #expect(
      try scores(whole, path("left.csv"), ["--join", path("right.csv"), "--on", "id"]) == expected)
  }

  /// Groups made of a number are those of a column that says on which side of the cut it is.
  @Test func groupsOfANumber() throws {
    let file = try sample(90)
    let made = try Program.shell(
      "awk -F, -v OFS=, 'NR == 1 { print $0, \"g\"; next } { print $0, $3 < 0 ? \"low\" : \"high\" }' "
        + "in.csv > grouped.csv", directory: scratch.url)
    #expect(made.status == 0)
    let method = ["faalgrad", "--task", "y", "--epochs", "4", "--hidden", "4"]
    let grouped = scratch.url.appendingPathComponent("grouped.csv").path
    let named = try train(
      method + ["--exclude", "n,b", "--protected", "g=low"], grouped, name: "named")
    let binned = try train(
      method + ["--exclude", "n", "--group", "b", "--bin", "b=0", "--protected", "b=<0"], file,
      name: "binned")
    let expected = try scores(named, file)
    #expect(expected.count == 90)
    #expect(largestDifference(try scores(binned, file), expected) < 1e-12)
    #expect(try scores(binned, file, ["--bin", "b=0"]) == scores(binned, file))
  }

  // MARK: Bad input

  @Test(arguments: [
    ["yoto", "--hidden", "4", "--epochs", "2"], ["mlp", "--hidden", "4", "--epochs", "2"],
    ["faalgrad", "--protected", "c=x", "--epochs", "2"],
    [
      "fair-maml", "--task-column", "c", "--iterations", "2", "--min-task-rows", "2", "--shots",
      "2",
    ],
  ])
  func labelsNothingCanBeLearnedFrom(_ method: [String]) throws {
    func train(_ label: (Int) -> String) throws -> ProgramRun {
      let rows = (0..<24).map {
        "\($0),\($0 % 5),\("xyz".dropFirst($0 % 3).prefix(1)),\(label($0))\n"
      }
      return try Program.run(
        ["train"] + method + ["--task", "y:binary", "--id", "id", "-o", "/dev/null"],
        input: Array(("id,a,c,y\n" + rows.joined()).utf8))
    }
    let none = try train { _ in "" }
    #expect(none.status == 65 && none.output.isEmpty, Comment(rawValue: none.errorText))
    #expect(none.errorText.contains("label"))
    let constant = try train { _ in "1" }
    #expect(constant.status == 65, Comment(rawValue: constant.errorText))
    // Separable labels are no error for a network: its steps are finite.
    #expect(try train { $0 % 5 > 2 ? "1" : "0" }.status == 0)
    // Some labels missing are no error either.
    #expect(try train { $0 % 4 == 1 ? "" : $0 % 5 > 2 ? "1" : "0" }.status == 0)
  }

  /// Of two tasks the one without labels is named.
  @Test func theTaskWithoutLabelsIsNamed() throws {
    let run = try Program.run(
      ["train", "mlp", "--task", "y", "--task", "second:regression", "--epochs", "1"],
      input: Array("a,y,second\n1,0,\n2,1,\n3,0,NA\n".utf8))
    #expect(run.status == 65 && run.errorText.contains("second"), Comment(rawValue: run.errorText))
  }

  @Test func damagedModelsAreRefusedByAllThatReadThem() throws {
    let file = try sample(60)
    let model = try train(
      ["pretrained", "--task", "y", "--task-column", "c", "--iterations", "2", "--hidden", "4"],
      file)
    let text = try String(contentsOfFile: model, encoding: .utf8)
    for damaged in [
      String(text.prefix(text.utf8.count - 40)),
      text.replacingOccurrences(of: "\"version\": 2", with: "\"version\": 9"),
      text.replacingOccurrences(of: "\"outputs\": 1", with: "\"outputs\": 2"),
    ] {
      let path = try scratch.file("bad", damaged).path
      for command in [
        ["inspect", path], ["adapt", "-m", path, "-o", "/dev/null", file],
        ["train", "mlp", "--task", "y", "--id", "id", "--init", path, file],
      ] {
        let run = try Program.run(command)
        #expect(run.status == 78 && run.output.isEmpty, Comment(rawValue: run.errorText))
      }
    }
  }
}
