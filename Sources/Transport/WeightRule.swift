/// Which weights and frequencies a row may have: one rule for the program and the libraries.
///
/// The limits keep squares, sums of squares and products with scores far from overflow and underflow,
/// and every count exact as a number.
package enum WeightRule {
  /// The smallest weight above 0.
  package static let smallest = 1e-30
  /// The largest weight.
  package static let largest = 1e30
  /// The largest frequency of one row, 2^40: the rows of a block add up without overflow.
  package static let largestFrequency = 1_099_511_627_776.0
  /// The largest sum of frequencies, 2^53: every count up to there is exact.
  package static let largestTotal = 9_007_199_254_740_992.0

  /// What is wrong with a weight.
  package enum Fault: Error, Sendable, Equatable {
    /// There is none, or it is no number.
    case missing
    /// It is below 0.
    case negative
    /// It is a frequency with decimals.
    case notWhole
    /// It is above the largest.
    case tooLarge
    /// It is above 0 and below the smallest.
    case tooSmall
  }

  /// What is wrong with a weight; nil where nothing is, as of 0, which leaves the row out.
  @inline(__always)
  package static func fault(_ weight: Double, isFrequency: Bool) -> Fault? {
    if weight == 0 || (weight == 1) { return nil }
    if weight.isNaN { return .missing }
    if weight < 0 { return .negative }
    if isFrequency {
      if weight > largestFrequency { return .tooLarge }
      return weight == weight.rounded() ? nil : .notWhole
    }
    if weight > largest { return .tooLarge }
    return weight < smallest ? .tooSmall : nil
  }
}
