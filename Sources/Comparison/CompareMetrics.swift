internal import FairpostEvaluation
internal import FairpostLearning
package import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
package import FairpostTraining

/// Which figures a comparison shows for each task, and which of them are the two axes.
package struct CompareMetrics: Sendable {
  /// One task's figures.
  package struct Task: Sendable {
    package let name: String
    package let kind: FairpostMetrics.TaskKind
    package let metrics: [Metric]
    package let performance: Metric
    package let fairness: Metric
  }

  package let tasks: [Task]
  /// Figures over all tasks together.
  package let joint: [Metric]

  package init(_ request: CompareRequest, _ plan: TrainingPlan) throws {
    let asked = try MetricChoice.metrics(request.metrics)
    let performance = try request.performance.map {
      try MetricChoice.metric($0, option: "\(option: "performance")")
    }
    let fairness = try request.fairness.map {
      try MetricChoice.metric($0, option: "\(option: "fairness")")
    }
    tasks = try plan.tasks.map { task in
      let kind = Self.kind(task.kind)
      let usual = try Self.usual(kind).map { try MetricRegistry.metric($0) }
      let first = performance ?? usual[0]
      let second = fairness ?? usual[1]
      let chosen: [(Message, Metric)] = [
        ("\(option: "performance")", first), ("\(option: "fairness")", second),
      ]
      for (flag, metric) in chosen {
        guard Self.suits(metric, kind), !metric.needs.contains(.tasks) else {
          throw UsageError("\(flag) \(metric.id) is not a figure of the task \"\(task.name)\"")
        }
      }
      var metrics = [first, second]
      for metric in asked ?? Array(usual.dropFirst(2))
      where Self.suits(metric, kind) && !metric.needs.contains(.tasks)
        && !metrics.contains(where: { $0.id == metric.id })
      {
        metrics.append(metric)
      }
      return Task(
        name: task.name, kind: kind, metrics: metrics, performance: first, fairness: second)
    }
    let several = plan.tasks.count > 1
    let joint =
      try asked
      ?? ["joint_decision_gap", "energy_distance"].map {
        try MetricRegistry.metric($0)
      }
    self.joint = several ? joint.filter { $0.needs.contains(.tasks) } : []
    let needs = (tasks.flatMap(\.metrics) + self.joint).reduce(into: Needs()) {
      $0.formUnion($1.needs)
    }
    if !needs.isDisjoint(with: [.features, .continuous, .strata]) {
      throw UsageError(
        "\(option: "metrics"): only evaluate has figures of features, numeric attributes or strata")
    }
    if needs.contains(.protected), request.columns.roles.protected.isEmpty {
      throw UsageError(
        "\(option: "metrics"): a directed figure needs a protected value, \(option: "protected") COL=VALUE"
      )
    }
  }

  /// Performance, fairness, then what stands beside them.
  private static func usual(_ kind: FairpostMetrics.TaskKind) -> [String] {
    switch kind {
    case .binary:
      [
        "accuracy", "demographic_parity_difference", "balanced_accuracy", "auc", "log_loss",
        "selection_rate", "equalized_odds.difference", "true_positive_rate.difference",
        "accuracy.group_min", "ks", "w1", "mean_score.difference",
      ]
    case .regression:
      ["rmse", "ks", "mae", "r2", "w1", "mean_score.difference", "rmse.group_max"]
    case .multiclass:
      [
        "class_accuracy", "multiclass_demographic_parity_difference",
        "multiclass_equal_opportunity_difference",
      ]
    }
  }

  private static func kind(_ kind: FairpostLearning.TaskKind) -> FairpostMetrics.TaskKind {
    switch kind {
    case .binary: .binary
    case .regression: .regression
    case .multiclass(let classes): .multiclass(classes: classes.map { ByteText($0) })
    }
  }

  /// Whether a metric is about such labels.
  package static func suits(_ metric: Metric, _ kind: FairpostMetrics.TaskKind) -> Bool {
    switch kind {
    case .binary: !metric.needs.contains(.classes)
    case .regression: metric.needs.isDisjoint(with: [.binary, .classes, .decisions])
    case .multiclass: metric.needs.contains(.classes)
    }
  }
}
