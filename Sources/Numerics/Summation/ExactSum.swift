/// A sum of numbers without any rounding, whatever their order and however they were divided.
///
/// The numbers are added into a fixed-point number wide enough for every Double (a small
/// superaccumulator: limbs of 32 bits with room for carries). Two sums merge without loss, and
/// `value` is the exact sum rounded once, to nearest, ties to even.
package struct ExactSum: Sendable, Equatable {
  /// Limb i counts units of 2^(32 i - 1088); its carries are spread from time to time.
  private var limbs: [Int64]
  /// Additions since the carries were last spread.
  private var pending = 0

  private static let limbCount = 70
  /// Bit 0 of limb 0; low enough that the last bit of every Double falls on a limb.
  private static let lowestExponent = 1088

  /// The sum of nothing.
  package init() { limbs = [Int64](repeating: 0, count: Self.limbCount) }

  /// Adds a number.
  ///
  /// - Precondition: it is finite.
  package mutating func add(_ number: Double) {
    precondition(number.isFinite, "only finite numbers can be summed exactly")
    if number == 0 { return }
    let bits = number.bitPattern
    let exponent = Int((bits &>> 52) & 0x7FF)
    let fraction = bits & 0x000F_FFFF_FFFF_FFFF
    let significand = exponent == 0 ? fraction : fraction | (1 &<< 52)
    let shift = max(exponent, 1) - 1075 + Self.lowestExponent
    let (limb, bit) = (shift &>> 5, UInt64(shift & 31))
    let low = significand &<< bit
    let high = bit == 0 ? 0 : significand &>> (64 &- bit)
    let first = Int64(low & 0xFFFF_FFFF)
    let second = Int64(low &>> 32)
    let third = Int64(high)
    if number < 0 {
      limbs[limb] &-= first
      limbs[limb + 1] &-= second
      limbs[limb + 2] &-= third
    } else {
      limbs[limb] &+= first
      limbs[limb + 1] &+= second
      limbs[limb + 2] &+= third
    }
    pending += 1
    if pending == 1 << 30 { spreadCarries() }
  }

  /// Adds all of another sum.
  package mutating func add(_ other: ExactSum) {
    spreadCarries()
    var other = other
    other.spreadCarries()
    for i in 0..<Self.limbCount { limbs[i] += other.limbs[i] }
    spreadCarries()
  }

  /// The exact sum, rounded once to the nearest Double.
  package var value: Double {
    var sum = self
    return sum.takeLeading()
  }

  /// The exact sum as a short list of Doubles, largest first, whose exact sum it is; empty for 0.
  ///
  /// The first is `value`. This is how an exact sum is written to a file.
  package var parts: [Double] {
    var rest = self
    var parts: [Double] = []
    while true {
      let leading = rest.takeLeading()
      if leading == 0 { return parts }
      parts.append(leading)
      if leading.isInfinite { return parts }
      rest.add(-leading)
    }
  }

  package static func == (left: ExactSum, right: ExactSum) -> Bool {
    var (left, right) = (left, right)
    left.spreadCarries()
    right.spreadCarries()
    return left.limbs == right.limbs
  }

  /// Brings every limb but the last into 0..<2^32.
  private mutating func spreadCarries() {
    pending = 0
    for i in 0..<(Self.limbCount - 1) {
      let carry = limbs[i] &>> 32
      limbs[i] &-= carry &<< 32
      limbs[i + 1] &+= carry
    }
  }

  /// The value rounded to nearest even; spreads the carries on the way.
  private mutating func takeLeading() -> Double {
    spreadCarries()
    var magnitude = self
    let negative = limbs[Self.limbCount - 1] < 0
    if negative {
      for i in 0..<Self.limbCount { magnitude.limbs[i] = -magnitude.limbs[i] }
      magnitude.spreadCarries()
    }
    guard let top = magnitude.limbs.lastIndex(where: { $0 != 0 }) else { return 0 }
    // The leading 96 bits or more, and whether anything lies below them.
    let wide =
      UInt128(UInt64(magnitude.limbs[top])) << 64
      | UInt128(UInt64(top > 0 ? magnitude.limbs[top - 1] : 0)) << 32
      | UInt128(UInt64(top > 1 ? magnitude.limbs[top - 2] : 0))
    let sticky = top > 2 && magnitude.limbs[..<(top - 2)].contains { $0 != 0 }
    // Bit 0 of `wide` stands for 2^scale.
    let scale = 32 * (top - 2) - Self.lowestExponent
    let length = 128 - wide.leadingZeroBitCount
    // Subnormal results have fewer bits than 53: nothing lies below 2^-1074.
    let drop = max(length - 53, -1074 - scale, 0)
    var significand = UInt64(truncatingIfNeeded: wide >> UInt128(drop))
    if drop > 0 {
      let rest = wide & ((1 << UInt128(drop)) - 1)
      let half: UInt128 = 1 << UInt128(drop - 1)
      if rest > half || (rest == half && (sticky || significand & 1 == 1)) { significand += 1 }
    }
    let result = Double(sign: .plus, exponent: scale + drop, significand: Double(significand))
    return negative ? -result : result
  }
}
