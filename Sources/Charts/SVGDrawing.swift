internal import FairpostText

/// Draws a chart as SVG: text stays text, names of files are made safe, colours follow the reader's
/// light or dark page.
package struct SVGDrawing {
  private let chart: Chart
  private let width: Double
  /// Added to ids, so that several figures can stand in one page.
  private let name: String
  private var lines: [String] = []

  private init(_ chart: Chart, width: Double, name: String) {
    self.chart = chart
    self.width = width
    self.name = name
  }

  /// The chart as a whole document.
  ///
  /// - Parameters:
  ///   - width: of the page, in pixels.
  ///   - name: what sets its ids apart from those of other figures of a page.
  ///   - carriesStyle: false where the page already has `style`.
  package static func text(
    _ chart: Chart, width: Double = 720, name: String = "figure", carriesStyle: Bool = true
  ) -> String {
    var drawing = SVGDrawing(chart, width: width, name: name)
    return drawing.document(carriesStyle)
  }

  /// The rules that figures without their own need once in a page.
  package static var style: String { Palette.style }

  private mutating func document(_ carriesStyle: Bool) -> String {
    let margin = 16.0
    var top = 26.0
    add("t", margin, top, chart.title, .start)
    for line in Self.wrapped(chart.subtitle, width - 2 * margin) {
      top += 17
      add("s", margin, top, line, .start)
    }
    top = legend(margin, top + 12)
    let columns = min(max(chart.columns, 1), max(chart.panels.count, 1))
    let wide = (width - margin) / Double(columns)
    for start in stride(from: 0, to: chart.panels.count, by: columns) {
      let row = chart.panels[start..<min(start + columns, chart.panels.count)]
      let hasTitles = row.contains { !$0.title.isEmpty }
      let bottoms = row.map { Self.belowAxis($0.x, wide) }
      for (place, panel) in row.enumerated() {
        draw(panel, margin + Double(place) * wide, top + (hasTitles ? 22 : 6), wide - margin)
      }
      top += (hasTitles ? 22 : 6) + chart.height + (bottoms.max() ?? 40) + 12
    }
    for note in chart.notes {
      for line in Self.wrapped(note, width - 2 * margin) {
        add("s", margin, top + 6, line, .start)
        top += 17
      }
    }
    let height = top + 8
    let title = Shown.xml(chart.title)
    let about = Shown.xml(
      ([chart.subtitle] + chart.panels.map(\.title) + chart.series).filter { !$0.isEmpty }
        .joined(separator: "; "))
    let head = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fp\" role=\"img\" aria-labelledby=\"\(name)-t \(name)-d\" viewBox=\"0 0 \(Self.text(width)) \(Self.text(height))\" width=\"\(Self.text(width))\" height=\"\(Self.text(height))\">",
      "<title id=\"\(name)-t\">\(title)</title><desc id=\"\(name)-d\">\(about)</desc>",
    ]
    let style = carriesStyle ? ["<style>\(Palette.style)</style>"] : []
    let paper = "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>"
    return (head + style + [paper] + lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  // MARK: Pieces

  /// The series' signs and names from left to right; where the next piece begins.
  private mutating func legend(_ left: Double, _ top: Double) -> Double {
    guard chart.legend != .none, chart.series.count > 0 else { return top }
    var x = left
    var y = top + 12
    for (number, name) in chart.series.enumerated() {
      let text = Self.cut(name, 28)
      let wide = 34 + Self.length(text) + 18
      if x > left, x + wide > width - 16 {
        x = left
        y += 19
      }
      let place = Palette.series(number)
      switch chart.legend {
      case .none: break
      case .line:
        lines.append(
          "<path class=\"l\(place)\" d=\"M\(Self.text(x)) \(Self.text(y - 4))h26\"/>")
      case .area:
        lines.append(
          "<rect class=\"f\(place)\" x=\"\(Self.text(x))\" y=\"\(Self.text(y - 10))\" width=\"26\" height=\"12\"/>"
        )
      case .point:
        lines.append(Self.dot(x + 13, y - 4, 5, place))
      }
      add("", x + 32, y, text, .start, whole: name)
      x += wide
    }
    return y + 8
  }

  private mutating func draw(_ panel: Chart.Panel, _ left: Double, _ top: Double, _ wide: Double) {
    let ticksY = Scale.ticks(panel.y)
    let labels = ticksY.map { Self.cut($0.text, 22) }
    let gutter =
      panel.y.isHidden
      ? 4 : (labels.map(Self.length).max() ?? 0) + (panel.y.label.isEmpty ? 10 : 30)
    let (x0, x1) = (left + gutter, left + wide)
    let (y0, y1) = (top + chart.height, top)
    let across = Scale(panel.x, from: x0, to: x1)
    let up = Scale(panel.y, from: y0, to: y1)
    if !panel.title.isEmpty {
      add("h", x0, top - 8, Self.cut(panel.title, Int((x1 - x0) / 7)), .start, whole: panel.title)
    }
    let ticksX = Scale.ticks(panel.x, most: max(2, Int((x1 - x0) / 60)))
    if panel.x.names.isEmpty {
      for tick in ticksX {
        lines.append(
          "<path class=\"grid\" d=\"M\(Self.text(across(tick.value))) \(Self.text(y0))V\(Self.text(y1))\"/>"
        )
      }
    }
    if panel.y.names.isEmpty, !panel.y.isHidden {
      for tick in ticksY {
        lines.append(
          "<path class=\"grid\" d=\"M\(Self.text(x0)) \(Self.text(up(tick.value)))H\(Self.text(x1))\"/>"
        )
      }
    }
    for mark in panel.marks { draw(mark, across, up, (x0, x1), (y0, y1)) }
    lines.append(
      "<rect class=\"frame\" x=\"\(Self.text(x0))\" y=\"\(Self.text(y1))\" width=\"\(Self.text(x1 - x0))\" height=\"\(Self.text(y0 - y1))\"/>"
    )
    if !panel.y.isHidden {
      for (tick, text) in zip(ticksY, labels) {
        add("", x0 - 6, up(tick.value) + 4, text, .end, whole: tick.text)
      }
      if !panel.y.label.isEmpty {
        let (x, y) = (left + 10, (y0 + y1) / 2)
        let label = Shown.xml(Self.cut(panel.y.label, Int(chart.height / 6.5)))
        lines.append(
          "<text text-anchor=\"middle\" transform=\"translate(\(Self.text(x)) \(Self.text(y))) rotate(-90)\">\(label)</text>"
        )
      }
    }
    let slanted = Self.isSlanted(panel.x, x1 - x0)
    for tick in ticksX {
      let x = across(tick.value)
      if slanted {
        let text = Shown.xml(Self.cut(tick.text, 18))
        lines.append(
          "<text text-anchor=\"end\" transform=\"translate(\(Self.text(x + 4)) \(Self.text(y0 + 14))) rotate(-35)\">\(text)</text>"
        )
      } else {
        add("", x, y0 + 16, Self.cut(tick.text, 18), .middle, whole: tick.text)
      }
    }
    add("", (x0 + x1) / 2, y0 + Self.belowAxis(panel.x, wide) - 6, panel.x.label, .middle)
  }

  private mutating func draw(
    _ mark: Chart.Mark, _ across: Scale, _ up: Scale, _ xs: (Double, Double),
    _ ys: (Double, Double)
  ) {
    func path(_ points: [Chart.Point]) -> String {
      var text = ""
      for (place, point) in points.enumerated() {
        text += (place == 0 ? "M" : "L") + Self.text(across(point.x)) + " " + Self.text(up(point.y))
      }
      return text
    }
    switch mark {
    case .line(let points, let look):
      guard points.count > 1 else { return }
      lines.append("<path class=\"\(Self.stroke(look, "l"))\" d=\"\(path(points))\"/>")
    case .area(let points, let base, let look):
      guard let first = points.first, let last = points.last, points.count > 1 else { return }
      lines.append(
        "<path class=\"\(Self.fill(look))\" opacity=\"0.18\" d=\"\(path(points))L\(Self.text(across(last.x))) \(Self.text(up(base)))L\(Self.text(across(first.x))) \(Self.text(up(base)))z\"/>"
      )
    case .box(let a, let b, let look):
      lines.append(
        Self.box(across(a.x), up(a.y), across(b.x), up(b.y), Self.paint(look)))
    case .dots(let points, let radius, let look):
      for point in points {
        if case .series(let number) = look {
          lines.append(
            Self.dot(across(point.x), up(point.y), radius, Palette.series(number)))
        } else {
          lines.append(
            "<circle \(Self.paint(look)) cx=\"\(Self.text(across(point.x)))\" cy=\"\(Self.text(up(point.y)))\" r=\"\(Self.text(radius))\"/>"
          )
        }
      }
    case .whisker(let a, let b, let look):
      let (x0, y0, x1, y1) = (across(a.x), up(a.y), across(b.x), up(b.y))
      let isUpright = abs(x1 - x0) < abs(y1 - y0)
      let (dx, dy) = isUpright ? (4.0, 0.0) : (0.0, 4.0)
      lines.append(
        "<path class=\"\(Self.stroke(look, "w"))\" d=\"M\(Self.text(x0)) \(Self.text(y0))L\(Self.text(x1)) \(Self.text(y1))M\(Self.text(x0 - dx)) \(Self.text(y0 - dy))L\(Self.text(x0 + dx)) \(Self.text(y0 + dy))M\(Self.text(x1 - dx)) \(Self.text(y1 - dy))L\(Self.text(x1 + dx)) \(Self.text(y1 + dy))\"/>"
      )
    case .vertical(let x, let words):
      lines.append(
        "<path class=\"rule\" d=\"M\(Self.text(across(x))) \(Self.text(ys.0))V\(Self.text(ys.1))\"/>"
      )
      if !words.isEmpty { add("s", across(x) + 4, ys.1 + 13, words, .start) }
    case .horizontal(let y, let words):
      lines.append(
        "<path class=\"rule\" d=\"M\(Self.text(xs.0)) \(Self.text(up(y)))H\(Self.text(xs.1))\"/>")
      if !words.isEmpty { add("s", xs.1 - 4, up(y) - 4, words, .end) }
    case .text(let point, let words, let anchor):
      add("", across(point.x), up(point.y) + 4, Self.cut(words, 40), anchor, whole: words)
    case .cells(let cells, let look):
      var text = ""
      for cell in cells {
        let (a, b) = (across(cell.corner.x), across(cell.corner.x + cell.width))
        let (c, d) = (up(cell.corner.y), up(cell.corner.y + cell.height))
        text +=
          "M\(Self.text(a)) \(Self.text(d))h\(Self.text(b - a))v\(Self.text(c - d + 0.2))h\(Self.text(a - b))z"
      }
      if !text.isEmpty { lines.append("<path \(Self.paint(look)) d=\"\(text)\"/>") }
    }
  }

  /// A text; where it was cut, the whole of it shows when pointed at.
  private mutating func add(
    _ style: String, _ x: Double, _ y: Double, _ text: String, _ anchor: Chart.Anchor,
    whole: String? = nil
  ) {
    guard !text.isEmpty else { return }
    let hint =
      whole.map { $0 == text ? "" : "<title>\(Shown.xml($0))</title>" } ?? ""
    let look = style.isEmpty ? "" : " class=\"\(style)\""
    let side = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    lines.append(
      "<text\(look) x=\"\(Self.text(x))\" y=\"\(Self.text(y))\"\(side)>\(hint)\(Shown.xml(text))</text>"
    )
  }

  // MARK: Signs

  private static func stroke(_ look: Chart.Look, _ kind: String) -> String {
    switch look {
    case .series(let number), .tint(let number): "\(kind)\(Palette.series(number))"
    case .quiet: "lq"
    case .ink, .shade: "li"
    }
  }

  private static func fill(_ look: Chart.Look) -> String {
    switch look {
    case .series(let number), .tint(let number): "f\(Palette.series(number))"
    case .quiet: "fq"
    case .ink, .shade: "fi"
    }
  }

  private static func paint(_ look: Chart.Look) -> String {
    if case .shade(let share) = look { return "fill=\"\(Palette.shade(share))\"" }
    if case .tint = look { return "class=\"\(fill(look))\" opacity=\"0.2\"" }
    return "class=\"\(fill(look))\""
  }

  private static func box(
    _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ paint: String
  ) -> String {
    "<rect \(paint) x=\"\(text(min(x0, x1)))\" y=\"\(text(min(y0, y1)))\" width=\"\(text(abs(x1 - x0)))\" height=\"\(text(abs(y1 - y0)))\"/>"
  }

  /// A dot in the shape of its series: circle, square, triangle, diamond, cross, and again.
  private static func dot(_ x: Double, _ y: Double, _ r: Double, _ series: Int) -> String {
    let style = "class=\"f\(series)\""
    switch series % 5 {
    case 0: return "<circle \(style) cx=\"\(text(x))\" cy=\"\(text(y))\" r=\"\(text(r))\"/>"
    case 1: return box(x - r * 0.9, y - r * 0.9, x + r * 0.9, y + r * 0.9, style)
    case 2:
      return
        "<path \(style) d=\"M\(text(x)) \(text(y - r * 1.2))l\(text(r * 1.1)) \(text(r * 2))h\(text(-r * 2.2))z\"/>"
    case 3:
      return
        "<path \(style) d=\"M\(text(x)) \(text(y - r * 1.3))l\(text(r * 1.1)) \(text(r * 1.3))l\(text(-r * 1.1)) \(text(r * 1.3))l\(text(-r * 1.1)) \(text(-r * 1.3))z\"/>"
    default:
      return
        "<path class=\"w\(series)\" d=\"M\(text(x - r)) \(text(y - r))l\(text(2 * r)) \(text(2 * r))m0 \(text(-2 * r))l\(text(-2 * r)) \(text(2 * r))\"/>"
    }
  }

  // MARK: Sizes of text

  /// About how wide a text is.
  private static func length(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 ? 12.5 : $1.value < 0x80 ? 6.7 : 7.5) }
  }

  /// A name of so many characters at most.
  private static func cut(_ text: String, _ most: Int) -> String {
    text.count <= most ? text : text.prefix(max(most - 1, 1)) + "\u{2026}"
  }

  private static func isSlanted(_ axis: Chart.Axis, _ wide: Double) -> Bool {
    guard !axis.names.isEmpty else { return false }
    let longest = axis.names.map { length(cut($0, 18)) }.max() ?? 0
    return longest + 8 > wide / Double(axis.names.count)
  }

  /// The room of an axis' numbers and label.
  private static func belowAxis(_ axis: Chart.Axis, _ wide: Double) -> Double {
    guard isSlanted(axis, wide - 60) else { return axis.label.isEmpty ? 26 : 44 }
    let longest = axis.names.map { length(cut($0, 18)) }.max() ?? 0
    return longest * 0.6 + (axis.label.isEmpty ? 26 : 44)
  }

  /// A sentence in lines of a width.
  private static func wrapped(_ text: String, _ wide: Double) -> [String] {
    guard !text.isEmpty else { return [] }
    var lines: [String] = []
    var line = ""
    for word in Shown.line(text).split(separator: " ") {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if length(longer) > wide, !line.isEmpty {
        lines.append(line)
        line = String(word)
      } else {
        line = longer
      }
    }
    lines.append(line)
    return lines
  }

  /// Two decimals at most, without trailing zeros.
  static func text(_ value: Double) -> String {
    let hundredths = Int((min(max(value, -1e7), 1e7) * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(sign)\(whole)" }
    let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
    return "\(sign)\(whole).\(digits)"
  }
}
