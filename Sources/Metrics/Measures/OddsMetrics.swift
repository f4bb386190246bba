/// Figures that combine several rates, and ratios of losses.
enum OddsMetrics {
  static let needs: Needs = [.labels, .decisions, .binary, .sameLabel]

  /// What a test of equal rates at both labels asks.
  private static let odds = "true_positive_rate and false_positive_rate"

  /// The metrics.
  static let all: [Metric] = [
    worst(.difference, "equalized_odds.difference", "larger of the TPR and FPR gaps", .lower),
    worst(.ratio, "equalized_odds.ratio", "smaller of the TPR and FPR ratios (min / max)", .higher),
    directed("average_odds_difference", "average odds difference", absolute: false),
    directed("average_odds_error", "average odds error", absolute: true),
    loss("loss_ratio", .logLoss, [.labels, .scores, .binary]),
    loss("squared_loss_ratio", .squaredError, [.labels, .scores]),
  ]

  private static let rates: [BaseMetric] = [.truePositiveRate, .falsePositiveRate]

  private static func worst(
    _ aggregation: Aggregation, _ id: String, _ formula: String, _ direction: Direction
  ) -> Metric {
    Metric(
      id: id, name: "equalized odds, " + aggregation.rawValue, formula: formula,
      direction: direction, needs: needs, notEstimable: "a label does not occur in a group",
      quantity: odds, bases: rates
    ) { context in
      let pieces = rates.map {
        context.derive(
          $0, aggregation, id: $0.id + "." + aggregation.rawValue, parts: 2)
      }
      if let failed = pieces.first(where: { $0.value == nil }) { return [failed] }
      let values = pieces.compactMap(\.value)
      var outcome = Outcome()
      outcome.value = aggregation == .ratio ? values.min() : values.max()
      outcome.count = pieces.reduce(0) { $0 + $1.count }
      outcome.flags = context.flags(context.present)
      outcome.combine(pieces, ratio: aggregation == .ratio, mean: false)
      return [outcome]
    }
  }

  private static func directed(_ id: String, _ name: String, absolute: Bool) -> Metric {
    Metric(
      id: id, name: name,
      formula: absolute
        ? "(|FPR difference| + |TPR difference|) / 2, protected - others"
        : "(FPR difference + TPR difference) / 2, protected - others",
      direction: absolute ? .lower : .target(0), needs: needs.union(.protected),
      notEstimable: "a label does not occur on one side", origin: "AIF360", quantity: odds,
      isDirected: true, bases: rates
    ) { context in
      func differences(_ context: EvaluationContext) -> [Outcome] {
        rates.map {
          context.derive($0, .directedDifference, id: $0.id)
        }
      }
      let pieces = differences(context)
      if let failed = pieces.first(where: { $0.value == nil }) { return [failed] }
      let values = pieces.compactMap(\.value)
      var outcome = context.plain(
        absolute ? values.reduce(0) { $0 + abs($1) } / 2 : values.reduce(0, +) / 2)
      outcome.count = pieces.reduce(0) { $0 + $1.count }
      outcome.least = pieces.compactMap(\.least).min()
      // Two absolute values are both over 0 by chance: together they may reach 0 only where both do.
      // They rest on different rows, so that the levels multiply.
      var careful = context
      careful.options.tail = 1 - (1 - context.options.tail).squareRoot()
      outcome.takeMean(
        of: pieces, joint: absolute ? differences(careful) : pieces, absolute: absolute)
      return [outcome]
    }
  }

  private static func loss(_ id: String, _ base: BaseMetric, _ needs: Needs) -> Metric {
    Metric(
      id: id, name: "loss-ratio index", formula: "max over groups / min over groups of \(base.id)",
      direction: .target(1), needs: needs, notEstimable: "a group has no rows, or a loss of 0",
      quantity: base.quantity ?? base.id, bases: [base]
    ) { context in
      var inverse = context.derive(base, .ratio, id: id)
      guard let value = inverse.value, value > 0 else {
        return [.unavailable(inverse.reason ?? "a group's loss is 0")]
      }
      inverse.value = 1 / value
      let lower = inverse.upper.map { 1 / $0 }
      inverse.upper = inverse.lower.map { $0 > 0 ? 1 / $0 : .infinity }
      inverse.lower = lower
      inverse.noise = inverse.noise.map { NoiseFloor(mean: 1 / $0.mean, band: 1 / $0.band) }
      return [inverse]
    }
  }
}

extension Outcome {
  /// The interval of the mean of two independent differences, or of their absolute values, by
  /// squares and sums of the two's own bounds.
  ///
  /// - Parameter joint: the same pieces with bounds that hold for all of them at once.
  fileprivate mutating func takeMean(of pieces: [Outcome], joint: [Outcome], absolute: Bool) {
    guard let value else { return }
    var below = 0.0
    var above = 0.0
    var smallest = 0.0
    for (piece, wide) in zip(pieces, joint) {
      guard let center = piece.value, let lower = piece.lower, let upper = piece.upper,
        let farLower = wide.lower, let farUpper = wide.upper
      else { return }
      let gap = absolute ? abs(center) : center
      let high = absolute ? max(upper, -lower) : upper
      let low = absolute ? max(0, lower, -upper) : lower
      below += (gap - low) * (gap - low)
      above += (high - gap) * (high - gap)
      smallest += max(0, farLower, -farUpper)
    }
    let count = Double(pieces.count)
    lower = absolute ? smallest / count : value - below.squareRoot() / count
    upper = value + above.squareRoot() / count
    method = "newcombe"
  }
}
