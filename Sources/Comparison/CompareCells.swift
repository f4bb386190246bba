internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining

/// Runs the cells of a comparison: every arm under every seed.
package struct CompareCells: Sendable {
  package let data: CompareData
  package let arms: [Arm]
  package let seeds: [UInt64]
  package let limits: [UInt64]
  package let learners: [Recipe: Learner]
  package let adjusters: [Afterwards: ComparePlan.Adjuster]
  package let external: [ExternalArm]
  package let evaluation: EvaluationStep
  package let validationShare: Double
  package let levels: Int
  package let standardises: Bool
  package let adapts: Bool

  /// Cells that share a trained model: arms by their places, and the seed.
  package struct Unit: Sendable {
    package let source: Arm.Source
    /// Whether calibration rows are kept from training.
    package let keepsCalibration: Bool
    package let seed: Int
    package let arms: [Int]
  }

  /// The units of all cells that are not finished.
  package func units(_ isFinished: (_ arm: Int, _ seed: Int) -> Bool) -> [Unit] {
    var units: [Unit] = []
    for seed in seeds.indices {
      var places: [Key: Int] = [:]
      for (place, arm) in arms.enumerated()
      where arm.notApplicable == nil && !isFinished(place, seed) {
        let key = Key(source: arm.source, keeps: arm.afterwards != nil)
        if let known = places[key] {
          let unit = units[known]
          units[known] = Unit(
            source: unit.source, keepsCalibration: unit.keepsCalibration, seed: seed,
            arms: unit.arms + [place])
        } else {
          places[key] = units.count
          units.append(
            Unit(
              source: arm.source, keepsCalibration: arm.afterwards != nil, seed: seed,
              arms: [place]))
        }
      }
    }
    return units
  }

  private struct Key: Hashable {
    let source: Arm.Source
    let keeps: Bool
  }

  /// The cells of a unit, each handed on when it is done.
  package func run(_ unit: Unit, finished: (_ arm: Int, CellResult) throws -> Void) rethrows {
    let split = CompareSplit(data, seed: seeds[unit.seed], limits: limits)
    let started = ProcessFacts.seconds
    let processor = ProcessFacts.threadSeconds
    let learned = Result<Predictions, any Error> { try predictions(unit, split) }
    let training = ProcessFacts.seconds - started
    let trainingProcessor = ProcessFacts.threadSeconds - processor
    for place in unit.arms {
      let started = ProcessFacts.seconds
      let processor = ProcessFacts.threadSeconds
      var result = CellResult()
      do {
        result.figures = try figures(arms[place], try learned.get(), split)
      } catch {
        switch CompareFault.of(error, input: data.name) {
        case .failed(let reason): result.fault = .init(reason: reason, isNotApplicable: false)
        case .notApplicable(let reason):
          result.fault = .init(reason: reason, isNotApplicable: true)
        }
      }
      result.cost.training = training
      result.cost.rest = ProcessFacts.seconds - started
      result.cost.processor = trainingProcessor + ProcessFacts.threadSeconds - processor
      result.cost.memory = ProcessFacts.usage.memory
      try finished(place, result)
    }
  }

  /// Predictions of calibration rows (where they are kept) and test rows, in this order.
  private func predictions(_ unit: Unit, _ split: CompareSplit) throws -> Predictions {
    guard !split.train.isEmpty, !split.test.isEmpty,
      !unit.keepsCalibration || !split.calibrate.isEmpty
    else { throw CompareFault.failed("train, calibrate or test has no rows under this seed") }
    switch unit.source {
    case .constant: return constant(split)
    case .external(let place):
      return try external[place].predictions(
        split.test.map { data.rows.keys[$0] }, seed: split.seed)
    case .model(let recipe):
      guard let learner = learners[recipe] else {
        throw CompareFault.failed("there is no method \"\(recipe.method)\"")
      }
      let step = TrainingStep(
        data: data, recipe: recipe, learner: learner, seed: split.seed,
        validationShare: validationShare, levels: levels, standardises: standardises,
        adapts: adapts)
      return try unit.keepsCalibration
        ? step.predictions(training: split.train, wanted: split.calibrate + split.test)
        : step.predictions(training: split.both, wanted: split.test)
    }
  }

  private func figures(
    _ arm: Arm, _ learned: Predictions, _ split: CompareSplit
  ) throws -> [CellFigure] {
    guard let afterwards = arm.afterwards else { return try evaluation.figures(learned, split) }
    let kept = split.calibrate.count
    guard let adjuster = adjusters[afterwards] else {
      throw CompareFault.failed("there is no adjustment \"\(afterwards.adjustment)\"")
    }
    let step = AdjustmentStep(
      data: data, method: adjuster.method, groupWeights: adjuster.groupWeights, seed: split.seed)
    let adjusted = try step.adjusted(
      learned.selecting(0..<kept), split.calibrate,
      learned.selecting(kept..<kept + split.test.count), split.test)
    return try evaluation.figures(adjusted, split)
  }

  /// The best constant for the rows that are not tested.
  private func constant(_ split: CompareSplit) -> Predictions {
    let rows = split.both
    var result = Predictions([])
    for (place, task) in evaluation.metrics.tasks.enumerated() {
      let columns = TaskColumns(
        name: task.name, kind: task.kind, labels: data.labels(place, rows), scores: [])
      let column = Decisions.constant(columns, weights: data.weights(rows))
      let value = column.values.first
      result.scores.append(
        value.map { [[Double](repeating: $0, count: split.test.count)] } ?? [])
      result.hasScores.append(value != nil)
      result.unsuited.append(nil)
      result.decisions.append(
        task.kind == .regression
          ? nil
          : column.decisions.first.map { [Int16](repeating: $0, count: split.test.count) })
    }
    return result
  }
}
