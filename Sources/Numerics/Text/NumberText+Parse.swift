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
  package static func parse(_ start: UnsafePointer<UInt8>, count: Int) -> NumberReading {
    if count >= 8, let value = plain(start, start + count) { return .number(value) }
    return parseGenerally(start, count: count)
  }

  /// Reads digits, a point and digits, what most columns of scores hold; nil for anything else.
  ///
  /// - Precondition: there are at least eight bytes.
  @inline(__always)
  private static func plain(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Double? {
    var at = start
    let isNegative = at[0] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let whole = at
    var significand: UInt64 = 0
    while at < end {
      let digit = at[0] &- 0x30
      guard digit <= 9 else { break }
      significand = significand &* 10 &+ UInt64(digit)
      at += 1
    }
    // A lone zero is no digit that counts; a longer zero may be a sum that has overflowed.
    let wholeCount = significand == 0 && at - whole == 1 ? 0 : at - whole
    guard at > whole, at < end, at[0] == UInt8(ascii: ".") else { return nil }
    at += 1
    let count = end - at
    guard count > 0, wholeCount &+ count <= 19 else { return nil }

    // All but the last one to eight digits are read eight at a time; the last are read as the end of
    // the text's last eight bytes, the rest of which count as zeros. So no loop runs to an odd end.
    let tail = (count &- 1) & 7 &+ 1
    var isBad: UInt64 = 0
    if count > 8 {
      significand = significand &* 100_000_000 &+ eightDigits(load(at), &isBad)
      if count > 16 {
        significand = significand &* 100_000_000 &+ eightDigits(load(at + 8), &isBad)
      }
    }
    let mask = ~UInt64(0) &<< UInt64(8 &* (8 &- tail))
    let last = (load(end - 8) & mask) | (0x3030_3030_3030_3030 & ~mask)
    significand = significand &* PowersOfTen.whole[tail] &+ eightDigits(last, &isBad)
    guard isBad == 0 else { return nil }

    let bits: UInt64 =
      significand <= 1 &<< 53
      ? (Double(significand) / PowersOfTen.exact[count]).bitPattern
      : roundedBits(significand, -count)
    return Double(bitPattern: isNegative ? bits | 1 &<< 63 : bits)
  }

  @inline(__always)
  private static func load(_ at: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt64.self))
  }

  /// Everything else: blanks, exponents, many digits, words.
  @inline(never)
  private static func parseGenerally(
    _ start: UnsafePointer<UInt8>, count: Int
  ) -> NumberReading {
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
      while end - at >= 8 {
        var isBad: UInt64 = 0
        let eight = eightDigits(load(at), &isBad)
        if isBad != 0 { break }
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

  /// The value of eight digits, the first in the lowest byte; sets bits of `isBad` where one of the
  /// eight bytes is none.
  @inline(__always)
  private static func eightDigits(_ text: UInt64, _ isBad: inout UInt64) -> UInt64 {
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    isBad |=
      ((text & high) | (((text &+ 0x0606_0606_0606_0606) & high) &>> 4)) ^ 0x3333_3333_3333_3333
    var word = text
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
