/// The weighted mean and standard deviation of some numbers, whatever their size.
package struct WeightedMoments: Sendable, Hashable {
  /// The mean; 0 without a number.
  package let mean: Double
  /// The standard deviation (division by the total weight).
  package let deviation: Double

  /// Whether the numbers differ by rounding noise at most.
  package var isConstant: Bool { !(deviation > 1e-12 * max(abs(mean), 1e-300)) }

  /// The moments of numbers none of which is missing.
  package init(_ values: [Double], weights: [Double]) {
    let total = weights.reduce(0, +)
    func moments(_ unit: Double) -> (mean: Double, deviation: Double) {
      var sum = 0.0
      for (value, weight) in zip(values, weights) { sum += weight * (value / unit) }
      let mean = total > 0 ? sum / total : 0
      var squares = 0.0
      for (value, weight) in zip(values, weights) {
        let difference = value / unit - mean
        squares += weight * (difference * difference)
      }
      return (mean, total > 0 ? (squares / total).squareRoot() : 0)
    }
    let plain = moments(1)
    let largest = values.reduce(0) { max($0, abs($1)) }
    // Squares of numbers this large or small leave the range of a Double: measured by the largest.
    guard largest > 1e140 || (largest > 0 && largest < 1e-140), largest.isFinite else {
      (mean, deviation) = plain
      return
    }
    let scaled = moments(largest)
    mean = plain.mean.isFinite ? plain.mean : scaled.mean * largest
    deviation = scaled.deviation * largest
  }
}
