internal import FairpostNumerics
package import FairpostTransport

/// How figures are computed.
package struct EvaluationOptions: Sendable {
  /// One minus the confidence level.
  package var tail = 0.05
  /// Groups with fewer rows are flagged.
  package var smallGroup = 30
  /// The protected value of an attribute, by its columns; directed figures need it.
  package var protected: [[String]: GroupKey] = [:]
  /// The seed of simulated noise floors and bands.
  package var seed: UInt64 = 1
  /// Draws of a simulated noise floor.
  package var noiseDraws = 1000
  /// Calibration sizes of a fitted map by attribute and group; they add to the noise floor.
  package var calibrationCounts: [[String]: [GroupKey: Int]] = [:]
  /// Replicates of the bootstrap; 0 for none.
  package var bootstrap = 0
  /// Draws of permutation tests; 0 for none.
  package var permutations = 0
  /// Whether intervals are wanted at all; resampling needs only values.
  var intervals = true
  /// Threads.
  package var threads = 1

  /// The defaults.
  package init() {}
}

/// Everything a metric may look at for one task, score and attribute.
struct EvaluationContext: Sendable {
  var data: EvaluationData
  var options: EvaluationOptions
  var task: TaskColumns
  var score: ScoreColumn
  var grouping: Grouping
  /// One view per group.
  private(set) var groups: [GroupView]
  /// Everybody with a group.
  private(set) var overall: GroupView
  /// The protected group's code.
  var protected: Int?
  /// Calibration sizes by group, empty where not given.
  var calibration: [Int]

  /// Tukey's factor for all pairs of the groups that occur.
  var pairFactor: Double
  /// Which of the task's score columns this is.
  var place: ScorePlace
  /// What the data offer, where it does not follow from the columns.
  var offered: Needs?
  /// What was computed of these groups.
  private(set) var memo: EstimateMemo

  /// The same with other sums, of which nothing is known yet.
  func replacing(groups: [GroupView], overall: GroupView) -> EvaluationContext {
    var result = self
    result.groups = groups
    result.overall = overall
    result.memo = EstimateMemo()
    return result
  }

  /// The groups that occur.
  var present: [Int] { groups.indices.filter { groups[$0].sums.total.weight > 0 } }

  /// Why groups cannot be compared; nil where there are two.
  var whyNotCompared: String? {
    var seen = 0
    for group in groups where group.sums.total.weight > 0 {
      seen += 1
      if seen > 1 { return nil }
    }
    return seen == 0 ? "no group has rows" : "there is only one group"
  }

  /// A base metric's value for everybody and for each group.
  func estimates(_ base: BaseMetric) -> EstimateMemo.Estimates {
    memo.estimates(base.id) {
      let overall = base.estimate(overall)
      guard base.needs.contains(.ranks) else {
        return EstimateMemo.Estimates(overall: overall, groups: groups.map(base.estimate))
      }
      let groups = groups
      return EstimateMemo.Estimates(
        overall: overall,
        groups: Parallel.map(groups.count, threads: options.threads) { base.estimate(groups[$0]) })
    }
  }

  /// Everybody outside a group.
  func rest(_ group: Int) -> GroupView {
    var sums = GroupSums()
    for other in groups.indices where other != group { sums += groups[other].sums }
    let parts = groups.indices.compactMap { $0 == group ? nil : groups[$0].ranked }
    let ranked = parts.isEmpty ? nil : RankedGroup.joining(parts)
    return GroupView(sums: sums, ranked: ranked)
  }

  /// The flags a figure over these groups carries.
  func flags(_ codes: [Int]) -> [String] {
    codes.contains { groups[$0].sums.total.rows < options.smallGroup } ? ["small-group"] : []
  }

  /// A random stream of its own for one figure, the same whatever else is computed.
  func stream(_ id: String) -> RandomStream {
    let hash = StableHash(seed: options.seed, purpose: "figure noise")
    let name = [task.name, score.name, id] + grouping.columns
    var key: UInt64 = 0
    for part in name { key = hash(key ^ hash(part)) }
    return RandomStream(key: key)
  }
}
