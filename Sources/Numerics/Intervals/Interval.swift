/// A lower and an upper bound.
package struct Interval: Sendable, Equatable {
  /// The lower bound.
  package var lower: Double
  /// The upper bound.
  package var upper: Double

  /// An interval from its bounds.
  package init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Whether the value is not outside.
  package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// Confidence intervals for one proportion.
package enum Proportion {
  /// The sample size from which Wilson's interval replaces the exact one.
  package static let exactBelow = 200.0

  /// The exact interval of Clopper and Pearson; `count` and `total` need not be whole.
  package static func clopperPearson(_ count: Double, of total: Double, tail: Double) -> Interval {
    guard total > 0 else { return Interval(0, 1) }
    let hits = min(max(count, 0), total)
    return Interval(
      hits <= 0 ? 0 : Tails.betaQuantile(tail / 2, hits, total - hits + 1),
      hits >= total ? 1 : Tails.betaQuantile(1 - tail / 2, hits + 1, total - hits))
  }

  /// Wilson's score interval.
  package static func wilson(_ count: Double, of total: Double, quantile z: Double) -> Interval {
    guard total > 0 else { return Interval(0, 1) }
    let p = min(max(count / total, 0), 1)
    let square = z * z
    let center = p + square / (2 * total)
    let half = z * (p * (1 - p) / total + square / (4 * total * total)).squareRoot()
    let scale = 1 + square / total
    return Interval(
      p <= 0 ? 0 : max(0, (center - half) / scale), p >= 1 ? 1 : min(1, (center + half) / scale))
  }

  /// The exact interval for small samples, Wilson's for large ones.
  package static func interval(_ count: Double, of total: Double, tail: Double) -> Interval {
    total < exactBelow
      ? clopperPearson(count, of: total, tail: tail)
      : wilson(count, of: total, quantile: Normal.quantile(1 - tail / 2))
  }
}

/// Intervals for differences and ratios of two independent estimates from the intervals of each.
///
/// Newcombe's square-and-add rule (differences) and Donner and Zou's form of it for ratios.
package enum Recovered {
  /// The interval of a - b.
  package static func difference(
    _ a: Double, _ aBounds: Interval, _ b: Double, _ bBounds: Interval
  ) -> Interval {
    func root(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    return Interval(
      a - b - root(a - aBounds.lower, bBounds.upper - b),
      a - b + root(aBounds.upper - a, b - bBounds.lower))
  }

  /// The interval of a / b for non-negative a and b; the upper bound may be infinite.
  package static func ratio(
    _ a: Double, _ aBounds: Interval, _ b: Double, _ bBounds: Interval
  ) -> Interval {
    let product = a * b
    let belowScale = bBounds.upper * (2 * b - bBounds.upper)
    let belowTerm = aBounds.lower * bBounds.upper * (2 * a - aBounds.lower)
    let lower: Double
    if aBounds.lower <= 0 {
      lower = 0
    } else if abs(belowScale) < 1e-300 {
      lower = product > 0 ? belowTerm * (2 * b - bBounds.upper) / (2 * product) : 0
    } else {
      let inside = product * product - belowTerm * (2 * b - bBounds.upper)
      lower = (product - max(0, inside).squareRoot()) / belowScale
    }
    let aboveScale = bBounds.lower * (2 * b - bBounds.lower)
    let upper: Double
    if aboveScale <= 0 {
      upper = .infinity
    } else {
      let inside =
        product * product
        - aBounds.upper * bBounds.lower * (2 * a - aBounds.upper) * (2 * b - bBounds.lower)
      upper = (product + max(0, inside).squareRoot()) / aboveScale
    }
    return Interval(max(0, lower), upper)
  }
}
