import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

@Suite struct DistributionTests {
  static func normals(_ count: Int, _ seed: UInt64, mean: Double = 0, deviation: Double = 1)
    -> [Double]
  {
    var stream = RandomStream(seed: seed, purpose: "tests.transport")
    return (0..<count).map { _ in mean + deviation * stream.normal() }
  }

  @Test func countsByHand() {
    let d = Distribution([3, 1, 3, -0.0, 0])
    #expect(d.values == [0, 1, 3])
    #expect(d.masses == [2, 1, 2])
    #expect(d.cdf(-1) == 0 && d.cdf(0) == 0.4 && d.cdf(0.5) == 0.4 && d.cdf(3) == 1)
    #expect(d.cdfBelow(0) == 0 && d.cdfBelow(3) == 0.6 && d.cdfBelow(4) == 1)
    #expect(d.quantile(0) == 0 && d.quantile(0.4) == 0 && d.quantile(0.41) == 1)
    #expect(d.quantile(1) == 3)
    #expect(d.mean == 1.4)
    #expect(d.rows == 5 && d.effectiveCount == 5)
  }

  @Test func frequenciesAreDuplication() {
    var stream = RandomStream(seed: 5, purpose: "tests.transport")
    let numbers = (0..<500).map { _ in Double(stream.below(60)) }
    let counts = (0..<500).map { _ in Double(stream.below(4)) }
    let repeated = zip(numbers, counts).flatMap { Array(repeating: $0, count: Int($1)) }
    #expect(Distribution(numbers, weights: counts, frequencies: true) == Distribution(repeated))
  }

  @Test func mergingIsExactInAnyDivision() {
    let numbers = Self.normals(3000, 1).map { ($0 * 20).rounded() / 20 }
    var stream = RandomStream(seed: 6, purpose: "tests.transport")
    let weights = numbers.map { _ in stream.uniform() * 3 }
    let whole = Distribution(numbers, weights: weights, frequencies: false)
    #expect(whole.values.count < 300)
    for cut in [1, 700, 2999] {
      let parts = [0..<cut, cut..<3000].map {
        Distribution(Array(numbers[$0]), weights: Array(weights[$0]), frequencies: false)
      }
      #expect(Distribution.merging(parts) == whole)
      #expect(Distribution.merging(parts.reversed()) == whole)
    }
    let order = stream.permutation(3000)
    #expect(
      Distribution(
        order.map { numbers[$0] }, weights: order.map { weights[$0] }, frequencies: false)
        == whole)
  }

  @Test func weightsAreEstimatedAsIfDuplicated() {
    let numbers: [Double] = [1, 2, 5]
    let weighted = Distribution(numbers, weights: [0.5, 1, 1.5], frequencies: false)
    let repeated = Distribution([1, 2, 2, 5, 5, 5])
    for x in [0.0, 1, 1.5, 2, 4, 5] { #expect(weighted.cdf(x) == repeated.cdf(x)) }
    #expect(weighted.mean == repeated.mean)
    #expect(isClose(weighted.effectiveCount, 9 / 3.5, absolute: 1e-15))
  }

  /// Distances against the definitions, evaluated naively on the pooled points.
  @Test func distancesAgreeWithDefinitions() {
    let a = Self.normals(200, 2)
    let b = Self.normals(150, 3, mean: 0.5, deviation: 2)
    let (p, q) = (Distribution(a), Distribution(b))
    let points = (a + b).sorted()
    var ks = 0.0
    var area = 0.0
    for (i, x) in points.enumerated() {
      let gap =
        abs(
          Double(a.filter { $0 <= x }.count) / 200 - Double(b.filter { $0 <= x }.count) / 150)
      ks = max(ks, gap)
      if i + 1 < points.count { area += gap * (points[i + 1] - x) }
    }
    let d = p.distances(to: q)
    #expect(isClose(d.ks, ks, absolute: 1e-15))
    #expect(isClose(d.w1, area, absolute: 1e-12))
    // 600 is a common multiple: both samples repeated to equal size and paired in order.
    let (x, y) = (
      a.sorted().flatMap { [$0, $0, $0] }, b.sorted().flatMap { [$0, $0, $0, $0] }
    )
    let squares = zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(isClose(d.w2, (squares / 600).squareRoot(), absolute: 1e-12))
    #expect(isClose(d.meanGap, a.reduce(0, +) / 200 - b.reduce(0, +) / 150, absolute: 1e-12))
  }

  @Test(arguments: [2, 16, 256, 4096])
  func compressionKeepsItsPromise(_ limit: Int) {
    let d = Distribution(Self.normals(20_000, 4).map { ($0 * 5000).rounded() / 5000 })
    let kept = Compression.knots(of: d, limit: limit)
    let small = Compression.keep(kept, of: d)
    #expect(small.values.first == d.values.first && small.values.last == d.values.last)
    #expect(small.total == d.total && small.values.count <= 2 * limit + 2)
    #expect(Compression.rankError(of: small) <= 1 / Double(limit))
    var worst = 0.0
    for x in d.values { worst = max(worst, abs(small.cdf(x) - d.cdf(x))) }
    #expect(worst <= 1 / Double(limit))
  }
}
