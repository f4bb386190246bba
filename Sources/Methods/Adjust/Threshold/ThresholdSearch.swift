internal import FairpostNumerics

/// Finds the thresholds of several groups that leave the smallest disparity.
///
/// Where one rate counts, a sweep over the smallest rate of a solution finds the best one there is:
/// for each, every other group does best with its next rate at or above it. Where two rates count
/// (equalized odds), see `ThresholdWindows`.
struct ThresholdSearch {
  let objective: ThresholdObjective
  let curves: [ThresholdCurve]

  /// Disparities that differ by less are equal.
  private static let tolerance = 1e-12

  /// For each group the point to take; ties go to the higher accuracy, then to the thresholds nearest
  /// to one half.
  func best() -> [Int] {
    objective == .equalizedOddsDifference
      ? ThresholdWindows(curves, tolerance: Self.tolerance).best() : sweep()
  }

  // MARK: One rate

  private func sweep() -> [Int] {
    // Ascending rates: the points from the last to the first.
    let rates = curves.map { curve in
      curve.points.reversed().map { objective.rates($0)[0] }
    }
    var windows: [(least: Double, greatest: Double)] = []
    var best = Double.infinity
    var places = [Int](repeating: 0, count: rates.count)
    for least in Set(rates.flatMap { $0 }).sorted() {
      var greatest = least
      var isPossible = true
      for group in rates.indices {
        while places[group] < rates[group].count, rates[group][places[group]] < least {
          places[group] += 1
        }
        guard places[group] < rates[group].count else {
          isPossible = false
          break
        }
        greatest = max(greatest, rates[group][places[group]])
      }
      if !isPossible { break }
      let disparity = objective.disparity(least: least, greatest: greatest)
      if disparity < best - Self.tolerance { windows = [] }
      if disparity <= best + Self.tolerance { windows.append((least, greatest)) }
      best = min(best, disparity)
    }
    let within = curves.map { BestPoint($0.points) }
    var chosen: (points: [Int], correct: Double, distance: Double)?
    for window in windows {
      var points: [Int] = []
      for group in curves.indices {
        // Ascending rates are descending places.
        let last = curves[group].points.count - 1
        let from = rates[group].firstPlace { $0 >= window.least }
        let to = rates[group].firstPlace { $0 > window.greatest }
        points.append(within[group].best(in: (last - to + 1)...(last - from)))
      }
      let (correct, distance) = merit(points)
      if let chosen, (chosen.correct, -chosen.distance) >= (correct, -distance) { continue }
      chosen = (points, correct, distance)
    }
    return chosen?.points ?? curves.map { _ in 0 }
  }

  private func merit(_ points: [Int]) -> (correct: Double, distance: Double) {
    let taken = zip(curves, points).map { $0.points[$1] }
    return (
      taken.reduce(0) { $0 + $1.correct }, taken.reduce(0) { $0 + abs($1.threshold - 0.5) }
    )
  }
}

/// The most accurate point of any stretch of a curve, without walking over the stretch.
struct BestPoint {
  private static let blockSize = 64
  private let points: [ThresholdCurve.Point]
  /// At level k the best point of 2^k blocks from each block on.
  private var levels: [[Int]] = []

  init(_ points: [ThresholdCurve.Point]) {
    self.points = points
    var level = stride(from: 0, to: points.count, by: Self.blockSize).map { start in
      Self.best(of: start...min(start + Self.blockSize, points.count) - 1, points)
    }
    levels.append(level)
    var span = 1
    while 2 * span <= levels[0].count {
      level = (0...(levels[0].count - 2 * span)).map { place in
        let (left, right) = (level[place], level[place + span])
        return Self.isBetter(points[right], points[left]) ? right : left
      }
      levels.append(level)
      span *= 2
    }
  }

  /// Whether a point is more accurate, or as accurate and nearer to a threshold of one half.
  static func isBetter(_ new: ThresholdCurve.Point, _ old: ThresholdCurve.Point) -> Bool {
    (new.correct, -abs(new.threshold - 0.5), -new.threshold)
      > (old.correct, -abs(old.threshold - 0.5), -old.threshold)
  }

  private static func best(
    of places: ClosedRange<Int>, _ points: [ThresholdCurve.Point]
  ) -> Int {
    var best = places.lowerBound
    for place in places where isBetter(points[place], points[best]) { best = place }
    return best
  }

  /// The best point of a stretch that is not empty.
  func best(in places: ClosedRange<Int>) -> Int {
    let first = (places.lowerBound + Self.blockSize - 1) / Self.blockSize
    let end = (places.upperBound + 1) / Self.blockSize
    guard first < end else { return Self.best(of: places, points) }
    // Two stretches of a power of two of blocks cover the whole blocks between.
    let level = (end - first).bitWidth - 1 - (end - first).leadingZeroBitCount
    var found = [levels[level][first], levels[level][end - (1 << level)]]
    if places.lowerBound < first * Self.blockSize {
      found.append(Self.best(of: places.lowerBound...(first * Self.blockSize - 1), points))
    }
    if places.upperBound >= end * Self.blockSize {
      found.append(Self.best(of: (end * Self.blockSize)...places.upperBound, points))
    }
    return found.reduce(found[0]) { Self.isBetter(points[$1], points[$0]) ? $1 : $0 }
  }
}
