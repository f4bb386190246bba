internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostText

/// What a comparison says of one task, in sentences that its intervals allow.
package struct Verdict {
  package let table: ResultTable
  package let task: CompareMetrics.Task
  private let changes: [ArmChange]

  package init(table: ResultTable, task: CompareMetrics.Task) {
    self.table = table
    self.task = task
    changes = table.arms.indices.compactMap { arm in
      // Constants and blind models are there to be compared with; they are no choices.
      guard arm != table.plain, table.arms[arm].isChoice else { return nil }
      return ArmChange(arm, against: table.plain, in: table, task)
    }
  }

  /// What a reader wants to know, in lines of a width.
  package func text(width: Int?) -> String {
    guard let performance = table.row(table.plain, task, task.performance)?.mean,
      let fairness = table.row(table.plain, task, task.fairness)?.mean
    else {
      return Lines.page(
        [
          "the plain model \(table.arms[table.plain].name) has no figures: there is nothing to compare with"
        ], width: width)
    }
    if changes.isEmpty {
      return Lines.page(
        ["only \(table.arms[table.plain].name) has figures, so there is nothing to compare"],
        width: width)
    }
    var lines = [answer]
    if let careful = careful(performance.mean) { lines.append(careful) }
    lines += question.map { [$0] } ?? []
    let head =
      "Every arm against \(table.arms[table.plain].name), whose \(task.performance.id) is \(short(performance.mean)) and whose \(task.fairness.id) is \(short(fairness.mean)):"
    return Lines.page(lines, width: width, hanging: 2) + "\n"
      + Lines.page([head], width: width) + Lines.page(prices, width: width, hanging: 4) + "\n"
      + Lines.page(limits, width: width)
  }

  // MARK: What each gains and costs

  private var prices: [String] {
    changes.map { change in
      "  \(table.arms[change.arm].name) \(fairness(change.fairness)); \(performance(change.performance)): \(change.words)\(seeds(change))"
    }
  }

  /// What happens to the gap, or to what stands for it.
  private func fairness(_ gain: ArmChange.Gain) -> String {
    let falls = gain.mean < 0
    let size = signed(falls ? gain.negated : gain)
    if task.fairness.direction == .lower {
      return falls ? "widens the gap by \(size)" : "cuts the gap by \(size)"
    }
    return "\(falls ? "worsens" : "improves") \(task.fairness.id) by \(size)"
  }

  /// Which way the performance moves, and how far.
  private func performance(_ gain: ArmChange.Gain) -> String {
    let isWorse = gain.mean < 0
    let size = signed(isWorse ? gain.negated : gain)
    let rises = (task.performance.direction == .higher) != isWorse
    return "\(task.performance.id) \(rises ? "rises" : "falls") by \(size)"
  }

  /// How many seeds a change rests on, where these are not all.
  private func seeds(_ change: ArmChange) -> String {
    change.count < table.seeds.count ? ", \(change.count) of \(table.seeds.count) seeds" : ""
  }

  // MARK: The answer

  private var answer: String {
    guard table.seeds.count > 1 else {
      return
        "One seed has no interval, so nothing can be called significant: ask for more with --seeds."
    }
    let free = changes.filter { $0.fairness.isSure && !$0.performance.isLoss }
    guard let best = free.max(by: { $0.fairness.mean < $1.fairness.mean }) else {
      return changes.contains { $0.fairness.isSure }
        ? "Every arm that is significantly fairer loses \(task.performance.id) significantly."
        : "No arm is significantly fairer than \(table.arms[table.plain].name)."
    }
    let loss = best.performance.lower.map { max(0, -$0) } ?? 0
    let caution =
      loss > 0 ? "the loss could be as large as \(short(loss))" : "a loss can be ruled out"
    return
      "Fairest without a significant loss: \(table.arms[best.arm].name)\(seeds(best)) \(fairness(best.fairness)); \(performance(best.performance)): \(caution)."
  }

  /// The same where an interval must exclude any loss that matters: what "not significant" does not say.
  private func careful(_ plain: Double) -> String? {
    guard table.seeds.count > 1 else { return nil }
    let margin = table.margin ?? abs(plain) / 100
    let safe = changes.filter {
      $0.fairness.isSure && ($0.performance.lower.map { $0 > -margin } ?? false)
    }
    let what = "a loss of \(task.performance.id) clearly below \(short(margin))"
    guard let best = safe.max(by: { $0.fairness.mean < $1.fairness.mean }) else {
      return "No arm is significantly fairer with \(what)."
    }
    return
      "Fairest with \(what): \(table.arms[best.arm].name)\(seeds(best)) \(fairness(best.fairness))."
  }

  /// Train fairly, or adjust afterwards: the best of each against the other.
  private var question: String? {
    func best(_ holds: (Arm) -> Bool) -> ArmChange? {
      let own = changes.filter { holds(table.arms[$0.arm]) }
      let free = own.filter { !$0.performance.isLoss }
      return (free.isEmpty ? own : free).max { $0.fairness.mean < $1.fairness.mean }
    }
    let source = table.arms[table.plain].source
    guard table.seeds.count > 1 else { return nil }
    if table.arms.contains(where: { $0.afterwards != nil }),
      !changes.contains(where: {
        table.arms[$0.arm].afterwards == nil && table.arms[$0.arm].source != source
      })
    {
      return
        "No fair training was asked for: --methods such as reweigh+linear or fairgrad would be compared with adjusting."
    }
    guard
      let after = best({ $0.afterwards != nil && $0.source == source }),
      let trained = best({ $0.afterwards == nil && $0.source != source }),
      let change = ArmChange(after.arm, against: trained.arm, in: table, task)
    else { return nil }
    let words =
      change.fairness.isSure
      ? "adjusting is fairer"
      : change.fairness.isLoss ? "fair training is fairer" : "no significant difference in fairness"
    let price =
      change.performance.isSure
      ? "adjusting performs better"
      : change.performance.isLoss
        ? "adjusting performs worse" : "no significant difference in \(task.performance.id)"
    return
      "Fair training or adjusting afterwards? \(table.arms[after.arm].name), against \(table.arms[trained.arm].name), \(fairness(change.fairness)); \(performance(change.performance)): \(words), \(price)."
  }

  // MARK: What cannot be said

  private var limits: [String] {
    guard table.seeds.count > 1 else { return [] }
    let level = NumberText.text(((1 - table.tail) * 1000).rounded() / 10)
    var lines = [
      "Intervals: \(level) %, over \(table.seeds.count) seeds, widened because seeds share training rows. They say what to expect if these records were divided anew; they do not cover other populations or other options of the methods."
    ]
    if changes.count > 3 {
      let chance = NumberText.fixed(table.tail * Double(changes.count), digits: 1)
      lines.append(
        "If none of these \(changes.count) arms differed, about \(chance) would look different by chance; and the best of many looks better than it is."
      )
    }
    return lines
  }

  private func signed(_ gain: ArmChange.Gain) -> String {
    guard let lower = gain.lower, let upper = gain.upper else { return short(gain.mean) }
    return "\(short(gain.mean)) [\(short(lower)), \(short(upper))]"
  }

  private func short(_ value: Double) -> String { FigureTable.short(value) }
}
