/// A number as the sum of two Doubles, the second less than a unit in the last place of the first.
///
/// Only + - x / are used, so that it is the same on every machine.
struct TwoDouble: Sendable {
  var high = 0.0
  var low = 0.0
}

extension TwoDouble {
  /// A quotient to about 106 bits; equal quotients of whole numbers are equal.
  init(_ dividend: Double, over divisor: Double) {
    high = dividend / divisor
    // What the first digits leave of the dividend is a Double, exactly.
    var rest = DoubleDouble()
    rest.add(dividend)
    rest.addProduct(-high, divisor)
    low = rest.value / divisor
  }

  static func - (left: TwoDouble, right: TwoDouble) -> TwoDouble {
    let difference = left.high - right.high
    let part = difference - left.high
    let error = (left.high - (difference - part)) - (right.high + part)
    let rest = error + (left.low - right.low)
    let high = difference + rest
    return TwoDouble(high: high, low: rest - (high - difference))
  }
}
