import FairpostLearning
import FairpostNumerics
import FairpostTestSupport
import Testing

@Suite struct TrainerTests {
  /// Two tasks, one of them with a third of its labels missing.
  private func data(_ rows: Int, _ seed: UInt64) -> LearningData {
    var stream = RandomStream(seed: seed, purpose: "test.trainer", index: 0)
    let x = (0..<rows * 3).map { _ in stream.normal() }
    let first = (0..<rows).map { r in x[r * 3] + 0.5 * stream.normal() > 0 ? 1.0 : 0 }
    let second = (0..<rows).map { r in
      r % 3 == 0 ? Double.nan : x[r * 3] - x[r * 3 + 1] + 0.1 * stream.normal()
    }
    return LearningData(
      features: 3, inputs: x,
      tasks: [
        LearningTask(name: "first", kind: .binary(positive: "1"), targets: first),
        LearningTask(name: "second", kind: .regression(logTarget: false), targets: second),
      ])
  }

  @Test func learnsBothTasksAndKeepsTheBest() throws {
    let train = data(600, 1)
    let validation = data(300, 2)
    let shape = NetworkShape(inputs: 3, hidden: [16], outputs: 2)
    var settings = TrainerSettings()
    settings.epochs = 60
    settings.batchSize = 32
    settings.rate = 0.01
    settings.patience = 8
    settings.dropout = 0.1
    var losses: [Double] = []
    let result = try Trainer.fit(
      shape: shape, data: train, validation: validation, settings: settings
    ) { losses.append($0.validationLoss) }
    var engine = Differentiator(shape: shape)
    let kept = engine.value(validation.objective(), result.parameters, validation.batch())
    #expect(kept == losses.min())
    #expect(losses[result.bestEpoch] == kept)
    // Noise: about 0.35 of cross-entropy and 0.01 of squared error; the start is about 0.7 + 2.
    #expect(kept < 0.6)
    let again = try Trainer.fit(
      shape: shape, data: train, validation: validation, settings: settings)
    #expect(again.parameters == result.parameters)
  }

  @Test func conditionedNetworkFollowsItsWeights() throws {
    let train = data(500, 3)
    let shape = NetworkShape(inputs: 3, hidden: [12, 12], outputs: 2, conditions: 2)
    var settings = TrainerSettings()
    settings.epochs = 30
    settings.rate = 0.01
    settings.conditionRanges = [0.25...6, 0.25...6]
    let result = try Trainer.fit(shape: shape, data: train, settings: settings)
    var engine = Differentiator(shape: shape)
    let conditions = (0..<train.rows).flatMap { _ in [3.0, 3.0] }
    let start = engine.value(
      train.objective(), shape.initialParameters(seed: settings.seed),
      train.batch(conditions: conditions))
    let end = engine.value(
      train.objective(), result.parameters, train.batch(conditions: conditions))
    #expect(end < start / 2)
  }

