internal import FairpostNumerics

/// A lottery among threshold rules of one group: each with the share of lots that choose it.
struct RuleLottery: Sendable, Equatable {
  let rules: [DecisionRule]
  let weights: [Double]

  /// What is decided 1 on average.
  var decided: LabelWeights {
    zip(rules, weights).reduce(LabelWeights(negatives: 0, positives: 0)) {
      LabelWeights(
        negatives: $0.negatives + $1.1 * $1.0.decided.negatives,
        positives: $0.positives + $1.1 * $1.0.decided.positives)
    }
  }

  /// One rule for all.
  init(_ rule: DecisionRule) { (rules, weights) = ([rule], [1]) }

  /// A lottery; rules that rounding alone drew are left out, and the weights made to sum to 1.
  init(_ shares: [(rule: DecisionRule, weight: Double)]) {
    let kept = shares.filter { $0.weight > 1e-13 }
    let total = kept.reduce(0) { $0 + $1.weight }
    rules = kept.map(\.rule)
    weights = kept.count == 1 ? [1] : kept.map { $0.weight / total }
  }

  /// Rules and weights as they are.
  init(rules: [DecisionRule], weights: [Double]) { (self.rules, self.weights) = (rules, weights) }

  /// The probability that a score is decided 1.
  func probability(_ score: Double) -> Double {
    var (all, chosen, isCertain) = (0.0, 0.0, true)
    for (rule, weight) in zip(rules, weights) {
      all += weight
      if rule.decides(score) { chosen += weight } else { isCertain = false }
    }
    return isCertain ? 1 : min(chosen / all, 1)
  }
}

/// The best decisions within the limits, with what proves that there are none better.
struct DecisionOptimum: Sendable {
  /// Each group's rules.
  var lotteries: [RuleLottery]
  let prices: LimitPrices
  /// For F1 the value it was compared with; else 0.
  let level: Double
  let value: Double
  /// The bound less the value: 0 but for rounding.
  let gap: Double
}

/// Why there are no decisions.
enum DecisionFault: Error {
  /// No rule keeps to all limits; the parities and caps that conflict, by their places.
  case infeasible(parity: [Int], caps: [Int])
  /// Rounding kept the optimum from being proved; the gap that is left.
  case notProved(Double)
}

extension DecisionProblem {
  /// Solves the problem exactly: a linear programme over the corners of the groups' hulls.
  ///
  /// - Parameter curves: the groups' every threshold, against which the optimum is proved.
  func optimum(
    _ hulls: [RocHull], curves: [GroupCurve], reversed: Bool
  ) throws(DecisionFault) -> DecisionOptimum {
    let best = try climb(hulls)
    let all = curves.map { curve in
      let forward = curve.thresholds.indices.map {
        LabelWeights(negatives: curve.negatives[$0], positives: curve.positives[$0])
      }
      guard reversed else { return forward }
      return forward
        + forward.map {
          LabelWeights(
            negatives: curve.totals.negatives - $0.negatives,
            positives: curve.totals.positives - $0.positives)
        }
    }
    let decided = best.lotteries.map(\.decided)
    let gap = gapToBound(decided, best.prices, level: best.level, rules: all)
    guard gap <= 1e-9, excess(decided) <= 1e-9 else { throw .notProved(gap) }
    return DecisionOptimum(
      lotteries: best.lotteries, prices: best.prices, level: best.level, value: value(decided),
      gap: gap)
  }

  /// The bound less what the decisions come to, in the units of the goal.
  func gapToBound(
    _ decided: [LabelWeights], _ prices: LimitPrices, level: Double, rules: [[LabelWeights]]
  ) -> Double {
    let gain = gain(level: level)
    return bound(prices, level: level, rules: rules)
      - decided.reduce(gain.constant) { $0 + gain.of($1) }
  }

  /// F1 is the fixed point of a goal that is linear (Dinkelbach); the others are so themselves.
  private func climb(
    _ hulls: [RocHull]
  ) throws(DecisionFault) -> (lotteries: [RuleLottery], prices: LimitPrices, level: Double) {
    var level = 0.0
    var found = try solve(hulls, gain(level: level))
    guard objective == .f1 else { return (found.lotteries, found.prices, 0) }
    for _ in 0..<60 {
      let next = value(found.lotteries.map(\.decided))
      if next <= level + 1e-15 { break }
      level = next
      found = try solve(hulls, gain(level: level))
    }
    return (found.lotteries, found.prices, level)
  }

