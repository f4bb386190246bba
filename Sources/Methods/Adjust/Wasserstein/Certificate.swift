/// What a fit can say about one score: how unfair it was, what remains, and what it costs.
public struct Certificate: Sendable, Equatable {
  /// A group and its size.
  public struct Group: Sendable, Equatable {
    /// The group.
    public let cell: CellCount
    /// The number of equally weighted records that would tell as much.
    public let effectiveCount: Double
    /// The mean score before.
    public let meanBefore: Double
    /// The mean score after, in sample.
    public let meanAfter: Double
  }

  /// The largest distances between two groups; NaN where one was not computed.
  public struct Distances: Sendable, Equatable {
    /// With more groups than this, W1 and W2 are not computed: they need every pair.
    public static let mostGroups = 100
    /// The largest Kolmogorov-Smirnov distance.
    public let ks: Double
    /// The largest Wasserstein distance of order 1.
    public let w1: Double
    /// The largest Wasserstein distance of order 2.
    public let w2: Double
    /// The largest difference of means.
    public let meanGap: Double
  }

  /// A bound on the population's KS distance after the map, or why there is none.
  public enum Bound: Sendable, Equatable {
    /// It is at most this, at the 95% level.
    case atMost(Double)
    /// Its conditions do not hold; the words say which.
    case none(String)
  }

  /// The groups: the intersections of all attributes.
  public let groups: [Group]
  /// The mean score of all records before the map.
  public let meanBefore: Double
  /// The mean score of all records after the map, in sample; equal to it with weights by shares.
  public let meanAfter: Double
  /// Before the map.
  public let before: Distances
  /// After the map, in sample (for what atoms leave behind; not an estimate for new rows).
  public let inSample: Distances
  /// In a fold of five after a map fitted to the other four, the mean of the five; nil where it cannot
  /// be estimated.
  ///
  /// A fold is a fifth of the records, so that it shows its own sampling noise too (`heldOutChance`).
  public let crossFitted: Distances?
  /// The mean KS distance that an exactly fair score would show on held-out folds; nil where it is not
  /// known.
  public let heldOutChance: Double?
  /// The bound that holds for any continuous distribution (Dvoretzky-Kiefer-Wolfowitz and a union).
  public let distributionFree: Bound
  /// The bound from the law that the distance has for continuous scores, found by seeded draws.
  public let asymptotic: Bound
  /// The mean squared change of the calibration scores.
  public let price: Double
  /// The sum over groups of pi_s W2^2(before, barycentre), times (1 - epsilon)^2; nil for several
  /// attributes.
  public let closedFormPrice: Double?
  /// Whether every group's map keeps the order of its scores, checked knot by knot.
  public let keepsOrder: Bool
}

extension Certificate.Distances {
  /// Whether two say the same; what neither knows is the same.
  public static func == (left: Self, right: Self) -> Bool {
    isSame(left.ks, right.ks) && isSame(left.w1, right.w1) && isSame(left.w2, right.w2)
      && isSame(left.meanGap, right.meanGap)
  }
}

private func isSame(_ left: Double, _ right: Double) -> Bool {
  left == right || (left.isNaN && right.isNaN)
}
