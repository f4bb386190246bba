internal import Metrics
internal import Numerics

/// What a comparison says of one task, in sentences that its intervals allow.
struct Verdict {
  let table: ResultTable
  let task: CompareMetrics.Task

  /// An arm's changes against the plain model, each as a gain: positive is better.
  private struct Change {
    let arm: Int
    let fairness: Gain
    let performance: Gain
  }

  /// A change in the direction that counts as better.
  private struct Gain {
    let mean: Double
    let lower: Double?
    let upper: Double?

    /// A gain whose interval allows nothing else.
    var isSure: Bool { lower.map { $0 > 0 } ?? false }
    /// A loss whose interval allows nothing else.
    var isLoss: Bool { upper.map { $0 < 0 } ?? false }
  }

  /// The sentences.
  var lines: [String] {
    guard let plain = summary(table.plain) else {
      return ["\(task.name): the plain model has no figures, so nothing can be compared"]
    }
    let name = table.arms[table.plain].name
    var lines = ["plain model \(name): \(plain)"]
    let changes = self.changes
    let kinds: [(words: String, holds: (Arm) -> Bool)] = [
      ("adjusting \(name) afterwards", { $0.afterwards != nil && isPlainSource($0) }),
      ("training differently", { $0.afterwards == nil && !isPlainSource($0) && isModel($0) }),
      ("both", { $0.afterwards != nil && !isPlainSource($0) }),
    ]
    for (words, holds) in kinds {
      let own = changes.filter { holds(table.arms[$0.arm]) }
      guard let best = own.max(by: { $0.fairness.mean < $1.fairness.mean }) else { continue }
      lines.append(
        "\(words): buys most with \(table.arms[best.arm].name): \(bought(best)), and costs \(cost(best))"
      )
    }
    lines.append(answer(changes))
    lines += limits(changes.count)
    return lines
  }

  // MARK: Sentences

  private func answer(_ changes: [Change]) -> String {
    guard table.seeds.count > 1 else {
      return "one seed has no interval: nothing can be said to be significant (--seeds)"
    }
    let free = changes.filter { $0.fairness.isSure && !$0.performance.isLoss }
    guard let best = free.max(by: { $0.fairness.mean < $1.fairness.mean }) else {
      return changes.contains { $0.fairness.isSure }
        ? "no arm gains fairness without a significant loss of \(task.performance.id)"
        : "no arm's gain of fairness is significant"
    }
    let loss = best.performance.lower.map { $0 < 0 ? -$0 : 0 } ?? 0
    let caution =
      loss > 0
      ? "a loss of up to \(short(loss)) is not excluded" : "a loss is excluded"
    return
      "largest fairness gain without a significant loss: \(table.arms[best.arm].name): \(bought(best)); \(task.performance.id) \(signed(best.performance)), \(caution)"
  }

  /// What the intervals do not say.
  private func limits(_ arms: Int) -> [String] {
    guard table.seeds.count > 1 else { return [] }
    let level = NumberText.text(((1 - table.tail) * 1000).rounded() / 10)
    var lines = [
      "these intervals (\(level) %, \(table.seeds.count) seeds) allow for how the rows were divided and for training rows that overlap; they do not speak of other populations, nor of other options of the methods"
    ]
    let chance = table.tail * Double(arms)
    if arms > 3 {
      lines.append(
        "of \(arms) arms about \(short(chance)) would look different from the plain model by chance, and the best of many looks better than it is"
      )
    }
    return lines
  }

  private func summary(_ arm: Int) -> String? {
    guard let first = table.row(arm, task, task.performance)?.mean,
      let second = table.row(arm, task, task.fairness)?.mean
    else { return nil }
    return
      "\(task.performance.id) \(short(first.mean)), \(task.fairness.id) \(short(second.mean))"
  }

  private func bought(_ change: Change) -> String {
    let value = table.row(change.arm, task, task.fairness)?.mean.map { short($0.mean) } ?? "-"
    let word = change.fairness.isSure ? "" : ", not significant"
    return "\(task.fairness.id) better by \(signed(change.fairness)), to \(value)\(word)"
  }

  private func cost(_ change: Change) -> String {
    let own = change.performance
    if own.isLoss { return "\(task.performance.id): \(signed(own))" }
    return own.isSure
      ? "nothing: \(task.performance.id) \(signed(own))"
      : "no significant \(task.performance.id): \(signed(own))"
  }

  private func signed(_ gain: Gain) -> String {
    let own = (gain.mean > 0 ? "+" : "") + short(gain.mean)
    guard let lower = gain.lower, let upper = gain.upper else { return own }
    return "\(own) [\(short(lower)), \(short(upper))]"
  }

  private func short(_ value: Double) -> String { FigureTable.short(value) }

  // MARK: Changes

  private func isModel(_ arm: Arm) -> Bool {
    if case .model(let recipe) = arm.source { !recipe.isBlind } else { false }
  }

  private func isPlainSource(_ arm: Arm) -> Bool {
    arm.source == table.arms[table.plain].source
  }

  /// Every other arm's changes that could be measured; constants and blind models are no choices.
  private var changes: [Change] {
    table.arms.indices.compactMap { arm in
      guard arm != table.plain, table.arms[arm].method != "blind",
        table.arms[arm].source != .constant,
        let fairness = gain(arm, task.fairness), let performance = gain(arm, task.performance)
      else { return nil }
      return Change(arm: arm, fairness: fairness, performance: performance)
    }
  }

  /// A change as a gain, with the interval that allows for overlapping training rows.
  private func gain(_ arm: Int, _ metric: Metric) -> Gain? {
    guard let row = table.row(arm, task, metric), let mean = row.difference?.mean else {
      return nil
    }
    switch metric.direction {
    case .higher: return Gain(mean: mean, lower: row.wide?.lower, upper: row.wide?.upper)
    case .lower, .none:
      return Gain(
        mean: -mean, lower: row.wide?.upper.map { -$0 }, upper: row.wide?.lower.map { -$0 })
    case .target:
      // Nearer to the target is better: only the distance of the means can be told.
      guard let own = row.mean?.mean,
        let plain = table.row(table.plain, task, metric)?.mean?.mean
      else { return nil }
      return Gain(
        mean: metric.direction.cost(plain) - metric.direction.cost(own), lower: nil, upper: nil)
    }
  }
}
