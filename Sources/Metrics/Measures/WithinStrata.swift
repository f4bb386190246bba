internal import FairpostNumerics
internal import FairpostTransport

/// How far decisions for groups are apart among people who are alike in a named column, such as the
/// department they applied to: what groups differ in there does not count as unfair.
enum WithinStrata {
  private static let needs: Needs = [.decisions, .strata, .rows]

  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "conditional_parity_difference", name: "selection gap within strata",
      formula:
        "max over pairs of groups of |sum over strata of w (P(D=1 | a) - P(D=1 | b))| / sum of w, w = n_a n_b / (n_a + n_b)",
      direction: .lower, needs: needs, notEstimable: "two groups share no stratum"
    ) { $0.largestCommonGap() },
    Metric(
      id: "conditional_parity_difference.directed",
      name: "selection gap within strata, directed",
      formula:
        "sum over strata of w (P(D=1 | protected) - P(D=1 | others)) / sum of w, w = n_p n_o / (n_p + n_o)",
      direction: .target(0), needs: needs.union(.protected),
      notEstimable: "the protected group shares no stratum with others",
      quantity: "conditional_parity_difference", isDirected: true
    ) { $0.directedCommonGap() },
    Metric(
      id: "conditional_demographic_disparity", name: "conditional demographic disparity",
      formula:
        "sum over strata of n_k / n (share of the group among D=0 - its share among D=1, in stratum k)",
      direction: .target(0), needs: needs,
      notEstimable: "in every stratum all decisions are the same", scope: .eachGroup
    ) { $0.demographicDisparities() },
  ]
}

/// The decisions about one group, or several, in one stratum.
private struct Cell: Sendable {
  var all = Tally()
  var selected = Tally()

  static func += (left: inout Cell, right: Cell) {
    left.all += right.all
    left.selected += right.selected
  }

  var rate: Double { selected.weight / all.weight }
}

/// The common difference of two rates over strata, as Mantel and Haenszel weigh it.
private struct CommonGap {
  private(set) var sum = 0.0
  private(set) var weight = 0.0
  private(set) var variance = 0.0

  mutating func add(_ a: Cell, _ b: Cell) {
    guard a.all.weight > 0, b.all.weight > 0 else { return }
    let own = a.all.weight * b.all.weight / (a.all.weight + b.all.weight)
    sum += own * (a.rate - b.rate)
    weight += own
    // A rate of 0 or 1 says little of few people: half a person is added to each side.
    func spread(_ cell: Cell) -> Double {
      let size = cell.all.effective
      let rate = (cell.rate * size + 0.5) / (size + 1)
      return rate * (1 - rate) / size
    }
    variance += own * own * (spread(a) + spread(b))
  }

  var value: Double? { weight > 0 ? sum / weight : nil }

  func bounds(_ z: Double) -> Interval? {
    value.map { value in
      let half = z * variance.squareRoot() / weight
      return Interval(max(-1, value - half), min(1, value + half))
    }
  }
}

extension EvaluationContext {
  /// The cells of each stratum by group; rows without a stratum, a group or a decision are in none.
  private func cellsWithinStrata() -> [[Cell]] {
    guard let strata = data.strata else { return [] }
    var cells = [[Cell]](
      repeating: [Cell](repeating: Cell(), count: groups.count), count: strata.keys.count)
    for row in score.decisions.indices {
      let (stratum, group) = (Int(strata.codes[row]), Int(grouping.codes[row]))
      guard stratum >= 0, group >= 0, score.decisions[row] >= 0, data.weight(row) > 0 else {
        continue
      }
      let tally = data.tally(row)
      cells[stratum][group].all += tally
      if score.decisions[row] == 1 { cells[stratum][group].selected += tally }
    }
    return cells
  }

  fileprivate func largestCommonGap() -> [Outcome] {
    let codes = present
    if let why = whyNotCompared { return [.unavailable(why)] }
    let cells = cellsWithinStrata()
    if let empty = codes.first(where: { code in cells.allSatisfy { $0[code].all.rows == 0 } }) {
      return [.unavailable("group \(grouping.keys[empty]) has no decisions in any stratum")]
    }
    let wide = pairFactor
    let narrow = Normal.quantile(1 - options.tail / 2)
    var value = 0.0
    var bounds = Interval(0, 0)
    var compared = 0
    for (place, a) in codes.enumerated() {
      for b in codes[..<place] {
        var gap = CommonGap()
        for stratum in cells { gap.add(stratum[a], stratum[b]) }
        guard let difference = gap.value else { continue }
        compared += 1
        value = max(value, abs(difference))
        guard let plain = gap.bounds(narrow), let broad = gap.bounds(wide) else { continue }
        bounds.upper = max(bounds.upper, plain.upper, -plain.lower)
        bounds.lower = max(bounds.lower, broad.lower, -broad.upper)
      }
    }
    guard compared > 0 else { return [.unavailable("no two groups share a stratum")] }
    var outcome = ofCells(cells, codes)
    outcome.value = value
    if compared < codes.count * (codes.count - 1) / 2 { outcome.flags.append("pairs-left-out") }
    if options.intervals {
      (outcome.lower, outcome.upper) = (bounds.lower, bounds.upper)
      outcome.method = "simultaneous-mantel-haenszel"
    }
    takeChance(&outcome, cells, codes)
    return [outcome]
  }

