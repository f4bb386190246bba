package import FairpostCharts
package import FairpostMethods
internal import FairpostNumerics

/// Each group's cumulative distribution, and the largest distance between two.
package struct CDFPicture: Picture {
  package static let info = MethodInfo(
    "cdf", summary: "each group's cumulative distribution of scores",
    details: [
      "At each score, the curve shows the share of the group whose scores are at most that high. The largest vertical distance between two curves is the KS distance, printed in each panel."
    ])

  package let settings: NoSettings
  package init(_ settings: NoSettings) { self.settings = settings }

  package func chart(_ source: PictureSource) throws -> Chart {
    let scores = try GroupedScores(source)
    try scores.refuseEmpty()
    return Chart(
      title: "Shares at or below each score", subtitle: scores.words,
      panels: scores.sheets.map { sheet in
        let steps = sheet.groups.map { Steps($0.scores, $0.weights) }
        let (low, high) = scores.range
        var marks: [Chart.Mark] = zip(sheet.groups, steps).map {
          .line([Chart.Point(low, 0)] + $1.points + [Chart.Point(high, 1)], .series($0.series))
        }
        if steps.count > 1 {
          let ks = Steps.largestDistance(steps)
          marks.append(
            .text(
              Chart.Point(scores.range.high, 0.05), "KS \(Scale.text(ks, decimals: 3))", .end))
        }
        return Chart.Panel(
          title: sheet.title, x: Chart.Axis("score", scores.range.low, scores.range.high),
          y: Chart.Axis("share of the group", 0, 1), marks: marks)
      }, series: scores.names, notes: scores.notes)
  }
}

/// A cumulative distribution as a stair.
struct Steps {
  /// The distinct values, rising.
  let values: [Double]
  /// The share at or below each.
  let shares: [Double]

  init(_ scores: [Double], _ weights: [Double]) {
    let (sorted, order) = Sorting.sortedPairs(scores)
    let total = weights.reduce(0, +)
    var values: [Double] = []
    var shares: [Double] = []
    var sum = 0.0
    for (place, value) in sorted.enumerated() {
      sum += weights[Int(order[place])]
      if place + 1 < sorted.count, sorted[place + 1] == value { continue }
      values.append(value)
      shares.append(min(sum / total, 1))
    }
    self.values = values
    self.shares = shares
  }

  /// The stair's corners; of very many values two hundred.
  var points: [Chart.Point] {
    let stride = max(1, values.count / 200)
    var points: [Chart.Point] = []
    var before = 0.0
    for place in values.indices where place % stride == 0 || place == values.count - 1 {
      points.append(Chart.Point(values[place], before))
      points.append(Chart.Point(values[place], shares[place]))
      before = shares[place]
    }
    return points
  }

  /// The share at or below a value.
  func share(at value: Double) -> Double {
    let steps = values.firstPlace { $0 > value }
    return steps == 0 ? 0 : shares[steps - 1]
  }

  /// The largest distance between two of them anywhere.
  static func largestDistance(_ all: [Steps]) -> Double {
    var largest = 0.0
    for (place, one) in all.enumerated() {
      for other in all[(place + 1)...] {
        for value in one.values {
          largest = max(largest, abs(one.share(at: value) - other.share(at: value)))
        }
        for value in other.values {
          largest = max(largest, abs(one.share(at: value) - other.share(at: value)))
        }
      }
    }
    return largest
  }
}
