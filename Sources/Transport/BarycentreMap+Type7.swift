internal import Numerics

extension BarycentreMap {
  /// EquiPy's pair: the right-continuous step CDF, and type-7 quantiles by GSL.
  ///
  /// Unlike EquiPy, the weights are always those of the fit, summed over all its groups.
  static func type7Tables(
    _ samples: [GroupSample], shares: [Double]
  ) throws(TransportError) -> [MapTable] {
    var sorted: [[Double]] = []
    for (sample, share) in zip(samples, shares) {
      guard let list = share == 0 ? [] : sample.quantiles.expanded() else {
        throw TransportError.fractionalWeights(.equipy)
      }
      sorted.append(list)
    }
    return samples.map { sample in
      let ranks = sample.ranks
      let total = ranks.total
      var levels: [Double] = []
      levels.reserveCapacity(ranks.values.count + 1)
      levels.append(0)
      for i in ranks.values.indices { levels.append(ranks.sum(through: i) / total) }
      var images = [Double](repeating: 0, count: levels.count)
      for (list, share) in zip(sorted, shares) where share != 0 {
        SampleQuantile.addType7(list, at: levels, weight: share, to: &images)
      }
      let below = images.removeFirst()
      return MapTable(
        knots: ranks.values, images: images, interpolation: .step, below: below)
    }
  }
}
