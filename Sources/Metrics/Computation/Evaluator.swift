internal import FairpostNumerics
internal import FairpostTransport

/// Computes figures: every task, score and attribute of the data by every metric asked for.
package struct Evaluator: Sendable {
  /// The data.
  package let data: EvaluationData
  /// How.
  package let options: EvaluationOptions

  /// An evaluator.
  package init(_ data: EvaluationData, options: EvaluationOptions = EvaluationOptions()) {
    self.data = data.withoutIdleRows
    self.options = options
  }

  /// The figures, by task, score, attribute, then metric.
  ///
  /// A metric that needs what the data do not have is left out when `metrics` is nil (the default
  /// figures) or it is one of those wanted `also`, and is a figure with a reason when it was asked for.
  package func figures(_ metrics: [Metric]? = nil, also: [Metric] = []) -> [Figure] {
    var asked = metrics ?? MetricRegistry.all.filter(\.isDefault)
    let required = Set((metrics ?? []).map(\.id))
    for metric in also where !asked.contains(where: { $0.id == metric.id }) { asked.append(metric) }
    var result: [Figure] = []
    for (taskIndex, task) in data.tasks.enumerated() {
      for (scoreIndex, score) in task.scores.enumerated() {
        let place = ScorePlace(task, scoreIndex)
        let isFirst = !data.tasks[..<taskIndex].contains { place.column(of: $0) != nil }
        for (attributeIndex, grouping) in groupings.enumerated() {
          let usable = asked.filter { metric in
            // Figures over tasks and of numeric attributes are not repeated.
            if metric.needs.contains(.tasks), !isFirst { return false }
            if metric.needs.contains(.continuous), attributeIndex > 0 { return false }
            if required.contains(metric.id) { return true }
            return offered(metric, task, score, place).contains(metric.needs)
          }
          let needsRanks = usable.contains {
            $0.needs.contains(.ranks) && !$0.needs.contains(.tasks) && !score.values.isEmpty
          }
          let context = context(
            task, score, grouping, ranks: needsRanks,
            losses: usable.flatMap(\.bases).compactMap(\.loss),
            place: place)
          result += figures(usable, in: context)
        }
      }
    }
    if options.bootstrap == 0, options.intervals {
      result = Resampling.apply(to: result, evaluator: resampler, metrics: asked)
    }
    if options.bootstrap > 0 {
      result = Bootstrap.apply(
        to: result, evaluator: resampler, metrics: asked, replicates: options.bootstrap)
    }
    if options.permutations > 0 {
      result = Permutation.apply(
        to: result, evaluator: resampler, metrics: asked.filter(\.isOverGroups),
        draws: options.permutations)
    }
    return result
  }

  /// The same evaluator without resampling of its own.
  private var resampler: Evaluator {
    var plain = options
    plain.bootstrap = 0
    plain.permutations = 0
    return Evaluator(data, options: plain)
  }

  /// The figures of some metrics for one task, score and attribute.
  func figures(_ metrics: [Metric], in context: EvaluationContext) -> [Figure] {
    // Metrics do not depend on each other, and what they share is computed once.
    let parts = Parallel.map(metrics.count, threads: options.threads) { index -> [Figure] in
      let metric = metrics[index]
      let available =
        context.offered ?? offered(metric, context.task, context.score, context.place)
      let missing = metric.needs.subtracting(available)
      guard missing.isEmpty else {
        return [figure(.unavailable("needs " + missing.words), metric, context)]
      }
      if metric.scope == .comparison, let reason = context.whyNotCompared {
        return [figure(.unavailable(reason), metric, context)]
      }
      return metric.compute(context).map { figure($0, metric, context) }
    }
    return parts.flatMap(\.self)
  }

  /// The contexts of all tasks, scores and attributes.
  func contexts(ranks: Bool) -> [EvaluationContext] {
    data.tasks.flatMap { task in
      task.scores.enumerated().flatMap { index, score in
        groupings.map {
          context(task, score, $0, ranks: ranks, place: ScorePlace(task, index))
        }
      }
    }
  }

  /// The attributes, or everybody as one group where there are none.
  private var groupings: [Grouping] {
    data.attributes.isEmpty
      ? [
        Grouping(
          columns: [], keys: [GroupKey([])], codes: [Int32](repeating: 0, count: data.count))
      ] : data.attributes
  }

  /// What the data offer to a metric: of one task, or together of all tasks' columns of one kind.
  private func offered(
    _ metric: Metric, _ task: TaskColumns, _ score: ScoreColumn, _ place: ScorePlace
  ) -> Needs {
    guard metric.needs.contains(.tasks), data.tasks.count > 1 else { return available(task, score) }
    var needs: Needs = []
    for other in data.tasks {
      if let column = place.column(of: other) { needs.formUnion(available(other, column)) }
    }
    return needs
  }

  /// What the data offer for a task and score.
  private func available(_ task: TaskColumns, _ score: ScoreColumn) -> Needs {
    var needs: Needs = .rows
    var isOfClasses = false
    if case .multiclass = task.kind { isOfClasses = true }
    // Labels and decisions that are numbers of classes are no numbers.
    if !task.labels.isEmpty { needs.formUnion([.sameLabel, isOfClasses ? .classLabels : .labels]) }
    if !score.decisions.isEmpty {
      needs.insert(.choices)
      if !isOfClasses { needs.insert(.decisions) }
    }
    if !score.values.isEmpty { needs.formUnion([.scores, .ranks]) }
    if !data.features.isEmpty { needs.insert(.features) }
    if !options.protected.isEmpty { needs.insert(.protected) }
    if data.tasks.count > 1 { needs.insert(.tasks) }
    if !data.continuous.isEmpty { needs.insert(.continuous) }
    if data.strata != nil { needs.insert(.strata) }
    switch task.kind {
    case .binary: needs.insert(.binary)
    case .multiclass: needs.insert(.classes)
    case .regression: break
    }
    return needs
  }

  /// The sums and sorted scores of one task, score and attribute.
  func context(
    _ task: TaskColumns, _ score: ScoreColumn, _ grouping: Grouping, ranks: Bool,
    losses: [RowLoss] = [], place: ScorePlace
  ) -> EvaluationContext {
    var sums = Self.sums(
      data: data, task: task, score: score, codes: grouping.codes,
      groupCount: grouping.keys.count, threads: options.threads)
    data.add(RowLoss.distinct(losses), task, score, grouping.codes, to: &sums)
    return context(
      task, score, grouping, sums: sums, ranks: ranks, place: place, offered: nil)
  }

  /// The same from sums that are there already.
  func context(
    _ task: TaskColumns, _ score: ScoreColumn, _ grouping: Grouping, sums: SumAccumulator,
    ranks: Bool, ranked given: [RankedGroup]? = nil, place: ScorePlace, offered: Needs?
  ) -> EvaluationContext {
    let ranked =
      given
      ?? (ranks
        ? Self.ranked(
          data: data, task: task, score: score, codes: grouping.codes,
          groupCount: grouping.keys.count, threads: options.threads) : nil)
    var groups: [GroupView] = []
    var overallSums = GroupSums()
    for (index, part) in sums.groups.enumerated() {
      groups.append(GroupView(sums: part, ranked: ranked?[index]))
      overallSums += part
    }
    if score.kind == .constant, overallSums.moments.scored.weight > 0 {
      let value =
        score.values.first
        ?? overallSums.moments.sums[MomentIndex.score] / overallSums.moments.scored.weight
      for group in groups.indices { groups[group].sums.moments.known = value }
      overallSums.moments.known = value
    }
    let overallRanked = ranked.map { RankedGroup.joining($0) }
    var calibration: [Int] = []
    if let counts = options.calibrationCounts[grouping.columns] {
      calibration = grouping.keys.map { counts[$0] ?? 0 }
    }
    let occurring = groups.count { $0.sums.total.weight > 0 }
    return EvaluationContext(
      data: data, options: options, task: task, score: score, grouping: grouping, groups: groups,
      overall: GroupView(sums: overallSums, ranked: overallRanked),
      protected: options.protected[grouping.columns].flatMap { grouping.keys.firstIndex(of: $0) },
      calibration: calibration,
      pairFactor: options.intervals ? Tails.allPairs(count: occurring, tail: options.tail) : 2,
      place: place, offered: offered,
      memo: EstimateMemo())
  }

  private func figure(_ raw: Outcome, _ metric: Metric, _ context: EvaluationContext)
    -> Figure
  {
    let outcome = raw.withoutInfinities
    var flags = outcome.flags
    if metric.needs.contains(.decisions), outcome.value != nil, context.decidesAlike {
      flags.append(Figure.decisionsAlike)
    }
    return Figure(
      task: metric.needs.contains(.tasks) ? "" : context.task.name, score: context.score.name,
      metric: metric.id,
      definition: metric.definition, attribute: outcome.attribute ?? context.grouping.columns,
      group: outcome.group.map { context.grouping.keys[$0] }, category: outcome.category,
      value: outcome.value, reason: outcome.reason, lower: outcome.lower, upper: outcome.upper,
      count: outcome.count, method: outcome.method, flags: flags, noise: outcome.noise,
      insideNoise: outcome.insideNoise, least: outcome.least)
  }
}

