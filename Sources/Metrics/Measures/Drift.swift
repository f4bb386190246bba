internal import FairpostNumerics

/// What a fitted map knows of the population it was fitted on.
package struct DriftReference: Sendable {
  /// The sorted fitted scores of each group.
  package var groups: [SortedSample]
  /// Rows with a missing score or group at the fit, of all rows.
  package var missingShare: Double
  /// Whether the shares of groups are of weight; else each counts by its effective size.
  package var isWeighted: Bool

  /// A reference.
  package init(groups: [SortedSample], missingShare: Double = 0, isWeighted: Bool = false) {
    self.groups = groups
    self.isWeighted = isWeighted
    self.missingShare = missingShare
  }
}

/// What has arrived since, in the same order of groups.
package struct DriftSample: Sendable {
  /// The sorted scores of each group.
  package var groups: [SortedSample]
  /// Rows with a missing score or group.
  package var missing: Int
  /// Rows of groups the map has not seen.
  package var unseen: Int

  /// A sample.
  package init(groups: [SortedSample], missing: Int = 0, unseen: Int = 0) {
    self.groups = groups
    self.missing = missing
    self.unseen = unseen
  }
}

/// The limits of a drift check.
package struct DriftLimits: Sendable {
  /// Total variation of the group shares.
  package var mix = 0.1
  /// KS distance inside a group.
  package var ks = 0.1
  /// Share of a group's rows outside the range of the scores at the fit.
  package var outside = 0.05
  /// Share of rows with a missing score or group.
  package var missing = 0.05
  /// Share of rows of unseen groups.
  package var unseen = 0.0

  /// The defaults.
  package init() {}
}

/// One figure of a drift check.
package struct DriftFigure: Sendable, Equatable {
  /// `group_mix`, `ks`, `outside_range`, `missing` or `unseen`.
  package var id: String
  /// The group's index, where the figure is about one.
  package var group: Int?
  /// The value and its interval; nil where there are no rows.
  package var value: Double?
  package var lower: Double?
  package var upper: Double?
  /// The rows it rests on.
  package var count: Int
  /// The limit it is held against.
  package var limit: Double
  /// Whether the limit is kept.
  package var verdict: Gate.Verdict
}

