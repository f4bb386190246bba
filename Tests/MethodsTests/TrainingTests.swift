import FairpostLearning
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing

@Suite struct RebalanceTests {
  private let labels: [Double]
  private let groups: [Int32]
  private let scores: [Double]

  init() {
    var stream = RandomStream(seed: 5, purpose: "test.rebalance", index: 0)
    groups = (0..<500).map { _ in Int32(stream.below(3)) }
    labels = groups.map { stream.uniform() < 0.2 + 0.2 * Double($0) ? 1 : 0 }
    scores = (0..<500).map { _ in stream.uniform() }
  }

  private func rate(_ labels: [Double], _ group: (Int32) -> Bool, _ weights: [Double]) -> Double {
    var top = 0.0
    var bottom = 0.0
    for row in labels.indices where group(groups[row]) {
      top += weights[row] * labels[row]
      bottom += weights[row]
    }
    return top / bottom
  }

  @Test func reweighMakesRatesEqual() {
    let given = scores.map { 0.5 + $0 }
    let weights = Rebalance.reweigh(labels: labels, groups: groups, weights: given)
    let overall = rate(labels, { _ in true }, given)
    for group in Int32(0)..<3 {
      #expect(abs(rate(labels, { $0 == group }, weights) - overall) < 1e-12)
    }
    #expect(isClose(weights.reduce(0, +), given.reduce(0, +), relative: 1e-12))
  }

  @Test func massageMakesRatesEqualUpToOneRow() {
    let ones = labels.map { _ in 1.0 }
    let massaged = Rebalance.massage(labels: labels, groups: groups, protected: 0, scores: scores)
    let own = Double(groups.filter { $0 == 0 }.count)
    let others = Double(groups.count) - own
    let gap =
      rate(massaged.labels, { $0 == 0 }, ones) - rate(massaged.labels, { $0 != 0 }, ones)
    // One more flip on each side moves the gap by 1/n_protected + 1/n_others.
    #expect(gap >= 0 && gap < 1 / own + 1 / others)
    #expect(massaged.labels.reduce(0, +) == labels.reduce(0, +))
    // Where the protected group's rate is the higher one, the others are promoted.
    let reverse = Rebalance.massage(labels: labels, groups: groups, protected: 2, scores: scores)
    let third = Double(groups.filter { $0 == 2 }.count)
    let other =
      rate(reverse.labels, { $0 != 2 }, ones) - rate(reverse.labels, { $0 == 2 }, ones)
    #expect(
      rate(labels, { $0 == 2 }, ones) > rate(labels, { $0 != 2 }, ones) && reverse.flipped > 0)
    #expect(other >= 0 && other < 1 / third + 1 / (Double(groups.count) - third))
    for row in labels.indices where reverse.labels[row] != labels[row] {
      #expect((groups[row] == 2) == (reverse.labels[row] == 0))
    }
  }

  @Test func samplesHaveTheCellsAskedFor() {
    let rows = Rebalance.preferentialSample(labels: labels, groups: groups, scores: scores)
    let overall = labels.reduce(0, +) / 500
    for group in Int32(0)..<3 {
      let own = rows.filter { groups[$0] == group }
      let share = own.reduce(0) { $0 + labels[$1] } / Double(own.count)
      #expect(abs(share - overall) < 1.5 / Double(own.count))
    }
    let more = Rebalance.oversample(
      groups: groups, protected: 1, keys: groups.indices.map { UInt64($0 * 7919 % 500) })
    #expect(more.filter { groups[$0] == 1 }.count == more.filter { groups[$0] != 1 }.count)
  }

  @Test func errorsRebalanceTheWorstCell() {
    let (weights, gap) = Rebalance.reweighErrors(
      labels: [1, 1, 1, 1], groups: [0, 0, 1, 1], decisions: [0, 1, 1, 1], weights: [1, 1, 1, 1],
      rate: 1)
    #expect(gap == 0.5)
    #expect(weights == [1.5, 1, 1, 1])
  }
}

@Suite struct SyntheticTests {
  /// The brief's figures at pi/4 over 20,000 points a class.
  ///
  /// Standard errors at 40,000 points:
  /// 0.0025 for the share, 0.0033 for the rates, 0.006 for their ratio; four of them are allowed.
  @Test func zafar() {
    let columns = SyntheticTasks.zafar(perClass: 20_000, phi: 4, seed: 1)
    var counts = [0.0, 0.0]
    var positives = [0.0, 0.0]
    for row in columns.label.indices {
      counts[columns.isProtected[row]] += 1
      positives[columns.isProtected[row]] += Double(columns.label[row])
    }
    #expect(abs(counts[1] / 40_000 - 0.546) < 0.010)
    #expect(abs(positives[1] / counts[1] - 0.329) < 0.013)
    #expect(abs(positives[0] / counts[0] - 0.705) < 0.014)
    #expect(abs(positives[1] / counts[1] / (positives[0] / counts[0]) - 0.466) < 0.022)
  }

