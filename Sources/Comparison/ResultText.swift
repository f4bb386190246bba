package import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostText

/// A comparison for people: a table for each task, and what it says in its last lines.
package struct ResultText {
  package let table: ResultTable
  package let style: FigureTable.Style
  private let width: Int?

  /// The tables of a comparison.
  ///
  /// - Parameter width: the columns of a line; nil for as many as there are.
  package init(table: ResultTable, style: FigureTable.Style, width: Int? = nil) {
    self.table = table
    self.style = style
    self.width = style == .markdown ? nil : width
  }

  package func text() -> String {
    let sections = table.metrics.tasks.map { task in
      section(task) + cautions(task) + "\n" + Verdict(table: table, task: task).text(width: width)
    }
    return sections.joined(separator: "\n") + "\n" + ending
  }

  /// What a table shows; where there is less room, less.
  private struct Form {
    var hasChange = true
    var hasRate = true
    var hasFloor = true
    /// Whether metrics are called by their ids in the head, and notes stand in the lines.
    var isWide = true
    /// Whether the performance has its interval; names are worth more.
    var hasBothIntervals = true
  }

  private func section(_ task: CompareMetrics.Task) -> String {
    let hasRate = table.rows.contains {
      $0.key.task == task.name && $0.key.decisions == .equalRate
    }
    let title = "task \(task.name), by \(attribute), \(seeds)"
    let forms = [
      Form(hasRate: hasRate), Form(hasRate: hasRate, isWide: false),
      Form(hasRate: false, isWide: false), Form(hasChange: false, hasRate: false, isWide: false),
      Form(hasChange: false, hasRate: false, hasFloor: false, isWide: false),
      Form(
        hasChange: false, hasRate: false, hasFloor: false, isWide: false, hasBothIntervals: false),
    ]
    if style == .markdown {
      let (header, right, lines) = cells(task, forms[0])
      return FigureTable.markdown(title, header, lines, right: right)
    }
    var text = ""
    for form in forms {
      let (header, right, lines) = cells(task, form)
      text = Shown.text(title) + "\n" + FigureTable.aligned([header] + lines, right: right)
      if !form.isWide {
        text += Lines.page(
          ["gap: \(task.fairness.id)\(mark(task.fairness))"] + notes(task), width: width, hanging: 2
        )
      }
      guard let width, text.split(separator: "\n").contains(where: { $0.count > width }) else {
        break
      }
    }
    return text
  }

  /// What makes the table doubtful as a whole: features that give the answer away, and small groups.
  private func cautions(_ task: CompareMetrics.Task) -> String {
    var lines = table.leaks.map { "LEAK: \($0)" }
    let small = table.smallGroups.prefix(5).map { "\($0.name) (\($0.rows))" }
    if !small.isEmpty {
      let more = table.smallGroups.count > 5 ? " and \(table.smallGroups.count - 5) more" : ""
      lines.append(
        "! too few rows: some groups have fewer than \(ResultTable.SmallGroup.limit) test rows under some seed, so \(task.fairness.id) is mostly chance: \(small.joined(separator: ", "))\(more)"
      )
    }
    guard !lines.isEmpty else { return "" }
    if style == .markdown { return "\n" + lines.map { "- \(Shown.markdown($0))\n" }.joined() }
    return Lines.page(lines.map { Shown.line($0) }, width: width, hanging: 2)
  }

  private func cells(
    _ task: CompareMetrics.Task, _ form: Form
  ) -> (header: [String], right: [Bool], lines: [[String]]) {
    let (performance, fairness) = (task.performance, task.fairness)
    let isMarked = hasMarks(task)
    func hasInterval(_ metric: Metric) -> Bool {
      form.hasBothIntervals || metric.id == fairness.id
    }
    var header = ["arm"]
    var right = [false]
    for metric in [performance, fairness] {
      let name = !form.isWide && metric.id == fairness.id ? "gap" : metric.id
      let isDoubtful = metric.id == fairness.id && !table.smallGroups.isEmpty
      header +=
        [name + mark(metric) + (isDoubtful ? " !" : "")]
        + (hasInterval(metric) ? ["interval"] : []) + (form.hasChange ? ["change"] : [])
      right += [true] + (hasInterval(metric) ? [false] : []) + (form.hasChange ? [true] : [])
      if form.hasRate {
        header.append("at rate")
        right.append(true)
      }
    }
    if form.hasFloor {
      header.append(form.isWide ? "chance level" : "chance")
      right.append(true)
    }
    header += ["front"] + (form.isWide ? ["note"] : [])
    right += [false] + (form.isWide ? [false] : [])
    var lines: [[String]] = []
    for arm in table.arms.indices {
      let first = table.row(arm, task, performance)
      let second = table.row(arm, task, fairness)
      let name = table.arms[arm].name + (arm == table.plain ? " (plain)" : "")
      var cells = [form.isWide || name.count <= 27 ? name : name.prefix(26) + "…"]
      for (metric, row) in [(performance, first), (fairness, second)] {
        cells +=
          value(row).prefix(hasInterval(metric) ? 2 : 1) + (form.hasChange ? [change(row)] : [])
        if form.hasRate {
          cells.append(atRate(table.row(arm, task, metric, .equalRate), hasMarks: isMarked))
        }
      }
      if form.hasFloor { cells.append(second?.floor.map(short) ?? "") }
      cells.append(first?.isEfficient == true ? "yes" : "")
      if form.isWide { cells.append(note(arm, task, [first, second])) }
      lines.append(cells)
    }
    return (header, right, lines)
  }

  /// The notes of arms under a table that has no room for them.
  private func notes(_ task: CompareMetrics.Task) -> [String] {
    table.arms.indices.compactMap { arm in
      let words = note(
        arm, task, [table.row(arm, task, task.performance), table.row(arm, task, task.fairness)])
      return words.isEmpty ? nil : "\(table.arms[arm].name): \(words)"
    }
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
        notes.append(
          "means over \(count) of \(table.seeds.count) seeds, so it is left out of the frontier")
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
    var lines = ["* differs from the plain model under the same seeds: the interval excludes 0"]
    if table.rows.contains(where: { $0.key.decisions == .equalRate }) {
      lines.append(
        table.metrics.tasks.contains(where: hasMarks)
          ? "at rate: every arm selects the same share of rows, the highest scores; where ties do not allow it (~), the arm is left out of the frontier at this rate"
          : "at rate: every arm selects the same share of rows, the highest scores")
    }
    lines.append(
      "chance level: an exactly fair predictor stays below it on as many rows, 95 times out of 100")
    lines.append("front: yes where no other arm is at least as good on both axes and better on one")
    return Lines.page(lines, width: width)
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
