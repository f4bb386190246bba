internal import FairpostEvaluation
package import FairpostMetrics
internal import FairpostNumerics
internal import FairpostTransport

/// The cells of a comparison, put together over the seeds.
package struct ResultTable: Sendable {
  /// One figure of one arm over the seeds.
  package struct Row: Sendable {
    package let arm: Int
    package let key: CellFigure.Key
    /// The value under each seed; nil where there is none.
    package let values: [Double?]
    /// The mean with its interval; nil where no seed has a value.
    package let mean: ReplicateMean?
    /// Whether tied scores leave no decisions near the asked selection rate under some seed.
    package let isOffRate: Bool
    /// Why there is none, or what a reader should know.
    package let reason: String
    /// The smallest number of rows a seed's figure rests on.
    package let count: Int
    /// The mean fair floor.
    package let floor: Double?
    /// The paired difference to the plain model, over the seeds.
    package let difference: ReplicateMean?
    /// The same with the wider interval that allows for overlapping training rows.
    package let wide: ReplicateMean?
    package var isEfficient = false
  }

  /// A group with too few test rows under some seed for its figures to say much.
  package struct SmallGroup: Sendable {
    /// Groups with fewer test rows are small, as evaluate flags them.
    package static let limit = 30
    package let name: String
    /// Its test rows under the seed with the fewest.
    package let rows: Int
  }

  package let arms: [Arm]
  package let seeds: [UInt64]
  package let metrics: CompareMetrics
  package let plain: Int
  /// The arms' cells by seed; nil where an arm is not applicable.
  package let cells: [[CellResult?]]
  package private(set) var rows: [Row] = []
  package let tail: Double
  /// The loss of performance that counts as none; nil for a hundredth of the plain model's.
  package let margin: Double?
  /// Features that give the label or the group away, a sentence each.
  package let leaks: [String]
  /// Groups with few test rows, the smallest first.
  package let smallGroups: [SmallGroup]
  /// Test rows over training rows, for the wider intervals.
  package let overlap: Double

  package init(
    plan: ComparePlan, metrics: CompareMetrics, cells: [[CellResult?]], leaks: [String] = [],
    smallGroups: [SmallGroup] = []
  ) {
    arms = plan.arms
    seeds = plan.seeds
    plain = plan.plain
    tail = plan.tail
    overlap = plan.overlap
    margin = plan.margin
    self.metrics = metrics
    self.cells = cells
    self.leaks = leaks
    self.smallGroups = smallGroups
    var known: [[CellFigure.Key: [CellFigure?]]] = []
    var order: [[CellFigure.Key]] = []
    for results in cells {
      var byKey: [CellFigure.Key: [CellFigure?]] = [:]
      var keys: [CellFigure.Key] = []
      for (seed, result) in results.enumerated() {
        for figure in result?.figures ?? [] {
          if byKey[figure.key] == nil {
            byKey[figure.key] = [CellFigure?](repeating: nil, count: results.count)
            keys.append(figure.key)
          }
          byKey[figure.key]?[seed] = figure
        }
      }
      known.append(byKey)
      order.append(keys)
    }
    for arm in arms.indices {
      for key in order[arm] {
        let figures = known[arm][key] ?? []
        let values = figures.map { $0?.value }
        let reference = (known[plain][key] ?? []).map { $0?.value }
        let floors = figures.compactMap { $0?.floor }
        let mean = ReplicateMean(values.compactMap { $0 }, tail: tail)
        let isOffRate = figures.contains { $0?.mark == .rateNotAttainable }
        rows.append(
          Row(
            arm: arm, key: key, values: values, mean: mean, isOffRate: isOffRate,
            reason: Self.reason(figures, mean),
            count: figures.compactMap { $0?.count }.min() ?? 0,
            floor: floors.isEmpty ? nil : floors.reduce(0, +) / Double(floors.count),
            difference: arm == plain
              ? nil : ReplicateMean(values, minus: reference, tail: tail),
            wide: arm == plain
              ? nil
              : ReplicateMean(values, minus: reference, tail: tail, overlap: plan.overlap)))
      }
    }
    markEfficient()
  }

  /// What a reader should know of a figure over the seeds; empty where there is nothing.
  private static func reason(_ figures: [CellFigure?], _ mean: ReplicateMean?) -> String {
    let known = figures.compactMap { $0 }
    guard let mean else { return known.first { $0.reason != nil }?.flag ?? "not estimable" }
    var reasons: [String] = []
    if mean.count < figures.count {
      let why = known.first { $0.value == nil }?.reason ?? "a run failed"
      reasons.append("mean over \(mean.count) of \(figures.count) seeds: \(why)")
    }
    let marked = known.filter { $0.mark == .rateNotAttainable }
    if let first = marked.first {
      reasons.append(
        figures.count == 1
          ? first.flag
          : "\(CellFigure.Mark.rateNotAttainable.rawValue) under \(marked.count) of \(figures.count) seeds: \(first.reason ?? "") (in the first)"
      )
    }
    return reasons.joined(separator: "; ")
  }

  /// Marks, for each task and kind of decisions, the arms that no other beats on both axes.
  ///
  /// Means are compared over the same test rows only: an arm that failed under some seed, or lacks a
  /// figure where another arm has it, is left out of the frontier. So is one that selects
  /// another share of rows than the others at equal rate.
  private mutating func markEfficient() {
    for task in metrics.tasks {
      for decisions in CellFigure.Decisions.allCases {
        let axes = arms.indices.map { arm in
          (
            row(arm, task, task.performance, decisions), row(arm, task, task.fairness, decisions)
          )
        }
        func has(_ arm: Int, _ seed: Int) -> Bool {
          axes[arm].0?.values[seed] != nil && axes[arm].1?.values[seed] != nil
        }
        let counted = seeds.indices.filter { seed in arms.indices.contains { has($0, seed) } }
        let points = arms.indices.map { arm -> (Double?, Double?) in
          let (first, second) = axes[arm]
          guard failures(arm).isEmpty, notApplicable(arm) == nil,
            counted.allSatisfy({ has(arm, $0) }), first?.isOffRate != true,
            second?.isOffRate != true
          else { return (nil, nil) }
          return (first?.mean?.mean, second?.mean?.mean)
        }
        let efficient = ParetoFront.efficient(
          points, directions: (task.performance.direction, task.fairness.direction))
        for place in rows.indices
        where rows[place].key.task == task.name && rows[place].key.decisions == decisions {
          rows[place].isEfficient = efficient[rows[place].arm]
        }
      }
    }
  }

  /// A figure of an arm over everybody, by the first attribute.
  package func row(
    _ arm: Int, _ task: CompareMetrics.Task, _ metric: Metric,
    _ decisions: CellFigure.Decisions = .own
  ) -> Row? {
    rows.first {
      $0.arm == arm && $0.key.task == task.name && $0.key.metric == metric.id
        && $0.key.decisions == decisions && $0.key.group == nil && $0.key.category == nil
    }
  }

  /// The failed cells of an arm.
  package func failures(_ arm: Int) -> [(seed: UInt64, reason: String)] {
    zip(seeds, cells[arm]).compactMap { seed, cell in
      guard let fault = cell?.fault, !fault.isNotApplicable else { return nil }
      return (seed, fault.reason)
    }
  }

  /// Why an arm does not fit the data, found before or while it was tried.
  package func notApplicable(_ arm: Int) -> String? {
    arms[arm].notApplicable
      ?? cells[arm].lazy.compactMap { $0?.fault }.first { $0.isNotApplicable }?.reason
  }

  /// Whether some cell failed.
  package var hasFailures: Bool { arms.indices.contains { !failures($0).isEmpty } }
}
