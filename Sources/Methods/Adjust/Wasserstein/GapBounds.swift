internal import FairpostTransport

/// What a compressed sample still says of a group's figures: each lies between two numbers.
///
/// The weight of a gap lies somewhere between its two knots; means and distances are known up to what
/// moving it there can change. Without gaps they are known up to rounding.
struct GapBounds {
  /// The sample with the weight of each gap at its upper knot.
  let sample: Distribution
  /// The least and the greatest mean.
  let mean: (low: Double, high: Double)
  /// How far the sample's KS, W1 and W2 to anything may be off.
  let slack: (ks: Double, w1: Double, w2: Double)

  /// - Parameter values: what the sample's values have become, ascending or standing still.
  init(_ sample: Distribution, values: [Double]) {
    let total = sample.total
    let scale = 1e-9 * (1 + max(abs(values.first ?? 0), abs(values.last ?? 0)))
    guard let gaps = sample.gaps else {
      let mapped = sample.mapped(to: values)
      self.sample = mapped
      mean = (mapped.mean - scale, mapped.mean + scale)
      slack = (1e-12, scale, scale)
      return
    }
    var knots: [Double] = []
    var masses: [Double] = []
    var (sum, first, second) = (0.0, 0.0, 0.0)
    for i in values.indices {
      let weight = sample.mass(at: i) + gaps[i]
      let width = i > 0 ? values[i] - values[i - 1] : 0
      sum += weight * values[i]
      first += gaps[i] * width
      second += gaps[i] * width * width
      if let last = knots.last, last == values[i] {
        masses[masses.count - 1] += weight
      } else {
        knots.append(values[i])
        masses.append(weight)
      }
    }
    self.sample = Distribution(
      values: knots, masses: masses, rows: sample.rows, squaredWeights: sample.squaredWeights)
    mean = ((sum - first) / total - scale, sum / total + scale)
    slack = (
      Compression.rankError(of: sample) + 1e-12, first / total + scale,
      (second / total).squareRoot() + scale
    )
  }

  /// Whether distances between groups can be what is said of them.
  static func allow(_ stated: Certificate.Distances, _ groups: [GapBounds]) -> Bool {
    let found = Certificate.Distances(of: groups.map(\.sample))
    func near(_ stated: Double, _ found: Double, _ slack: Double) -> Bool {
      stated.isNaN || found.isNaN
        ? stated.isNaN && found.isNaN : abs(stated - found) <= 2 * slack
    }
    let lows = groups.map(\.mean.low)
    let highs = groups.map(\.mean.high)
    let least = max(0, (lows.max() ?? 0) - (highs.min() ?? 0))
    let most = (highs.max() ?? 0) - (lows.min() ?? 0)
    return near(stated.ks, found.ks, groups.map(\.slack.ks).max() ?? 0)
      && near(stated.w1, found.w1, groups.map(\.slack.w1).max() ?? 0)
      && near(stated.w2, found.w2, groups.map(\.slack.w2).max() ?? 0)
      && least <= stated.meanGap && stated.meanGap <= max(least, most)
  }

  /// The least and the greatest sum of weight times squared change, from values to images.
  static func squaredChange(
    _ sample: Distribution, to images: [Double]
  ) -> (low: Double, high: Double) {
    var (low, high) = (0.0, 0.0)
    for i in images.indices {
      let move = images[i] - sample.values[i]
      let here = sample.mass(at: i) * (move * move)
      low += here
      high += here
      guard i > 0, let gap = sample.gaps?[i], gap > 0 else { continue }
      // Between two knots the score is between them, and so is what becomes of it.
      let least = images[i - 1] - sample.values[i]
      let most = images[i] - sample.values[i - 1]
      let (a, b) = (least * least, most * most)
      low += gap * (least <= 0 && most >= 0 ? 0 : min(a, b))
      high += gap * max(a, b)
    }
    return (low, high)
  }
}