  @Test func badData() {
    let shape = NetworkShape(inputs: 3, hidden: [4], outputs: 2)
    var bad = data(30, 4)
    bad.tasks[0].targets = bad.tasks[0].targets.map { _ in 1 }
    #expect(throws: TrainingError.constantLabel(task: "first")) {
      try Trainer.fit(shape: shape, data: bad, settings: TrainerSettings())
    }
    bad.tasks[0].targets = bad.tasks[0].targets.map { _ in .nan }
    #expect(throws: TrainingError.noLabels(task: "first")) {
      try Trainer.fit(shape: shape, data: bad, settings: TrainerSettings())
    }
    bad.weights = bad.weights.map { _ in 0 }
    #expect(throws: TrainingError.noRows) {
      try Trainer.fit(shape: shape, data: bad, settings: TrainerSettings())
    }
    #expect(throws: TrainingError.constantLabel(task: "first")) {
      try Trainer.fit(shape: shape, data: data(1, 5), settings: TrainerSettings())
    }
    #expect(throws: TrainingError.wrongParameterCount(found: 2, expected: 26)) {
      try Trainer.fit(
        shape: shape, data: data(30, 5), settings: TrainerSettings(), initial: [1, 2])
    }
  }

  @Test func encoderFitsAndAppliesPolicies() throws {
    let encoder = Encoder(
      fitting: [
        ("age", .numeric([1, 3, .nan, 5, 3])),
        ("job", .categorical(codes: [0, 1, 1, 2, -1], names: ["a", "b", "c"])),
        ("same", .numeric([2, 2, 2, 2, 2])),
      ], cap: 2)
    #expect(
      encoder.featureNames == [
        "age", "age=(missing)", "job=a", "job=b", "job=(other)", "job=(missing)", "same",
      ])
    var counts = EncodingCounts()
    let features = try encoder.encode(
      [
        "age": .numeric([3 + 2.0.squareRoot(), .nan]),
        "job": .categorical(codes: [0, -1], names: ["z"]), "same": .numeric([2, 3]),
      ], rows: 2, counts: &counts)
    // Mean 3, variance (4 + 0 + 4 + 0) / 4 = 2.
    #expect(largestDifference(features, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1]) < 1e-15)
    #expect(counts.missing == ["age": 1, "job": 1])
    #expect(throws: EncodingError.missingColumn("age")) {
      try encoder.encode([:], rows: 1, counts: &counts)
    }
    #expect(throws: EncodingError.wrongKind(column: "age")) {
      try encoder.encode(
        ["age": .categorical(codes: [0], names: ["x"])], rows: 1, counts: &counts)
    }
  }

  /// A weight counts a row so many times, and 0 leaves it out.
  @Test func encoderCountsWeights() throws {
    let weighted = Encoder(
      fitting: [
        ("age", .numeric([1, 3, .nan, 5, 9])),
        ("job", .categorical(codes: [0, 1, 2, 2, -1], names: ["a", "b", "c"])),
      ], weights: [1, 3, 0, 2, 0], cap: 1)
    let repeated = Encoder(
      fitting: [
        ("age", .numeric([1, 3, 3, 3, 5, 5])),
        ("job", .categorical(codes: [0, 1, 1, 1, 2, 2], names: ["a", "b", "c"])),
      ], cap: 1)
    #expect(weighted.featureNames == repeated.featureNames)
    #expect(weighted.featureNames == ["age", "job=b", "job=(other)"])
    guard case .numeric(let mean, let scale, _) = weighted.columns[0].kind,
      case .numeric(let otherMean, let otherScale, _) = repeated.columns[0].kind
    else { throw EncodingError.wrongKind(column: "age") }
    #expect(abs(mean - otherMean) < 1e-15 && abs(scale - otherScale) < 1e-15)
  }

  /// Moments of any finite numbers are finite, and those of small numbers are not lost.
  @Test(arguments: [1e160, 1.7e308, 1e-170]) func momentsOfExtremes(_ size: Double) {
    let values = [size, -size, size, -size / 2]
    let moments = WeightedMoments(values, weights: [1, 1, 1, 1])
    // Mean 1/8, mean square 13/16.
    #expect(abs(moments.mean / size - 0.125) < 1e-12)
    #expect(abs(moments.deviation / size - (51.0 / 64).squareRoot()) < 1e-12)
    #expect(!moments.isConstant)
  }

  /// One row alone scores as inside a batch, to the last bit.
  @Test func oneRecordOneAnswer() {
    let data = data(50, 6)
    let shape = NetworkShape(inputs: 3, hidden: [9, 5], outputs: 2)
    let model = Model(
      method: "mlp", seed: 1, encoder: Encoder(columns: []),
      tasks: data.tasks.map { ModelTask(name: $0.name, kind: $0.kind) }, shape: shape,
      parameters: shape.initialParameters(seed: 8))
    var workspace = Workspace(shape: shape)
    let all = model.scores(inputs: data.inputs, rows: 50, workspace: &workspace)
    for row in 0..<50 {
      let one = model.scores(
        inputs: Array(data.inputs[row * 3..<row * 3 + 3]), rows: 1, workspace: &workspace)
      #expect(one == Array(all[row * 2..<row * 2 + 2]))
    }
  }
}
