internal import FairpostNumerics

/// The best decisions under limits on groups that are known only by their probabilities.
///
/// Xian & Zhao, A unified post-processing framework for group fairness in classification (2024), solved exactly:
/// the columns of a small linear programme are whole rules, and a pass over the records finds the rule that is
/// worth most at the programme's prices. The passes end where the value meets a bound that no rule can beat.
/// Rules that are mixed differ only on records that tie at the prices: there a lot decides, and nothing else.
struct BlindProgram: Sendable {
  /// The records, flat: the risk of each class and the probability of each event, row by row.
  struct Records: Sendable {
    let risks: [Double]
    let events: [Double]
    /// Weights; nil where all count 1.
    let weights: [Double]?
    let count: Int
  }

  /// What a rule comes to on the records: its mean risk, and the rates that the constraints are about.
  struct Outcome: Sendable, Equatable {
    let risk: Double
    /// For each constraint the rate of each group.
    let rates: [[Double]]
  }

  /// Decisions, with what proves them.
  struct Solution: Sendable {
    /// The rules, each with its share of the lots.
    let rules: [(rule: BlindRule, weight: Double, outcome: Outcome)]
    /// The rule of the best prices alone, and what it comes to.
    let single: (rule: BlindRule, outcome: Outcome)
    /// The mean risk of the mixture, and the bound that none is below.
    let value: Double
    let bound: Double
    /// Passes over the records.
    let passes: Int
  }

  let problem: BlindProblem
  let records: Records
  let threads: Int
  /// The mean probability of each event.
  let means: [Double]
  /// The whole weight.
  private let total: Double

  init(_ problem: BlindProblem, _ records: Records, threads: Int) {
    (self.problem, self.records, self.threads) = (problem, records, threads)
    let count = problem.events
    let sums = Self.sums(records, count + 1, threads) { row, weight, sums in
      for event in 0..<count {
        sums.add(product: weight, records.events[row * count + event], at: event)
      }
      sums.add(weight, at: count)
    }
    let whole = sums[count]
    total = whole
    means = (0..<count).map { sums[$0] / whole }
  }

  /// Exact sums over all records, the same for any order and number of threads.
  private static func sums(
    _ records: Records, _ count: Int, _ threads: Int,
    _ add: @escaping @Sendable (Int, Double, inout ExactSums) -> Void
  ) -> [Double] {
    let size = 1 << 14
    let parts = Parallel.map((records.count + size - 1) / size, threads: threads) { part in
      var sums = ExactSums(count: count)
      for row in (part * size)..<min((part + 1) * size, records.count) {
        let weight = records.weights?[row] ?? 1
        if weight > 0 { add(row, weight, &sums) }
      }
      return sums
    }
    var all = ExactSums(count: count)
    for part in parts {
      for index in 0..<count { all.add(part, from: index, at: index) }
    }
    return (0..<count).map { all.value(at: $0) }
  }

  /// The weight of a constraint's events of a group.
  func base(_ constraint: BlindConstraint, _ group: Int) -> Double {
    problem.events(constraint, group).reduce(0) { $0 + means[$1] }
  }

  /// The rule under prices of each constraint's groups.
  func rule(_ prices: [[Double]]) -> BlindRule {
    var slopes = [Double](repeating: 0, count: problem.classes * problem.events)
    for (constraint, own) in zip(problem.constraints, prices) {
      for group in 0..<problem.groups {
        let slope = own[group] / base(constraint, group)
        for event in problem.events(constraint, group) {
          slopes[constraint.decided * problem.events + event] += slope
        }
      }
    }
    return BlindRule(slopes: slopes, constant: nil)
  }

  /// What a rule comes to.
  func outcome(_ rule: BlindRule) -> Outcome {
    let (classes, events) = (problem.classes, problem.events)
    let records = records
    let sums = Self.sums(records, 1 + classes * events, threads) { row, weight, sums in
      let risks = records.risks[row * classes..<(row + 1) * classes]
      let own = records.events[row * events..<(row + 1) * events]
      let decided = rule.decision(risks, own)
      sums.add(product: weight, records.risks[row * classes + decided], at: 0)
      for event in 0..<events {
        sums.add(
          product: weight, records.events[row * events + event], at: 1 + decided * events + event)
      }
    }
    return Outcome(
      risk: sums[0] / total,
      rates: problem.constraints.map { constraint in
        (0..<problem.groups).map { group in
          problem.events(constraint, group).reduce(0) {
            $0 + sums[1 + constraint.decided * events + $1]
          } / total / base(constraint, group)
        }
      })
  }

  /// The bound that prices give, once what their rule comes to is known.
  private func bound(_ prices: [[Double]], _ outcome: Outcome) -> Double {
    var value = outcome.risk
    for (place, own) in prices.enumerated() {
      for group in own.indices {
        value -= own[group] * outcome.rates[place][group]
        value -= problem.constraints[place].tolerance * max(0, own[group])
      }
    }
    return value
  }

