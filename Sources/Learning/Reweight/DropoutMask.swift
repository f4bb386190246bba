internal import FairpostNumerics

/// Factors that leave units out: 0 for a unit that is dropped, 1 / (1 - share) for one that stays.
enum DropoutMask {
  /// Draws so many factors; one draw of 64 bits decides two units.
  static func draw(_ count: Int, share: Double, _ stream: inout RandomStream) -> [Double] {
    let kept = 1 / (1 - share)
    let limit = UInt64(share * 0x1p32)
    var mask = [Double](repeating: kept, count: count)
    var place = 0
    while place + 1 < count {
      let bits = stream.next()
      if bits >> 32 < limit { mask[place] = 0 }
      if bits & 0xFFFF_FFFF < limit { mask[place + 1] = 0 }
      place += 2
    }
    if place < count, stream.next() >> 32 < limit { mask[place] = 0 }
    return mask
  }
}
