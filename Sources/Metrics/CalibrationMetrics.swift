internal import Numerics

/// Reliability by group.
enum CalibrationMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "reliability", name: "reliability",
      formula: "P(Y=1) in each of ten bins of the score, by group; the category is the bin",
      direction: .none, needs: [.labels, .scores, .ranks, .binary],
      notEstimable: "scores outside [0, 1]; empty bins are left out"
    ) { context in
      context.groups.indices.flatMap { group -> [Outcome] in
        guard let ranked = context.groups[group].ranked,
          let bins = BaseMetric.calibrationBins(ranked)
        else { return [Outcome(group: group, reason: "scores outside [0, 1]")] }
        return bins.indices.compactMap { index in
          let bin = bins[index]
          guard bin.tally.weight > 0 else { return nil }
          var outcome = Outcome(group: group)
          outcome.category = "0.\(index) to \(index == 9 ? "1" : "0.\(index + 1)")"
          let p = bin.label / bin.tally.weight
          outcome.value = p
          outcome.count = bin.tally.rows
          // The group's design effect stands for the bin's.
          let total = context.groups[group].sums.total
          let size = bin.tally.weight * (total.weight > 0 ? total.effective / total.weight : 1)
          let bounds = Proportion.interval(p * size, of: size, tail: context.options.tail)
          outcome.lower = bounds.lower
          outcome.upper = bounds.upper
          outcome.method = size < Proportion.exactBelow ? "clopper-pearson" : "wilson"
          return outcome
        }
      }
    }
  ]
}
