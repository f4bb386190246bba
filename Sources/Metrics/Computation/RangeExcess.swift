internal import FairpostNumerics

/// How many rows have left the range of the population that a sample was drawn from.
///
/// The range of a sample is narrower than the population's: of new rows of the same population a share
/// B lies outside the range of n old ones, where B has the law Beta(2, n - 1) if no scores tie, and
/// smaller values where some do. If besides a share t of rows has left the population, at most t + B of
/// the rows are outside, and their number among m rows is binomial.
package enum RangeExcess {
  /// The share that has surely left: below it, so many rows outside would be rarer than `tail`.
  ///
  /// It is 0 where chance alone explains them. Sizes and count need not be whole.
  package static func lowerBound(
    count: Double, of total: Double, fitted: Double, tail: Double
  ) -> Double {
    guard count > 0, total > 0 else { return 0 }
    let seen = Seen(count: min(count, total), total: total, fitted: max(fitted, 1))
    if seen.probability(0) >= tail { return 0 }
    // Without the sample of the fit the bound would be the exact one of a share: it is no higher.
    var low = 0.0
    var high = Tails.betaQuantile(tail, seen.count, total - seen.count + 1)
    for _ in 0..<40 {
      let middle = 0.5 * (low + high)
      if seen.probability(middle) < tail { low = middle } else { high = middle }
    }
    return low
  }

  /// P(at least `count` of `total` outside | t), written as P(t + B >= Q) with Q ~ Beta(count,
  /// total - count + 1).
  private struct Seen {
    let count: Double
    let total: Double
    let fitted: Double
    private let logScale: Double
    private let ends: Interval

    init(count: Double, total: Double, fitted: Double) {
      self.count = count
      self.total = total
      self.fitted = fitted
      let (a, b) = (count, total - count + 1)
      logScale = Elementary.logGamma(a + b) - Elementary.logGamma(a) - Elementary.logGamma(b)
      ends = Interval(Tails.betaQuantile(1e-12, a, b), Tails.betaQuantile(1 - 1e-12, a, b))
    }

    func probability(_ t: Double) -> Double {
      // Where Q <= t it is certain; beyond, B must make up for the rest, which it does not by far.
      let sure = Tails.betaProbability(t, count, total - count + 1)
      let reach = min(1, 40 / fitted)
      let from = max(t, ends.lower)
      let to = min(ends.upper, t + reach)
      guard to > from else { return sure }
      // Simpson's rule: density and tail are smooth between the ends.
      let steps = 256
      let width = (to - from) / Double(steps)
      var sum = 0.0
      for step in 0...steps {
        let q = from + Double(step) * width
        let factor: Double = step == 0 || step == steps ? 1 : step % 2 == 1 ? 4 : 2
        sum += factor * density(q) * beyond(q - t)
      }
      return min(1, sure + sum * width / 3)
    }

    /// The density of Q.
    private func density(_ q: Double) -> Double {
      if q <= 0 { return count == 1 ? total : 0 }
      if q >= 1 { return count == total ? total : 0 }
      return Elementary.exp(
        logScale + (count - 1) * Elementary.log(q) + (total - count) * Elementary.log1p(-q))
    }

    /// P(B > x) = (1 - x)^(n-1) (1 + (n - 1) x).
    private func beyond(_ x: Double) -> Double {
      if x <= 0 { return 1 }
      if x >= 1 { return fitted <= 1 ? 1 : 0 }
      return Elementary.exp((fitted - 1) * Elementary.log1p(-x)) * (1 + (fitted - 1) * x)
    }
  }
}
