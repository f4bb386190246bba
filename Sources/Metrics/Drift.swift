internal import Numerics

/// What a fitted map knows of the population it was fitted on.
public struct DriftReference: Sendable {
  /// The sorted fitted scores of each group.
  public var groups: [SortedSample]
  /// Rows with a missing score or group at the fit, of all rows.
  public var missingShare: Double
  /// Whether the shares of groups are of weight; else each counts by its effective size.
  public var isWeighted: Bool

  /// A reference.
  public init(groups: [SortedSample], missingShare: Double = 0, isWeighted: Bool = false) {
    self.groups = groups
    self.isWeighted = isWeighted
    self.missingShare = missingShare
  }
}

/// What has arrived since, in the same order of groups.
public struct DriftSample: Sendable {
  /// The sorted scores of each group.
  public var groups: [SortedSample]
  /// Rows with a missing score or group.
  public var missing: Int
  /// Rows of groups the map has not seen.
  public var unseen: Int

  /// A sample.
  public init(groups: [SortedSample], missing: Int = 0, unseen: Int = 0) {
    self.groups = groups
    self.missing = missing
    self.unseen = unseen
  }
}

/// The limits of a drift check.
public struct DriftLimits: Sendable {
  /// Total variation of the group shares.
  public var mix = 0.1
  /// KS distance inside a group.
  public var ks = 0.1
  /// Share of a group's rows outside the fitted range.
  public var outside = 0.05
  /// Share of rows with a missing score or group.
  public var missing = 0.05
  /// Share of rows of unseen groups.
  public var unseen = 0.0

  /// The defaults.
  public init() {}
}

/// One figure of a drift check.
public struct DriftFigure: Sendable, Equatable {
  /// `group_mix`, `ks`, `outside_range`, `missing` or `unseen`.
  public var id: String
  /// The group's index, where the figure is about one.
  public var group: Int?
  /// The value and its interval; nil where there are no rows.
  public var value: Double?
  public var lower: Double?
  public var upper: Double?
  /// The rows it rests on.
  public var count: Int
  /// The limit it is held against.
  public var limit: Double
  /// Whether the limit is kept.
  public var verdict: Gate.Verdict
}

/// Whether a population has moved since a fit.
public enum Drift {
  /// The figures of a drift check; the whole is the largest verdict.
  public static func figures(
    _ reference: DriftReference, _ sample: DriftSample, limits: DriftLimits = DriftLimits(),
    tail: Double = 0.05
  ) -> [DriftFigure] {
    var result: [DriftFigure] = []
    let seen = sample.groups.reduce(0) { $0 + $1.tally.rows }
    let all = seen + sample.missing + sample.unseen
    func share(_ id: String, _ count: Double, _ total: Double, _ limit: Double, group: Int? = nil) {
      guard total > 0 else {
        result.append(figure(id, group, nil, nil, 0, limit))
        return
      }
      let bounds = Proportion.interval(count, of: total, tail: tail)
      // A limit of 0 is met by none at all: there is nothing to estimate.
      let exact = limit == 0 ? Interval(count / total, count / total) : bounds
      result.append(figure(id, group, count / total, exact, Int(total), limit))
    }
    result.append(mix(reference, sample, limit: limits.mix, tail: tail))
    for (index, fitted) in reference.groups.enumerated() {
      let now = index < sample.groups.count ? sample.groups[index] : SortedSample()
      guard !now.isEmpty, !fitted.isEmpty else {
        result.append(figure("ks", index, nil, nil, now.tally.rows, limits.ks))
        result.append(figure("outside_range", index, nil, nil, now.tally.rows, limits.outside))
        continue
      }
      let bounds = DistanceBands.kolmogorovSmirnov([fitted, now], tail: tail)
      result.append(
        figure(
          "ks", index, ScoreDistance.kolmogorovSmirnov(fitted, now), bounds, now.tally.rows,
          limits.ks))
      let low = fitted.values[0]
      let high = fitted.values[fitted.values.count - 1]
      var outside = 0.0
      for place in now.values.indices where now.values[place] < low || now.values[place] > high {
        outside += now.weight(place)
      }
      let size = now.tally.effective
      share(
        "outside_range", outside / now.tally.weight * size, size, limits.outside, group: index)
    }
    share("missing", Double(sample.missing), Double(all), limits.missing)
    share("unseen", Double(sample.unseen), Double(all), limits.unseen)
    return result
  }

  /// Half the sum of absolute differences of the group shares.
  private static func mix(
    _ reference: DriftReference, _ sample: DriftSample, limit: Double, tail: Double
  ) -> DriftFigure {
    let n = reference.groups.reduce(0) { $0 + $1.tally.effective }
    let m = sample.groups.reduce(0) { $0 + $1.tally.effective }
    guard n > 0, m > 0 else { return figure("group_mix", nil, nil, nil, 0, limit) }
    func shares(_ groups: [SortedSample]) -> [Double] {
      let sizes = groups.map { reference.isWeighted ? $0.tally.weight : $0.tally.effective }
      let total = sizes.reduce(0, +)
      return sizes.map { $0 / total }
    }
    let (then, now) = (shares(reference.groups), shares(sample.groups))
    var value = 0.0
    var variance = 0.0
    var noise = 0.0
    var gaps: [(Double, Double)] = []
    for index in reference.groups.indices {
      let p = then[index]
      let q = index < now.count ? now[index] : 0
      let error = p * (1 - p) / n + q * (1 - q) / m
      value += abs(p - q) / 2
      gaps.append((p - q, error))
      noise += error.squareRoot() / 2
    }
    // Total variation is the gap of one set of groups: its error is that of a difference of shares.
    var above = (0.0, 0.0)
    for (index, gap) in gaps.enumerated() where gap.0 > 0 {
      above.0 += then[index]
      above.1 += index < now.count ? now[index] : 0
    }
    variance = above.0 * (1 - above.0) / n + above.1 * (1 - above.1) / m
    let z = Normal.quantile(1 - tail / 2)
    let upper = value + z * max(variance.squareRoot(), 0.5 * (1 / n + 1 / m).squareRoot() * 0.2)
    // All sets of groups at once: a chi-square bound with one degree less than the groups.
    let degrees = Double(max(1, reference.groups.count - 1))
    let critical = Tails.chiSquaredQuantile(1 - tail, degrees: degrees)
    let lower = value - 0.5 * (critical * (1 / n + 1 / m)).squareRoot()
    return figure(
      "group_mix", nil, value, Interval(max(0, lower), min(1, upper)),
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