extension EvaluationContext {
  /// Whether a score's decisions are all 1 or all 0; the constant predictor's are by its nature.
  fileprivate var decidesAlike: Bool {
    guard score.name != "constant" else { return false }
    let decided = overall.sums.tally(.decided).rows
    let selected = overall.sums.tally(.selected).rows
    return decided > 0 && (selected == 0 || selected == decided)
  }
}

extension Outcome {
  /// Numbers too large to be added or squared give no figure, and no bounds.
  fileprivate var withoutInfinities: Outcome {
    var result = self
    // fairlearn's names keep its NaN, flagged.
    if let value, !value.isFinite, !flags.contains("fairlearn-degenerate") {
      result.value = nil
      result.reason = "the numbers are too large to add up"
    }
    let isUnbounded = [lower, upper].contains { $0.map { !$0.isFinite } ?? false }
    if let noise, result.value == nil || !noise.mean.isFinite || !noise.band.isFinite {
      result.noise = nil
      result.insideNoise = nil
    }
    if result.value == nil || isUnbounded {
      result.lower = nil
      result.upper = nil
      result.method = ""
    }
    return result
  }
}

extension Evaluator {
  /// Rows of one block; fixed, so that sums do not depend on the number of threads.
  private static let block = 1 << 16

  /// The sums of every group, block by block in order.
  static func sums(
    data: EvaluationData, task: TaskColumns, score: ScoreColumn, codes: [Int32], groupCount: Int,
    threads: Int
  ) -> SumAccumulator {
    let blocks = max(1, (data.count + block - 1) / block)
    let weights = data.weights
    let isBinary = task.kind == .binary || (task.labels.isEmpty && !score.decisions.isEmpty)
    let labels = task.labels
    let rows = data.count
    let parts = Parallel.map(blocks, threads: threads) { index -> RowSums in
      var part = RowSums(groupCount: groupCount)
      let start = index * block
      part.add(
        rows: start..<min(rows, start + block), codes: codes, labels: labels,
        scores: score.values, decisions: score.decisions, weights: weights, binary: isBinary)
      return part
    }
    let groups = (0..<Int32(groupCount)).map { $0 }
    var result = RowSums(groupCount: groupCount)
    for part in parts { result.merge(part, at: groups) }
    return result.rounded
  }

