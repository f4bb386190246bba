extension NumberText {
  /// The text with a fixed number of decimals, rounded half to even on the exact value.
  ///
  /// The same as C's `%.*f` in the C locale: a negative number that rounds to zero keeps its sign.
  ///
  /// - Precondition: `digits` is in 0...9.
  package static func fixed(_ value: Double, digits: Int) -> String {
    var bytes: [UInt8] = []
    appendFixed(value, digits: digits, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the text with a fixed number of decimals.
  ///
  /// - Precondition: `digits` is in 0...9.
  package static func appendFixed(_ value: Double, digits: Int, to bytes: inout [UInt8]) {
    precondition(digits >= 0 && digits <= 9)
    guard value.isFinite else { return append(value, to: &bytes) }
    if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
    let field = Int(value.bitPattern >> 52) & 0x7FF
    let fraction = value.bitPattern & (1 << 52 - 1)
    let significand = field == 0 ? fraction : fraction | 1 << 52
    let exponent = max(field, 1) - 1075

    if exponent >= 0 {
      appendWhole(significand, shiftedLeft: exponent, to: &bytes)
      appendDecimals(0, digits, to: &bytes)
      return
    }
    // The part behind the point times 10^digits stays below 2^83: exact in 128 bits.
    let shift = -exponent
    var whole = shift < 64 ? significand >> UInt64(shift) : 0
    let behind = shift < 64 ? significand - whole << UInt64(shift) : significand
    let scaled = UInt128(behind) * UInt128(PowersOfTen.whole[digits])
    var decimals: UInt64 = 0
    if shift < 128 {
      let kept = scaled >> UInt128(shift)
      let rest = scaled - kept << UInt128(shift)
      let half = UInt128(1) << UInt128(shift - 1)
      decimals = UInt64(kept)
      let isOdd = (digits == 0 ? whole : decimals) & 1 == 1
      if rest > half || (rest == half && isOdd) { decimals += 1 }
    }
    if decimals == PowersOfTen.whole[digits] {
      decimals = 0
      whole += 1
    }
    append(Int(whole), to: &bytes)
    appendDecimals(decimals, digits, to: &bytes)
  }

  private static func appendDecimals(_ value: UInt64, _ digits: Int, to bytes: inout [UInt8]) {
    guard digits > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    for place in (0..<digits).reversed() {
      bytes.append(0x30 + UInt8(value / PowersOfTen.whole[place] % 10))
    }
  }

  private static func appendWhole(
    _ value: UInt64, shiftedLeft shift: Int, to bytes: inout [UInt8]
  ) {
    var number = WholeNumber(value)
    number.shiftLeft(shift)
    var reversed: [UInt8] = []
    repeat {
      reversed.append(0x30 + UInt8(number.divide(by: 10)))
    } while !number.isZero
    bytes.append(contentsOf: reversed.reversed())
  }
}
