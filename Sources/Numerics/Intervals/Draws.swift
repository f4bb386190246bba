/// Random counts for bootstraps and simulations, exact in distribution.
public enum Draws {
  /// A binomial count, by inversion outward from the mode (about the standard deviation in steps).
  public static func binomial(_ total: Int, _ p: Double, _ stream: inout RandomStream) -> Int {
    if total <= 0 || p <= 0 { return 0 }
    if p >= 1 { return total }
    if p > 0.5 { return total - binomial(total, 1 - p, &stream) }
    let n = Double(total)
    let mode = Int(((n + 1) * p).rounded(.down))
    let m = Double(mode)
    let logMass: Double
    if mode == 0 {
      logMass = n * Elementary.log1p(-p)
    } else {
      logMass =
        Elementary.logGamma(n + 1) - Elementary.logGamma(m + 1) - Elementary.logGamma(n - m + 1)
        + m * Elementary.log(p) + (n - m) * Elementary.log1p(-p)
    }
    let peak = Elementary.exp(logMass)
    var left = stream.uniform() - peak
    if left < 0 { return mode }
    let odds = p / (1 - p)
    var down = mode
    var up = mode
    var downMass = peak
    var upMass = peak
    // Both sides in turn, so that the likely counts are met first.
    while down > 0 || up < total {
      if up < total {
        upMass *= odds * Double(total - up) / Double(up + 1)
        up += 1
        left -= upMass
        if left < 0 { return up }
      }
      if down > 0 {
        downMass *= Double(down) / (odds * Double(total - down + 1))
        down -= 1
        left -= downMass
        if left < 0 { return down }
      }
      if upMass < 1e-300, downMass < 1e-300 { break }
    }
    return mode
  }

  /// A multinomial draw of `total` over cells with the given counts as probabilities.
  public static func multinomial(_ total: Int, _ counts: [Int], _ stream: inout RandomStream)
    -> [Int]
  {
    var rest = counts.reduce(0, +)
    var left = total
    var result = [Int](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where left > 0 && rest > 0 {
      let drawn = binomial(left, Double(count) / Double(rest), &stream)
      result[index] = drawn
      left -= drawn
      rest -= count
    }
    return result
  }
}
