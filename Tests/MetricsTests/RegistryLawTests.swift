import Foundation
import FairpostMetrics
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// Laws that hold for every metric of the registry.
struct RegistryLawTests {
  /// A small table with everything a metric may need.
  struct Table {
    var labels: [Double] = []
    var scores: [Double] = []
    var groups: [String] = []
    var ages: [Double] = []
    var classes: [Double] = []
    var predicted: [Int16] = []
    var weights: [Int] = []
    /// In whose values people are alike.
    var blocks: [String] = []

    init(count: Int = 90) {
      for i in 0..<count {
        labels.append((i * 7) % 10 < 4 ? 1 : 0)
        scores.append((Double((i * 37) % 97) + 0.5) / 97)
        groups.append(["p", "q", "r"][(i * i) % 3 == 0 ? 0 : (i % 2 == 0 ? 1 : 2)])
        ages.append(Double(20 + (i * 13) % 47))
        classes.append(Double((i / 3 + i % 2) % 3))
        predicted.append(Int16((i * 11 / 2) % 3))
        weights.append(1 + i % 3)
        blocks.append(["k", "l", "m"][(i / 2 + i % 5) % 3])
      }
    }

    func taking(_ order: [Int]) -> Table {
      var result = self
      result.labels = order.map { labels[$0] }
      result.scores = order.map { scores[$0] }
      result.groups = order.map { groups[$0] }
      result.ages = order.map { ages[$0] }
      result.classes = order.map { classes[$0] }
      result.predicted = order.map { predicted[$0] }
      result.weights = order.map { weights[$0] }
      result.blocks = order.map { blocks[$0] }
      return result
    }

    func figures(
      weights: RowWeights = .none, rename: (String) -> String = { $0 }, metrics: [Metric]? = nil,
      protected: String = "p", labelled: Bool = true, noiseDraws: Int = 0
    ) throws -> [Figure] {
      func task(_ name: String, _ values: [Double]) -> TaskColumns {
        TaskColumns(
          name: name, kind: .binary, labels: labelled ? labels : [],
          scores: [ScoreColumn(name: name + ".score", values: values, threshold: 0.4)])
      }
      let group = grouping(["g"], [groups.map(rename)])
      let data = try EvaluationData(
        count: labels.count,
        tasks: [
          task("one", scores),
          task("two", scores.map { ($0 * 7).truncatingRemainder(dividingBy: 1) }),
          TaskColumns(
            name: "three", kind: .multiclass(classes: ["x", "y", "z"]),
            labels: labelled ? classes : [],
            scores: [ScoreColumn(name: "three.score", values: scores, decisions: predicted)]),
        ], attributes: [group], weights: weights, features: [scores, ages],
        continuous: [ContinuousAttribute(name: "age", values: ages)],
        strata: grouping(["block"], [blocks]))
      var options = EvaluationOptions()
      options.noiseDraws = noiseDraws
      options.protected = [["g"]: GroupKey([ByteText(rename(protected))])]
      return Evaluator(data, options: options).figures(metrics ?? MetricRegistry.all)
    }
  }

