import FairpostMetrics
import FairpostNumerics
import FairpostTransport
import Testing

/// Figures of many groups against every pair of them, one by one.
struct ManyGroupsTests {
  /// Scores of groups of the given sizes, each moved a little by itself, on a grid so that some tie.
  private static func samples(_ sizes: [Int], seed: UInt64) -> [SortedSample] {
    var stream = RandomStream(seed: seed, purpose: "many groups")
    return sizes.map { size in
      let shift = 0.1 * stream.normal()
      return SortedSample(
        values: (0..<size).map { _ in
          ((0.5 + shift + 0.2 * stream.normal()) * 500).rounded() / 500
        })
    }
  }

  private static let cases: [[Int]] = [
    [Int](repeating: 20, count: 60), (0..<90).map { 2 + $0 % 3 },
    (0..<150).map { 5 + ($0 * 37) % 113 }, (0..<300).map { 1 + ($0 * 7) % 11 },
  ]

  /// Every point of two samples with both distribution functions there.
  private static func heights(
    _ a: SortedSample, _ b: SortedSample
  ) -> [(x: Double, a: Double, b: Double)] {
    func share(_ sample: SortedSample, _ x: Double) -> Double {
      var sum = 0.0
      for place in sample.values.indices where sample.values[place] <= x {
        sum += sample.weights.isEmpty ? 1 : sample.weights[place]
      }
      return sum / sample.tally.weight
    }
    return Set(a.values + b.values).sorted().map { ($0, share(a, $0), share(b, $0)) }
  }

  @Test(arguments: cases) func largestHeight(_ sizes: [Int]) {
    let samples = Self.samples(sizes, seed: 3)
    let z = 1.959963984540054
    let pairs = Double(sizes.count * (sizes.count - 1) / 2)
    let critical = Tails.kolmogorovQuantile(tail: 0.05 / pairs)
    func wilson(_ p: Double, _ n: Double) -> (Double, Double) {
      let center = p + z * z / (2 * n)
      let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
      let scale = 1 + z * z / n
      return (p <= 0 ? 0 : (center - half) / scale, p >= 1 ? 1 : (center + half) / scale)
    }
    var (ks, lower, upper) = (0.0, 0.0, 0.0)
    for i in samples.indices {
      for j in 0..<i {
        let (n, m) = (Double(sizes[i]), Double(sizes[j]))
        var own = 0.0
        for point in Self.heights(samples[i], samples[j]) {
          own = max(own, abs(point.a - point.b))
          let (p, q) = (wilson(point.a, n), wilson(point.b, m))
          let above = ((p.1 - point.a) * (p.1 - point.a) + (point.b - q.0) * (point.b - q.0))
          let below = ((point.a - p.0) * (point.a - p.0) + (q.1 - point.b) * (q.1 - point.b))
          upper = max(
            upper, point.a - point.b + above.squareRoot(), point.b - point.a + below.squareRoot())
        }
        ks = max(ks, own)
        lower = max(lower, own - critical / (n * m / (n + m)).squareRoot())
      }
    }
    let found = HeightSweep(samples, tail: 0.05)
    #expect(abs(found.ks - ks) < 1e-12)
    // Many sizes are put into classes, whose bounds are wider by little and never narrower.
    let isExact = Set(sizes).count <= 48
    let room = isExact ? 1e-12 : 0.02
    #expect(found.upper >= min(1, upper) - 1e-12 && found.upper <= min(1, upper) + room)
    #expect(found.lower <= lower + 1e-12 && found.lower >= lower - room)
  }

  @Test(arguments: cases) func largestArea(_ sizes: [Int]) {
    let samples = Self.samples(sizes, seed: 4)
    var (area, upper) = (0.0, 0.0)
    for i in samples.indices {
      for j in 0..<i {
        let points = Self.heights(samples[i], samples[j])
        var own = 0.0
        // The potential's slope is the sign of the difference; its variance under either sample.
        var height = 0.0
        var sums = (0.0, 0.0, 0.0, 0.0)
        for place in points.indices {
          let before = place > 0 ? points[place - 1] : (points[place].x, 0, 0)
          let gap = before.1 - before.2
          let width = points[place].x - before.0
          own += abs(gap) * width
          height += gap > 1e-12 ? width : gap < -1e-12 ? -width : 0
          let (p, q) = (points[place].a - before.1, points[place].b - before.2)
          sums.0 += p * height
          sums.1 += p * height * height
          sums.2 += q * height
          sums.3 += q * height * height
        }
        area = max(area, own)
        let (n, m) = (max(Double(sizes[i] - 1), 1), max(Double(sizes[j] - 1), 1))
        let error =
          (max(0, sums.1 - sums.0 * sums.0) / n + max(0, sums.3 - sums.2 * sums.2) / m)
          .squareRoot()
        upper = max(upper, own + Tails.studentQuantile(0.975, degrees: min(n, m)) * error)
      }
    }
    let found = AreaSearch(samples, tail: 0.05, threads: 2)
    #expect(abs(found.value - area) < 1e-9)
    #expect(found.upper >= upper - 1e-9 && found.upper <= upper * 1.000_001)
  }

