package import FairpostNumerics

/// The estimates of ranked base metrics, computed once for all figures made of them.
final class EstimateMemo: Sendable {
  struct Estimates: Sendable {
    var overall: Estimate?
    var groups: [Estimate?]
  }
  private let known = Guarded<[String: Estimates]>([:])
  private let walked = Guarded<PairSummary?>(nil)
  private let simulated = Guarded<Floors?>(nil)
  typealias Floors = (height: NoiseFloor, area: NoiseFloor)

  func estimates(_ id: String, _ compute: () -> Estimates) -> Estimates {
    if let found = known.withLock({ $0[id] }) { return found }
    let made = compute()
    known.withLock { $0[id] = made }
    return made
  }

  /// Whoever comes second waits: the walks are the dearest there are.
  func pairs(_ compute: () -> PairSummary) -> PairSummary { once(walked, compute) }

  /// The chance levels of distances, of many groups.
  func floors(_ compute: () -> Floors) -> Floors { once(simulated, compute) }

  private func once<Value>(_ place: Guarded<Value?>, _ compute: () -> Value) -> Value {
    place.withLock { kept in
      if let kept { return kept }
      let made = compute()
      kept = made
      return made
    }
  }
}

/// What a base metric sees: one group, everybody, or everybody outside a group.
struct GroupView: Sendable {
  var sums: GroupSums
  var ranked: RankedGroup?
}

/// A value with what is needed for an interval of any level.
package struct Estimate: Sendable {
  /// How the value spreads from sample to sample.
  package enum Spread: Sendable {
    /// A proportion, or a rising function of one.
    case proportion(Double, total: Double, transform: (@Sendable (Double) -> Double)?)
    /// Normal with a standard error and degrees of freedom.
    case normal(error: Double, degrees: Double)
    /// An area under a curve with its variance and the smaller class's effective size.
    case area(variance: Double, size: Double)
    /// The mean of two independent proportions.
    case twoProportions(Double, Double, Double, Double)
    /// What lies above or below `base` by a factor: normal in the logarithm of its distance.
    case multiplicative(base: Double, error: Double, degrees: Double)
    /// A sum of absolute values: the variance of each about 0, and the standard error of the sum.
    case absolute(noise: [Double], error: Double, degrees: Double)
    /// The mean, or its root, of numbers in 0 ... `most` that were all the same.
    case unseen(mean: Double, most: Double, size: Double, isRoot: Bool)
    /// Not known; only a bootstrap gives it.
    case unknown
  }

  package var value: Double
  package var count: Int
  package var spread: Spread
  /// The weight of the rows it is a mean over; nil where it is no mean.
  package var weight: Double?
  /// What it cannot be above.
  package var most = Double.infinity

  /// An estimate from its parts.
  package init(
    value: Double, count: Int, spread: Spread, weight: Double? = nil, most: Double = .infinity
  ) {
    self.value = value
    self.count = count
    self.spread = spread
    self.weight = weight
    self.most = most
  }

  /// The interval that leaves out `tail` on both sides together.
  package func interval(tail: Double) -> Interval? {
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
    case .multiplicative(let base, let error, let degrees):
      guard degrees > 0 else { return nil }
      let half = Tails.studentQuantile(1 - tail / 2, degrees: degrees) * error
      // The first terms of exp: the same where the error is small, in bounds for two or three rows.
      let factor = 1 + half * (1 + half / 2 * (1 + half / 3))
      let bounds = (base + (value - base) / factor, base + (value - base) * factor)
      return Interval(min(bounds.0, bounds.1), min(max(bounds.0, bounds.1), most))
    case .absolute(let noise, let error, let degrees):
      guard degrees > 0 else { return nil }
      // By the triangle inequality it is over the truth by no more than the sum of the noise's own
      // absolute values, half-normal ones: mean, variance and skewness give the quantile. Seen with
      // the true signs it is a mean and no more than what is observed, which gives the upper bound.
      var (mean, variance, third) = (0.0, 0.0, 0.0)
      for part in noise {
        mean += 0.797_884_560_802_865_4 * part.squareRoot()
        variance += 0.363_380_227_632_418_6 * part
        third += 0.218_013_614_144_3 * part * part.squareRoot()
      }
      // A little farther out than the tail says, since the noise's size is estimated too.
      let z = Tails.studentQuantile(1 - 0.8 * tail, degrees: degrees)
      let skewness = variance > 0 ? third / (variance * variance.squareRoot()) : 0
      let above = mean + variance.squareRoot() * (z + (z * z - 1) * skewness / 6)
      return Interval(
        max(0, value - above),
        value + Tails.studentQuantile(1 - tail / 2, degrees: degrees) * error)
    case .unseen(let mean, let most, let size, let isRoot):
      // What was never seen has at most this share of the population, anywhere in the range.
      let rare = Proportion.clopperPearson(0, of: size, tail: tail).upper
      let bounds = Interval(mean * (1 - rare), mean + (max(most, mean) - mean) * rare)
      return isRoot ? Interval(bounds.lower.squareRoot(), bounds.upper.squareRoot()) : bounds
    case .unknown:
      return nil
    }
  }

  /// The name of the interval's method.
  package var method: String {
    switch spread {
    case .proportion(_, let total, _):
      total < Proportion.exactBelow ? "clopper-pearson" : "wilson"
    case .normal: "student"
    case .area: "delong"
    case .twoProportions: "newcombe"
    case .multiplicative: "delta-log"
    case .absolute: "half-normal-band"
    case .unseen: "unseen-share"
    case .unknown: ""
    }
  }
}
