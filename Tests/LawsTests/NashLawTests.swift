import Foundation
import FairpostTestSupport
import Testing

/// Learning rows' weights through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct NashLawTests {
  /// A step of reference/nash/ltr_step.json as files that `train` reads.
  private struct StepFiles {
    let scratch: Scratch
    let json: [String: Any]

    init(_ name: String) throws {
      scratch = try Scratch()
      let bytes = try Shared.bytes("reference/nash/ltr_step.json")
      let all = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
      let json = all[name] as? [String: Any] ?? [:]
      self.json = json
      func table(_ x: String, _ y: String, _ group: String?) -> String {
        let rows = json[x] as? [[Double]] ?? []
        let labels = json[y] as? [Int] ?? []
        let groups = group.flatMap { json[$0] as? [Int] }
        let lines = rows.indices.map { row in
          (rows[row].map { "\($0)" } + ["\(labels[row])"] + (groups.map { ["g\($0[row])"] } ?? []))
            .joined(separator: ",")
        }
        return (["a,b,c,y" + (group == nil ? "" : ",g")] + lines).joined(separator: "\n") + "\n"
      }
      _ = try scratch.file("train.csv", table("X", "y", nil))
      _ = try scratch.file("known.csv", table("Xval", "yval", "gval"))
      var layers = Self.layers(json["theta"] as? [Double] ?? [])
      layers["momentum"] = Self.layers(json["momentum_buffer"] as? [Double] ?? [])
      let start = try JSONSerialization.data(withJSONObject: ["params": layers])
      _ = try scratch.file("start.json", [UInt8](start))
    }

    /// Flat parameters as the layers of a file.
    private static func layers(_ parameters: [Double]) -> [String: Any] {
      var result: [String: Any] = [:]
      var at = 0
      for (number, size) in [(3, 4), (4, 2), (2, 2)].enumerated() {
        var rows: [[Double]] = []
        for _ in 0..<size.1 {
          rows.append(Array(parameters[at..<at + size.0]))
          at += size.0
        }
        result["W\(number + 1)"] = rows
        result["b\(number + 1)"] = Array(parameters[at..<at + size.1])
        at += size.1
      }
      return result
    }

    /// Takes the step; gives back all parameters of the model, and the line of the log.
    func step(_ method: [String], task: String) throws -> (parameters: [Double], log: Output) {
      let run = try Program.run(
        ["train"] + method + [
          "--task", task, "--group", "g", "--validation", "known.csv", "--init", "start.json",
          "--no-standardise", "--hidden", "4,2", "--full-batch", "--epochs", "1", "--rate", "0.05",
          "--dropout", "0", "--log", "log.csv", "-o", "m.model", "train.csv",
        ], directory: scratch.url)
      try #require(run.status == 0, "\(run.errorText)")
      func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: scratch.url.appendingPathComponent(name))
      }
      let file = try JSONSerialization.jsonObject(with: bytes("m.model")) as? [String: Any]
      let model = file?["model"] as? [String: Any] ?? file ?? [:]
      let layers = model["parameters"] as? [[String: Any]] ?? []
      let parameters = layers.flatMap { layer in
        (layer["weights"] as? [[Double]] ?? []).flatMap { $0 }
          + (layer["biases"] as? [Double] ?? [])
      }
      return (parameters, Output([UInt8](try bytes("log.csv"))))
    }
  }

  private static let methods = [
    "LtR": ["ltr"], "FORML": ["forml"], "MetaGDRO": ["gdro"],
    "Nash": ["nash", "--bargain-epochs", "2"],
  ]

  @Test(
    .enabled(if: Shared.isPresent), arguments: ["feasible_conflict", "infeasible"],
    ["LtR", "FORML", "MetaGDRO", "Nash"])
  func oneStep(_ name: String, _ protocolName: String) throws {
    let files = try StepFiles(name)
    defer { files.scratch.remove() }
    let method = try #require(Self.methods[protocolName])
    let all = files.json["protocols"] as? [String: [String: Any]] ?? [:]
    let expected = all[protocolName]?["theta_next"] as? [Double] ?? []
    try #require(expected.count == 32)
    let (parameters, log) = try files.step(method, task: "y:multiclass")
    #expect(largestDifference(parameters, expected) < 1e-10)
    // With one logit the head is the difference of the two.
    let (folded, _) = try files.step(method, task: "y")
    let head = (0..<2).map { expected[28 + $0] - expected[26 + $0] } + [expected[31] - expected[30]]
    #expect(largestDifference(folded, Array(expected[..<26]) + head) < 1e-10)

    let cells = ["g0.0", "g0.1", "g1.0", "g1.1"]
    let change = all[protocolName]?["first_order_cell_loss_change_after_clip"] as? [Double] ?? []
    let after = cells.map { log.numbers("utility_clipped.\($0)").first ?? .nan }
    #expect(largestDifference(after, change.map { -$0 }) < 1e-10)
    guard protocolName == "Nash" else { return }
    #expect(log.numbers("conflict_before") == [1])
    let alpha = cells.map { log.numbers("alpha.\($0)").first ?? .nan }
    if name == "feasible_conflict" {
      #expect(log.numbers("feasible") == [1] && log.numbers("conflict") == [0])
      for (own, other) in zip(alpha, files.json["alpha"] as? [Double] ?? []) {
        #expect(isClose(own, other, relative: 1e-10))
      }
      // Everybody gains, and once negative weights are cut off two lose: logged, not promised.
      let before = cells.compactMap { log.numbers("utility.\($0)").first }
      #expect(before.count == 4 && before.allSatisfy { $0 > 0 })
      #expect(after.filter { $0 < 0 }.count == 2)
    } else {
      #expect(log.numbers("feasible") == [0] && log.numbers("conflict") == [1])
      #expect(alpha.allSatisfy { $0.isNaN })
    }
  }

  private func loans(_ count: Int, in scratch: Scratch) throws {
    let made = try Program.run(
      ["synth", "loans", "-n", "\(count)", "-o", "loans.csv"], directory: scratch.url)
    try #require(made.status == 0)
  }

  private static let quick = [
    "--task", "repaid", "--group", "sex", "--id", "id", "--exclude", "score,amount", "--hidden",
    "8", "--epochs", "4", "--bargain-epochs", "3", "--batch", "64",
  ]

  /// Rows to learn from need no group: without the column, the same predictions.
  @Test func trainingRowsNeedNoGroup() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try loans(800, in: scratch)
    let cut = try Program.shell(
      """
      { head -1 loans.csv; tail -40 loans.csv; } > known.csv
      head -700 loans.csv > with.csv
      cut -d, -f1,3- with.csv > without.csv
      """, directory: scratch.url)
    #expect(cut.status == 0)
    var predictions: [[UInt8]] = []
    for file in ["with.csv", "without.csv"] {
      let run = try Program.run(
        ["train", "nash", "-o", "m.model", "--validation", "known.csv"] + Self.quick + [file],
        directory: scratch.url)
      #expect(run.status == 0, "\(run.errorText)")
      let predicted = try Program.run(
        ["predict", "-q", "-m", "m.model", "known.csv"], directory: scratch.url)
      #expect(predicted.status == 0)
      predictions.append(predicted.output)
    }
    #expect(predictions[0] == predictions[1] && !predictions[0].isEmpty)
  }

  /// Weights go by id; rows that validate have none, and the order of the file decides nothing of
  /// who they are.
  @Test func weightsAreSaved() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try loans(400, in: scratch)
    _ = try Program.shell(
      "{ head -1 loans.csv; tail -n +2 loans.csv | tac; } > turned.csv", directory: scratch.url)
    var left: [Set<String>] = []
    for file in ["loans.csv", "turned.csv"] {
      let run = try Program.run(
        ["train", "nash", "-q", "-o", "m.model", "--validation-per-cell", "5"]
          + ["--save-weights", "w.csv", "--full-batch"] + Self.quick + [file],
        directory: scratch.url)
      #expect(run.status == 0, "\(run.errorText)")
      let saved = Output(
        [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent("w.csv"))))
      #expect(saved.header == ["id", "weight"])
      #expect(saved.rows.count == 380)
      #expect(Set(saved.rows.map { $0[0] }).count == 380)
      let weights = saved.numbers("weight")
      #expect(weights.allSatisfy { $0 >= 0 } && weights.contains { $0 > 0 })
      left.append(Set(saved.rows.map { $0[0] }))
    }
    #expect(left[0] == left[1])
  }

  /// Bad input ends with its status and words that say what is wrong.
  @Test func badInput() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try loans(400, in: scratch)
    let made = try Program.shell(
      """
      awk -F, 'NR == 1 || $2 == "M"' loans.csv > one-group.csv
      awk -F, 'NR == 1 || !($2 == "F" && $9 == 0)' loans.csv > no-cell.csv
      awk -F, 'NR == 1 || !($2 == "F" && $9 == 0) || !seen++' loans.csv > one-row.csv
      awk -F, 'NR == 1 || $9 == 1' loans.csv > constant.csv
      cut -d, -f1,3- loans.csv > no-group.csv
      awk -F, 'NR > 1 { $2 = "" } 1' OFS=, loans.csv > no-value.csv
      """, directory: scratch.url)
    #expect(made.status == 0)
    let header = try Program.shell("head -1 loans.csv", directory: scratch.url).outputText
    #expect(header.split(separator: ",")[8] == "repaid")
    func run(_ words: [String], _ file: String) throws -> ProgramRun {
      try Program.run(
        ["train", "nash", "-o", "m.model"] + Self.quick + words + [file], directory: scratch.url)
    }
    let cases: [(words: [String], file: String, status: Int32, says: String)] = [
      ([], "one-group.csv", 65, "one-group.csv: the validation rows all belong to one group"),
      (
        [], "no-cell.csv", 65,
        "no-cell.csv: no validation row of the group F has the label 0"
      ),
      (
        ["--validation", "no-cell.csv"], "no-group.csv", 65,
        "no-cell.csv: no validation row of the group F has the label 0"
      ),
      (
        ["--empty-cells", "skip"], "no-cell.csv", 0,
        "WARNING: no validation row of the group F has the label 0"
      ),
      ([], "one-row.csv", 0, "only 1 validation row drawn from the group F with the label 0"),
      ([], "constant.csv", 65, "every training row has the same label"),
      ([], "no-group.csv", 65, "no column \"sex\""),
      ([], "no-value.csv", 65, "no validation row has a group and a label"),
      (["--rate", "1e6"], "loans.csv", 65, "lower the step size (--rate"),
      (["--task", "amount"], "loans.csv", 64, "this method learns one task"),
      (["--group", "region"], "loans.csv", 64, "nash takes one attribute"),
    ]
    for one in cases {
      let run = try run(one.words, one.file)
      #expect(run.status == one.status, "\(one.file) \(one.words): \(run.errorText)")
      #expect(run.errorText.contains(one.says), "\(one.file) \(one.words): \(run.errorText)")
    }
    let plain = try Program.run(
      [
        "train", "linear", "--task", "repaid", "--id", "id", "--save-weights", "w.csv", "loans.csv",
      ],
      directory: scratch.url)
    #expect(plain.status == 64 && plain.errorText.contains("linear does not weigh rows"))
  }

  /// Two groups with the same rows: equal weights in every epoch's bargain.
  @Test(arguments: ["cell", "group"]) func identicalGroups(_ players: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try loans(300, in: scratch)
    let made = try Program.shell(
      """
      awk -F, 'NR == 1 { print } NR > 200 { $2 = "F"; print; $2 = "M"; print }' OFS=, loans.csv \
        > known.csv
      head -200 loans.csv | cut -d, -f1,3- > rows.csv
      """, directory: scratch.url)
    #expect(made.status == 0)
    let run = try Program.run(
      ["train", "nash", "-o", "m.model", "--validation", "known.csv", "--players", players]
        + ["--log", "log.csv", "--dropout", "0"] + Self.quick + ["rows.csv"],
      directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let log = Output(
      [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent("log.csv"))))
    for label in players == "cell" ? [".0", ".1"] : [""] {
      let (f, m) = (log.numbers("alpha.F\(label)"), log.numbers("alpha.M\(label)"))
      #expect(f.count == 4 && f[0].isFinite && f[1].isFinite && f[3].isNaN)
      for (a, b) in zip(f, m) where a.isFinite { #expect(isClose(a, b, relative: 1e-9)) }
    }
  }
}
