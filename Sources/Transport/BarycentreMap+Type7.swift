internal import FairpostNumerics

extension BarycentreMap {
  /// EquiPy's pair: the right-continuous step CDF, and type-7 quantiles by GSL.
  ///
  /// Unlike EquiPy, the weights are always those of the fit, summed over all its groups.
  static func type7Tables(
    _ samples: [GroupSample], shares: [Double], threads: Int
  ) throws(TransportError) -> [MapTable] {
    for (sample, share) in zip(samples, shares) where share != 0 {
      guard sample.quantiles.hasWholeWeights else {
        throw TransportError.fractionalWeights(.equipy)
      }
    }
    return samples.map { sample in
      let ranks = sample.ranks
      var images = Parallel.fill(ranks.values.count, stretch: 4096, threads: threads) {
        range, sums in
        let total = ranks.total
        let levels = range.map { ranks.sum(through: $0) / total }
        for (other, share) in zip(samples, shares) where share != 0 {
          other.quantiles.addType7(at: levels, weight: share, to: &sums)
        }
      }
      // Between two equal order statistics the formula's rounding may turn the order round.
      for i in images.indices.dropFirst() where images[i] < images[i - 1] {
        images[i] = images[i - 1]
      }
      var below = 0.0
      for (other, share) in zip(samples, shares) where share != 0 {
        below += share * (other.quantiles.values.first ?? 0)
      }
      return MapTable(
        knots: ranks.values, images: images, interpolation: .step,
        below: min(below, images.first ?? below))
    }
  }
}

extension Distribution {
  /// Adds `weight` times the type-7 quantile at every level to `sums`.
  ///
  /// Values that were seen often are not written out: a frequency of a billion is one number.
  ///
  /// - Precondition: weights are whole, and levels ascend.
  fileprivate func addType7(at levels: [Double], weight: Double, to sums: inout MutableSpan<Double>)
  {
    guard masses != nil else {
      return SampleQuantile.addType7(values, at: levels.span, weight: weight, to: &sums)
    }
    let last = total - 1
    // The first value whose records go beyond the place; the next record may be another value's.
    var at = levels.first.map { index(after: ($0 * last).rounded(.down)) } ?? 0
    for i in levels.indices {
      let place = levels[i] * last
      let low = place.rounded(.down)
      while at < values.count - 1, sum(through: at) <= low { at += 1 }
      let value: Double
      if low >= last {
        value = values[values.count - 1]
      } else {
        // GSL's operations in GSL's order.
        let delta = place - low
        let next = sum(through: at) <= low + 1 ? values[min(at + 1, values.count - 1)] : values[at]
        value = (1 - delta) * values[at] + delta * next
      }
      sums[i] += weight * value
    }
  }

  /// The first value with records beyond a place among them, counted from 0.
  private func index(after place: Double) -> Int {
    values.indices.dropLast().firstPlace { sum(through: $0) > place }
  }

  /// Whether every weight is a number of records.
  fileprivate var hasWholeWeights: Bool {
    guard isExact, remainders.isEmpty, total < 0x1p53 else { return false }
    return masses?.allSatisfy { $0 == $0.rounded() } ?? true
  }
}
