internal import FairpostCGSL

/// Quantiles of sorted samples (GSL: `gsl_stats_quantile_from_sorted_data`).
package enum SampleQuantile {
  /// The type-7 quantile: linear between order statistics at (i-1)/(n-1).
  ///
  /// - Precondition: the sample is sorted and not empty, and the level is in 0...1.
  package static func type7(_ sorted: Span<Double>, at level: Double) -> Double {
    precondition(!sorted.isEmpty && level >= 0 && level <= 1)
    return unsafe sorted.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return .nan }
      return unsafe gsl_stats_quantile_from_sorted_data(base, 1, buffer.count, level)
    }
  }

  /// Adds `weight` times the type-7 quantile at every level to `sums`.
  ///
  /// A call of GSL for every number would be half of a large fit, so its operations are done here, in
  /// its order: the results are GSL's bit for bit, which a test holds them to.
  ///
  /// - Precondition: the sample is sorted and not empty, and the levels are in 0...1.
  package static func addType7(
    _ sorted: [Double], at levels: Span<Double>, weight: Double, to sums: inout MutableSpan<Double>
  ) {
    precondition(!sorted.isEmpty && levels.count == sums.count)
    let last = sorted.count - 1
    let steps = Double(last)
    unsafe sorted.withUnsafeBufferPointer { sorted in
      for i in levels.indices {
        let index = levels[i] * steps
        let low = Int(index)
        precondition(low >= 0 && low <= last)
        let value: Double
        if low == last {
          value = unsafe sorted[last]
        } else {
          let delta = index - Double(low)
          value = unsafe (1 - delta) * sorted[low] + delta * sorted[low &+ 1]
        }
        sums[i] += weight * value
      }
    }
  }
}
