package import FairpostNumerics

extension EvaluationContext {
  /// The figure in seeded simulations in which every group has the overall value; NaN where a draw has
  /// none.
  package func fairDraws(
    _ aggregation: Aggregation, _ estimates: [Estimate], _ whole: Estimate, calibration: [Int],
    id: String
  ) -> [Double]? {
    guard options.noiseDraws > 0 else { return nil }
    var stream = stream(id)
    let common: Double
    if case .proportion(let p, _, _) = whole.spread { common = p } else { common = whole.value }
    if estimates.count > ManyGroups.above, aggregation.isOfExtremes {
      return FairExtremes(estimates, around: common, calibration: calibration)?
        .draws(aggregation, count: options.noiseDraws, &stream)
    }
    let wanted = ManyGroups.draws(options.noiseDraws, groups: estimates.count)
    var draws: [Double] = []
    draws.reserveCapacity(wanted)
    var weights: [Double] = []
    for estimate in estimates { weights.append(max(estimate.size, 1)) }
    let total = weights.reduce(0, +)
    var values = [Double](repeating: 0, count: estimates.count)
    for _ in 0..<wanted {
      for (index, estimate) in estimates.enumerated() {
        // The fitted map's own error adds to the variance of the group: 1/n + 1/m.
        var inflation = 1.0
        if index < calibration.count, calibration[index] > 0 {
          inflation += weights[index] / Double(calibration[index])
        }
        guard let value = estimate.fairDraw(around: common, inflation: inflation, &stream) else {
          return nil
        }
        values[index] = value
      }
      var mean = 0.0
      for i in values.indices { mean += weights[i] * values[i] / total }
      draws.append(aggregation.value(values, overall: mean) ?? .nan)
    }
    return draws
  }
}

extension NoiseFloor {
  /// The mean of draws and their 95 % quantile, for ratios the 5 % quantile; nil without draws.
  package init?(_ draws: [Double], isRatio: Bool) {
    let sorted = draws.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return nil }
    let level = isRatio ? 0.05 : 0.95
    self.init(
      mean: sorted.reduce(0, +) / Double(sorted.count),
      band: sorted[min(sorted.count - 1, Int(level * Double(sorted.count)))])
  }
}

extension Outcome {
  /// Takes the chance level of some draws, and whether the value is within it.
  package mutating func takeChance(_ draws: [Double], isRatio: Bool) {
    guard let floor = NoiseFloor(draws, isRatio: isRatio), let value else { return }
    fairDraws = draws
    noise = floor
    insideNoise = isRatio ? value >= floor.band : value <= floor.band
  }
}

extension Estimate {
  /// The effective size the value rests on.
  package var size: Double {
    if case .proportion(_, let total, _) = spread { return total }
    return Double(count)
  }

  /// A value this group would show if the truth were `common`.
  package func fairDraw(around common: Double, inflation: Double, _ stream: inout RandomStream)
    -> Double?
  {
    switch spread {
    case .proportion(_, let total, let transform):
      let size = total / inflation
      let variance = common * (1 - common) / max(size, 1)
      var p: Double
      if size * common * (1 - common) > 200 {
        p = min(1, max(0, common + variance.squareRoot() * stream.normal()))
      } else {
        let whole = max(1, Int(size.rounded()))
        p = Double(Draws.binomial(whole, common, &stream)) / Double(whole)
      }
      if let transform { p = transform(p) }
      return p
    case .normal(let error, _):
      return common + error * inflation.squareRoot() * stream.normal()
    case .area(let variance, _):
      return min(1, max(0, common + (variance * inflation).squareRoot() * stream.normal()))
    case .twoProportions(let p, let n, let q, let m):
      let variance = (p * (1 - p) / n + q * (1 - q) / m) / 4
      return common + (variance * inflation).squareRoot() * stream.normal()
    case .multiplicative(let base, let error, _):
      return base
        + (common - base) * Elementary.exp(error * inflation.squareRoot() * stream.normal())
    case .unseen: return common
    case .absolute, .unknown: return nil
    }
  }
}