  @Test func extremesOfBounds() throws {
    var stream = RandomStream(seed: 5, purpose: "many groups")
    for count in [60, 200, 300] {
      // Shares with many repeats, so that one group could be both ends.
      let estimates = (0..<count).map { _ -> Estimate in
        let size = 5 + stream.below(20)
        let hits = stream.below(size + 1)
        let p = Double(hits) / Double(size)
        return Estimate(
          value: p, count: size, spread: .proportion(p, total: Double(size), transform: nil))
      }
      let factor = Tails.allPairs(count: count, tail: 0.05)
      let plain = estimates.compactMap { $0.interval(tail: 0.05) }
      let wide = estimates.compactMap { $0.interval(tail: 2 * Normal.upperTail(factor)) }
      var difference = Interval(0, 0)
      var ratio = Interval(1, 1)
      for i in estimates.indices {
        for j in estimates.indices where i != j {
          let (a, b) = (estimates[i].value, estimates[j].value)
          let far = Recovered.difference(a, plain[i], b, plain[j])
          let near = Recovered.difference(a, wide[i], b, wide[j])
          difference.upper = max(difference.upper, far.upper, -far.lower)
          difference.lower = max(difference.lower, near.lower, -near.upper)
          ratio.lower = min(ratio.lower, Recovered.ratio(a, plain[i], b, plain[j]).lower)
          ratio.upper = min(ratio.upper, Recovered.ratio(a, wide[i], b, wide[j]).upper)
        }
      }
      let groups = try #require(Simultaneous(estimates, tail: 0.05, factor: factor))
      let found = try #require(groups.bounds(.difference))
      #expect(found == difference)
      let foundRatio = try #require(groups.bounds(.ratio))
      #expect(abs(foundRatio.lower - ratio.lower) < 1e-12)
      #expect(abs(foundRatio.upper - ratio.upper) < 1e-12)
    }
  }

  /// The chance level of the ends of many groups against groups drawn one by one.
  @Test func chanceOfExtremes() throws {
    let sizes = (0..<80).map { 20 + ($0 % 5) * 30 }
    let p = 0.3
    let estimates = sizes.map {
      Estimate(
        value: p, count: $0, spread: .proportion(p, total: Double($0), transform: nil))
    }
    var stream = RandomStream(seed: 6, purpose: "many groups")
    for aggregation in [Aggregation.difference, .ratio, .differenceToOverall] {
      let isRatio = aggregation == .ratio
      let draws = try #require(FairExtremes(estimates, around: p, calibration: []))
        .draws(aggregation, count: 4000, &stream)
      let plain = (0..<4000).compactMap { _ -> Double? in
        let values = sizes.map { size in
          Double((0..<size).reduce(0) { sum, _ in sum + (stream.uniform() < p ? 1 : 0) })
            / Double(size)
        }
        let rows = zip(values, sizes).reduce(0) { $0 + $1.0 * Double($1.1) }
        return aggregation.value(values, overall: rows / Double(sizes.reduce(0, +)))
      }
      let found = try #require(NoiseFloor(draws, isRatio: isRatio))
      let wanted = try #require(NoiseFloor(plain, isRatio: isRatio))
      #expect(abs(found.mean - wanted.mean) < 0.004, "\(aggregation)")
      #expect(abs(found.band - wanted.band) < 0.012, "\(aggregation)")
    }
  }

  /// The chance levels of distances against those of groups simulated one by one.
  @Test(arguments: [[Int](repeating: 40, count: 60), (0..<60).map { 150 + 10 * $0 }])
  func chanceOfDistances(_ sizes: [Int]) {
    let samples = Self.samples(sizes, seed: 7)
    let rows = sizes.map { DistanceBands.Rows(measured: Double($0), calibration: 0) }
    var stream = RandomStream(seed: 8, purpose: "many groups")
    let found = ManyPaths.floors(samples, sizes: rows, draws: 2000, &stream)
    for isArea in [false, true] {
      let wanted = DistanceBands.floor(
        samples, sizes: rows, draws: 2000, integral: isArea, &stream)
      let own = isArea ? found.area : found.height
      #expect(abs(own.mean / wanted.mean - 1) < 0.01)
      #expect(abs(own.band / wanted.band - 1) < 0.02)
    }
  }

  /// Groups that are alike: how often intervals hold that, and figures are within their chance level.
  @Test func coverage() throws {
    let wanted = ["ks", "w1", "demographic_parity_difference", "mean_score.difference"]
    let metrics = try wanted.map { try MetricRegistry.metric($0) }
    var options = EvaluationOptions()
    options.noiseDraws = 200
    options.threads = 2
    var held: [String: Int] = [:]
    var within: [String: Int] = [:]
    let draws = 120
    for draw in 0..<draws {
      var stream = RandomStream(seed: 9, purpose: "many groups", index: UInt64(draw))
      let codes = (0..<1800).map { Int32($0 % 60) }
      let scores = codes.map { _ in stream.uniform() }
      let keys = (0..<60).map { GroupKey([ByteText("g\($0 + 100)")]) }
      let data = try EvaluationData(
        count: scores.count,
        tasks: [
          TaskColumns(
            name: "y", kind: .binary, labels: [],
            scores: [ScoreColumn(name: "s", values: scores, threshold: 0.5)])
        ], attributes: [Grouping(columns: ["g"], keys: keys, codes: codes)])
      for figure in Evaluator(data, options: options).figures(metrics) {
        let lower = try #require(figure.lower)
        if lower <= 0 { held[figure.metric, default: 0] += 1 }
        if try #require(figure.insideNoise as Bool?) { within[figure.metric, default: 0] += 1 }
      }
    }
    for metric in wanted {
      #expect(held[metric, default: 0] >= draws * 93 / 100, "\(metric)")
      // 95 of 100, with room for four standard errors.
      #expect(within[metric, default: 0] >= draws * 87 / 100, "\(metric)")
      #expect(within[metric, default: 0] < draws, "\(metric)")
    }
  }
}
