internal import FairpostNumerics
internal import FairpostTransport

/// How often a permutation test rejects where groups do not differ, by seeded simulation.
package enum SizeSimulation {
  /// One case: the metric and the group sizes.
  package struct Case: Sendable {
    /// The metric's id.
    package var metric: String
    /// The rows of each group.
    package var sizes: [Int]
    /// By how much the first group's decisions differ; 0 is the null.
    package var effect: Double

    /// A case.
    package init(metric: String, sizes: [Int], effect: Double) {
      self.metric = metric
      self.sizes = sizes
      self.effect = effect
    }
  }

  /// What a case gave.
  package struct Row: Sendable {
    /// The case.
    package var item: Case
    /// The number of draws.
    package var draws: Int
    /// The share of p-values of at most .05.
    package var rejected: Double
    /// How many of the first draws are rejected, for a quick look at whether they are still the same.
    package var first: Int
  }

  /// How many draws are looked at again.
  package static let firstDraws = 20

  /// The cases of the committed table.
  package static let cases: [Case] = [
    "selection_rate.difference", "true_positive_rate.difference", "mean_score.difference", "ks",
  ].flatMap { metric in
    [[30, 30], [20, 100], [20, 40, 60]].flatMap { sizes in
      [0.0, 0.3].map { Case(metric: metric, sizes: sizes, effect: $0) }
    }
  }

  /// Runs one case; each draw makes 99 permutations.
  package static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> Row {
    // The ids stand in this file; a test runs every one.
    guard let metric = MetricRegistry.find(item.metric) else {
      return Row(item: item, draws: 0, rejected: .nan, first: 0)
    }
    let rejected = Parallel.map(draws, threads: threads) { draw -> Bool in
      var stream = RandomStream(seed: seed, purpose: "size", index: UInt64(draw))
      var codes: [Int32] = []
      var labels: [Double] = []
      var scores: [Double] = []
      for (group, size) in item.sizes.enumerated() {
        for _ in 0..<size {
          codes.append(Int32(group))
          labels.append(stream.uniform() < 0.5 ? 1 : 0)
          scores.append(min(1, 0.7 * stream.uniform() + (group == 0 ? item.effect : 0) + 0.1))
        }
      }
      let keys = item.sizes.indices.map { GroupKey([ByteText(String($0))]) }
      let task = TaskColumns(
        name: "y", kind: .binary, labels: labels,
        scores: [ScoreColumn(name: "y.score", values: scores, threshold: 0.5)])
      var options = EvaluationOptions()
      options.noiseDraws = 0
      options.permutations = 99
      options.seed = stream.next()
      let data = EvaluationData(
        made: codes.count, tasks: [task],
        attributes: [Grouping(columns: ["g"], keys: keys, codes: codes)])
      let figures = Evaluator(data, options: options).figures([metric])
      return (figures.first { $0.group == nil }?.pValue ?? 1) <= 0.05
    }
    return Row(
      item: item, draws: draws, rejected: Double(rejected.count { $0 }) / Double(draws),
      first: rejected.prefix(firstDraws).count { $0 })
  }

  /// The table as CSV.
  package static func table(_ rows: [Row], seed: UInt64) -> String {
    var text = "metric,sizes,effect,draws,seed,rejected_at_.05,rejected_20\n"
    for row in rows {
      let sizes = row.item.sizes.map(String.init).joined(separator: " ")
      text +=
        "\(row.item.metric),\(sizes),\(row.item.effect),\(row.draws),\(seed),\(row.rejected),\(row.first)\n"
    }
    return text
  }
}
