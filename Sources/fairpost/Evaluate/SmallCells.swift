internal import Metrics

/// `--min-cell`: figures that rest on fewer rows are not shown.
enum SmallCells {
  /// The figures with what rests on a small cell, or compares one, blanked.
  static func suppressed(_ figures: [Figure], below minimum: Int) -> [Figure] {
    guard minimum > 0 else { return figures }
    struct Place: Hashable {
      let task: String
      let score: String
      let attribute: [String]
      let metric: String
    }
    // A figure over groups that has a small one would give the small one away.
    var small: Set<[String]> = []
    var places: Set<Place> = []
    for figure in figures where figure.group != nil && figure.count < minimum {
      small.insert(figure.attribute)
      places.insert(
        Place(
          task: figure.task, score: figure.score, attribute: figure.attribute,
          metric: figure.metric))
    }
    return figures.map { figure in
      let place = Place(
        task: figure.task, score: figure.score, attribute: figure.attribute, metric: figure.metric)
      let comparesSmall =
        figure.group == nil && small.contains(figure.attribute)
        && (places.contains(place)
          || (try? MetricRegistry.metric(figure.metric))?.isOverGroups ?? false)
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
      return blank
    }
  }
}
