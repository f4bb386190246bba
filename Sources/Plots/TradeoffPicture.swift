internal import FairpostCSV
package import FairpostCharts
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// Fairness against performance: arms of a comparison, or the curve of a frontier.
package struct TradeoffPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The figure along the foot.
    package var x: String?
    /// The figure upwards.
    package var y: String?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .text(
          "x", \.x, "FIGURE",
          help:
            "the figure on the horizontal axis (default for compare: demographic_parity_difference)",
          section: "Options of tradeoff"),
        .text(
          "y", \.y, "FIGURE", help: "the figure on the vertical axis (default: accuracy)",
          section: "Options of tradeoff"),
      ])
    }
  }

  package static let info = MethodInfo(
    "tradeoff", summary: "fairness against performance, from compare or frontier",
    details: [
      "FILE is the output of compare --format csv (arms with their intervals), the file of compare --cells (a dot for each arm and seed), the output of frontier (a curve with intervals), or the --log of train badr --pareto."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let input = try source.input()
    let names = input.header.names
    let (x, y) = (settings.x ?? "demographic_parity_difference", settings.y ?? "accuracy")
    if names.contains("arm"), names.contains("metric") {
      return try arms(input, x, y, names)
    }
    return try curve(input, x, y, names)
  }

  /// Long figures: a row for each arm, figure and perhaps seed.
  private func arms(_ input: Input, _ x: String, _ y: String, _ names: [String]) throws -> Chart {
    var request = TableRequest()
    let bounds = ["lower", "upper"].filter(names.contains)
    request.numbers = try input.columns(["value"] + bounds)
    request.texts = try input.columns(
      ["arm", "metric"] + ["group", "seed", "class", "decisions", "task"].filter(names.contains))
    let table = try input.table(request)
    func text(_ column: String, _ row: Int) -> String? {
      guard let place = request.texts.firstIndex(where: { $0.name == column }) else { return nil }
      let code = table.texts[place].codes[row]
      return code < 0 ? nil : table.texts[place].values[Int(code)].description
    }
    struct Key: Hashable {
      let arm: String
      let seed: String
    }
    struct Place {
      var value: Double
      var low: Double
      var high: Double
    }
    var order: [Key] = []
    var found: [Key: [String: Place]] = [:]
    var tasks: [String] = []
    for row in 0..<table.count {
      guard let arm = text("arm", row), let metric = text("metric", row),
        metric == x || metric == y,
        text("group", row) == nil, text("class", row) == nil,
        (text("decisions", row) ?? "own") == "own", table.numbers[0][row].isFinite
      else { continue }
      let task = text("task", row) ?? ""
      if !tasks.contains(task) { tasks.append(task) }
      guard task == tasks[0] else { continue }
      let key = Key(arm: arm, seed: text("seed", row) ?? "")
      if found[key] == nil { order.append(key) }
      let low = bounds.count == 2 ? table.numbers[1][row] : .nan
      let high = bounds.count == 2 ? table.numbers[2][row] : .nan
      found[key, default: [:]][metric] = Place(value: table.numbers[0][row], low: low, high: high)
    }
    let drawn = order.filter { found[$0]?[x] != nil && found[$0]?[y] != nil }
    guard !drawn.isEmpty else {
      throw Failure(
        .badData, "\(input.name): no arm has both \(x) and \(y)",
        hint: "name figures that are in it: \(option: "x") FIGURE \(option: "y") FIGURE")
    }
    var arms: [String] = []
    for key in drawn where !arms.contains(key.arm) { arms.append(key.arm) }
    var marks: [Chart.Mark] = []
    var across: [Double] = []
    var up: [Double] = []
    for key in drawn {
      guard let a = found[key]?[x], let b = found[key]?[y],
        let series = arms.firstIndex(of: key.arm)
      else { continue }
      let place = Chart.Point(a.value, b.value)
      across.append(a.value)
      up.append(b.value)
      if a.low.isFinite, a.high.isFinite {
        marks.append(
          .whisker(Chart.Point(a.low, place.y), Chart.Point(a.high, place.y), .series(series)))
        across += [a.low, a.high]
      }
      if b.low.isFinite, b.high.isFinite {
        marks.append(
          .whisker(Chart.Point(place.x, b.low), Chart.Point(place.x, b.high), .series(series)))
        up += [b.low, b.high]
      }
      marks.append(.dots([place], radius: 4.5, .series(series)))
    }
    let hasSeeds = drawn.contains { !$0.seed.isEmpty }
    var notes = ["fairer is further left, better is further up"]
    if tasks.count > 1 { notes.append("task \(tasks[0]) of \(tasks.joined(separator: ", "))") }
    if arms.count > 8 { notes.append("with more than 8 arms, colours are used twice") }
    return Chart(
      title: "Fairness against performance",
      subtitle: hasSeeds
        ? "\(input.name): a dot for each of \(arms.count) arms and each seed"
        : "\(input.name): \(arms.count) arms, means over seeds with 95 % intervals",
      panels: [
        Chart.Panel(
          x: Chart.Axis(x, around: across, including: across.allSatisfy { $0 >= 0 } ? 0 : nil),
          y: Chart.Axis(y, around: up), marks: marks)
      ], series: arms, notes: notes, columns: 1, height: 360, legend: .point)
  }

  /// Wide figures: a row for each place of a curve.
  private func curve(_ input: Input, _ x: String, _ y: String, _ names: [String]) throws -> Chart {
    let wanted = [x, y]
    if let missing = wanted.first(where: { !names.contains($0) }) {
      throw UsageError(
        "\(input.name) has no column \"\(missing)\"",
        hint:
          "name columns that are in it: \(option: "x") COL \(option: "y") COL; it has \(names.prefix(12).joined(separator: ", "))"
      )
    }
    var request = TableRequest()
    let bounds = wanted.map { column in
      ["\(column).lower", "\(column).upper"].filter(names.contains)
    }
    request.numbers = try input.columns(wanted + bounds.joined())
    if names.contains("score") { request.texts.append(try input.column("score")) }
    let table = try input.table(request)
    let scores = table.texts.first.map { $0.values.map(\.description) } ?? ["front"]
    var marks: [Chart.Mark] = []
    var across: [Double] = []
    var up: [Double] = []
    var count = 0
    for (series, _) in scores.enumerated() {
      let rows = (0..<table.count).filter { row in
        (table.texts.first.map { Int($0.codes[row]) } ?? 0) == series
          && table.numbers[0][row].isFinite && table.numbers[1][row].isFinite
      }
      count += rows.count
      let points = rows.map { Chart.Point(table.numbers[0][$0], table.numbers[1][$0]) }
        .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
      across += points.map(\.x)
      up += points.map(\.y)
      if bounds[1].count == 2, let (low, high) = place(request, bounds[1]) {
        // A band of the upward figure, where places are dense enough to be one.
        for row in rows.prefix(400) where table.numbers[low][row].isFinite {
          marks.append(
            .line(
              [
                Chart.Point(table.numbers[0][row], table.numbers[low][row]),
                Chart.Point(table.numbers[0][row], table.numbers[high][row]),
              ], .quiet))
          up += [table.numbers[low][row], table.numbers[high][row]]
        }
      }
      marks.append(.line(points, .series(series)))
      marks.append(.dots(points, radius: points.count > 60 ? 2 : 3.5, .series(series)))
    }
    guard count > 0 else {
      throw Failure(.badData, "\(input.name): no row has both \(x) and \(y)")
    }
    return Chart(
      title: "Fairness against performance",
      subtitle: "\(input.name): \(count) places of the curve",
      panels: [
        Chart.Panel(
          x: Chart.Axis(x, around: across, including: across.allSatisfy { $0 >= 0 } ? 0 : nil),
          y: Chart.Axis(y, around: up), marks: marks)
      ], series: scores, notes: bounds[1].count == 2 ? ["grey: 95 % intervals"] : [], columns: 1,
      height: 360, legend: scores.count > 1 ? .line : .none)
  }

  private func place(_ request: TableRequest, _ bounds: [String]) -> (Int, Int)? {
    let names = request.numbers.map(\.name)
    guard let low = names.firstIndex(of: bounds[0]), let high = names.firstIndex(of: bounds[1])
    else {
      return nil
    }
    return (low, high)
  }
}
