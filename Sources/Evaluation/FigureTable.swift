package import FairpostMetrics
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// Figures as a table for people: a block for each task and attribute, scores side by side.
package struct FigureTable {
  /// How the table is drawn.
  package enum Style { case aligned, markdown }

  /// Scores that stand before and after an adjustment.
  package let pairs: [(before: String, after: String)]
  package let style: Style

  /// A table in a style.
  package init(pairs: [(before: String, after: String)], style: Style) {
    self.pairs = pairs
    self.style = style
  }

  package func text(_ figures: [Figure]) -> String {
    var blocks: [(task: String, attribute: [String], figures: [Figure])] = []
    for figure in figures {
      let place = blocks.firstIndex {
        $0.task == figure.task && $0.attribute == figure.attribute
      }
      if let place {
        blocks[place].figures.append(figure)
      } else {
        blocks.append((figure.task, figure.attribute, [figure]))
      }
    }
    return blocks.map { block($0.task, $0.attribute, $0.figures) }.joined(separator: "\n")
  }

  /// One task and attribute.
  private func block(_ task: String, _ attribute: [String], _ figures: [Figure]) -> String {
    var scores: [String] = []
    for figure in figures where !scores.contains(figure.score) { scores.append(figure.score) }
    let changes = pairs.filter { scores.contains($0.before) && scores.contains($0.after) }
    let hasFloor = figures.contains { $0.noise != nil }
    let hasP = figures.contains { $0.pValue != nil }

    // Rows in order of first appearance: metric, group, class.
    struct Row {
      package var metric: String
      package var group: GroupKey?
      package var category: String?
      package var byScore: [String: Figure] = [:]
    }
    var rows: [Row] = []
    var places: [[String]: Int] = [:]
    for figure in figures {
      let key = [
        figure.metric, figure.category ?? "", figure.group.map { "\($0.parts.map(\.bytes))" } ?? "",
      ]
      let place = places[key] ?? rows.count
      if place == rows.count {
        places[key] = place
        rows.append(Row(metric: figure.metric, group: figure.group, category: figure.category))
      }
      rows[place].byScore[figure.score] = figure
    }
    // Scores after the first may bring metrics of their own: keep metrics together.
    var order: [String: Int] = [:]
    for row in rows where order[row.metric] == nil { order[row.metric] = order.count }
    let sorted = rows.enumerated().sorted {
      (order[$0.element.metric] ?? 0, $0.offset) < (order[$1.element.metric] ?? 0, $1.offset)
    }.map(\.element)

    var header = ["metric", "group", "n"]
    var alignRight = [false, false, true]
    for score in scores {
      header.append(score.isEmpty ? "value" : score)
      alignRight.append(true)
      if score != "constant" {
        header.append("interval")
        alignRight.append(false)
      }
      if changes.contains(where: { $0.after == score }) {
        header.append("change")
        alignRight.append(true)
      }
    }
    if hasFloor {
      header += ["chance level", "within"]
      alignRight += [true, false]
    }
    if hasP {
      header.append("p")
      alignRight.append(true)
    }
    header.append("flags")
    alignRight.append(false)

    var lines: [[String]] = []
    for row in sorted {
      let first = scores.lazy.compactMap { row.byScore[$0] }.first
      let group = row.group?.description ?? (first?.attribute.isEmpty ?? true ? "" : "all")
      var cells = [
        row.metric + mark(row.metric), group + (row.category.map { " (\($0))" } ?? ""),
        first.map { String($0.count) } ?? "",
      ]
      for score in scores {
        let figure = row.byScore[score]
        cells.append(short(figure))
        if score != "constant" { cells.append(interval(figure)) }
        if let pair = changes.first(where: { $0.after == score }) {
          if let after = figure?.value, let before = row.byScore[pair.before]?.value {
            let change = after - before
            cells.append((change > 0 ? "+" : "") + Self.short(change))
          } else {
            cells.append("")
          }
        }
      }
      // The floor of the last score that is not the constant: the one in use.
      let last = scores.last { $0 != "constant" }.flatMap { row.byScore[$0] }
      if hasFloor {
        cells.append(last?.noise.map { Self.short($0.band) } ?? "")
        cells.append(last?.insideNoise.map { $0 ? "yes" : "no" } ?? "")
      }
      if hasP { cells.append(last?.pValue.map(Self.short) ?? "") }
      var flags: [String] = []
      for score in scores where score != "constant" {
        for flag in row.byScore[score]?.flags ?? [] where !flags.contains(flag) {
          flags.append(flag)
        }
        if let reason = row.byScore[score]?.reason, !flags.contains(reason) {
          flags.append(reason)
        }
      }
      cells.append(flags.joined(separator: "; "))
      lines.append(cells)
    }
    var title = task.isEmpty ? "all tasks" : "task \(task)"
    if !attribute.isEmpty { title += ", by \(attribute.joined(separator: " and "))" }
    return draw(title, header, alignRight, lines)
  }

  private func draw(
    _ title: String, _ header: [String], _ alignRight: [Bool], _ lines: [[String]]
  ) -> String {
    if style == .markdown {
      return Self.markdown(title, header, lines, right: alignRight)
    }
    return Shown.text(title) + "\n" + Self.aligned([header] + lines, right: alignRight)
  }

  /// A Markdown table under its title.
  package static func markdown(
    _ title: String, _ header: [String], _ lines: [[String]], right: [Bool]
  ) -> String {
    func cells(_ row: [String]) -> String {
      "| " + row.map { Shown.markdown($0) }.joined(separator: " | ") + " |\n"
    }
    return "**\(Shown.markdown(title))**\n\n" + cells(header)
      + "|" + right.map { $0 ? "--:|" : ":--|" }.joined() + "\n" + lines.map(cells).joined()
  }

  /// Lines of cells under each other, two blanks apart.
  package static func aligned(_ cells: [[String]], right: [Bool]) -> String {
    let lines = cells.map { $0.map { Shown.line($0) } }
    var widths = [Int](repeating: 0, count: right.count)
    for line in lines {
      for (place, cell) in line.enumerated() { widths[place] = max(widths[place], cell.count) }
    }
    var text = ""
    for line in lines {
      var row = ""
      for (place, cell) in line.enumerated() {
        let pad = String(repeating: " ", count: widths[place] - cell.count)
        row += (place > 0 ? "  " : "") + (right[place] ? pad + cell : cell + pad)
      }
      while row.last == " " { row.removeLast() }
      text += row + "\n"
    }
    return text
  }

  /// Which way a figure should go.
  private func mark(_ metric: String) -> String {
    // An id without a registered direction has no mark.
    guard let direction = MetricRegistry.find(metric)?.direction else { return "" }
    switch direction {
    case .higher: return " ↑"
    case .lower: return " ↓"
    case .target(let value): return value == 0 ? " →0" : " →1"
    case .none: return ""
    }
  }

  private func short(_ figure: Figure?) -> String {
    guard let figure else { return "" }
    guard let value = figure.value else { return "-" }
    return Self.short(value)
  }

  private func interval(_ figure: Figure?) -> String {
    guard let lower = figure?.lower, let upper = figure?.upper else { return "" }
    return "[\(Self.short(lower)), \(Self.short(upper))]"
  }

  /// Four digits after the point, or four significant ones for what is large or tiny.
  package static func short(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let size = abs(value)
    if size != 0, size < 0.0001 || size >= 1e9 { return scientific(value) }
    let digits = size >= 10000 ? 0 : size >= 100 ? 2 : 4
    return NumberText.fixed(value, digits: digits)
  }

  /// Three digits and a power of ten.
  private static func scientific(_ value: Double) -> String {
    var mantissa = value
    var exponent = 0
    while abs(mantissa) >= 9.995 {
      mantissa /= 10
      exponent += 1
    }
    while abs(mantissa) < 0.9995 {
      mantissa *= 10
      exponent -= 1
    }
    return NumberText.fixed(mantissa, digits: 2) + "e\(exponent)"
  }
}
