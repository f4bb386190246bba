package import FairpostNumerics

/// Koopman's score interval of a ratio of two rates.
///
/// Ratios are inside whose score statistic is at most z squared, where both rates are those most
/// likely under the ratio. All differences that could cancel are written as sums or products.
package enum Koopman {
  /// The interval; from 0 where the row selects nobody, without end where the benchmark does.
  package static func interval(_ pair: RatePair, quantile z: Double) -> Interval? {
    guard pair.row.n > 0, pair.benchmark.n > 0 else { return nil }
    let (k1, k2) = (Double(pair.row.k), Double(pair.benchmark.k))
    let (n1, n2) = (Double(pair.row.n), Double(pair.benchmark.n))
    func isInside(_ logRatio: Double) -> Bool {
      statistic(Elementary.exp(logRatio), k1, n1, k2, n2) <= z * z
    }
    /// The end between a point that is inside and the first step that is not.
    func end(from start: Double, step: Double) -> Double {
      var (inside, width) = (start, step)
      var outside = start + width
      while isInside(outside), abs(outside) < 700 {
        inside = outside
        width *= 2
        outside += width
      }
      while true {
        let middle = 0.5 * (inside + outside)
        if middle == inside || middle == outside { break }
        if isInside(middle) { inside = middle } else { outside = middle }
      }
      return Elementary.exp(inside)
    }
    // Of a count of 0 every ratio toward that end is inside: begin there.
    let estimate =
      k1 == 0 ? -40 : k2 == 0 ? 40 : Elementary.log(k1 * n2 / (n1 * k2))
    return Interval(
      k1 == 0 ? 0 : end(from: estimate, step: -0.1),
      k2 == 0 ? .infinity : end(from: estimate, step: 0.1))
  }

  /// The squared score of a ratio.
  private static func statistic(
    _ theta: Double, _ k1: Double, _ n1: Double, _ k2: Double, _ n2: Double
  ) -> Double {
    let difference = k1 / n1 - theta * k2 / n2
    if difference == 0 { return 0 }
    let second = likeliest(theta, k1, n1, k2, n2)
    let first = likeliest(1 / theta, k2, n2, k1, n1)
    let variance =
      first.rate * first.rest / n1 + theta * theta * second.rate * second.rest / n2
    return variance > 0 ? difference * difference / variance : .infinity
  }

  /// The second group's most likely rate under a ratio, and 1 less it.
  private static func likeliest(
    _ theta: Double, _ k1: Double, _ n1: Double, _ k2: Double, _ n2: Double
  ) -> (rate: Double, rest: Double) {
    let (missed1, missed2) = (n1 - k1, n2 - k2)
    let total = (n1 + n2) * theta
    // The root of total q^2 - both q + (k1 + k2) that is a rate; the discriminant is a sum of squares.
    let gap = theta * (n1 + k2) - (k1 + n2)
    let root = (gap * gap + 4 * theta * missed1 * missed2).squareRoot()
    let both = theta * (n1 + k2) + k1 + n2
    let rate = 2 * (k1 + k2) / (both + root)
    // The same equation in 1 - q.
    let middle = theta * (n1 + n2 + missed2) - k1 - n2
    let rest =
      middle >= 0
      ? (middle + root) / (2 * total)
      : 2 * missed2 * (theta - 1) / (middle - root)
    return (rate, max(0, rest))
  }
}
