/// A fraction of whole numbers: a check never compares rounded numbers.
package struct Fraction: Sendable, Comparable {
  /// Above and below the line; the latter is positive.
  package let top, bottom: Int128

  /// A fraction in lowest terms.
  package init(_ top: Int128, _ bottom: Int128 = 1) {
    var (a, b) = (top < 0 ? -top : top, bottom)
    while b != 0 { (a, b) = (b, a % b) }
    let common = a == 0 ? 1 : a
    self.top = top / common
    self.bottom = bottom / common
  }

  package static func < (left: Fraction, right: Fraction) -> Bool {
    left.top * right.bottom < right.top * left.bottom
  }
  package static func == (left: Fraction, right: Fraction) -> Bool {
    left.top == right.top && left.bottom == right.bottom
  }
  static func + (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.top * right.bottom + right.top * left.bottom, left.bottom * right.bottom)
  }
  static func - (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.top * right.bottom - right.top * left.bottom, left.bottom * right.bottom)
  }
  /// - Precondition: the right one is positive.
  static func / (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.top * right.bottom, left.bottom * right.top)
  }
  var half: Fraction { Fraction(top, bottom * 2) }

  /// The largest whole number that is not above.
  var floor: Int128 { top >= 0 ? top / bottom : -((-top + bottom - 1) / bottom) }
  /// The smallest whole number that is not below.
  var ceiling: Int128 { -Fraction(-top, bottom).floor }

  /// Whether the other is no farther than a distance.
  func isWithin(_ distance: Fraction, of other: Fraction) -> Bool {
    let gap = self - other
    return (gap.top < 0 ? Fraction(-gap.top, gap.bottom) : gap) <= distance
  }

  /// The ways a number is brought to so many digits.
  enum Rounding: CaseIterable { case nearest, down, up }

  /// Brought to so many digits after the point.
  func brought(to digits: Int, _ rounding: Rounding) -> Fraction {
    var scale: Int128 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Fraction(top * scale, bottom)
    let units =
      switch rounding {
      case .nearest: (scaled + Fraction(1, 2)).floor
      case .down: scaled.floor
      case .up: scaled.ceiling
      }
    return Fraction(units, scale)
  }

  /// As a number with some digits.
  func text(digits: Int) -> String { ExactDigits.text(top, bottom, digits: digits) }
}

/// A closed range of fractions.
package struct FractionRange: Sendable {
  /// The ends.
  package let lower, upper: Fraction

  /// Whether it has a point in common with another.
  func meets(_ other: FractionRange) -> Bool { lower <= other.upper && other.lower <= upper }
}

/// A number as it is printed: its value and the unit of its last digit.
package struct PrintedNumber: Sendable {
  /// The value.
  package let value: Fraction
  /// The unit of its last digit.
  package let unit: Fraction

  /// More digits than this say nothing that a table's counts could.
  static let mostDigits = 9

  /// A number, perhaps as percent, perhaps with commas between thousands; nil where it is none.
  package init?(_ text: String) {
    var digits = text.filter { !$0.isWhitespace }
    let isPercent = digits.hasSuffix("%")
    if isPercent { digits.removeLast() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Self.whole(String(parts[0])) else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.allSatisfy({ $0.isASCII && $0.isNumber }), parts[0].count + fraction.count > 0,
      parts[0].count <= 15
    else { return nil }
    var scale: Int128 = isPercent ? 100 : 1
    var units = whole
    let most = isPercent ? Self.mostDigits - 2 : Self.mostDigits
    for digit in fraction.prefix(most) {
      units = units * 10 + Int128(digit.wholeNumberValue ?? 0)
      scale *= 10
    }
    // A longer number is as good as one rounded to its first digits.
    if let next = fraction.dropFirst(most).first?.wholeNumberValue, next >= 5 {
      units += 1
    }
    value = Fraction(units, scale)
    unit = Fraction(1, scale)
  }

  private init(value: Fraction, unit: Fraction) {
    self.value = value
    self.unit = unit
  }

  /// The same number as percent.
  var ofHundred: PrintedNumber {
    PrintedNumber(
      value: Fraction(value.top, value.bottom * 100), unit: Fraction(unit.top, unit.bottom * 100))
  }

  /// A whole number, perhaps with commas between thousands.
  static func whole(_ text: String) -> Int128? {
    if text.isEmpty { return 0 }
    let groups = text.split(separator: ",", omittingEmptySubsequences: false)
    if groups.count > 1 {
      // "0,850" is no number of thousands but a decimal comma, which nothing here can tell for sure.
      guard (1...3).contains(groups[0].count), groups[0] != "0",
        groups.dropFirst().allSatisfy({ $0.count == 3 })
      else { return nil }
    }
    let digits = groups.joined()
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int128(digits)
  }

  /// What rounding could have made it of.
  var rounded: FractionRange {
    FractionRange(lower: value - unit.half, upper: value + unit.half)
  }
  /// What rounding or cutting could have made it of.
  var cut: FractionRange { FractionRange(lower: value - unit, upper: value + unit) }
}
