internal import FairpostCharts
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `plot boundary`: where predictors of two numbers decide 1.
enum BoundaryPlot: Plot {
  static let spec = MethodSpec(
    "boundary", summary: "where predictors of two numbers decide 1, with data points on top",
    details: [
      "Reads scores on a regular grid of two columns, one panel for each value of --panel in the order of the file; --points adds data. Places without a score are grey, points without a label are rings, and both are counted."
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

  static func svg(
    _ input: Input, _ options: ParsedOptions, _ console: Console
  ) throws -> String {
    let names = ["x", "y", "score"].map { options.text($0) ?? "" }
    var request = TableRequest()
    request.numbers = try input.columns(names)
    if let panel = options.text("panel") { request.texts = [try input.column(panel)] }
    let table = try input.table(request)
    var panels: [BoundaryChart.Panel] = []
    var places: [Int32: Int] = [:]
    var placeless = 0
    var scoreless = 0
    for row in 0..<table.count {
      let code = table.texts.first?.codes[row] ?? 0
      if places[code] == nil {
        places[code] = panels.count
        let title = code < 0 ? "" : table.texts.first?.values[Int(code)].description ?? names[2]
        panels.append(BoundaryChart.Panel(title: title))
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
    let mark = try options.text("mark").map { try assignment($0) }
    let points = try options.text("points").map {
      try self.points($0, names, options.text("label") ?? "label", mark, input.settings, console)
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
    _ settings: InputSettings, _ console: Console
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
    let labels = table.numbers[2]
    if let stray = labels.first(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) {
      throw Failure(
        .badData,
        "\(path): column \"\(label)\": \(NumberText.text(stray)) is no label: 0 and 1 are wanted")
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
      BoundaryChart.Point(
        x: table.numbers[0][row], y: table.numbers[1][row],
        isPositive: labels[row].isNaN ? nil : labels[row] == 1,
        isMarked: marked != nil && table.texts.first.map { Int($0.codes[row]) } == marked)
    }
  }
}
