package import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostText

/// A comparison for people: a table for each task, and what it says in its last lines.
package struct ResultText {
  package let table: ResultTable
  package let style: FigureTable.Style

  /// The tables of a comparison.
  package init(table: ResultTable, style: FigureTable.Style) {
    self.table = table
    self.style = style
  }

  package func text() -> String {
    let sections = table.metrics.tasks.map { task in
      section(task) + "\n" + Verdict(table: table, task: task).text
    }
    return sections.joined(separator: "\n") + "\n" + ending
  }

  private func section(_ task: CompareMetrics.Task) -> String {
    let (performance, fairness) = (task.performance, task.fairness)
    let hasRate = table.rows.contains {
      $0.key.task == task.name && $0.key.decisions == .equalRate
    }
    let isMarked = hasMarks(task)
    var header = ["arm"]
    var right = [false]
    for metric in [performance, fairness] {
      header += [metric.id + mark(metric), "interval", "change"] + (hasRate ? ["at rate"] : [])
      right += [true, false, true] + (hasRate ? [true] : [])
    }
    header += ["floor", "front", "note"]
    right += [true, false, false]
    var lines: [[String]] = []
    for arm in table.arms.indices {
      let first = table.row(arm, task, performance)
      let second = table.row(arm, task, fairness)
      var cells = [table.arms[arm].name + (arm == table.plain ? " (plain)" : "")]
      for (metric, row) in [(performance, first), (fairness, second)] {
        cells += value(row) + [change(row)]
        if hasRate {
          cells.append(atRate(table.row(arm, task, metric, .equalRate), hasMarks: isMarked))
        }
      }
      cells += [
        second?.floor.map(short) ?? "", first?.isEfficient == true ? "yes" : "",
        note(arm, task, [first, second]),
      ]
      lines.append(cells)
    }
    let title = "task \(task.name), by \(attribute), \(seeds)"
    if style == .markdown { return FigureTable.markdown(title, header, lines, right: right) }
    return Shown.text(title) + "\n" + FigureTable.aligned([header] + lines, right: right)
  }

  private var attribute: String {
    table.rows.first { !$0.key.attribute.isEmpty }?.key.attribute.joined(separator: " and ") ?? ""
  }

  private var seeds: String {
    table.seeds.count == 1 ? "1 seed" : "\(table.seeds.count) seeds"
  }

  private func value(_ row: ResultTable.Row?) -> [String] {
    guard let mean = row?.mean else { return [row == nil ? "" : "-", ""] }
    guard let lower = mean.lower, let upper = mean.upper else { return [short(mean.mean), ""] }
    return [short(mean.mean), "[\(short(lower)), \(short(upper))]"]
  }

  /// The change, with a mark where Student's interval holds no 0.
  private func change(_ row: ResultTable.Row?) -> String {
    guard let difference = row?.difference else { return "" }
    let sign = difference.mean > 0 ? "+" : ""
    return sign + short(difference.mean) + ((difference.sign ?? 0) != 0 ? "*" : " ")
  }

  /// A figure at equal rate, with a mark where the arm selects another share of rows.
  private func atRate(_ row: ResultTable.Row?, hasMarks: Bool) -> String {
    guard let row, let mean = row.mean else { return "" }
    return short(mean.mean) + (row.isOffRate ? "~" : hasMarks ? " " : "")
  }

  /// Whether some arm of a task cannot select the asked share of rows.
  private func hasMarks(_ task: CompareMetrics.Task) -> Bool {
    table.arms.indices.contains { arm in
      [task.performance, task.fairness].contains {
        table.row(arm, task, $0, .equalRate)?.isOffRate == true
      }
    }
  }

  private func note(_ arm: Int, _ task: CompareMetrics.Task, _ rows: [ResultTable.Row?]) -> String {
    if let reason = table.notApplicable(arm) { return "not applicable: \(reason)" }
    var notes: [String] = []
    if let doubt = table.doubt(arm, task) { notes.append(doubt) }
    let failures = table.failures(arm)
    if let first = failures.first {
      notes.append("failed under \(failures.count) of \(table.seeds.count) seeds: \(first.reason)")
      if let count = rows.compactMap({ $0?.mean?.count }).min() {
        notes.append("means over \(count) of \(table.seeds.count) seeds, on no front")
      }
    } else {
      for row in rows {
        if let reason = row?.reason, !reason.isEmpty, !notes.contains(reason) {
          notes.append(reason)
        }
      }
    }
    if !table.arms[arm].note.isEmpty { notes.append(table.arms[arm].note) }
    return notes.joined(separator: "; ")
  }

  /// What every table of this kind means.
  private var ending: String {
    var lines = ["* the paired difference to the plain model has an interval without 0"]
    if table.rows.contains(where: { $0.key.decisions == .equalRate }) {
      lines.append(
        table.metrics.tasks.contains(where: hasMarks)
          ? "at rate: arms select the same share of rows, the highest scores; those marked ~ select another one, since their scores are tied, and are on no front at this rate"
          : "at rate: every arm selects the same share of rows, the highest scores")
    }
    lines.append(
      "floor: what an exactly fair predictor would show on as many rows, 95 of 100 times")
    lines.append("front: no other arm is at least as good on both axes and better on one")
    return lines.map { $0 + "\n" }.joined()
  }

  private func mark(_ metric: Metric) -> String {
    switch metric.direction {
    case .higher: " ↑"
    case .lower: " ↓"
    case .target(let value): value == 0 ? " →0" : " →1"
    case .none: ""
    }
  }

  private func short(_ value: Double) -> String { FigureTable.short(value) }
}
