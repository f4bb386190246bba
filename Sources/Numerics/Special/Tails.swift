internal import FairpostCGSL

/// Quantiles and tails that intervals and tests stand on.
package enum Tails {
  /// The x with P(Beta(a, b) <= x) = p (GSL: `gsl_cdf_beta_Pinv`); 0 or 1 where a shape is 0.
  package static func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
    if a <= 0 { return 0 }
    if b <= 0 { return 1 }
    // GSL's inversion loses its way for extreme shapes; bisection on its distribution function does not.
    var low = 0.0
    var high = 1.0
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { break }
      if gsl_cdf_beta_P(middle, a, b) < p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }

  /// P(Beta(a, b) <= x) (GSL: `gsl_cdf_beta_P`).
  package static func betaProbability(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    return x >= 1 ? 1 : gsl_cdf_beta_P(x, a, b)
  }

  /// The x with P(Student t with `degrees` degrees of freedom <= x) = p.
  package static func studentQuantile(_ p: Double, degrees: Double) -> Double {
    degrees > 1e6 ? Normal.quantile(p) : gsl_cdf_tdist_Pinv(p, degrees)
  }

  /// The x with P(chi-squared with `degrees` degrees of freedom <= x) = p.
  package static func chiSquaredQuantile(_ p: Double, degrees: Double) -> Double {
    gsl_cdf_chisq_Pinv(p, degrees)
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
      var power = 1.0
      for _ in 1..<count { power *= inside }
      sum += (i == 0 || i == steps ? 0.5 : 1) * gsl_ran_ugaussian_pdf(z) * power
    }
    return min(1, max(0, 1 - Double(count) * sum * width))
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
