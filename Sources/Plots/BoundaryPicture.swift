package import FairpostCharts
internal import FairpostEvaluation
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText

/// Where predictors of two numbers decide 1.
package struct BoundaryPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The first coordinate.
    package var x: String?
    /// The second coordinate.
    package var y: String?
    /// Scores from here on are decided 1.
    package var threshold = 0.5
    /// A column with a panel for each value.
    package var panel: String?
    /// A file of data points.
    package var points: String?
    /// The label column of the points.
    package var label: String?
    /// Points to draw large: `COL=VALUE`.
    package var mark: String?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      let section = "Options of boundary"
      return Schema([
        .text("x", \.x, "COL", help: "the first coordinate", section: section),
        .text("y", \.y, "COL", help: "the second coordinate", section: section),
        .number(
          "threshold", \.threshold, in: -1e300...1e300, help: "scores of at least T are decided 1",
          section: section),
        .text(
          "panel", \.panel, "COL", help: "a panel for each value of this column", section: section),
        .file(
          "points", \.points, help: "data points to draw: a file with the same coordinates",
          section: section),
        .text(
          "label", \.label, "COL", help: "the 0/1 column of the points (default: label)",
          section: section),
        .text("mark", \.mark, "COL=VALUE", help: "points to draw large", section: section),
      ])
    }
  }

  package static let info = MethodInfo(
    "boundary", summary: "the region where a predictor of two numbers decides 1, with data points",
    details: [
      "Reads scores (--score) on a regular grid of two columns, one panel for each value of --panel in the order of the file; --points adds data. Places without a score and points without a label are grey; a note counts them."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  /// A place of the grid.
  private typealias Cell = (x: Double, y: Double, score: Double)

  /// A data point.
  private struct DataPoint {
    let x: Double
    let y: Double
    /// Whether its label is 1; nil where it has none.
    let isPositive: Bool?
    /// Whether it is drawn large.
    let isMarked: Bool
  }

  package func chart(_ source: PictureSource) throws -> Chart {
    guard let x = settings.x, let y = settings.y, let score = source.request.roles.scores.first
    else {
      throw UsageError(
        "plot boundary needs \(option: "x") COL, \(option: "y") COL and \(option: "score") COL")
    }
    let input = try source.input()
    let console = source.console
    let names = [x, y, score]
    var request = TableRequest()
    request.numbers = try input.columns(names)
    if let panel = settings.panel { request.texts = [try input.column(panel)] }
    let table = try input.table(request)
    var panels: [(title: String, grid: [Cell])] = []
    var places: [Int32: Int] = [:]
    var placeless = 0
    var scoreless = 0
    for row in 0..<table.count {
      let code = table.texts.first?.codes[row] ?? 0
      if places[code] == nil {
        places[code] = panels.count
        let title = code < 0 ? "" : table.texts.first?.values[Int(code)].description ?? score
        panels.append((title, []))
      }
      let values = table.numbers.map { $0[row] }
      if values[0].isNaN || values[1].isNaN {
        placeless += 1
        continue
      }
      if values[2].isNaN { scoreless += 1 }
      guard let place = places[code] else { continue }
      panels[place].grid.append((values[0], values[1], values[2]))
    }
    if placeless > 0 {
      console.note("\(Console.grouped(placeless)) rows without a coordinate are not drawn")
    }
    if scoreless > 0 {
      console.note(
        "\(Console.grouped(scoreless)) rows without a score are grey: nothing is decided there")
    }
    guard panels.contains(where: { $0.grid.count > 1 }) else {
      throw Failure(.badData, "\(input.name): there is no grid of scores to draw")
    }
    let mark = try settings.mark.map { try assignment($0) }
    let points =
      try settings.points.map {
        try self.points($0, names, settings.label ?? "label", mark, input.settings, console)
      } ?? []
    var notes = ["shaded: decided 1 (\(score) of \(NumberText.text(settings.threshold)) or more)"]
    if panels.contains(where: { !Self.missing($0.grid).isEmpty }) { notes.append("grey: no score") }
    if points.contains(where: { $0.isPositive == nil }) { notes.append("grey dots: no label") }
    if let mark { notes.append("large: \(mark.column) \(mark.value)") }
    return Chart(
      title: "Where scores decide 1", subtitle: "\(input.name): \(score) over \(x) and \(y)",
      panels: panels.filter { $0.grid.count > 1 }.map { panel($0.title, $0.grid, points, (x, y)) },
      series: points.isEmpty ? [] : ["label 1", "label 0"], notes: notes, height: 280,
      legend: .point)
  }

  private func panel(
    _ title: String, _ grid: [Cell], _ points: [DataPoint], _ axes: (x: String, y: String)
  ) -> Chart.Panel {
    let xs = Set(grid.map(\.x)).sorted()
    let ys = Set(grid.map(\.y)).sorted()
    let stepX = xs.count > 1 ? (xs[xs.count - 1] - xs[0]) / Double(xs.count - 1) : 1
    let stepY = ys.count > 1 ? (ys[ys.count - 1] - ys[0]) / Double(ys.count - 1) : 1
    let (left, right) = (xs[0] - stepX / 2, xs[xs.count - 1] + stepX / 2)
    let (foot, top) = (ys[0] - stepY / 2, ys[ys.count - 1] + stepY / 2)
    /// A run of cells in a row is one box, so that the file stays small.
    func runs(_ cells: [Cell]) -> [(corner: Chart.Point, width: Double, height: Double)] {
      let sorted = cells.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
      var boxes: [(corner: Chart.Point, width: Double, height: Double)] = []
      var place = 0
      while place < sorted.count {
        var end = place
        while end + 1 < sorted.count, sorted[end + 1].y == sorted[place].y,
          sorted[end + 1].x - sorted[end].x < 1.5 * stepX
        { end += 1 }
        boxes.append(
          (
            Chart.Point(sorted[place].x - stepX / 2, sorted[place].y - stepY / 2),
            Double(end - place + 1) * stepX, stepY
          ))
        place = end + 1
      }
      return boxes
    }
    var marks: [Chart.Mark] = [
      .cells(runs(grid.filter { $0.score >= settings.threshold }), .tint(0)),
      .cells(runs(Self.missing(grid)), .quiet),
    ]
    for isMarked in [false, true] {
      for (label, look) in [(true, Chart.Look.series(0)), (false, .series(1)), (nil, .quiet)] {
        let own = points.filter {
          $0.isMarked == isMarked && $0.isPositive == label && $0.x >= left && $0.x <= right
            && $0.y >= foot && $0.y <= top
        }
        if !own.isEmpty {
          marks.append(
            .dots(own.map { Chart.Point($0.x, $0.y) }, radius: isMarked ? 5 : 2.2, look))
        }
      }
    }
    return Chart.Panel(
      title: title, x: Chart.Axis(axes.x, left, right), y: Chart.Axis(axes.y, foot, top),
      marks: marks)
  }

  /// The cells of the grid without a score: those whose score is NaN, and those that are not there.
  private static func missing(_ grid: [Cell]) -> [Cell] {
    let xs = Set(grid.map(\.x)).sorted()
    let ys = Set(grid.map(\.y)).sorted()
    var known: [Double: Set<Double>] = [:]
    for cell in grid where !cell.score.isNaN { known[cell.y, default: []].insert(cell.x) }
    // Points that are no grid leave most places empty: only what was given counts there.
    guard xs.count * ys.count <= 4 * grid.count else { return grid.filter(\.score.isNaN) }
    return ys.flatMap { y in
      xs.filter { known[y]?.contains($0) != true }.map { (x: $0, y: y, score: Double.nan) }
    }
  }

  private func assignment(
    _ text: String
  ) throws(UsageError) -> (column: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("\(option: "mark") \(text): expected COL=VALUE")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private func points(
    _ path: String, _ names: [String], _ label: String, _ mark: (column: String, value: String)?,
    _ settings: InputSettings, _ console: Console
  ) throws -> [DataPoint] {
    var own = settings.besides
    own.rows = []
    let input = try Input(path, own)
    var request = TableRequest()
    request.numbers = try input.columns([names[0], names[1], label])
    if let mark { request.texts = [try input.column(mark.column)] }
    let table = try input.table(request)
    let marked = table.texts.first?.values.firstIndex { $0.description == mark?.value }
    let labels = table.numbers[2]
    if let stray = labels.first(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) {
      throw Failure(
        .badData,
        "\(path): column \"\(label)\": \(NumberText.text(stray)) is not a label: expected 0 or 1")
    }
    let drawn = (0..<table.count).filter {
      !table.numbers[0][$0].isNaN && !table.numbers[1][$0].isNaN
    }
    if drawn.count < table.count {
      console.note(
        "\(path): \(Console.grouped(table.count - drawn.count)) points without a coordinate are not drawn"
      )
    }
    let unlabelled = drawn.count { labels[$0].isNaN }
    if unlabelled > 0 {
      console.note("\(path): \(Console.grouped(unlabelled)) points without a label are rings")
    }
    return drawn.map { row in
      DataPoint(
        x: table.numbers[0][row], y: table.numbers[1][row],
        isPositive: labels[row].isNaN ? nil : labels[row] == 1,
        isMarked: marked != nil && table.texts.first.map { Int($0.codes[row]) } == marked)
    }
  }
}
