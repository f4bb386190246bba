internal import Numerics

/// Figures of ranking across groups.
enum RankMetrics {
  static let needs: Needs = [.labels, .scores, .ranks, .binary]

  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "xauc_gap", name: "xAUC gap",
      formula: "max over pairs of groups of |P(S_a+ > S_b-) - P(S_b+ > S_a-)|", direction: .lower,
      needs: needs, notEstimable: "a label does not occur in a group"
    ) { context in
      var largest: Double?
      var failed = false
      let ranked = context.present.compactMap { context.groups[$0].ranked }
      let positives = ranked.map(\.positives)
      let negatives = ranked.map(\.negatives)
      forPairs(ranked.count) { i, j in
        guard let one = RankArea.value(positives: positives[i], negatives: negatives[j]),
          let two = RankArea.value(positives: positives[j], negatives: negatives[i])
        else {
          failed = true
          return
        }
        largest = max(largest ?? 0, abs(one - two))
      }
      guard !failed, let largest else { return [.unavailable("a label does not occur in a group")] }
      return [context.plain(largest)]
    },
    Metric(
      id: "pairwise_rank", name: "pairwise rank", formula: "P(S_g+ > S_any-)", direction: .higher,
      needs: needs, notEstimable: "a group has no positives, or nobody is negative"
    ) { context in
      context.groups.indices.map { group in
        var outcome = context.rank(group)
        outcome.group = group
        return outcome
      }
    },
    Metric(
      id: "pairwise_rank_gap", name: "pairwise rank fairness",
      formula: "max over groups - min over groups of P(S_g+ > S_any-)", direction: .lower,
      needs: needs, notEstimable: "a group has no positives, or nobody is negative"
    ) { context in
      let values = context.present.map { context.rank($0).value }
      let known = values.compactMap(\.self)
      guard known.count == values.count, let low = known.min(), let high = known.max() else {
        return [.unavailable("a group has no positives, or nobody is negative")]
      }
      return [context.plain(high - low)]
    },
  ]
}

extension EvaluationContext {
  /// A figure over all groups without an interval of its own.
  func plain(_ value: Double) -> Outcome {
    var outcome = Outcome()
    outcome.value = value
    outcome.count = overall.sums.total.rows
    outcome.flags = flags(present)
    return outcome
  }

  /// P(S_g+ > S_any-) of one group.
  fileprivate func rank(_ group: Int) -> Outcome {
    guard let positives = groups[group].ranked?.positives,
      let negatives = overall.ranked?.negatives,
      let area = RankArea.delong(positives: positives, negatives: negatives)
    else { return .unavailable("a group has no positives, or nobody is negative") }
    let count = positives.tally.rows + negatives.tally.rows
    let estimate = Estimate(
      value: area.value, count: count,
      spread: .area(
        variance: area.variance,
        size: min(positives.tally.effective, negatives.tally.effective)))
    var outcome = Outcome()
    outcome.value = area.value
    outcome.count = count
    outcome.flags = flags([group])
    if let bounds = estimate.interval(tail: options.tail) {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = estimate.method
    }
    return outcome
  }
}
