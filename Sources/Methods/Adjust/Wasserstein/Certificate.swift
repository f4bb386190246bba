/// What a fit can say about one score: how unfair it was, what remains, and what it costs.
package struct Certificate: Sendable, Equatable {
  /// A group and its size.
  package struct Group: Sendable, Equatable {
    /// The group.
    package let cell: CellCount
    /// The number of equally weighted records that would tell as much.
    package let effectiveCount: Double
    /// The mean score before.
    package let meanBefore: Double
    /// The mean score after, in sample.
    package let meanAfter: Double
  }

  /// The largest distances between two groups; NaN where one was not computed.
  package struct Distances: Sendable, Equatable {
    /// With more groups than this, W1 and W2 are not computed: they need every pair.
    package static let mostGroups = 100
    /// The largest Kolmogorov-Smirnov distance.
    package let ks: Double
    /// The largest Wasserstein distance of order 1.
    package let w1: Double
    /// The largest Wasserstein distance of order 2.
    package let w2: Double
    /// The largest difference of means.
    package let meanGap: Double
  }

  /// A bound on the population's KS distance after the map, or why there is none.
  package enum Bound: Sendable, Equatable {
    /// It is at most this, at the 95% level.
    case atMost(Double)
    /// Its conditions do not hold; the words say which.
    case none(String)
  }

  /// The groups: the intersections of all attributes.
  package let groups: [Group]
  /// The mean score of all records before the map.
  package let meanBefore: Double
  /// The mean score of all records after the map, in sample; equal to it with weights by shares.
  package let meanAfter: Double
  /// Before the map.
  package let before: Distances
  /// After the map, in sample (for what atoms leave behind; not an estimate for new rows).
  package let inSample: Distances
  /// In a fold of five after a map fitted to the other four, the mean of the five; nil where it cannot
  /// be estimated.
  ///
  /// A fold is a fifth of the records, so that it shows its own sampling noise too (`heldOutChance`).
  package let crossFitted: Distances?
  /// The mean KS distance that an exactly fair score would show on held-out folds; nil where it is not
  /// known.
  package let heldOutChance: Double?
  /// The bound that holds for any continuous distribution (Dvoretzky-Kiefer-Wolfowitz and a union).
  package let distributionFree: Bound
  /// The bound from the law that the distance has for continuous scores, found by seeded draws.
  package let asymptotic: Bound
  /// The mean squared change of the calibration scores.
  package let price: Double
  /// The sum over groups of pi_s W2^2(before, barycentre), times (1 - epsilon)^2; nil for several
  /// attributes.
  package let closedFormPrice: Double?
  /// Whether every group's map keeps the order of its scores, checked knot by knot.
  package let keepsOrder: Bool
}

extension Certificate.Distances {
  /// Whether two say the same; what neither knows is the same.
  package static func == (left: Self, right: Self) -> Bool {
    isSame(left.ks, right.ks) && isSame(left.w1, right.w1) && isSame(left.w2, right.w2)
      && isSame(left.meanGap, right.meanGap)
  }
}

private func isSame(_ left: Double, _ right: Double) -> Bool {
  left == right || (left.isNaN && right.isNaN)
}
