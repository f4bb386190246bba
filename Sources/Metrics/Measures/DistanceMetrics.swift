internal import FairpostNumerics
internal import FairpostTransport

/// Figures over pairs of groups' score distributions.
enum DistanceMetrics {
  /// The largest distance of two groups' distribution functions.
  static let ks = Metric(
    id: "ks", name: "KS unfairness",
    formula: "max over pairs of groups of max_x |F_a(x) - F_b(x)|, on the pooled points",
    direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores",
    isDefault: true, quantity: "score distribution"
  ) { context in context.pairwise(id: "ks", .ks) }

  /// The metrics.
  static let all: [Metric] = [
    ks,
    Metric(
      id: "w1", name: "W1 unfairness",
      formula: "max over pairs of groups of the integral of |F_a - F_b|", direction: .lower,
      needs: [.scores, .ranks], notEstimable: "a group has no scores", isDefault: true,
      quantity: "score distribution"
    ) { context in context.pairwise(id: "w1", .w1) },
    Metric(
      id: "area_between_cdfs", name: "area between the CDFs",
      formula: "max over pairs of groups of the integral of |F_a - F_b| (the same number as w1)",
      direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores",
      quantity: "score distribution"
    ) { context in
      context.pairwise(id: "area_between_cdfs", .w1)
    },
    Metric(
      id: "w2", name: "W2 unfairness",
      formula: "max over pairs of groups of sqrt(integral of (Q_a - Q_b)^2)", direction: .lower,
      needs: [.scores, .ranks], notEstimable: "a group has no scores",
      quantity: "score distribution"
    ) { context in context.pairwise(id: "w2", .w2) },
    Metric(
      id: "mean_gap", name: "mean gap",
      formula: "max over pairs of groups of |mean S_a - mean S_b|",
      direction: .lower, needs: [.scores], notEstimable: "a group has no scores",
      quantity: "mean_score"
    ) { context in
      [context.derive(.meanScore, .difference, id: "mean_gap")]
    },
    Metric(
      id: "quantile_unfairness", name: "EquiPy's unfairness",
      formula: "max over groups and 100 levels .01..99 of |Q_g(t) - Q_all(t)|, type-7 quantiles",
      direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores",
      quantity: "score distribution"
    ) { context in
      let samples = context.present.map { context.groups[$0].ranked?.all ?? SortedSample() }
      guard !samples.isEmpty, !samples.contains(where: \.isEmpty) else {
        return [.unavailable("a group has no scores")]
      }
      var outcome = Outcome()
      outcome.value = ScoreDistance.quantileUnfairness(samples)
      if context.options.intervals {
        let bounds = DistanceBands.quantileUnfairness(samples, tail: context.options.tail)
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = "order-statistics-band"
      }
      outcome.count = samples.reduce(0) { $0 + $1.tally.rows }
      outcome.flags = context.flags(context.present)
      return [outcome]
    },
  ]
}

extension EvaluationContext {
  /// A distance of two distributions.
  enum Distance { case ks, w1, w2 }

  /// The walks over all pairs of groups, done once for all figures made of them.
  fileprivate func pairs(_ samples: [SortedSample]) -> PairSummary {
    memo.pairs {
      PairSweep.summary(
        samples, tail: options.intervals ? options.tail : nil, threads: options.threads)
    }
  }

  /// The largest distance over pairs of groups, with its band and floor.
  fileprivate func pairwise(id: String, _ distance: Distance) -> [Outcome] {
    let codes = present
    let samples = codes.map { groups[$0].ranked?.all ?? SortedSample() }
    guard !samples.isEmpty else { return [.unavailable("no group has rows")] }
    if let empty = samples.firstIndex(where: \.isEmpty) {
      return [.unavailable("group \(grouping.keys[codes[empty]]) has no scores")]
    }
    var outcome = Outcome()
    outcome.count = samples.reduce(0) { $0 + $1.tally.rows }
    outcome.least = samples.map(\.tally.rows).min()
    outcome.flags = flags(codes)
    let pairs = pairs(samples)
    var stream = stream(id)
    let squared: (value: Double, upper: Double) =
      distance == .w2
      ? ScoreDistance.largestWasserstein2(
        samples, tail: options.tail, threads: options.threads) : (0, 0)
    let value =
      switch distance {
      case .ks: pairs.ks
      case .w1: pairs.w1
      case .w2: squared.value
      }
    outcome.value = value
    if options.intervals {
      switch distance {
      case .ks:
        outcome.lower = pairs.ksLower
        outcome.upper = pairs.ksUpper
        outcome.method = "kolmogorov-band"
      case .w1:
        let bounds = DistanceBands.wasserstein1(samples, pairs, tail: options.tail, &stream)
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = "bridge-band"
      case .w2:
        // W2 is never below W1, whose bounds so hold for it.
        let bounds = DistanceBands.wasserstein1(samples, pairs, tail: options.tail, &stream)
        outcome.lower = min(value, bounds.lower)
        outcome.upper = max(squared.upper, bounds.upper)
        outcome.method = "dual-band"
      }
    }
    if distance != .w2, options.noiseDraws > 0 {
      let sizes = codes.enumerated().map { place, code in
        DistanceBands.Rows(
          measured: samples[place].tally.effective,
          calibration: calibration.isEmpty ? 0 : calibration[code])
      }
      if samples.count > ManyGroups.above {
        let floors = memo.floors {
          var shared = self.stream("score distribution")
          return ManyPaths.floors(samples, sizes: sizes, draws: options.noiseDraws, &shared)
        }
        outcome.noise = distance == .w1 ? floors.area : floors.height
      } else {
        outcome.noise = DistanceBands.floor(
          samples, sizes: sizes, draws: options.noiseDraws, integral: distance == .w1, &stream)
      }
      if let noise = outcome.noise { outcome.insideNoise = value <= noise.band }
    }
    return [outcome]
  }
}
