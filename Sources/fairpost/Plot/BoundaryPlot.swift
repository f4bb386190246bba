internal import Charts
internal import Numerics
internal import Options
internal import Pipeline

/// `plot boundary`: where predictors of two numbers decide 1.
enum BoundaryPlot: Plot {
  static let spec = MethodSpec(
    "boundary", summary: "where predictors of two numbers decide 1, with data points on top",
    details: [
      "Reads scores on a regular grid of two columns, one panel for each value of --panel in the order of the file; --points adds data."
    ],
    options: [
      OptionSpec(
        "x", nil, .column(), help: "the first coordinate", required: true,
        section: "Options of boundary"),
      OptionSpec(
        "y", nil, .column(), help: "the second coordinate", required: true,
        section: "Options of boundary"),
      OptionSpec(
        "score", nil, .column(), help: "the score", required: true,
        section: "Options of boundary"),
      OptionSpec(
        "threshold", nil, .number(), help: "scores from here on are decided 1", default: "0.5",
        section: "Options of boundary"),
      OptionSpec(
        "panel", nil, .column(), help: "a panel for each value of this column",
        section: "Options of boundary"),
      OptionSpec(
        "points", nil, .file(), help: "data points to draw: a file with the same coordinates",
        section: "Options of boundary"),
      OptionSpec(
        "label", nil, .column(), help: "the 0/1 column of the points", default: "label",
        section: "Options of boundary"),
      OptionSpec(
        "mark", nil, .text("COL=VALUE"), help: "points to draw large",
        section: "Options of boundary"),
    ])

  static func svg(_ input: Input, _ options: ParsedOptions) throws -> String {
    let names = ["x", "y", "score"].map { options.text($0) ?? "" }
    var request = TableRequest()
    request.numbers = try input.columns(names)
    if let panel = options.text("panel") { request.texts = [try input.column(panel)] }
    let table = try input.table(request)
    var panels: [BoundaryChart.Panel] = []
    var places: [Int32: Int] = [:]
    for row in 0..<table.count {
      let code = table.texts.first?.codes[row] ?? 0
      if places[code] == nil {
        places[code] = panels.count
        let title = code < 0 ? "" : table.texts.first?.values[Int(code)].description ?? names[2]
        panels.append(BoundaryChart.Panel(title: title))
      }
      let values = table.numbers.map { $0[row] }
      guard let place = places[code], !values.contains(where: \.isNaN) else { continue }
      panels[place].grid.append((values[0], values[1], values[2]))
    }
    guard panels.contains(where: { $0.grid.count > 1 }) else {
      throw Failure(.badData, "\(input.name): there is no grid of scores to draw")
    }
    let mark = try options.text("mark").map { try assignment($0) }
    let points = try options.text("points").map {
      try self.points($0, names, options.text("label") ?? "label", mark, input.settings)
    }
    return BoundaryChart(
      panels: panels, points: points ?? [], threshold: options.number("threshold") ?? 0.5,
      axes: (names[0], names[1]), marked: mark.map { "\($0.column) \($0.value)" } ?? ""
    ).svg()
  }

  private static func assignment(
    _ text: String
  ) throws(UsageError) -> (column: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("--mark \(text): COL=VALUE is wanted")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private static func points(
    _ path: String, _ names: [String], _ label: String, _ mark: (column: String, value: String)?,
    _ settings: InputSettings
  ) throws -> [BoundaryChart.Point] {
    var own = settings
    own.rejects = nil
    own.rows = []
    let input = try Input(path, own)
    var request = TableRequest()
    request.numbers = try input.columns([names[0], names[1], label])
    if let mark { request.texts = [try input.column(mark.column)] }
    let table = try input.table(request)
    let marked = table.texts.first?.values.firstIndex { $0.description == mark?.value }
    return (0..<table.count).map { row in
      BoundaryChart.Point(
        x: table.numbers[0][row], y: table.numbers[1][row],
        isPositive: table.numbers[2][row] == 1,
        isMarked: marked != nil && table.texts.first.map { Int($0.codes[row]) } == marked)
    }
  }
}
