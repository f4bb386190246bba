internal import FairpostNumerics
internal import FairpostText

/// The words about decisions: what `inspect` prints and what `fit` says.
extension DecideAdjustment {
  /// What the limits cost and do on the calibration records, in one line.
  func note(_ score: Score) -> String {
    let problem = score.problem
    var words =
      "\(score.name): \(problem.objective.words) \(Wording.short(score.value)) within the limits, the most that is possible\(score.isDeterministic ? " without random draws" : ""); \(score.isDeterministic ? "\(Wording.short(score.valueWithLots)) with random draws; " : "")\(Wording.short(problem.value(score.before))) without limits"
    for parity in problem.parity {
      let (old, new) = (
        problem.rates(parity.rate, score.before), problem.rates(parity.rate, score.decided)
      )
      switch parity.limit {
      case .difference:
        words +=
          "; \(parity.rate.rawValue) \(spread(new)) apart, \(spread(old)) without"
      case .ratio:
        words +=
          "; smallest \(parity.rate.rawValue) \(share(new)) of the largest, \(share(old)) without"
      }
    }
    if score.lotteryShare > 0 {
      words += "; \(percent(score.lotteryShare)) of the records are decided by a random draw"
    }
    if let promise = score.promise {
      let parts = zip(problem.parity, promise.tolerances).map {
        "\($0.rate.rawValue) at most \(Wording.short($1)) apart"
      }
      words +=
        "; for new records it promises, with confidence \(NumberText.text(promise.confidence)): \(parts.joined(separator: ", ")), which costs \(Wording.short(rounded(promise.valueWithout - score.valueWithLots)))"
    }
    let decided = score.decided.map(\.all)
    if decided.allSatisfy({ $0 == 0 }) {
      words += "; nobody is decided 1"
    } else if zip(decided, problem.totals).allSatisfy({ $0 == $1.all }) {
      words += "; everybody is decided 1"
    }
    return words + " (in sample)"
  }

  private func spread(_ rates: [Double]) -> String {
    Wording.short(rounded((rates.max() ?? 0) - (rates.min() ?? 0)))
  }

  private func share(_ rates: [Double]) -> String {
    let greatest = rates.max() ?? 0
    return greatest > 0 ? Wording.short(rounded((rates.min() ?? 0) / greatest)) : "-"
  }

  private func percent(_ share: Double) -> String {
    "\(NumberText.text((share * 1000).rounded() / 10))%"
  }

  /// A number without what rounding left behind its twelfth decimal.
  private func rounded(_ value: Double) -> Double { (value * 1e12).rounded() / 1e12 }

  func description() -> String {
    var lines = [
      "Each group has its own rule: a score at or above a threshold is decided 1. Where a group has several rules, a record's id draws one of them.",
      "",
      "other groups   \(otherwise.map { "threshold \(Wording.short($0))" } ?? "fail")",
      "attribute      \(columns.joined(separator: ", ")): \(keys.map { Wording.name($0) }.joined(separator: " | "))",
    ]
    if let idColumn { lines.append("random draws   from \(idColumn) and seed \(seed)") }
    for score in scores {
      let problem = score.problem
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "decision"))")
      if problem.objective == .cost {
        lines.append(
          "  costs: label 0 decided 0 \(NumberText.text(problem.costs[0])), decided 1 \(NumberText.text(problem.costs[1])); label 1 decided 0 \(NumberText.text(problem.costs[2])), decided 1 \(NumberText.text(problem.costs[3]))"
        )
      }
      lines += Wording.aligned(limits(score))
      lines.append("  \(note(score))")
      lines.append(
        score.isDeterministic
          ? "  bound: at the prices of the limits no rules, random or not, reach more than \(Wording.short(score.valueWithLots))"
          : "  proof: at the prices of the limits no rules reach more than \(Wording.short(score.valueWithLots)), checked over \(score.hulls.reduce(0) { $0 + $1.rules.count }) corners"
      )
      var rows = [["group", "records", "rule", "drawn", "selected", "tpr", "fpr", "random"]]
      for group in keys.indices {
        let lottery = score.lotteries[group]
        for (place, rule) in lottery.rules.enumerated() {
          let words = [
            rule.threshold == .infinity
              ? rule.isReversed ? "everybody" : "nobody"
              : "\(rule.isReversed ? "below" : "from") \(NumberText.text(rule.threshold))",
            lottery.rules.count > 1 ? Wording.short(lottery.weights[place]) : "all",
          ]
          if place > 0 {
            rows.append(["", ""] + words + ["", "", "", ""])
            continue
          }
          let rates = [DecisionRate.selection, .truePositive, .falsePositive].map {
            Wording.short(
              rounded($0.count(lottery.decided) / $0.base(problem.totals[group])))
          }
          let lot = score.lotteryWeights[group] / problem.totals[group].all
          rows.append(
            [Wording.name(keys[group]), "\(score.records[group])"] + words + rates
              + [lot > 0 ? percent(lot) : "-"])
        }
      }
      lines += Wording.aligned(rows)
    }
    return Shown.page(lines)
  }

  /// The limits with what a unit more of each would add to the goal.
  private func limits(_ score: Score) -> [[String]] {
    let problem = score.problem
    guard !problem.parity.isEmpty || !problem.caps.isEmpty else { return [] }
    var rows = [["limit", "price"]]
    for (place, parity) in problem.parity.enumerated() {
      rows.append([
        problem.words(parity), Wording.short(score.prices.high[place].reduce(0, +)),
      ])
    }
    for (cap, price) in zip(problem.caps, score.prices.caps) {
      rows.append([problem.words(cap, keys), Wording.short(price)])
    }
    return rows
  }
}
