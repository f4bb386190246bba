internal import FairpostNumerics

/// How unequally a group's decisions serve its people, and which of its errors prevail.
///
/// The benefit of a row is D - Y + 1: 0 for a wrong refusal, 1 for a right decision, 2 for a wrong grant
/// (Speicher et al. 2018, as in AIF360).
enum Inequality {
  private static let needs: Needs = [.labels, .decisions, .binary]

  /// The metrics.
  static let all: [BaseMetric] = [
    ofBenefits(
      "generalized_entropy", "generalized entropy of benefits",
      "(mean b^2 / (mean b)^2 - 1) / 2, b = D - Y + 1"
    ) { benefit, mean in
      let square = benefit.mean { $0 * $0 }
      return (
        (square / (mean * mean) - 1) / 2,
        { ($0 * $0 - square) / (2 * mean * mean) - square * ($0 - mean) / (mean * mean * mean) }
      )
    },
    ofBenefits(
      "theil_index", "Theil index of benefits", "mean (b / mean b) log (b / mean b), b = D - Y + 1"
    ) { benefit, mean in
      func weighed(_ b: Double) -> Double { b > 0 ? b * Elementary.log(b) : 0 }
      let sum = benefit.mean(weighed)
      return (
        sum / mean - Elementary.log(mean),
        { (weighed($0) - sum) / mean - (sum / (mean * mean) + 1 / mean) * ($0 - mean) }
      )
    },
    BaseMetric(
      id: "treatment_equality", name: "wrong refusals for each wrong acceptance",
      formula: "FN / FP",
      direction: .none, needs: needs, notEstimable: "no false positive"
    ) { view in
      let total = view.sums.tally([.falseNegative, .falsePositive])
      let granted = view.sums.tally(.falsePositive)
      guard granted.weight > 0 else { return nil }
      let share = view.sums.tally(.falseNegative).weight / total.weight
      return Estimate(
        value: share / (1 - share), count: total.rows,
        spread: .proportion(share, total: total.effective, transform: { $0 / (1 - $0) }))
    },
  ]

  /// The shares of benefits 0, 1 and 2.
  private struct Benefits {
    let shares: [Double]
    func mean(_ value: (Double) -> Double) -> Double {
      shares.enumerated().reduce(0) { $0 + $1.element * value(Double($1.offset)) }
    }
  }

  /// A function of the shares of benefits, with what one row changes about it.
  private static func ofBenefits(
    _ id: String, _ name: String, _ formula: String,
    _ index: @escaping @Sendable (Benefits, Double) -> (Double, (Double) -> Double)
  ) -> BaseMetric {
    BaseMetric(
      id: id, name: name, formula: formula, direction: .lower, needs: needs,
      notEstimable: "no rows, or nobody benefits", growsWithNoise: true
    ) { view in
      let total = view.sums.tally(.judged)
      guard total.weight > 0 else { return nil }
      let masks: [CellMask] = [.falseNegative, [.trueNegative, .truePositive], .falsePositive]
      let benefits = Benefits(
        shares: masks.map { view.sums.tally($0).weight / total.weight })
      let mean = benefits.mean { $0 }
      guard mean > 0 else { return nil }
      let (value, change) = index(benefits, mean)
      let variance = benefits.mean { change($0) * change($0) }
      let degrees = total.effective - 1
      return Estimate(
        value: max(0, value), count: total.rows,
        spread: degrees > 0 && variance > 0
          ? .normal(error: (variance / degrees).squareRoot(), degrees: degrees) : .unknown)
    }
  }
}
