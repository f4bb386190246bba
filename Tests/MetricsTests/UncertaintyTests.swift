import Foundation
import FairpostMetrics
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// Coverage, size and floors by seeded simulation.
struct UncertaintyTests {
  @Test(arguments: [
    CoverageSimulation.Case(figure: "rate", sizes: [20], effect: 0.1),
    .init(figure: "difference", sizes: [20, 50], effect: 0.1),
    .init(figure: "difference", sizes: [200, 300], effect: 0),
    .init(figure: "difference", sizes: [50, 100, 500], effect: 0),
    .init(figure: "ks", sizes: [50, 100, 500], effect: 0.1),
    .init(figure: "w1", sizes: [20, 50], effect: 0.1),
    .init(figure: "auc", sizes: [50], effect: 0.8),
  ])
  func coverage(_ item: CoverageSimulation.Case) {
    let row = CoverageSimulation.run(item, draws: 300, seed: 1)
    // 93 % less three standard errors of 300 draws.
    #expect(row.coverage >= 0.93 - 3 * (0.93 * 0.07 / 300).squareRoot(), "\(row)")
  }

  @Test func holm() {
    // R: p.adjust(c(.01, .04, .03, .005), "holm")
    let adjusted = MultipleTesting.holm([0.01, 0.04, 0.03, 0.005])
    #expect(largestDifference(adjusted, [0.03, 0.06, 0.06, 0.02]) < 1e-15)
    #expect(MultipleTesting.holm([0.5, .nan, 0.9])[1].isNaN)
  }

