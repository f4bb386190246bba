internal import FairpostMetrics
package import FairpostText

extension Topic {
  /// Every figure with its formula, after what their names mean.
  package static let metrics = Topic(
    "metrics", "every figure, its formula, and when it cannot be estimated",
    [
      .paragraph(
        "A figure is a number that says how good or how fair scores and decisions are. \"fairpost metrics WORD\" finds figures by a word; every id below can be used in evaluate --metrics, evaluate --fail-if and compare --metrics."
      ),
      .heading("Which figure for which notion of fairness"),
      .item("demographic_parity_difference", "every group is selected at the same rate"),
      .item("selection_rate.ratio", "the same as a ratio, as in the four-fifths rule"),
      .item("ks", "every group has the same distribution of scores"),
      .item(
        "equal_opportunity_difference",
        "of the people with label 1, every group is selected at the same rate"),
      .item(
        "equalized_odds_difference",
        "the same, and of the people with label 0 too"),
      .item("accuracy.difference", "decisions are equally often right in every group"),
      .item("calibration", "a score means the same in every group: see ece and reliability"),
      .run(
        "fairpost synth loans -n 1000 -q > loans.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --metrics demographic_parity_difference,ks loans.csv\nfairpost metrics four-fifths"
      ),
      .heading("How figures are named"),
      .paragraph(
        "A figure of each group, such as selection_rate, has relatives that compare groups: .difference (largest minus smallest), .ratio (smallest over largest), .difference_to_overall and .ratio_to_overall (the group that is farthest from all rows), .group_min and .group_max (of the groups), .directed_difference and .directed_ratio (the protected group against the others), .mean_pair_difference and .group_variance. In tables, ↓ means that lower is better, ↑ that higher is better, →0 and →1 that this value is best."
      ),
      .heading("Symbols"),
      .item("S", "the score"),
      .item(
        "D",
        "the decision; of several classes, the one with the largest score (of equal ones the first by name)"
      ),
      .item("Y", "the label"),
      .item(
        "z",
        "the linear predictor: log (S / (1 - S)) of a binary task, with S clipped to [2^-52, 1 - 2^-52], and S itself elsewhere"
      ),
      .item("a, b, g", "groups, which are the values of an attribute"),
      .heading("Figures"),
    ]
      + MetricRegistry.all.map { metric in
        .entry(
          metric.id + metric.direction.mark,
          [metric.formula]
            + (metric.origin.map { ["name of \($0); here: \(metric.definition)"] } ?? [])
            + ["not estimable: \(metric.notEstimable)"])
      })

  /// Every page of section 7, in the order of help.
  package static let all = [tutorial, recipes, metrics, formats, words]
}
