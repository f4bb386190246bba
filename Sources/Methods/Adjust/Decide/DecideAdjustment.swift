internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// Fitted decisions as the commands see them.
struct DecideAdjustment: GroupedAdjustment {
  /// What was fitted to one score.
  struct Score: FittedScore {
    let name: String
    /// The calibration records of each group.
    let records: [Int]
    /// What was asked.
    let problem: DecisionProblem
    /// What each group's rules can reach.
    let hulls: [RocHull]
    /// How each group is decided.
    let lotteries: [RuleLottery]
    /// What proves that nothing within the limits is better.
    let prices: LimitPrices
    /// For F1 the value that the prices are about; else 0.
    let level: Double
    /// Whether each group was to have one rule: the prices then say what lots could do.
    let isDeterministic: Bool
    /// What is said of new records, where something is.
    let promise: RatePromise?
    /// What would be decided 1 without the limits.
    let before: [LabelWeights]
    /// The groups' scores, compressed.
    let distributions: [Distribution]

    var decided: [LabelWeights] { lotteries.map(\.decided) }
    var value: Double { problem.value(decided) }

    /// The share of the labelled weight whose decision depends on the lot.
    var lotteryShare: Double { lotteryWeights.reduce(0, +) / problem.whole.all }

    /// The weight of each group that depends on the lot.
    var lotteryWeights: [Double] {
      zip(lotteries, problem.totals).map { lottery, totals in
        guard lottery.rules.count > 1 else { return 0 }
        // Between thresholds that follow each other all records have one chance.
        var (weight, before) = (0.0, 0.0)
        func add(_ chance: Double, through above: Double) {
          if chance > 0, chance < 1 { weight += above - before }
          before = above
        }
        let rules = lottery.rules.sorted { $0.threshold > $1.threshold }
        for rule in rules {
          let decided = rule.decided.all
          add(
            lottery.probability(rule.threshold),
            through: rule.isReversed ? totals.all - decided : decided)
        }
        if let least = rules.last?.threshold {
          add(lottery.probability(least.nextDown), through: totals.all)
        }
        return weight
      }
    }

    /// What the goal could come to with lots.
    var valueWithLots: Double {
      problem.objective == .f1 ? level : value + max(0, gap)
    }

    /// The bound less the value, over the corners that are held.
    var gap: Double {
      problem.gapToBound(
        decided, prices, level: level, rules: hulls.map { $0.rules.map(\.decided) })
    }
  }

  let columns: [String]
  let keys: [GroupKey]
  let scores: [Score]
  let otherwise: Double?
  let idColumn: String?
  let seed: UInt64

  func outputColumns(of score: String) -> [String] { DecideMethod.outputColumns(of: score) }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let fitted = scores[score]
    let lots = Lots(seed: seed, score: fitted.name)
    return batch(values, codes[0], others: otherDecision) { row, value, group in
      let lottery = fitted.lotteries[group]
      if lottery.rules.count == 1 { return lottery.rules[0].decides(value) ? 1 : 0 }
      return lots.draw(keys?[row] ?? 0) < lottery.probability(value) ? 1 : 0
    }
  }

  func chances(score: Int, values: [Double], codes: [Int32]) -> [Double]? {
    let lotteries = scores[score].lotteries
    return zip(values, codes).map { value, code in
      if value.isNaN { return .nan }
      if code < 0 { return otherwise.map { value >= $0 ? 1 : 0 } ?? .nan }
      return lotteries[Int(code)].probability(value)
    }
  }

  func contradiction() -> String? {
    for score in scores {
      for (group, lottery) in score.lotteries.enumerated() {
        for rule in lottery.rules where !score.hulls[group].holds(rule.decided) {
          return
            "a rule of group \(keys[group]) for \"\(score.name)\" decides what none of its thresholds can"
        }
      }
      let excess = score.problem.excess(score.decided)
      if excess > 1e-9 {
        return
          "the rules of \"\(score.name)\" exceed a limit of the map by \(NumberText.text(excess))"
      }
      let gap = score.gap
      if let promise = score.promise {
        let losses = RatePromise.losses(score.problem, confidence: promise.confidence)
        for (place, (limit, loss)) in zip(score.problem.parity, losses).enumerated() {
          guard case .difference(let most) = limit.limit,
            most + loss <= promise.tolerances[place] + 1e-12
          else { return "the limits of \"\(score.name)\" do not give what the map promises" }
        }
      }
      // Without lots the bound is what lots could do, which one rule for each group need not reach.
      let most = score.isDeterministic ? Double.infinity : 1e-9
      if !(gap <= most && gap >= -1e-9) {
        return
          "the prices of \"\(score.name)\" do not prove that its rules are the best: the bound is \(NumberText.text(gap)) from their value"
      }
      if score.isDeterministic, score.lotteries.contains(where: { $0.rules.count > 1 }) {
        return "the map states that \"\(score.name)\" needs no random draws, but it does"
      }
      if score.problem.objective == .f1,
        score.value - score.level > 1e-9 || score.level - score.value > most
      {
        return "the F1 that the prices of \"\(score.name)\" are about is not that of its rules"
      }
    }
    return nil
  }
}

/// Uniform numbers in [0, 1): one for each record and score, under a seed.
struct Lots: Sendable {
  private let hash: StableHash
  private let score: UInt64

  init(seed: UInt64, score: String) {
    hash = StableHash(seed: seed, purpose: "decision")
    self.score = hash(score)
  }

  /// The number of a record, by the hash of its id.
  func draw(_ key: UInt64) -> Double { Double(hash(key ^ score) &>> 11) * 0x1p-53 }
}
