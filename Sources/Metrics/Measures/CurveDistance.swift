internal import FairpostNumerics

/// How far the groups' ROC curves lie apart, whatever the area under each.
enum CurveDistance {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "abroca", name: "area between the ROC curves",
      formula:
        "max over pairs of groups of the integral of |ROC_a - ROC_b| over the false positive rate",
      direction: .lower, needs: RankMetrics.needs.union(.rows),
      notEstimable: "a label does not occur in a group", isResampled: true, growsWithNoise: true
    ) { context in context.largestAreaBetweenCurves() }
  ]
}

/// A group's ROC curve as the stretches over which it goes on to the side, seen from its other end:
/// a score's shares of negatives and of positives below it.
private struct Curve: Sendable {
  private(set) var ends: [(x: Double, y: Double)] = []
  /// The height at which each stretch begins.
  private(set) var starts: [Double] = []

  init?(_ group: RankedGroup) {
    let (positives, negatives) = (group.positives, group.negatives)
    guard !positives.isEmpty, !negatives.isEmpty else { return nil }
    let (ofPositives, ofNegatives) = (positives.tally.weight, negatives.tally.weight)
    var (below, above) = (0.0, 0.0)
    forEachPooled(positives, negatives) { _, positive, negative in
      let start = above / ofPositives
      above += positive
      guard negative > 0 else { return }
      below += negative
      starts.append(start)
      ends.append((below / ofNegatives, above / ofPositives))
    }
    // Rounding of sums of weights must not leave a gap at the end.
    ends[ends.count - 1].x = 1
  }

  /// The area between two curves.
  func area(to other: Curve) -> Double {
    var (i, j) = (0, 0)
    var x = 0.0
    var area = 0.0
    var (left, right) = (0.0, 0.0)
    while i < ends.count, j < other.ends.count {
      let end = min(ends[i].x, other.ends[j].x)
      let (one, two) = (height(i, from: left, at: x), other.height(j, from: right, at: x))
      let (oneEnd, twoEnd) = (height(i, from: left, at: end), other.height(j, from: right, at: end))
      let (before, after) = (one - two, oneEnd - twoEnd)
      if before * after >= 0 {
        area += (end - x) * abs(before + after) / 2
      } else {
        // The curves cross here: two triangles.
        area += (end - x) * (before * before + after * after) / (2 * abs(before - after))
      }
      x = end
      if ends[i].x <= end {
        left = ends[i].x
        i += 1
      }
      if other.ends[j].x <= end {
        right = other.ends[j].x
        j += 1
      }
    }
    return area
  }

  /// The height of a stretch that begins at `start`.
  private func height(_ stretch: Int, from start: Double, at x: Double) -> Double {
    let (end, low) = (ends[stretch], starts[stretch])
    if x >= end.x { return end.y }
    return low + (end.y - low) * (x - start) / (end.x - start)
  }
}

extension EvaluationContext {
  fileprivate func largestAreaBetweenCurves() -> [Outcome] {
    let ranked = present.compactMap { groups[$0].ranked }
    let curves = ranked.compactMap(Curve.init)
    guard curves.count == ranked.count, !curves.isEmpty else {
      return [.unavailable("a label does not occur in a group")]
    }
    guard curves.count > 1 else { return [.unavailable("there is only one group")] }
    let largest = Parallel.map(curves.count, threads: options.threads) { place in
      curves[..<place].reduce(0) { max($0, curves[place].area(to: $1)) }
    }
    var outcome = plain(largest.max() ?? 0)
    outcome.countLabelled(ranked)
    return [outcome]
  }
}
