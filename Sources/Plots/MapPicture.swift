package import FairpostCharts
internal import FairpostFiles
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// What a map does to a score, group by group.
package struct MapPicture: Picture {
  package static let info = MethodInfo(
    "map", summary: "the adjusted score for each score, group by group",
    details: [
      "FILE is a map written by fit. The score is on the horizontal axis, the adjusted score on the vertical one, over the range that was fitted; the grey diagonal means no change. With several attributes, each combination of groups is a curve."
    ])

  package let settings: NoSettings
  package init(_ settings: NoSettings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    guard source.path != "-" else {
      throw UsageError("plot map needs the name of a map file", hint: "plot map income.map")
    }
    let file = try MapFile(path: source.path)
    let adjustment = file.adjustment
    guard !adjustment.readsTogether else {
      throw UsageError("\(source.path): a map that reads several columns together has no curve")
    }
    let sizes = adjustment.groupKeys.map(\.count)
    let combinations = sizes.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    var names: [String] = []
    var notes: [String] = []
    var panels: [Chart.Panel] = []
    for (score, name) in adjustment.scoreColumns.enumerated() {
      let reference = adjustment.calibration(of: score)
      let ranked = reference.distributions.indices.sorted {
        (-reference.distributions[$0].rows, $0) < (-reference.distributions[$1].rows, $1)
      }
      let chosen = ranked.prefix(GroupedScores.most).sorted()
      if chosen.count < ranked.count, notes.isEmpty {
        notes.append(
          "the \(chosen.count) largest of \(Console.grouped(combinations)) groups are drawn")
      }
      var marks: [Chart.Mark] = []
      var ends: [Double] = []
      var lines: [Chart.Mark] = []
      for place in chosen {
        let distribution = reference.distributions[place]
        guard let low = distribution.values.first, let high = distribution.values.last else {
          continue
        }
        let codes = reference.codes[place]
        guard codes.count == sizes.count else { continue }
        let count = 240
        let values = (0...count).map { low + (high - low) * Double($0) / Double(count) }
        let batch = adjustment.apply(
          score: score, values: values,
          codes: codes.map { Array(repeating: Int32($0), count: values.count) },
          keys: adjustment.idColumn.map { _ in (0...count).map { UInt64($0) } }, steps: false)
        guard let column = batch.columns.last else { continue }
        let label = zip(codes, adjustment.groupKeys).map { code, keys in
          keys[code].map(\.description).joined(separator: " & ")
        }.joined(separator: " / ")
        let series = names.firstIndex(of: label) ?? names.count
        if series == names.count { names.append(label) }
        let points = zip(values, column).filter { $0.1.isFinite }.map { Chart.Point($0.0, $0.1) }
        ends += points.flatMap { [$0.x, $0.y] }
        lines.append(.line(points, .series(series)))
      }
      let axis = Chart.Axis("", around: ends)
      marks.append(
        .line([Chart.Point(axis.low, axis.low), Chart.Point(axis.high, axis.high)], .quiet))
      let out = adjustment.outputColumns(of: name).last ?? "out"
      panels.append(
        Chart.Panel(
          title: "\(name) to \(out)", x: Chart.Axis("score in", axis.low, axis.high),
          y: Chart.Axis("score out", axis.low, axis.high), marks: marks + lines))
    }
    guard !names.isEmpty else {
      throw Failure(.badData, "\(source.path): the map has no groups to draw")
    }
    let columns = adjustment.groupColumns.map { $0.joined(separator: ",") }
    return Chart(
      title: "What the map does to a score",
      subtitle: "\(source.path): \(file.method), groups of \(columns.joined(separator: " and "))",
      panels: panels, series: names, notes: notes, height: 300)
  }
}
