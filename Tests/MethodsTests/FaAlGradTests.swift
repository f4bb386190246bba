import Foundation
import FairpostLearning
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing

/// The authors' published run, replayed: see reference/faalgrad_golden.
@Suite(.enabled(if: Shared.isPresent)) struct FaAlGradGoldenTests {
  private let data: [String: LearningData]
  private let initial: [Double]
  private let shape = NetworkShape(inputs: 8, hidden: [8], outputs: 1, activation: .relu)

  init() throws {
    let table = try PlainCSV(path: Shared.path("reference/faalgrad_golden/compas_seed102.csv"))
    let features = Array(table.header[1...8])
    let columns = features.map { table.numbers($0) }
    let labels = table.numbers("label")
    let race = table.numbers("race_african_american")
    let split = table.texts("split")
    var parts: [String: LearningData] = [:]
    for name in ["train", "val"] {
      let rows = split.indices.filter { split[$0] == name }
      parts[name] = LearningData(
        features: 8, inputs: rows.flatMap { row in columns.map { $0[row] } },
        tasks: [
          LearningTask(
            name: "label", kind: .binary(positive: "1"), targets: rows.map { labels[$0] })
        ], groups: rows.map { Int32(race[$0]) })
    }
    data = parts
    initial = try Self.parameters("init.json", "params")
  }

  private static func parameters(_ file: String, _ key: String) throws -> [Double] {
    let bytes = try Shared.bytes("reference/faalgrad_golden/\(file)")
    let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
    let layers = json[key] as? [String: Any] ?? [:]
    let weights1 = layers["W1"] as? [[Double]] ?? []
    let weights2 = layers["W2"] as? [[Double]] ?? []
    return weights1.flatMap { $0 } + (layers["b1"] as? [Double] ?? [])
      + weights2.flatMap { $0 } + (layers["b2"] as? [Double] ?? [])
  }

  private func run(_ order: MetaOrder) throws -> ([FaAlGrad.Epoch], TrainingResult) {
    var settings = FaAlGrad.Settings()
    settings.support = .config1
    settings.protected = 1
    settings.innerRate = 0.005
    settings.outerRate = 0.01
    settings.order = order
    let train = try #require(data["train"])
    var log: [FaAlGrad.Epoch] = []
    let result = try FaAlGrad.fit(
      shape: shape, data: train, validation: data["val"], settings: settings, initial: initial
    ) { log.append($0) }
    return (log, result)
  }

  /// Loss, accuracy and the four metrics, computed here from their definitions.
  private func figures(_ parameters: [Double], _ data: LearningData) -> [Double] {
    var workspace = Workspace(shape: shape)
    workspace.forward(parameters, data.batch())
    let labels = data.tasks[0].targets
    var loss = 0.0
    var right = 0.0
    var counts = [Double](repeating: 0, count: 4)
    var selected = counts
    for row in labels.indices {
      let z = workspace.outputs[row]
      loss += log1p(exp(-abs(z))) + max(z, 0) - z * labels[row]
      let decision = z > 0 ? 1.0 : 0
      right += decision == labels[row] ? 1 : 0
      let cell = Int(data.groups[row]) * 2 + Int(labels[row])
      counts[cell] += 1
      selected[cell] += decision
    }
    let n = Double(labels.count)
    func rates(_ top: [Double], _ bottom: [Double]) -> (Double, Double) {
      let r = zip(top, bottom).map { $0 / $1 }
      return ((r.max() ?? 0) - (r.min() ?? 0), (r.min() ?? 0) / (r.max() ?? 0))
    }
    let dp = rates(
      [selected[0] + selected[1], selected[2] + selected[3]],
      [counts[0] + counts[1], counts[2] + counts[3]])
    let tpr = rates([selected[1], selected[3]], [counts[1], counts[3]])
    let fpr = rates([selected[0], selected[2]], [counts[0], counts[2]])
    return [loss / n, right / n, dp.0, dp.1, max(tpr.0, fpr.0), min(tpr.1, fpr.1)]
  }

  @Test func secondOrder() throws {
    let (log, result) = try run(.second)
    let authors = try PlainCSV(path: Shared.path("reference/faalgrad_golden/log_authors.csv"))
    let exact = try PlainCSV(
      path: Shared.path("reference/faalgrad_golden/trajectory_config1_second_order.csv"))
    #expect(log.count == 26 && authors.rows.count == 26)
    #expect(result.bestEpoch == 15)
    let train = try #require(data["train"])
    let validation = try #require(data["val"])
    for (epoch, record) in log.enumerated() {
      let ofTrain = figures(record.parameters, train)
      let ofValidation = figures(record.parameters, validation)
      let found = [ofTrain[0]] + ofTrain[2...] + ofValidation
      for (value, text) in zip(found, authors.rows[epoch].dropFirst()) {
        #expect(abs(value - (Double(text) ?? .nan)) <= 5.001e-5, "epoch \(epoch)")
      }
      for (value, text) in zip(found + [record.outerLoss], exact.rows[epoch].dropFirst()) {
        #expect(abs(value - (Double(text) ?? .nan)) <= 1e-9, "epoch \(epoch)")
      }
      #expect(abs(record.validationLoss - ofValidation[0]) < 1e-12)
    }
    let shipped = try Self.parameters("checkpoint_authors.json", "params")
    #expect(largestDifference(result.parameters, shipped) < 1e-6)
    let sixteen = try Self.parameters("params_float64.json", "after_step_16")
    #expect(largestDifference(result.parameters, sixteen) < 1e-9)
  }

  @Test func firstOrderFailsTheSameTest() throws {
    let (log, _) = try run(.first)
    let authors = try PlainCSV(path: Shared.path("reference/faalgrad_golden/log_authors.csv"))
    let expected = authors.numbers("val_loss")[1]
    #expect(abs(log[1].validationLoss - expected) > 1e-3)
  }
}
