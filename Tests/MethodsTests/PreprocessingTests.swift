import FairpostLearning
import FairpostMethods
import FairpostTestSupport
import Testing

/// Pre-processing inside a comparison does what the filters of the same names do.
struct PreprocessingTests {
  /// Rows in cells (group, label) of 40, 10, 20 and 30, with one feature that ranks them.
  private static let data: LearningData = {
    var groups: [Int32] = []
    var labels: [Double] = []
    for (group, label, rows) in [(0, 0.0, 10), (0, 1.0, 40), (1, 0.0, 30), (1, 1.0, 20)] {
      groups += [Int32](repeating: Int32(group), count: rows)
      labels += [Double](repeating: label, count: rows)
    }
    let inputs = labels.indices.map { Double($0 % 7) + labels[$0] }
    return LearningData(
      features: 1, inputs: inputs,
      tasks: [LearningTask(name: "y", kind: .binary(positive: "1"), targets: labels)],
      groups: groups)
  }()

  private func applied(
    _ name: String, _ given: [(name: String, value: String)] = []
  ) throws -> LearningData {
    let type = try #require(preprocessingMethods.first { $0.info.name == name })
    return try type.init(given: given).apply(
      PreprocessingRequest(
        Self.data, keys: Self.data.weights.indices.map { UInt64($0) &* 7_919 % 101 },
        protected: 1))
  }

  private func rate(_ data: LearningData, _ group: Int32) -> Double {
    let rows = data.groups.indices.filter { data.groups[$0] == group }
    let total = rows.reduce(0) { $0 + data.weights[$1] }
    return rows.reduce(0) { $0 + data.weights[$1] * data.tasks[0].targets[$1] } / total
  }

  @Test func reweighMakesLabelRatesEqual() throws {
    let data = try applied("reweigh")
    #expect(isClose(rate(data, 0), 0.6, absolute: 1e-12))
    #expect(isClose(rate(data, 1), 0.6, absolute: 1e-12))
    #expect(isClose(data.weights.reduce(0, +), 100, absolute: 1e-9))
  }

  @Test func reweighLeavesWeightlessCellsAtNothing() {
    let weights = Rebalance.reweigh(
      labels: [1, 0, 1, 0, 1], groups: [0, 0, 1, 1, 1], weights: [0, 0, 1, 2, 0])
    #expect(weights == [0, 0, 1, 2, 0])
  }

  @Test func massageMakesThemEqualUpToARow() throws {
    let data = try applied("massage")
    #expect(abs(rate(data, 0) - rate(data, 1)) <= 1.0 / 50)
    #expect(data.tasks[0].targets.reduce(0, +) == 60)
  }

  @Test func resampleDrawsTheCells() throws {
    let drawn = try applied("resample")
    #expect(drawn.rows == 100)
    #expect(isClose(rate(drawn, 0), 0.6, absolute: 1e-12))
    #expect(isClose(rate(drawn, 1), 0.6, absolute: 1e-12))
  }

  @Test func oversamplingNeedsAProtectedGroup() throws {
    var settings = ResamplePreprocessing.Settings()
    #expect(!ResamplePreprocessing(settings).needs.contains(.protectedGroup))
    settings.rule = .oversample
    #expect(ResamplePreprocessing(settings).needs.contains(.protectedGroup))
    // The groups are of one size already.
    #expect(try applied("resample", [("rule", "oversample")]).rows == 100)
  }

  @Test(arguments: ["reweigh", "resample", "massage"]) func oneBinaryTaskOnly(_ name: String) throws
  {
    let type = try #require(preprocessingMethods.first { $0.info.name == name })
    let method = try type.init(given: [])
    var two = Self.data
    two.tasks.append(two.tasks[0])
    #expect(throws: TrainingError.needsOneBinaryTask) {
      try method.apply(PreprocessingRequest(two, keys: [], protected: 1))
    }
  }

  @Test func namesAreUniqueAmongAllRegistries() {
    let names =
      preprocessingMethods.map { $0.info.name } + trainingMethods.map { $0.info.name }
      + adjustmentMethods.map { $0.info.name }
    #expect(Set(names).count == names.count)
    #expect(!names.contains("none"))
  }
}