  /// The decisions of the greatest gain.
  private func solve(
    _ hulls: [RocHull], _ gain: LinearGain
  ) throws(DecisionFault) -> (lotteries: [RuleLottery], prices: LimitPrices) {
    let count = totals.count
    // Rows: the groups, then for each parity the upper and the lower end of each group, then the caps.
    var right = [Double](repeating: 1, count: count)
    for parity in parity {
      if case .difference(let most) = parity.limit {
        right += [Double](repeating: most, count: count)
      } else {
        right += [Double](repeating: 0, count: count)
      }
      right += [Double](repeating: 0, count: count)
    }
    let firstCap = right.count
    right += caps.map(\.value)
    var program = LinearProgram(right: right)
    func high(_ parity: Int, _ group: Int) -> Int { count * (1 + 2 * parity) + group }
    func low(_ parity: Int, _ group: Int) -> Int { count * (2 + 2 * parity) + group }

    let whole = whole
    var columns: [(group: Int, rule: DecisionRule)] = []
    for (group, hull) in hulls.enumerated() {
      for (place, rule) in hull.rules.enumerated() {
        var entries = [(row: group, value: 1.0)]
        for (index, parity) in parity.enumerated() {
          let rate = parity.rate.count(rule.decided) / parity.rate.base(totals[group])
          entries.append((high(index, group), rate))
          entries.append((low(index, group), -rate))
        }
        for (index, cap) in caps.enumerated() where cap.group == nil || cap.group == group {
          let base = cap.rate.base(cap.group == nil ? whole : totals[group])
          entries.append((firstCap + index, cap.rate.count(rule.decided) / base))
        }
        // "Nobody" alone keeps to every limit but lower caps: the method starts from there.
        program.add(cost: -gain.of(rule.decided), entries, startsRow: place == 0 ? group : nil)
        columns.append((group, rule))
      }
    }
    for (index, parity) in parity.enumerated() {
      var share = 1.0
      if case .ratio(let least) = parity.limit { share = least }
      let level = (0..<count).flatMap {
        [(row: high(index, $0), value: -1 / share), (row: low(index, $0), value: 1.0)]
      }
      program.add(cost: 0, level)
      program.add(cost: 0, level.map { ($0.row, -$0.value) })
      for group in 0..<count {
        program.add(cost: 0, [(high(index, group), 1)], startsRow: high(index, group))
        program.add(cost: 0, [(low(index, group), 1)], startsRow: low(index, group))
      }
    }
    for (index, cap) in caps.enumerated() {
      program.add(
        cost: 0, [(firstCap + index, cap.sign)], startsRow: cap.isUpper ? firstCap + index : nil)
    }

    let solution: LinearProgram.Solution
    do { solution = try program.solve() } catch {
      guard case .infeasible(let prices) = error else { throw .notProved(.infinity) }
      let conflicting = { (rows: Range<Int>) in rows.contains { abs(prices[$0]) > 1e-9 } }
      throw .infeasible(
        parity: parity.indices.filter { conflicting(high($0, 0)..<high($0, 0) + 2 * count) },
        caps: caps.indices.filter { conflicting(firstCap + $0..<firstCap + $0 + 1) })
    }
    var shares = [[(rule: DecisionRule, weight: Double)]](repeating: [], count: count)
    for (column, (group, rule)) in columns.enumerated() where solution.amounts[column] > 0 {
      shares[group].append((rule, solution.amounts[column]))
    }
    func price(_ row: Int, _ sign: Double = 1) -> Double {
      let price = -sign * solution.prices[row]
      return price > 0 ? price : 0
    }
    let prices = LimitPrices(
      high: parity.indices.map { index in (0..<count).map { price(high(index, $0)) } },
      low: parity.indices.map { index in (0..<count).map { price(low(index, $0)) } },
      caps: caps.enumerated().map { price(firstCap + $0, $1.sign) })
    return (shares.map { RuleLottery($0) }, prices)
  }
}
