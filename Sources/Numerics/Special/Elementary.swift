internal import FairpostCGSL

/// Elementary functions for modules that see no C library.
package enum Elementary {
  /// The natural logarithm; -infinity at 0 and NaN below.
  package static func log(_ x: Double) -> Double {
    x > 0 ? (x == .infinity ? x : gsl_sf_log(x)) : (x == 0 ? -.infinity : .nan)
  }

  /// e to the power of x, without underflow errors.
  package static func exp(_ x: Double) -> Double {
    x < -745 ? 0 : (x > 709.7 ? .infinity : gsl_sf_exp(x))
  }

  /// log(1 + x), accurate near 0.
  package static func log1p(_ x: Double) -> Double { gsl_log1p(x) }

  /// exp(x) - 1, accurate near 0 (GSL: `gsl_expm1`).
  package static func expm1(_ x: Double) -> Double { gsl_expm1(x) }

  /// 1 / (1 + e^-x).
  package static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// The logarithm of the gamma function for x > 0.
  package static func logGamma(_ x: Double) -> Double { gsl_sf_lngamma(x) }
}
