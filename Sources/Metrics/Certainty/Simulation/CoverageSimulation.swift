internal import FairpostNumerics
internal import FairpostTransport

/// How often the intervals contain the truth, by seeded simulation.
package enum CoverageSimulation {
  /// One case: a figure, group sizes and a truth.
  package struct Case: Sendable {
    /// A metric's id; or `rate`, `difference`, `empty` (all but the last group at rate 0), `auc` with
    /// the truth of the first group's rate, of the difference, or of the area.
    package var figure: String
    /// The size of each group.
    package var sizes: [Int]
    /// What the figure's population has: see `SimulatedPopulation`.
    package var effect: Double

    /// A case.
    package init(figure: String, sizes: [Int], effect: Double) {
      self.figure = figure
      self.sizes = sizes
      self.effect = effect
    }
  }

  /// What a case gave.
  package struct Row: Sendable, Equatable {
    /// The case.
    package var figure: String
    package var sizes: [Int]
    package var effect: Double
    /// The figure of the population.
    package var truth: Double
    /// The number of draws.
    package var draws: Int
    /// The share of draws in which the figure could be estimated.
    package var estimable: Double
    /// The share of them whose interval contains the truth.
    package var coverage: Double
    /// The mean width of the intervals.
    package var width: Double
    /// Of the first draws, how many intervals held the truth and the sum of their widths, for a quick
    /// look at whether they are still the same.
    package var firstHeld: Int
    package var firstWidth: Double
  }

  /// How many draws are looked at again.
  package static let firstDraws = 4

  /// The cases of the committed table.
  package static let cases: [Case] = {
    var result: [Case] = []
    func add(_ figures: [String], _ layouts: [[Int]], _ effects: [Double]) {
      for figure in figures {
        for sizes in layouts {
          for effect in effects {
            result.append(Case(figure: figure, sizes: sizes, effect: effect))
          }
        }
      }
    }
    add(["rate"], [[5], [20], [100], [500], [2000]], [0, 0.1, 0.5])
    let layouts = [
      [5, 5], [5, 2000], [20, 50], [200, 300], [2000, 2000], [50, 100, 500],
      [5, 20, 200, 500, 2000],
    ]
    add(["difference", "empty", "ks", "w1"], layouts, [0, 0.1])
    add(["auc"], [[10], [50], [200], [1000]], [0.5, 0.8])
    let few = [[5, 2000], [20, 50], [200, 300], [50, 100, 500]]
    add(
      [
        "w2", "quantile_unfairness", "mean_score.difference", "selection_rate.ratio",
        "selection_rate.difference_to_overall", "selection_rate.ratio_to_overall",
        "selection_rate.mean_pair_difference", "selection_rate.group_min",
        "mean_score.difference_to_overall", "equalized_odds.difference",
      ], few, [0, 0.1])
    // The errors of one group, by its size; the effect is the miscalibration of its labels.
    add(["brier", "mae", "log_loss", "rmse", "ece"], [[20], [100], [500], [2000]], [0, 0.1])
    add(
      ["regression.r2", "regression.rmse", "regression.mae"], [[20], [100], [2000]], [0.1, 0.5])
    add(
      ["auc.difference", "xauc_gap", "pairwise_rank_gap", "brier.difference", "ece_equal_mass"],
      [[100, 100], [200, 300], [100, 200, 500]], [0])
    return result
  }()

  /// Runs one case.
  package static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> Row {
    let truth = truth(item)
    let hits = Parallel.map(draws, threads: threads) { draw -> (isThere: Bool, Bool, Double) in
      var stream = RandomStream(seed: seed, purpose: "coverage", index: UInt64(draw))
      guard let bounds = interval(item, &stream) else { return (false, false, 0) }
      let slack = 1e-12
      return (
        true, bounds.lower <= truth + slack && bounds.upper >= truth - slack,
        bounds.upper - bounds.lower
      )
    }
    let there = Double(hits.count(where: \.isThere))
    return Row(
      figure: item.figure, sizes: item.sizes, effect: item.effect, truth: truth, draws: draws,
      estimable: there / Double(draws), coverage: Double(hits.count(where: \.1)) / there,
      width: hits.reduce(0) { $0 + $1.2 } / there,
      firstHeld: hits.prefix(firstDraws).count(where: \.1),
      firstWidth: hits.prefix(firstDraws).reduce(0) { $0 + $1.2 })
  }

  /// The table as CSV.
  package static func table(_ rows: [Row], seed: UInt64) -> String {
    var text =
      "figure,sizes,effect,truth,draws,seed,estimable,coverage,width,first_held,first_width\n"
    for row in rows {
      let sizes = row.sizes.map(String.init).joined(separator: " ")
      text += "\(row.figure),\(sizes),\(row.effect),\(row.truth),\(row.draws),\(seed),"
      text += "\(row.estimable),\(row.coverage),\(row.width),"
      text += "\(row.firstHeld),\(row.firstWidth)\n"
    }
    return text
  }

  private static func truth(_ item: Case) -> Double {
    switch item.figure {
    case "rate", "difference", "empty", "auc", "ks", "w1": item.effect
    default: SimulatedPopulation(item).truth
    }
  }

  /// The interval of one draw.
  private static func interval(_ item: Case, _ stream: inout RandomStream) -> Interval? {
    let tail = 0.05
    switch item.figure {
    case "rate":
      let hits = Draws.binomial(item.sizes[0], item.effect, &stream)
      return Proportion.interval(Double(hits), of: Double(item.sizes[0]), tail: tail)
    case "difference", "empty":
      // All groups at .3 (or 0: a cell that is always empty) but the last, higher by the effect.
      var estimates: [Estimate] = []
      for (index, size) in item.sizes.enumerated() {
        let base = item.figure == "empty" ? 0 : 0.3
        let p = base + (index == item.sizes.count - 1 ? item.effect : 0)
        let hits = Double(Draws.binomial(size, p, &stream))
        estimates.append(
          Estimate(
            value: hits / Double(size), count: size,
            spread: .proportion(hits / Double(size), total: Double(size), transform: nil)))
      }
      return Simultaneous(
        estimates, tail: tail, factor: Tails.allPairs(count: estimates.count, tail: tail))?
        .bounds(.difference)
    case "auc":
      // Normal scores; half the rows are positive.
      let shift = Normal.quantile(item.effect) * 2.0.squareRoot()
      let half = item.sizes[0] / 2
      let positives = (0..<half).map { _ in stream.normal() + shift }
      let negatives = (0..<half).map { _ in stream.normal() }
      guard
        let area = RankArea.delong(
          positives: SortedSample(values: positives), negatives: SortedSample(values: negatives))
      else { return nil }
      return Estimate(
        value: area.value, count: 2 * half,
        spread: .area(variance: area.variance, size: Double(half))
      ).interval(tail: tail)
    case "ks", "w1":
      // Uniform scores, the last group shifted: KS and W1 are both the shift.
      let samples = item.sizes.enumerated().map { index, size in
        let shift = index == item.sizes.count - 1 ? item.effect : 0
        return SortedSample(values: (0..<size).map { _ in stream.uniform() + shift })
      }
      if item.figure == "ks" { return DistanceBands.kolmogorovSmirnov(samples, tail: tail) }
      return DistanceBands.wasserstein1(samples, tail: tail, &stream)
    default: return SimulatedPopulation(item).interval(&stream)
    }
  }
}
