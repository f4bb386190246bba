internal import Numerics

extension BarycentreMap {
  /// EquiPy's pair: the right-continuous step CDF, and type-7 quantiles by GSL.
  ///
  /// Unlike EquiPy, the weights are always those of the fit, summed over all its groups.
  static func type7Tables(
    _ samples: [GroupSample], shares: [Double], threads: Int
  ) throws(TransportError) -> [MapTable] {
    var sorted: [[Double]] = []
    for (sample, share) in zip(samples, shares) {
      guard let list = share == 0 ? [] : sample.quantiles.expanded() else {
        throw TransportError.fractionalWeights(.equipy)
      }
      sorted.append(list)
    }
    let lists = sorted
    return samples.map { sample in
      let ranks = sample.ranks
      let images = Parallel.fill(ranks.values.count, stretch: 4096, threads: threads) {
        range, sums in
        let total = ranks.total
        let levels = range.map { ranks.sum(through: $0) / total }
        for (list, share) in zip(lists, shares) where share != 0 {
          SampleQuantile.addType7(list, at: levels.span, weight: share, to: &sums)
        }
      }
      var below = 0.0
      for (list, share) in zip(lists, shares) where share != 0 {
        below += share * SampleQuantile.type7(list.span, at: 0)
      }
      return MapTable(knots: ranks.values, images: images, interpolation: .step, below: below)
    }
  }
}