  @Test func heldOutTask() {
    let columns = SyntheticTasks.fairMAML(tasks: 3, rowsPerTask: 40, seed: 2)
    let adapt = columns.part.indices.filter { columns.part[$0] == "adapt" }
    #expect(adapt.count == 5)
    #expect(adapt.allSatisfy { columns.label[$0] == 1 && columns.isProtected[$0] == 1 })
    #expect(Set(columns.task) == [0, 1, 2, 3])
  }
}

@Suite struct MetaTrainingTests {
  private func data() -> LearningData {
    let columns = SyntheticTasks.fairMAML(tasks: 12, rowsPerTask: 40, seed: 3)
    let rows = columns.label.indices.filter { columns.part[$0] == "train" }
    return LearningData(
      features: 2, inputs: rows.flatMap { [columns.x1[$0], columns.x2[$0]] },
      tasks: [
        LearningTask(
          name: "y", kind: .binary(positive: "1"), targets: rows.map { Double(columns.label[$0]) })
      ], groups: rows.map { Int32(columns.isProtected[$0]) },
      episodes: rows.map { Int32(columns.task[$0]) })
  }

  @Test func threadsDoNotMatter() throws {
    let shape = NetworkShape(inputs: 2, hidden: [8, 8], outputs: 1)
    var settings = FairMAML.Settings()
    settings.iterations = 20
    settings.tasksPerBatch = 19
    settings.gamma = 0.3
    var results: [[Double]] = []
    for threads in [1, 2, 5] {
      settings.threads = threads
      results.append(
        try FairMAML.fit(shape: shape, data: data(), settings: settings).parameters)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func learnsToAdapt() throws {
    let shape = NetworkShape(inputs: 2, hidden: [20, 20], outputs: 1)
    var settings = FairMAML.Settings()
    settings.iterations = 300
    var losses: [Double] = []
    _ = try FairMAML.fit(shape: shape, data: data(), settings: settings) {
      losses.append($0.loss)
    }
    let start = losses.prefix(20).reduce(0, +)
    let end = losses.suffix(20).reduce(0, +)
    #expect(end < 0.8 * start)
  }

  /// The multiplier grows while the constraint is broken and the tolerance bounds it.
  @Test func multiplier() throws {
    let shape = NetworkShape(inputs: 2, hidden: [8], outputs: 1)
    var settings = FairMAML.Settings()
    settings.iterations = 30
    settings.tolerance = 0.1
    settings.multiplierRate = 0.1
    var last: FairMAML.Iteration?
    var expected = 0.0
    _ = try FairMAML.fit(shape: shape, data: data(), settings: settings) { iteration in
      #expect(abs(iteration.gamma - expected) < 1e-12)
      expected = max(0, iteration.gamma + 0.1 * (iteration.regulariser - 0.1))
      last = iteration
    }
    #expect((last?.gamma ?? 0) > 0)
  }

  @Test func tooFewRows() {
    let shape = NetworkShape(inputs: 2, hidden: [8], outputs: 1)
    var settings = FairMAML.Settings()
    settings.shots = 30
    #expect(throws: TrainingError.tooFewEpisodes(found: 0, rowsNeeded: 60)) {
      try FairMAML.fit(shape: shape, data: data(), settings: settings)
    }
  }

  @Test func supportRules() throws {
    let data = data()
    var settings = FaAlGrad.Settings()
    let labels = data.tasks[0].targets
    settings.support = .config2
    let favourable = Double(FaAlGrad.favourableLabel(data, protected: 1))
    let split = try FaAlGrad.split(data, protected: 1, settings)
    #expect(split.support.count + split.query.count == data.rows)
    #expect(
      split.support.allSatisfy { (data.groups[$0] == 1) == (labels[$0] == favourable) })
    settings.support = .share(0.2)
    let share = try FaAlGrad.split(data, protected: 1, settings)
    #expect(share.support.count == data.rows / 5)
    #expect(share.support.allSatisfy { data.groups[$0] == 1 })
    settings.support = .swap(0.99)
    let others = data.groups.filter { $0 != 1 }.count
    #expect(
      throws: TrainingError.shareTooLarge(
        group: 1, isMember: false, largest: Double(others) / Double(data.rows))
    ) { try FaAlGrad.split(data, protected: 1, settings) }
    var empty = data
    for row in 0..<data.rows where data.groups[row] == 1 { empty.tasks[0].targets[row] = 0 }
    settings.support = .config2
    #expect(throws: TrainingError.emptyCell(group: 1, isMember: true, label: 1)) {
      try FaAlGrad.split(empty, protected: 1, settings)
    }
  }

  @Test func registry() {
    let names = trainingMethods.map { $0.info.name }
    #expect(Set(names).count == names.count)
    for method in trainingMethods {
      #expect(!method.info.details.isEmpty && !method.info.summary.isEmpty)
      let settings = method.settingSpecs.map(\.name)
      #expect(Set(settings).count == settings.count, "\(method.info.name)")
    }
  }
}
