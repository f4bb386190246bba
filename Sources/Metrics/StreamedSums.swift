internal import Numerics
public import Transport

/// The sums of one score of one task under one attribute, as a stream leaves them.
public struct StreamedSums: Sendable {
  /// The task.
  public var task: String
  /// What its labels are.
  public var kind: TaskKind
  /// The score's name.
  public var score: String
  /// What the stream had.
  public var hasLabels: Bool
  public var hasScores: Bool
  public var hasDecisions: Bool
  /// The attribute; no columns for everybody as one group.
  public var columns: [String]
  /// The groups, in the order of the sums.
  public var keys: [GroupKey]
  /// The sums.
  public var sums: SumAccumulator

  /// Sums with their names.
  public init(
    task: String, kind: TaskKind, score: String, hasLabels: Bool, hasScores: Bool,
    hasDecisions: Bool, columns: [String], keys: [GroupKey], sums: SumAccumulator
  ) {
    self.task = task
    self.kind = kind
    self.score = score
    self.hasLabels = hasLabels
    self.hasScores = hasScores
    self.hasDecisions = hasDecisions
    self.columns = columns
    self.keys = keys
    self.sums = sums
  }
}

extension Evaluator {
  /// Figures that are sums, from a stream's sums.
  ///
  /// A metric of `also` is left out where the stream lacks what it needs; one of `metrics` is then a
  /// figure with a reason.
  ///
  /// - Precondition: every metric is a sum (`Metric.isSum`).
  public static func figures(
    _ streams: [StreamedSums], metrics: [Metric], also: [Metric] = [],
    options: EvaluationOptions = EvaluationOptions()
  ) -> [Figure] {
    precondition((metrics + also).allSatisfy(\.isSum))
    // No columns cannot fail to fit together.
    guard let empty = try? EvaluationData(count: 0, tasks: [], attributes: []) else { return [] }
    let evaluator = Evaluator(empty, options: options)
    var result: [Figure] = []
    var contexts: [EvaluationContext] = []
    for stream in streams {
      let context = evaluator.context(stream)
      let offered = context.offered ?? []
      let more = also.filter { metric in
        offered.contains(metric.needs) && !metrics.contains { $0.id == metric.id }
      }
      contexts.append(context)
      result += evaluator.figures(metrics + more, in: context)
    }
    guard options.bootstrap > 0 else { return result }
    return Bootstrap.apply(
      to: result, evaluator: evaluator, contexts: contexts, metrics: metrics + also,
      replicates: options.bootstrap)
  }

  /// A stream's context.
  private func context(_ stream: StreamedSums) -> EvaluationContext {
    var offered: Needs = []
    if stream.hasLabels { offered.insert(.labels) }
    if stream.hasScores { offered.insert(.scores) }
    if stream.hasDecisions { offered.insert(.decisions) }
    if !options.protected.isEmpty { offered.insert(.protected) }
    if stream.kind == .binary { offered.insert(.binary) }
    let hasColumns = !stream.columns.isEmpty
    return context(
      TaskColumns(name: stream.task, kind: stream.kind, labels: [], scores: []),
      ScoreColumn(name: stream.score, values: []),
      Grouping(
        columns: stream.columns, keys: hasColumns ? stream.keys : [GroupKey([])], codes: []),
      sums: stream.sums, ranks: false, scoreIndex: 0, offered: offered)
  }
}

extension SumAccumulator {
  /// Adds another part whose group g is this one's group `places[g]`; new groups are added.
  public mutating func merge(_ other: SumAccumulator, at places: [Int32]) {
    for (group, place) in zip(other.groups.indices, places) {
      grow(to: Int(place) + 1)
      add(other.groups[group], to: Int(place))
    }
  }

  /// The groups in another order: the new group g is the old `order[g]`.
  public func reordered(_ order: [Int]) -> SumAccumulator {
    var result = SumAccumulator(groupCount: order.count)
    for (place, group) in order.enumerated() where group < groups.count {
      result.add(groups[group], to: place)
    }
    return result
  }

  /// The same sums with every label forgotten in the cells: decisions of a task that is not binary.
  public var withoutCellLabels: SumAccumulator {
    var result = self
    for group in groups.indices {
      var sums = groups[group]
      for decision in 0..<3 {
        for label in 0..<2 {
          sums.cells[6 + decision] += sums.cells[label * 3 + decision]
          sums.cells[label * 3 + decision] = Tally()
        }
      }
      result.replace(group, sums)
    }
    return result
  }

  /// The sums of the constant predictor: the mean label as score, the commonest label as decision.
  ///
  /// `positives` and `negatives` are the weights of labels 1 and 0 over the whole stream.
  public func constant(positives: Double, negatives: Double) -> SumAccumulator {
    var result = SumAccumulator(groupCount: groups.count)
    let total = positives + negatives
    guard total > 0 else { return result }
    let mean = positives / total
    let decision = positives > negatives ? 1 : 0
    for group in groups.indices {
      var sums = GroupSums()
      sums.total = groups[group].total
      for label in 0..<3 {
        for old in 0..<3 {
          sums.cells[label * 3 + decision] += groups[group].cells[label * 3 + old]
        }
      }
      let negative = sums.cells[decision]
      let positive = sums.cells[3 + decision]
      let all = sums.total.weight
      sums.moments.scored = sums.total
      sums.moments.paired = negative
      sums.moments.paired += positive
      func set(_ index: Int, _ ofNegative: Double, _ ofPositive: Double) {
        sums.moments.sums[index] = negative.weight * ofNegative + positive.weight * ofPositive
      }
      sums.moments.sums[MomentIndex.score] = all * mean
      sums.moments.sums[MomentIndex.scoreSquare] = all * mean * mean
      set(MomentIndex.label, 0, 1)
      set(MomentIndex.labelSquare, 0, 1)
      let low = mean * mean
      let high = (1 - mean) * (1 - mean)
      set(MomentIndex.squaredError, low, high)
      set(MomentIndex.squaredErrorSquare, low * low, high * high)
      set(MomentIndex.absoluteError, mean, 1 - mean)
      let zero = logLoss(label: 0, score: mean)
      let one = logLoss(label: 1, score: mean)
      set(MomentIndex.logLoss, zero, one)
      set(MomentIndex.logLossSquare, zero * zero, one * one)
      result.replace(group, sums)
    }
    return result
  }
}
