internal import FairpostNumerics

extension DistanceBands {
  /// The band of EquiPy's unfairness, the largest gap of a group's quantiles to everybody's.
  ///
  /// The largest gap is at one group and level, so the largest of the places' own upper bounds covers
  /// it; the lower bound lets every distribution function be off by Kolmogorov's band. Quantiles are
  /// taken at the bounds of their levels, and beyond the sample at the ends of all scores.
  static func quantileUnfairness(_ samples: [SortedSample], tail: Double) -> Interval {
    let levels = ScoreDistance.equipyLevels
    guard samples.count > 1 else { return Interval(0, 0) }
    let ends = Interval(
      samples.map { $0.values[0] }.min() ?? 0,
      samples.map { $0.values[$0.values.count - 1] }.max() ?? 0)
    let size = samples.reduce(0) { $0 + $1.tally.effective }
    let z = Normal.quantile(1 - tail / 2)
    let critical = Tails.kolmogorovQuantile(tail: tail / Double(samples.count + 1))

    /// Bounds of quantiles, and the quantiles themselves, from levels moved by `shift`.
    func quantiles(_ size: Double, _ take: ([Double]) -> [Double], _ shift: (Double) -> Interval)
      -> [(value: Double, bounds: Interval)]
    {
      let shifted = levels.map(shift)
      func within(_ level: Double) -> Double { min(max(level, 0), 1) }
      let values = take(levels)
      let low = take(shifted.map { within($0.lower) })
      let high = take(shifted.map { within($0.upper) })
      return levels.indices.map { place in
        let isLow = shifted[place].lower * size < 1
        let isHigh = (1 - shifted[place].upper) * size < 1
        return (
          values[place],
          Interval(
            isLow ? ends.lower : min(low[place], values[place]),
            isHigh ? ends.upper : max(high[place], values[place]))
        )
      }
    }
    func pointwise(_ size: Double) -> (Double) -> Interval {
      { Proportion.wilson($0 * size, of: size, quantile: z) }
    }
    func band(_ size: Double) -> (Double) -> Interval {
      let width = critical / size.squareRoot()
      return { Interval($0 - width, $0 + width) }
    }
    let pooled = { ScoreDistance.pooledQuantiles(samples, $0) }
    let all = quantiles(size, pooled, pointwise(size))
    let allBand = quantiles(size, pooled, band(size))
    var result = Interval(0, 0)
    for sample in samples {
      let own = sample.tally.effective
      let group = quantiles(own, sample.quantiles, pointwise(own))
      let groupBand = quantiles(own, sample.quantiles, band(own))
      for place in levels.indices {
        let gap = Recovered.difference(
          group[place].value, group[place].bounds, all[place].value, all[place].bounds)
        result.upper = max(result.upper, gap.upper, -gap.lower)
        result.lower = max(
          result.lower, groupBand[place].bounds.lower - allBand[place].bounds.upper,
          allBand[place].bounds.lower - groupBand[place].bounds.upper)
      }
    }
    return result
  }
}
