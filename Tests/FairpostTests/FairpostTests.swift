import Fairpost
import FairpostTestSupport
import Foundation
import Testing

/// The library's promise: what the program does, a Swift program does with one import, and the answers
/// are the same to the last bit.
@Suite(.enabled(if: Program.isBuilt, "the program is not built")) struct FairpostTests {
  private let folder: URL
  private let loans: String

  /// A folder with a small data set, scored by a model of the program's own.
  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fairpost-library-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    loans = folder.appendingPathComponent("loans.csv").path
    try Self.shell("fairpost synth loans --count 600 -o loans.csv", in: folder)
  }

  @discardableResult
  private static func shell(_ script: String, in folder: URL) throws -> String {
    let run = try Program.shell(script, directory: folder)
    try #require(run.status == 0, "\(script): \(run.errorText)")
    return run.outputText
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  @Test func fitsAndAppliesAsTheProgramDoes() throws {
    try Self.shell(
      """
      fairpost fit --score score --group sex --epsilon 0.25 -o theirs.map loans.csv
      fairpost apply -m theirs.map -o theirs.csv loans.csv
      """, in: folder)
    let records = Records.file(loans)
    let map = try FairMap.fit(
      records, Columns(scores: ["score"], groups: ["sex"]), settings: ["epsilon": 0.25])
    try map.save(to: path("ours.map"))
    #expect(try text("ours.map") == text("theirs.map"))
    try map.apply(to: records, writing: path("ours.csv"))
    #expect(try text("ours.csv") == text("theirs.csv"))
    let again = try FairMap(contentsOf: path("theirs.map"))
    #expect(again.outputColumns == ["score.fair"])
    #expect(again.description == map.description)
    #expect(try again.verify(.file(path("ours.csv"))).agrees)
    // A value that is not the map's is found with its line.
    var lines = try text("ours.csv").split(separator: "\n").map(String.init)
    lines[3] = lines[3].split(separator: ",").dropLast().joined(separator: ",") + ",7"
    try lines.joined(separator: "\n").write(
      toFile: path("forged.csv"), atomically: true, encoding: .utf8)
    let forged = try again.verify(.file(path("forged.csv")))
    #expect(forged.count == 1)
    #expect(forged.differences.map(\.line) == [4])
    #expect(forged.differences.map(\.found) == ["7"])
  }

  /// Two groups of two: the barycentre of {0, 1} and {2, 3} at equal weights is {1, 2}.
  @Test func adjustsArrays() throws {
    let table = try Table([
      "p": .numbers([0, 1, 2, 3]), "sex": .texts(["F", "F", "M", "M"]),
    ])
    let map = try FairMap.fit(
      .table(table), Columns(scores: ["p"], groups: ["sex"]),
      settings: ["exact": true, "estimator": "equipy", "allow-singletons": true])
    let adjusted = try map.apply(to: .table(table))
    #expect(adjusted.names == ["p", "sex", "p.fair"])
    let fair = try adjusted.numbers("p.fair")
    #expect(fair[0] == fair[2] && fair[1] == fair[3])
    #expect(fair[0] >= 1 - 1e-12 && fair[1] <= 2 + 1e-12 && fair[0] < fair[1])
    // One record gets the answer it gets among others.
    let one = try Table(["p": .numbers([2]), "sex": .texts(["M"])])
    #expect(try map.apply(to: .table(one)).numbers("p.fair") == [fair[2]])
  }

  @Test func trainsAndPredictsAsTheProgramDoes() throws {
    try Self.shell(
      """
      fairpost train mlp --task repaid --group sex --exclude id,score --hidden 4 --epochs 3 \
        -o theirs.model loans.csv
      fairpost predict -m theirs.model -o theirs.csv loans.csv
      """, in: folder)
    let model = try Predictor.train(
      .file(loans),
      LearningRoles(
        Columns(tasks: ["repaid"], groups: ["sex"]), excluding: ["id", "score"]),
      method: "mlp", settings: ["hidden": [4], "epochs": 3])
    try model.save(to: path("ours.model"))
    #expect(try text("ours.model") == text("theirs.model"))
    try model.predict(.file(loans), writing: path("ours.csv"))
    #expect(try text("ours.csv") == text("theirs.csv"))
    let scores = try Predictor(contentsOf: path("theirs.model")).predict(.file(loans))
    #expect(scores.names == ["repaid.score"])
    #expect(scores.rowCount == 600)
    #expect(!model.notes.isEmpty)
  }

  @Test func evaluatesAsTheProgramDoes() throws {
    let theirs = try Self.shell(
      """
      fairpost evaluate --task repaid --score score --group sex --threshold 0.5 --format csv \
        loans.csv
      """, in: folder)
    let evaluation = try Evaluation.of(
      .file(loans), Columns(tasks: ["repaid"], scores: ["score"], groups: ["sex"]),
      threshold: 0.5,
      limits: ["demographic_parity_difference > 0", "demographic_parity_difference > 1"])
    let isSame = try evaluation.csv() == theirs
    #expect(isSame)
    #expect(evaluation.verdicts.map(\.word) == [.notMet, .met])
    let found = evaluation.value(of: "demographic_parity_difference")
    let gap = try #require(found)
    #expect(gap > 0 && gap < 1)
    #expect(evaluation.verdicts[0].figure?.value == gap)
  }

  @Test func comparesAsTheProgramDoes() throws {
    let theirs = try Self.shell(
      """
      fairpost compare --task repaid --group sex --exclude id,score --methods linear \
        --adjust none,wasserstein --set wasserstein.epsilon=0.5 --seeds 2 \
        --fractions train=0.6,calibrate=0.2,test=0.2 --format csv loans.csv
      """, in: folder)
    let comparison = try Comparison.of(
      .file(loans),
      LearningRoles(
        Columns(tasks: ["repaid"], groups: ["sex"]), excluding: ["id", "score"]),
      methods: ["linear"], adjustments: ["none", "wasserstein"],
      settings: ["wasserstein.epsilon": 0.5], seeds: 2)
    #expect(try comparison.csv() == theirs)
    #expect(comparison.failures.isEmpty)
    #expect(comparison.text.contains("linear"))
  }

  @Test func listsWhatThereIs() {
    #expect(FairMap.methods.map(\.name).contains("wasserstein"))
    #expect(
      Predictor.methods.first { $0.name == "mlp" }?.settings.contains { $0.name == "hidden" }
        == true)
    #expect(Evaluation.metrics.contains { $0.id == "demographic_parity_difference" })
  }

  @Test func saysWhatIsWrong() throws {
    func fault(_ work: () throws -> Void) -> FairpostError? {
      do {
        try work()
        return nil
      } catch { return error as? FairpostError }
    }
    let table = Records.table(
      try Table(["p": .numbers([0, 1, 2, 3]), "sex": .texts(["F", "F", "M", ""])]))
    let columns = Columns(scores: ["p"], groups: ["sex"])
    let unknown = fault { _ = try FairMap.fit(table, columns, settings: ["epsilom": 1]) }
    #expect(unknown?.kind == .usage)
    #expect(unknown?.message.contains("epsilom") == true)
    #expect(unknown?.hint == "did you mean \"epsilon\"?")
    let range = fault { _ = try FairMap.fit(table, columns, settings: ["epsilon": 2]) }
    #expect(range?.kind == .usage)
    // A Swift caller typed no option.
    let nobody = fault { _ = try FairMap.fit(table, Columns(scores: ["p"])) }
    #expect(nobody?.message == "name a sensitive attribute: group COL")
    let group = fault { _ = try FairMap.fit(table, columns) }
    #expect(group?.kind == .badData)
    #expect(group?.message.contains("the group is missing") == true)
    let column = fault {
      _ = try FairMap.fit(table, Columns(scores: ["q"], groups: ["sex"]))
    }
    #expect(column?.message.contains("no column \"q\"") == true)
    let file = fault { _ = try FairMap(contentsOf: path("nothing.map")) }
    #expect(file?.kind == .noInput)
    let model = fault { _ = try Predictor(contentsOf: loans) }
    #expect(model?.kind == .badFile)
    let length = fault {
      _ = try Table(["p": .numbers([0, 1]), "sex": .texts(["F"])])
    }
    #expect(length?.kind == .usage)
    let method = fault {
      _ = try Predictor.train(
        table, LearningRoles(Columns(tasks: ["p"])), method: "perceptron")
    }
    #expect(method?.kind == .usage)
    // What a program is told names no option of a command line.
    for error in [unknown, range, group, column, file, model, length, method].compactMap({ $0 }) {
      #expect(!error.description.contains("--"), "\(error)")
    }
  }
}
