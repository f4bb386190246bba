internal import Numerics

/// How often the intervals contain the truth, by seeded simulation.
public enum CoverageSimulation {
  /// One case: a figure, group sizes and a truth.
  public struct Case: Sendable {
    /// `rate`, `difference`, `ks`, `w1` or `auc`.
    public var figure: String
    /// The size of each group.
    public var sizes: [Int]
    /// The true rate (of the first group), difference, distance, or AUC.
    public var truth: Double

    /// A case.
    public init(figure: String, sizes: [Int], truth: Double) {
      self.figure = figure
      self.sizes = sizes
      self.truth = truth
    }
  }

  /// What a case gave.
  public struct Row: Sendable, Equatable {
    /// The case.
    public var figure: String
    public var sizes: [Int]
    public var truth: Double
    /// The number of draws.
    public var draws: Int
    /// The share of draws whose interval contains the truth.
    public var coverage: Double
    /// The mean width of the intervals.
    public var width: Double
  }

  /// The cases of the committed table.
  public static let cases: [Case] = {
    var result: [Case] = []
    for size in [5, 20, 100, 500, 2000] {
      for truth in [0, 0.1, 0.5] {
        result.append(Case(figure: "rate", sizes: [size], truth: truth))
      }
    }
    let layouts = [
      [5, 5], [5, 2000], [20, 50], [200, 300], [2000, 2000], [50, 100, 500],
      [5, 20, 200, 500, 2000],
    ]
    for figure in ["difference", "ks", "w1"] {
      for sizes in layouts {
        for truth in [0, 0.1] { result.append(Case(figure: figure, sizes: sizes, truth: truth)) }
      }
    }
    for size in [10, 50, 200, 1000] {
      for truth in [0.5, 0.8] {
        result.append(Case(figure: "auc", sizes: [size], truth: truth))
      }
    }
    return result
  }()

  /// Runs one case.
  public static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> Row {
    let hits = Parallel.map(draws, threads: threads) { draw -> (Bool, Double) in
      var stream = RandomStream(seed: seed, purpose: "coverage", index: UInt64(draw))
      guard let bounds = interval(item, &stream) else { return (true, 1) }
      let slack = 1e-12
      return (
        bounds.lower <= item.truth + slack && bounds.upper >= item.truth - slack,
        bounds.upper - bounds.lower
      )
    }
    return Row(
      figure: item.figure, sizes: item.sizes, truth: item.truth, draws: draws,
      coverage: Double(hits.count(where: \.0)) / Double(draws),
      width: hits.reduce(0) { $0 + $1.1 } / Double(draws))
  }

  /// The table as CSV.
  public static func table(_ rows: [Row], seed: UInt64) -> String {
    var text = "figure,sizes,truth,draws,seed,coverage,width\n"
    for row in rows {
      let sizes = row.sizes.map(String.init).joined(separator: " ")
      text +=
        "\(row.figure),\(sizes),\(row.truth),\(row.draws),\(seed),\(row.coverage),\(row.width)\n"
    }
    return text
  }

  /// The interval of one draw.
  private static func interval(_ item: Case, _ stream: inout RandomStream) -> Interval? {
    let tail = 0.05
    switch item.figure {
    case "rate":
      let hits = Draws.binomial(item.sizes[0], item.truth, &stream)
      return Proportion.interval(Double(hits), of: Double(item.sizes[0]), tail: tail)
    case "difference":
      // All groups at .3 but the last, which is higher by the truth.
      var estimates: [Estimate] = []
      for (index, size) in item.sizes.enumerated() {
        let p = 0.3 + (index == item.sizes.count - 1 ? item.truth : 0)
        let hits = Double(Draws.binomial(size, p, &stream))
        estimates.append(
          Estimate(
            value: hits / Double(size), count: size,
            spread: .proportion(hits / Double(size), total: Double(size), transform: nil)))
      }
      return Simultaneous.bounds(
        .difference, estimates, tail: tail,
        factor: Tails.allPairs(count: estimates.count, tail: tail))
    case "auc":
      // Normal scores; half the rows are positive.
      let shift = Normal.quantile(item.truth) * 2.0.squareRoot()
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
    default:
      // Uniform scores, the last group shifted: KS and W1 are both the shift.
      let samples = item.sizes.enumerated().map { index, size in
        let shift = index == item.sizes.count - 1 ? item.truth : 0
        return SortedSample(values: (0..<size).map { _ in stream.uniform() + shift })
      }
      if item.figure == "ks" { return DistanceBands.kolmogorovSmirnov(samples, tail: tail) }
      return DistanceBands.wasserstein1(samples, tail: tail, &stream)
    }
  }
}
