internal import Numerics

/// A group's sorted scores by label, and all of them.
struct RankedGroup: Sendable {
  let positives: SortedSample
  let negatives: SortedSample
  let unlabelled: SortedSample
  /// Every score of the group.
  let all: SortedSample

  init(positives: SortedSample, negatives: SortedSample, unlabelled: SortedSample) {
    self.positives = positives
    self.negatives = negatives
    self.unlabelled = unlabelled
    all = SortedSample.merging([negatives, positives, unlabelled])
  }

  /// Several groups as one.
  static func merging(_ groups: [RankedGroup]) -> RankedGroup {
    RankedGroup(
      positives: SortedSample.merging(groups.map(\.positives)),
      negatives: SortedSample.merging(groups.map(\.negatives)),
      unlabelled: SortedSample.merging(groups.map(\.unlabelled)))
  }
}

/// The estimates of ranked base metrics, computed once for all figures made of them.
final class EstimateMemo: Sendable {
  struct Estimates: Sendable {
    var overall: Estimate?
    var groups: [Estimate?]
  }
  private let known = Guarded<[String: Estimates]>([:])

  func estimates(_ id: String, _ compute: () -> Estimates) -> Estimates {
    if let found = known.withLock({ $0[id] }) { return found }
    let made = compute()
    known.withLock { $0[id] = made }
    return made
  }
}

/// What a base metric sees: one group, everybody, or everybody outside a group.
struct GroupView: Sendable {
  var sums: GroupSums
  var ranked: RankedGroup?
  var calibration: [CalibrationBin]?
}

/// A value with what is needed for an interval of any level.
struct Estimate: Sendable {
  /// How the value spreads from sample to sample.
  enum Spread: Sendable {
    /// A proportion, or a rising function of one.
    case proportion(Double, total: Double, transform: (@Sendable (Double) -> Double)?)
    /// Normal with a standard error and degrees of freedom.
    case normal(error: Double, degrees: Double)
    /// An area under a curve with its variance and the smaller class's effective size.
    case area(variance: Double, size: Double)
    /// The mean of two independent proportions.
    case twoProportions(Double, Double, Double, Double)
    /// Not known; only a bootstrap gives it.
    case unknown
  }

  var value: Double
  var count: Int
  var spread: Spread

  /// The interval that leaves out `tail` on both sides together.
  func interval(tail: Double) -> Interval? {
    switch spread {
    case .proportion(let p, let total, let transform):
      let bounds = Proportion.interval(p * total, of: total, tail: tail)
      guard let transform else { return bounds }
      return Interval(transform(bounds.lower), transform(bounds.upper))
    case .normal(let error, let degrees):
      guard degrees > 0 else { return nil }
      let z = Tails.studentQuantile(1 - tail / 2, degrees: degrees)
      return Interval(value - z * error, value + z * error)
    case .area(let variance, let size):
      // At 0 and 1 DeLong's variance is 0; the exact interval of the smaller class takes its place.
      if variance <= 0 || value <= 0 || value >= 1 {
        return Proportion.clopperPearson(value * size, of: size, tail: tail)
      }
      let z = Tails.studentQuantile(1 - tail / 2, degrees: max(1, size - 1))
      let center = Elementary.log(value / (1 - value))
      let half = z * variance.squareRoot() / (value * (1 - value))
      return Interval(Elementary.logistic(center - half), Elementary.logistic(center + half))
    case .twoProportions(let p, let pTotal, let q, let qTotal):
      let a = Proportion.interval(p * pTotal, of: pTotal, tail: tail)
      let b = Proportion.interval(q * qTotal, of: qTotal, tail: tail)
      // The mean of two is half the difference of p and -q.
      let sum = Recovered.difference(p, a, -q, Interval(-b.upper, -b.lower))
      return Interval(sum.lower / 2, sum.upper / 2)
    case .unknown:
      return nil
    }
  }

  /// The name of the interval's method.
  var method: String {
    switch spread {
    case .proportion(_, let total, _):
      total < Proportion.exactBelow ? "clopper-pearson" : "wilson"
    case .normal: "student"
    case .area: "delong"
    case .twoProportions: "newcombe"
    case .unknown: ""
    }
  }
}

/// One bin of a reliability diagram.
struct CalibrationBin: Sendable, Equatable {
  var tally = Tally()
  var score = 0.0
  var label = 0.0
}
