internal import FairpostNumerics

/// The largest distance of two groups' distribution functions with its bounds, of many groups.
///
/// One walk over all scores keeps the highest and the lowest function of every class of groups of one
/// size. The gap of a pair is no larger than that of its classes' ends, and the end of a pair's bounds
/// rises with the one group's share and falls with the other's, so that pairs need not be looked at.
package struct HeightSweep {
  package private(set) var ks = 0.0
  package private(set) var lower = 0.0
  package private(set) var upper = 0.0

  private let samples: [SortedSample]
  private let z: Double?
  private let classes: SizeClasses
  /// Each group's share so far.
  private var levels: [Double]
  private var high: [Double]
  private var low: [LowestLevel]
  private var lowest: [Double]
  /// The squares of the bounds' distances from the highest and the lowest share.
  private var above: [Double]
  private var below: [Double]
  /// The largest gap of two classes' ends so far.
  private var gaps: [Double]

  /// Walks over the samples; bounds only where a tail is given.
  package init(_ samples: [SortedSample], tail: Double?) {
    self.samples = samples
    z = tail.map { Normal.quantile(1 - $0 / 2) }
    classes = SizeClasses(samples.map(\.tally.effective))
    let count = classes.sizes.count
    levels = [Double](repeating: 0, count: samples.count)
    high = [Double](repeating: 0, count: count)
    lowest = high
    above = high
    below = high
    gaps = [Double](repeating: 0, count: count * count)
    var members = [[Int32]](repeating: [], count: count)
    for (group, code) in classes.codes.enumerated() { members[code].append(Int32(group)) }
    low = members.map { LowestLevel($0) }
    walk()
    upper = min(1, max(upper, ks))
    guard let tail else { return }
    let pairs = Double(samples.count) * Double(samples.count - 1) / 2
    let critical = Tails.kolmogorovQuantile(tail: tail / pairs)
    for i in 0..<count {
      for j in 0..<count where i != j || classes.counts[i] > 1 {
        let (n, m) = (classes.sizes[i], classes.sizes[j])
        lower = max(lower, gaps[i * count + j] - critical / (n * m / (n + m)).squareRoot())
      }
    }
  }

  private mutating func walk() {
    let totals = samples.map(\.tally.weight)
    var sums = [Double](repeating: 0, count: samples.count)
    var moved: [Int] = []
    var isMoved = [Bool](repeating: false, count: classes.sizes.count)
    var last = Double.nan
    forEachMerged(samples) { value, group, weight in
      if value != last {
        settle(&moved, &isMoved)
        last = value
      }
      sums[group] += weight
      let level = sums[group] / totals[group]
      levels[group] = level
      let code = classes.codes[group]
      if high[code] < level { high[code] = level }
      if !isMoved[code] {
        isMoved[code] = true
        moved.append(code)
      }
    }
    settle(&moved, &isMoved)
  }

  /// Takes the gaps at one score, after all steps there.
  private mutating func settle(_ moved: inout [Int], _ isMoved: inout [Bool]) {
    for code in moved {
      isMoved[code] = false
      lowest[code] = low[code].least(levels)
      if let z {
        let n = classes.sizes[code]
        let top = Proportion.wilson(high[code] * n, of: n, quantile: z).upper - high[code]
        let bottom = lowest[code] - Proportion.wilson(lowest[code] * n, of: n, quantile: z).lower
        above[code] = top * top
        below[code] = bottom * bottom
      }
    }
    let count = classes.sizes.count
    for code in moved {
      for other in 0..<count {
        take(code, other)
        if other != code { take(other, code) }
      }
    }
    moved.removeAll(keepingCapacity: true)
  }

  private mutating func take(_ i: Int, _ j: Int) {
    if i == j, classes.counts[i] < 2 { return }
    let gap = high[i] - lowest[j]
    let place = i * classes.sizes.count + j
    if gap > gaps[place] {
      gaps[place] = gap
      ks = max(ks, gap)
    }
    if z != nil { upper = max(upper, gap + (above[i] + below[j]).squareRoot()) }
  }
}

/// The least of some rising numbers: those that were not the least need no look when they rise.
private struct LowestLevel {
  private var heap: [Int32]
  private var seen: [Double]

  init(_ members: [Int32]) {
    heap = members
    seen = [Double](repeating: 0, count: members.count)
  }

  mutating func least(_ levels: [Double]) -> Double {
    while true {
      let level = levels[Int(heap[0])]
      if seen[0] == level { return level }
      seen[0] = level
      sink()
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if seen[child] < seen[least] { least = child }
      }
      if least == place { return }
      heap.swapAt(place, least)
      seen.swapAt(place, least)
      place = least
    }
  }
}
