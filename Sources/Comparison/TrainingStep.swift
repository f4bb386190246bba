package import FairpostLearning
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostSettings
package import FairpostTraining
internal import FairpostTransport

/// Learns a predictor from some rows of a comparison and predicts others.
package struct TrainingStep: Sendable {
  package let data: CompareData
  package let recipe: Recipe
  package let learner: Learner
  package let seed: UInt64
  package let validationShare: Double
  package let levels: Int
  package let standardises: Bool
  /// Whether meta-learned weights are adapted to each task before they predict.
  package let adapts: Bool

  /// Learns from `training` and predicts `wanted`.
  package func predictions(training rows: [Int], wanted: [Int]) throws -> Predictions {
    do { return try learnAndPredict(rows, wanted) } catch let error as TrainingError {
      if error == .needsOneBinaryTask || error == .needsOneTask { throw error }
      throw error.failure(input: data.name, learner.method, .comparison(of: recipe.method))
    }
  }

  private func learnAndPredict(_ rows: [Int], _ wanted: [Int]) throws -> Predictions {
    let method = learner.method
    let columns = data.plan.features.filter {
      !(recipe.isBlind && data.sensitive.contains($0.name))
    }
    let (own, kept) = division(rows)
    let encoder = Encoder(
      fitting: columns.compactMap { feature in
        data.rows.columns[feature.name].map { (feature.name, $0) }
      }, rows: own, weights: data.rows.weights, cap: levels, standardise: standardises)
    var all = try data.rows.encoded(
      encoder, Array(0..<data.rows.count), name: data.name)
    let needs = learner.needs
    if needs.isDisjoint(with: [.group, .protectedGroup, .validationGroup]) { all.groups = [] }
    var learned = all.selecting(own)
    for step in learner.preprocessing {
      learned = try step.apply(
        PreprocessingRequest(
          learned, keys: own.map { data.rows.keys[$0] }, protected: data.protected))
    }
    var request = TrainingRequest(
      data: learned, validation: kept.isEmpty ? nil : all.selecting(kept),
      protected: data.protected, seed: seed, threads: 1)
    request.standardises = standardises
    request.keys = own.map { data.rows.keys[$0] }
    request.groupNames = data.attributes[0].keys.map(\.description)
    let network = try method.train(request) { _ in }
    try Soundness.check(
      network.shape, network.parameters, conditions: network.conditions, on: learned)
    var model = Model(
      method: recipe.method,
      options: Dictionary(
        method.settingTexts.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first }),
      seed: seed, encoder: encoder,
      tasks: data.plan.tasks, shape: network.shape, parameters: network.parameters,
      conditions: network.conditions)
    if model.shape.conditions > 0 {
      model.conditions =
        learner.taskWeights ?? TaskWeightGrid.best(model, request.validation ?? learned)
    }
    let predicted = all.selecting(wanted)
    var result = try scores(model, predicted)
    guard adapts, needs.contains(.taskColumn) else { return result }
    for (rows, parameters) in try adaptations(network, request, all, own, predicted) {
      model.parameters = parameters
      let adapted = try scores(model, predicted.selecting(rows))
      for task in result.scores.indices {
        for output in result.scores[task].indices {
          for (place, row) in rows.enumerated() {
            result.scores[task][output][row] = adapted.scores[task][output][place]
          }
        }
      }
    }
    return result
  }

  /// For each task of meta-learning its rows among those predicted, and the weights adapted to it.
  private func adaptations(
    _ network: TrainedNetwork, _ request: TrainingRequest, _ all: LearningData, _ own: [Int],
    _ predicted: LearningData
  ) throws(TrainingError) -> [(rows: [Int], parameters: [Double])] {
    var rowsOf: [Int32: [Int]] = [:]
    for (row, code) in predicted.episodes.enumerated() where code >= 0 {
      rowsOf[code, default: []].append(row)
    }
    var supports: [Int32: [Int]] = [:]
    for row in own where all.episodes[row] >= 0 && !all.tasks[0].targets[row].isNaN {
      supports[all.episodes[row], default: []].append(row)
    }
    var result: [(rows: [Int], parameters: [Double])] = []
    let hash = StableHash(seed: seed, purpose: "compare.support")
    for (code, rows) in rowsOf.sorted(by: { $0.key < $1.key }) {
      // By a hash of the record, so that the order of the file decides nothing.
      let support = (supports[code] ?? []).map { (hash(data.rows.keys[$0]), $0) }.sorted { $0 < $1 }
      let parameters = try learner.method.adapted(
        network, to: all.selecting(support.map(\.1)), request)
      if let parameters { result.append((rows, parameters)) }
    }
    return result
  }

  /// Rows to learn from, and rows to choose the best epoch on where the method does so.
  private func division(_ rows: [Int]) -> (own: [Int], kept: [Int]) {
    guard validationShare > 0, learner.method.validation == .choosesEpoch else { return (rows, []) }
    let hash = StableHash(seed: seed, purpose: "compare.validation")
    let isKept = rows.map {
      Double(hash(data.rows.keys[$0]) >> 11) * 0x1p-53 < validationShare
    }
    return (
      rows.indices.filter { !isKept[$0] }.map { rows[$0] },
      rows.indices.filter { isKept[$0] }.map { rows[$0] }
    )
  }

  private func scores(_ model: Model, _ rows: LearningData) throws -> Predictions {
    var workspace = Workspace(shape: model.shape)
    let values = model.scores(inputs: rows.inputs, rows: rows.rows, workspace: &workspace)
    guard values.allSatisfy(\.isFinite) else {
      throw CompareFault.failed("a score is not a finite number")
    }
    let width = model.scoreNames.count
    var at = 0
    return Predictions(
      model.tasks.map { task in
        defer { at += task.scoreNames.count }
        return task.scoreNames.indices.map { place in
          (0..<rows.rows).map { values[$0 * width + at + place] }
        }
      })
  }
}

extension TaskWeightGrid {
  /// The point of the grid with the smallest sum of losses, each task's measured by the smallest it
  /// has anywhere on the grid.
  package static func best(_ model: Model, _ rows: LearningData) -> [Double] {
    let trials = trials(model, rows)
    let smallest = model.tasks.indices.map { task in
      trials.map { $0.losses[task] }.min() ?? 1
    }
    func total(_ trial: ModelTrial) -> Double {
      zip(trial.losses, smallest).reduce(0) { $0 + $1.0 / max($1.1, 1e-300) }
    }
    return trials.min { total($0) < total($1) }?.conditions ?? model.conditions
  }
}
