internal import FairpostCGSL

/// The limit law of the Kolmogorov-Smirnov statistic, and its distribution-free bound.
package enum Kolmogorov {
  /// P(K > x) for the Kolmogorov distribution, the limit of sqrt(n) sup|F_n - F|.
  package static func upperTail(_ x: Double) -> Double {
    if x <= 0 { return 1 }
    if x < 1 {
      // The theta-function form converges at once for small x.
      let y = -Double.pi * Double.pi / (8 * x * x)
      let sum = gsl_sf_exp(y) + gsl_sf_exp(9 * y) + gsl_sf_exp(25 * y) + gsl_sf_exp(49 * y)
      return max(0, 1 - (2 * Double.pi).squareRoot() / x * sum)
    }
    var sum = 0.0
    var sign = 1.0
    for k in 1...8 {
      let exponent = -2 * Double(k * k) * x * x
      if exponent < -700 { break }
      sum += sign * gsl_sf_exp(exponent)
      sign = -sign
    }
    return min(1, max(0, 2 * sum))
  }

  /// The x with P(K > x) = p, by bisection.
  ///
  /// - Precondition: p is in 0..<1 and not 0.
  package static func upperQuantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1)
    var (low, high) = (0.0, 20.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if upperTail(middle) > p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The mean of the Kolmogorov distribution, sqrt(pi/2) ln 2.
  package static var mean: Double { (Double.pi / 2).squareRoot() * gsl_sf_log(2) }

  /// The Dvoretzky-Kiefer-Wolfowitz radius: sup|F_n - F| exceeds it with probability at most p.
  package static func distributionFreeRadius(count: Double, probability p: Double) -> Double {
    (gsl_sf_log(2 / p) / (2 * count)).squareRoot()
  }
}
