package import FairpostMethods
package import FairpostNumerics
internal import FairpostTransport

/// What decisions come to on some records: how often they are right, and how far the groups' rates are apart,
/// each with its interval.
package struct FrontierFigures: Sendable {
  /// An estimate with its interval; NaN where it cannot be estimated.
  package struct Estimate: Sendable {
    package let value: Double
    package let interval: Interval
  }

  /// The share that is decided as labelled.
  package let accuracy: Estimate
  /// The largest distance between two groups' selection, true and false positive rates.
  package let gaps: [Estimate]

  /// The names of the gaps.
  package static let gapNames = [
    "demographic_parity_difference", "equal_opportunity_difference",
    "predictive_equality_difference",
  ]

  /// The figures of an adjustment on labelled records.
  ///
  /// Decisions by lot count with their chance. A gap's interval holds where all groups' intervals do, each at its
  /// part of the error: from the least to the greatest gap that rates within them can have.
  package init(
    _ adjustment: any Adjustment, _ data: CalibrationData, threshold: Double, level: Double
  ) {
    let values = data.scores[0].values
    let codes = Self.codes(adjustment, data)
    let chances =
      adjustment.chances(score: 0, values: values, codes: codes)
      ?? Self.decisions(adjustment, values, codes, data.keys, threshold: threshold)
    let labels = data.labels.first ?? []
    let tail = (100 - level * 100) / 100
    let groups = adjustment.groupKeys[0].count
    var right = Sums()
    var rates = [[Sums]](repeating: [Sums](repeating: Sums(), count: groups), count: 3)
    for row in values.indices where !chances[row].isNaN && row < labels.count && !labels[row].isNaN
    {
      let weight = data.weights?[row] ?? 1
      if weight == 0 { continue }
      let chance = chances[row]
      let isPositive = labels[row] == 1
      right.add(
        isPositive ? chance : 1 - chance, weight, isFrequency: data.frequency)
      guard codes[row] >= 0 else { continue }
      for place in [0, isPositive ? 1 : 2] {
        rates[place][Int(codes[row])].add(chance, weight, isFrequency: data.frequency)
      }
    }
    accuracy = right.estimate(tail: tail)
    gaps = rates.map { sums in
      let known = sums.map { $0.estimate(tail: tail / Double(max(groups, 1))) }
      guard !known.isEmpty, known.allSatisfy({ !$0.value.isNaN }) else {
        return Estimate(value: .nan, interval: Interval(.nan, .nan))
      }
      let (values, lower, upper) = (
        known.map(\.value), known.map(\.interval.lower), known.map(\.interval.upper)
      )
      return Estimate(
        value: (values.max() ?? 0) - (values.min() ?? 0),
        interval: Interval(
          max(0, (lower.max() ?? 0) - (upper.min() ?? 0)),
          (upper.max() ?? 0) - (lower.min() ?? 0)))
    }
  }

  /// Weighted chances that are summed up.
  private struct Sums {
    private var weight = 0.0
    private var squares = 0.0
    private var chosen = 0.0

    mutating func add(_ chance: Double, _ weight: Double, isFrequency: Bool) {
      self.weight += weight
      squares += isFrequency ? weight : weight * weight
      chosen += weight * chance
    }

    /// The mean, with the interval of a share of as many records as the weights are worth.
    func estimate(tail: Double) -> Estimate {
      guard weight > 0 else { return Estimate(value: .nan, interval: Interval(.nan, .nan)) }
      let share = chosen / weight
      let count = weight * weight / squares
      return Estimate(
        value: share, interval: Proportion.interval(share * count, of: count, tail: tail))
    }
  }

  /// The records' groups as the adjustment numbers them; -1 missing, -2 not in the fit.
  private static func codes(_ adjustment: any Adjustment, _ data: CalibrationData) -> [Int32] {
    let known = adjustment.groupKeys[0]
    let places = data.attributes[0].keys.map { key in
      Int32(known.firstIndex(of: key.parts) ?? -2)
    }
    return data.attributes[0].codes.map { $0 < 0 ? -1 : places[Int($0)] }
  }

  /// The decisions of an adjustment that draws no lots: its own, or its scores at or above a threshold.
  private static func decisions(
    _ adjustment: any Adjustment, _ values: [Double], _ codes: [Int32], _ keys: [UInt64]?,
    threshold: Double
  ) -> [Double] {
    let batch = adjustment.apply(score: 0, values: values, codes: [codes], keys: keys, steps: false)
    let isDecision =
      adjustment.outputColumns(of: adjustment.scoreColumns[0]).last?.hasSuffix(".decision") ?? false
    return batch.columns[batch.columns.count - 1].map {
      $0.isNaN ? .nan : isDecision ? $0 : $0 >= threshold ? 1 : 0
    }
  }
}
