import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

@Suite struct BarycentreMapTests {
  static func groups(_ sizes: [Int], seed: UInt64, step: Double = 0) -> [Distribution] {
    sizes.enumerated().map { index, size in
      var numbers = DistributionTests.normals(
        size, seed &* 100 &+ UInt64(index), mean: Double(index), deviation: 1 + 0.3 * Double(index))
      if step > 0 { numbers = numbers.map { ($0 / step).rounded() * step } }
      return Distribution(numbers)
    }
  }

  static func map(_ groups: [Distribution], _ estimator: Estimator = .meanOfAtom) throws
    -> BarycentreMap
  {
    try BarycentreMap(
      samples: groups.map { GroupSample($0) }, shares: groups.map(\.total), estimator: estimator,
      withPooled: true)
  }

  /// Exact up to rounding: with the fit's weights every group mean equals the overall mean.
  @Test(
    arguments: [([40, 60], 0.0), ([500, 7, 90], 0), ([300, 200, 100], 0.5), ([1, 1000], 0.1)]
      as [([Int], Double)])
  func groupMeansAreEqual(_ sizes: [Int], _ step: Double) throws {
    let groups = Self.groups(sizes, seed: 1, step: step)
    let map = try Self.map(groups)
    let total = groups.reduce(0) { $0 + $1.total }
    let overall = groups.reduce(0) { $0 + $1.mean * $1.total } / total
    for (index, group) in groups.enumerated() {
      let after = group.mapped(to: group.values.map { map($0, group: index) })
      #expect(isClose(after.mean, overall, absolute: 1e-12))
    }
  }

  @Test(arguments: [Estimator.meanOfAtom, .hazen])
  func equalGroupsAreLeftAlone(_ estimator: Estimator) throws {
    let one = Distribution(DistributionTests.normals(777, 9).map { ($0 * 50).rounded() / 50 })
    for groups in [[one], [one, one], [one, one, one]] {
      let map = try Self.map(groups, estimator)
      for group in groups.indices {
        for x in one.values { #expect(isClose(map(x, group: group), x, absolute: 1e-12)) }
      }
    }
  }

  @Test func orderIsKept() throws {
    for estimator in [Estimator.meanOfAtom, .equipy, .hazen] {
      let groups = Self.groups([300, 111, 5], seed: 2, step: 0.05)
      let map = try Self.map(groups, estimator)
      for table in map.tables {
        var last = -Double.infinity
        for i in -2000...4000 {
          let y = table(Double(i) / 500)
          #expect(y >= last)
          last = y
        }
      }
    }
  }

  /// Every atom's image against a direct mean of the average quantile function by fine summation.
  @Test func imagesAreIntervalMeans() throws {
    let groups = [Distribution([0, 0, 1, 3]), Distribution([2, 4, 4, 4, 5, 9])]
    let map = try Self.map(groups)
    // Common levels in twelfths; Qbar = 0.4 Q0 + 0.6 Q1 by hand.
    let q0: [Double] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 3, 3, 3]
    let q1: [Double] = [2, 2, 4, 4, 4, 4, 4, 4, 5, 5, 9, 9]
    let q = zip(q0, q1).map { 0.4 * $0 + 0.6 * $1 }
    func mean(_ range: Range<Int>) -> Double { q[range].reduce(0, +) / Double(range.count) }
    let expected0 = [mean(0..<6), mean(6..<9), mean(9..<12)]
    let expected1 = [mean(0..<2), mean(2..<8), mean(8..<10), mean(10..<12)]
    #expect(largestDifference(map.tables[0].images, expected0) < 1e-14)
    #expect(largestDifference(map.tables[1].images, expected1) < 1e-14)
    #expect(map(-5, group: 0) == expected0[0] && map(99, group: 0) == expected0[2])
    #expect(isClose(map(2, group: 0), (expected0[1] + expected0[2]) / 2, absolute: 1e-14))
  }

  @Test func affineEquivariance() throws {
    let groups = Self.groups([120, 80], seed: 3)
    let moved = groups.map { Distribution($0.values.map { 7 + 4 * $0 }) }
    let (map, other) = (try Self.map(groups), try Self.map(moved))
    for group in 0..<2 {
      for x in groups[group].values {
        #expect(
          isClose(other(7 + 4 * x, group: group), 7 + 4 * map(x, group: group), absolute: 1e-12))
      }
    }
  }

  @Test func relabellingChangesNothing() throws {
    let groups = Self.groups([150, 90, 30], seed: 4, step: 0.01)
    let map = try Self.map(groups)
    let other = try Self.map([groups[2], groups[0], groups[1]])
    for (group, place) in [(0, 1), (1, 2), (2, 0)] {
      #expect(
        largestDifference(map.tables[group].images, other.tables[place].images) < 1e-12)
    }
  }

  @Test func sortedWalkIsBitIdenticalToLookup() throws {
    let groups = Self.groups([5000, 300], seed: 5)
    for estimator in [Estimator.meanOfAtom, .equipy] {
      let map = try Self.map(groups, estimator)
      let numbers = Distribution(DistributionTests.normals(3000, 77, deviation: 2)).values
      for table in map.tables {
        #expect(table.values(sorted: numbers) == numbers.map { table($0) })
      }
    }
  }

  /// Mean absolute error to the known map of two normal groups, N(0,1) and N(2,2^2), half each.
  static func oracleError(_ estimator: Estimator, _ size: Int) throws -> Double {
    var sum = 0.0
    let runs = 40_000 / size
    for run in 0..<runs {
      let seed = UInt64(1000 + run)
      let groups = [
        Distribution(DistributionTests.normals(size, seed)),
        Distribution(DistributionTests.normals(size, seed + 50_000, mean: 2, deviation: 2)),
      ]
      let map = try map(groups, estimator)
      var inner = 0.0
      for k in 1...99 {
        let z = Normal.quantile(Double(k) / 100)
        let y = 1 + 1.5 * z
        inner += abs(map(z, group: 0) - y) + abs(map(2 + 2 * z, group: 1) - y)
      }
      sum += inner / 198
    }
    return sum / Double(runs)
  }

  @Test func errorToTheOracleShrinks() throws {
    var last = Double.infinity
    for size in [50, 200, 2000] {
      let ours = try Self.oracleError(.meanOfAtom, size)
      let hazen = size <= 200 ? try Self.oracleError(.hazen, size) : ours
      #expect(ours <= hazen * 1.01)
      #expect(ours < last / 1.5)
      last = ours
    }
  }
}
