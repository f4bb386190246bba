internal import FairpostNumerics
package import FairpostTransport

/// The sums of one score of one task under one attribute, as a stream leaves them.
package struct StreamedSums: Sendable {
  /// The task.
  package var task: String
  /// What its labels are.
  package var kind: TaskKind
  /// The score's name.
  package var score: String
  /// What kind of score it is.
  package var scoreKind: ScoreKind
  /// What the stream had.
  package var hasLabels: Bool
  package var hasScores: Bool
  package var hasDecisions: Bool
  /// The attribute; no columns for everybody as one group.
  package var columns: [String]
  /// The groups, in the order of the sums.
  package var keys: [GroupKey]
  /// The sums.
  package var sums: SumAccumulator
  /// The sorted scores, where figures of ranks are wanted.
  package var cells: SortedCells?
  /// The group of each cell's group; -1 for none.
  package var places: [Int32]

  /// Sums with their names, and sorted scores where there are.
  package init(
    task: String, kind: TaskKind, score: String, scoreKind: ScoreKind = .given, hasLabels: Bool,
    hasScores: Bool, hasDecisions: Bool, columns: [String], keys: [GroupKey], sums: SumAccumulator,
    cells: SortedCells? = nil, places: [Int32] = []
  ) {
    self.task = task
    self.kind = kind
    self.score = score
    self.scoreKind = scoreKind
    self.hasLabels = hasLabels
    self.hasScores = hasScores
    self.hasDecisions = hasDecisions
    self.columns = columns
    self.keys = keys
    self.sums = sums
    self.cells = cells
    self.places = places
  }
}

extension Evaluator {
  /// Figures that are sums, and figures of ranks where the streams have sorted scores.
  ///
  /// A metric of `also` is left out where the stream lacks what it needs; one of `metrics` is then a
  /// figure with a reason.
  package static func figures(
    _ streams: [StreamedSums], metrics: [Metric], also: [Metric] = [],
    options: EvaluationOptions = EvaluationOptions()
  ) -> [Figure] {
    let evaluator = Evaluator(.empty, options: options)
    var result: [Figure] = []
    var contexts: [EvaluationContext] = []
    for stream in streams {
      let context = evaluator.context(stream)
      let offered = context.offered ?? []
      let more = also.filter { metric in
        offered.contains(metric.needs) && !metrics.contains { $0.id == metric.id }
      }
      // Contexts hold merged scores: they are kept only where something is drawn from them.
      if options.bootstrap > 0 { contexts.append(context) }
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
    if stream.hasLabels { offered.formUnion([.labels, .sameLabel]) }
    if stream.hasScores { offered.insert(.scores) }
    if stream.cells != nil { offered.insert(.ranks) }
    if stream.hasDecisions { offered.formUnion([.decisions, .choices]) }
    if !options.protected.isEmpty { offered.insert(.protected) }
    if stream.kind == .binary { offered.insert(.binary) }
    let hasColumns = !stream.columns.isEmpty
    return context(
      TaskColumns(name: stream.task, kind: stream.kind, labels: [], scores: []),
      ScoreColumn(name: stream.score, values: [], kind: stream.scoreKind),
      Grouping(
        columns: stream.columns, keys: hasColumns ? stream.keys : [GroupKey([])], codes: []),
      sums: stream.sums, ranks: false,
      ranked: stream.cells?.ranked(
        stream.places, count: hasColumns ? stream.keys.count : 1, labels: stream.kind == .binary),
      place: ScorePlace(), offered: offered)
  }
}

extension SumAccumulator {
  /// The groups in another order: the new group g is the old `order[g]`.
  package func reordered(_ order: [Int]) -> SumAccumulator {
    var result = SumAccumulator(groupCount: order.count)
    for (place, group) in order.enumerated() where group < groups.count {
      result.add(groups[group], to: place)
    }
    return result
  }

  /// The same sums with every label forgotten in the cells: decisions of a task that is not binary.
  package var withoutCellLabels: SumAccumulator {
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
}
