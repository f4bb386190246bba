internal import Metrics
internal import Numerics
internal import Transport

/// The cells of a comparison, put together over the seeds.
struct ResultTable: Sendable {
  /// One figure of one arm over the seeds.
  struct Row: Sendable {
    let arm: Int
    let key: CellFigure.Key
    /// The value under each seed; nil where there is none.
    let values: [Double?]
    /// The mean with its interval; nil where no seed has a value.
    let mean: ReplicateMean?
    /// Why there is none, or what a reader should know.
    let reason: String
    /// The smallest number of rows a seed's figure rests on.
    let count: Int
    /// The mean fair floor.
    let floor: Double?
    /// The paired difference to the plain model, over the seeds.
    let difference: ReplicateMean?
    /// The same with the wider interval that allows for overlapping training rows.
    let wide: ReplicateMean?
    var isEfficient = false
  }

  let arms: [Arm]
  let seeds: [UInt64]
  let metrics: CompareMetrics
  let plain: Int
  /// The arms' cells by seed; nil where an arm is not applicable.
  let cells: [[CellResult?]]
  private(set) var rows: [Row] = []
  let tail: Double
  /// The loss of performance that counts as none; nil for a hundredth of the plain model's.
  let margin: Double?
  /// Test rows over training rows, for the wider intervals.
  let overlap: Double

  init(
    plan: ComparePlan, metrics: CompareMetrics, cells: [[CellResult?]]
  ) {
    arms = plan.arms
    seeds = plan.seeds
    plain = plan.plain
    tail = plan.tail
    overlap = plan.overlap
    margin = plan.margin
    self.metrics = metrics
    self.cells = cells
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
        let lacking = values.count { $0 == nil }
        var reason = ""
        if lacking > 0 {
          let why = figures.compactMap { $0?.reason }.first ?? "the cell has no figures"
          reason =
            mean == nil ? "not estimable: \(why)" : "not estimable under \(lacking) seeds: \(why)"
        }
        rows.append(
          Row(
            arm: arm, key: key, values: values, mean: mean, reason: reason,
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

  /// Marks, for each task and kind of decisions, the arms that no other beats on both axes.
  private mutating func markEfficient() {
    for task in metrics.tasks {
      for decisions in CellFigure.Decisions.allCases {
        let points = arms.indices.map { arm in
          (
            row(arm, task, task.performance, decisions)?.mean?.mean,
            row(arm, task, task.fairness, decisions)?.mean?.mean
          )
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
  func row(
    _ arm: Int, _ task: CompareMetrics.Task, _ metric: Metric,
    _ decisions: CellFigure.Decisions = .own
  ) -> Row? {
    rows.first {
      $0.arm == arm && $0.key.task == task.name && $0.key.metric == metric.id
        && $0.key.decisions == decisions && $0.key.group == nil && $0.key.category == nil
    }
  }

  /// The failed cells of an arm.
  func failures(_ arm: Int) -> [(seed: UInt64, reason: String)] {
    zip(seeds, cells[arm]).compactMap { seed, cell in
      guard let fault = cell?.fault, !fault.isNotApplicable else { return nil }
      return (seed, fault.reason)
    }
  }

  /// Why an arm does not fit the data, found before or while it was tried.
  func notApplicable(_ arm: Int) -> String? {
    arms[arm].notApplicable
      ?? cells[arm].lazy.compactMap { $0?.fault }.first { $0.isNotApplicable }?.reason
  }

  /// Whether some cell failed.
  var hasFailures: Bool { arms.indices.contains { !failures($0).isEmpty } }
}