  /// Finds the least mean risk; nil where rounding kept it from being proved.
  func solve() -> Solution? {
    let (groups, count) = (problem.groups, problem.constraints.count)
    func high(_ constraint: Int, _ group: Int) -> Int { 1 + (2 * constraint) * groups + group }
    func low(_ constraint: Int, _ group: Int) -> Int { 1 + (2 * constraint + 1) * groups + group }
    var right = [1.0]
    for constraint in problem.constraints {
      right += [Double](repeating: constraint.tolerance, count: groups)
      right += [Double](repeating: 0, count: groups)
    }
    var master = LinearProgram(right: right)
    for constraint in 0..<count {
      let level = (0..<groups).flatMap {
        [(row: high(constraint, $0), value: -1.0), (row: low(constraint, $0), value: 1.0)]
      }
      master.add(cost: 0, level)
      master.add(cost: 0, level.map { ($0.row, -$0.value) })
      for group in 0..<groups {
        for row in [high(constraint, group), low(constraint, group)] {
          master.add(cost: 0, [(row, 1)], startsRow: row)
        }
      }
    }
    var columns: [(column: Int, rule: BlindRule, outcome: Outcome)] = []
    func add(_ rule: BlindRule, _ outcome: Outcome) {
      var entries = [(row: 0, value: 1.0)]
      for constraint in 0..<count {
        for group in 0..<groups {
          let rate = outcome.rates[constraint][group]
          entries.append((high(constraint, group), rate))
          entries.append((low(constraint, group), -rate))
        }
      }
      columns.append((master.add(cost: outcome.risk, entries), rule, outcome))
    }
    var passes = 0
    for decided in 0..<problem.classes {
      let rule = BlindRule(slopes: [], constant: decided)
      passes += 1
      add(rule, outcome(rule))
    }
    var best: (prices: [[Double]], rule: BlindRule, outcome: Outcome, bound: Double)?
    let enough = records.count > 100_000 ? 1e-7 : 1e-9
    /// Looks at the rule of some prices; whether it lowers the cost at the master's prices.
    func look(_ prices: [[Double]], at current: [[Double]], _ base: Double) -> Bool {
      let rule = rule(prices)
      let outcome = outcome(rule)
      passes += 1
      let bound = bound(prices, outcome)
      if bound > best?.bound ?? -.infinity { best = (prices, rule, outcome, bound) }
      var reduced = outcome.risk - base
      for constraint in 0..<count {
        for group in 0..<groups {
          reduced -= current[constraint][group] * outcome.rates[constraint][group]
        }
      }
      guard reduced < -1e-13 else { return false }
      add(rule, outcome)
      return true
    }
    while passes < 20_000 {
      guard let solution = solved(&master) else { return nil }
      let current = (0..<count).map { constraint in
        centred(
          (0..<groups).map {
            solution.prices[high(constraint, $0)] - solution.prices[low(constraint, $0)]
          })
      }
      if let best, solution.cost - best.bound <= enough {
        return finish(solution, columns, best.rule, best.outcome, best.bound, passes)
      }
      var share = best == nil ? 0 : 0.8
      while true {
        let prices =
          best.map { best in
            zip(best.prices, current).map { old, new in
              centred(zip(old, new).map { share * $0 + (1 - share) * $1 })
            }
          } ?? current
        if look(prices, at: current, solution.prices[0]) { break }
        // At the master's own prices no rule is worth entering: what gap is left is rounding.
        if share == 0 {
          guard let best, solution.cost - best.bound <= max(enough, 1e-8) else { return nil }
          return finish(solution, columns, best.rule, best.outcome, best.bound, passes)
        }
        share = share > 0.01 ? share * 0.3 : 0
      }
    }
    return nil
  }

  private func solved(_ master: inout LinearProgram) -> LinearProgram.Solution? {
    do { return try master.solve() } catch { return nil }
  }

  private func finish(
    _ solution: LinearProgram.Solution,
    _ columns: [(column: Int, rule: BlindRule, outcome: Outcome)], _ rule: BlindRule,
    _ outcome: Outcome, _ bound: Double, _ passes: Int
  ) -> Solution {
    let used = columns.filter { solution.amounts[$0.column] > 1e-12 }
    let sum = used.reduce(0) { $0 + solution.amounts[$1.column] }
    return Solution(
      rules: used.map { ($0.rule, solution.amounts[$0.column] / sum, $0.outcome) },
      single: (rule, outcome), value: solution.cost, bound: bound, passes: passes)
  }

  /// Prices that sum to 0 over the groups: a common part is of no consequence.
  private func centred(_ prices: [Double]) -> [Double] {
    let mean = prices.reduce(0, +) / Double(prices.count)
    return prices.map { $0 - mean }
  }
}
