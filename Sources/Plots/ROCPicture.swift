package import FairpostCharts
package import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// True against false positive rates of each group over all thresholds.
package struct ROCPicture: Picture {
  package static let info = MethodInfo(
    "roc", summary: "each group's ROC curve",
    details: [
      "At each threshold, the curve shows the share of positives decided 1 against the share of negatives decided 1. The area under each curve (AUC) is printed in the panel; labels are those of --task."
    ])

  package let settings: NoSettings
  package init(_ settings: NoSettings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let scores = try GroupedScores(source)
    try scores.refuseEmpty()
    let sheets = scores.sheets.filter {
      $0.kind == .binary && $0.groups.contains { !$0.labels.isEmpty }
    }
    guard !sheets.isEmpty else {
      throw Failure(
        .usage, "a ROC curve needs binary labels",
        hint: "name their column: \(option: "task") LABEL")
    }
    var notes = scores.notes
    let panels = sheets.map { sheet in
      var marks: [Chart.Mark] = [.line([Chart.Point(0, 0), Chart.Point(1, 1)], .quiet)]
      var line = 0
      for group in sheet.groups.reversed() {
        guard let curve = ROCCurve(group) else {
          let words = "\(scores.names[group.series]): all labels are the same, so there is no curve"
          if !notes.contains(words) { notes.append(words) }
          continue
        }
        marks.append(.line(curve.points, .series(group.series)))
        marks.append(
          .text(
            Chart.Point(0.97, 0.05 + 0.075 * Double(line)),
            "\(scores.names[group.series]): AUC \(Scale.text(curve.area, decimals: 3))", .end))
        line += 1
      }
      return Chart.Panel(
        title: sheet.title, x: Chart.Axis("false positive rate", 0, 1),
        y: Chart.Axis("true positive rate", 0, 1), marks: marks)
    }
    return Chart(
      title: "ROC curves by group", subtitle: scores.words, panels: panels, series: scores.names,
      notes: notes, height: 290)
  }
}

/// A ROC curve with its area, ties counted half.
struct ROCCurve {
  let points: [Chart.Point]
  let area: Double

  /// nil where a label does not occur.
  init?(_ group: GroupedScores.Group) {
    let known = group.labels.indices.filter { !group.labels[$0].isNaN }
    let (sorted, order) = Sorting.sortedPairs(known.map { group.scores[$0] })
    var all = (positive: 0.0, negative: 0.0)
    for row in known {
      if group.labels[row] == 1 {
        all.positive += group.weights[row]
      } else {
        all.negative += group.weights[row]
      }
    }
    guard all.positive > 0, all.negative > 0 else { return nil }
    var points = [Chart.Point(0, 0)]
    var now = (positive: 0.0, negative: 0.0)
    var area = 0.0
    var place = sorted.count
    while place > 0 {
      let value = sorted[place - 1]
      let before = now
      while place > 0, sorted[place - 1] == value {
        place -= 1
        let row = known[Int(order[place])]
        if group.labels[row] == 1 {
          now.positive += group.weights[row]
        } else {
          now.negative += group.weights[row]
        }
      }
      area += (now.negative - before.negative) * (now.positive + before.positive) / 2
      points.append(Chart.Point(now.negative / all.negative, now.positive / all.positive))
    }
    self.area = area / (all.positive * all.negative)
    let stride = max(1, points.count / 200)
    self.points = points.enumerated().filter {
      $0.offset % stride == 0 || $0.offset == points.count - 1
    }.map(\.element)
  }
}