  /// The difference and the ratio of one rate are one hypothesis, tested by the first of them.
  @Test func holmCountsHypotheses() throws {
    let data = try null(5, 300)
    var options = EvaluationOptions()
    options.noiseDraws = 0
    options.permutations = 39
    let ids = [
      "demographic_parity_difference", "demographic_parity_ratio", "selection_rate.difference",
      "true_positive_rate.difference", "false_negative_rate.difference", "ks", "w1",
      "mean_score.difference", "equalized_odds_difference", "equalized_odds.ratio",
      "accuracy.difference", "error_rate.difference", "rmse.difference", "brier.difference",
      "base_rate.difference",
    ]
    let figures = Evaluator(data, options: options).figures(
      try ids.map { try MetricRegistry.metric($0) })
    let (corrected, hypotheses) = MultipleTesting.holm(figures)
    // Selection, true positives, distributions, means, odds, accuracy, squared error, base rate.
    #expect(hypotheses == 8)
    func first(_ id: String) -> Double { figures.first(id)?.pValue ?? .nan }
    let tests = [
      "demographic_parity_difference", "true_positive_rate.difference", "ks",
      "mean_score.difference", "equalized_odds_difference", "accuracy.difference",
      "rmse.difference", "base_rate.difference",
    ]
    let expected = MultipleTesting.holm(tests.map(first))
    for (id, p) in zip(tests, expected) { #expect(corrected.first(id)?.pValue == p, "\(id)") }
    for (one, other) in [
      ("demographic_parity_difference", "demographic_parity_ratio"), ("ks", "w1"),
      ("accuracy.difference", "error_rate.difference"), ("rmse.difference", "brier.difference"),
      ("true_positive_rate.difference", "false_negative_rate.difference"),
    ] {
      #expect(corrected.first(one)?.pValue == corrected.first(other)?.pValue)
    }
    // 32 hypotheses at .05 need 32 / .05 - 1.
    #expect(MultipleTesting.permutations(for: 0.05, hypotheses: 32) == 639)
    #expect(MultipleTesting.permutations(for: 0.05, hypotheses: 1) == 19)
    #expect(MultipleTesting.permutations(for: 0.03, hypotheses: 1) == 33)
  }

  /// What equalized odds rest on: the rows with a label and a decision, of which the fewest negatives
  /// of one group; and the chance level of the larger gap, which is above that of either.
  @Test func equalizedOddsSayWhatTheyRestOn() throws {
    let data = try null(9, 400)
    let ids = [
      "equalized_odds_difference", "equalized_odds.difference", "true_positive_rate.difference",
      "false_positive_rate.difference", "equalized_odds_difference_mean",
    ]
    let figures = Evaluator(data).figures(try ids.map { try MetricRegistry.metric($0) })
    let odds = try #require(figures.first("equalized_odds_difference"))
    let own = try #require(figures.first("equalized_odds.difference"))
    let rates = try [
      figures.first("true_positive_rate.difference"),
      figures.first("false_positive_rate.difference"),
    ]
    .map { try #require($0) }
    #expect(odds.count == 400 && own.count == 400)
    #expect(odds.least == rates.compactMap(\.least).min() && own.least == odds.least)
    let bands = try rates.map { try #require($0.noise).band }
    let band = try #require(odds.noise).band
    #expect(band > (bands.max() ?? 1) && band < bands.reduce(0, +))
    #expect(own.noise == odds.noise)
    let mean = try #require(figures.first("equalized_odds_difference_mean")?.noise)
    #expect(mean.band < band)
  }

  /// Calibrated scores have an error of 0, which resamples of them never show.
  @Test func bootstrapOfCalibratedScoresReachesZero() {
    let rows = FairSimulation.run(
      FairSimulation.Case(sizes: [150, 150], bootstrap: 60), draws: 20, seed: 3)
    for row in rows where row.metric.hasPrefix("ece") {
      // Of 20 draws, with some of the groups' intervals of each; percentiles held none.
      #expect(row.held * 100 >= row.intervals * 85, "\(row)")
    }
  }

  private func null(_ seed: UInt64, _ count: Int, shift: Double = 0) throws -> EvaluationData {
    var stream = RandomStream(key: seed)
    var labels: [Double] = []
    var scores: [Double] = []
    var names: [String] = []
    for _ in 0..<count {
      let group = stream.uniform() < 0.4
      names.append(group ? "a" : "b")
      scores.append(stream.uniform() * 0.7 + (group ? shift : 0))
      labels.append(stream.uniform() < (group ? 0.3 : 0.6) ? 1 : 0)
    }
    return try binaryData(
      labels: labels, decisions: scores.map { $0 > 0.35 ? 1 : 0 }, scores: scores,
      group: grouping(["g"], [names]))
  }

  @Test func permutationHasTheRightSize() throws {
    let metrics = try ["selection_rate.difference", "true_positive_rate.difference", "ks"].map {
      try MetricRegistry.metric($0)
    }
    var options = EvaluationOptions()
    options.permutations = 39
    options.noiseDraws = 0
    var small = [0, 0, 0]
    for seed in 0..<120 {
      let figures = Evaluator(try null(UInt64(seed), 120), options: options).figures(metrics)
      for (index, figure) in figures.enumerated() where (figure.pValue ?? 0) <= 0.1 {
        small[index] += 1
      }
    }
    // 10 % of 120 is 12, with a standard deviation of 3.3; ties make the test a little careful.
    for count in small { #expect(count <= 24 && count >= 2, "\(small)") }
    let moved = Evaluator(try null(7, 400, shift: 0.3), options: options).figures(metrics)
    #expect((moved[0].pValue ?? 1) < 0.05)
  }

  /// Groups that differ only in their base rates pass the test of what is compared at equal labels, and
  /// fail that of everything the base rate enters.
  @Test func permutationTestsTheFigure() throws {
    var stream = RandomStream(key: 5)
    var labels: [Double] = []
    var decisions: [Int16] = []
    var names: [String] = []
    for row in 0..<2000 {
      let label = stream.uniform() < (row % 2 == 0 ? 0.8 : 0.2)
      labels.append(label ? 1 : 0)
      decisions.append(stream.uniform() < (label ? 0.9 : 0.5) ? 1 : 0)
      names.append(row % 2 == 0 ? "a" : "b")
    }
    let data = try binaryData(
      labels: labels, decisions: decisions, scores: decisions.map { 0.25 + Double($0) / 2 },
      group: grouping(["g"], [names]))
    var options = EvaluationOptions()
    options.permutations = 199
    options.noiseDraws = 0
    func pValue(_ id: String) throws -> Double {
      let figures = Evaluator(data, options: options).figures([try MetricRegistry.metric(id)])
      return try #require(figures.first { $0.group == nil && $0.score == "s" }?.pValue)
    }
    for id in ["accuracy", "precision", "base_rate", "f1", "log_loss", "brier", "ece"] {
      #expect(try pValue(id + ".difference") == 0.005, "\(id)")
    }
    for id in ["true_positive_rate", "false_positive_rate", "balanced_accuracy", "auc"] {
      #expect(try pValue(id + ".difference") > 0.01, "\(id)")
    }
    #expect(try pValue("equalized_odds_difference") > 0.01)
  }

  /// A row of frequency n is n records to the test, dealt one by one.
  @Test func permutationOfFrequencies() throws {
    // (label, decision, group, records): selected 60 % of 400 in a, 52.5 % of 400 in b.
    let cells: [(Double, Int16, String, Int)] = [
      (1, 1, "a", 120), (0, 1, "a", 120), (1, 0, "a", 80), (0, 0, "a", 80),
      (1, 1, "b", 105), (0, 1, "b", 105), (1, 0, "b", 95), (0, 0, "b", 95),
    ]
    var options = EvaluationOptions()
    options.permutations = 1999
    options.noiseDraws = 0
    func pValues(_ repeated: Bool) throws -> [Double] {
      let rows = repeated ? cells.flatMap { Array(repeating: $0, count: $0.3) } : cells
      let data = try binaryData(
        labels: rows.map(\.0), decisions: rows.map(\.1), group: grouping(["g"], [rows.map(\.2)]),
        weights: repeated ? .none : .frequencies(rows.map(\.3)))
      return try ["selection_rate.difference", "true_positive_rate.difference"].map { id in
        let figures = Evaluator(data, options: options).figures([try MetricRegistry.metric(id)])
        return try #require(figures.first { $0.group == nil }?.pValue)
      }
    }
    let (few, many) = (try pValues(false), try pValues(true))
    // Fisher's exact two-sided p of (240, 160) against (210, 190) is .0389.
    for p in [few[0], many[0]] { #expect(abs(p - 0.0389) < 0.014, "\(p)") }
    #expect(abs(few[1] - many[1]) < 0.05)
  }

  @Test func dealtCountsAreHypergeometric() {
    var stream = RandomStream(key: 3)
    let draws = 20_000
    let counts = [
      (5, 3, 10), (40, 600, 1000), (7, 7, 9), (300, 2, 900), (1 << 33, 1 << 34, 1 << 36),
      (100, 1 << 40, 1 << 42), (1 << 40, 50, 1 << 41), (1 << 20, 1 << 21, 1 << 22),
    ]
    for (drawn, good, total) in counts {
      var sum = 0.0
      var squares = 0.0
      for _ in 0..<draws {
        let count = Double(
          Draws.hypergeometric(drawn: drawn, good: good, total: total, &stream))
        sum += count
        squares += count * count
      }
      let (n, k, all) = (Double(drawn), Double(good), Double(total))
      let mean = n * k / all
      let variance = mean * (1 - k / all) * (all - n) / (all - 1)
      let found = sum / Double(draws)
      #expect(abs(found - mean) < 5 * (variance / Double(draws)).squareRoot())
      #expect(abs(squares / Double(draws) - found * found - variance) < 0.06 * variance)
    }
  }

  /// Mean and variance of binomial counts, small and huge, each by another way of drawing.
  @Test func binomialCountsHaveTheirMoments() {
    var stream = RandomStream(key: 5)
    let draws = 20_000
    for (total, share) in [(9, 0.3), (5000, 0.9), (1 << 30, 0.2), (1 << 40, 1e-9), (1 << 50, 0.4)] {
      var sum = 0.0
      var squares = 0.0
      let mean = Double(total) * share
      for _ in 0..<draws {
        let count = Double(Draws.binomial(total, share, &stream)) - mean
        sum += count
        squares += count * count
      }
      let variance = mean * (1 - share)
      #expect(abs(sum / Double(draws)) < 5 * (variance / Double(draws)).squareRoot(), "\(total)")
      #expect(abs(squares / Double(draws) - variance) < 0.06 * variance, "\(total)")
    }
  }

  /// Five equal scores do not make a group's figures certain.
  @Test func whatDoesNotVaryIsNotCertain() throws {
    let data = try binaryData(
      labels: [0, 0, 0, 0, 0], decisions: [0, 0, 0, 0, 0],
      scores: [0.2, 0.2, 0.2, 0.2, 0.2],
      group: grouping(["g"], [["a", "a", "a", "a", "a"]]))
    let ids = ["mean_score", "brier", "rmse", "mae", "log_loss"]
    let figures = Evaluator(data, options: EvaluationOptions()).figures(
      try ids.map { try MetricRegistry.metric($0) })
    // Of 0 in 5 the Clopper-Pearson bound is 1 - .025^(1/5) = .5218.
    for figure in figures where figure.score == "s" {
      let value = try #require(figure.value)
      let lower = try #require(figure.lower)
      #expect(figure.method == "unseen-share")
      let expected = figure.metric == "rmse" ? value * 0.4782.squareRoot() : value * 0.4782
      #expect(abs(lower - expected) < 1e-4 && (figure.upper ?? 0) > value + 0.4)
    }
  }

  /// Weights that are shares say what the same weights times their number say.
  @Test func weightsThatSumToOne() throws {
    var stream = RandomStream(key: 11)
    let count = 300
    let weights = (0..<count).map { _ in 0.5 + stream.uniform() }
    let scores = (0..<count).map { _ in stream.uniform() }
    let names = (0..<count).map { $0 % 3 == 0 ? "a" : "b" }
    func values(_ scale: Double) throws -> [Double] {
      let data = try binaryData(
        labels: scores.map { $0 > 0.5 ? 1 : 0 }, decisions: scores.map { $0 > 0.4 ? 1 : 0 },
        scores: scores, group: grouping(["g"], [names]),
        weights: .survey(weights.map { $0 * scale }))
      return try ["hsic", "quantile_unfairness"].map { id in
        let figures = Evaluator(data, options: EvaluationOptions()).figures([
          try MetricRegistry.metric(id)
        ])
        return try #require(figures.first { $0.group == nil && $0.score == "s" }?.value)
      }
    }
    let one = try values(1 / weights.reduce(0, +))
    let many = try values(Double(count) / weights.reduce(0, +))
    // A level that falls between two rows may take either of them.
    #expect(abs(one[0] - many[0]) < 1e-9 && abs(one[1] - many[1]) < 0.02, "\(one) \(many)")
  }

  @Test func noiseFloorIsRightUnderTheNull() throws {
    let metrics = try ["selection_rate.difference", "ks", "w1"].map {
      try MetricRegistry.metric($0)
    }
    var options = EvaluationOptions()
    options.noiseDraws = 200
    var inside = [0, 0, 0]
    for seed in 0..<150 {
      let figures = Evaluator(try null(UInt64(1000 + seed), 300), options: options).figures(metrics)
      for (index, figure) in figures.enumerated() where figure.insideNoise == true {
        inside[index] += 1
      }
    }
    for count in inside { #expect(count >= 132, "\(inside)") }
    let moved = Evaluator(try null(7, 400, shift: 0.3), options: options).figures(metrics)
    for figure in moved { #expect(figure.insideNoise == false) }
  }

  @Test func bootstrapAgreesWithTheClosedForm() throws {
    let data = try null(3, 3000)
    let metrics = try ["selection_rate", "auc"].map { try MetricRegistry.metric($0) }
    var options = EvaluationOptions()
    options.noiseDraws = 0
    let closed = Evaluator(data, options: options).figures(metrics)
    options.bootstrap = 400
    let drawn = Evaluator(data, options: options).figures(metrics)
    for (a, b) in zip(closed, drawn) {
      let width = (a.upper ?? 0) - (a.lower ?? 0)
      #expect(b.method == "bootstrap")
      #expect(abs((a.lower ?? 9) - (b.lower ?? 0)) < 0.2 * width, "\(a.metric)")
      #expect(abs((a.upper ?? 9) - (b.upper ?? 0)) < 0.2 * width, "\(a.metric)")
    }
  }

  /// Of many fair groups two are far apart in every resample; the bound reaches 0 all the same.
  @Test func bootstrapOfManyGroupsMayReachZero() throws {
    var stream = RandomStream(key: 11)
    let names = (0..<1200).map { "g\($0 % 40)" }
    let data = try binaryData(
      labels: names.map { _ in stream.uniform() < 0.5 ? 1 : 0 },
      decisions: names.map { _ in stream.uniform() < 0.4 ? 1 : 0 },
      group: grouping(["g"], [names]))
    var options = EvaluationOptions()
    options.noiseDraws = 0
    options.bootstrap = 200
    let metrics = try ["selection_rate.difference", "accuracy.ratio"].map {
      try MetricRegistry.metric($0)
    }
    let figures = Evaluator(data, options: options).figures(metrics)
    #expect((figures.first("selection_rate.difference")?.value ?? 0) > 0.2)
    #expect(figures.first("selection_rate.difference")?.lower == 0)
    #expect(figures.first("accuracy.ratio")?.upper == 1)
  }

  @Test func emptyCellIsNotZero() throws {
    let data = try binaryData(
      labels: [1, 1, 0, 0, 0], decisions: [1, 0, 1, 0, 0],
      group: grouping(["g"], [["a", "a", "a", "b", "b"]]))
    let figures = Evaluator(data).figures(MetricRegistry.all)
    #expect(figures.first("true_positive_rate.difference")?.value == nil)
    #expect(figures.first("true_positive_rate.difference")?.reason?.contains("group b") == true)
    #expect(figures.first("equal_opportunity_difference")?.value == 0.5)
    #expect(
      figures.first("equal_opportunity_difference")?.flags.contains("fairlearn-degenerate") == true)
    // A group of two with no selection is not known to be at 0.
    #expect((figures.first("selection_rate", "b")?.upper ?? 0) > 0.8)
  }

  @Test func badDataIsRefused() throws {
    let group = grouping(["g"], [["a", "b"]])
    #expect(throws: MetricsError.label(column: "y", row: 1, value: 2)) {
      try binaryData(labels: [0, 2], decisions: [0, 1], group: group)
    }
    #expect(throws: MetricsError.weight(row: 0)) {
      try binaryData(labels: [0, 1], decisions: [0, 1], group: group, weights: .survey([-1, 1]))
    }
    #expect(throws: MetricsError.length(column: "y", expected: 1, found: 2)) {
      try EvaluationData(
        count: 1, tasks: [TaskColumns(name: "y", kind: .binary, labels: [0, 1], scores: [])],
        attributes: [])
    }
    #expect(throws: MetricsError.notFinite(column: "s", row: 1)) {
      try binaryData(labels: [0, 1], decisions: [0, 1], scores: [0, .infinity], group: group)
    }
  }

  @Test func decisionsAtARate() {
    let scores = [0.1, 0.9, 0.5, 0.5, 0.2, .nan]
    #expect(Decisions.atRate(0.2, scores: scores) == [0, 1, 0, 0, 0, -1])
    #expect(Decisions.atRate(0.6, scores: scores) == [0, 1, 1, 1, 0, -1])
    #expect(Decisions.atRate(0, scores: scores) == [0, 0, 0, 0, 0, -1])
    let task = TaskColumns(name: "y", kind: .binary, labels: [1, 1, 0, .nan], scores: [])
    let constant = Decisions.constant(task)
    #expect(constant.decisions == [1, 1, 1, 1] && isClose(constant.values[0], 2.0 / 3))
  }
}

/// Whether the population has moved.
struct DriftTests {
  private func sample(_ key: UInt64, _ sizes: [Int], shift: Double = 0) -> [SortedSample] {
    var stream = RandomStream(key: key)
    return sizes.map { size in
      SortedSample(values: (0..<size).map { _ in stream.uniform() + shift })
    }
  }

  private func worst(_ figures: [DriftFigure]) -> Gate.Verdict {
    figures.map(\.verdict).max() ?? .met
  }

  @Test func samePopulation() {
    var alarms = 0
    for key in 0..<60 {
      let figures = Drift.figures(
        DriftReference(groups: sample(UInt64(2 * key), [3000, 2000])),
        DriftSample(groups: sample(UInt64(2 * key + 1), [3000, 2000])))
      if worst(figures) == .notMet { alarms += 1 }
    }
    #expect(alarms == 0)
  }

  /// The share of the only group cannot move, however few rows there are.
  @Test func oneGroupHasNoMix() {
    let figures = Drift.figures(
      DriftReference(groups: sample(1, [20])), DriftSample(groups: sample(2, [20])))
    let mix = figures.first { $0.id == "group_mix" }
    #expect(mix?.upper == 0 && mix?.verdict == .met)
  }

  @Test func movedPopulation() {
    let reference = DriftReference(groups: sample(1, [3000, 2000]))
    let shifted = Drift.figures(
      reference, DriftSample(groups: sample(2, [3000, 2000], shift: 0.3)))
    #expect(shifted.filter { $0.id == "ks" }.allSatisfy { $0.verdict == .notMet })
    #expect(shifted.filter { $0.id == "outside_range" }.allSatisfy { $0.verdict == .notMet })
    let mixed = Drift.figures(reference, DriftSample(groups: sample(3, [1000, 4000])))
    #expect(mixed.first { $0.id == "group_mix" }?.verdict == .notMet)
    let unseen = Drift.figures(
      reference, DriftSample(groups: sample(4, [3000, 2000]), missing: 900, unseen: 3))
    #expect(unseen.first { $0.id == "unseen" }?.verdict == .notMet)
    #expect(unseen.first { $0.id == "missing" }?.verdict == .notMet)
    let few = Drift.figures(reference, DriftSample(groups: sample(5, [5, 0])))
    #expect(worst(few) != .met)
  }
}
