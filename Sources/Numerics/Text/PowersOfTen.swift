/// Powers of ten as 128-bit significands: what reading and writing of numbers share.
///
/// Entry k is floor(10^k / 2^s), with s such that it has exactly 128 bits; it is exact for k in
/// 0...55. The table is one array literal of constants, which the release build lays down as static
/// data: it costs nothing at start and is read without a lazy accessor.
enum PowersOfTen {
  static let first = -342
  static let last = 324

  /// Rounded down, except that the reciprocals -27...(-1) are rounded up: the table that the proof of
  /// the Eisel-Lemire algorithm is about.
  @inline(__always)
  static func forReading(_ k: Int) -> (high: UInt64, low: UInt64) {
    let at = 2 &* (k &- first)
    return (words[at], words[at &+ 1] &+ (k < 0 && k >= -27 ? 1 : 0))
  }

  /// Rounded up, as Schubfach needs it.
  @inline(__always)
  static func forWriting(_ k: Int) -> (high: UInt64, low: UInt64) {
    let at = 2 &* (k &- first)
    return (words[at], words[at &+ 1] &+ (k < 0 || k > 55 ? 1 : 0))
  }

  /// The powers that are exact as Double.
  static let exact: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The powers that fit 64 bits.
  static let whole: [UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}
