internal import FairpostNumerics

/// What can be said of new records: with this confidence all groups' rates keep to the tolerances there.
///
/// With probability 1 - delta every group's rate of every threshold is within eps = sqrt(ln(2 K R / delta) / (2 n))
/// of its rate in the population (Dvoretzky, Kiefer & Wolfowitz with Massart's constant), for K groups and R rates
/// at once. So rules whose rates differ by the tolerance less the two largest eps keep to the tolerance there,
/// however they were chosen: thresholds, lotteries, any goal.
struct RatePromise: Sendable, Equatable {
  let confidence: Double
  /// For each parity how far the population's rates may be apart.
  let tolerances: [Double]
  /// What the goal could come to on the records of the fit if nothing were promised.
  let valueWithout: Double

  /// For each parity how far each group's rate may be from the population's.
  static func margins(_ problem: DecisionProblem, confidence: Double) -> [[Double]] {
    let delta = (100 - confidence * 100) / 100
    let pairs = Double(problem.totals.count * problem.parity.count)
    let level = Elementary.log(2 * pairs / delta)
    return problem.parity.map { parity in
      problem.totals.map { (level / (2 * parity.rate.base($0))).squareRoot() }
    }
  }

  /// What two groups' rates may differ by more in the population than in the sample, by parity.
  static func losses(_ problem: DecisionProblem, confidence: Double) -> [Double] {
    margins(problem, confidence: confidence).map { margins in
      let largest = margins.sorted(by: >).prefix(2)
      return margins.count > 1 ? largest.reduce(0, +) : 0
    }
  }
}
