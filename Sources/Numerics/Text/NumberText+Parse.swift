// Reading: digits eight at a time, then the cheapest route that is exact.
//
// 1. A significand below 2^53 and a power of ten up to 10^22 are both exact as Double: one
//    multiplication or division rounds once (Clinger 1990).
// 2. Up to 19 digits: a 64 by 128 bit product decides (Eisel and Lemire, "Number Parsing at a
//    Gigabyte per Second", 2021; Mushtak and Lemire, 2023, show that no fallback is needed).
// 3. More digits: the first 19, and those plus one, bracket the number. Where both round alike the
//    rest does not matter; else whole numbers are compared exactly (DecimalComparison).

extension NumberText {
  /// Reads a number from bytes in memory, the entry for hot loops.
  ///
  /// Blanks and tabs around the text do not count. A sign, digits before or after a point (one of
  /// them may be absent) and an exponent make a number; hexadecimal, underscores and anything left
  /// over are invalid. The words for missing are matched exactly, those for infinity in any case.
  /// Never allocates for up to 19 significant digits.
  public static func parse(_ start: UnsafePointer<UInt8>, count: Int) -> NumberReading {
    var at = start
    var end = start + count
    while at < end, at[0] == 0x20 || at[0] == 0x09 { at += 1 }
    while at < end, end[-1] == 0x20 || end[-1] == 0x09 { end -= 1 }
    guard at < end else { return .missing }

    let text = at
    let isNegative = at[0] == UInt8(ascii: "-")
    if isNegative || at[0] == UInt8(ascii: "+") { at += 1 }

    let digits = at
    var significand: UInt64 = 0
    while at < end {
      let digit = at[0] &- 0x30
      guard digit <= 9 else { break }
      significand = significand &* 10 &+ UInt64(digit)
      at += 1
    }
    var digitCount = at - digits
    var exponent = 0
    if at < end, at[0] == UInt8(ascii: ".") {
      at += 1
      let fraction = at
      while end - at >= 8, let eight = eightDigits(at) {
        significand = significand &* 100_000_000 &+ eight
        at += 8
      }
      while at < end {
        let digit = at[0] &- 0x30
        guard digit <= 9 else { break }
        significand = significand &* 10 &+ UInt64(digit)
        at += 1
      }
      exponent = fraction - at
      digitCount &-= exponent
    }
    guard digitCount > 0 else { return word(text, end) }
    let digitsEnd = at
    if at < end {
      guard at[0] | 0x20 == UInt8(ascii: "e"), let power = exponentValue(at + 1, end) else {
        return word(text, end)
      }
      exponent += power
    }

    let bits: UInt64
    if digitCount > 19 {
      bits = longBits(digits, digitsEnd, exponent: exponent)
    } else if significand <= 1 &<< 53, exponent >= -22, exponent <= 22 {
      let value = Double(significand)
      let rounded =
        exponent < 0
        ? value / PowersOfTen.exact[-exponent] : value * PowersOfTen.exact[exponent]
      bits = rounded.bitPattern
    } else {
      bits = roundedBits(significand, exponent)
    }
    guard bits != infinityBits else { return .notFinite }
    return .number(Double(bitPattern: isNegative ? bits | 1 &<< 63 : bits))
  }

  static let infinityBits: UInt64 = 0x7FF0_0000_0000_0000

