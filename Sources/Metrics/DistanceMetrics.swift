internal import Numerics
internal import Transport

/// Figures over pairs of groups' score distributions.
enum DistanceMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "ks", name: "KS unfairness",
      formula: "max over pairs of groups of max_x |F_a(x) - F_b(x)|, on the pooled points",
      direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores",
      isDefault: true
    ) { context in context.pairwise(id: "ks", ScoreDistance.kolmogorovSmirnov, kind: .ks) },
    Metric(
      id: "w1", name: "W1 unfairness",
      formula: "max over pairs of groups of the integral of |F_a - F_b|", direction: .lower,
      needs: [.scores, .ranks], notEstimable: "a group has no scores", isDefault: true
    ) { context in context.pairwise(id: "w1", ScoreDistance.wasserstein1, kind: .w1) },
    Metric(
      id: "area_between_cdfs", name: "area between the CDFs",
      formula: "max over pairs of groups of the integral of |F_a - F_b| (the same number as w1)",
      direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores"
    ) { context in
      context.pairwise(id: "area_between_cdfs", ScoreDistance.wasserstein1, kind: .w1)
    },
    Metric(
      id: "w2", name: "W2 unfairness",
      formula: "max over pairs of groups of sqrt(integral of (Q_a - Q_b)^2)", direction: .lower,
      needs: [.scores, .ranks], notEstimable: "a group has no scores"
    ) { context in context.pairwise(id: "w2", ScoreDistance.wasserstein2, kind: .none) },
    Metric(
      id: "mean_gap", name: "mean gap",
      formula: "max over pairs of groups of |mean S_a - mean S_b|",
      direction: .lower, needs: [.scores], notEstimable: "a group has no scores"
    ) { context in
      guard let base = BaseMetric.means.first(where: { $0.id == "mean_score" }) else { return [] }
      return [context.derive(base, .difference, id: "mean_gap")]
    },
    Metric(
      id: "quantile_unfairness", name: "EquiPy's unfairness",
      formula: "max over groups and 100 levels .01..99 of |Q_g(t) - Q_all(t)|, type-7 quantiles",
      direction: .lower, needs: [.scores, .ranks], notEstimable: "a group has no scores"
    ) { context in
      let samples = context.present.map { context.groups[$0].ranked?.all ?? SortedSample() }
      guard !samples.isEmpty, !samples.contains(where: \.isEmpty) else {
        return [.unavailable("a group has no scores")]
      }
      var outcome = Outcome()
      outcome.value = ScoreDistance.quantileUnfairness(samples)
      outcome.count = samples.reduce(0) { $0 + $1.tally.rows }
      outcome.flags = context.flags(context.present)
      return [outcome]
    },
  ]
}

extension EvaluationContext {
  enum BandKind { case ks, w1, none }

  /// The largest distance over pairs of groups, with its band and floor.
  func pairwise(
    id: String, _ distance: (SortedSample, SortedSample) -> Double, kind: BandKind
  ) -> [Outcome] {
    let codes = present
    let samples = codes.map { groups[$0].ranked?.all ?? SortedSample() }
    guard !samples.isEmpty else { return [.unavailable("no group has rows")] }
    if let empty = samples.firstIndex(where: \.isEmpty) {
      return [.unavailable("group \(grouping.keys[codes[empty]]) has no scores")]
    }
    var outcome = Outcome()
    outcome.count = samples.reduce(0) { $0 + $1.tally.rows }
    outcome.flags = flags(codes)
    var value = 0.0
    forPairs(samples.count) { i, j in value = max(value, distance(samples[i], samples[j])) }
    outcome.value = value
    guard samples.count > 1 else {
      outcome.lower = 0
      outcome.upper = 0
      return [outcome]
    }
    var stream = stream(id)
    switch kind {
    case _ where !options.intervals: break
    case .none: break
    case .ks:
      let bounds = DistanceBands.kolmogorovSmirnov(samples, tail: options.tail)
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "kolmogorov-band"
    case .w1:
      let bounds = DistanceBands.wasserstein1(
        samples, pooled: overall.ranked?.all, tail: options.tail, &stream)
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "bridge-band"
    }
    if kind != .none, options.noiseDraws > 0 {
      let sizes = codes.map { code -> Double in
        let n = groups[code].ranked?.all.tally.effective ?? 0
        guard !calibration.isEmpty, calibration[code] > 0 else { return n }
        return 1 / (1 / n + 1 / Double(calibration[code]))
      }
      outcome.noise = DistanceBands.floor(
        samples, pooled: overall.ranked?.all, sizes: sizes, draws: options.noiseDraws,
        integral: kind == .w1, &stream)
      if let noise = outcome.noise { outcome.insideNoise = value <= noise.band }
    }
    return [outcome]
  }
}
