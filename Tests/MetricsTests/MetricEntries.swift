import Foundation
import FairpostMetrics

/// What a metric must be on good rows, and what takes it away.
struct MetricEntry: Sendable {
  /// What is done to the rows of group p, the protected one (or to all) to leave nothing to estimate.
  enum Loss: Sendable {
    case scores, labels, positives, negatives, selected, rejected, classes, everyScore, ages
  }

  /// The task whose figures are looked at; empty for figures over tasks.
  var task = "one"
  var loss: Loss
  /// The value of one of the metric's figures, by formulas over the rows.
  var value: @Sendable ([PlainRow], Figure) -> Double
}

/// An entry for each registered metric.
enum MetricEntries {
  typealias Rows = [PlainRow]
  private typealias Value = @Sendable (Rows) -> Double
  private typealias Base = (loss: MetricEntry.Loss, value: Value)

  private static let one: Rows.Test = { $0.y == 1 }
  private static let zero: Rows.Test = { $0.y == 0 }
  private static let selected: Rows.Test = { $0.d == 1 }
  private static let rejected: Rows.Test = { $0.d == 0 }
  private static let right: Rows.Test = { Double($0.d) == $0.y }

  /// One value for a group.
  private static let bases: [String: Base] = [
    "selection_rate": (.scores, { $0.share(selected) }),
    "base_rate": (.labels, { $0.share(one) }),
    "accuracy": (.scores, { $0.share(right) }),
    "error_rate": (.scores, { $0.share { Double($0.d) != $0.y } }),
    "true_positive_rate": (.positives, { $0.share(selected, among: one) }),
    "false_positive_rate": (.negatives, { $0.share(selected, among: zero) }),
    "false_negative_rate": (.positives, { $0.share(rejected, among: one) }),
    "true_negative_rate": (.negatives, { $0.share(rejected, among: zero) }),
    "precision": (.selected, { $0.share(one, among: selected) }),
    "false_discovery_rate": (.selected, { $0.share(zero, among: selected) }),
    "negative_predictive_value": (.rejected, { $0.share(zero, among: rejected) }),
    "false_omission_rate": (.rejected, { $0.share(one, among: rejected) }),
    "f1": (
      .scores,
      { rows in
        let precision = rows.share(one, among: selected)
        let recall = rows.share(selected, among: one)
        return 2 / (1 / precision + 1 / recall)
      }
    ),
    "balanced_accuracy": (
      .positives, { ($0.share(right, among: one) + $0.share(right, among: zero)) / 2 }
    ),
    "label_auc": (
      .positives,
      { rows in
        func decisions(_ y: Double) -> [Double] { rows.filter { $0.y == y }.map { Double($0.d) } }
        return Rows.above(decisions(1), decisions(0))
      }
    ),
    "generalized_entropy": (
      .scores,
      { rows in
        let center = rows.mean { Double($0.d) - $0.y + 1 }
        return rows.mean { pow((Double($0.d) - $0.y + 1) / center, 2) - 1 } / 2
      }
    ),
    "theil_index": (
      .scores,
      { rows in
        let center = rows.mean { Double($0.d) - $0.y + 1 }
        return rows.mean { row in
          let part = (Double(row.d) - row.y + 1) / center
          return part > 0 ? part * log(part) : 0
        }
      }
    ),
    "treatment_equality": (
      .negatives,
      { Double($0.count { $0.d == 0 && $0.y == 1 }) / Double($0.count { $0.d == 1 && $0.y == 0 }) }
    ),
    "mean_score": (.scores, { $0.mean(\.s) }),
    "mse": (.scores, { $0.mean { pow($0.s - $0.y, 2) } }),
    "brier": (.scores, { $0.mean { pow($0.s - $0.y, 2) } }),
    "rmse": (.scores, { $0.mean { pow($0.s - $0.y, 2) }.squareRoot() }),
    "pinball_10": (
      .scores, { $0.mean { $0.y < $0.s ? 0.9 * ($0.s - $0.y) : 0.1 * ($0.y - $0.s) } }
    ),
    "pinball_50": (.scores, { $0.mean { abs($0.s - $0.y) / 2 } }),
    "pinball_90": (
      .scores, { $0.mean { $0.y < $0.s ? 0.1 * ($0.s - $0.y) : 0.9 * ($0.y - $0.s) } }
    ),
    "mae": (.scores, { $0.mean { abs($0.s - $0.y) } }),
    "r2": (
      .positives,
      { rows in
        let center = rows.mean(\.y)
        return 1 - rows.mean { pow($0.s - $0.y, 2) } / rows.mean { pow($0.y - center, 2) }
      }
    ),
    "log_loss": (.scores, { $0.mean { -log($0.y == 1 ? $0.s : 1 - $0.s) } }),
    "auc": (.positives, { Rows.above($0.scores(label: 1), $0.scores(label: 0)) }),
    "ece": (.scores, { $0.calibrationError(equalMass: false) }),
    "ece_equal_mass": (.scores, { $0.calibrationError(equalMass: true) }),
  ]