  /// The value of eight digits, or nil where one of the eight bytes is none.
  @inline(__always)
  private static func eightDigits(_ at: UnsafePointer<UInt8>) -> UInt64? {
    var word = UInt64(
      littleEndian: UnsafeRawPointer(at).loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    guard
      (word & high) | (((word &+ 0x0606_0606_0606_0606) & high) &>> 4) == 0x3333_3333_3333_3333
    else { return nil }
    // Neighbours are joined in pairs: digits, then hundreds, then ten thousands.
    word &-= 0x3030_3030_3030_3030
    word = word &* 10 &+ (word &>> 8)
    let pairs: UInt64 = 0x0000_00FF_0000_00FF
    let upper = (word & pairs) &* 0x000F_4240_0000_0064
    let lower = ((word &>> 16) & pairs) &* 0x0000_2710_0000_0001
    return (upper &+ lower) &>> 32
  }

  /// The exponent after its letter; large ones stop growing long after any number has become 0 or
  /// infinite.
  private static func exponentValue(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Int? {
    var at = start
    guard at < end else { return nil }
    let isNegative = at[0] == UInt8(ascii: "-")
    if isNegative || at[0] == UInt8(ascii: "+") { at += 1 }
    guard at < end else { return nil }
    var value = 0
    while at < end {
      let digit = at[0] &- 0x30
      guard digit <= 9 else { return nil }
      if value < 1 << 50 { value = value &* 10 &+ Int(digit) }
      at += 1
    }
    return isNegative ? -value : value
  }

  /// What a text is that is no number.
  private static func word(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> NumberReading {
    let text = UnsafeBufferPointer(start: start, count: end - start)
    switch text.count {
    case 2 where text.elementsEqual("NA".utf8): return .missing
    case 3 where text.elementsEqual("NaN".utf8) || text.elementsEqual("nan".utf8): return .missing
    case 4 where text.elementsEqual("null".utf8): return .missing
    default: break
    }
    let isSigned = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
    let unsigned = text.dropFirst(isSigned ? 1 : 0)
    let isInfinity = ["inf", "infinity"].contains { name in
      unsigned.count == name.utf8.count
        && zip(unsigned, name.utf8).allSatisfy { $0 | 0x20 == $1 }
    }
    return isInfinity ? .notFinite : .invalid
  }
}

// MARK: Rounding

extension NumberText {
  /// The bits of significand * 10^exponent, correctly rounded (Eisel-Lemire).
  static func roundedBits(_ significand: UInt64, _ exponent: Int) -> UInt64 {
    guard significand != 0, exponent >= -342 else { return 0 }
    guard exponent <= 308 else { return infinityBits }
    let leadingZeros = significand.leadingZeroBitCount
    let normal = significand &<< UInt64(leadingZeros)
    let power = PowersOfTen.forReading(exponent)
    // The high word usually settles the 55 bits that matter; the low word is the rest.
    var (high, low) = normal.multipliedFullWidth(by: power.high)
    if high & 0x1FF == 0x1FF {
      let second = normal.multipliedFullWidth(by: power.low)
      let (sum, carry) = low.addingReportingOverflow(second.high)
      low = sum
      if carry { high &+= 1 }
    }
    let upperBit = Int(high &>> 63)
    let shift = UInt64(upperBit &+ 9)
    var mantissa = high &>> shift
    // floor(log2(10^exponent)), as a product that is exact in this range.
    let log2 = (217706 &* exponent) &>> 16
    var biased = log2 &+ 63 &+ upperBit &- leadingZeros &+ 1023
    if biased <= 0 {
      guard biased > -63 else { return 0 }
      mantissa &>>= UInt64(1 &- biased)
      mantissa &+= mantissa & 1
      // A carry into bit 52 is the exponent field of the smallest normal number.
      return mantissa &>> 1
    }
    // Exactly half way is possible only for these exponents: then to even.
    if low <= 1, exponent >= -4, exponent <= 23, mantissa & 3 == 1, mantissa &<< shift == high {
      mantissa &= ~1
    }
    mantissa &+= mantissa & 1
    mantissa &>>= 1
    if mantissa >= 1 &<< 53 {
      mantissa = 1 &<< 52
      biased &+= 1
    }
    guard biased < 0x7FF else { return infinityBits }
    return UInt64(biased) &<< 52 | mantissa & (1 &<< 52 &- 1)
  }

  /// The bits of a number with more than 19 digits, of which the leading ones may be zeros.
  @inline(never)
  private static func longBits(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, exponent: Int
  ) -> UInt64 {
    var at = start
    while at < end, at[0] == 0x30 || at[0] == UInt8(ascii: ".") { at += 1 }
    let first = at
    var significand: UInt64 = 0
    var taken = 0
    while at < end, taken < 19 {
      let digit = at[0] &- 0x30
      at += 1
      guard digit <= 9 else { continue }
      significand = significand &* 10 &+ UInt64(digit)
      taken += 1
    }
    var dropped = 0
    var restIsZero = true
    while at < end {
      let digit = at[0] &- 0x30
      at += 1
      guard digit <= 9 else { continue }
      dropped += 1
      if digit != 0 { restIsZero = false }
    }
    let lower = roundedBits(significand, exponent + dropped)
    guard !restIsZero else { return lower }
    guard roundedBits(significand + 1, exponent + dropped) != lower else { return lower }
    let digits = UnsafeBufferPointer(start: first, count: end - first)
    return DecimalComparison.round(digits, exponent: exponent, lower: lower)
  }
}
