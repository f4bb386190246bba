import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Foundation
import Testing

/// One outer step of reference/nash/ltr_step.json.
private struct StepCase {
  let json: [String: Any]
  let shape: NetworkShape
  let data: LearningData
  let validation: LearningData

  init(_ name: String) throws {
    let all = try readReference("reference/nash/ltr_step.json")
    let json = all[name] as? [String: Any] ?? [:]
    self.json = json
    let sizes = json["dims"] as? [[Int]] ?? []
    let flat = json["dims"] as? [Int] ?? sizes.map { $0[0] }
    #expect(flat.count == 4)
    shape = NetworkShape(
      inputs: 3, hidden: [4, 2], outputs: 2, activation: .relu)
    func part(_ x: String, _ y: String, _ groups: [Int32]) -> LearningData {
      let rows = json[x] as? [[Double]] ?? []
      return LearningData(
        features: 3, inputs: rows.flatMap { $0 },
        tasks: [
          LearningTask(
            name: "y", kind: .multiclass(classes: ["0", "1"]),
            targets: json[y] as? [Double] ?? [])
        ], groups: groups)
    }
    data = part("X", "y", [])
    validation = part(
      "Xval", "yval", (json["gval"] as? [Double] ?? []).map { Int32($0) })
  }

  func numbers(_ name: String) -> [Double] { json[name] as? [Double] ?? [] }
  func matrix(_ name: String) -> [[Double]] { json[name] as? [[Double]] ?? [] }
  func number(_ name: String) -> Double { json[name] as? Double ?? .nan }
  func expected(_ protocolName: String) -> [String: Any] {
    (json["protocols"] as? [String: Any])?[protocolName] as? [String: Any] ?? [:]
  }

  func settings(_ name: String) -> ReweightSettings {
    var settings = ReweightSettings()
    settings.rate = number("lr")
    settings.momentum = number("momentum")
    settings.decay = number("weight_decay")
    settings.batchSize = nil
    settings.rule = name == "Nash" ? .bargain(epochs: 2) : .base
    settings.base = ["LtR": .ltr, "FORML": .forml][name] ?? .gdro
    return settings
  }
}

@Suite struct ReweightTests {
  static func random(
    rows: Int, features: Int, classes: Int, groups: Int, seed: UInt64
  ) -> LearningData {
    var stream = RandomStream(seed: seed, purpose: "tests")
    let targets = (0..<rows).map { Double($0 % classes) }
    return LearningData(
      features: features, inputs: (0..<rows * features).map { _ in stream.normal() },
      tasks: [
        LearningTask(
          name: "y", kind: .multiclass(classes: (0..<classes).map { "\($0)" }), targets: targets)
      ], groups: (0..<rows).map { Int32($0 / classes % groups) })
  }

