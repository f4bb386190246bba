internal import FairpostCSV
package import FairpostCharts
package import FairpostMethods
internal import FairpostPipeline
internal import FairpostText

/// How the figures of training went, epoch by epoch.
package struct LogPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The columns to draw.
    package var figures: String?
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .text(
          "figures", \.figures, "COL[,COL...]", help: "the columns to draw (default: all)",
          section: "Options of log")
      ])
    }
  }

  package static let info = MethodInfo(
    "log", summary: "losses and other figures during training, epoch by epoch (train --log)",
    details: [
      "FILE is the output of train --log. Figures whose names begin alike (losses of two tasks, of training and validation rows) share a panel."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let input = try source.input()
    guard input.header.names.contains("step") else {
      throw Failure(
        .badData, "\(input.name) has no column \"step\"",
        hint: "plot log draws the file of train --log")
    }
    let columns =
      settings.figures.map { $0.split(separator: ",").map(String.init) }
      ?? input.header.names.filter { $0 != "step" }
    guard !columns.isEmpty else { throw Failure(.badData, "\(input.name) has no figure to draw") }
    var request = TableRequest()
    request.numbers = try input.columns(["step"] + columns)
    let table = try input.table(request)
    guard table.count > 0 else { throw Failure(.badData, "\(input.name) has no rows") }
    // Panels by the first word of a name.
    func family(_ name: String) -> String {
      String(name.prefix { $0 != " " && $0 != "." && $0 != ":" })
    }
    var families: [String] = []
    for column in columns where !families.contains(family(column)) {
      families.append(family(column))
    }
    var notes: [String] = []
    if families.count > 8 {
      notes.append("the first 8 of \(families.count) kinds of figures are drawn")
      families = Array(families.prefix(8))
    }
    let steps = table.numbers[0]
    let panels = families.map { kind in
      let own = columns.indices.filter { family(columns[$0]) == kind }.prefix(8)
      var values: [Double] = []
      var marks: [Chart.Mark] = []
      for (series, place) in own.enumerated() {
        let points = (0..<table.count).filter { table.numbers[place + 1][$0].isFinite }
          .map { Chart.Point(steps[$0], table.numbers[place + 1][$0]) }
        values += points.map(\.y)
        marks.append(
          points.count == 1
            ? .dots(points, radius: 3, .series(series)) : .line(points, .series(series)))
        if own.count > 1, let last = points.last {
          marks.append(.text(last, columns[place] + "  ", .end))
        }
      }
      return Chart.Panel(
        title: own.count == 1 ? columns[own[own.startIndex]] : kind,
        x: Chart.Axis("step", steps.first ?? 0, steps.last ?? 1),
        y: Chart.Axis("", around: values), marks: marks)
    }
    return Chart(
      title: "Training, step by step",
      subtitle: "\(input.name): \(Console.grouped(table.count)) steps",
      panels: panels, notes: notes, height: 180, legend: .none)
  }
}
