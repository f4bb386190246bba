internal import FairpostNumerics

/// The law of the KS distance that a map of continuous scores leaves in the population.
///
/// In a group of n records the share of the population that ends at or below a level u of the common
/// distribution is a sample's uniform order statistics read at u, whatever the scores' law. So what
/// remains between groups is drawn as it is, for any number of groups and few records too, where the
/// limit law of Kolmogorov and Smirnov and a correction for the number of pairs are both too wide.
enum RemainingDistance {
  /// Draws behind a quantile.
  static let draws = 2000
  /// Order statistics of a group in a draw; of larger groups only the deviation's size is different.
  private static let mostPoints = 600
  /// With more groups than this the draws would take longer than the fit.
  private static let mostGroups = 10

  /// A number which the distance exceeds with probability `p`.
  ///
  /// - Parameters:
  ///   - counts: the records of each group, more than one group.
  ///   - isStep: whether the maps are step functions, or linear between records.
  static func upperQuantile(
    _ p: Double, counts: [Int], isStep: Bool, threads: Int
  ) -> Double {
    guard counts.count <= mostGroups else {
      let smallest = counts.sorted().prefix(2).reduce(0) { $0 + 1 / Double($1) }
      let pairs = Double(counts.count * (counts.count - 1) / 2)
      return Kolmogorov.upperQuantile(p / pairs) * smallest.squareRoot()
    }
    let question = Question(counts: counts.sorted(), isStep: isStep)
    if let distances = known.withLock({ $0[question] }) { return quantile(distances, p) }
    let distances = Parallel.map(draws, threads: threads) { draw in
      var stream = RandomStream(seed: 0, purpose: "remaining distance", index: UInt64(draw))
      let groups = question.counts.map { Group(count: $0, isStep: isStep, &stream) }
      return largestDistance(groups)
    }.sorted()
    known.withLock { $0[question] = distances }
    return quantile(distances, p)
  }

  private static func quantile(_ distances: [Double], _ p: Double) -> Double {
    // One standard error of the share above, so that chance does not make the bound too small.
    let above = p * Double(draws) - (p * (1 - p) * Double(draws)).squareRoot()
    return distances[draws - 1 - max(0, Int(above))]
  }

  /// What a law depends on.
  private struct Question: Hashable {
    let counts: [Int]
    let isStep: Bool
  }

  /// The laws drawn already: the scores of one fit mostly ask for the same one.
  private static let known = Guarded<[Question: [Double]]>([:])

  /// One group of a draw.
  private struct Group {
    /// The order statistics, between 0 and 1.
    let points: [Double]
    let isStep: Bool
    /// What a deviation is multiplied by where the group has more records than points.
    let scale: Double

    init(count: Int, isStep: Bool, _ stream: inout RandomStream) {
      var drawn: [Double] = []
      for _ in 0..<min(count, mostPoints) { drawn.append(stream.uniform()) }
      Sorting.sort(&drawn)
      points = [0] + drawn + [1]
      self.isStep = isStep
      scale = (Double(drawn.count) / Double(count)).squareRoot()
    }

    /// The records in a draw.
    var count: Int { points.count - 2 }

    /// The levels at which the share bends or jumps.
    func level(_ index: Int) -> Double {
      (Double(index) + (isStep ? 0 : 0.5)) / Double(count)
    }

    /// The share of the population at or below a level.
    @inline(__always)
    func share(_ level: Double) -> Double {
      let share: Double
      if isStep {
        // A level that is one of this group's own must not be missed by a rounding error.
        share = points[min(Int(level * Double(count) + 1e-9), count) + 1]
      } else {
        let place = level * Double(count) + 0.5
        let index = min(Int(place), count)
        // Before the first record and behind the last there is half a step.
        let from = index == 0 ? 0.5 : Double(index)
        let width = index == 0 || index == count ? 0.5 : 1
        let part = min((place - from) / width, 1)
        share = points[index] + (points[index + 1] - points[index]) * part
      }
      return level + (share - level) * scale
    }
  }

  /// The largest difference of two groups' shares over all levels.
  private static func largestDistance(_ groups: [Group]) -> Double {
    var largest = 0.0
    for group in groups {
      for index in 0..<group.count {
        let level = group.level(index)
        var (least, greatest) = (1.0, 0.0)
        for other in groups {
          let share = other.share(level)
          least = min(least, share)
          greatest = max(greatest, share)
        }
        largest = max(largest, greatest - least)
      }
    }
    return largest
  }
}
