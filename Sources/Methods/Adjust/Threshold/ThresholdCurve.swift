internal import FairpostNumerics

/// What each threshold in question would do to one group.
struct ThresholdCurve: Sendable {
  /// A threshold, and the decisions "score at or above it" that follow.
  struct Point: Sendable {
    let threshold: Double
    /// The share of the group that is selected.
    let selected: Double
    /// The share of those with label 1 that is selected; NaN without such.
    let truePositive: Double
    /// The share of those with label 0 that is selected; NaN without such.
    let falsePositive: Double
    /// The weight of labelled records that are decided as their label says.
    let correct: Double
  }

  /// Which thresholds are in question.
  enum Candidates: Sendable {
    /// Every score of the group, and one above all of them.
    case observed
    /// These, ascending.
    case given([Double])
  }

  /// The points, thresholds ascending: every rate falls or stays from one to the next.
  let points: [Point]
  /// The weight of its records that have a label.
  let labelled: Double

  /// The points of a group's records.
  ///
  /// - Parameter labels: 1, 0 or NaN for each score, or empty.
  init(
    scores: [Double], weights: [Double]?, labels: [Double], candidates: Candidates
  ) {
    let (sorted, order) = Sorting.sortedPairs(scores)
    // What lies at or above a place, added from the top.
    var (all, positive, negative) = (0.0, 0.0, 0.0)
    var above: [(all: Double, positive: Double, negative: Double)] = [(0, 0, 0)]
    above.reserveCapacity(sorted.count + 1)
    for place in sorted.indices.reversed() {
      let row = Int(order[place])
      let weight = weights?[row] ?? 1
      all += weight
      if !labels.isEmpty {
        if labels[row] == 1 { positive += weight }
        if labels[row] == 0 { negative += weight }
      }
      above.append((all, positive, negative))
    }
    var points: [Point] = []
    func add(_ threshold: Double, _ place: Int) {
      let sums = above[sorted.count - place]
      points.append(
        Point(
          threshold: threshold, selected: sums.all / all, truePositive: sums.positive / positive,
          falsePositive: sums.negative / negative,
          correct: sums.positive + (negative - sums.negative)))
    }
    switch candidates {
    case .observed:
      for place in sorted.indices where place == 0 || sorted[place] != sorted[place - 1] {
        add(sorted[place], place)
      }
      if let last = sorted.last { add(last.nextUp, sorted.count) }
    case .given(let thresholds):
      var place = 0
      for threshold in thresholds {
        while place < sorted.count, sorted[place] < threshold { place += 1 }
        add(threshold, place)
      }
    }
    self.points = points
    labelled = positive + negative
  }
}
