import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// For every setting of every method: `compare --set METHOD.x=v` gives the figures that `train --x v`
/// or `fit --x v` give on the same rows, or the same error.
@Suite(.enabled(if: Program.isBuilt)) struct SettingFigureLawTests {
  static let seed: UInt64 = 5

  /// What a method is tried with: settings that make it quick, then each setting with a value.
  struct Trial: Sendable, CustomTestStringConvertible {
    let method: String
    var quick: [String] = []
    let values: [String]
    var testDescription: String { method }
  }

  private static let network = ["hidden=3,2", "activation=tanh", "initial=kaiming"]
  private static let optimiser = [
    "epochs=3", "batch=17", "full-batch", "optimiser=sgd", "rate=0.02", "momentum=0.5",
    "weight-decay=0.1", "l2=0.3", "dropout=0.2", "clip=0.01", "patience=1",
  ]
  private static let episodes = [
    "shots=3", "tasks-per-batch=2", "iterations=4", "inner-rate=0.05", "inner-steps=2",
    "outer-rate=0.02", "gamma=0.5", "gamma=0.0", "regulariser=eop", "min-task-rows=40",
  ]

  static let training = [
    Trial(method: "linear", values: ["penalty=30"]),
    Trial(
      method: "mlp", quick: ["hidden=4", "epochs=2"],
      values: network + optimiser + ["task-weight=repaid=0.2"]),
    Trial(
      method: "yoto", quick: ["hidden=4", "epochs=2"],
      values: network + optimiser + ["weight-from=0.5", "weight-to=2"]),
    Trial(
      method: "fair-maml", quick: ["hidden=4", "iterations=3", "min-task-rows=10"],
      values: network + episodes + ["order=first", "tolerance=0.3", "online"]),
    Trial(
      method: "pretrained", quick: ["hidden=4", "iterations=3", "min-task-rows=10"],
      values: network + episodes),
    Trial(
      method: "faalgrad", quick: ["hidden=4", "epochs=2"],
      values: network + [
        "support=share:0.2", "inner-rate=0.1", "inner-steps=2", "outer-rate=0.05", "epochs=3",
        "patience=1", "batch=20", "full-batch", "favourable=0", "align=0.5", "gamma=0.5",
        "regulariser=eop", "order=first",
      ]),
    // The others of its kind draw validation rows by the record, which has another key in a comparison.
    Trial(
      method: "dro", quick: ["hidden=4", "epochs=2", "batch=32"],
      values: network + [
        "epochs=3", "batch=17", "full-batch", "rate=0.02", "momentum=0.5", "weight-decay=0.1",
        "dropout=0.5", "share=0.7", "weight-norm=l1",
      ]),
    Trial(
      method: "fairgrad", quick: ["hidden=4", "epochs=2"],
      values: network + optimiser.filter { $0 != "patience=1" } + [
        "constraint=demographic-parity", "tolerance=0.1", "fairness-rate=0.5",
      ]),
    Trial(
      method: "badr",
      values: [
        "objective=variance", "objective=eo + 0.5 * loss", "sharpness=4", "penalty=0.1",
        "solver=gd", "solver=sgd", "steps=40", "batch=64", "outer-ratio=1", "clip=0.01", "pareto=5",
        "hidden=4", "epochs=3",
      ]),
    Trial(
      method: "penalised",
      values: ["objective=individual", "sharpness=4", "penalty=0.1", "gamma=5"]),
    Trial(
      method: "fairdro", quick: ["hidden=4", "epochs=3"],
      values: network + optimiser.filter { $0 != "patience=1" } + [
        "ball=kl", "ball=reverse-kl", "radius=0.1", "weigh-by=loss",
      ]),
    Trial(
      method: "rp-dro", quick: ["hidden=4", "epochs=2"],
      values: network + optimiser.filter { $0 != "patience=1" } + [
        "temperature=0.5", "adversary-rate=0.01",
      ]),
  ]

  static let adjusting = [
    Trial(
      method: "wasserstein", quick: ["allow-singletons"],
      values: [
        "epsilon=0.4", "target-w2=0.05", "estimator=hazen", "estimator=equipy", "ties=mid",
        "jitter=0", "group-weights=equal", "group-weights-file=weights.csv", "range=0,1",
        "outside=shift", "unseen=pool", "missing-group=pass", "small-cell=pool", "min-group=50",
        "allow-singletons", "exact", "sketch=8", "compress=5", "value-error=0.5",
      ]),
    Trial(
      method: "threshold",
      values: [
        "fix=F=0.4", "grid=0.05", "minimise=equal_opportunity_difference", "otherwise=0.6",
      ]),
    Trial(
      method: "reject-option",
      values: [
        "threshold=0.4", "favour=F", "minimise=equal_opportunity_difference", "tolerance=0.2",
        "otherwise=0.6",
      ]),
    // Lots are drawn by the record, which has another key in a comparison: limits that need none.
    Trial(
      method: "decide", quick: ["tolerance=1"],
      values: [
        "constraint=equalized_odds=1", "tolerance=1", "maximise=balanced", "maximise=f1",
        "cap=overall:selection_rate<=1", "confidence=0.9", "costs=0,3,1,0", "reversed",
        "deterministic",
        "otherwise=0.6",
      ]),
    Trial(
      method: "rate", quick: ["rate=0.25", "ties=below"],
      values: [
        "rate=0.4", "each-group", "least=F=0.6", "quota=F=0.5", "tolerance=0.05", "ratio=0.9",
        "ties=above", "otherwise=0.6",
      ]),
    Trial(
      method: "prefix", quick: ["least=F=0.5", "top=20"],
      values: [
        "top=40", "least=F=0.9", "minimum=floor", "alpha=0.3", "unadjusted", "unseen=pass",
      ]),
    Trial(
      method: "xorder", quick: ["trade-off=0.1"],
      values: ["trade-off=0.5", "disparity=prf", "keep=M", "keep=F", "unseen=pass"]),
  ]

  /// Loans, and which of them train, choose, calibrate and test under the seed.
  private struct Work {
    let scratch: Scratch
    let folder: URL
    let rows: [String]
    let header: String
    /// The part of each row: 0 train, 1 calibrate, 2 test; whether it would be kept for validation.
    let parts: [(part: Int, isKept: Bool)]

    init(_ count: Int = 320) throws {
      scratch = try Scratch()
      folder = try scratch.folder("work")
      let loans = try Program.run(["synth", "loans", "-n", "\(count)"])
      let lines = loans.outputText.split(separator: "\n").map(String.init)
      header = lines[0]
      rows = Array(lines.dropFirst())
      let seed = SettingFigureLawTests.seed
      let record = StableHash(seed: 20_260_101, purpose: "train.record")
      let split = StableHash(seed: seed, purpose: "compare.split")
      let validation = StableHash(seed: seed, purpose: "compare.validation")
      parts = rows.map { row in
        let key = record(String(row.prefix { $0 != "," }))
        let place = Double(split(key)) * 0x1p-64
        let part = place < 0.6 ? 0 : place < 0.8 ? 1 : 2
        return (part, Double(validation(key) >> 11) * 0x1p-53 < 0.2)
      }
      try write("loans.csv", loans.output)
      try write("weights.csv", Array("sex,weight\nM,3\nF,1\n".utf8))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }

    /// The rows for which something holds, with a column of their use behind.
    func rows(_ name: String, _ use: (_ part: Int, _ isKept: Bool) -> String?) throws {
      let chosen = zip(rows, parts).compactMap { row, part in
        use(part.part, part.isKept).map { "\(row),\($0)" }
      }
      try write(name, Array((["\(header),use"] + chosen).joined(separator: "\n").utf8) + [10])
    }

    func run(_ words: [String]) throws -> ProgramRun {
      try Program.run(words, directory: folder)
    }
  }

  /// `x=v` as an option of a command.
  private func option(_ setting: String) -> String { "--\(setting)" }

  /// `x=v` as `compare` takes it.
  private func set(_ setting: String, _ method: String) -> [String] {
    ["--set", "\(method).\(setting)\(setting.contains("=") ? "" : "=yes")"]
  }

  /// The settings of a trial with one of its own in place of a quick one of that name.
  private func settings(_ trial: Trial, _ own: String) -> [String] {
    let name = own.prefix { $0 != "=" }
    return trial.quick.filter { $0.prefix { $0 != "=" } != name } + [own]
  }

  /// The figures of all rows, by metric.
  private func figures(
    _ output: Output, _ holds: [String: String]
  ) -> [String: String] {
    var result: [String: String] = [:]
    for row in output.rows {
      let fields = Dictionary(zip(output.header, row), uniquingKeysWith: { first, _ in first })
      guard fields["group"] == "", holds.allSatisfy({ fields[$0.key] == $0.value }),
        let metric = fields["metric"]
      else { continue }
      result[metric] = fields["value"]
    }
    return result
  }

  private static let metrics = ["--metrics", "auc,log_loss,accuracy"]
  private static let columns = [
    "--task", "repaid", "--protected", "sex=F", "--group", "sex", "--id", "id", "--seed", "\(seed)",
  ]

  @Test(arguments: training) func trainingIsTheSameInCompare(_ trial: Trial) throws {
    let work = try Work()
    defer { work.scratch.remove() }
    let isMeta = trial.quick.contains { $0.hasPrefix("iterations") }
    let choosesEpoch =
      !isMeta
      && ![
        "linear", "dro", "fairgrad", "badr", "penalised", "fairdro", "rp-dro",
      ].contains(trial.method)
    try work.rows("parts.csv") { part, isKept in
      part == 2 ? nil : choosesEpoch && isKept ? "validation" : "train"
    }
    try work.rows("test.csv") { part, _ in part == 2 ? "test" : nil }
    let roles =
      Self.columns + ["--exclude", "score,amount"] + (isMeta ? ["--task-column", "region"] : [])
    let weights = trial.method == "yoto" ? ["task-weights=1.5"] : []
    var shown: [String: String] = [:]
    for own in trial.values {
      let settings = settings(trial, own)
      let compared = try work.run(
        ["compare", "loans.csv", "-q", "--methods", trial.method, "--adjust", "none"] + roles
          + ["--seeds", "1", "--no-adapt", "--cells", "cells.csv", "--format", "csv"]
          + Self.metrics + (settings + weights).flatMap { set($0, trial.method) })
      let trained = try work.run(
        ["train", trial.method, "parts.csv", "-q", "-o", "m.model", "--split-column", "use"]
          + roles + settings.map(option))
      #expect(trained.status == 0 && compared.status == 0, "\(own) \(trained.errorText)")
      let predicted = try work.run(
        ["predict", "-q", "-m", "m.model", "test.csv", "-o", "predicted.csv"] + weights.map(option))
      #expect(predicted.status == 0, "\(predicted.errorText)")
      let evaluated = try work.run(
        [
          "evaluate", "-q", "predicted.csv", "--task", "repaid", "--group", "sex", "--format",
          "csv",
        ]
          + Self.metrics)
      let expected = figures(Output(evaluated.output), ["score": "repaid.score"])
      let cells = Output(
        [UInt8](try Data(contentsOf: work.folder.appendingPathComponent("cells.csv"))))
      let found = figures(cells, ["arm": trial.method, "decisions": "own"])
      #expect(expected.count == 3, "\(own): \(evaluated.errorText)")
      for (metric, value) in expected { #expect(found[metric] == value, "\(own): \(metric)") }
      shown[own] = found["log_loss"]
    }
    // A setting that did nothing in either would pass unseen.
    #expect(Set(shown.values).count > trial.values.count / 2)
  }

  @Test(arguments: adjusting) func adjustingIsTheSameInCompare(_ trial: Trial) throws {
    let work = try Work(500)
    defer { work.scratch.remove() }
    try work.rows("parts.csv") { part, _ in part == 0 ? "train" : nil }
    try work.rows("calibrate.csv") { part, _ in part == 1 ? "calibrate" : nil }
    try work.rows("test.csv") { part, _ in part == 2 ? "test" : nil }
    let roles = Self.columns + ["--exclude", "score,amount"]
    _ = try work.run(
      ["train", "linear", "parts.csv", "-q", "-o", "m.model", "--split-column", "use"] + roles)
    for part in ["calibrate", "test"] {
      _ = try work.run(["predict", "-q", "-m", "m.model", "\(part).csv", "-o", "\(part)-p.csv"])
    }
    let metrics = ["--metrics", "auc,accuracy,ks,selection_rate"]
    var shown = Set<[String: String]>()
    for own in trial.values {
      let settings = settings(trial, own)
      let compared = try work.run(
        ["compare", "loans.csv", "-q", "--methods", "linear", "--adjust", trial.method] + roles
          + ["--seeds", "1", "--cells", "cells.csv", "--format", "csv"] + metrics
          + settings.flatMap { set($0, trial.method) })
      let fitted = try work.run(
        ["fit", trial.method, "calibrate-p.csv", "-q", "-o", "s.map", "--task", "repaid"]
          + ["--group", "sex", "--id", "id", "--seed", "\(Self.seed)"] + settings.map(option))
      #expect(fitted.status == 0 && compared.status == 0, "\(own) \(fitted.errorText)")
      let applied = try work.run(["apply", "-q", "-m", "s.map", "test-p.csv", "-o", "fair.csv"])
      #expect(applied.status == 0, "\(applied.errorText)")
      // Decisions stand beside the score they were made from; its ranks are none of theirs.
      let decides = !["wasserstein", "prefix", "xorder"].contains(trial.method)
      let score = decides ? "repaid.score" : "repaid.fair"
      let evaluated = try work.run(
        ["evaluate", "-q", "fair.csv", "--task", "repaid", "--group", "sex", "--format", "csv"]
          + metrics)
      let decided: Set = ["accuracy", "selection_rate"]
      let expected = figures(Output(evaluated.output), ["score": score]).filter {
        !decides || decided.contains($0.key)
      }
      let cells = Output(
        [UInt8](try Data(contentsOf: work.folder.appendingPathComponent("cells.csv"))))
      let found = figures(cells, ["arm": "linear/\(trial.method)", "decisions": "own"])
      #expect(expected.count >= 2, "\(own): \(evaluated.outputText)")
      for (metric, value) in expected { #expect(found[metric] == value, "\(own): \(metric)") }
      shown.insert(found)
    }
    #expect(shown.count >= 2)
  }

  /// What is drawn by the record is drawn under other keys: the same error, and some effect.
  @Test func bothRefuseTheSameValues() throws {
    let work = try Work(60)
    defer { work.scratch.remove() }
    let wrong = [
      "wasserstein": [
        "epsilon=2", "epsilon=0.1,0.2", "target-w2=x", "estimator=hazan", "ties=meen",
        "jitter=-1", "group-weights=same", "group-weights-file=absent.csv", "range=1,0",
        "outside=no", "unseen=drop", "missing-group=x", "small-cell=x", "min-group=0",
        "compress=1", "min-group=1.5", "value-error=x",
      ],
      "threshold": ["fix=F", "grid=0", "minimise=x", "otherwise=x"],
      "reject-option": ["threshold=x", "minimise=x", "tolerance=2", "otherwise=x"],
      "decide": [
        "constraint=x", "constraint=four_fifths=0.5", "constraint=equal_opportunity_ratio",
        "tolerance=2", "confidence=1", "maximise=x", "maximise=cost", "costs=1", "cap=tpr",
        "cap=tpr<2",
        "otherwise=x",
      ],
      "rate": [
        "rate=2", "rate=x", "least=F", "least=F=2", "quota=x", "tolerance=2", "ratio=0",
        "ties=x", "otherwise=x",
      ],
      "prefix": [
        "top=0", "least=F", "minimum=x", "alpha=0.9", "unseen=x",
      ],
      "xorder": ["disparity=auc", "trade-off=-1", "unseen=x"],
      "linear": ["penalty=-1", "penalty=0x10"],
      "mlp": [
        "hidden=1.5", "hidden=0", "hidden=", "activation=relo", "initial=x", "epochs=0",
        "epochs=2.5",
        "batch=0", "optimiser=adan", "rate=nan", "momentum=2", "weight-decay=-1", "l2=x",
        "dropout=1", "clip=-1", "patience=0", "task-weight=repaid", "task-weight=repaid=-1",
        "task-weight=other=1",
      ],
      "yoto": ["weight-from=9", "weight-from=1,2,3", "weight-to=x"],
      "fair-maml": [
        "shots=0", "tasks-per-batch=x", "iterations=0", "inner-rate=x", "inner-steps=0",
        "outer-rate=-1", "gamma=x", "gamma=-1", "gamma=auto", "regulariser=x", "min-task-rows=0",
        "order=third", "tolerance=2",
      ],
      "pretrained": ["gamma=auto", "gamma=x", "shots=1.5"],
      "faalgrad": [
        "support=config3", "support=share:2", "favourable=2", "align=x", "gamma=-1", "batch=x",
      ],
      "nash": [
        "protocol=x", "bargain-epochs=-1", "space=x", "players=x", "weight-norm=none",
        "validation-loss=f1", "validation-per-cell=0", "empty-cells=x",
      ],
      "dro": ["share=2", "weight-norm=x"],
      "fairgrad": ["constraint=odds", "tolerance=2", "fairness-rate=-1"],
      "badr": [
        "objective=dpp", "objective=dp+", "objective=-1 * dp", "solver=x", "sharpness=0",
        "penalty=0", "steps=0", "batch=0", "pareto=-1",
      ],
      "penalised": ["objective=x", "gamma=-1"],
      "rp-dro": ["temperature=0", "adversary-rate=-1"],
      "fairdro": ["ball=x", "radius=-1", "weigh-by=x"],
    ]
    for (method, values) in wrong.sorted(by: { $0.key < $1.key }) {
      let isAdjustment = Self.adjusting.contains { $0.method == method }
      for own in values {
        let compared = try work.run(
          ["compare", "loans.csv", "--task-column", "region", "--exclude", "score,amount"]
            + ["--methods", isAdjustment ? "linear" : method] + Self.columns + set(own, method)
            + (isAdjustment ? ["--adjust", method] : ["--adjust", "none"]))
        let single = try work.run(
          isAdjustment
            ? ["fit", method, "loans.csv", "--score", "score", "--group", "sex", option(own)]
            : ["train", method, "loans.csv", "--task-column", "region"] + Self.columns
              + [option(own)])
        #expect(compared.status == single.status && compared.output.isEmpty, "\(method) \(own)")
        #expect(single.status == 64 || single.status == 66, "\(own) \(single.errorText)")
        let line = { (run: ProgramRun) in
          run.errorText.split(separator: "\n").first.map(String.init) ?? ""
        }
        // The same words but for the names of settings.
        let named = line(compared)
          .replacing("fairpost compare: ", with: "")
          .replacing(try Regex("--set \(method)\\.([a-z0-9-]+)=")) { "--\($0[1].substring ?? "") " }
          .replacing("--set \(method).", with: "--").replacing("\(method).", with: "--")
        let plain = line(single)
          .replacing(isAdjustment ? "fairpost fit: " : "fairpost train: ", with: "")
        #expect(named == plain, "\(method) \(own)")
      }
    }
  }

  /// The tables above hold every setting there is, as help lists them.
  @Test func everySettingIsTried() throws {
    for trial in Self.training + Self.adjusting {
      let command = Self.training.contains { $0.method == trial.method } ? "train" : "fit"
      let help = try Program.run([command, trial.method, "--help"]).outputText
      let section = help.split(separator: "\n\n").first {
        $0.split(separator: "\n").first == "Options of \(trial.method)"
      }
      let listed = try #require(section).split(separator: "\n").compactMap { line -> String? in
        guard let start = line.firstRange(of: "--"), line[..<start.lowerBound].count < 9 else {
          return nil
        }
        return String(line[start.upperBound...].prefix { $0 != " " })
      }
      // Without the group at hand there is nothing that a comparison by groups could fit.
      let apart: Set = trial.method == "decide" ? ["blind"] : []
      let tried = Set(trial.values.map { String($0.prefix { $0 != "=" }) }).union(apart)
      #expect(!listed.isEmpty && Set(listed) == tried, "\(trial.method)")
    }
  }
}