  /// The sorted scores of every group, positives, negatives and unlabelled apart.
  static func ranked(
    data: EvaluationData, task: TaskColumns, score: ScoreColumn, codes: [Int32], groupCount: Int,
    threads: Int
  ) -> [RankedGroup] {
    let binary = task.kind == .binary && !task.labels.isEmpty
    let labels = task.labels
    let scores = score.values
    var survey: [Double] = []
    var frequencies: [Int] = []
    switch data.weights {
    case .none: break
    case .survey(let values): survey = values
    case .frequencies(let values): frequencies = values
    }
    // The cell of a row: its group by its label (0, 1, none).
    func cell(_ row: Int) -> Int32 {
      let code = codes[row]
      if code < 0 || scores[row].isNaN { return -1 }
      if !survey.isEmpty, survey[row] == 0 { return -1 }
      if !frequencies.isEmpty, frequencies[row] == 0 { return -1 }
      guard binary else { return code * 3 + 2 }
      let label = labels[row]
      return code * 3 + (label == 1 ? 1 : label == 0 ? 0 : 2)
    }
    var store = CellStore()
    var places = [Int32](repeating: 0, count: groupCount * 3)
    let groups = (0..<Int32(groupCount)).map { $0 }
    for start in stride(from: 0, to: scores.count, by: block) {
      let rows = start..<min(scores.count, start + block)
      var weights: [Double] = []
      if !survey.isEmpty {
        weights = Array(survey[rows])
      } else if !frequencies.isEmpty {
        weights = frequencies[rows].map(Double.init)
      }
      store.add(
        CellBlock(
          cells: rows.map(cell), scores: Array(scores[rows]), weights: weights, places: &places),
        groups: groups)
    }
    return store.sorted(isFrequency: survey.isEmpty, threads: threads)
      .ranked(groups, count: groupCount, labels: true)
  }
}

extension Needs {
  /// The needs in words.
  package var words: String {
    let names: [(Needs, String)] = [
      (.labels, "labels"), (.decisions, "yes-or-no decisions"),
      (.choices, "decisions"), (.scores, "scores"), (.ranks, "scores"),
      (.features, "features"), (.protected, "a protected value"), (.tasks, "two tasks"),
      (.continuous, "a numeric attribute"), (.strata, "strata"), (.binary, "binary labels"),
      (.classes, "a task of classes"),
      (.classLabels, "class labels"),
    ]
    var words: [String] = []
    for (need, word) in names where contains(need) && !words.contains(word) { words.append(word) }
    return words.joined(separator: ", ")
  }
}
