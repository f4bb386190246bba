/// The exact last resort of reading: which of two neighbouring numbers a long decimal is closer to.
enum DecimalComparison {
  /// No halfway point between two Doubles has more significant digits than this (767); of longer
  /// texts only whether the rest is zero matters.
  private static let mostDigits = 780

  /// The bits of the nearest number, ties to even.
  ///
  /// - Parameters:
  ///   - digits: the significant digits, with a point anywhere among them or none.
  ///   - exponent: the power of ten of the last digit.
  ///   - lower: the bits of the largest number known not to exceed the rounded result; the result is
  ///     this or its upper neighbour.
  static func round(
    _ digits: UnsafeBufferPointer<UInt8>, exponent: Int, lower: UInt64
  ) -> UInt64 {
    var decimal = WholeNumber(0)
    var power = exponent
    var taken = 0
    var restIsZero = true
    for byte in digits {
      let digit = byte &- 0x30
      guard digit <= 9 else { continue }
      if taken < mostDigits {
        decimal.multiply(by: 10, adding: UInt32(digit))
        taken += 1
      } else {
        power += 1
        if digit != 0 { restIsZero = false }
      }
    }
    if !restIsZero {
      decimal.multiply(by: 10, adding: 1)
      power -= 1
    }

    // The halfway point is (2m + 1) * 2^(binary - 1), where lower is m * 2^binary.
    let field = Int(lower >> 52)
    let fraction = lower & (1 << 52 - 1)
    let mantissa = field == 0 ? fraction : fraction | 1 << 52
    var halfway = WholeNumber(2 * mantissa + 1)
    let halfwayPower = max(field, 1) - 1076

    // decimal * 5^power * 2^power against halfway * 2^halfwayPower, all made whole.
    if power >= 0 {
      decimal.multiply(byPowerOfFive: power)
    } else {
      halfway.multiply(byPowerOfFive: -power)
    }
    if power > halfwayPower {
      decimal.shiftLeft(power - halfwayPower)
    } else {
      halfway.shiftLeft(halfwayPower - power)
    }
    if decimal == halfway { return lower + (lower & 1) }
    return decimal < halfway ? lower : lower + 1
  }
}

/// A whole number of any size, with only the operations that numbers as text need.
struct WholeNumber: Comparable {
  /// Least significant first, without leading zeros.
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    trim()
  }

  static func < (left: WholeNumber, right: WholeNumber) -> Bool {
    guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
    return left.limbs.reversed().lexicographicallyPrecedes(right.limbs.reversed())
  }

  mutating func multiply(by factor: UInt32, adding addend: UInt32 = 0) {
    var carry = UInt64(addend)
    for i in limbs.indices {
      carry += UInt64(limbs[i]) * UInt64(factor)
      limbs[i] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry != 0 { limbs.append(UInt32(carry)) }
  }

  mutating func multiply(byPowerOfFive exponent: Int) {
    var exponent = exponent
    while exponent >= 13 {
      multiply(by: 1_220_703_125)
      exponent -= 13
    }
    while exponent > 0 {
      multiply(by: 5)
      exponent -= 1
    }
  }

  mutating func shiftLeft(_ count: Int) {
    guard !limbs.isEmpty else { return }
    multiply(by: 1 << UInt32(count % 32))
    limbs.insert(contentsOf: repeatElement(0, count: count / 32), at: 0)
  }

  /// Divides by a small number and returns the remainder.
  mutating func divide(by divisor: UInt32) -> UInt32 {
    var remainder: UInt64 = 0
    for i in limbs.indices.reversed() {
      let part = remainder << 32 | UInt64(limbs[i])
      limbs[i] = UInt32(part / UInt64(divisor))
      remainder = part % UInt64(divisor)
    }
    trim()
    return UInt32(remainder)
  }

  var isZero: Bool { limbs.isEmpty }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