  @Test(
    .enabled(if: Shared.isPresent), arguments: ["feasible_conflict", "infeasible"],
    ["LtR", "FORML", "MetaGDRO", "Nash"])
  func referenceStep(_ name: String, _ protocolName: String) throws {
    let one = try StepCase(name)
    let cells = ValidationCells(one.validation, classes: 2)
    #expect(cells.cells.map { [Int($0.group), $0.label] } == one.json["cell_order"] as? [[Int]])
    var step = ReweightStep(
      shape: one.shape, data: one.data, cells: cells, settings: one.settings(protocolName),
      parameters: one.numbers("theta"), buffer: one.numbers("momentum_buffer"))
    var stream = RandomStream(key: 1)
    let report = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<10), bargains: protocolName == "Nash", team: team, stream: &stream)
    }
    let expected = one.expected(protocolName)
    func holds(_ own: [Double], _ name: String) {
      let other = expected[name] as? [Double] ?? []
      #expect(largestDifference(own, other) < 1e-10, "\(name)")
    }
    #expect(largestDifference(report.cellLosses, one.numbers("cell_val_losses")) < 1e-12)
    let losses = one.numbers("per_example_train_loss")
    #expect(isClose(report.trainingLoss, losses.reduce(0, +) / 10, absolute: 1e-12))
    let table = one.matrix("hypergrads_cells")
    for (k, row) in table.enumerated() {
      #expect(largestDifference(row, (0..<10).map { step.hypergradients[$0 * 4 + k] }) < 1e-12)
    }
    holds(step.direction, "eps_grad")
    holds(step.weights, "w_l2")
    holds(step.parameters, "theta_next")
    holds(step.buffer, "buffer_next")
    let norm = Elementwise.dot(step.direction, step.direction).squareRoot()
    holds(report.utilities.map { $0 * norm }, "group_dot")
    let after = (expected["first_order_cell_loss_change_after_clip"] as? [Double] ?? []).map { -$0 }
    #expect(largestDifference(report.utilitiesAfter, after) < 1e-10)
    #expect(report.conflicts == (expected["aligned"] as? Bool == false))
    guard protocolName == "Nash" else { return }
    if name == "infeasible" {
      #expect(report.outcome == .nothing)
    } else {
      guard case .agreed(let weights) = report.outcome else {
        Issue.record("no agreement")
        return
      }
      for (own, other) in zip(weights, one.numbers("alpha")) {
        #expect(isClose(own, other, relative: 1e-10))
      }
      // Clipping undoes the guarantee here: all gain before it, and two cells lose after it.
      #expect(report.utilities.allSatisfy { $0 > 0 })
      #expect(report.utilitiesAfter.filter { $0 < 0 }.count == 2)
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func weightsOfSumOne() throws {
    let one = try StepCase("feasible_conflict")
    var settings = one.settings("Nash")
    settings.norm = .l1
    var step = ReweightStep(
      shape: one.shape, data: one.data, cells: ValidationCells(one.validation, classes: 2),
      settings: settings, parameters: one.numbers("theta"),
      buffer: one.numbers("momentum_buffer"))
    var stream = RandomStream(key: 1)
    _ = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<10), bargains: true, team: team, stream: &stream)
    }
    let expected = one.expected("Nash")["w_l1_LtR_original"] as? [Double] ?? []
    #expect(largestDifference(step.weights, expected) < 1e-10)
  }

  /// dL_k / d weight_i by central differences through the shadow step.
  ///
  /// Few validation rows are taken
  /// pair by pair, many as gradients of cells: both forms, and 2, 3 classes.
  @Test(arguments: [(8, 2), (400, 2), (18, 3)])
  func hypergradientsAgainstDifferences(_ rows: Int, _ classes: Int) {
    let shape = NetworkShape(inputs: 4, hidden: [6, 5], outputs: classes, activation: .tanh)
    let data = Self.random(rows: 70, features: 4, classes: classes, groups: 2, seed: 1)
    let validation = Self.random(rows: rows, features: 4, classes: classes, groups: 2, seed: 2)
    let cells = ValidationCells(validation, classes: classes)
    var settings = ReweightSettings()
    settings.rate = 0.1
    settings.rule = .base
    let start = shape.initialParameters(seed: 3)
    let buffer = shape.initialParameters(seed: 4)
    var step = ReweightStep(
      shape: shape, data: data, cells: cells, settings: settings, parameters: start, buffer: buffer)
    var stream = RandomStream(key: 1)
    _ = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<70), bargains: false, team: team, stream: &stream)
    }
    var engine = Differentiator(shape: shape)
    func losses(_ row: Int, _ weight: Double) -> [Double] {
      let one = data.selecting([row])
      var gradient = zip(buffer, start).map { 0.9 * $0 + 5e-4 * $1 }
      _ = engine.addGradient(
        Objective([
          LossSum(
            loss: .crossEntropy(classes: classes), targets: one.tasks[0].targets,
            weights: [weight])
        ]), start, one.batch(), into: &gradient)
      let point = zip(start, gradient).map { $0 - 0.1 * $1 }
      return cells.losses(shape, point, settings.loss)
    }
    let count = cells.cells.count
    for row in [0, 1, 33, 64, 69] {
      let up = losses(row, 1e-4)
      let down = losses(row, -1e-4)
      for k in 0..<count {
        let difference = (up[k] - down[k]) / 2e-4
        #expect(
          isClose(step.hypergradients[row * count + k], difference, absolute: 1e-8),
          "row \(row) cell \(k)")
      }
    }
  }

  /// A row of weight 2 is two rows: the same agreement and the same step.
  @Test func weightsAreDuplicates() {
    let shape = NetworkShape(inputs: 3, hidden: [5], outputs: 2, activation: .tanh)
    var data = Self.random(rows: 12, features: 3, classes: 2, groups: 2, seed: 1)
    let cells = ValidationCells(
      Self.random(rows: 16, features: 3, classes: 2, groups: 2, seed: 2), classes: 2)
    let twice = data.selecting(Array(0..<12) + [3, 7])
    data.weights[3] = 2
    data.weights[7] = 2
    func parameters(_ data: LearningData) -> [Double] {
      var step = ReweightStep(
        shape: shape, data: data, cells: cells, settings: ReweightSettings(),
        parameters: shape.initialParameters(seed: 1))
      var stream = RandomStream(key: 1)
      ThreadTeam.with(threads: 1) { team in
        for _ in 0..<5 {
          let report = step.take(
            Array(0..<data.rows), bargains: true, team: team, stream: &stream)
          #expect(report.outcome != .nothing)
        }
      }
      return step.parameters
    }
    #expect(largestDifference(parameters(data), parameters(twice)) < 1e-12)
  }

  /// Groups with the same rows have the same weights in the bargain, and equal rows equal weights.
  @Test(arguments: ValidationCells.Players.allCases)
  func identicalGroups(_ players: ValidationCells.Players) throws {
    let shape = NetworkShape(inputs: 3, hidden: [5], outputs: 2, activation: .tanh)
    let half = Self.random(rows: 8, features: 3, classes: 2, groups: 1, seed: 2)
    var both = half.selecting(Array(0..<8) + Array(0..<8))
    for row in 8..<16 { both.groups[row] = 1 }
    let rows = Self.random(rows: 20, features: 3, classes: 2, groups: 1, seed: 3)
    let data = rows.selecting(Array(0..<20) + Array(0..<20))
    var settings = ReweightSettings()
    settings.players = players
    var step = ReweightStep(
      shape: shape, data: data, cells: ValidationCells(both, classes: 2), settings: settings,
      parameters: shape.initialParameters(seed: 1))
    var stream = RandomStream(key: 1)
    let report = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<40), bargains: true, team: team, stream: &stream)
    }
    guard case .agreed(let agreed) = report.outcome else {
      Issue.record("no agreement")
      return
    }
    let own = agreed.count / 2
    #expect(agreed.count == (players == .cell ? 4 : 2))
    for k in 0..<own { #expect(isClose(agreed[k], agreed[k + own], relative: 1e-10)) }
    for row in 0..<20 {
      #expect(isClose(step.weights[row], step.weights[row + 20], absolute: 1e-12))
    }
  }

  /// Without momentum, decay and dropout, weights left at their size are a step downhill of the
  /// fixed protocol's loss: short enough, it never rises.
  @Test(arguments: [BaseProtocol.ltr])
  func validationLossFalls(_ base: BaseProtocol) throws {
    let shape = NetworkShape(inputs: 3, hidden: [6], outputs: 2, activation: .tanh)
    let data = Self.random(rows: 40, features: 3, classes: 2, groups: 2, seed: 5)
    let cells = ValidationCells(
      Self.random(rows: 12, features: 3, classes: 2, groups: 2, seed: 6), classes: 2)
    var settings = ReweightSettings()
    settings.rule = .base
    settings.base = base
    settings.norm = .none
    settings.momentum = 0
    settings.decay = 0
    settings.rate = 0.3
    settings.batchSize = nil
    settings.epochs = 300
    var losses: [Double] = []
    _ = try ReweightTrainer.fit(
      shape: shape, data: data, cells: cells, settings: settings,
      initial: shape.initialParameters(seed: 1)
    ) { losses.append($0.cellLosses.reduce(0, +) / 4) }
    #expect(losses.count == 300)
    for (before, after) in zip(losses, losses.dropFirst()) { #expect(after < before) }
    #expect((losses.last ?? 1) < 0.9 * losses[0])
  }

  @Test func threadsChangeNothing() throws {
    let shape = NetworkShape(inputs: 5, hidden: [16, 8], outputs: 2)
    let data = Self.random(rows: 700, features: 5, classes: 2, groups: 3, seed: 1)
    let cells = ValidationCells(
      Self.random(rows: 60, features: 5, classes: 2, groups: 3, seed: 2), classes: 2)
    var settings = ReweightSettings()
    settings.dropout = 0.3
    settings.epochs = 3
    settings.batchSize = 200
    func result(_ threads: Int) throws -> [Double] {
      settings.threads = threads
      return try ReweightTrainer.fit(
        shape: shape, data: data, cells: cells, settings: settings,
        initial: shape.initialParameters(seed: 1)
      ).parameters
    }
    let one = try result(1)
    #expect(try result(4) == one)
    settings.seed = 2
    #expect(try result(1) != one)
  }

  /// The stage ends before epoch T, counted from 1.
  @Test func stages() throws {
    let shape = NetworkShape(inputs: 3, hidden: [4], outputs: 2)
    let data = Self.random(rows: 40, features: 3, classes: 2, groups: 2, seed: 1)
    let cells = ValidationCells(
      Self.random(rows: 8, features: 3, classes: 2, groups: 2, seed: 2), classes: 2)
    var settings = ReweightSettings()
    settings.rule = .bargain(epochs: 4)
    settings.epochs = 6
    settings.batchSize = 15
    var stages: [Bool] = []
    let result = try ReweightTrainer.fit(
      shape: shape, data: data, cells: cells, settings: settings,
      initial: shape.initialParameters(seed: 1)
    ) {
      stages.append($0.bargains)
      #expect($0.feasible.isNaN == !$0.bargains)
      if $0.bargains, $0.feasible == 1 { #expect($0.conflicts == 0) }
    }
    #expect(stages == [true, true, true, false, false, false])
    #expect(result.meanWeights.allSatisfy { $0.isNaN || $0 >= 0 })
  }

  /// The largest losses alone make the step.
  @Test func largestLosses() {
    let shape = NetworkShape(inputs: 3, hidden: [4], outputs: 2, activation: .tanh)
    let data = Self.random(rows: 10, features: 3, classes: 2, groups: 2, seed: 1)
    var settings = ReweightSettings()
    settings.rule = .largest(share: 0.47)
    settings.norm = .none
    let start = shape.initialParameters(seed: 1)
    var step = ReweightStep(
      shape: shape, data: data, cells: nil, settings: settings, parameters: start)
    var stream = RandomStream(key: 1)
    _ = ThreadTeam.with(threads: 1) { team in
      step.take(Array(0..<10), bargains: false, team: team, stream: &stream)
    }
    let outputs = shape.outputs(start, data.batch())
    let losses = (0..<10).map { row in
      let d = outputs[2 * row + 1] - outputs[2 * row]
      return log(1 + exp(data.tasks[0].targets[row] == 1 ? -d : d))
    }
    let largest = losses.indices.sorted { losses[$0] > losses[$1] }.prefix(4)
    #expect(step.weights == (0..<10).map { largest.contains($0) ? 1 : 0 })
    var engine = Differentiator(shape: shape)
    var gradient = start.map { 5e-4 * $0 }
    _ = engine.addGradient(
      Objective([
        LossSum(
          loss: .crossEntropy(classes: 2), targets: data.tasks[0].targets, weights: step.weights)
      ]), start, data.batch(), into: &gradient)
    let expected = zip(start, gradient).map { $0 - 1e-3 * $1 }
    #expect(largestDifference(step.parameters, expected) < 1e-14)
  }

  /// Bargaining over the parameters: no step makes any cell's training loss rise, if it is short.
  @Test func parametersBargain() throws {
    let shape = NetworkShape(inputs: 3, hidden: [6], outputs: 2, activation: .tanh)
    let data = Self.random(rows: 40, features: 3, classes: 2, groups: 2, seed: 5)
    let cells = ValidationCells(data, classes: 2)
    var settings = ReweightSettings()
    settings.rule = .parameters(epochs: 200)
    settings.loss = .crossEntropy
    settings.momentum = 0
    settings.decay = 0
    settings.rate = 0.05
    settings.batchSize = nil
    settings.epochs = 100
    var last = cells.losses(shape, shape.initialParameters(seed: 1), .crossEntropy)
    _ = try ReweightTrainer.fit(
      shape: shape, data: data, cells: cells, settings: settings,
      initial: shape.initialParameters(seed: 1)
    ) { epoch in
      #expect(epoch.feasible == 1)
      for (before, after) in zip(last, epoch.cellLosses) { #expect(after < before) }
      last = epoch.cellLosses
    }
  }
}
