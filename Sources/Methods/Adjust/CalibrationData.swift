package import FairpostNumerics
package import FairpostTransport

/// The unlabelled records an adjustment is estimated from, in columns.
package struct CalibrationData: Sendable {
  /// The score columns by name; NaN is a missing score.
  package var scores: [(name: String, values: [Double])]
  /// The sensitive attributes, in the order they are corrected.
  package var attributes: [Grouping]
  /// For each score a label of every row: 1, 0 or NaN; an empty list, or none, without labels.
  package var labels: [[Double]] = []
  /// A weight for every row.
  package var weights: [Double]?
  /// Whether weights are frequencies: a row of weight w stands for w equal records.
  package var frequency: Bool
  /// A hash of every record's id; what is random or split is keyed by it.
  package var keys: [UInt64]?
  /// Each score sorted within the groups of the only attribute, where that was done beforehand.
  package private(set) var sorted: [GroupedSort]?

  /// Columns that belong together.
  package init(
    scores: [(name: String, values: [Double])], attributes: [Grouping], weights: [Double]? = nil,
    frequency: Bool = false, keys: [UInt64]? = nil
  ) {
    self.scores = scores
    self.attributes = attributes
    self.weights = weights
    self.frequency = frequency
    self.keys = keys
  }
}

extension CalibrationData {
  /// Sorts the scores within their groups and keeps where each record went, so that a fit need not
  /// sort and its records need not be looked up again; nothing where weights or several attributes
  /// ask for more.
  package mutating func sortWithinGroups(threads: Int) {
    guard attributes.count == 1, weights == nil, !attributes[0].codes.contains(-1) else { return }
    let (codes, count) = (attributes[0].codes, attributes[0].keys.count)
    var lists: [GroupedSort] = []
    for score in scores {
      guard let list = GroupedSort(score.values, groups: codes, count: count, threads: threads)
      else { return }
      lists.append(list)
    }
    sorted = lists
  }
}