  fileprivate func directedCommonGap() -> [Outcome] {
    guard let protected else { return [.unavailable("no protected value is named")] }
    let cells = cellsWithinStrata()
    var gap = CommonGap()
    for stratum in cells {
      var others = Cell()
      for group in stratum.indices where group != protected { others += stratum[group] }
      gap.add(stratum[protected], others)
    }
    guard let value = gap.value else {
      return [.unavailable("the protected group shares no stratum with others")]
    }
    var outcome = ofCells(cells, present)
    outcome.value = value
    if options.intervals, let bounds = gap.bounds(Normal.quantile(1 - options.tail / 2)) {
      (outcome.lower, outcome.upper) = (bounds.lower, bounds.upper)
      outcome.method = "mantel-haenszel"
    }
    return [outcome]
  }

  fileprivate func demographicDisparities() -> [Outcome] {
    let cells = cellsWithinStrata().filter { $0.contains { $0.all.rows > 0 } }
    // A stratum in which all are decided alike has no second share to compare with.
    let usable = cells.filter { stratum in
      let all = stratum.reduce(0) { $0 + $1.all.weight }
      let selected = stratum.reduce(0) { $0 + $1.selected.weight }
      return selected > 0 && selected < all
    }
    return groups.indices.map { group in
      var outcome = Outcome(group: group)
      outcome.count = cells.reduce(0) { $0 + $1[group].all.rows }
      outcome.flags = flags([group])
      if usable.count < cells.count { outcome.flags.append("strata-left-out") }
      guard outcome.count > 0 else {
        outcome.reason = "the group has no decisions in any stratum"
        return outcome
      }
      guard !usable.isEmpty else {
        outcome.reason = "in every stratum all decisions are the same"
        return outcome
      }
      var (sum, variance) = (0.0, 0.0)
      let counted = usable.joined().reduce(0) { $0 + $1.all.weight }
      for stratum in usable {
        var whole = Cell()
        for cell in stratum { whole += cell }
        let (chosen, refused) = (whole.selected, whole.all.weight - whole.selected.weight)
        let own = stratum[group]
        let amongRefused = (own.all.weight - own.selected.weight) / refused
        let amongChosen = own.selected.weight / chosen.weight
        let share = whole.all.weight / counted
        sum += share * (amongRefused - amongChosen)
        // Both are shares of people drawn independently of each other.
        let size = whole.all.effective / whole.all.weight
        variance +=
          share * share
          * (amongRefused * (1 - amongRefused) / (refused * size)
            + amongChosen * (1 - amongChosen) / (chosen.weight * size))
      }
      outcome.value = sum
      if options.intervals, variance > 0 {
        let half = Normal.quantile(1 - options.tail / 2) * variance.squareRoot()
        (outcome.lower, outcome.upper) = (max(-1, sum - half), min(1, sum + half))
        outcome.method = "normal"
      }
      return outcome
    }
  }

  /// A figure that rests on the rows in cells.
  private func ofCells(_ cells: [[Cell]], _ codes: [Int]) -> Outcome {
    var outcome = Outcome()
    let rows = codes.map { code in cells.reduce(0) { $0 + $1[code].all.rows } }
    outcome.count = rows.reduce(0, +)
    outcome.least = rows.min()
    outcome.flags = flags(codes)
    return outcome
  }

  /// What decisions that are drawn alike for everybody in a stratum would show.
  private func takeChance(_ outcome: inout Outcome, _ cells: [[Cell]], _ codes: [Int]) {
    let work = cells.count * codes.count * codes.count
    guard options.noiseDraws > 0, work > 0, work <= 20_000 else { return }
    var stream = stream("conditional_parity_difference")
    let rates = cells.map { stratum in
      var whole = Cell()
      for cell in stratum { whole += cell }
      return whole.all.weight > 0 ? whole.rate : 0
    }
    var drawn = cells
    var draws: [Double] = []
    for _ in 0..<options.noiseDraws {
      for (place, stratum) in cells.enumerated() {
        for code in codes where stratum[code].all.weight > 0 {
          let size = max(1, Int(stratum[code].all.effective.rounded()))
          let share = Double(Draws.binomial(size, rates[place], &stream)) / Double(size)
          drawn[place][code].selected.weight = share * stratum[code].all.weight
        }
      }
      var largest = 0.0
      for (place, a) in codes.enumerated() {
        for b in codes[..<place] {
          var gap = CommonGap()
          for stratum in drawn { gap.add(stratum[a], stratum[b]) }
          largest = max(largest, abs(gap.value ?? 0))
        }
      }
      draws.append(largest)
    }
    outcome.takeChance(draws, isRatio: false)
  }
}
