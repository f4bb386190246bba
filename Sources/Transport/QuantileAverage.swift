/// The weighted average of the groups' quantile functions, as steps.
package struct QuantileAverage: Sendable, Equatable {
  /// The levels at which steps end, ascending to 1.
  package let levels: [Double]
  /// The value of each step.
  package let values: [Double]
  private let index: BucketIndex

  /// An average that is known already, as read from a file.
  ///
  /// - Precondition: the levels ascend, and there is a value for each.
  package init(levels: [Double], values: [Double]) {
    self.levels = levels
    self.values = values
    index = BucketIndex(levels)
  }

  /// The average of quantile functions with the given shares.
  ///
  /// - Precondition: no distribution is empty.
  package init(of groups: [Distribution], shares: [Double], threads: Int = 1) {
    self = QuantileSweep.table(groups, shares: shares, threads: threads)
  }

  /// The value at a level: the step with the least end at or above it.
  package func callAsFunction(_ level: Double) -> Double {
    let at = index.countBelow(level, in: levels)
    return values[min(at, values.count - 1)]
  }
}

extension QuantileAverage {
  /// The distribution whose quantile function this is: the barycentre itself.
  package var distribution: Distribution {
    var from = 0.0
    var masses: [Double] = []
    var merged: [Double] = []
    for (level, value) in zip(levels, values) {
      if merged.last == value {
        masses[masses.count - 1] += level - from
      } else {
        merged.append(value)
        masses.append(level - from)
      }
      from = level
    }
    return Distribution(values: merged, masses: masses, rows: 0, squaredWeights: [])
  }
}

extension Distribution {
  /// The same values with all weights multiplied, so that they sum to `total` up to rounding.
  package func scaled(to total: Double) -> Distribution {
    let factor = total / self.total
    return Distribution(
      values: values, masses: values.indices.map { mass(at: $0) * factor },
      gaps: gaps.map { $0.map { $0 * factor } }, rows: rows,
      squaredWeights: squaredWeights.map { $0 * factor * factor })
  }
}
