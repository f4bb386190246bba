import Foundation
import FairpostLearning
import FairpostTestSupport

/// One file of reference/meta_gradients, read with Foundation so that the program's own reader
/// cannot hide a fault.
struct ReferenceCase {
  let json: [String: Any]
  let shape: NetworkShape
  let parameters: [Double]
  let task: MetaTask
  let rate: Double
  let steps: Int

  static let names = [
    "m01_logistic_I1", "m02_logistic_I5", "m03_tanh_1hidden_I1", "m05_relu_1hidden_I1",
    "m06_relu_1hidden_I10", "m07_relu_2hidden_softmax_dp", "m10_tanh_sigmoid_eop_I2",
  ]

  init(_ name: String) throws {
    let json = try readReference("reference/meta_gradients/\(name).json")
    self.json = json
    let config = json["config"] as? [String: Any] ?? [:]
    let sizes = json["sizes"] as? [Int] ?? []
    let activation = Activation(rawValue: config["act"] as? String ?? "") ?? .identity
    shape = NetworkShape(
      inputs: sizes[0], hidden: Array(sizes[1..<sizes.count - 1]), outputs: sizes[sizes.count - 1],
      activation: activation)
    parameters = json["params"] as? [Double] ?? []
    rate = config["inner_lr"] as? Double ?? 0
    steps = config["inner_steps"] as? Int ?? 0
    let softmax = config["head"] as? String == "softmax"
    let regulariser = config["reg"] as? String ?? "none"
    let gamma = config["gamma"] as? Double ?? 0
    func part(_ name: String) -> (Batch, Objective) {
      let part = json[name] as? [String: Any] ?? [:]
      let rows = part["X"] as? [[Double]] ?? []
      let y = part["y"] as? [Double] ?? []
      let a = part["a"] as? [Double] ?? []
      let loss: Loss = softmax ? .crossEntropy(classes: 2) : .binaryCrossEntropy
      let n = Double(rows.count)
      var sums = [LossSum(loss: loss, targets: y, weights: y.map { _ in 1 / n })]
      let isIn = zip(y, a).map { regulariser == "dp" ? $1 == 1 : $1 == 1 && $0 == 1 }
      let members = Double(isIn.filter { $0 }.count)
      if regulariser != "none" {
        sums.append(
          LossSum(
            loss: softmax ? .negativeSoftmaxProbability : .negativeProbability, targets: y,
            weights: isIn.map { $0 ? 1 / members : 0 }))
      }
      return (
        Batch(rows: rows.count, inputs: rows.flatMap { $0 }),
        Objective(
          sums,
          .linear(
            regulariser == "none" ? [1] : [1, gamma],
            constant: regulariser == "none" ? 0 : gamma))
      )
    }
    let (support, supportObjective) = part("support")
    let (query, queryObjective) = part("query")
    task = MetaTask(
      support: support, supportObjective: supportObjective, query: query,
      queryObjective: queryObjective)
  }

  func numbers(_ name: String) -> [Double] { json[name] as? [Double] ?? [] }
  func number(_ name: String) -> Double { json[name] as? Double ?? .nan }
}

/// max |a - b| / max |b|, the measure the reference files state their agreement in.
func relativeDeviation(_ a: [Double], _ b: [Double]) -> Double {
  largestDifference(a, b) / (b.map { abs($0) }.max() ?? 1)
}

/// A JSON reference file; infinities, which JSON does not have, become null.
func readReference(_ path: String) throws -> [String: Any] {
  let text = String(decoding: try Shared.bytes(path), as: UTF8.self)
    .replacingOccurrences(of: ": Infinity", with: ": null")
    .replacingOccurrences(of: ": NaN", with: ": null")
  return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
}
