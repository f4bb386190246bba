internal import FairpostNumerics
internal import FairpostTransport

/// What figures show where groups are exactly alike, by seeded simulation: whether intervals hold the
/// truth, which is 0 for a gap and 1 for a ratio, and how often the figure is within its chance level.
///
/// Scores are uniform over [0, 1] in every group, labels are 1 with probability s + e (1 - 2 s), where e
/// is the effect, and decisions are 1 from one half on. Without an effect the scores are calibrated.
package enum FairSimulation {
  /// One case.
  package struct Case: Sendable {
    /// The size of each group.
    package var sizes: [Int]
    /// How far labels are off the scores.
    package var effect: Double
    /// Replicates of the bootstrap; 0 for closed forms.
    package var bootstrap: Int

    /// A case.
    package init(sizes: [Int], effect: Double = 0, bootstrap: Int = 0) {
      self.sizes = sizes
      self.effect = effect
      self.bootstrap = bootstrap
    }
  }

  /// What a case gave for one figure.
  package struct Row: Sendable {
    /// The metric's id.
    package var metric: String
    /// `all` rows, each `group` by itself, or `between` groups.
    package var scope: String
    /// The figure of the population.
    package var truth: Double
    /// The number of draws with an interval.
    package var intervals: Int
    /// How many of the intervals held the truth.
    package var held: Int
    /// The number of draws with a chance level, and in how many the figure was within it.
    package var chances: Int
    package var within: Int
    /// Of the first draws, how many intervals held the truth and the sum of their widths, for a quick
    /// look at whether they are still the same.
    package var firstHeld: Int
    package var firstWidth: Double
  }

  /// How many draws are looked at again.
  package static let firstDraws = 4

  /// The cases of the committed table: without and with resamples, and miscalibrated scores.
  package static let cases: [Case] =
    [
      [60, 60], [60, 800], [300, 300], [60, 60, 60], [60, 200, 800], [60, 60, 60, 60, 60],
      [60, 100, 200, 400, 800],
    ].map { Case(sizes: $0) }
    + [[60, 60], [60, 200], [60, 60, 60, 60, 60]].map { Case(sizes: $0, bootstrap: 200) }
    + [[60, 60], [300, 300]].flatMap { sizes in
      [0, 200].map { Case(sizes: sizes, effect: 0.3, bootstrap: $0) }
    }

  /// The draws of a case in the committed table.
  package static func draws(_ item: Case) -> Int { item.bootstrap == 0 ? 1000 : 400 }

  /// What each figure is in the population without an effect.
  package static let truths: [String: Double] = [
    "selection_rate": 0.5, "base_rate": 0.5, "mean_score": 0.5,
    // Of all rows 3/8 are true positives, as many true negatives, and 1/8 each of the errors.
    "accuracy": 0.75, "balanced_accuracy": 0.75, "true_positive_rate": 0.75,
    "false_positive_rate": 0.25, "precision": 0.75, "f1": 0.75, "accuracy.group_min": 0.75,
    // The mean of s (1 - s), of 2 s (1 - s) and of -s log s - (1 - s) log (1 - s).
    "brier": 1.0 / 6, "rmse": (1.0 / 6).squareRoot(), "rmse.group_max": (1.0 / 6).squareRoot(),
    "mae": 1.0 / 3, "r2": 1.0 / 3, "log_loss": 0.5,
    // Positives have density 2 s, negatives 2 (1 - s).
    "auc": 5.0 / 6, "auc.group_min": 5.0 / 6,
    "ece": 0, "ece_equal_mass": 0, "ece.difference": 0, "ece.directed_difference": 0,
    "accuracy.difference": 0, "mean_score.difference": 0, "auc.difference": 0, "ks": 0, "w1": 0,
    "demographic_parity_difference": 0, "demographic_parity_ratio": 1,
    "equal_opportunity_difference": 0, "equal_opportunity_ratio": 1,
    "equalized_odds_difference": 0, "equalized_odds_ratio": 1,
    // Not shown by default, but near to what is.
    "average_odds_difference": 0, "average_odds_error": 0, "equalized_odds_difference_mean": 0,
    "equalized_odds_ratio_mean": 1, "equalized_odds_difference_to_overall": 0,
    "equalized_odds_ratio_to_overall": 1, "selection_rate.directed_difference": 0,
    "selection_rate.directed_ratio": 1, "true_positive_rate.directed_ratio": 1,
    "selection_rate.mean_pair_difference": 0,
  ]

  /// The figures of a case with what they are: with an effect the calibration errors alone.
  private static func known(_ effect: Double) -> [(metric: Metric, truth: Double)] {
    MetricRegistry.all.compactMap { metric in
      guard let truth = truths[metric.id] else { return nil }
      if effect == 0 { return (metric, truth) }
      return metric.growsWithNoise && !metric.isOverGroups ? (metric, effect / 2) : nil
    }
  }

  /// One figure of one draw.
  private struct Seen: Sendable {
    var metric: String
    var scope: String
    var bounds: Interval?
    var within: Bool?
  }

  /// Runs one case.
  package static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> [Row] {
    let known = known(item.effect)
    let drawn = Parallel.map(draws, threads: threads) { draw -> [Seen] in
      var stream = RandomStream(seed: seed, purpose: "fair figures", index: UInt64(draw))
      return seen(item, known.map(\.metric), &stream)
    }
    var rows: [Row] = []
    var places: [String: Int] = [:]
    for (draw, figures) in drawn.enumerated() {
      for figure in figures {
        let key = figure.metric + " " + figure.scope
        if places[key] == nil {
          places[key] = rows.count
          rows.append(
            Row(
              metric: figure.metric, scope: figure.scope,
              truth: known.first { $0.metric.id == figure.metric }?.truth ?? .nan, intervals: 0,
              held: 0,
              chances: 0, within: 0, firstHeld: 0, firstWidth: 0))
        }
        guard let place = places[key] else { continue }
        if let bounds = figure.bounds {
          let truth = rows[place].truth
          let isHeld = bounds.lower <= truth + 1e-12 && bounds.upper >= truth - 1e-12
          rows[place].intervals += 1
          if isHeld { rows[place].held += 1 }
          if draw < firstDraws {
            if isHeld { rows[place].firstHeld += 1 }
            // Ratios may have no upper bound.
            rows[place].firstWidth += min(bounds.upper, 10) - bounds.lower
          }
        }
        if let within = figure.within {
          rows[place].chances += 1
          if within { rows[place].within += 1 }
        }
      }
    }
    return rows
  }

  /// The figures of one draw of rows.
  private static func seen(_ item: Case, _ metrics: [Metric], _ stream: inout RandomStream)
    -> [Seen]
  {
    var labels: [Double] = []
    var scores: [Double] = []
    var codes: [Int32] = []
    for (group, size) in item.sizes.enumerated() {
      for _ in 0..<size {
        let score = stream.uniform()
        codes.append(Int32(group))
        scores.append(score)
        labels.append(stream.uniform() < score + item.effect * (1 - 2 * score) ? 1 : 0)
      }
    }
    let task = TaskColumns(
      name: "y", kind: .binary, labels: labels,
      scores: [ScoreColumn(name: "s", values: scores, threshold: 0.5)])
    let keys = item.sizes.indices.map { GroupKey([ByteText(String($0))]) }
    var options = EvaluationOptions()
    options.noiseDraws = item.bootstrap == 0 ? 200 : 0
    options.bootstrap = item.bootstrap
    options.seed = stream.next()
    options.protected = [["g"]: keys[0]]
    let data = EvaluationData(
      made: codes.count, tasks: [task],
      attributes: [Grouping(columns: ["g"], keys: keys, codes: codes)])
    return Evaluator(data, options: options).figures(metrics).map { figure in
      let scope = figure.group != nil ? "group" : figure.least == nil ? "all" : "between"
      var bounds: Interval?
      if let lower = figure.lower, let upper = figure.upper { bounds = Interval(lower, upper) }
      return Seen(metric: figure.metric, scope: scope, bounds: bounds, within: figure.insideNoise)
    }
  }

  /// The table as CSV.
  package static func table(_ results: [(item: Case, draws: Int, rows: [Row])], seed: UInt64)
    -> String
  {
    var text =
      "sizes,effect,bootstrap,draws,seed,figure,scope,truth,intervals,coverage,within_chance,"
      + "first_held,first_width\n"
    func share(_ part: Int, _ whole: Int) -> String {
      whole > 0 ? "\(Double(part) / Double(whole))" : ""
    }
    for (item, draws, rows) in results {
      let sizes = item.sizes.map(String.init).joined(separator: " ")
      for row in rows {
        text += "\(sizes),\(item.effect),\(item.bootstrap),\(draws),\(seed),\(row.metric),"
        text += "\(row.scope),\(row.truth),\(row.intervals),\(share(row.held, row.intervals)),"
        text += "\(share(row.within, row.chances)),\(row.firstHeld),\(row.firstWidth)\n"
      }
    }
    return text
  }
}