  private func same(_ a: [Figure], _ b: [Figure], intervals: Bool = true) {
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) {
      #expect(x.metric == y.metric && x.group == y.group && x.category == y.category)
      #expect(
        isClose(x.value ?? .nan, y.value ?? .nan, absolute: 1e-12, relative: 1e-11),
        "\(x.metric) \(x.task) \(x.value ?? .nan) \(y.value ?? .nan)")
      if intervals, x.metric != "w1", x.metric != "area_between_cdfs", x.metric != "abcc",
        x.metric != "wasserstein_distance"
      {
        #expect(
          isClose(x.lower ?? .nan, y.lower ?? .nan, absolute: 1e-9, relative: 1e-9), "\(x.metric)")
        #expect(
          isClose(x.upper ?? .nan, y.upper ?? .nan, absolute: 1e-9, relative: 1e-9), "\(x.metric)")
      }
    }
  }

  @Test func idsAreUniqueAndExplained() {
    let ids = MetricRegistry.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for metric in MetricRegistry.all {
      #expect(!metric.formula.isEmpty && !metric.notEstimable.isEmpty && !metric.name.isEmpty)
    }
    #expect(throws: MetricsError.unknownMetric("acuracy")) {
      try MetricRegistry.metric("acuracy")
    }
  }

  /// Each metric gives a number on good data.
  @Test func everyMetricHasAValue() throws {
    let figures = try Table().figures()
    for metric in MetricRegistry.all {
      #expect(
        figures.contains { $0.metric == metric.id && $0.value != nil }, "\(metric.id)")
    }
  }

  /// Each metric says so where it has nothing to work on.
  @Test func everyMetricRefusesNothing() throws {
    for metric in MetricRegistry.all {
      let data = try EvaluationData(
        count: 0,
        tasks: [
          TaskColumns(
            name: "y", kind: .binary, labels: [],
            scores: [
              ScoreColumn(name: "s", values: [])
            ])
        ], attributes: [grouping(["g"], [[]])])
      let figures = Evaluator(data).figures([metric])
      #expect(
        !figures.isEmpty && figures.allSatisfy { $0.value == nil && $0.reason != nil },
        "\(metric.id)")
    }
  }

  /// All that is said of a figure, in words that show a difference.
  private func said(_ figures: [Figure]) -> [String] {
    figures.map { figure in
      let place =
        "\(figure.metric) \(figure.task) \(figure.score) \(figure.groupName ?? "") \(figure.category ?? "")"
      let numbers = [
        figure.value, figure.lower, figure.upper, figure.noise?.mean, figure.noise?.band,
      ].map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
      return
        "\(place): \(numbers) n \(figure.count) \(figure.flags) \(figure.reason ?? "")"
    }
  }

  private func expectSame(_ a: [Figure], _ b: [Figure]) {
    let (left, right) = (said(a), said(b))
    #expect(left.count == right.count)
    for (x, y) in zip(left, right) where x != y { Issue.record("\(x)\nis not\n\(y)") }
  }

  @Test func rowOrder() throws {
    let table = Table()
    var stream = RandomStream(key: 5)
    let order = stream.permutation(90)
    let turned = table.taking(order)
    expectSame(try table.figures(noiseDraws: 20), try turned.figures(noiseDraws: 20))
    expectSame(
      try table.figures(weights: .frequencies(table.weights), noiseDraws: 20),
      try turned.figures(weights: .frequencies(turned.weights), noiseDraws: 20))
    let survey = table.weights.map { Double($0) / 3 }
    same(
      try table.figures(weights: .survey(survey)),
      try turned.figures(weights: .survey(order.map { survey[$0] })))
  }

  /// To the last bit: value, interval, n, flags and chance level.
  @Test func frequenciesAreDuplication() throws {
    let table = Table()
    let repeated = table.taking((0..<90).flatMap { Array(repeating: $0, count: table.weights[$0]) })
    let a = try table.figures(weights: .frequencies(table.weights), noiseDraws: 20)
    expectSame(a, try repeated.figures(noiseDraws: 20))
    // Survey weights give the same values, with wider intervals; near rows are counted relative to
    // the mean weight.
    let weights = RowWeights.survey(table.weights.map(Double.init))
    same(
      a.filter { $0.metric != "consistency" },
      try table.figures(weights: weights).filter { $0.metric != "consistency" },
      intervals: false)
  }

  /// Rows of frequency or weight 0 are not there, whatever they hold.
  @Test func idleRowsChangeNothing() throws {
    let table = Table()
    var more = table
    // A group of its own first in order, scores outside [0, 1], labels and classes that lie apart.
    for i in 0..<12 {
      more.labels.append(i % 3 == 0 ? .nan : Double(i % 2))
      more.scores.append(i % 4 == 0 ? .nan : Double(i) * 9 - 20)
      more.blocks.append("idle")
      more.groups.append(i % 2 == 0 ? "a" : "q")
      more.ages.append(Double(i) * 1000)
      more.classes.append(Double(i % 3))
      more.predicted.append(Int16(i % 4) - 1)
      more.weights.append(0)
    }
    expectSame(
      try table.figures(weights: .frequencies(table.weights), noiseDraws: 20),
      try more.figures(weights: .frequencies(more.weights), noiseDraws: 20))
    expectSame(
      try table.figures(weights: .survey(table.weights.map(Double.init)), noiseDraws: 20),
      try more.figures(weights: .survey(more.weights.map(Double.init)), noiseDraws: 20))
  }

  /// What compares groups says nothing of one group, whether or not other rows lack one.
  @Test func oneGroupIsNotCompared() throws {
    var table = Table()
    for row in table.groups.indices { table.groups[row] = "p" }
    var compared = 0
    for figure in try table.figures() {
      let metric = try MetricRegistry.metric(figure.metric)
      if metric.scope == .comparison {
        compared += 1
        #expect(figure.value == nil && figure.lower == nil && figure.reason != nil, "\(metric.id)")
      }
    }
    #expect(compared > 200)
  }

  /// Figures of yes-or-no decisions and of numbers say nothing of classes.
  @Test func classesAreNoNumbers() throws {
    let figures = try Table().figures().filter { $0.task == "three" }
    #expect(figures.contains { $0.value != nil })
    for figure in figures where figure.value != nil {
      let needs = try MetricRegistry.metric(figure.metric).needs
      #expect(needs.isDisjoint(with: [.decisions, .labels]), "\(figure.metric)")
    }
    #expect(figures.first("selection_rate")?.reason == "needs yes-or-no decisions")
  }

  /// A task's adjusted score goes with the others' adjusted scores, whatever stands where.
  @Test func tasksArePairedByKind() throws {
    let table = Table()
    let flat = [Double](repeating: 0.3, count: 90)
    func task(_ name: String, _ columns: [(String, [Double], ScoreKind)]) -> TaskColumns {
      TaskColumns(
        name: name, kind: .binary, labels: table.labels,
        scores: columns.map {
          ScoreColumn(name: name + "." + $0.0, values: $0.1, threshold: 0.4, kind: $0.2)
        })
    }
    func means(_ second: [(String, [Double], ScoreKind)]) throws -> [String: Figure] {
      let data = try EvaluationData(
        count: 90,
        tasks: [
          task(
            "one",
            [
              ("score", table.scores, .given), ("fair", flat, .adjusted),
              ("constant", flat, .constant),
            ]), task("two", second),
        ], attributes: [grouping(["g"], [table.groups])])
      let metrics = [try MetricRegistry.metric("mean_ks"), try MetricRegistry.metric("ks")]
      return Dictionary(
        Evaluator(data).figures(metrics).filter { $0.task != "two" }.map {
          ($0.metric + " " + $0.score, $0)
        },
        uniquingKeysWith: { first, _ in first })
    }
    let paired = try means([("constant", flat, .constant), ("score", table.scores, .given)])
    let ks = try #require(paired["ks one.score"]?.value)
    #expect(paired["mean_ks one.score"]?.value == ks)
    #expect(paired["mean_ks one.constant"]?.value == 0)
    // The second task has no adjusted score.
    #expect(paired["mean_ks one.fair"]?.value == nil)
    #expect(paired["mean_ks one.fair"]?.reason?.contains("two") == true)
  }

  @Test func relabellingGroups() throws {
    let table = Table()
    let renamed = try table.figures(rename: { ["p": "z", "q": "y", "r": "x"][$0] ?? $0 })
    let metrics = MetricRegistry.all.filter {
      $0.isOverGroups && !["hsic", "disparate_mistreatment"].contains($0.id)
    }.map(\.id)
    let plain = try table.figures()
    var compared = 0
    for id in metrics {
      for task in ["one", "two", "three", ""] {
        let a = plain.first { $0.metric == id && $0.task == task && $0.group == nil }?.value
        let b = renamed.first { $0.metric == id && $0.task == task && $0.group == nil }?.value
        // No value on one side alone: two that are missing would be close.
        #expect((a == nil) == (b == nil), "\(id)")
        guard let a, let b else { continue }
        compared += 1
        #expect(isClose(a, b, absolute: 1e-12), "\(id)")
      }
    }
    #expect(compared > metrics.count)
  }

  @Test func halvesMerge() throws {
    let table = Table()
    let group = grouping(["g"], [table.groups])
    func part(_ rows: Range<Int>) -> RowSums {
      var sums = RowSums(groupCount: 3)
      sums.add(
        rows: rows, codes: group.codes, labels: table.labels, scores: table.scores,
        decisions: table.predicted, weights: .frequencies(table.weights), binary: true)
      return sums
    }
    var halves = part(0..<41)
    halves.merge(part(41..<90), at: [0, 1, 2])
    let whole = part(0..<90)
    #expect(halves.rounded == whole.rounded)
  }

  @Test func threadsDoNotMatter() throws {
    let table = Table()
    let data = try binaryData(
      labels: table.labels, decisions: table.scores.map { $0 > 0.4 ? 1 : 0 }, scores: table.scores,
      group: grouping(["g"], [table.groups]))
    var options = EvaluationOptions()
    options.bootstrap = 20
    options.permutations = 20
    options.noiseDraws = 50
    let one = Evaluator(data, options: options).figures()
    options.threads = 3
    let three = Evaluator(data, options: options).figures()
    #expect(one == three)
  }
}
