internal import Numerics

extension EvaluationContext {
  /// A seeded simulation of the figure when every group has the overall value.
  func noiseFloor(
    _ aggregation: Aggregation, _ estimates: [Estimate], _ whole: Estimate, calibration: [Int],
    id: String
  ) -> NoiseFloor? {
    guard options.noiseDraws > 0 else { return nil }
    var stream = stream(id)
    var draws: [Double] = []
    draws.reserveCapacity(options.noiseDraws)
    var weights: [Double] = []
    for estimate in estimates { weights.append(max(estimate.size, 1)) }
    let total = weights.reduce(0, +)
    var values = [Double](repeating: 0, count: estimates.count)
    let common: Double
    if case .proportion(let p, _, _) = whole.spread { common = p } else { common = whole.value }
    for _ in 0..<options.noiseDraws {
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
      if let value = aggregation.value(values, overall: mean) { draws.append(value) }
    }
    guard !draws.isEmpty else { return nil }
    draws.sort()
    let low = aggregation == .ratio || aggregation == .ratioToOverall
    let level = low ? 0.05 : 0.95
    return NoiseFloor(
      mean: draws.reduce(0, +) / Double(draws.count),
      band: draws[min(draws.count - 1, Int(level * Double(draws.count)))])
  }
}

extension Estimate {
  /// The effective size the value rests on.
  var size: Double {
    if case .proportion(_, let total, _) = spread { return total }
    return Double(count)
  }

  /// A value this group would show if the truth were `common`.
  func fairDraw(around common: Double, inflation: Double, _ stream: inout RandomStream) -> Double? {
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