  /// One value for a group by name.
  private static func base(_ id: String) -> Value {
    { rows in bases[id]?.value(rows) ?? .nan }
  }

  /// A figure over groups from one value for a group.
  private static func derived(_ form: String, _ base: @escaping Value) -> Value {
    { rows in
      let values = rows.groups.map(base)
      let low = values.min() ?? .nan
      let high = values.max() ?? .nan
      let whole = base(rows)
      let own = base(rows.of("p"))
      let others = base(rows.filter { $0.g != "p" })
      let count = Double(values.count)
      switch form {
      case "difference": return high - low
      case "ratio": return low / high
      case "difference_to_overall": return values.map { abs($0 - whole) }.max() ?? .nan
      case "ratio_to_overall": return values.map { min($0 / whole, whole / $0) }.min() ?? .nan
      case "group_min": return low
      case "group_max": return high
      case "directed_difference": return own - others
      case "directed_ratio": return own / others
      case "mean_pair_difference":
        let gaps = values.map { x in values.map { abs(x - $0) }.reduce(0, +) }
        return gaps.reduce(0, +) / (count * (count - 1))
      case "group_variance":
        return values.map { $0 * $0 }.reduce(0, +) / count - pow(values.reduce(0, +) / count, 2)
      default: return .nan
      }
    }
  }

  private static let forms = [
    "difference", "ratio", "difference_to_overall", "ratio_to_overall", "group_min", "group_max",
    "directed_difference", "directed_ratio", "mean_pair_difference", "group_variance",
  ]

  /// One number of all rows.
  private static func over(
    _ loss: MetricEntry.Loss, task: String = "one", _ value: @escaping Value
  ) -> MetricEntry {
    MetricEntry(task: task, loss: loss) { rows, _ in value(rows) }
  }

  /// One number of a group's rows, or of everybody's.
  private static func each(
    _ loss: MetricEntry.Loss, task: String = "one",
    _ value: @escaping @Sendable (Rows, Figure) -> Double
  ) -> MetricEntry {
    MetricEntry(task: task, loss: loss) { rows, figure in
      value(figure.groupName.map(rows.of) ?? rows, figure)
    }
  }

  private static func odds(_ rows: Rows, _ form: String) -> [Double] {
    let labels: [Rows.Test] = [one, zero]
    return labels.map { label in derived(form) { $0.share(selected, among: label) }(rows) }
  }

  /// The bin that a category names by its first digit after the point, or its number of ten.
  private static func bin(_ rows: Rows, _ figure: Figure, equalMass: Bool) -> Double {
    let digits = (figure.category ?? "").drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
    let number = Double(digits) ?? .nan
    let place = equalMass ? Int(number) - 1 : Int((number * 10).rounded())
    return rows.bins(equalMass: equalMass)[place].mean(\.y)
  }

  private static func ofClass(_ figure: Figure) -> Int {
    ["x", "y", "z"].firstIndex(of: figure.category) ?? -1
  }

