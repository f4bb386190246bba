internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// Fitted thresholds as the commands see them.
struct ThresholdAdjustment: GroupedAdjustment {
  /// What was fitted to one score.
  struct Score: FittedScore, Equatable {
    let name: String
    /// The threshold of each group.
    let thresholds: [Double]
    /// The calibration records of each group.
    let records: [Int]
    /// Whether each group's threshold was given, not searched for.
    let isFixed: [Bool]
    /// Every group at 0.5.
    let before: Outcomes
    /// At the fitted thresholds.
    let after: Outcomes
    /// The groups' scores, compressed: what `drift` compares with.
    let distributions: [Distribution]
  }

  /// What a choice of thresholds does to the calibration records.
  struct Outcomes: Sendable, Equatable {
    /// The share of each group that is selected.
    let selected: [Double]
    /// The disparity that was made small.
    let disparity: Double
    /// The share of labelled records decided as their label says; nil without labels.
    let accuracy: Double?
  }

  let columns: [String]
  let keys: [GroupKey]
  let scores: [Score]
  let objective: ThresholdObjective
  /// The threshold of rows of no known group; nil where such rows fail.
  let otherwise: Double?

  func outputColumns(of score: String) -> [String] {
    ThresholdMethod.outputColumns(of: score)
  }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let thresholds = scores[score].thresholds
    return batch(values, codes[0], others: otherDecision) { _, value, group in
      value >= thresholds[group] ? 1 : 0
    }
  }

  func contradiction() -> String? {
    for score in scores {
      for (key, distribution) in zip(keys, score.distributions.enumerated()) {
        let (group, sample) = (distribution.offset, distribution.element)
        // What a compressed distribution says of a threshold is right up to the gap it falls into.
        let share = 1 - sample.cdfBelow(score.thresholds[group])
        if abs(share - score.after.selected[group]) > 2.0 / 4096 + 1e-9 {
          return
            "the map states that \"\(score.name)\" selects \(NumberText.text(score.after.selected[group])) of group \(key), but its distribution gives \(NumberText.text(share))"
        }
      }
      let spread = objective.disparity(
        least: score.after.selected.min() ?? 0, greatest: score.after.selected.max() ?? 0)
      if !objective.needsLabels, abs(spread - score.after.disparity) > 1e-9 {
        return
          "the map states a disparity of \"\(score.name)\" that its selection rates do not give"
      }
    }
    return nil
  }
}

extension ThresholdAdjustment.Outcomes {
  init(
    _ points: [ThresholdCurve.Point], _ curves: [ThresholdCurve], _ objective: ThresholdObjective
  ) {
    let labelled = curves.reduce(0) { $0 + $1.labelled }
    self.init(
      selected: points.map(\.selected), disparity: objective.disparity(points),
      accuracy: labelled > 0 ? points.reduce(0) { $0 + $1.correct } / labelled : nil)
  }
}
