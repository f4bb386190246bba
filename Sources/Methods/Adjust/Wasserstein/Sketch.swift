/// Scores rounded to a number of significant digits, so that a summary has a bounded size.
///
/// A rounded score follows from the score alone: summaries of rounded scores merge as exactly as any
/// others, in whatever order. A group keeps at most 2^(digits - 1) scores between two powers of two.
package enum Sketch {
  /// The numbers of binary digits there can be.
  static let digits = 4...52

  /// The most that a score is moved, as a share of itself.
  package static func error(digits: Int) -> Double {
    Double(sign: .plus, exponent: -digits, significand: 1)
  }

  /// A score to its nearest neighbour of so many binary digits, which stays within the range.
  package static func rounded(
    _ value: Double, digits: Int, within range: ClosedRange<Double>?
  ) -> Double {
    let dropped = UInt64(53 - digits)
    let bits = value.bitPattern
    // Half of what is dropped is added, a little less where the digit before is even; a carry into the
    // exponent is the next power of two.
    let half = (1 << (dropped - 1)) - 1 + (bits >> dropped & 1)
    let result = Double(bitPattern: (bits &+ half) & ~((1 << dropped) - 1))
    guard let range else { return result }
    return min(max(result, range.lowerBound), range.upperBound)
  }
}
