internal import FairpostText

/// Decision boundaries of one or several predictors over a plane, as SVG: one panel each, the points
/// that are decided 1 shaded, data points on top.
package struct BoundaryChart: Sendable {
  /// One predictor: its decisions on a regular grid.
  package struct Panel: Sendable {
    /// The title above the panel.
    package let title: String
    /// The grid's points with their scores.
    ///
    /// A score that is NaN is missing: nothing is decided there.
    package var grid: [(x: Double, y: Double, score: Double)]

    /// A panel from its parts.
    package init(title: String, grid: [(x: Double, y: Double, score: Double)] = []) {
      self.title = title
      self.grid = grid
    }
  }

  /// A data point.
  package struct Point: Sendable {
    /// The first coordinate.
    package let x: Double
    /// The second coordinate.
    package let y: Double
    /// Whether its label is 1; nil where it has none.
    package let isPositive: Bool?
    /// Whether it is drawn large and dark.
    package let isMarked: Bool

    /// A point from its parts.
    package init(x: Double, y: Double, isPositive: Bool?, isMarked: Bool) {
      self.x = x
      self.y = y
      self.isPositive = isPositive
      self.isMarked = isMarked
    }
  }

  /// The panels, drawn two a row.
  package var panels: [Panel]
  /// The data points, the same in every panel.
  package var points: [Point]
  /// Scores from here on are decided 1.
  package var threshold: Double
  /// The names of the axes.
  package var axes: (x: String, y: String)
  /// What marked points are, for the legend; empty for none.
  package var marked: String

  /// A chart from its parts.
  package init(
    panels: [Panel], points: [Point] = [], threshold: Double = 0.5, axes: (x: String, y: String),
    marked: String = ""
  ) {
    self.panels = panels
    self.points = points
    self.threshold = threshold
    self.axes = axes
    self.marked = marked
  }

  // Blue and orange stay apart for colour-blind eyes, and in grey; so do the shapes.
  private static let positive = "#0b62a4"
  private static let negative = "#c8500a"
  private static let decided = "#cfe3f3"
  /// Grey, where there is no score.
  private static let undecided = "#b8b8b8"
  private static let side = 260.0
  private static let gap = 56.0

  /// The chart as a whole SVG document.
  package func svg() -> String {
    let columns = min(max(panels.count, 1), 2)
    let rows = (panels.count + columns - 1) / columns
    let width = Self.gap + Double(columns) * (Self.side + Self.gap)
    let height = 30 + Double(rows) * (Self.side + Self.gap + 14) + 34
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(width)) \(text(height))\" width=\"\(text(width))\" height=\"\(text(height))\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    for (place, panel) in panels.enumerated() {
      let left = Self.gap + Double(place % columns) * (Self.side + Self.gap)
      let top = 30 + Double(place / columns) * (Self.side + Self.gap + 14)
      lines += draw(panel, left, top)
    }
    lines += legend(Self.gap, height - 18)
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private func draw(_ panel: Panel, _ left: Double, _ top: Double) -> [String] {
    let xs = Self.sorted(panel.grid.map(\.x))
    let ys = Self.sorted(panel.grid.map(\.y))
    guard let x0 = xs.first, let x1 = xs.last, let y0 = ys.first, let y1 = ys.last, x1 > x0,
      y1 > y0
    else { return [] }
    let stepX = (x1 - x0) / Double(xs.count - 1)
    let stepY = (y1 - y0) / Double(ys.count - 1)
    let (spanX, spanY) = (x1 - x0 + stepX, y1 - y0 + stepY)
    func across(_ x: Double) -> Double { left + (x - x0 + stepX / 2) / spanX * Self.side }
    func down(_ y: Double) -> Double { top + (y1 + stepY / 2 - y) / spanY * Self.side }

    var lines = [
      "<text x=\"\(text(left))\" y=\"\(text(top - 8))\" font-size=\"12\" font-weight=\"bold\">\(Shown.xml(panel.title))</text>",
      "<rect x=\"\(text(left))\" y=\"\(text(top))\" width=\"\(text(Self.side))\" height=\"\(text(Self.side))\" fill=\"#fbe9dd\"/>",
    ]
    // A run of cells in a row is one rectangle, so that the file stays small.
    let (cellWidth, cellHeight) = (stepX / spanX * Self.side, stepY / spanY * Self.side)
    func shade(_ cells: [(x: Double, y: Double, score: Double)], _ colour: String) {
      var path = ""
      let chosen = cells.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
      var place = 0
      while place < chosen.count {
        var end = place
        while end + 1 < chosen.count, chosen[end + 1].y == chosen[place].y,
          chosen[end + 1].x - chosen[end].x < 1.5 * stepX
        { end += 1 }
        let cells = Double(end - place + 1)
        path +=
          "M\(text(across(chosen[place].x) - cellWidth / 2)) \(text(down(chosen[place].y) - cellHeight / 2))h\(text(cells * cellWidth))v\(text(cellHeight + 0.2))h-\(text(cells * cellWidth))z"
        place = end + 1
      }
      if !path.isEmpty { lines.append("<path d=\"\(path)\" fill=\"\(colour)\"/>") }
    }
    shade(panel.grid.filter { $0.score >= threshold }, Self.decided)
    shade(Self.missing(panel.grid, xs, ys), Self.undecided)
    for point in points.filter({ !$0.isMarked }) + points.filter(\.isMarked)
    where point.x >= x0 && point.x <= x1 && point.y >= y0 && point.y <= y1 {
      lines.append(mark(point, across(point.x), down(point.y)))
    }
    lines.append(
      "<rect x=\"\(text(left))\" y=\"\(text(top))\" width=\"\(text(Self.side))\" height=\"\(text(Self.side))\" fill=\"none\" stroke=\"#444\"/>"
    )
    lines += ticks(x0, x1).map { x in
      "<text x=\"\(text(across(x)))\" y=\"\(text(top + Self.side + 13))\" text-anchor=\"middle\" fill=\"#444\">\(text(x))</text>"
    }
    lines += ticks(y0, y1).map { y in
      "<text x=\"\(text(left - 5))\" y=\"\(text(down(y) + 4))\" text-anchor=\"end\" fill=\"#444\">\(text(y))</text>"
    }
    let middle = left + Self.side / 2
    lines.append(
      "<text x=\"\(text(middle))\" y=\"\(text(top + Self.side + 28))\" text-anchor=\"middle\">\(Shown.xml(axes.x))</text>"
    )
    let (sideX, sideY) = (left - 32, top + Self.side / 2)
    lines.append(
      "<text x=\"\(text(sideX))\" y=\"\(text(sideY))\" text-anchor=\"middle\" transform=\"rotate(-90 \(text(sideX)) \(text(sideY)))\">\(Shown.xml(axes.y))</text>"
    )
    return lines
  }

  /// A circle for label 1, a cross for label 0, a ring for none; marked points are large with a white
  /// edge.
  private func mark(_ point: Point, _ x: Double, _ y: Double) -> String {
    let size = point.isMarked ? 5.0 : 2.2
    guard let isPositive = point.isPositive else {
      return
        "<circle cx=\"\(text(x))\" cy=\"\(text(y))\" r=\"\(text(size))\" fill=\"none\" stroke=\"#444\"/>"
    }
    if isPositive {
      let edge = point.isMarked ? " stroke=\"white\" stroke-width=\"1.5\"" : ""
      return
        "<circle cx=\"\(text(x))\" cy=\"\(text(y))\" r=\"\(text(size))\" fill=\"\(Self.positive)\"\(edge)/>"
    }
    let (low, high) = (x - size, x + size)
    return
      "<path d=\"M\(text(low)) \(text(y - size))L\(text(high)) \(text(y + size))M\(text(low)) \(text(y + size))L\(text(high)) \(text(y - size))\" stroke=\"\(Self.negative)\" stroke-width=\"1.2\"/>"
  }

  private func legend(_ left: Double, _ y: Double) -> [String] {
    var lines = [
      "<rect x=\"\(text(left))\" y=\"\(text(y - 9))\" width=\"14\" height=\"11\" fill=\"#cfe3f3\" stroke=\"#888\"/>",
      "<text x=\"\(text(left + 19))\" y=\"\(text(y))\">decided 1</text>",
    ]
    var at = left + 84
    let isIncomplete = panels.contains { panel in
      !Self.missing(
        panel.grid, Self.sorted(panel.grid.map(\.x)), Self.sorted(panel.grid.map(\.y))
      ).isEmpty
    }
    if isIncomplete {
      lines += [
        "<rect x=\"\(text(at))\" y=\"\(text(y - 9))\" width=\"14\" height=\"11\" fill=\"\(Self.undecided)\" stroke=\"#888\"/>",
        "<text x=\"\(text(at + 19))\" y=\"\(text(y))\">no score</text>",
      ]
      at += 84
    }
    guard !points.isEmpty else { return lines }
    var entries = [(Point(x: 0, y: 0, isPositive: true, isMarked: false), "label 1")]
    entries.append((Point(x: 0, y: 0, isPositive: false, isMarked: false), "label 0"))
    if points.contains(where: { $0.isPositive == nil }) {
      entries.append((Point(x: 0, y: 0, isPositive: nil, isMarked: false), "no label"))
    }
    if !marked.isEmpty {
      entries.append((Point(x: 0, y: 0, isPositive: true, isMarked: true), marked))
    }
    for (point, words) in entries {
      lines.append(mark(point, at, y - 4))
      lines.append("<text x=\"\(text(at + 9))\" y=\"\(text(y))\">\(Shown.xml(words))</text>")
      at += 62
    }
    return lines
  }

  /// Round numbers between two ends, at most seven.
  private func ticks(_ low: Double, _ high: Double) -> [Double] {
    var step = 1.0
    while (high - low) / step > 6 { step *= step.isPowerOfTen ? 2.5 : 2 }
    while (high - low) / step < 2, step > 1e-6 { step /= 2 }
    var values: [Double] = []
    var value = (low / step).rounded(.up) * step
    while value <= high {
      values.append(value)
      value += step
    }
    return values
  }

  /// The cells of the grid without a score: those whose score is NaN, and those that are not there.
  private static func missing(
    _ grid: [(x: Double, y: Double, score: Double)], _ xs: [Double], _ ys: [Double]
  ) -> [(x: Double, y: Double, score: Double)] {
    var known: [Double: Set<Double>] = [:]
    for cell in grid where !cell.score.isNaN { known[cell.y, default: []].insert(cell.x) }
    // Points that are no grid leave most places empty: only what was given counts there.
    guard xs.count * ys.count <= 4 * grid.count else { return grid.filter(\.score.isNaN) }
    return ys.flatMap { y in
      xs.filter { known[y]?.contains($0) != true }.map { (x: $0, y: y, score: Double.nan) }
    }
  }

  private static func sorted(_ values: [Double]) -> [Double] { Set(values).sorted() }

  /// Two decimals at most, without trailing zeros.
  private func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(sign)\(whole)" }
    let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
    return "\(sign)\(whole).\(digits)"
  }
}

extension Double {
  fileprivate var isPowerOfTen: Bool {
    var value = self
    while value >= 10 { value /= 10 }
    return value == 1
  }
}
