internal import FairpostCGSL

/// Quantiles and tails that intervals and tests stand on.
package enum Tails {
  /// The x with P(Beta(a, b) <= x) = p (GSL: `gsl_cdf_beta_Pinv`); 0 or 1 where a shape is 0.
  package static func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
    if a <= 0 { return 0 }
    if b <= 0 { return 1 }
    return betaQuantiles.value(p, a, b) { invertedBeta(p, a, b) }
  }

  private static let betaQuantiles = QuantileMemo()
  private static let studentQuantiles = QuantileMemo()

  private static func invertedBeta(_ p: Double, _ a: Double, _ b: Double) -> Double {
    // GSL's inversion loses its way for extreme shapes; bisection on its distribution function does not.
    var (low, high) = betaBracket(p, a, b)
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { break }
      if gsl_cdf_beta_P(middle, a, b) < p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }

  /// A bracket that bisection of 0 to 1 comes by on its way, found in fewer steps.
  private static func betaBracket(_ p: Double, _ a: Double, _ b: Double) -> (Double, Double) {
    // By false position with halved ends (the Illinois rule).
    var (low, high) = (0.0, 1.0)
    var (below, above) = (-p, 1 - p)
    var wasBelow: Bool?
    let steps = 0x1p36
    for _ in 0..<24 {
      let at = low - below * (high - low) / (above - below)
      guard at > low, at < high else { break }
      let found = gsl_cdf_beta_P(at, a, b) - p
      if found < 0 {
        (low, below) = (at, found)
        if wasBelow == true { above *= 0.5 }
        wasBelow = true
      } else {
        (high, above) = (at, found)
        if wasBelow == false { below *= 0.5 }
        wasBelow = false
      }
      // The root is likely close to where the line was cut last.
      let from = (at * steps).rounded(.down) / steps
      let to = from + 1 / steps
      if abs(found) < 1e-9, from > 0, to < 1, gsl_cdf_beta_P(from, a, b) < p,
        gsl_cdf_beta_P(to, a, b) >= p
      {
        return (from, to)
      }
    }
    return (0, 1)
  }

  /// P(Beta(a, b) <= x) (GSL: `gsl_cdf_beta_P`).
  package static func betaProbability(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    return x >= 1 ? 1 : gsl_cdf_beta_P(x, a, b)
  }

  /// The x with P(Student t with `degrees` degrees of freedom <= x) = p.
  package static func studentQuantile(_ p: Double, degrees: Double) -> Double {
    degrees > 1e6
      ? Normal.quantile(p)
      : studentQuantiles.value(p, degrees, 0) { gsl_cdf_tdist_Pinv(p, degrees) }
  }

  /// The x with P(chi-squared with `degrees` degrees of freedom <= x) = p.
  package static func chiSquaredQuantile(_ p: Double, degrees: Double) -> Double {
    gsl_cdf_chisq_Pinv(p, degrees)
  }

  /// P(chi-squared with `degrees` degrees of freedom > x), accurate in the far tail.
  package static func chiSquaredUpper(_ x: Double, degrees: Double) -> Double {
    if x <= 0 { return 1 }
    // Of one degree it is a normal tail, which the general form knows to fewer digits.
    if degrees == 1 { return 2 * gsl_cdf_ugaussian_Q(x.squareRoot()) }
    return gsl_cdf_chisq_Q(x, degrees)
  }

  /// P(K > x) for the limit distribution of the two-sided Kolmogorov statistic.
  package static func kolmogorov(_ x: Double) -> Double {
    if x <= 0 { return 1 }
    if x < 1 {
      // The theta-function form converges fast where the alternating series does not.
      let step = Double.pi * Double.pi / (8 * x * x)
      var sum = 0.0
      for k in stride(from: 1, through: 19, by: 2) {
        sum += gsl_sf_exp_or_zero(-Double(k * k) * step)
      }
      return 1 - (2 * Double.pi).squareRoot() / x * sum
    }
    var sum = 0.0
    var sign = 1.0
    for k in 1...20 {
      let term = gsl_sf_exp_or_zero(-2 * Double(k * k) * x * x)
      sum += sign * term
      if term == 0 { break }
      sign = -sign
    }
    return min(1, max(0, 2 * sum))
  }

  /// The x with P(K > x) = tail for the Kolmogorov limit distribution.
  package static func kolmogorovQuantile(tail: Double) -> Double {
    root(from: 0.01, to: 10) { kolmogorov($0) - tail }
  }

  /// P(range of `count` independent standard normals > x).
  package static func normalRange(_ x: Double, count: Int) -> Double {
    if count < 2 || x <= 0 { return 1 }
    let steps = 400
    let width = 18.0 / Double(steps)
    var sum = 0.0
    for i in 0...steps {
      let z = -9 + Double(i) * width
      let inside = Normal.cdf(z) - Normal.cdf(z - x)
      let power = Self.power(inside, count - 1)
      sum += (i == 0 || i == steps ? 0.5 : 1) * gsl_ran_ugaussian_pdf(z) * power
    }
    return min(1, max(0, 1 - Double(count) * sum * width))
  }

  /// A whole power: of many factors by squaring, of few one after the other.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    guard exponent > 64 else {
      for _ in 0..<exponent { result *= base }
      return result
    }
    var (square, left) = (base, exponent)
    while left > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return result
  }

  /// The factor that replaces the normal quantile when the largest of all pairwise differences of
  /// `count` groups must hold at once: Tukey's range quantile over the square root of two.
  package static func allPairs(count: Int, tail: Double) -> Double {
    if count <= 2 { return Normal.quantile(1 - tail / 2) }
    return root(from: 0.01, to: 20) { normalRange($0, count: count) - tail } / 2.0.squareRoot()
  }

  /// The zero of a falling function, by bisection.
  private static func root(from: Double, to: Double, _ function: (Double) -> Double) -> Double {
    var low = from
    var high = to
    for _ in 0..<80 {
      let middle = 0.5 * (low + high)
      if function(middle) > 0 { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }

  /// exp(x), 0 where it would underflow.
  private static func gsl_sf_exp_or_zero(_ x: Double) -> Double { x < -700 ? 0 : gsl_sf_exp(x) }
}
