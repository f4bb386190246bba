/// What decisions are to be good at.
package enum DecisionObjective: String, CaseIterable, Sendable {
  /// The weight that is decided as its label says, as a share of all.
  case accuracy
  /// The mean of the true positive and the true negative rate of all records.
  case balanced
  /// F1 of the expected counts.
  case f1
  /// Minus the mean cost.
  case cost

  /// What it is called in a sentence.
  var words: String {
    switch self {
    case .accuracy: "accuracy"
    case .balanced: "balanced accuracy"
    case .f1: "F1"
    case .cost: "minus the mean cost"
    }
  }
}

/// A rate of one group's decisions.
package enum DecisionRate: String, CaseIterable, Sendable {
  /// The share that is decided 1.
  case selection = "selection_rate"
  /// The share of label 1 that is decided 1.
  case truePositive = "tpr"
  /// The share of label 0 that is decided 1.
  case falsePositive = "fpr"

  /// The weight the rate is a share of.
  func base(_ totals: LabelWeights) -> Double {
    switch self {
    case .selection: totals.all
    case .truePositive: totals.positives
    case .falsePositive: totals.negatives
    }
  }

  /// The weight of its base that is decided 1.
  func count(_ decided: LabelWeights) -> Double { base(decided) }

  /// The label without which it cannot be had; nil where any record will do.
  var label: Int? {
    switch self {
    case .selection: nil
    case .truePositive: 1
    case .falsePositive: 0
    }
  }
}

/// A rate that must be alike in all groups.
struct RateParity: Sendable, Equatable {
  /// How alike.
  enum Limit: Sendable, Equatable {
    /// The greatest and the least rate differ by no more.
    case difference(Double)
    /// The least rate is at least this share of the greatest.
    case ratio(Double)
  }

  let rate: DecisionRate
  let limit: Limit

  /// How far the rates are beyond the limit; at most 0 where they keep to it.
  func excess(_ rates: [Double]) -> Double {
    let (least, greatest) = (rates.min() ?? 0, rates.max() ?? 0)
    switch limit {
    case .difference(let most): return greatest - least - most
    case .ratio(let share): return greatest - least / share
    }
  }
}

/// A limit on a rate of one group or of all records together.
struct RateCap: Sendable, Equatable {
  let rate: DecisionRate
  /// Whether the rate may be at most, not at least, this.
  let isUpper: Bool
  let value: Double
  /// The group; nil for all records together.
  let group: Int?

  /// 1 for an upper limit, -1 for a lower one: both read "sign x rate <= sign x value".
  var sign: Double { isUpper ? 1 : -1 }
}

/// What is gained by deciding one unit of weight 1, besides a constant.
struct LinearGain: Sendable, Equatable {
  let constant: Double
  let perNegative: Double
  let perPositive: Double

  /// The gain of one group's decisions.
  func of(_ decided: LabelWeights) -> Double {
    perPositive * decided.positives + perNegative * decided.negatives
  }
}

/// What is asked of the decisions for some groups: a goal, and the limits within which it is sought.
struct DecisionProblem: Sendable, Equatable {
  let objective: DecisionObjective
  /// What a decision costs, by label and decision: (0, 0), (0, 1), (1, 0), (1, 1).
  let costs: [Double]
  let parity: [RateParity]
  let caps: [RateCap]
  /// The weights of each group's labels.
  let totals: [LabelWeights]

  /// The weights of all groups together.
  var whole: LabelWeights {
    totals.reduce(LabelWeights(negatives: 0, positives: 0)) {
      LabelWeights(
        negatives: $0.negatives + $1.negatives, positives: $0.positives + $1.positives)
    }
  }

  /// The goal as a gain of each weight that is decided 1.
  ///
  /// - Parameter level: for F1, which is no such gain, the F1 that is compared with: the greatest value of
  ///   2TP - level (TP + FP + P) is 0 where the level is the greatest F1 there is.
  func gain(level: Double = 0) -> LinearGain {
    let whole = whole
    let all = whole.all
    switch objective {
    case .accuracy:
      return LinearGain(
        constant: whole.negatives / all, perNegative: -1 / all, perPositive: 1 / all)
    case .balanced:
      return LinearGain(
        constant: 0.5, perNegative: -0.5 / whole.negatives, perPositive: 0.5 / whole.positives)
    case .f1:
      return LinearGain(
        constant: -level * whole.positives / all, perNegative: -level / all,
        perPositive: (2 - level) / all)
    case .cost:
      return LinearGain(
        constant: -(costs[0] * whole.negatives + costs[2] * whole.positives) / all,
        perNegative: (costs[0] - costs[1]) / all, perPositive: (costs[2] - costs[3]) / all)
    }
  }

  /// The value of the goal for these decisions.
  func value(_ decided: [LabelWeights]) -> Double {
    if objective == .f1 {
      let (negatives, positives) = (
        decided.reduce(0) { $0 + $1.negatives }, decided.reduce(0) { $0 + $1.positives }
      )
      return 2 * positives / (positives + negatives + whole.positives)
    }
    let gain = gain()
    return decided.reduce(gain.constant) { $0 + gain.of($1) }
  }

  /// A rate of each group.
  func rates(_ rate: DecisionRate, _ decided: [LabelWeights]) -> [Double] {
    zip(decided, totals).map { rate.count($0) / rate.base($1) }
  }

  /// The rate that a cap speaks of.
  func rate(_ cap: RateCap, _ decided: [LabelWeights]) -> Double {
    if let group = cap.group {
      return cap.rate.count(decided[group]) / cap.rate.base(totals[group])
    }
    return decided.reduce(0) { $0 + cap.rate.count($1) } / cap.rate.base(whole)
  }

  /// How far decisions are beyond the limits; at most 0 where they keep to all.
  func excess(_ decided: [LabelWeights]) -> Double {
    let parities = parity.map { $0.excess(rates($0.rate, decided)) }
    let others = caps.map { $0.sign * (rate($0, decided) - $0.value) }
    return (parities + others).max() ?? 0
  }
}
