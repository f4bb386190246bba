internal import FairpostNumerics

/// How far figures of ranks can be off where scores were rounded.
///
/// Rounding keeps the order of scores, so that only the order of records that share a rounded score is not
/// known: between the scores every CDF is exact.
package struct RoundedRanks: Sendable, Equatable {
  /// The most that the AUC of a group, or of all, can be off; nil without labels of both kinds.
  package private(set) var area: Double?
  /// The most that a KS distance between two groups can be off.
  package private(set) var distance = 0.0

  /// What the sorted scores of a stream tell; nil where none are held.
  package init?(_ stream: StreamedSums) {
    guard let cells = stream.cells else { return nil }
    let groups = cells.ranked(stream.places, count: max(stream.keys.count, 1), labels: true)
    for group in groups + [RankedGroup.joining(groups)] {
      let (negatives, positives) = (group.negatives, group.positives)
      let pairs = negatives.tally.weight * positives.tally.weight
      guard pairs > 0 else { continue }
      var tied = 0.0
      forEachPooled(negatives, positives) { _, left, right in tied += left * right }
      area = max(area ?? 0, tied / pairs / 2)
    }
    for group in groups {
      let all = group.all
      guard all.tally.weight > 0 else { continue }
      // Values that count once each may stand several times.
      var (most, run, last) = (0.0, 0.0, Double.nan)
      for place in all.values.indices {
        run = all.values[place] == last ? run + all.weight(place) : all.weight(place)
        last = all.values[place]
        most = max(most, run)
      }
      distance = max(distance, most / all.tally.weight)
    }
  }
}
