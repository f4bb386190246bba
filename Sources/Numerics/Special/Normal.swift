internal import FairpostCGSL

/// The standard normal distribution (GSL: `gsl_cdf_ugaussian_*`).
package enum Normal {
  /// P(Z <= x).
  package static func cdf(_ x: Double) -> Double { gsl_cdf_ugaussian_P(x) }

  /// P(Z > x), accurate in the far tail.
  package static func upperTail(_ x: Double) -> Double { gsl_cdf_ugaussian_Q(x) }

  /// The x with P(Z <= x) = p; infinite at 0 and 1.
  package static func quantile(_ p: Double) -> Double { gsl_cdf_ugaussian_Pinv(p) }
}
