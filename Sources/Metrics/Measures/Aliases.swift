/// Other projects' names for definitions that are here; each prints what it means.
enum Aliases {
  private static let table: [(String, String, String)] = [
    // (alias, definition, origin)
    ("statistical_parity_difference", "selection_rate.directed_difference", "AIF360"),
    ("mean_difference", "selection_rate.directed_difference", "AIF360"),
    ("disparate_impact_ratio", "selection_rate.directed_ratio", "AIF360"),
    ("disparate_impact", "selection_rate.directed_ratio", "AIF360, OxonFair, HolisticAI"),
    ("aif360.equal_opportunity_difference", "true_positive_rate.directed_difference", "AIF360"),
    ("equal_opportunity_diff", "true_positive_rate.directed_difference", "HolisticAI"),
    ("false_positive_rate_diff", "false_positive_rate.directed_difference", "HolisticAI"),
    ("false_negative_rate_diff", "false_negative_rate.directed_difference", "HolisticAI"),
    ("true_negative_rate_diff", "true_negative_rate.directed_difference", "HolisticAI"),
    ("accuracy_diff", "accuracy.directed_difference", "HolisticAI"),
    ("avg_score_diff", "mean_score.directed_difference", "HolisticAI"),
    ("avg_score_ratio", "mean_score.directed_ratio", "HolisticAI"),
    ("rmse_ratio", "rmse.directed_ratio", "HolisticAI"),
    ("mae_ratio", "mae.directed_ratio", "HolisticAI"),
    ("impact_ratio", "selection_rate.ratio", "bias audits"),
    ("success_rate", "selection_rate", "HolisticAI"),
    ("ppr", "selection_rate", "error-parity"),
    ("pprev", "selection_rate", "Aequitas"),
    ("prev", "base_rate", "Aequitas"),
    ("tpr", "true_positive_rate", "Aequitas, error-parity"),
    ("fpr", "false_positive_rate", "Aequitas, error-parity"),
    ("fnr", "false_negative_rate", "Aequitas, error-parity"),
    ("tnr", "true_negative_rate", "Aequitas, error-parity"),
    ("for", "false_omission_rate", "Aequitas"),
    ("fdr", "false_discovery_rate", "Aequitas"),
    ("npv", "negative_predictive_value", "Aequitas"),
    ("accuracy_score_difference", "accuracy.difference", "fairlearn"),
    ("accuracy_score_ratio", "accuracy.ratio", "fairlearn"),
    ("accuracy_score_group_min", "accuracy.group_min", "fairlearn"),
    ("zero_one_loss_difference", "error_rate.difference", "fairlearn"),
    ("zero_one_loss_ratio", "error_rate.ratio", "fairlearn"),
    ("zero_one_loss_group_max", "error_rate.group_max", "fairlearn"),
    ("balanced_accuracy_score_group_min", "balanced_accuracy.group_min", "fairlearn"),
    ("precision_score_group_min", "precision.group_min", "fairlearn"),
    ("recall_score_group_min", "true_positive_rate.group_min", "fairlearn"),
    ("roc_auc_score_group_min", "auc.group_min", "fairlearn"),
    ("mean_absolute_error_group_max", "mae.group_max", "fairlearn"),
    ("mean_squared_error_group_max", "mse.group_max", "fairlearn"),
    ("r2_score_group_min", "r2.group_min", "fairlearn"),
    ("f1_score_group_min", "f1.group_min", "fairlearn"),
    ("log_loss_group_max", "log_loss.group_max", "fairlearn"),
    ("mean_prediction", "mean_score", "fairlearn"),
    ("oxonfair.demographic_parity", "selection_rate.mean_pair_difference", "OxonFair"),
    ("statistical_parity", "selection_rate.mean_pair_difference", "OxonFair"),
    ("oxonfair.equal_opportunity", "true_positive_rate.mean_pair_difference", "OxonFair"),
    ("oxonfair.predictive_equality", "false_negative_rate.mean_pair_difference", "OxonFair"),
    (
      "predictive_equality", "false_positive_rate.mean_pair_difference",
      "the fairness literature (Corbett-Davies and others 2017)"
    ),
    ("predictive_parity", "precision.mean_pair_difference", "OxonFair"),
    ("accuracy_parity", "accuracy.mean_pair_difference", "OxonFair"),
    ("max_gaucd", "auc.difference", "the group AUC literature"),
    ("worst_gauc", "auc.group_min", "the group AUC literature"),
    ("label_max_gaucd", "label_auc.difference", "Nash-Meta-Learning's code"),
    ("label_worst_gauc", "label_auc.group_min", "Nash-Meta-Learning's code"),
    ("dp_ratio", "selection_rate.directed_ratio", "Fair-MAML"),
    ("eo_ratio", "true_positive_rate.directed_ratio", "Fair-MAML"),
    ("unfairness", "quantile_unfairness", "EquiPy"),
    ("abcc", "area_between_cdfs", "FFB"),
    ("wasserstein_distance", "w1", "SciPy"),
  ]

  /// The aliases whose definition exists.
  static let all: [Metric] = {
    let targets = Dictionary(
      MetricRegistry.own.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return table.compactMap { alias, target, origin in
      targets[target]?.alias(alias, origin: origin)
    }
  }()
}
