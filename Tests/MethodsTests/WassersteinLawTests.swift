import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// A seeded sample of two or more normal groups with record keys.
struct NormalSample {
  var values: [Double] = []
  var codes: [Int32] = []
  var keys: [UInt64] = []
  let groups: [GroupKey]

  init(_ sizes: [Int], seed: UInt64, step: Double = 0) {
    groups = sizes.indices.map { GroupKey([ByteText("g\($0)")]) }
    var stream = RandomStream(seed: seed, purpose: "tests.adjust")
    let key = StableHash(seed: seed, purpose: "tests.keys")
    for (group, size) in sizes.enumerated() {
      for _ in 0..<size {
        var x = Double(group) + (1 + 0.5 * Double(group)) * stream.normal()
        if step > 0 { x = (x / step).rounded() * step }
        values.append(x)
        codes.append(Int32(group))
        keys.append(key(UInt64(keys.count)))
      }
    }
  }

  func data(_ rows: [Int]? = nil, weights: [Double]? = nil, frequency: Bool = false)
    -> CalibrationData
  {
    let rows = rows ?? Array(values.indices)
    return CalibrationData(
      scores: [("p", rows.map { values[$0] })],
      attributes: [Grouping(columns: ["g"], keys: groups, codes: rows.map { codes[$0] })],
      weights: weights, frequency: frequency, keys: rows.map { keys[$0] })
  }
}

@Suite struct WassersteinLawTests {
  static var exact: WassersteinSettings {
    var settings = WassersteinSettings()
    settings.knots = nil
    return settings
  }

  @Test func shardsMergeIntoTheWholeMap() throws {
    let sample = NormalSample([400, 200, 90], seed: 1, step: 0.01)
    var stream = RandomStream(seed: 9, purpose: "tests.weights")
    let weights = sample.values.map { _ in stream.uniform() }
    for weights in [nil, weights] {
      let order = stream.permutation(sample.values.count)
      func part(_ rows: [Int]) throws -> CalibrationSummary {
        try CalibrationSummary(
          sample.data(rows, weights: weights.map { w in rows.map { w[$0] } }),
          settings: Self.exact)
      }
      let whole = try part(Array(sample.values.indices))
      let merged = try CalibrationSummary.merging([
        part(Array(order[..<100])), part(Array(order[100..<333])), part(Array(order[333...])),
      ])
      #expect(merged == whole)
      let map = try WassersteinMap(whole, settings: Self.exact)
      #expect(try WassersteinMap(merged, settings: Self.exact) == map)
      #expect(map.recheck().isEmpty)
    }
  }

  @Test func threadsRowOrderAndDuplicationChangeNothing() throws {
    let sample = NormalSample([3000, 500], seed: 2, step: 0.02)
    let map = try WassersteinMap(sample.data(), settings: Self.exact)
    var threaded = Self.exact
    threaded.threads = 3
    #expect(try WassersteinMap(sample.data(), settings: threaded) == map)
    let rows = Array(sample.values.indices)
    #expect(try WassersteinMap(sample.data(rows.reversed()), settings: Self.exact) == map)
    let twice = try WassersteinMap(sample.data(rows + rows), settings: Self.exact)
    let frequencies = try WassersteinMap(
      sample.data(weights: rows.map { _ in 2 }, frequency: true), settings: Self.exact)
    #expect(frequencies == twice)
  }

  @Test func aRowsResultIsItsOwn() throws {
    let sample = NormalSample([300, 100], seed: 3)
    var settings = Self.exact
    for ties in [TieRule.mean, .random] {
      settings.ties = ties
      let map = try WassersteinMap(sample.data(), settings: settings)
      let all = applied(map, sample.values, [sample.codes], keys: sample.keys)
      for row in stride(from: 0, to: 400, by: 13) {
        let one = applied(
          map, [sample.values[row]], [[sample.codes[row]]], keys: [sample.keys[row]])
        #expect(one.results[0] == all.results[row] && one.outcomes[0] == all.outcomes[row])
      }
    }
  }

  /// Exact for groups of equal size without ties: W1, W2 and mean gaps scale with epsilon.
  @Test func distancesScaleWithEpsilon() throws {
    let sample = NormalSample([500, 500], seed: 4)
    let before = try WassersteinMap(sample.data(), settings: Self.exact).certificates[0].before
    for epsilon in [0.25, 0.5, 1] {
      var settings = Self.exact
      settings.epsilons = [epsilon]
      let after = try WassersteinMap(sample.data(), settings: settings).certificates[0].inSample
      #expect(isClose(after.w1, epsilon * before.w1, absolute: 1e-12))
      #expect(isClose(after.w2, epsilon * before.w2, absolute: 1e-12))
      #expect(isClose(after.meanGap, epsilon * before.meanGap, absolute: 1e-12))
    }
  }

  @Test func targetIsReachedByTheSmallestChange() throws {
    let sample = NormalSample([500, 300, 100], seed: 5, step: 0.1)
    var settings = Self.exact
    let floor = try WassersteinMap(sample.data(), settings: settings).certificates[0].inSample.w2
    settings.targetW2 = 0.3
    let map = try WassersteinMap(sample.data(), settings: settings)
    #expect(isClose(map.certificates[0].inSample.w2, 0.3, absolute: 1e-9))
    settings.targetW2 = floor / 2
    #expect(throws: AdjustmentError.self) { try WassersteinMap(sample.data(), settings: settings) }
    settings.targetW2 = 1000
    #expect(try WassersteinMap(sample.data(), settings: settings).scores[0].steps[0].epsilon == 1)
  }

