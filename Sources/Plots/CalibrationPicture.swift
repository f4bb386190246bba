package import FairpostCharts
package import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// What happened to records of each score: mean labels over mean scores, with intervals.
package struct CalibrationPicture: Picture {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// How many bins.
    package var bins = 10
    /// The defaults.
    package init() {}
    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "bins", \.bins, in: 2...100,
          help: "how many bins; each holds equally many records of its group",
          section: "Options of calibration")
      ])
    }
  }

  package static let info = MethodInfo(
    "calibration", summary: "how often each group's scores came true",
    details: [
      "Each group's records are sorted by score into bins of equal size. A point shows the mean label of a bin against its mean score, with a 95 % interval (Wilson's for shares). On the diagonal, the score is the observed frequency."
    ])

  package let settings: Settings
  package init(_ settings: Settings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let scores = try GroupedScores(source)
    try scores.refuseEmpty()
    return try chart(of: scores)
  }

  /// The chart of scores that are read already.
  func chart(of scores: GroupedScores) throws -> Chart {
    var isOfClasses = false
    let sheets = scores.sheets.filter { sheet in
      if case .multiclass = sheet.kind {
        isOfClasses = true
        return false
      }
      return sheet.groups.contains { !$0.labels.isEmpty }
    }
    guard !sheets.isEmpty else {
      throw Failure(
        .usage,
        isOfClasses
          ? "calibration can be drawn for binary labels and for numbers"
          : "calibration needs labels",
        hint: isOfClasses ? nil : "name their column: \(option: "task") LABEL")
    }
    return Chart(
      title: "Calibration by group",
      subtitle: scores.words + ", \(settings.bins) bins of equally many, 95 % intervals",
      panels: sheets.map { sheet in
        let bins = sheet.groups.map { ($0.series, self.bins($0, isShare: sheet.kind == .binary)) }
        let ends = bins.flatMap { $0.1.flatMap { [$0.x, $0.low, $0.high, $0.y] } }
        let isShare = sheet.kind == .binary && (ends.min() ?? 0) >= 0 && (ends.max() ?? 1) <= 1
        let around = Chart.Axis("", around: ends)
        let (low, high) = isShare ? (0, 1) : (around.low, around.high)
        var marks: [Chart.Mark] = [.line([Chart.Point(low, low), Chart.Point(high, high)], .quiet)]
        for (series, own) in bins {
          for bin in own {
            marks.append(
              .whisker(Chart.Point(bin.x, bin.low), Chart.Point(bin.x, bin.high), .series(series)))
          }
          marks.append(.line(own.map { Chart.Point($0.x, $0.y) }, .series(series)))
          marks.append(.dots(own.map { Chart.Point($0.x, $0.y) }, radius: 3.2, .series(series)))
        }
        return Chart.Panel(
          title: sheet.title, x: Chart.Axis("mean score", low, high),
          y: Chart.Axis(isShare ? "share of label 1" : "mean label", low, high), marks: marks)
      }, series: scores.names, notes: scores.notes, height: 290)
  }

  private struct Bin {
    let x: Double
    let y: Double
    let low: Double
    let high: Double
  }

  private func bins(_ group: GroupedScores.Group, isShare: Bool) -> [Bin] {
    let known = group.labels.indices.filter { !group.labels[$0].isNaN }
    guard !known.isEmpty else { return [] }
    let (_, order) = Sorting.sortedPairs(known.map { group.scores[$0] })
    let count = min(settings.bins, max(1, known.count / 5))
    return (0..<count).compactMap { bin in
      let rows = order[(bin * known.count / count)..<((bin + 1) * known.count / count)]
        .map { known[Int($0)] }
      let total = rows.reduce(0) { $0 + group.weights[$1] }
      guard total > 0 else { return nil }
      let x = rows.reduce(0) { $0 + group.weights[$1] * group.scores[$1] } / total
      let y = rows.reduce(0) { $0 + group.weights[$1] * group.labels[$1] } / total
      let squares = rows.reduce(0) { $0 + group.weights[$1] * group.weights[$1] }
      let size = total * total / squares
      let z = 1.959963984540054
      if isShare {
        let interval = Proportion.wilson(y * size, of: size, quantile: z)
        return Bin(x: x, y: y, low: interval.lower, high: interval.upper)
      }
      let variance =
        rows.reduce(0) {
          $0 + group.weights[$1] * (group.labels[$1] - y) * (group.labels[$1] - y)
        } / total
      let half = z * (variance / max(size - 1, 1)).squareRoot()
      return Bin(x: x, y: y, low: y - half, high: y + half)
    }
  }
}