  /// Everything that is not one value for a group, or made of such.
  private static let others: [String: MetricEntry] = {
    var result: [String: MetricEntry] = [:]
    result["ks"] = over(.scores) { $0.worstPair { Rows.ks($0.map(\.s), $1.map(\.s)) } }
    result["w1"] = over(.scores) { $0.worstPair { Rows.transport($0.map(\.s), $1.map(\.s), 1) } }
    result["area_between_cdfs"] = over(.scores) { rows in
      rows.worstPair { a, b in
        // The integral of the gap of the two distribution functions, step by step.
        let points = (a + b).map(\.s).sorted()
        return zip(points, points.dropFirst()).reduce(0) { sum, step in
          sum + (step.1 - step.0) * abs(a.share { $0.s <= step.0 } - b.share { $0.s <= step.0 })
        }
      }
    }
    result["w2"] = over(.scores) { $0.worstPair { Rows.transport($0.map(\.s), $1.map(\.s), 2) } }
    result["mean_gap"] = over(.scores) { $0.worstPair { abs($0.mean(\.s) - $1.mean(\.s)) } }
    result["standardised_mean_difference"] = over(.scores) { rows in
      rows.worstPair { abs($0.mean(\.s) - $1.mean(\.s)) } / rows.deviation
    }
    result["standardised_mean_difference.directed"] = over(.scores) { rows in
      (rows.of("p").mean(\.s) - rows.filter { $0.g != "p" }.mean(\.s)) / rows.deviation
    }
    result["abroca"] = over(.positives) { $0.worstPair(Rows.betweenCurves) }
    result["conditional_parity_difference"] = over(.scores) {
      $0.worstPair { abs(Rows.commonGap($0, $1)) }
    }
    result["conditional_parity_difference.directed"] = over(.scores) { rows in
      Rows.commonGap(rows.of("p"), rows.filter { $0.g != "p" })
    }
    result["conditional_demographic_disparity"] = MetricEntry(loss: .scores) { rows, figure in
      let own = figure.groupName ?? ""
      return Dictionary(grouping: rows, by: \.k).values.reduce(0) { sum, stratum in
        let refused = stratum.filter { $0.d == 0 }
        let chosen = stratum.filter { $0.d == 1 }
        return sum + Double(stratum.count) / Double(rows.count)
          * (refused.share { $0.g == own } - chosen.share { $0.g == own })
      }
    }
    result["quantile_unfairness"] = over(.scores) { rows in
      let all = rows.map(\.s).sorted()
      let gaps = rows.groups.map { group -> Double in
        let own = group.map(\.s).sorted()
        return (0..<100).map { step -> Double in
          let level = 0.01 + 0.98 * Double(step) / 99
          return abs(Rows.quantile(own, level) - Rows.quantile(all, level))
        }.max() ?? .nan
      }
      return gaps.max() ?? .nan
    }
    result["xauc_gap"] = over(.positives) {
      $0.worstPair {
        Rows.above($0.scores(label: 1), $1.scores(label: 0))
          - Rows.above($1.scores(label: 1), $0.scores(label: 0))
      }
    }
    result["pairwise_rank"] = MetricEntry(loss: .positives) { rows, figure in
      let own = figure.groupName.map(rows.of) ?? rows
      return Rows.above(own.scores(label: 1), rows.scores(label: 0))
    }
    result["pairwise_rank_gap"] = over(.positives) { rows in
      derived("difference") { Rows.above($0.scores(label: 1), rows.scores(label: 0)) }(rows)
    }
    result["badr_demographic_parity"] = over(.scores) { rows in
      let means = rows.groups.map { $0.mean(\.s) }
      let center = means.reduce(0, +) / Double(means.count)
      return log(means.map { exp((pow($0 - center, 2) + 1e-6).squareRoot()) }.reduce(0, +))
    }
    result["badr_equal_opportunity"] = over(.positives) { $0.filter(one).softGap }
    result["badr_equalized_odds"] = over(.negatives) {
      ($0.filter(one).softGap + $0.filter(zero).softGap) / 2
    }
    result["disparate_mistreatment"] = over(.everyScore) {
      pow($0.covariance(over: Double($0.count)), 2)
    }
    result["hsic"] = over(.everyScore) { pow($0.covariance(over: Double($0.count - 1)), 2) }
    result["individual_fairness"] = over(.everyScore) { rows in
      var sum = 0.0
      var pairs = 0.0
      for a in rows {
        for b in rows where a.g < b.g {
          sum += exp(-abs(a.y - b.y)) * pow(a.z - b.z, 2)
          pairs += 1
        }
      }
      return sum / (2 * pairs)
    }
    result["loss_variance"] = over(
      .scores, derived("group_variance", base("log_loss")))
    result["squared_loss_variance"] = over(
      .scores, derived("group_variance", base("mse")))
    result["loss_ratio"] = over(.scores) {
      1 / derived("ratio", base("log_loss"))($0)
    }
    result["squared_loss_ratio"] = over(.scores) {
      1 / derived("ratio", base("mse"))($0)
    }
    result["average_odds_difference"] = over(.positives) {
      odds($0, "directed_difference").reduce(0, +) / 2
    }
    result["average_odds_error"] = over(.positives) {
      odds($0, "directed_difference").map { abs($0) }.reduce(0, +) / 2
    }
    result["equalized_odds.difference"] = over(.positives) { odds($0, "difference").max() ?? .nan }
    result["equalized_odds.ratio"] = over(.positives) { odds($0, "ratio").min() ?? .nan }
    result["class_accuracy"] = each(.classes, task: "three") { rows, _ in
      rows.share { $0.p == $0.c }
    }
    result["class_selection_rate"] = each(.classes, task: "three") { rows, figure in
      rows.share { $0.p == ofClass(figure) }
    }
    result["class_recall"] = each(.classes, task: "three") { rows, figure in
      rows.share({ $0.p == ofClass(figure) }, among: { $0.c == ofClass(figure) })
    }
    result["class_precision"] = each(.classes, task: "three") { rows, figure in
      rows.share({ $0.c == ofClass(figure) }, among: { $0.p == ofClass(figure) })
    }
    result["multiclass_demographic_parity_difference"] = over(.classes, task: "three") { rows in
      (0..<3).map { k in derived("difference") { $0.share { $0.p == k } }(rows) }.max() ?? .nan
    }
    result["multiclass_equal_opportunity_difference"] = over(.classes, task: "three") { rows in
      (0..<3).map { k in
        derived("difference") { $0.share({ $0.p == k }, among: { $0.c == k }) }(rows)
      }.max() ?? .nan
    }
    result["joint_decision_gap"] = over(.scores, task: "") { rows in
      Set(rows.map { [$0.d, $0.e, $0.p] }).map { pattern in
        derived("difference") { $0.share { [$0.d, $0.e, $0.p] == pattern } }(rows)
      }.max() ?? .nan
    }
    result["energy_distance"] = over(.scores, task: "") { rows in
      rows.worstPair { 2 * Rows.distance($0, $1) - Rows.distance($0, $0) - Rows.distance($1, $1) }
    }
    result["mean_ks"] = over(.scores, task: "") { rows in
      let first = rows.worstPair { Rows.ks($0.map(\.s), $1.map(\.s)) }
      // The third task has the first one's scores.
      return (2 * first + rows.worstPair { Rows.ks($0.map(\.t), $1.map(\.t)) }) / 3
    }
    result["max_ks"] = over(.scores, task: "") { rows in
      max(
        rows.worstPair { Rows.ks($0.map(\.s), $1.map(\.s)) },
        rows.worstPair { Rows.ks($0.map(\.t), $1.map(\.t)) })
    }
    result["mean_selection_gap"] = over(.scores, task: "") { rows in
      let tests: [Rows.Test] = [{ $0.d == 1 }, { $0.e == 1 }]
      return tests.map { test in derived("difference") { $0.share(test) }(rows) }.reduce(0, +) / 2
    }
    result["rank_correlation"] = over(.ages) { rows in
      let a = rows.ranks(\.age)
      let b = rows.ranks(\.s)
      let middle = Double(rows.count + 1) / 2
      func sum(_ x: [Double], _ y: [Double]) -> Double {
        zip(x, y).reduce(0) { $0 + ($1.0 - middle) * ($1.1 - middle) }
      }
      return sum(a, b) / (sum(a, a) * sum(b, b)).squareRoot()
    }
    result["largest_cut_gap"] = over(.ages) { rows in
      Set(rows.map(\.age)).compactMap { cut -> Double? in
        let low = rows.filter { $0.age <= cut }
        let high = rows.filter { $0.age > cut }
        guard 20 * min(low.count, high.count) >= rows.count else { return nil }
        return abs(low.mean(\.s) - high.mean(\.s))
      }.max() ?? .nan
    }
    result["exposure"] = MetricEntry(loss: .scores) { rows, figure in
      rows.exposure(figure.groupName ?? "")
    }
    result["exposure_ratio"] = over(.scores) { rows in
      let values = rows.names.map(rows.exposure)
      return (values.min() ?? .nan) / (values.max() ?? .nan)
    }
    result["ndkl"] = over(.scores) { rows in
      var (sum, all) = (0.0, 0.0)
      for place in 1...rows.count {
        let attention = 1 / log2(1 + Double(place))
        let divergence = rows.names.reduce(0.0) { sum, name in
          let share = rows.among(place, name) / Double(place)
          return share > 0
            ? sum + share * log(share * Double(rows.count) / Double(rows.of(name).count)) : sum
        }
        sum += attention * divergence
        all += attention
      }
      return sum / all
    }
    result["skew@10"] = MetricEntry(loss: .scores) { rows, figure in
      rows.skew(10, figure.groupName ?? "")
    }
    result["min_skew@10"] = over(.scores) { rows in
      rows.names.map { rows.skew(10, $0) }.min() ?? .nan
    }
    result["max_skew@10"] = over(.scores) { rows in
      rows.names.map { rows.skew(10, $0) }.max() ?? .nan
    }
    result["consistency"] = over(.everyScore) { $0.consistency }
    result["reliability"] = each(.scores) { bin($0, $1, equalMass: false) }
    result["reliability_equal_mass"] = each(.scores) { bin($0, $1, equalMass: true) }
    return result
  }()

