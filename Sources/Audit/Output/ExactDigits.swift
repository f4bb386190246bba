package import FairpostNumerics

/// Figures as people print them, rounded half away from zero on the exact fraction.
package enum ExactDigits {
  /// top / bottom with so many digits after the point.
  package static func text(_ top: Int128, _ bottom: Int128, digits: Int) -> String {
    guard bottom > 0 else { return "" }
    var scale: Int128 = 1
    for _ in 0..<digits { scale *= 10 }
    let size = top < 0 ? -top : top
    let units = (2 * size * scale + bottom) / (2 * bottom)
    var rest = String(units % scale)
    rest = String(repeating: "0", count: max(0, digits - rest.count)) + rest
    return (top < 0 && units > 0 ? "-" : "") + "\(units / scale)" + (digits > 0 ? "." + rest : "")
  }

  /// A rate as percent with one digit.
  package static func percent(_ counts: Selected) -> String {
    counts.n > 0 ? text(Int128(counts.k) * 100, Int128(counts.n), digits: 1) + "%" : ""
  }

  /// A share that is no fraction of counts, as percent with one digit.
  package static func percent(_ share: Double) -> String {
    NumberText.fixed(share * 100, digits: 1) + "%"
  }

  /// A ratio with three digits; where it is below four fifths and would not look so, with as many as
  /// it takes.
  package static func ratio(_ pair: RatePair, showsFourFifths: Bool) -> String {
    let top = Int128(pair.row.k) * Int128(pair.benchmark.n)
    let bottom = Int128(pair.row.n) * Int128(pair.benchmark.k)
    guard bottom > 0 else { return "" }
    var digits = 3
    var shown = text(top, bottom, digits: digits)
    while showsFourFifths, pair.isBelowFourFifths, shown.hasPrefix("0.8"), digits < 12 {
      digits += 1
      shown = text(top, bottom, digits: digits)
    }
    return shown
  }

  /// A p-value with two significant digits.
  package static func p(_ value: Double) -> String {
    if value < 0.0001 { return "<0.0001" }
    var digits = 2
    var size = value
    while size < 0.1 {
      size *= 10
      digits += 1
    }
    return NumberText.fixed(value, digits: digits)
  }

  /// A number with three digits; an end that is infinite says so.
  package static func short(_ value: Double, digits: Int = 3) -> String {
    value.isInfinite ? (value < 0 ? "-inf" : "inf") : NumberText.fixed(value, digits: digits)
  }

  /// An interval with three digits.
  package static func interval(_ bounds: Interval?, scale: Double = 1, digits: Int = 3) -> String {
    guard let bounds else { return "" }
    return short(bounds.lower * scale, digits: digits) + " to "
      + short(bounds.upper * scale, digits: digits)
  }

  /// A difference of rates in percentage points with one digit.
  package static func points(_ pair: RatePair) -> String {
    text(pair.gap * 100, Int128(pair.row.n) * Int128(pair.benchmark.n), digits: 1)
  }
}
