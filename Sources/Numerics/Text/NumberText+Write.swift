// Writing: Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2020) finds the
// digits; they are laid out eight at a time without a table. Before it, one product of 192 bits with
// some bits to spare settles nearly every number (the idea of Victor Zverovich's "Zmij", 2025).

extension NumberText {
  /// Writes the shortest text that reads back as the same number; returns how many bytes it has.
  ///
  /// Up to `capacity` bytes may be written, whatever the length of the text.
  @discardableResult
  package static func write(_ value: Double, to start: UnsafeMutablePointer<UInt8>) -> Int {
    let bits = value.bitPattern
    var out = start
    if bits &>> 63 != 0, !value.isNaN {
      out[0] = UInt8(ascii: "-")
      out += 1
    }
    let field = Int(bits &>> 52) & 0x7FF
    let fraction = bits & (1 &<< 52 &- 1)
    guard field != 0x7FF else {
      let word: StaticString = fraction == 0 ? "inf" : "nan"
      out.update(from: word.utf8Start, count: 3)
      return out + 3 - start
    }
    if field == 0, fraction == 0 {
      out[0] = 0x30
      return out + 1 - start
    }
    if let decimal = nearlyAlways(field: field, fraction: fraction) {
      // Between 4.5 * 10^15 and 9.1 * 10^16, by the choice of the scale.
      let length = decimal.digits >= 10_000_000_000_000_000 ? 17 : 16
      return layOut(decimal.digits, length, decimal.exponent, to: out) - start
    }
    let decimal = shortest(field: field, fraction: fraction)
    return layOut(decimal.digits, digitCount(decimal.digits), decimal.exponent, to: out) - start
  }

  /// Writes an integer; returns how many bytes it has.
  @discardableResult
  package static func write(_ value: Int, to start: UnsafeMutablePointer<UInt8>) -> Int {
    var out = start
    if value < 0 {
      out[0] = UInt8(ascii: "-")
      out += 1
    }
    return writeWhole(UInt64(value.magnitude), to: out) - start
  }

  /// Writes a whole number; returns the place after it.
  static func writeWhole(
    _ value: UInt64, to out: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let length = digitCount(value)
    var rest = value
    var at = out + length
    while rest >= 10 {
      at -= 1
      at[0] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    at[-1] = 0x30 &+ UInt8(truncatingIfNeeded: rest)
    return out + length
  }
}

// MARK: Digits

extension NumberText {
  /// The digits where a single product tells them beyond doubt; else nil, and `shortest` decides.
  ///
  /// The number, scaled by a power of ten so that its rounding interval is 1 to 10 wide, is known to
  /// about 2^-63. A multiple of ten inside the interval has fewer digits; otherwise the nearest whole
  /// number is the answer. Whatever lies within 2^-56 of a boundary is left to the exact method.
  @inline(__always)
  private static func nearlyAlways(field: Int, fraction: UInt64) -> (digits: UInt64, exponent: Int)?
  {
    // Subnormal numbers, powers of two (whose interval is lopsided) and integers go the other way.
    guard field != 0, fraction != 0 else { return nil }
    let significand = fraction | 1 &<< 52
    let exponent = field &- 1075
    if exponent <= 0, exponent > -53, significand.trailingZeroBitCount >= -exponent { return nil }
    let k = (exponent &* 1_262_611) &>> 22
    let h = UInt64(exponent &+ ((-k &* 1_741_647) &>> 19) &+ 1)
    let power = PowersOfTen.forWriting(-k)
    let factor = significand &<< h
    let below = power.low.multipliedFullWidth(by: factor).high
    let product = power.high.multipliedFullWidth(by: factor)
    let (part, carry) = product.low.addingReportingOverflow(below)
    let whole = product.high &+ (carry ? 1 : 0)

    // In units of 2^-60: the place above the last multiple of ten, and half the interval's width.
    let digit = whole % 10
    let place = digit &<< 60 | part &>> 4
    let half = power.high &>> (5 &- h)
    let gap = 10 &<< 60 &- place
    let doubt: UInt64 = 16
    let isBelowInside = place &+ doubt < half
    let isAboveInside = gap &+ doubt < half
    if isBelowInside || isAboveInside {
      return (whole &- digit &+ (isAboveInside ? 10 : 0), k)
    }
    guard place > half &+ doubt, gap > half &+ doubt else { return nil }
    // Up or down is as good as random: added, not jumped to.
    let middle: UInt64 = 1 &<< 63
    guard part &+ 256 &- middle > 512 else { return nil }
    return (whole &+ part &>> 63, k)
  }