  /// fairlearn's names, by its documentation.
  private static let fairlearn: [String: MetricEntry] = {
    var result: [String: MetricEntry] = [:]
    let families = [
      "demographic_parity": "selection_rate", "equal_opportunity": "true_positive_rate",
      "selection_rate": "selection_rate", "true_positive_rate": "true_positive_rate",
      "false_positive_rate": "false_positive_rate", "false_negative_rate": "false_negative_rate",
      "true_negative_rate": "true_negative_rate",
    ]
    for form in ["difference", "ratio", "difference_to_overall", "ratio_to_overall"] {
      for (name, id) in families {
        if let base = bases[id] {
          result[name + "_" + form] = over(base.loss, derived(form, base.value))
        }
      }
      result["equalized_odds_" + form] = over(.negatives) {
        (form.hasPrefix("ratio") ? odds($0, form).min() : odds($0, form).max()) ?? .nan
      }
      result["equalized_odds_" + form + "_mean"] = over(.negatives) {
        odds($0, form).reduce(0, +) / 2
      }
    }
    return result
  }()

  /// Other packages' names, by their documentation.
  private static let aliases = [
    "impact_ratio": "selection_rate.ratio",
    "statistical_parity_difference": "selection_rate.directed_difference",
    "mean_difference": "selection_rate.directed_difference",
    "disparate_impact_ratio": "selection_rate.directed_ratio",
    "disparate_impact": "selection_rate.directed_ratio",
    "dp_ratio": "selection_rate.directed_ratio",
    "aif360.equal_opportunity_difference": "true_positive_rate.directed_difference",
    "equal_opportunity_diff": "true_positive_rate.directed_difference",
    "false_positive_rate_diff": "false_positive_rate.directed_difference",
    "false_negative_rate_diff": "false_negative_rate.directed_difference",
    "true_negative_rate_diff": "true_negative_rate.directed_difference",
    "accuracy_diff": "accuracy.directed_difference",
    "avg_score_diff": "mean_score.directed_difference",
    "avg_score_ratio": "mean_score.directed_ratio", "rmse_ratio": "rmse.directed_ratio",
    "mae_ratio": "mae.directed_ratio", "success_rate": "selection_rate", "ppr": "selection_rate",
    "pprev": "selection_rate", "prev": "base_rate", "tpr": "true_positive_rate",
    "fpr": "false_positive_rate", "fnr": "false_negative_rate", "tnr": "true_negative_rate",
    "for": "false_omission_rate", "fdr": "false_discovery_rate", "npv": "negative_predictive_value",
    "accuracy_score_difference": "accuracy.difference", "accuracy_score_ratio": "accuracy.ratio",
    "accuracy_score_group_min": "accuracy.group_min",
    "zero_one_loss_difference": "error_rate.difference", "zero_one_loss_ratio": "error_rate.ratio",
    "zero_one_loss_group_max": "error_rate.group_max",
    "balanced_accuracy_score_group_min": "balanced_accuracy.group_min",
    "precision_score_group_min": "precision.group_min",
    "recall_score_group_min": "true_positive_rate.group_min",
    "roc_auc_score_group_min": "auc.group_min", "mean_absolute_error_group_max": "mae.group_max",
    "mean_squared_error_group_max": "mse.group_max", "r2_score_group_min": "r2.group_min",
    "f1_score_group_min": "f1.group_min", "log_loss_group_max": "log_loss.group_max",
    "mean_prediction": "mean_score",
    "oxonfair.demographic_parity": "selection_rate.mean_pair_difference",
    "statistical_parity": "selection_rate.mean_pair_difference",
    "oxonfair.equal_opportunity": "true_positive_rate.mean_pair_difference",
    "predictive_equality": "false_positive_rate.mean_pair_difference",
    "oxonfair.predictive_equality": "false_negative_rate.mean_pair_difference",
    "predictive_parity": "precision.mean_pair_difference",
    "accuracy_parity": "accuracy.mean_pair_difference", "max_gaucd": "auc.difference",
    "worst_gauc": "auc.group_min", "label_max_gaucd": "label_auc.difference",
    "label_worst_gauc": "label_auc.group_min", "eo_ratio": "true_positive_rate.directed_ratio",
    "unfairness": "quantile_unfairness", "abcc": "area_between_cdfs", "wasserstein_distance": "w1",
  ]

  /// The entry of each id.
  static let all: [String: MetricEntry] = {
    var result = others
    for (id, base) in bases {
      result[id] = each(base.loss) { rows, _ in base.value(rows) }
      for form in forms where result[id + "." + form] == nil {
        result[id + "." + form] = over(base.loss, derived(form, base.value))
      }
    }
    result.merge(fairlearn) { first, _ in first }
    for (alias, id) in aliases { result[alias] = result[id] }
    return result
  }()
}
