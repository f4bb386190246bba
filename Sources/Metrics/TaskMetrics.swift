internal import Numerics
internal import Transport

/// Figures over several tasks at once.
enum TaskMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "joint_decision_gap", name: "gap of joint decisions",
      formula:
        "max over patterns of decisions in all tasks and pairs of groups of |P(pattern|a) - P(pattern|b)|",
      direction: .lower, needs: [.decisions, .tasks], notEstimable: "a group has no decided rows"
    ) { context in
      guard let outcome = context.jointDecisionGap() else {
        return [.unavailable("a group has no rows decided in every task")]
      }
      return [outcome]
    },
    Metric(
      id: "energy_distance", name: "energy distance of two tasks' scores",
      formula:
        "max over pairs of groups of 2 E|A-B| - E|A-A'| - E|B-B'|, A and B the first two tasks' scores; at most 1000 rows a group, chosen by record",
      direction: .lower, needs: [.scores, .tasks],
      notEstimable: "a group has no rows with both scores", isResampled: true
    ) { context in
      guard let value = context.energyDistance() else {
        return [.unavailable("a group has no rows with both scores")]
      }
      return [context.plain(value)]
    },
    Metric(
      id: "mean_ks", name: "mean KS over tasks", formula: "mean over tasks of ks",
      direction: .lower,
      needs: [.scores, .ranks, .tasks], notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks("ks", average: true) },
    Metric(
      id: "max_ks", name: "largest KS over tasks", formula: "max over tasks of ks",
      direction: .lower, needs: [.scores, .ranks, .tasks],
      notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks("ks", average: false) },
    Metric(
      id: "mean_selection_gap", name: "mean selection gap over tasks",
      formula: "mean over tasks with yes-or-no decisions of selection_rate.difference",
      direction: .lower,
      needs: [.decisions, .tasks], notEstimable: "a task's figure is not estimable"
    ) { context in context.overTasks("selection_rate.difference", average: true) },
  ]
}

extension EvaluationContext {
  /// Mean or maximum of one metric over the tasks' score columns at the same place.
  fileprivate func overTasks(_ id: String, average: Bool) -> [Outcome] {
    guard let metric = MetricRegistry.own.first(where: { $0.id == id }) else { return [] }
    var options = options
    options.noiseDraws = 0
    let tasks = data.tasks.filter { task in
      // Deciding for a class is not deciding yes.
      if case .multiclass = task.kind, metric.needs.contains(.decisions) { return false }
      return scoreIndex < task.scores.count
    }
    // Of the largest of several, the lower bound must hold for all of them.
    var careful = options
    careful.tail = options.tail / Double(max(1, tasks.count))
    var values: [Double] = []
    var bounds: [Interval] = []
    for task in tasks {
      func compute(_ options: EvaluationOptions) -> Outcome? {
        let context = Evaluator(data, options: options).context(
          task, task.scores[scoreIndex], grouping, ranks: metric.needs.contains(.ranks))
        return metric.compute(context).first
      }
      guard let outcome = compute(options), let value = outcome.value else {
        return [.unavailable("task \(task.name): not estimable")]
      }
      values.append(value)
      if options.intervals, let upper = outcome.upper,
        let lower = average ? outcome.lower : compute(careful)?.lower
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

  fileprivate func jointDecisionGap() -> Outcome? {
    let columns = data.tasks.compactMap { task in
      scoreIndex < task.scores.count ? task.scores[scoreIndex].decisions : nil
    }.filter { !$0.isEmpty }
    guard columns.count > 1 else { return nil }
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
    guard !codes.isEmpty, codes.allSatisfy({ totals[$0].weight > 0 }) else { return nil }
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

  fileprivate func energyDistance() -> Double? {
    let columns = data.tasks.prefix(2).compactMap { task in
      scoreIndex < task.scores.count ? task.scores[scoreIndex].values : nil
    }
    guard columns.count == 2, columns.allSatisfy({ !$0.isEmpty }) else { return nil }
    struct Point {
      var x: Double
      var y: Double
      var weight: Double
      var key: UInt64
    }
    let hash = StableHash(seed: options.seed, purpose: "energy distance rows")
    var points = [[Point]](repeating: [], count: groups.count)
    for row in 0..<data.count {
      let code = Int(grouping.codes[row])
      let x = columns[0][row]
      let y = columns[1][row]
      if code < 0 || x.isNaN || y.isNaN { continue }
      let record =
        data.recordHashes.isEmpty
        ? hash(x.bitPattern) ^ hash(y.bitPattern &+ 1) : data.recordHashes[row]
      points[code].append(Point(x: x, y: y, weight: data.weight(row), key: hash(record)))
    }
    let codes = present
    guard codes.allSatisfy({ !points[$0].isEmpty }) else { return nil }
    let samples = codes.map { code in
      Array(points[code].sorted { ($0.key, $0.weight) < ($1.key, $1.weight) }.prefix(1000))
    }
    func mean(_ a: [Point], _ b: [Point]) -> Double {
      var sum = 0.0
      var weight = 0.0
      for p in a {
        for q in b {
          let w = p.weight * q.weight
          let dx = p.x - q.x
          let dy = p.y - q.y
          sum += w * (dx * dx + dy * dy).squareRoot()
          weight += w
        }
      }
      return sum / weight
    }
    let inside = samples.map { mean($0, $0) }
    var largest = 0.0
    forPairs(samples.count) { i, j in
      largest = max(largest, 2 * mean(samples[i], samples[j]) - inside[i] - inside[j])
    }
    return largest
  }
}
