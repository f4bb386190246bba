import Foundation
import Metrics
import Numerics
import TestSupport
import Testing
import Transport

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

    init(count: Int = 90) {
      for i in 0..<count {
        labels.append((i * 7) % 10 < 4 ? 1 : 0)
        scores.append((Double((i * 37) % 97) + 0.5) / 97)
        groups.append(["p", "q", "r"][(i * i) % 3 == 0 ? 0 : (i % 2 == 0 ? 1 : 2)])
        ages.append(Double(20 + (i * 13) % 47))
        classes.append(Double((i / 3 + i % 2) % 3))
        predicted.append(Int16((i * 11 / 2) % 3))
        weights.append(1 + i % 3)
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
      return result
    }

    func figures(
      weights: RowWeights = .none, rename: (String) -> String = { $0 }, metrics: [Metric]? = nil,
      protected: String = "p", labelled: Bool = true
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
        continuous: [ContinuousAttribute(name: "age", values: ages)])
      var options = EvaluationOptions()
      options.noiseDraws = 0
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
      #expect(MetricRegistry.help.contains("\n" + metric.id))
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

  @Test func rowOrder() throws {
    let table = Table()
    var stream = RandomStream(key: 5)
    same(try table.figures(), try table.taking(stream.permutation(90)).figures())
  }

  @Test func frequenciesAreDuplication() throws {
    let table = Table()
    let repeated = table.taking((0..<90).flatMap { Array(repeating: $0, count: table.weights[$0]) })
    // Nearest rows are counted by row, so duplication changes who is near.
    let metrics = MetricRegistry.all.filter {
      !["consistency", "energy_distance", "ece", "reliability"].contains($0.id)
    }
    let a = try table.figures(weights: .frequencies(table.weights), metrics: metrics)
    same(a, try repeated.figures(metrics: metrics))
    // Survey weights give the same values, with wider intervals.
    let weights = RowWeights.survey(table.weights.map(Double.init))
    same(a, try table.figures(weights: weights, metrics: metrics), intervals: false)
  }

  @Test func relabellingGroups() throws {
    let table = Table()
    let renamed = try table.figures(rename: { ["p": "z", "q": "y", "r": "x"][$0] ?? $0 })
    let metrics = MetricRegistry.all.filter {
      $0.isOverGroups && !["hsic", "disparate_mistreatment"].contains($0.id)
    }.map(\.id)
    let plain = try table.figures()
    for id in metrics {
      for task in ["one", "two", "three", ""] {
        let a = plain.first { $0.metric == id && $0.task == task && $0.group == nil }?.value
        let b = renamed.first { $0.metric == id && $0.task == task && $0.group == nil }?.value
        #expect(isClose(a ?? .nan, b ?? .nan, absolute: 1e-12), "\(id)")
      }
    }
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
