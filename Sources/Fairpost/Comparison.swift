internal import FairpostComparison
internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostTransport

/// Fair training against adjusting afterwards, on the same rows.
///
///     let comparison = try Comparison.of(
///       .file("loans.csv"), LearningRoles(Columns(tasks: ["repaid"], groups: ["sex"])),
///       methods: ["linear", "faalgrad"], adjustments: ["none", "wasserstein"])
///     print(comparison.text)
public struct Comparison: Sendable {
  /// One figure of one arm over the seeds.
  public struct Figure: Sendable, Equatable {
    /// The arm.
    public let arm: String
    /// The task.
    public let task: String
    /// The metric's id.
    public let metric: String
    /// Whether decisions are those at one selection rate in every arm, rather than the arm's own.
    public let isAtEqualRate: Bool
    /// The group; nil for figures over groups.
    public let group: [String]?
    /// The mean over the seeds with its interval.
    public let mean: Double?, lower: Double?, upper: Double?
    /// The paired difference to the plain model, with the interval that allows for shared rows.
    public let difference: Double?, differenceLower: Double?, differenceUpper: Double?
    /// Whether no other arm is at least as good in both axes and better in one.
    public let isEfficient: Bool
  }

  /// All figures, arm by arm.
  public let figures: [Figure]
  /// The tables and what they say, for people.
  public let text: String
  /// Cells that failed, with the reason.
  public let failures: [(arm: String, seed: Int, reason: String)]
  /// What a reader must know besides.
  public let notes: [String]
  private let table: ResultTable

  /// Compares.
  ///
  /// - Parameters:
  ///   - records: the rows.
  ///   - roles: what the columns are for.
  ///   - methods: training methods, with pre-processing before a `+`.
  ///   - adjustments: what follows each of them; `none` for nothing.
  ///   - settings: settings of methods, each as `METHOD.SETTING`.
  ///   - seeds: how often rows are divided, trained on and evaluated.
  ///   - fractions: the shares of train, calibrate and test.
  ///   - seed: the first seed.
  public static func of(
    _ records: Records, _ roles: LearningRoles, methods: [String], adjustments: [String] = ["none"],
    settings: Settings = [:], seeds: Int = 5, fractions: [Double] = [0.6, 0.2, 0.2],
    seed: Int = defaultSeed
  ) throws(FairpostError) -> Comparison {
    try answering {
      guard fractions.count == 3 else {
        throw FairpostError(
          .usage, "expected three fractions (train, calibrate, test), not \(fractions.count)")
      }
      guard seeds > 0 else { throw FairpostError(.usage, "expected at least one seed") }
      var request = CompareRequest()
      request.columns = roles.learning
      request.methods = methods
      request.adjustments = adjustments
      request.settings = settings.given.map { "\($0.name)=\($0.value.isEmpty ? "yes" : $0.value)" }
      request.seedCount = seeds
      request.seed = UInt64(bitPattern: Int64(seed))
      request.fractions = zip(["train", "calibrate", "test"], fractions)
        .map { "\($0)=\(Setting($1).text ?? "")" }.joined(separator: ",")
      let listener = Listener()
      let run = try CompareRun(request, try records.passes().passes, listener.console)
      return Comparison(try run.table(), listener.notes)
    }
  }

  private init(_ table: ResultTable, _ notes: [String]) {
    self.table = table
    self.notes = notes
    text = ResultText(table: table, style: .aligned).text()
    figures = table.rows.map { row in
      Figure(
        arm: table.arms[row.arm].name, task: row.key.task, metric: row.key.metric,
        isAtEqualRate: row.key.decisions == .equalRate,
        group: row.key.group?.parts.map(\.description), mean: row.mean?.mean,
        lower: row.mean?.lower, upper: row.mean?.upper, difference: row.difference?.mean,
        differenceLower: row.wide?.lower, differenceUpper: row.wide?.upper,
        isEfficient: row.isEfficient)
    }
    failures = table.arms.indices.flatMap { arm in
      table.failures(arm).map { (table.arms[arm].name, Int(truncatingIfNeeded: $0.0), $0.1) }
    }
  }

  /// The figures as CSV, as the program writes them.
  public func csv() throws(FairpostError) -> String {
    try answering { String(decoding: try ResultCSV.bytes(table), as: UTF8.self) }
  }
}
