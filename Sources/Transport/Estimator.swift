/// How a group's CDF and the average of the quantile functions are estimated from a sample.
package enum Estimator: String, Sendable, CaseIterable {
  /// Every distinct value fills the interval [F(x-), F(x)] and goes to the mean of the average
  /// quantile function over it; straight between values. Group means are equal in sample.
  case meanOfAtom = "mean-of-atom"
  /// The step CDF with type-7 quantiles, as the package EquiPy computes them.
  case equipy
  /// CDF from one half of the records, quantiles from the other (Chzhen et al. 2020): its parity
  /// holds on average over calibration samples whatever the distributions.
  case split
  /// CDF and quantiles both linear through (i - 1/2)/n.
  case hazen
}

/// What happens to records that share one value.
package enum TieRule: String, Sendable, CaseIterable {
  /// They go to the mean of their interval.
  case mean
  /// They go to the value at the middle of their interval.
  case mid
  /// Each goes to a value drawn from its interval, keyed by its id.
  case random
}

/// The sample of one group, as an estimator needs it.
package struct GroupSample: Sendable, Equatable {
  /// The records the CDF is estimated from.
  package let ranks: Distribution
  /// The records the quantile function is estimated from; the same except when split.
  package let quantiles: Distribution

  /// One sample for both.
  package init(_ all: Distribution) {
    ranks = all
    quantiles = all
  }

  /// A sample for each.
  package init(ranks: Distribution, quantiles: Distribution) {
    self.ranks = ranks
    self.quantiles = quantiles
  }

  /// The records of several samples together.
  package static func merging(_ all: [GroupSample]) -> GroupSample {
    let ranks = Distribution.merging(all.map(\.ranks))
    if all.allSatisfy({ $0.ranks == $0.quantiles }) { return GroupSample(ranks) }
    return GroupSample(ranks: ranks, quantiles: .merging(all.map(\.quantiles)))
  }
}

/// Why a barycentre map cannot be estimated.
package enum TransportError: Error, Equatable, Sendable {
  /// A group has no record to estimate from (`group` is its index).
  case emptyGroup(Int)
  /// The estimator needs weights that are whole numbers.
  case fractionalWeights(Estimator)
  /// The remaining distance asked for is below what atoms leave.
  case targetBelowFloor(target: Double, floor: Double)
}
