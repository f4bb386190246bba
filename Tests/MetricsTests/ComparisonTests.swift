import FairpostMetrics
import FairpostTestSupport
import Testing

/// Means over seeds, paired differences and the Pareto front, against closed forms.
struct ComparisonTests {
  /// Student's 97.5 % points from printed tables.
  static let student: [(degrees: Int, quantile: Double)] = [
    (1, 12.706204736432095), (2, 4.302652729911275), (4, 2.7764451051977987),
    (9, 2.2621571628540993), (29, 2.045229642132703),
  ]

  @Test(arguments: student) func theIntervalIsStudents(_ row: (degrees: Int, quantile: Double))
    throws
  {
    // 0, 1, ..., n-1: mean (n-1)/2, variance n(n+1)/12.
    let n = Double(row.degrees + 1)
    let mean = try #require(ReplicateMean((0...row.degrees).map(Double.init)))
    #expect(mean.count == row.degrees + 1)
    #expect(mean.mean == (n - 1) / 2)
    let half = row.quantile * ((n + 1) / 12).squareRoot()
    #expect(isClose(try #require(mean.upper) - mean.mean, half, relative: 1e-9))
    #expect(isClose(mean.mean - (try #require(mean.lower)), half, relative: 1e-9))
  }

  @Test func anotherLevel() throws {
    // One degree of freedom: the quantile of level 1 - tail is tan(pi (1 - tail) / 2).
    let mean = try #require(ReplicateMean([1, 3], tail: 0.5))
    #expect(isClose(try #require(mean.upper), 3, relative: 1e-9))
    #expect(isClose(try #require(mean.lower), 1, relative: 1e-9))
  }

  @Test func oneValueHasNoIntervalAndNoneHasNoMean() throws {
    let one = try #require(ReplicateMean([0.25]))
    #expect(one.mean == 0.25 && one.lower == nil && one.upper == nil && one.sign == nil)
    #expect(ReplicateMean([]) == nil)
  }

  @Test func overlapWidensByNadeauAndBengio() throws {
    let values = [0.1, 0.3, 0.2, 0.5, 0.4]
    let plain = try #require(ReplicateMean(values))
    let wide = try #require(ReplicateMean(values, overlap: 0.25))
    let ratio = (try #require(wide.upper) - wide.mean) / (try #require(plain.upper) - plain.mean)
    #expect(isClose(ratio, ((1.0 / 5 + 0.25) / (1.0 / 5)).squareRoot(), relative: 1e-12))
    #expect(wide.mean == plain.mean)
  }

  @Test func differencesArePaired() throws {
    let own: [Double?] = [1, 2, nil, 4, 8]
    let other: [Double?] = [0.5, 1, 1, nil, 6.5]
    let change = try #require(ReplicateMean(own, minus: other))
    #expect(change == ReplicateMean([0.5, 1, 1.5]))
    #expect(change.count == 3 && change.mean == 1 && change.sign == 0)
    // What all pairs share takes part in neither mean nor width.
    let shifted = try #require(
      ReplicateMean(own.map { $0.map { $0 + 64 } }, minus: other.map { $0.map { $0 + 64 } }))
    #expect(shifted == change)
    #expect(ReplicateMean([1, nil], minus: [nil, 2]) == nil)
  }

  @Test func signsFollowTheInterval() throws {
    #expect(ReplicateMean([1, 1.1, 0.9])?.sign == 1)
    #expect(ReplicateMean([-1, -1.1, -0.9])?.sign == -1)
    #expect(ReplicateMean([0, 0, 0])?.sign == 0)
  }

  @Test func theFrontByHand() {
    // Accuracy up, difference down.
    let points: [(Double?, Double?)] = [
      (0.9, 0.3), (0.8, 0.1), (0.8, 0.2), (0.7, 0.1), (0.5, 0), (0.9, 0.3), (nil, 0), (.nan, 0),
    ]
    let front = ParetoFront.efficient(points, directions: (.higher, .lower))
    #expect(front == [true, true, false, false, true, true, false, false])
    #expect(ParetoFront.efficient([], directions: (.higher, .lower)).isEmpty)
    // A ratio goes to 1 from both sides.
    let ratios: [(Double?, Double?)] = [(1, 1.2), (1, 0.9), (2, 0.5)]
    #expect(
      ParetoFront.efficient(ratios, directions: (.lower, .target(1))) == [false, true, false])
  }

  /// A second route: a sweep over sorted points finds the same front.
  @Test(arguments: [3, 17, 200]) func theFrontBySweeping(_ count: Int) {
    var state: UInt64 = UInt64(count)
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Few values, so that ties occur.
      return Double((state >> 33) % 16)
    }
    let points = (0..<count).map { _ in (next(), next()) }
    let front = ParetoFront.efficient(
      points.map { ($0.0, $0.1) }, directions: (.lower, .lower))
    var best = Double.infinity
    var expected = [Bool](repeating: false, count: count)
    let order = points.indices.sorted { points[$0] < points[$1] }
    var at = 0
    while at < order.count {
      let (x, y) = points[order[at]]
      for place in order[at...] where points[place].0 == x && points[place].1 == y && y < best {
        expected[place] = true
      }
      best = min(best, y)
      at += 1
      while at < order.count, points[order[at]].0 == x { at += 1 }
    }
    #expect(front == expected)
  }
}
