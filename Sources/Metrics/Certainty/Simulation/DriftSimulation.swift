internal import FairpostNumerics

/// How often a drift check sounds, by seeded simulation: on the same population and on moved ones.
package enum DriftSimulation {
  /// How fine the scores are.
  package enum Scores: String, Sendable {
    /// Uniform over [0, 1): no two are equal.
    case continuous
    /// The same rounded down to two decimals.
    case hundredths
    /// Ten values.
    case tenths
  }

  /// One case: how many rows arrive, and how the population has moved.
  package struct Case: Sendable {
    /// What moved: `nothing`, `scores`, `mix` or `missing`.
    package var moved: String
    /// How fine the scores are.
    package var scores: Scores
    /// Rows of each group at the fit.
    package var fitted: [Int]
    /// Rows that arrive.
    package var rows: Int
    /// How far: a shift of uniform scores, a share moved from the first group to the last, a share
    /// missing.
    package var size: Double

    /// A case.
    package init(
      moved: String, scores: Scores = .continuous, fitted: [Int], rows: Int, size: Double
    ) {
      self.moved = moved
      self.scores = scores
      self.fitted = fitted
      self.rows = rows
      self.size = size
    }
  }

  /// What a case gave.
  package struct Row: Sendable {
    /// The case.
    package var item: Case
    /// The number of draws.
    package var draws: Int
    /// The number of draws with each verdict.
    package var met: Int
    package var notMet: Int
    package var undecided: Int
    /// The number of draws in which any figure's lower bound was above its truth.
    package var above: Int
    /// Of the figures, the least share of draws whose interval held the truth.
    package var coverage: Double
    /// The alarms among the first draws, for a quick look at whether they are still the same.
    package var first: Int
  }

  /// How many draws `first` counts.
  package static let firstDraws = 20

  /// The cases of the committed table, all with the default limits.
  package static let cases: [Case] = {
    var result = [200, 1000, 5000].flatMap { rows in
      [
        ("nothing", 0.0), ("scores", 0.1), ("scores", 0.2), ("scores", 0.3), ("mix", 0.1),
        ("mix", 0.25), ("missing", 0.05), ("missing", 0.15),
      ].map { moved, size in
        Case(moved: moved, fitted: [3000, 2000], rows: rows, size: size)
      }
    }
    // Small fits, whose range leaves out a share of the population by itself.
    for size in [5, 32, 60, 500] {
      for count in [2, 5] {
        let fitted = [Int](repeating: size, count: count)
        for scores in [Scores.continuous, .hundredths, .tenths] {
          result.append(
            Case(moved: "nothing", scores: scores, fitted: fitted, rows: 2000, size: 0))
        }
        for shift in [0.2, 0.4] {
          result.append(Case(moved: "scores", fitted: fitted, rows: 2000, size: shift))
        }
        result.append(Case(moved: "nothing", fitted: fitted, rows: 50, size: 0))
      }
    }
    return result
  }()

  /// What one draw gave: the verdict, whether a lower bound was too high, and by figure whether the
  /// interval held the truth.
  private struct Draw: Sendable {
    var verdict: Gate.Verdict
    var isAbove = false
    var held: [Bool] = []
  }

  /// Runs one case.
  package static func run(_ item: Case, draws: Int, seed: UInt64, threads: Int = 1) -> Row {
    let seen = Parallel.map(draws, threads: threads) { draw -> Draw in
      var stream = RandomStream(seed: seed, purpose: "drift", index: UInt64(draw))
      let figures = figures(item, &stream)
      var result = Draw(verdict: figures.map(\.verdict).max() ?? .met)
      for figure in figures {
        guard let lower = figure.lower, let upper = figure.upper else { continue }
        let truth = truth(figure.id, item)
        if lower > truth + 1e-12 { result.isAbove = true }
        result.held.append(lower <= truth + 1e-12 && truth <= upper + 1e-12)
      }
      return result
    }
    func count(_ verdict: Gate.Verdict) -> Int { seen.count { $0.verdict == verdict } }
    // A draw in which a group has no rows has fewer figures.
    let full = seen.map(\.held).filter { $0.count == 3 + 2 * item.fitted.count }
    let least = (0..<(3 + 2 * item.fitted.count)).map { place in
      Double(full.count { $0[place] }) / Double(max(full.count, 1))
    }.min()
    return Row(
      item: item, draws: draws, met: count(.met), notMet: count(.notMet),
      undecided: count(.undecided), above: seen.count(where: \.isAbove), coverage: least ?? .nan,
      first: seen.prefix(firstDraws).count { $0.verdict == .notMet })
  }

  /// What a figure has in the population that arrives.
  private static func truth(_ id: String, _ item: Case) -> Double {
    switch (id, item.moved) {
    case ("ks", "scores"), ("outside_range", "scores"), ("group_mix", "mix"),
      ("missing", "missing"):
      item.size
    default: 0
    }
  }

  /// The check of one draw.
  private static func figures(_ item: Case, _ stream: inout RandomStream) -> [DriftFigure] {
    func score(_ shift: Double) -> Double {
      let u = stream.uniform()
      switch item.scores {
      case .continuous: return u + shift
      // One division, so that equal scores are equal.
      case .hundredths: return ((u * 100).rounded(.down) + (shift * 100).rounded()) / 100
      case .tenths: return ((u * 10).rounded(.down) + (shift * 10).rounded()) / 10
      }
    }
    let reference = item.fitted.map { size in
      SortedSample(values: (0..<size).map { _ in score(0) })
    }
    let total = Double(item.fitted.reduce(0, +))
    var shares = item.fitted.map { Double($0) / total }
    if item.moved == "mix" {
      shares[0] -= item.size
      shares[shares.count - 1] += item.size
    }
    let shift = item.moved == "scores" ? item.size : 0
    var groups = [[Double]](repeating: [], count: item.fitted.count)
    var missing = 0
    for _ in 0..<item.rows {
      var left = stream.uniform()
      var group = 0
      while group + 1 < shares.count, left >= shares[group] {
        left -= shares[group]
        group += 1
      }
      if item.moved == "missing", stream.uniform() < item.size {
        missing += 1
        continue
      }
      groups[group].append(score(shift))
    }
    return Drift.figures(
      DriftReference(groups: reference),
      DriftSample(groups: groups.map { SortedSample(values: $0) }, missing: missing))
  }

  /// The table as CSV.
  package static func table(_ rows: [Row], seed: UInt64) -> String {
    var text =
      "moved,scores,fitted,rows,size,draws,seed,met,not_met,undecided,above,coverage,not_met_20\n"
    for row in rows {
      let item = row.item
      let fitted = item.fitted.map(String.init).joined(separator: " ")
      text += "\(item.moved),\(item.scores.rawValue),\(fitted),\(item.rows),\(item.size),"
      text += "\(row.draws),\(seed),\(row.met),\(row.notMet),\(row.undecided),"
      text += "\(row.above),\(row.coverage),\(row.first)\n"
    }
    return text
  }
}
