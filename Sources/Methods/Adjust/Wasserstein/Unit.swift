internal import FairpostTransport

/// A unit in which squares of scores stay within the range of numbers.
///
/// It is a power of two, so that dividing and multiplying by it change no digit; scores of usual size
/// are measured as they are.
struct Unit: Equatable {
  let size: Double

  /// The unit for scores none of which is larger.
  init(largest: Double) {
    let isUsual = largest >= 1e-100 && largest <= 1e100
    size =
      isUsual || largest == 0 || !largest.isFinite
      ? 1 : Double(sign: .plus, exponent: max(largest.exponent, -500), significand: 1)
  }

  /// The unit for all values of some distributions.
  init(_ distributions: [Distribution]) {
    var largest = 0.0
    for distribution in distributions {
      largest = max(
        largest, abs(distribution.values.first ?? 0), abs(distribution.values.last ?? 0))
    }
    self.init(largest: largest)
  }

  func measure(_ values: [Double]) -> [Double] {
    size == 1 ? values : values.map { $0 / size }
  }

  /// A distribution of measured values; two that are too close to be told apart stay two.
  func measure(_ distribution: Distribution) -> Distribution {
    if size == 1 { return distribution }
    return Distribution(
      values: measure(distribution.values), masses: distribution.masses, gaps: distribution.gaps,
      remainders: distribution.remainders, rows: distribution.rows,
      squaredWeights: distribution.squaredWeights)
  }

  func measure(_ average: QuantileAverage) -> QuantileAverage {
    size == 1
      ? average : QuantileAverage(levels: average.levels, values: measure(average.values))
  }
}

extension Certificate.Distances {
  /// The distances of scores that are so many times as large.
  func times(_ factor: Double) -> Self {
    factor == 1
      ? self : Self(ks: ks, w1: w1 * factor, w2: w2 * factor, meanGap: meanGap * factor)
  }
}