  /// The shortest decimal in a finite positive number's rounding interval, closest among those.
  private static func shortest(field: Int, fraction: UInt64) -> (digits: UInt64, exponent: Int) {
    let significand: UInt64
    let exponent: Int
    if field != 0 {
      significand = fraction | 1 &<< 52
      exponent = field &- 1075
      // A whole number below 2^53 is its own shortest decimal.
      if exponent <= 0, exponent > -53, significand.trailingZeroBitCount >= -exponent {
        return (significand &>> UInt64(-exponent), 0)
      }
    } else {
      significand = fraction
      exponent = -1074
    }
    let isOdd = significand & 1
    let lowerIsCloser: UInt64 = fraction == 0 && field > 1 ? 1 : 0

    // floor(log10(width of the interval)), then 10^-k scales the interval to one or two digits more.
    let k = (exponent &* 1_262_611 &- (lowerIsCloser != 0 ? 524_031 : 0)) &>> 22
    let h = UInt64(exponent &+ ((-k &* 1_741_647) &>> 19) &+ 1)
    let power = PowersOfTen.forWriting(-k)
    let four = significand &<< 2
    let lower = roundToOdd(power, (four &- 2 &+ lowerIsCloser) &<< h) &+ isOdd
    let value = roundToOdd(power, four &<< h)
    let upper = roundToOdd(power, (four &+ 2) &<< h) &- isOdd

    let s = value &>> 2
    if s >= 10 {
      let tens = s / 10
      let isBelowInside = lower <= 40 &* tens
      let isAboveInside = 40 &* tens &+ 40 <= upper
      if isBelowInside != isAboveInside { return (tens &+ (isAboveInside ? 1 : 0), k &+ 1) }
    }
    let isBelowInside = lower <= 4 &* s
    let isAboveInside = 4 &* s &+ 4 <= upper
    if isBelowInside != isAboveInside { return (s &+ (isAboveInside ? 1 : 0), k) }
    let middle = 4 &* s &+ 2
    let roundsUp = value > middle || (value == middle && s & 1 == 1)
    return (s &+ (roundsUp ? 1 : 0), k)
  }

  /// The high part of a product, with every lower bit gathered in the last one.
  @inline(__always)
  private static func roundToOdd(
    _ power: (high: UInt64, low: UInt64), _ factor: UInt64
  ) -> UInt64 {
    let below = power.low.multipliedFullWidth(by: factor).high
    let product = power.high.multipliedFullWidth(by: factor)
    let (low, carry) = product.low.addingReportingOverflow(below)
    return (product.high &+ (carry ? 1 : 0)) | (low > 1 ? 1 : 0)
  }

  /// How many decimal digits a number has; 0 has one.
  @inline(__always)
  static func digitCount(_ value: UInt64) -> Int {
    let bitCount = 64 &- (value | 1).leadingZeroBitCount
    let guess = (bitCount &* 1233) &>> 12
    return guess &+ (guess < 20 && value >= PowersOfTen.whole[guess] ? 1 : 0) | (guess == 0 ? 1 : 0)
  }
}

// MARK: Layout

extension NumberText {
  /// Lays out digits * 10^exponent, of `length` digits; returns the place after it.
  @inline(__always)
  private static func layOut(
    _ digits: UInt64, _ length: Int, _ exponent: Int, to out: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    // Seventeen digits, padded on the right: one, eight and eight.
    let padded = digits &* PowersOfTen.whole[17 &- length]
    let first = padded / 10_000_000_000_000_000
    let rest = padded &- first &* 10_000_000_000_000_000
    let high = rest / 100_000_000
    let highBytes = eightBytes(high)
    let lowBytes = eightBytes(rest &- high &* 100_000_000)
    let count =
      lowBytes != 0
      ? 17 &- lowBytes.leadingZeroBitCount / 8
      : highBytes != 0 ? 9 &- highBytes.leadingZeroBitCount / 8 : 1
    // How many digits stand before the point.
    let point = length &+ exponent

    if point > 0, point <= 21 {
      if count <= point {
        store(first, highBytes, lowBytes, at: out)
        var at = 17
        while at < point {
          out[at] = 0x30
          at &+= 1
        }
        return out + point
      }
      store(first, highBytes, lowBytes, at: out + 1)
      var at = 0
      while at < point {
        out[at] = out[at &+ 1]
        at &+= 1
      }
      out[point] = UInt8(ascii: ".")
      return out + count + 1
    }
    if point <= 0, point > -6 {
      UnsafeMutableRawPointer(out).storeBytes(
        of: UInt64(littleEndian: 0x3030_3030_3030_2E30), as: UInt64.self)
      store(first, highBytes, lowBytes, at: out + 2 - point)
      return out + 2 - point + count
    }

    store(first, highBytes, lowBytes, at: out + 1)
    out[0] = out[1]
    var at = out + 1
    if count > 1 {
      out[1] = UInt8(ascii: ".")
      at = out + count + 1
    }
    at[0] = UInt8(ascii: "e")
    at += 1
    if point <= 0 {
      at[0] = UInt8(ascii: "-")
      at += 1
    }
    return writeWhole(UInt64((point &- 1).magnitude), to: at)
  }

  @inline(__always)
  private static func store(
    _ first: UInt64, _ high: UInt64, _ low: UInt64, at out: UnsafeMutablePointer<UInt8>
  ) {
    let zeros: UInt64 = 0x3030_3030_3030_3030
    out[0] = 0x30 &+ UInt8(truncatingIfNeeded: first)
    let raw = UnsafeMutableRawPointer(out)
    raw.storeBytes(of: (high | zeros).littleEndian, toByteOffset: 1, as: UInt64.self)
    raw.storeBytes(of: (low | zeros).littleEndian, toByteOffset: 9, as: UInt64.self)
  }

  /// A number below 10^8 as eight digits, one a byte, the first digit in the lowest byte.
  @inline(__always)
  private static func eightBytes(_ value: UInt64) -> UInt64 {
    let upper = value / 10_000
    let fours = upper | (value &- upper &* 10_000) &<< 32
    let hundreds = ((fours &* 10_486) &>> 20) & 0x0000_007F_0000_007F
    let twos = (fours &- 100 &* hundreds) &<< 16 | hundreds
    let tens = ((twos &* 103) &>> 10) & 0x000F_000F_000F_000F
    return (twos &- 10 &* tens) &<< 8 | tens
  }
}
