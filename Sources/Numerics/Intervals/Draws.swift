/// Random counts for bootstraps and simulations, exact in distribution where counts are not huge.
package enum Draws {
  /// A binomial count, by inversion outward from the mode (about the standard deviation in steps).
  ///
  /// With a standard deviation above 1024 it is a rounded normal draw, whose distribution function is off
  /// by less than 1e-4.
  package static func binomial(_ total: Int, _ p: Double, _ stream: inout RandomStream) -> Int {
    if total <= 0 || p <= 0 { return 0 }
    if p >= 1 { return total }
    if p > 0.5 { return total - binomial(total, 1 - p, &stream) }
    let n = Double(total)
    let deviation = (n * p * (1 - p)).squareRoot()
    if deviation > 1024 {
      return Int(min(n, max(0, (n * p + deviation * stream.normal()).rounded())))
    }
    let mode = Int(((n + 1) * p).rounded(.down))
    let m = Double(mode)
    let logMass: Double
    if mode == 0 {
      logMass = n * Elementary.log1p(-p)
    } else if total > 1 << 36 {
      // n! / (n - m)! by its series: the logarithms of such factorials are too coarse to subtract.
      let falling = m * Elementary.log(n) - m * (m - 1) / (2 * n) - m * m * m / (6 * n * n)
      logMass =
        falling - Elementary.logGamma(m + 1) + m * Elementary.log(p) + (n - m)
        * Elementary.log1p(-p)
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

  /// A Poisson count, by inversion outward from the mode; beyond a million the normal law it is then
  /// close to.
  package static func poisson(mean: Double, _ stream: inout RandomStream) -> Int {
    if mean <= 0 { return 0 }
    if mean > 1e6 {
      return Int(max(0, (mean + mean.squareRoot() * stream.normal()).rounded()))
    }
    let mode = Int(mean)
    let peak = Elementary.exp(
      Double(mode) * Elementary.log(mean) - mean - Elementary.logGamma(Double(mode) + 1))
    var left = stream.uniform() - peak
    if left < 0 { return mode }
    var (down, up) = (mode, mode)
    var (downMass, upMass) = (peak, peak)
    while upMass > 1e-300 || down > 0 {
      up += 1
      upMass *= mean / Double(up)
      left -= upMass
      if left < 0 { return up }
      if down > 0 {
        downMass *= Double(down) / mean
        down -= 1
        left -= downMass
        if left < 0 { return down }
      }
    }
    return mode
  }

  /// How many of `drawn` records taken from `total` without putting back are among the `good` ones; by
  /// inversion outward from the mode.
  ///
  /// With a standard deviation above 256 it is a rounded normal draw, whose distribution function is off
  /// by less than 3e-4; inversion would take as many steps as the deviation is wide.
  package static func hypergeometric(
    drawn: Int, good: Int, total: Int, _ stream: inout RandomStream
  ) -> Int {
    let least = max(0, drawn - (total - good))
    let most = min(drawn, good)
    if least >= most { return most }
    let (n, k, all) = (Double(drawn), Double(good), Double(total))
    let mean = n * (k / all)
    let deviation = (mean * (1 - k / all) * ((all - n) / (all - 1))).squareRoot()
    if deviation > 256 {
      let draw = (mean + deviation * stream.normal()).rounded()
      return Int(min(Double(most), max(Double(least), draw)))
    }
    // The logarithms of such factorials are too coarse to subtract; of so many, taking without putting
    // back is as good as with.
    if total > 1 << 36 {
      let draw =
        drawn < good ? binomial(drawn, k / all, &stream) : binomial(good, n / all, &stream)
      return min(most, max(least, draw))
    }
    let mode = min(most, max(least, Int(((n + 1) * (k + 1) / (all + 2)).rounded(.down))))
    func logChoose(_ n: Int, _ k: Int) -> Double {
      Elementary.logGamma(Double(n) + 1) - Elementary.logGamma(Double(k) + 1)
        - Elementary.logGamma(Double(n - k) + 1)
    }
    let peak = Elementary.exp(
      logChoose(good, mode) + logChoose(total - good, drawn - mode) - logChoose(total, drawn))
    var left = stream.uniform() - peak
    if left < 0 { return mode }
    var (down, up) = (mode, mode)
    var (downMass, upMass) = (peak, peak)
    while down > least || up < most {
      if up < most {
        upMass *=
          Double(good - up) * Double(drawn - up)
          / (Double(up + 1) * Double(total - good - drawn + up + 1))
        up += 1
        left -= upMass
        if left < 0 { return up }
      }
      if down > least {
        downMass *=
          Double(down) * Double(total - good - drawn + down)
          / (Double(good - down + 1) * Double(drawn - down + 1))
        down -= 1
        left -= downMass
        if left < 0 { return down }
      }
      if upMass < 1e-300, downMass < 1e-300 { break }
    }
    return mode
  }

  /// A multinomial draw of `total` over cells with the given counts as probabilities.
  package static func multinomial(_ total: Int, _ counts: [Int], _ stream: inout RandomStream)
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
