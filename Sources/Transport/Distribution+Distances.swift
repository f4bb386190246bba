/// Distances between two distributions, exact on the pooled points.
package struct DistributionDistances: Sendable, Equatable {
  /// The Kolmogorov-Smirnov distance, the largest difference of the CDFs.
  package let ks: Double
  /// The Wasserstein distance of order 1, which is also the area between the CDFs.
  package let w1: Double
  /// The Wasserstein distance of order 2.
  package let w2: Double
  /// The first mean less the second.
  package let meanGap: Double
}

extension Distribution {
  /// The largest difference of the two CDFs over all points.
  package func kolmogorovSmirnov(to other: Distribution) -> Double {
    let (total, otherTotal) = (self.total, other.total)
    var largest = 0.0
    var (i, j) = (0, 0)
    while i < values.count || j < other.values.count {
      let x = min(
        i < values.count ? values[i] : .infinity,
        j < other.values.count ? other.values[j] : .infinity)
      // A compressed distribution has mass below a knot too: look just before and at the point.
      if gaps != nil || other.gaps != nil {
        largest = max(largest, abs(cdfBelow(x) - other.cdfBelow(x)))
      }
      while i < values.count, values[i] == x { i += 1 }
      while j < other.values.count, other.values[j] == x { j += 1 }
      let left: Double
      let right: Double
      if gaps != nil || other.gaps != nil {
        (left, right) = (cdf(x), other.cdf(x))
      } else {
        left = i > 0 ? sum(through: i - 1) / total : 0
        right = j > 0 ? other.sum(through: j - 1) / otherTotal : 0
      }
      largest = max(largest, abs(left - right))
    }
    return largest
  }

  /// All distances to another distribution; compressed ones count each gap's mass at its knot.
  package func distances(to other: Distribution) -> DistributionDistances {
    let (w1, w2) = transportDistances(to: other)
    return DistributionDistances(
      ks: kolmogorovSmirnov(to: other), w1: w1, w2: w2, meanGap: mean - other.mean)
  }

  /// The Wasserstein distances of order 1 and 2, counting each gap's mass at its knot.
  package func transportDistances(to other: Distribution) -> (w1: Double, w2: Double) {
    var first = DoubleDouble()
    var second = DoubleDouble()
    forEachIndexPiece(with: other) { width, i, j in
      let (a, b) = (values[i], other.values[j])
      first.addProduct(width, abs(a - b))
      second.addProduct(width, (a - b) * (a - b))
    }
    return (first.value, max(0, second.value).squareRoot())
  }
}

extension Distribution {
  /// Visits every piece of [0, 1] on which both step quantile functions stay at one value each.
  package func forEachIndexPiece(
    with other: Distribution, _ visit: (_ width: Double, _ i: Int, _ j: Int) -> Void
  ) {
    let (total, otherTotal) = (self.total, other.total)
    var (i, j) = (0, 0)
    var from = 0.0
    while i < values.count, j < other.values.count {
      let left = sum(through: i) / total
      let right = other.sum(through: j) / otherTotal
      let to = min(left, right)
      if to > from { visit(to - from, i, j) }
      from = to
      if left <= to { i += 1 }
      if right <= to { j += 1 }
    }
  }
}
