internal import FairpostNumerics

/// Reliability by group.
enum CalibrationMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "reliability", name: "reliability",
      formula: "P(Y=1) in each of ten bins of the score, by group; the category is the bin",
      direction: .none, needs: [.labels, .scores, .binary],
      notEstimable: "scores outside [0, 1]; empty bins are left out", scope: .eachGroup
    ) { context in
      context.groups.indices.flatMap { group -> [Outcome] in
        let moments = context.groups[group].sums.moments
        guard moments.outside == 0 else {
          return [Outcome(group: group, reason: "scores outside [0, 1]")]
        }
        return context.reliability(moments.bins, group) {
          "0.\($0) to \($0 == 9 ? "1" : "0.\($0 + 1)")"
        }
      }
    },
    Metric(
      id: "reliability_equal_mass", name: "reliability, bins of equal mass",
      formula: "P(Y=1) in each tenth of the group's scores; the category is the bin",
      direction: .none, needs: [.labels, .scores, .ranks, .binary],
      notEstimable: "no rows; empty bins are left out", scope: .eachGroup
    ) { context in
      context.groups.indices.flatMap { group -> [Outcome] in
        let bins = context.groups[group].ranked.map { CalibrationError.equalMass($0) } ?? []
        return context.reliability(bins, group) { "tenth \($0 + 1)" }
      }
    },
  ]
}

extension EvaluationContext {
  /// The share of positives in each bin that has rows.
  fileprivate func reliability(
    _ bins: [CalibrationBin], _ group: Int, _ name: (Int) -> String
  ) -> [Outcome] {
    guard bins.contains(where: { $0.tally.weight > 0 }) else {
      return [Outcome(group: group, reason: "no rows")]
    }
    return bins.indices.compactMap { index in
      let bin = bins[index]
      guard bin.tally.weight > 0 else { return nil }
      var outcome = Outcome(group: group)
      outcome.category = name(index)
      let p = bin.label / bin.tally.weight
      let size = bin.tally.effective
      outcome.value = p
      outcome.count = bin.tally.rows
      if options.intervals {
        let bounds = Proportion.interval(p * size, of: size, tail: options.tail)
        outcome.lower = bounds.lower
        outcome.upper = bounds.upper
        outcome.method = size < Proportion.exactBelow ? "clopper-pearson" : "wilson"
      }
      return outcome
    }
  }
}
