internal import CGSL

/// Quantiles of sorted samples (GSL: `gsl_stats_quantile_from_sorted_data`).
public enum SampleQuantile {
  /// The type-7 quantile: linear between order statistics at (i-1)/(n-1).
  ///
  /// - Precondition: the sample is sorted and not empty, and the level is in 0...1.
  public static func type7(_ sorted: Span<Double>, at level: Double) -> Double {
    precondition(!sorted.isEmpty && level >= 0 && level <= 1)
    return unsafe sorted.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return .nan }
      return unsafe gsl_stats_quantile_from_sorted_data(base, 1, buffer.count, level)
    }
  }

  /// Adds `weight` times the type-7 quantile at every level to `sums`.
  public static func addType7(
    _ sorted: [Double], at levels: [Double], weight: Double, to sums: inout [Double]
  ) {
    precondition(!sorted.isEmpty && levels.count == sums.count)
    unsafe sorted.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in 0..<levels.count {
        unsafe sums[i] +=
          weight * gsl_stats_quantile_from_sorted_data(base, 1, buffer.count, levels[i])
      }
    }
  }
}
