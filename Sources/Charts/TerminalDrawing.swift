internal import FairpostText

/// Draws a chart with characters: bars and curves with blocks, places with letters.
package struct TerminalDrawing {
  /// The chart in so many columns.
  package static func text(_ chart: Chart, width: Int) -> String {
    let wide = max(width, 30)
    var lines = [Shown.word(chart.title)]
    if !chart.subtitle.isEmpty { lines += Lines.wrapped(chart.subtitle, width: wide) }
    for panel in chart.panels {
      lines.append("")
      if !panel.title.isEmpty { lines.append(Shown.word(panel.title)) }
      if !panel.x.names.isEmpty {
        lines += bars(panel, wide)
      } else if panel.marks.contains(where: { if case .dots = $0 { true } else { false } }),
        chart.legend == .point || chart.series.isEmpty
      {
        lines += places(panel, chart.series, wide)
      } else {
        lines += curves(panel, chart.series, wide)
      }
    }
    if !chart.notes.isEmpty { lines.append("") }
    for note in chart.notes { lines += Lines.wrapped(note, width: wide) }
    return lines.map { trimmed($0) + "\n" }.joined()
  }

  // MARK: Bars

  /// A bar for each name: eighths of a character, the interval beside it.
  private static func bars(_ panel: Chart.Panel, _ wide: Int) -> [String] {
    let names = panel.x.names.map { Shown.word($0) }
    let first = min(names.map(\.count).max() ?? 0, wide / 3)
    let room = max(wide - first - 30, 10)
    var values: [Int: Double] = [:]
    var bounds: [Int: (Double, Double)] = [:]
    for mark in panel.marks {
      switch mark {
      case .box(let a, let b, _): values[Int(((a.x + b.x) / 2).rounded())] = b.y
      case .whisker(let a, let b, _) where a.x == b.x: bounds[Int(a.x.rounded())] = (a.y, b.y)
      default: break
      }
    }
    let high = max(panel.y.high, .leastNormalMagnitude)
    return names.indices.map { place in
      let name = padded(cut(names[place], first), first)
      guard let value = values[place] else { return "\(name)  not estimable" }
      let eighths = Int((min(max(value, 0), high) / high * Double(room * 8)).rounded())
      let blocks = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
      let bar =
        String(repeating: "█", count: eighths / 8) + (eighths % 8 == 0 ? "" : blocks[eighths % 8])
      var text = Scale.text(value, decimals: 3)
      if let (low, up) = bounds[place] {
        text += " [\(Scale.text(low, decimals: 3)), \(Scale.text(up, decimals: 3))]"
      }
      return "\(name)  \(padded(bar, room))  \(text)"
    }
  }

  // MARK: Curves

  /// A strip of blocks for each curve, all on one scale.
  private static func curves(_ panel: Chart.Panel, _ series: [String], _ wide: Int) -> [String] {
    var curves: [(name: String, points: [Chart.Point])] = []
    for mark in panel.marks {
      guard case .line(let points, .series(let number)) = mark, points.count > 1 else { continue }
      curves.append((series.indices.contains(number) ? Shown.word(series[number]) : "", points))
    }
    guard !curves.isEmpty else { return [] }
    let first = min(curves.map(\.name.count).max() ?? 0, wide / 3)
    let room = max(wide - first - 2, 10)
    let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    let rows = 3
    var lines: [String] = []
    for (name, points) in curves {
      let heights = (0..<room).map { place -> Int in
        let x = panel.x.low + (Double(place) + 0.5) / Double(room) * (panel.x.high - panel.x.low)
        let share = (height(points, at: x) - panel.y.low) / (panel.y.high - panel.y.low)
        return Int((min(max(share, 0), 1) * Double(rows * 8)).rounded())
      }
      for row in stride(from: rows - 1, through: 0, by: -1) {
        let strip = String(heights.map { blocks[min(max($0 - row * 8, 0), 8)] })
        lines.append(padded(row == 0 ? cut(name, first) : "", first) + "  " + strip)
      }
    }
    lines.append(String(repeating: " ", count: first + 2) + foot(panel.x, room))
    return lines
  }

  private static func height(_ points: [Chart.Point], at x: Double) -> Double {
    guard let next = points.firstIndex(where: { $0.x >= x }) else { return points.last?.y ?? 0 }
    guard next > 0 else { return points[0].y }
    let (a, b) = (points[next - 1], points[next])
    return b.x > a.x ? a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) : b.y
  }

  // MARK: Places

  /// A letter for each place, the letters explained below.
  private static func places(_ panel: Chart.Panel, _ series: [String], _ wide: Int) -> [String] {
    let rows = 16
    let gutter = 9
    let room = max(wide - gutter - 1, 10)
    var grid = [[Character]](
      repeating: [Character](repeating: " ", count: room), count: rows)
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    func put(_ point: Chart.Point, _ sign: Character, over: Bool) {
      let x = (point.x - panel.x.low) / (panel.x.high - panel.x.low)
      let y = (point.y - panel.y.low) / (panel.y.high - panel.y.low)
      guard x >= 0, x <= 1, y >= 0, y <= 1 else { return }
      let column = min(Int(x * Double(room)), room - 1)
      let row = rows - 1 - min(Int(y * Double(rows)), rows - 1)
      if over || grid[row][column] == " " { grid[row][column] = sign }
    }
    for mark in panel.marks {
      switch mark {
      case .dots(let points, _, .series(let number)):
        for point in points { put(point, letters[number % letters.count], over: true) }
      case .dots(let points, _, _): for point in points { put(point, "·", over: false) }
      case .cells(let cells, .tint):
        for cell in cells {
          let count = max(Int(cell.width / (panel.x.high - panel.x.low) * Double(room)), 1)
          for step in 0..<count {
            put(
              Chart.Point(
                cell.corner.x + (Double(step) + 0.5) / Double(count) * cell.width,
                cell.corner.y + cell.height / 2), "░", over: false)
          }
        }
      default: break
      }
    }
    let ticks = Scale.ticks(panel.y, most: 4)
    var lines = [Shown.word(panel.y.label)]
    for row in 0..<rows {
      let top = panel.y.low + Double(rows - row) / Double(rows) * (panel.y.high - panel.y.low)
      let foot = panel.y.low + Double(rows - row - 1) / Double(rows) * (panel.y.high - panel.y.low)
      let tick = ticks.first { $0.value >= foot && $0.value < top }?.text ?? ""
      lines.append(padded(tick, gutter - 2, left: true) + " │" + String(grid[row]))
    }
    lines.append(
      String(repeating: " ", count: gutter - 1) + "└" + String(repeating: "─", count: room))
    lines.append(String(repeating: " ", count: gutter) + foot(panel.x, room))
    lines.append(String(repeating: " ", count: gutter) + Shown.word(panel.x.label))
    for (number, name) in series.enumerated() {
      lines.append("  \(letters[number % letters.count])  \(cut(Shown.word(name), wide - 6))")
    }
    return lines
  }

  // MARK: Text

  /// The numbers of an axis below their places.
  private static func foot(_ axis: Chart.Axis, _ room: Int) -> String {
    var line = [Character](repeating: " ", count: room)
    var free = 0
    for tick in Scale.ticks(axis, most: max(2, room / 12)) {
      let place = Int((tick.value - axis.low) / (axis.high - axis.low) * Double(room - 1))
      let start = max(0, min(place - tick.text.count / 2, room - tick.text.count))
      guard start >= free, start + tick.text.count <= room else { continue }
      for (offset, character) in tick.text.enumerated() { line[start + offset] = character }
      free = start + tick.text.count + 1
    }
    return String(line)
  }

  private static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let rest = String(repeating: " ", count: max(0, width - text.count))
    return left ? rest + text : text + rest
  }

  private static func cut(_ text: String, _ most: Int) -> String {
    text.count <= most ? text : text.prefix(max(most - 1, 1)) + "…"
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
