internal import FairpostNumerics

/// Figures of ranking across groups.
enum RankMetrics {
  static let needs: Needs = [.labels, .scores, .ranks, .binary, .sameLabel]

  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "xauc_gap", name: "xAUC gap",
      formula: "max over pairs of groups of |P(S_a+ > S_b-) - P(S_b+ > S_a-)|; ties count half",
      direction: .lower, needs: needs, notEstimable: "a label does not occur in a group"
    ) { context in
      context.crossedGap()
    },
    Metric(
      id: "pairwise_rank", name: "pairwise rank", formula: "P(S_g+ > S_any-) + P(S_g+ = S_any-)/2",
      direction: .higher, needs: needs,
      notEstimable: "a group has no positives, or nobody is negative", scope: .eachGroup
    ) { context in
      let negatives = context.overall.ranked?.negatives
      return context.groups.indices.map { group in
        var outcome = context.rank(group, negatives)
        outcome.group = group
        return outcome
      }
    },
    Metric(
      id: "pairwise_rank_gap", name: "pairwise rank fairness",
      formula: "max over groups - min over groups of P(S_g+ > S_any-), ties half",
      direction: .lower,
      needs: needs, notEstimable: "a group has no positives, or nobody is negative"
    ) { context in
      let negatives = context.overall.ranked?.negatives
      let known = context.present.compactMap { context.rankEstimate($0, negatives) }
      guard known.count == context.present.count, !known.isEmpty else {
        return [.unavailable("a group has no positives, or nobody is negative")]
      }
      let values = known.map(\.value)
      var outcome = context.plain((values.max() ?? 0) - (values.min() ?? 0))
      outcome.countLabelled(context.present.compactMap { context.groups[$0].ranked })
      // The groups share the negatives, which brings their values closer: taken for independent, the
      // bounds are only wider.
      if context.options.intervals,
        let groups = Simultaneous(
          known, tail: context.options.tail, factor: context.pairFactor),
        let bounds = groups.bounds(.difference)
      {
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = "simultaneous-newcombe"
      }
      return [outcome]
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
  fileprivate func rankEstimate(_ group: Int, _ negatives: SortedSample?) -> Estimate? {
    guard let positives = groups[group].ranked?.positives, let negatives,
      let area = RankArea.delong(positives: positives, negatives: negatives)
    else { return nil }
    return Estimate(
      value: area.value, count: positives.tally.rows + negatives.tally.rows,
      spread: .area(
        variance: area.variance,
        size: min(positives.tally.effective, negatives.tally.effective)))
  }

  /// The same as a figure.
  fileprivate func rank(_ group: Int, _ negatives: SortedSample?) -> Outcome {
    guard let estimate = rankEstimate(group, negatives) else {
      return .unavailable("a group has no positives, or nobody is negative")
    }
    var outcome = Outcome()
    outcome.value = estimate.value
    outcome.count = estimate.count
    outcome.flags = flags([group])
    if options.intervals, let bounds = estimate.interval(tail: options.tail) {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = estimate.method
    }
    return outcome
  }

  /// The largest gap over pairs of groups of the two areas of one's positives to the other's
  /// negatives; the two rest on different rows, so that each pair's interval is a difference's.
  fileprivate func crossedGap() -> [Outcome] {
    let ranked = present.compactMap { groups[$0].ranked }
    let positives = ranked.map(\.positives)
    let negatives = ranked.map(\.negatives)
    let pairs = max(1, ranked.count * (ranked.count - 1) / 2)
    let tight = options.tail / Double(pairs)
    func area(_ i: Int, _ j: Int) -> Estimate? {
      guard let area = RankArea.delong(positives: positives[i], negatives: negatives[j]) else {
        return nil
      }
      return Estimate(
        value: area.value, count: 0,
        spread: .area(
          variance: area.variance,
          size: min(positives[i].tally.effective, negatives[j].tally.effective)))
    }
    var value = 0.0
    var bounds = Interval(0, 0)
    for i in ranked.indices {
      guard !positives[i].isEmpty, !negatives[i].isEmpty else {
        return [.unavailable("a label does not occur in a group")]
      }
      for j in 0..<i {
        guard let one = area(i, j), let two = area(j, i) else {
          return [.unavailable("a label does not occur in a group")]
        }
        value = max(value, abs(one.value - two.value))
        guard let narrow = one.difference(to: two, tail: options.tail),
          let broad = one.difference(to: two, tail: tight)
        else { continue }
        bounds.upper = max(bounds.upper, narrow.upper, -narrow.lower)
        bounds.lower = max(bounds.lower, broad.lower, -broad.upper)
      }
    }
    guard ranked.count > 1 else { return [.unavailable("there is only one group")] }
    var outcome = plain(value)
    outcome.countLabelled(ranked)
    if options.intervals {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-delong"
    }
    return [outcome]
  }
}

extension Outcome {
  /// Counts the rows with a score and a label, and the fewest of one group and label.
  mutating func countLabelled(_ groups: [RankedGroup]) {
    let rows = groups.flatMap { [$0.tally(label: 1).rows, $0.tally(label: 0).rows] }
    count = rows.reduce(0, +)
    least = rows.min()
  }
}

extension Estimate {
  /// The interval of the difference to an independent estimate.
  func difference(to other: Estimate, tail: Double) -> Interval? {
    guard let a = interval(tail: tail), let b = other.interval(tail: tail) else { return nil }
    return Recovered.difference(value, a, other.value, b)
  }
}
