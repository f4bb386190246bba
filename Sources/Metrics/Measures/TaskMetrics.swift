internal import FairpostNumerics
internal import FairpostTransport

/// Figures over several tasks at once.
enum TaskMetrics {
  private static let selectionGap = Metric.derived(.selectionRate, .difference)

  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "joint_decision_gap", name: "gap of joint decisions",
      formula:
        "max over patterns of decisions in all tasks and pairs of groups of |P(pattern|a) - P(pattern|b)|",
      direction: .lower, needs: [.choices, .tasks], notEstimable: "a group has no decided rows"
    ) { context in
      [context.jointDecisionGap()]
    },
    Metric(
      id: "energy_distance", name: "energy distance of two tasks' scores",
      formula:
        "max over pairs of groups of 2 E|A-B| - E|A-A'| - E|B-B'|, A and B the first two tasks' scores; at most 1000 rows a group and 7000 together, chosen by record",
      direction: .lower, needs: [.scores, .tasks],
      notEstimable: "a group has no rows with both scores, or there are more than 200 groups",
      isResampled: true
    ) { context in
      [context.energyDistance()]
    },
    Metric(
      id: "mean_ks", name: "mean KS over tasks", formula: "mean over tasks of ks",
      direction: .lower,
      needs: [.scores, .ranks, .tasks], notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks(DistanceMetrics.ks, average: true) },
    Metric(
      id: "max_ks", name: "largest KS over tasks", formula: "max over tasks of ks",
      direction: .lower, needs: [.scores, .ranks, .tasks],
      notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks(DistanceMetrics.ks, average: false) },
    Metric(
      id: "mean_selection_gap", name: "mean selection gap over tasks",
      formula: "mean over tasks with yes-or-no decisions of selection_rate.difference",
      direction: .lower,
      needs: [.decisions, .tasks], notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks(selectionGap, average: true) },
  ]
}

extension EvaluationContext {
  /// Mean or maximum of one metric over the tasks' score columns of one kind.
  fileprivate func overTasks(_ metric: Metric, average: Bool) -> [Outcome] {
    var options = options
    options.noiseDraws = 0
    let tasks: [(task: TaskColumns, score: ScoreColumn)]
    switch counterparts(where: { task in
      // Deciding for a class is not deciding yes.
      if case .multiclass = task.kind { return !metric.needs.contains(.decisions) }
      return true
    }) {
    case .columns(let columns): tasks = columns
    case .lacking(let reason): return [.unavailable(reason)]
    }
    // The largest or the mean of several is over 0 where one is: lower bounds must hold for all.
    var careful = options
    careful.tail = options.tail / Double(max(1, tasks.count))
    var values: [Double] = []
    var bounds: [Interval] = []
    for (task, score) in tasks {
      guard !metric.needs.contains(.scores) || !score.values.isEmpty else {
        return [.unavailable("task \(task.name) has no scores")]
      }
      guard !metric.needs.contains(.decisions) || !score.decisions.isEmpty else {
        return [.unavailable("task \(task.name) has no decisions")]
      }
      func compute(_ options: EvaluationOptions) -> Outcome? {
        let context = Evaluator(data, options: options).context(
          task, score, grouping, ranks: metric.needs.contains(.ranks), place: place)
        return metric.compute(context).first
      }
      guard let outcome = compute(options), let value = outcome.value else {
        return [.unavailable("task \(task.name): not estimable")]
      }
      values.append(value)
      if options.intervals, let upper = outcome.upper,
        let lower = compute(careful)?.lower
      {
        bounds.append(Interval(lower, upper))
      }
    }
    guard let largest = values.max() else { return [.unavailable("no task has this score")] }
    var outcome = plain(average ? values.reduce(0, +) / Double(values.count) : largest)
    if bounds.count == values.count {
      let lowers = bounds.map(\.lower)
      let uppers = bounds.map(\.upper)
      let count = Double(bounds.count)
      outcome.lower = average ? lowers.reduce(0, +) / count : lowers.max()
      outcome.upper = average ? uppers.reduce(0, +) / count : uppers.max()
      outcome.method = "over-tasks"
    }
    return [outcome]
  }

  fileprivate func jointDecisionGap() -> Outcome {
    let tasks: [(task: TaskColumns, score: ScoreColumn)]
    switch counterparts() {
    case .columns(let columns): tasks = columns
    case .lacking(let reason): return .unavailable(reason)
    }
    let columns = tasks.map(\.score.decisions).filter { !$0.isEmpty }
    guard columns.count > 1 else { return .unavailable("fewer than two tasks have decisions") }
    var patterns: [[Int16]: [Double]] = [:]
    var totals = [Tally](repeating: Tally(), count: groups.count)
    for row in 0..<data.count {
      let code = Int(grouping.codes[row])
      let pattern = columns.map { $0[row] }
      if code < 0 || pattern.contains(where: { $0 < 0 }) { continue }
      let weight = data.weight(row)
      if weight == 0 { continue }
      patterns[pattern, default: [Double](repeating: 0, count: groups.count)][code] += weight
      totals[code] += data.tally(row)
    }
    let codes = present
    guard !codes.isEmpty, codes.allSatisfy({ totals[$0].weight > 0 }) else {
      return .unavailable("a group has no rows decided in every task")
    }
    var value = 0.0
    var bounds = Interval(0, 0)
    // One bound for every pattern, which holds for all of them.
    let factor = Tails.allPairs(
      count: codes.count, tail: options.tail / Double(max(1, patterns.count)))
    for counts in patterns.values {
      let shares = codes.map { code in
        let share = counts[code] / totals[code].weight
        return Estimate(
          value: share, count: totals[code].rows,
          spread: .proportion(share, total: totals[code].effective, transform: nil))
      }
      value = max(value, (shares.map(\.value).max() ?? 0) - (shares.map(\.value).min() ?? 0))
      guard options.intervals,
        let one = Simultaneous(shares, tail: options.tail, factor: factor)?.bounds(.difference)
      else { continue }
      bounds = Interval(max(bounds.lower, one.lower), max(bounds.upper, one.upper))
    }
    var outcome = plain(value)
    if options.intervals {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-newcombe"
    }
    return outcome
  }
}
