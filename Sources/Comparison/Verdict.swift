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

  /// The last lines of a table.
  package var text: String {
    guard let performance = table.row(table.plain, task, task.performance)?.mean,
      let fairness = table.row(table.plain, task, task.fairness)?.mean
    else {
      return Shown.page([
        "the plain model \(table.arms[table.plain].name) has no figures: there is nothing to compare with"
      ])
    }
    var lines = [
      "against \(table.arms[table.plain].name), with \(task.performance.id) \(short(performance.mean)) and \(task.fairness.id) \(short(fairness.mean)):"
    ]
    if changes.isEmpty { return Shown.page([lines[0] + " no other arm has figures"]) }
    let text = Shown.page(lines) + prices
    lines = [answer]
    if let careful = careful(performance.mean) { lines.append(careful) }
    if let question { lines.append(question) }
    lines += limits
    return text + Shown.page(lines)
  }

  // MARK: What each buys and costs

  private var prices: String {
    let lines = changes.map { change in
      [
        "  \(table.arms[change.arm].name)",
        change.fairness.mean < 0
          ? "loses \(signed(change.fairness.negated))" : "buys \(signed(change.fairness))",
        change.performance.mean > 0
          ? "and gains \(signed(change.performance))" : "for \(signed(change.performance.negated))",
        "(\(change.words)\(seeds(change)))",
      ]
    }
    return FigureTable.aligned(lines, right: [false, false, false, false])
  }

  /// How many seeds a change rests on, where these are not all.
  private func seeds(_ change: ArmChange) -> String {
    change.count < table.seeds.count ? ", \(change.count) of \(table.seeds.count) seeds" : ""
  }

  // MARK: The answer

  private var answer: String {
    guard table.seeds.count > 1 else {
      return "one seed has no interval: nothing can be called significant (--seeds)"
    }
    let free = changes.filter { $0.fairness.isSure && !$0.performance.isLoss }
    guard let best = free.max(by: { $0.fairness.mean < $1.fairness.mean }) else {
      return changes.contains { $0.fairness.isSure }
        ? "no arm gains fairness without a significant loss of \(task.performance.id)"
        : "no arm's gain in fairness is significant"
    }
    let loss = best.performance.lower.map { max(0, -$0) } ?? 0
    let caution =
      loss > 0 ? "a loss of up to \(short(loss)) is not excluded" : "a loss is excluded"
    return
      "largest fairness gain without a significant loss: \(table.arms[best.arm].name), \(signed(best.fairness))\(seeds(best)); \(task.performance.id) changes by \(signed(best.performance)), so \(caution)"
  }

  /// The same where an interval must exclude any loss that matters: what "not significant" does not say.
  private func careful(_ plain: Double) -> String? {
    guard table.seeds.count > 1 else { return nil }
    let margin = table.margin ?? abs(plain) / 100
    let safe = changes.filter {
      $0.fairness.isSure && ($0.performance.lower.map { $0 > -margin } ?? false)
    }
    let what = "a loss of \(task.performance.id) surely below \(short(margin))"
    guard let best = safe.max(by: { $0.fairness.mean < $1.fairness.mean }) else {
      return "no arm gains fairness with \(what)"
    }
    return
      "largest fairness gain with \(what): \(table.arms[best.arm].name), \(signed(best.fairness))\(seeds(best))"
  }

  /// Train fairly, or adjust afterwards: the best of each against the other.
  private var question: String? {
    func best(_ holds: (Arm) -> Bool) -> ArmChange? {
      let own = changes.filter { holds(table.arms[$0.arm]) }
      let free = own.filter { !$0.performance.isLoss }
      return (free.isEmpty ? own : free).max { $0.fairness.mean < $1.fairness.mean }
    }
    let source = table.arms[table.plain].source
    guard table.seeds.count > 1,
      let after = best({ $0.afterwards != nil && $0.source == source }),
      let trained = best({ $0.afterwards == nil && $0.source != source }),
      let change = ArmChange(after.arm, against: trained.arm, in: table, task)
    else { return nil }
    let words =
      change.fairness.isSure
      ? "adjusting is fairer"
      : change.fairness.isLoss ? "training is fairer" : "neither is surely fairer"
    let price =
      change.performance.isSure
      ? "adjusting performs better"
      : change.performance.isLoss
        ? "adjusting performs worse" : "no sure difference in \(task.performance.id)"
    return
      "train fairly or adjust afterwards? \(table.arms[after.arm].name) against \(table.arms[trained.arm].name): \(task.fairness.id) better by \(signed(change.fairness)), \(task.performance.id) by \(signed(change.performance)): \(words), \(price)"
  }

  // MARK: What cannot be said

  private var limits: [String] {
    guard table.seeds.count > 1 else { return [] }
    let level = NumberText.text(((1 - table.tail) * 1000).rounded() / 10)
    var lines = [
      "intervals here: \(level) %, \(table.seeds.count) seeds, wider for the training rows that seeds share; they speak of these records divided anew, not of other populations, nor of methods with other options"
    ]
    if changes.count > 3 {
      let chance = NumberText.fixed(table.tail * Double(changes.count), digits: 1)
      lines.append(
        "\(changes.count) arms were looked at: some \(chance) of them would look different by chance alone, and the best of many looks better than it is"
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
