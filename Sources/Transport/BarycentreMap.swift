/// The map of one score to the Wasserstein barycentre of its groups (one attribute, one stratum).
///
/// g_fair(x, s) = sum over s' of pi_s' Q_s'(F_s(x)) (Chzhen et al. 2020; Hu et al. 2023, eq. 3 and
/// Algorithm 1). It departs from the papers where `Estimator` and `TieRule` say so.
package struct BarycentreMap: Sendable, Equatable {
  /// The samples of the groups, in order of group.
  package let samples: [GroupSample]
  /// The weights pi of the groups; they sum to 1.
  package let shares: [Double]
  /// How CDF and quantiles were estimated.
  package let estimator: Estimator
  /// What happens to ties.
  package let ties: TieRule
  /// The map of each group.
  package let tables: [MapTable]
  /// The map of the pooled sample onto the same barycentre, for rows whose group is not known.
  package let pooled: MapTable?
  /// The pooled sample, where it is needed for random ties.
  package let pooledSample: GroupSample?
  /// The average quantile function, where random ties need it.
  package let average: QuantileAverage?

  /// Estimates a map.
  ///
  /// - Parameters:
  ///   - samples: the groups' samples.
  ///   - shares: the groups' weights; they are divided by their sum.
  ///   - withPooled: whether to estimate the map of the pooled sample too.
  ///   - isPrecise: whether levels are carried to twice the digits, as steps that follow need.
  ///   - threads: threads to use; they never change a result.
  package init(
    samples: [GroupSample], shares: [Double], estimator: Estimator = .meanOfAtom,
    ties: TieRule = .mean, withPooled: Bool = false, isPrecise: Bool = false, threads: Int = 1
  ) throws(TransportError) {
    precondition(samples.count == shares.count && !samples.isEmpty)
    for (index, sample) in samples.enumerated()
    where sample.ranks.isEmpty || sample.quantiles.isEmpty {
      throw TransportError.emptyGroup(index)
    }
    let sum = shares.reduce(0, +)
    let shares = shares.map { $0 / sum }
    self.samples = samples
    self.shares = shares
    self.estimator = estimator
    self.ties = ties
    let pooledSample = withPooled ? GroupSample.merging(samples) : nil
    self.pooledSample = pooledSample
    let mapped = samples + (pooledSample.map { [$0] } ?? [])
    var tables = try Self.tables(
      mapped, shares: shares + (withPooled ? [0] : []), estimator: estimator, ties: ties,
      isPrecise: isPrecise, threads: threads)
    pooled = withPooled ? tables.removeLast() : nil
    self.tables = tables
    average =
      ties == .random
      ? QuantileAverage(of: samples.map(\.quantiles), shares: shares, threads: threads) : nil
  }

  /// A map from its parts, as read from a file.
  package init(
    samples: [GroupSample], shares: [Double], estimator: Estimator, ties: TieRule,
    tables: [MapTable], pooled: MapTable?, pooledSample: GroupSample?, average: QuantileAverage?
  ) {
    self.samples = samples
    self.shares = shares
    self.estimator = estimator
    self.ties = ties
    self.tables = tables
    self.pooled = pooled
    self.pooledSample = pooledSample
    self.average = average
  }

  /// The fair score of a value of a group; constant outside the group's range.
  package func callAsFunction(_ x: Double, group: Int) -> Double { tables[group](x) }

  /// The fair score with ties spread at random by `draw`, a uniform number in 0..<1.
  ///
  /// - Precondition: the map was made with random ties.
  package func spread(_ x: Double, ranks: Distribution, draw: Double) -> Double {
    guard let average else { return .nan }
    let low = ranks.cdfBelow(x)
    return average(low + draw * (ranks.cdf(x) - low))
  }
}

// MARK: Estimators

extension BarycentreMap {
  private static func tables(
    _ samples: [GroupSample], shares: [Double], estimator: Estimator, ties: TieRule,
    isPrecise: Bool, threads: Int
  ) throws(TransportError) -> [MapTable] {
    switch estimator {
    case .meanOfAtom:
      if ties == .mean {
        let ranks = samples.map(\.ranks)
        let images =
          isPrecise
          ? QuantileSweep.preciseIntervalMeans(ranks, shares: shares)
          : QuantileSweep.intervalMeans(ranks, shares: shares, threads: threads)
        return zip(samples, images).map { sample, images in
          MapTable(knots: sample.ranks.values, images: images, interpolation: .linear)
        }
      }
      let average = QuantileSweep.table(
        samples.map(\.quantiles), shares: shares, threads: threads)
      return samples.map { sample in
        let ranks = sample.ranks
        let images = ranks.values.indices.map { average(ranks.middle($0)) }
        return MapTable(knots: ranks.values, images: images, interpolation: .linear)
      }
    case .split:
      let average = QuantileSweep.table(
        samples.map(\.quantiles), shares: shares, threads: threads)
      return samples.map { sample in
        let ranks = sample.ranks
        let total = ranks.total
        let images = ranks.values.indices.map { average(ranks.sum(through: $0) / total) }
        return MapTable(
          knots: ranks.values, images: images, interpolation: .step, below: average(0))
      }
    case .equipy: return try type7Tables(samples, shares: shares, threads: threads)
    case .hazen: return hazenTables(samples, shares: shares)
    }
  }

  /// Hazen's pair: every table has a knot wherever some group's quantile function bends.
  private static func hazenTables(_ samples: [GroupSample], shares: [Double]) -> [MapTable] {
    var levels: [Double] = []
    for sample in samples {
      levels += sample.ranks.values.indices.map { sample.ranks.middle($0) }
    }
    levels = Distribution(levels).values
    var averages = [Double](repeating: 0, count: levels.count)
    for (sample, share) in zip(samples, shares) where share != 0 {
      for (i, level) in levels.enumerated() {
        averages[i] += share * sample.quantiles.quantileHazen(level)
      }
    }
    return samples.map { sample in
      let ranks = sample.ranks
      let (first, last) = (ranks.middle(0), ranks.middle(ranks.values.count - 1))
      var knots: [Double] = []
      var images: [Double] = []
      for (i, level) in levels.enumerated() where level >= first && level <= last {
        let knot = ranks.quantileHazen(level)
        if let previous = knots.last, knot <= previous { continue }
        knots.append(knot)
        images.append(max(averages[i], images.last ?? -.infinity))
      }
      return MapTable(knots: knots, images: images, interpolation: .linear)
    }
  }
}