/// Whether a population has moved since a fit.
package enum Drift {
  /// The figures of a drift check; the whole is the largest verdict.
  ///
  /// A check sounds where one figure's lower bound is beyond its limit, so the lower bounds hold for all
  /// figures of all `scores` at once (Bonferroni). It is passed only where every upper bound is within
  /// its limit, for which each needs to hold by itself.
  package static func figures(
    _ reference: DriftReference, _ sample: DriftSample, limits: DriftLimits = DriftLimits(),
    tail: Double = 0.05, scores: Int = 1
  ) -> [DriftFigure] {
    var result: [DriftFigure] = []
    let seen = sample.groups.reduce(0) { $0 + $1.tally.rows }
    let all = seen + sample.missing + sample.unseen
    let compared = reference.groups.indices.filter {
      !reference.groups[$0].isEmpty && $0 < sample.groups.count && !sample.groups[$0].isEmpty
    }
    // The mix, the rows without a score, and two figures of each group.
    let looks = Double(2 + 2 * compared.count + (limits.unseen > 0 ? 1 : 0)) * Double(scores)
    let joint = tail / looks
    func share(_ id: String, _ count: Int, _ limit: Double) {
      guard all > 0 else {
        result.append(figure(id, nil, nil, nil, 0, limit))
        return
      }
      let value = Double(count) / Double(all)
      let bounds = Interval(
        Proportion.interval(Double(count), of: Double(all), tail: joint).lower,
        Proportion.interval(Double(count), of: Double(all), tail: tail).upper)
      // A limit of 0 is met by none at all: there is nothing to estimate.
      let exact = limit == 0 ? Interval(value, value) : bounds
      result.append(figure(id, nil, value, exact, all, limit))
    }
    result.append(mix(reference, sample, limit: limits.mix, tail: tail, joint: joint))
    let critical = Tails.kolmogorovQuantile(tail: joint)
    for (index, fitted) in reference.groups.enumerated() {
      let now = index < sample.groups.count ? sample.groups[index] : SortedSample()
      guard !now.isEmpty, !fitted.isEmpty else {
        result.append(figure("ks", index, nil, nil, now.tally.rows, limits.ks))
        result.append(figure("outside_range", index, nil, nil, now.tally.rows, limits.outside))
        continue
      }
      let value = ScoreDistance.kolmogorovSmirnov(fitted, now)
      let (n, m) = (fitted.tally.effective, now.tally.effective)
      let bounds = Interval(
        max(0, value - critical / (n * m / (n + m)).squareRoot()),
        DistanceBands.kolmogorovSmirnov([fitted, now], tail: tail).upper)
      result.append(figure("ks", index, value, bounds, now.tally.rows, limits.ks))
      result.append(outside(fitted, now, limit: limits.outside, tail: tail, joint: joint, index))
    }
    share("missing", sample.missing, limits.missing)
    share("unseen", sample.unseen, limits.unseen)
    return result
  }

  /// The share of a group's rows outside the fitted range, with bounds for the share that is outside
  /// the range of the population at the fit: at most all of them, at least those that are more than
  /// the fitted sample leaves out by itself.
  private static func outside(
    _ fitted: SortedSample, _ now: SortedSample, limit: Double, tail: Double, joint: Double,
    _ group: Int
  ) -> DriftFigure {
    let low = fitted.values[0]
    let high = fitted.values[fitted.values.count - 1]
    var weight = 0.0
    for place in now.values.indices where now.values[place] < low || now.values[place] > high {
      weight += now.weight(place)
    }
    let value = weight / now.tally.weight
    let size = now.tally.effective
    let bounds = Interval(
      RangeExcess.lowerBound(
        count: value * size, of: size, fitted: fitted.tally.effective, tail: joint / 2),
      limit == 0 ? value : Proportion.interval(value * size, of: size, tail: tail).upper)
    return figure("outside_range", group, value, bounds, now.tally.rows, limit)
  }

  /// Half the sum of absolute differences of the group shares.
  private static func mix(
    _ reference: DriftReference, _ sample: DriftSample, limit: Double, tail: Double, joint: Double
  ) -> DriftFigure {
    let n = reference.groups.reduce(0) { $0 + $1.tally.effective }
    let m = sample.groups.reduce(0) { $0 + $1.tally.effective }
    guard n > 0, m > 0 else { return figure("group_mix", nil, nil, nil, 0, limit) }
    if reference.groups.count == 1 {
      // One group is all there is: its share cannot move.
      return figure("group_mix", nil, 0, Interval(0, 0), sample.groups[0].tally.rows, limit)
    }
    func shares(_ groups: [SortedSample]) -> [Double] {
      let sizes = groups.map { reference.isWeighted ? $0.tally.weight : $0.tally.effective }
      let total = sizes.reduce(0, +)
      return sizes.map { $0 / total }
    }
    let (then, now) = (shares(reference.groups), shares(sample.groups))
    // Total variation is the gap of one set of groups, which is a difference of two shares; what is
    // known of the true set's error is that of the set seen, and of each group by itself.
    var value = 0.0
    var seen = (0.0, 0.0)
    var above = 0.0
    func error(_ p: Double, _ q: Double) -> Double {
      let bounds = Recovered.difference(
        p, Proportion.interval(p * n, of: n, tail: tail), q,
        Proportion.interval(q * m, of: m, tail: tail))
      return max(bounds.upper - (p - q), p - q - bounds.lower)
    }
    for index in reference.groups.indices {
      let p = then[index]
      let q = index < now.count ? now[index] : 0
      value += abs(p - q) / 2
      above = max(above, error(p, q))
      if p > q { seen = (seen.0 + p, seen.1 + q) }
    }
    above = max(above, error(min(1, seen.0), min(1, seen.1)))
    // All sets of groups at once: a chi-square bound with one degree less than the groups.
    let degrees = Double(max(1, reference.groups.count - 1))
    let critical = Tails.chiSquaredQuantile(1 - joint, degrees: degrees)
    let lower = value - 0.5 * (critical * (1 / n + 1 / m)).squareRoot()
    return figure(
      "group_mix", nil, value, Interval(max(0, lower), min(1, value + above)),
      sample.groups.reduce(0) { $0 + $1.tally.rows }, limit)
  }

  private static func figure(
    _ id: String, _ group: Int?, _ value: Double?, _ bounds: Interval?, _ count: Int,
    _ limit: Double
  ) -> DriftFigure {
    var verdict = Gate.Verdict.undecided
    if let bounds {
      if bounds.lower > limit {
        verdict = .notMet
      } else if bounds.upper <= limit {
        verdict = .met
      }
    }
    return DriftFigure(
      id: id, group: group, value: value, lower: bounds?.lower, upper: bounds?.upper,
      count: count, limit: limit, verdict: verdict)
  }
}