  /// Normal groups have a closed form: pi_s W2^2 summed, up to sampling error of a few percent.
  @Test func priceAgreesWithTheClosedForm() throws {
    let sample = NormalSample([20_000, 20_000], seed: 6)
    let certificate = try WassersteinMap(sample.data(), settings: WassersteinSettings())
      .certificates[0]
    // N(0,1) and N(1,1.5^2), half each: (0.5^2 + 0.25^2) for both groups.
    #expect(isClose(certificate.price, 0.3125, relative: 0.05))
    #expect(isClose(certificate.price, certificate.closedFormPrice ?? .nan, relative: 1e-9))
    #expect(certificate.keepsOrder)
    #expect(certificate.inSample.meanGap < 1e-12)
    let after = try #require(certificate.crossFitted)
    #expect(after.ks < certificate.before.ks / 5 && after.ks > 0)
  }

  /// On held-out folds a map shows the law of two samples, the fold's and the fit's: the mean of
  /// Kolmogorov's law times sqrt(1/m + 1/m' + 1/n + 1/n'), here over 20 maps.
  @Test func heldOutFoldsShowWhatRemains() throws {
    var sum = 0.0
    for seed in 0..<20 {
      let map = try WassersteinMap(
        NormalSample([5000, 3000], seed: 900 + UInt64(seed)).data(), settings: WassersteinSettings()
      )
      sum += try #require(map.certificates[0].crossFitted).ks
    }
    let sizes: [Double] = [1000, 600, 4000, 2400]
    let expected = 0.8687 * sizes.reduce(0) { $0 + 1 / $1 }.squareRoot()
    #expect(isClose(sum / 20, expected, relative: 0.06), "\(sum / 20) for \(expected)")
  }

  @Test func boundsAreGivenOnlyWhereTheyHold() throws {
    func bound(_ sample: NormalSample, weights: [Double]? = nil, epsilon: Double = 0) throws
      -> Certificate.Bound
    {
      var settings = WassersteinSettings()
      settings.epsilons = [epsilon]
      return try WassersteinMap(sample.data(weights: weights), settings: settings)
        .certificates[0].distributionFree
    }
    let sample = NormalSample([100, 50], seed: 7)
    #expect(try bound(NormalSample([100, 50], seed: 7, step: 0.1)) == .none("atoms"))
    #expect(try bound(sample, epsilon: 0.5) == .none("epsilon"))
    #expect(try bound(sample, weights: sample.values.map { _ in 1.5 }) == .none("weights"))
    guard case .atMost(let free) = try bound(sample) else {
      Issue.record("a bound was expected")
      return
    }
    // sqrt(ln(4/0.05)/2) (100^-1/2 + 50^-1/2) + 1/100 + 1/50, by hand.
    #expect(isClose(free, 0.387355, absolute: 2e-3))
  }

  /// A short form of the coverage simulation: the population KS that remains, in closed form.
  @Test func boundsCoverTheTruth() throws {
    var (free, asymptotic) = (0, 0)
    let draws = 200
    for draw in 0..<draws {
      let sample = NormalSample([200, 100], seed: UInt64(100 + draw))
      var settings = Self.exact
      settings.certificate = true
      let map = try WassersteinMap(sample.data(), settings: settings)
      // P(T_s <= t | s) = Phi at the largest x with T_s(x) <= t; checked at every image.
      let tables = [0, 1].compactMap { map.scores[0].steps[0].entries[[$0]]?.table }
      func cdf(_ group: Int, _ t: Double) -> Double {
        let table = tables[group]
        guard t < table.images[table.images.count - 1] else { return 1 }
        guard t >= table.images[0] else { return 0 }
        let place = table.images.lastIndex { $0 <= t } ?? 0
        let (y, next) = (table.images[place], table.images[place + 1])
        let x =
          table.knots[place] + (table.knots[place + 1] - table.knots[place]) * (t - y) / (next - y)
        return Normal.cdf((x - Double(group)) / (1 + 0.5 * Double(group)))
      }
      var ks = 0.0
      for t in tables[0].images + tables[1].images {
        for t in [t.nextDown, t] { ks = max(ks, abs(cdf(0, t) - cdf(1, t))) }
      }
      if case .atMost(let bound) = map.certificates[0].distributionFree, ks <= bound { free += 1 }
      if case .atMost(let bound) = map.certificates[0].asymptotic, ks <= bound { asymptotic += 1 }
    }
    #expect(free >= 195)
    // 95% of 200 within three standard errors (4.6%), and never far below.
    #expect(asymptotic >= 181)
  }

  @Test func compressedMapsStayWithinTheStatedError() throws {
    let sample = NormalSample([30_000, 9000], seed: 8)
    let exact = try WassersteinMap(sample.data(), settings: Self.exact)
    var settings = WassersteinSettings()
    settings.knots = 256
    // Knots by rank alone: none is added to keep values close in the tails.
    settings.valueError = nil
    let small = try WassersteinMap(sample.data(), settings: settings)
    #expect(small.recheck().isEmpty && small.summary == nil)
    let (a, b) = (
      applied(exact, sample.values, [sample.codes]).results,
      applied(small, sample.values, [sample.codes]).results
    )
    for group in 0..<2 {
      let entry = try #require(small.scores[0].steps[0].entries[[group]])
      #expect(entry.ranks.values.count <= 514)
      #expect(Compression.rankError(of: entry.ranks) <= 1.0 / 256)
      var worst = 0.0
      for row in a.indices where Int(sample.codes[row]) == group {
        worst = max(worst, abs(a[row] - b[row]))
      }
      #expect(worst <= entry.valueError + 1e-12 && worst > 0)
    }
  }
}
