internal import FairpostCSV
package import FairpostCharts
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// How a score came about, step by step: the features of a model, or the attributes of a map.
package struct WaterfallPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The record that is drawn; nil for the mean of all.
    package var record: String?
    /// The score that is drawn; nil for the first.
    package var of: String?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .text(
          "record", \.record, "ID", help: "the record to draw (default: the mean of all)",
          section: "Options of waterfall"),
        .text(
          "of", \.of, "SCORE", help: "the score to draw (default: the first)",
          section: "Options of waterfall"),
      ])
    }
  }

  package static let info = MethodInfo(
    "waterfall", summary: "how a score came about, step by step (explain)",
    details: [
      "FILE is the output of explain, for a model (features, the largest first) or for a map (attributes, a panel for each order of them). It draws one record, or the mean of all."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  /// A step and how far it goes.
  private struct Step {
    let name: String
    let change: Double
  }

  package func chart(_ source: PictureSource) throws -> Chart {
    let input = try source.input()
    let names = input.header.names
    let isOfModel = names.contains("shap")
    guard isOfModel || names.contains("change") else {
      throw Failure(
        .badData, "\(input.name) is not an output of explain",
        hint: "plot waterfall draws the output of explain")
    }
    var request = TableRequest()
    request.numbers = try input.columns(isOfModel ? ["shap"] : ["change", "before"])
    request.texts = try input.columns(
      ["record", "score"] + (isOfModel ? ["feature"] : ["order", "attribute"]))
    let table = try input.table(request)
    func text(_ column: Int, _ row: Int) -> String {
      let code = table.texts[column].codes[row]
      return code < 0 ? "" : table.texts[column].values[Int(code)].description
    }
    let scores = table.texts[1].values.map(\.description)
    guard let score = settings.of ?? scores.first else {
      throw Failure(.badData, "\(input.name) has no rows")
    }
    guard scores.contains(score) else {
      throw UsageError(
        "\(option: "of") \(score): there is no such score",
        hint: "it has \(scores.joined(separator: ", "))")
    }
    // Sums by order (one for a model) and step, and where the first step begins.
    var orders: [String] = []
    var steps: [String: [(name: String, sum: Double)]] = [:]
    var begins: [String: Double] = [:]
    var records: Set<Int32> = []
    for row in 0..<table.count where text(1, row) == score {
      if let record = settings.record, text(0, row) != record { continue }
      let order = isOfModel ? "" : text(2, row)
      let name = text(isOfModel ? 2 : 3, row)
      let value = table.numbers[0][row]
      guard value.isFinite else { continue }
      records.insert(table.texts[0].codes[row])
      if !orders.contains(order) { orders.append(order) }
      if isOfModel, name == "(base)" {
        begins[order, default: 0] += value
        continue
      }
      if let place = steps[order]?.firstIndex(where: { $0.name == name }) {
        steps[order]?[place].sum += value
      } else {
        steps[order, default: []].append((name, value))
      }
      if !isOfModel, steps[order]?.first?.name == name {
        begins[order, default: 0] += table.numbers[1][row]
      }
    }
    guard !records.isEmpty else {
      throw Failure(
        .badData,
        settings.record.map { "\(input.name): there is no record \($0)" }
          ?? "\(input.name): there is nothing to draw")
    }
    let count = Double(records.count)
    var isCut = false
    let panels = orders.prefix(6).map { order -> Chart.Panel in
      var own = (steps[order] ?? []).map { Step(name: $0.name, change: $0.sum / count) }
      if isOfModel { own.sort { (-abs($0.change), $0.name) < (-abs($1.change), $1.name) } }
      let begin = (begins[order] ?? 0) / count
      var levels = [begin]
      for step in own { levels.append(levels[levels.count - 1] + step.change) }
      let around = Chart.Axis("", around: levels)
      let room = (around.high - around.low) * 0.12
      let (low, high) = (around.low - room, around.high + room)
      isCut = isCut || (low > 0 || high < 0)
      var marks: [Chart.Mark] = [.box(Chart.Point(-0.32, low), Chart.Point(0.32, begin), .quiet)]
      for (place, step) in own.enumerated() {
        let x = Double(place + 1)
        let (from, to) = (levels[place], levels[place + 1])
        marks.append(
          .box(
            Chart.Point(x - 0.32, from), Chart.Point(x + 0.32, to),
            .series(step.change < 0 ? 0 : 1)))
        marks.append(.line([Chart.Point(x - 0.68, from), Chart.Point(x - 0.32, from)], .ink))
        marks.append(
          .text(
            Chart.Point(x, max(from, to) + room * 0.45),
            (step.change < 0 ? "" : "+") + Scale.text(step.change, decimals: 3), .middle))
      }
      let level = levels[levels.count - 1]
      let last = Double(own.count + 1)
      marks.append(.line([Chart.Point(last - 0.68, level), Chart.Point(last - 0.32, level)], .ink))
      marks.append(.box(Chart.Point(last - 0.32, low), Chart.Point(last + 0.32, level), .quiet))
      return Chart.Panel(
        title: order,
        x: Chart.Axis(
          "",
          names: [isOfModel ? "background" : "score"] + own.map(\.name)
            + [isOfModel ? "this score" : "adjusted"]),
        y: Chart.Axis(score, low, high),
        marks: marks)
    }
    return Chart(
      title: isOfModel ? "How a score came about" : "What each attribute's step changes",
      subtitle: settings.record.map { "record \($0) of \(input.name)" }
        ?? "mean of \(Console.grouped(records.count)) records of \(input.name)",
      panels: Array(panels),
      notes: (isCut ? ["the upright axis does not begin at 0"] : [])
        + (orders.count > 6 ? ["the first 6 of \(orders.count) orders are drawn"] : []),
      columns: isOfModel ? 1 : 2, height: 260, legend: .none)
  }
}
