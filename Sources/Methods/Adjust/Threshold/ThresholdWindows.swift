internal import FairpostNumerics

/// The thresholds of several groups with the smallest disparity in two rates at once, exactly.
///
/// A solution lies in a square window: its lower corner has the smallest of each rate, its side is the
/// disparity. Both rates of a group rise together along its curve, so that beside a corner each group does
/// best with its first point that is not below it. A set of corners, a range in each rate, is bounded by
/// these points seen from the upper end of the ranges. The set of the least bound is looked at first and
/// halved (branch and bound) until no set can hold anything better; then, among all windows of that side,
/// the most accurate points are searched for in the same way.
struct ThresholdWindows {
  private let curves: [ThresholdCurve]
  private let tolerance: Double
  /// By group: both rates of its points, ascending; the last point of the curve comes first.
  private let rates: [[[Double]]]
  /// For each rate the values that a lower corner can have, ascending.
  private let corners: [[Double]]

  init(_ curves: [ThresholdCurve], tolerance: Double) {
    self.curves = curves
    self.tolerance = tolerance
    rates = curves.map { curve in
      let points = curve.points.reversed()
      return [points.map(\.truePositive), points.map(\.falsePositive)]
    }
    let all = rates
    corners = [0, 1].map { rate in
      var sorted = all.flatMap { $0[rate] }
      Sorting.sort(&sorted)
      var distinct: [Double] = []
      for value in sorted where value != distinct.last { distinct.append(value) }
      return distinct
    }
  }

  /// A set of corners, with what it is looked at for.
  private struct CornerSet {
    let bound: Double
    let ranges: [Range<Int>]
  }

  /// The place of each group's point in its curve.
  func best() -> [Int] {
    let side = smallestSide()
    let chosen = mostAccurate(side)
    return zip(curves, chosen).map { $0.points.count - 1 - $1 }
  }

  // MARK: The side of the window

  private func smallestSide() -> Double {
    var best = Double.infinity
    var heap = Heap<CornerSet> { $0.bound < $1.bound }
    func look(_ ranges: [Range<Int>]) {
      guard let points = firstPoints(ranges) else { return }
      best = min(best, disparity(points))
      var bound = 0.0
      for (group, place) in points.enumerated() {
        for rate in 0...1 {
          let upper = corners[rate][ranges[rate].upperBound - 1]
          bound = max(bound, rates[group][rate][place] - upper)
        }
      }
      if bound < best - tolerance { heap.insert(CornerSet(bound: bound, ranges: ranges)) }
    }
    look(corners.map { 0..<$0.count })
    while let set = heap.takeFirst(), set.bound < best - tolerance {
      for half in halves(set.ranges) { look(half) }
    }
    return best
  }

  /// Each group's first point that no corner of a set is above; nil where a group has none.
  private func firstPoints(_ ranges: [Range<Int>]) -> [Int]? {
    var points: [Int] = []
    for own in rates {
      var first = 0
      for rate in 0...1 {
        let least = corners[rate][ranges[rate].lowerBound]
        first = max(first, own[rate].firstPlace { $0 >= least })
      }
      guard first < own[0].count else { return nil }
      points.append(first)
    }
    return points
  }

  private func disparity(_ points: [Int]) -> Double {
    var worst = 0.0
    for rate in 0...1 {
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for (group, place) in points.enumerated() {
        least = min(least, rates[group][rate][place])
        greatest = max(greatest, rates[group][rate][place])
      }
      worst = max(worst, greatest - least)
    }
    return worst
  }

  // MARK: The points within

  /// Of the points that lie in a window of this side together, the most accurate.
  private func mostAccurate(_ side: Double) -> [Int] {
    let ascending = curves.map { BestPoint($0.points.reversed()) }
    struct Stretches {
      let correct: Double
      let distance: Double
      let ranges: [Range<Int>]
      let chosen: [Int]
    }
    var heap = Heap<Stretches> { ($0.correct, -$0.distance) > ($1.correct, -$1.distance) }
    func look(_ ranges: [Range<Int>]) {
      var chosen: [Int] = []
      var (correct, distance) = (0.0, 0.0)
      for (group, own) in rates.enumerated() {
        var (first, end) = (0, own[0].count)
        for rate in 0...1 {
          let least = corners[rate][ranges[rate].lowerBound]
          let most = corners[rate][ranges[rate].upperBound - 1] + side + tolerance
          first = max(first, own[rate].firstPlace { $0 >= least })
          end = min(end, own[rate].firstPlace { $0 > most })
        }
        guard first < end else { return }
        let place = ascending[group].best(in: first...(end - 1))
        let point = curves[group].points[own[0].count - 1 - place]
        correct += point.correct
        distance += abs(point.threshold - 0.5)
        chosen.append(place)
      }
      heap.insert(
        Stretches(correct: correct, distance: distance, ranges: ranges, chosen: chosen))
    }
    look(corners.map { 0..<$0.count })
    while let set = heap.takeFirst() {
      if disparity(set.chosen) <= side + 2 * tolerance { return set.chosen }
      for half in halves(set.ranges) { look(half) }
    }
    return curves.map { _ in 0 }
  }

  /// A set in two, where it spans the most corners; none where it is a single corner.
  private func halves(_ ranges: [Range<Int>]) -> [[Range<Int>]] {
    let widest = ranges[0].count >= ranges[1].count ? 0 : 1
    guard ranges[widest].count > 1 else { return [] }
    let middle = ranges[widest].lowerBound + ranges[widest].count / 2
    return [ranges[widest].lowerBound..<middle, middle..<ranges[widest].upperBound].map { half in
      var halves = ranges
      halves[widest] = half
      return halves
    }
  }
}
