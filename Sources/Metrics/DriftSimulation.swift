internal import Numerics

/// How often a drift check sounds, by seeded simulation: on the same population and on moved ones.
public enum DriftSimulation {
  /// One case: how many rows arrive, and how the population has moved.
  public struct Case: Sendable {
    /// What moved: `nothing`, `scores`, `mix` or `missing`.
    public var moved: String
    /// Rows of each group at the fit.
    public var fitted: [Int]
    /// Rows that arrive.
    public var rows: Int
    /// How far: a shift of uniform scores, a share moved from the first group, a share missing.
    public var size: Double

    /// A case.
    public init(moved: String, fitted: [Int], rows: Int, size: Double) {
      self.moved = moved
      self.fitted = fitted
      self.rows = rows
      self.size = size
    }
  }

  /// The shares of draws with each verdict.
  public struct Row: Sendable {
    /// The case.
    public var item: Case
    /// The number of draws.
    public var draws: Int
    /// The share of draws of verdicts met, not met, undecided.
    public var met: Double
    /// The share of alarms.
    public var notMet: Double
    /// The share of open ones.
    public var undecided: Double
  }

  /// The cases of the committed table, all with the default limits.
  public static let cases: [Case] = [200, 1000, 5000].flatMap { rows in
    [
      ("nothing", 0.0), ("scores", 0.1), ("scores", 0.2), ("scores", 0.3), ("mix", 0.1),
      ("mix", 0.25), ("missing", 0.05), ("missing", 0.15),
    ].map { moved, size in
      Case(moved: moved, fitted: [3000, 2000], rows: rows, size: size)
    }
  }

  /// Runs one case.
  public static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> Row {
    let verdicts = Parallel.map(draws, threads: threads) { draw -> Gate.Verdict in
      var stream = RandomStream(seed: seed, purpose: "drift", index: UInt64(draw))
      let reference = item.fitted.map { size in
        SortedSample(values: (0..<size).map { _ in stream.uniform() })
      }
      let total = item.fitted.reduce(0, +)
      var share = Double(item.fitted[0]) / Double(total)
      if item.moved == "mix" { share -= item.size }
      var groups = [[Double]](repeating: [], count: 2)
      var missing = 0
      for _ in 0..<item.rows {
        let group = stream.uniform() < share ? 0 : 1
        if item.moved == "missing", stream.uniform() < item.size {
          missing += 1
          continue
        }
        groups[group].append(stream.uniform() + (item.moved == "scores" ? item.size : 0))
      }
      let figures = Drift.figures(
        DriftReference(groups: reference),
        DriftSample(groups: groups.map { SortedSample(values: $0) }, missing: missing))
      return figures.map(\.verdict).max() ?? .met
    }
    func share(_ verdict: Gate.Verdict) -> Double {
      Double(verdicts.count { $0 == verdict }) / Double(draws)
    }
    return Row(
      item: item, draws: draws, met: share(.met), notMet: share(.notMet),
      undecided: share(.undecided))
  }

  /// The table as CSV.
  public static func table(_ rows: [Row], seed: UInt64) -> String {
    var text = "moved,fitted,rows,size,draws,seed,met,not_met,undecided\n"
    for row in rows {
      let fitted = row.item.fitted.map(String.init).joined(separator: " ")
      text +=
        "\(row.item.moved),\(fitted),\(row.item.rows),\(row.item.size),\(row.draws),\(seed),\(row.met),\(row.notMet),\(row.undecided)\n"
    }
    return text
  }
}
