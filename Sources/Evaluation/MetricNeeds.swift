package import FairpostMetrics
package import FairpostText

/// What figures that were asked for need of the tasks and attributes, checked before any data is read.
package enum MetricNeeds {
  /// Refuses figures that no task or attribute of the plan can give.
  package static func check(_ metrics: [Metric], _ option: Message, _ plan: EvaluationPlan)
    throws(UsageError)
  {
    for metric in metrics {
      try checkGroups(metric, option, plan)
      if metric.needs.contains(.tasks) {
        guard plan.tasks.count > 1 else {
          throw UsageError(
            "\(option) \(metric.id): a figure over tasks needs two tasks, and there is one",
            hint: "name several with \(option: "task") A \(option: "task") B")
        }
        continue
      }
      try checkTasks(metric, option, plan)
    }
  }

  /// A figure that compares groups, or is of each of them alone, needs an attribute.
  private static func checkGroups(
    _ metric: Metric, _ option: Message, _ plan: EvaluationPlan
  ) throws(UsageError) {
    guard plan.attributes.isEmpty else { return }
    switch metric.scope {
    case .value, .rows: return
    case .eachGroup:
      throw UsageError(
        "\(option) \(metric.id) is a figure of each group: name the groups with \(option: "group") COL"
      )
    case .extreme, .comparison:
      throw UsageError(
        "\(option) \(metric.id) compares groups: name them with \(option: "group") COL")
    }
  }

  /// Figures of labels and decisions 0 and 1 say nothing of classes, nor the other way round.
  private static func checkTasks(
    _ metric: Metric, _ option: Message, _ plan: EvaluationPlan
  ) throws(UsageError) {
    let isOfClasses = !metric.needs.isDisjoint(with: [.classes, .classLabels])
    let isOfNumbers = !metric.needs.isDisjoint(with: [.decisions, .labels, .scores, .binary])
    let other = plan.tasks.filter { $0.isMulticlass != isOfClasses }
    guard isOfClasses || isOfNumbers, other.count == plan.tasks.count else { return }
    let names = other.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let task = other.count == 1 ? "task \(names) has" : "tasks \(names) have"
    guard !isOfClasses else {
      throw UsageError(
        "\(option) \(metric.id) is a figure of classes: \(task) none",
        hint: "declare them with \(option: "task") 'NAME:multiclass'")
    }
    let fit = MetricRegistry.all.filter {
      $0.needs.contains(.classes) && $0.origin == nil
    }.map(\.id)
    throw UsageError(
      "\(option) \(metric.id) is a figure of yes-or-no decisions or of numbers: \(task) classes",
      hint: "figures of classes are \(fit.joined(separator: ", "))")
  }
}
