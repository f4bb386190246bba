/// A running sum carried in two Doubles, about 106 bits.
///
/// Only + - and x are used (no fused multiply-add), so the result is the same on every machine.
struct DoubleDouble: Sendable {
  var high = 0.0
  var low = 0.0

  var value: Double { high + low }

  @inline(__always)
  mutating func add(_ number: Double) {
    let sum = high + number
    let part = sum - high
    low += (high - (sum - part)) + (number - part)
    high = sum
  }

  /// Adds a product of two numbers without losing its lower half (Dekker's splitting).
  @inline(__always)
  mutating func addProduct(_ a: Double, _ b: Double) {
    let product = a * b
    let splitA = 134_217_729 * a
    let splitB = 134_217_729 * b
    let highA = splitA - (splitA - a)
    let highB = splitB - (splitB - b)
    let lowA = a - highA
    let lowB = b - highB
    let error = ((highA * highB - product) + highA * lowB + lowA * highB) + lowA * lowB
    add(product)
    low += error
  }

  /// Adds another sum.
  mutating func add(_ other: DoubleDouble) {
    add(other.high)
    low += other.low
  }

  /// Takes another sum away.
  mutating func subtract(_ other: DoubleDouble) {
    add(-other.high)
    low -= other.low
  }

  /// This less another, rounded once at the end.
  @inline(__always)
  func minus(_ other: DoubleDouble) -> Double {
    let difference = high - other.high
    let part = difference - high
    let error = (high - (difference - part)) - (other.high + part)
    return difference + (error + (low - other.low))
  }
}
