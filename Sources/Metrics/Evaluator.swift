internal import Numerics
internal import Transport

/// Computes figures: every task, score and attribute of the data by every metric asked for.
public struct Evaluator: Sendable {
  /// The data.
  public let data: EvaluationData
  /// How.
  public let options: EvaluationOptions

  /// An evaluator.
  public init(_ data: EvaluationData, options: EvaluationOptions = EvaluationOptions()) {
    self.data = data
    self.options = options
  }

  /// The figures, by task, score, attribute, then metric.
  ///
  /// A metric that needs what the data do not have is left out when `metrics` is nil (the default
  /// figures), and is a figure with a reason when it was asked for.
  public func figures(_ metrics: [Metric]? = nil) -> [Figure] {
    let asked = metrics ?? MetricRegistry.all.filter(\.isDefault)
    var result: [Figure] = []
    for task in data.tasks {
      for score in task.scores {
        let available = available(task, score)
        let usable = metrics == nil ? asked.filter { available.contains($0.needs) } : asked
        for grouping in data.attributes {
          let needsRanks = usable.contains {
            $0.needs.contains(.ranks) && available.contains(.scores)
          }
          let context = context(task, score, grouping, ranks: needsRanks)
          for metric in usable {
            let missing = metric.needs.subtracting(available)
            if missing.isEmpty {
              result += metric.compute(context).map { figure($0, metric, context) }
            } else {
              result.append(
                figure(.unavailable("needs " + missing.words), metric, context))
            }
          }
        }
      }
    }
    return result
  }

  /// What the data offer for a task and score.
  private func available(_ task: TaskColumns, _ score: ScoreColumn) -> Needs {
    var needs: Needs = []
    if !task.labels.isEmpty { needs.insert(.labels) }
    if !score.decisions.isEmpty { needs.insert(.decisions) }
    if !score.values.isEmpty { needs.formUnion([.scores, .ranks]) }
    if !data.features.isEmpty { needs.insert(.features) }
    if !options.protected.isEmpty { needs.insert(.protected) }
    if data.tasks.count > 1 { needs.insert(.tasks) }
    if !data.continuous.isEmpty { needs.insert(.continuous) }
    switch task.kind {
    case .binary: needs.insert(.binary)
    case .multiclass: needs.insert(.classes)
    case .regression: break
    }
    return needs
  }

  /// The sums and sorted scores of one task, score and attribute.
  func context(_ task: TaskColumns, _ score: ScoreColumn, _ grouping: Grouping, ranks: Bool)
    -> EvaluationContext
  {
    let sums = Self.sums(
      data: data, task: task, score: score, codes: grouping.codes,
      groupCount: grouping.keys.count, threads: options.threads)
    let ranked =
      ranks
      ? Self.ranked(
        data: data, task: task, score: score, codes: grouping.codes,
        groupCount: grouping.keys.count, threads: options.threads) : []
    var groups: [GroupView] = []
    var overallSums = GroupSums()
    var overallRanked: RankedGroup?
    for (index, part) in sums.groups.enumerated() {
      groups.append(GroupView(sums: part, ranked: ranks ? ranked[index] : nil))
      overallSums += part
      if ranks { overallRanked = overallRanked?.merging(ranked[index]) ?? ranked[index] }
    }
    var calibration: [Int] = []
    if let counts = options.calibrationCounts[grouping.columns] {
      calibration = grouping.keys.map { counts[$0] ?? 0 }
    }
    return EvaluationContext(
      data: data, options: options, task: task, score: score, grouping: grouping, groups: groups,
      overall: GroupView(sums: overallSums, ranked: overallRanked),
      protected: options.protected[grouping.columns].flatMap { grouping.keys.firstIndex(of: $0) },
      calibration: calibration)
  }

  private func figure(_ outcome: Outcome, _ metric: Metric, _ context: EvaluationContext)
    -> Figure
  {
    Figure(
      task: context.task.name, score: context.score.name, metric: metric.id,
      definition: metric.definition, attribute: context.grouping.columns,
      group: outcome.group.map { context.grouping.keys[$0] }, category: outcome.category,
      value: outcome.value, reason: outcome.reason, lower: outcome.lower, upper: outcome.upper,
      count: outcome.count, method: outcome.method, flags: outcome.flags, noise: outcome.noise,
      insideNoise: outcome.insideNoise)
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
    let parts = Parallel.map(blocks, threads: threads) { index -> SumAccumulator in
      var part = SumAccumulator(groupCount: groupCount)
      let start = index * block
      part.add(
        rows: start..<min(rows, start + block), codes: codes, labels: labels,
        scores: score.values, decisions: score.decisions, weights: weights, binary: isBinary)
      return part
    }
    var result = SumAccumulator(groupCount: groupCount)
    for part in parts { result.merge(part) }
    return result
  }

  /// The sorted scores of every group, positives, negatives and unlabelled apart.
  static func ranked(
    data: EvaluationData, task: TaskColumns, score: ScoreColumn, codes: [Int32], groupCount: Int,
    threads: Int
  ) -> [RankedGroup] {
    var buckets = [[(Double, Double)]](repeating: [], count: groupCount * 3)
    var rows = [Int](repeating: 0, count: groupCount * 3)
    let binary = task.kind == .binary && !task.labels.isEmpty
    for row in 0..<score.values.count {
      let code = Int(codes[row])
      let value = score.values[row]
      let weight = data.weight(row)
      if code < 0 || value.isNaN || weight == 0 { continue }
      var kind = 2
      if binary, !task.labels[row].isNaN { kind = task.labels[row] == 1 ? 1 : 0 }
      // -0 and 0 are one value.
      buckets[code * 3 + kind].append((value + 0, weight))
      if case .frequencies(let counts) = data.weights {
        rows[code * 3 + kind] += counts[row]
      } else {
        rows[code * 3 + kind] += 1
      }
    }
    var frequencies = true
    if case .survey = data.weights { frequencies = false }
    let isFrequency = frequencies
    let filled = buckets
    let counts = rows
    let samples = Parallel.map(filled.count, threads: threads) { index in
      SortedSample(sorting: filled[index], frequencies: isFrequency, rows: counts[index])
    }
    return (0..<groupCount).map {
      RankedGroup(
        positives: samples[$0 * 3 + 1], negatives: samples[$0 * 3], unlabelled: samples[$0 * 3 + 2])
    }
  }
}

extension Needs {
  /// The needs in words.
  public var words: String {
    let names: [(Needs, String)] = [
      (.labels, "labels"), (.decisions, "decisions"), (.scores, "scores"), (.ranks, "scores"),
      (.features, "features"), (.protected, "a protected value"), (.tasks, "two tasks"),
      (.continuous, "a numeric attribute"), (.binary, "binary labels"), (.classes, "class labels"),
    ]
    var words: [String] = []
    for (need, word) in names where contains(need) && !words.contains(word) { words.append(word) }
    return words.joined(separator: ", ")
  }
}
