package import FairpostMetrics
internal import FairpostText

/// `--min-cell`: figures that rest on fewer rows are not shown.
package struct SmallCells {
  package let minimum: Int
  /// The attributes that have a group of fewer rows.
  private var small: Set<[String]> = []
  private var places: Set<Place> = []

  private struct Place: Hashable {
    let task: String
    let score: String
    let attribute: [String]
    let metric: String

    init(_ figure: Figure) {
      task = figure.task
      score = figure.score
      attribute = figure.attribute
      metric = figure.metric
    }
  }

  /// What is small: groups of few rows, whatever figures are asked for, and figures of a group that
  /// rest on few rows.
  package init(_ figures: [Figure], groups: [(columns: [String], rows: [Int])], below minimum: Int)
  {
    self.minimum = minimum
    guard minimum > 0 else { return }
    for (columns, rows) in groups where rows.contains(where: { $0 < minimum }) {
      small.insert(columns)
    }
    for figure in figures where figure.group != nil && figure.count < minimum {
      small.insert(figure.attribute)
      places.insert(Place(figure))
    }
  }

  /// The figure, blanked where it rests on a small cell or would give one away.
  package func shown(_ figure: Figure) -> Figure {
    guard minimum > 0 else { return figure }
    // A figure over groups that has a small one would give the small one away.
    let comparesSmall =
      figure.group == nil && small.contains(figure.attribute)
      && (places.contains(Place(figure))
        || MetricRegistry.find(figure.metric)?.looksAtGroups ?? false)
    guard figure.count < minimum || comparesSmall else { return figure }
    var blank = figure
    blank.value = nil
    blank.lower = nil
    blank.upper = nil
    blank.count = 0
    blank.method = ""
    blank.flags = ["suppressed"]
    blank.reason = "a cell has fewer than \(minimum) rows (--min-cell)"
    blank.noise = nil
    blank.insideNoise = nil
    blank.pValue = nil
    blank.least = nil
    return blank
  }
}

extension SmallCells {
  /// The metrics whose groups say on how many rows these rest, besides those asked for.
  package static func also(_ metrics: [Metric], below minimum: Int) -> [Metric] {
    guard minimum > 0 else { return [] }
    var seen = Set(metrics.map(\.id))
    return metrics.filter(\.looksAtGroups).flatMap(\.ofEachGroup).filter {
      seen.insert($0.id).inserted
    }
  }
}
