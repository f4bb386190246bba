import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// Walks that are long enough to be cut into stretches.
@Suite struct LongSweepTests {
  static let sizes = [90_000, 60_000, 37, 1]
  static let shares = [0.5, 0.3, 0.15, 0.05]

  /// Groups of very different sizes; with `step`, of numbers that repeat.
  static func groups(step: Double) -> [Distribution] {
    sizes.enumerated().map { group, size in
      var stream = RandomStream(seed: 11, purpose: "long sweep", index: UInt64(group))
      return Distribution(
        (0..<size).map { _ in
          let number = stream.uniform() + 0.3 * Double(group)
          return step > 0 ? (number / step).rounded() * step : number
        })
    }
  }

  /// The integral of a group's quantile function up to a level, from running sums.
  struct Integral {
    let levels: [Double]
    let sums: [Double]
    let values: [Double]

    init(_ group: Distribution) {
      var (levels, sums) = ([0.0], [0.0])
      for place in group.values.indices {
        levels.append(group.sum(through: place) / group.total)
        sums.append(sums[place] + group.values[place] * group.mass(at: place) / group.total)
      }
      (self.levels, self.sums, values) = (levels, sums, group.values)
    }

    func callAsFunction(_ level: Double) -> Double {
      var (low, high) = (0, levels.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if levels[middle] <= level { low = middle } else { high = middle - 1 }
      }
      let rest = low < values.count ? (level - levels[low]) * values[low] : 0
      return sums[low] + rest
    }
  }

  @Test(arguments: [0, 2e-6])
  func imagesAreMeansOverTheAtoms(_ step: Double) throws {
    let groups = Self.groups(step: step)
    #expect(groups.reduce(0) { $0 + $1.values.count } >= 1 << 17)
    let map = try BarycentreMap(samples: groups.map { GroupSample($0) }, shares: Self.shares)
    let integrals = groups.map { Integral($0) }
    for (group, table) in zip(groups, map.tables) {
      var worst = 0.0
      for place in group.values.indices where place % 7 == 0 || group.values.count < 100 {
        let (from, to) = (
          group.sum(below: place) / group.total, group.sum(through: place) / group.total
        )
        var mean = 0.0
        for (integral, share) in zip(integrals, Self.shares) {
          mean += share * (integral(to) - integral(from)) / (to - from)
        }
        worst = max(worst, abs(table.images[place] - mean))
      }
      #expect(worst < 1e-8)
      #expect(zip(table.images, table.images.dropFirst()).allSatisfy { $0 <= $1 })
    }
  }

  @Test(arguments: [TieRule.mean, .random])
  func threadsChangeNothing(_ ties: TieRule) throws {
    let samples = Self.groups(step: 2e-6).map { GroupSample($0) }
    let one = try BarycentreMap(samples: samples, shares: Self.shares, ties: ties, threads: 1)
    let four = try BarycentreMap(samples: samples, shares: Self.shares, ties: ties, threads: 4)
    #expect(one == four)
  }

  @Test func theAverageIsThatOfTheQuantiles() {
    let groups = Self.groups(step: 0)
    let average = QuantileAverage(of: groups, shares: Self.shares)
    #expect(zip(average.levels, average.levels.dropFirst()).allSatisfy { $0 < $1 })
    #expect(average.levels.last == 1)
    for place in stride(from: 0, to: average.levels.count, by: 101) {
      let level = average.levels[place]
      var sum = 0.0
      for (group, share) in zip(groups, Self.shares) { sum += share * group.quantile(level) }
      #expect(abs(average.values[place] - sum) < 1e-12)
    }
  }
}
