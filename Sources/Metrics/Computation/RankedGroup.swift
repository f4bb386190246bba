internal import FairpostNumerics

/// A group's sorted scores by label, in as many pieces as they were sorted in.
///
/// Only the pieces are held. What a figure needs of them together is merged when it is asked for, and
/// all scores of a group are kept once they were.
struct RankedGroup: Sendable {
  /// The pieces with label 0, with label 1, and without a label.
  let pieces: [[SortedSample]]
  private let merged = Guarded<SortedSample?>(nil)

  init(positives: [SortedSample], negatives: [SortedSample], unlabelled: [SortedSample]) {
    pieces = [negatives, positives, unlabelled].map { $0.filter { !$0.isEmpty } }
  }

  var positives: SortedSample { SortedSample.merging(pieces[1]) }
  var negatives: SortedSample { SortedSample.merging(pieces[0]) }

  /// Every score of the group, kept.
  var all: SortedSample {
    merged.withLock { kept in
      if let kept { return kept }
      let made = SortedSample.merging(pieces.flatMap(\.self))
      kept = made
      return made
    }
  }

  /// How many scores there are with a label, 0 or 1.
  func tally(label: Int) -> Tally {
    var tally = Tally()
    for piece in pieces[label] { tally += piece.tally }
    return tally
  }

  /// Several groups as one; nothing is copied.
  static func joining(_ groups: [RankedGroup]) -> RankedGroup {
    RankedGroup(
      positives: groups.flatMap { $0.pieces[1] }, negatives: groups.flatMap { $0.pieces[0] },
      unlabelled: groups.flatMap { $0.pieces[2] })
  }

  /// The area under the ROC curve with DeLong's variance.
  func area() -> (value: Double, variance: Double)? {
    if pieces[0].count <= 1, pieces[1].count <= 1 {
      return RankArea.delong(positives: positives, negatives: negatives)
    }
    // Of very many groups everybody is sorted once more rather than walked in pieces.
    if pieces[0].count > 64, let positives = SortedSample.sortedAgain(pieces[1]),
      let negatives = SortedSample.sortedAgain(pieces[0])
    {
      return RankArea.delong(positives: positives, negatives: negatives)
    }
    return RankArea.delong(positives: pieces[1], negatives: pieces[0])
  }
}
