import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

@Suite struct WassersteinPolicyTests {
  let sample = NormalSample([200, 100], seed: 11)

  func map(_ change: (inout WassersteinSettings) -> Void) throws -> WassersteinMap {
    var settings = WassersteinSettings()
    change(&settings)
    return try WassersteinMap(sample.data(), settings: settings)
  }

  @Test func unseenGroups() throws {
    let error = applied(try map { _ in }, [0.5], [[-2]])
    #expect(error.results[0].isNaN && error.outcomes[0] == [.unseenGroup, .refused])
    let pass = applied(try map { $0.unseen = .pass }, [0.5], [[-2]])
    #expect(pass.results[0] == 0.5 && pass.outcomes[0] == [.unseenGroup, .passed])
    let pooled = try map { $0.unseen = .pool }
    let pool = applied(pooled, [0.5], [[-2]])
    #expect(pool.outcomes[0] == [.unseenGroup, .pooled])
    // Between the two groups' own results for the same score.
    let own = applied(pooled, [0.5, 0.5], [[0, 1]]).results
    #expect(pool.results[0] > min(own[0], own[1]) && pool.results[0] < max(own[0], own[1]))
  }

  @Test func missingGroupsAndScores() throws {
    #expect(applied(try map { _ in }, [0.5], [[-1]]).outcomes[0] == [.missingGroup, .refused])
    #expect(
      applied(try map { $0.missingGroup = .drop }, [0.5], [[-1]]).outcomes[0]
        == [.missingGroup, .dropped])
    let pass = applied(try map { $0.missingGroup = .pass }, [0.5, .nan], [[-1, 0]])
    #expect(pass.outcomes == [[.missingGroup, .passed], .missingScore])
    #expect(pass.results[0] == 0.5 && pass.results[1].isNaN)
    var data = sample.data()
    let codes = sample.codes.enumerated().map { $0 % 5 == 0 ? -1 : $1 }
    data.attributes = [Grouping(columns: ["g"], keys: sample.groups, codes: codes)]
    #expect(throws: AdjustmentError.missingGroups(rows: 60)) {
      try WassersteinMap(data, settings: WassersteinSettings())
    }
    var settings = WassersteinSettings()
    settings.missingGroup = .own
    let own = try WassersteinMap(data, settings: settings)
    #expect(own.attributes[0].keys.count == 3)
    let result = applied(own, [0.5], [[-1]])
    #expect(result.outcomes[0] == [] && !result.results[0].isNaN)
  }

  @Test func outsideTheRange() throws {
    let top = sample.values[..<200].max() ?? 0
    let clamp = applied(try map { _ in }, [top, top + 1], [[0, 0]])
    #expect(clamp.outcomes == [[], [.outside, .clamped]])
    #expect(clamp.results[0] == clamp.results[1])
    let shift = applied(try map { $0.outside = .shift }, [top, top + 1], [[0, 0]])
    #expect(shift.outcomes[1] == [.outside, .shifted])
    #expect(isClose(shift.results[1], shift.results[0] + 1, absolute: 1e-12))
    let limited = try map {
      $0.outside = .shift
      $0.range = -50...50
    }
    #expect(applied(limited, [1000], [[0]]).results[0] == 50)
    #expect(
      applied(try map { $0.outside = .error }, [top + 1], [[0]]).outcomes[0]
        == [.outside, .refused])
  }

  @Test func badDataIsRefused() throws {
    #expect(throws: AdjustmentError.badScores(score: "p", rows: 1)) {
      var data = sample.data()
      data.scores[0].values[3] = .infinity
      _ = try WassersteinMap(data, settings: WassersteinSettings())
    }
    #expect(throws: AdjustmentError.badWeights(rows: 2)) {
      var weights = sample.values.map { _ in 1.0 }
      weights[0] = -1
      weights[5] = .nan
      _ = try WassersteinMap(sample.data(weights: weights), settings: WassersteinSettings())
    }
    #expect(throws: AdjustmentError.needsKeys(setting: "ties", value: "random")) {
      var data = sample.data()
      data.keys = nil
      var settings = WassersteinSettings()
      settings.ties = .random
      _ = try WassersteinMap(data, settings: settings)
    }
  }

  /// Two crossed attributes with one cell of five records.
  static func crossed() -> CalibrationData {
    var stream = RandomStream(seed: 12, purpose: "tests.crossed")
    let sizes = [[300, 200], [250, 5]]
    var values: [Double] = []
    var codes: [[Int32]] = [[], []]
    for a in 0..<2 {
      for b in 0..<2 {
        for _ in 0..<sizes[a][b] {
          values.append(Double(a) + 0.5 * Double(b) + stream.normal())
          codes[0].append(Int32(a))
          codes[1].append(Int32(b))
        }
      }
    }
    let keys = ["0", "1"].map { GroupKey([ByteText($0)]) }
    return CalibrationData(
      scores: [("p", values)],
      attributes: [
        Grouping(columns: ["a"], keys: keys, codes: codes[0]),
        Grouping(columns: ["b"], keys: keys, codes: codes[1]),
      ])
  }

  @Test func smallCells() throws {
    let data = Self.crossed()
    let keys = data.attributes[0].keys
    #expect(
      throws: AdjustmentError.smallCells(
        [CellCount(keys: [keys[1], keys[1]], rows: 5)], minimum: 30)
    ) { try WassersteinMap(data, settings: WassersteinSettings()) }
    for policy in [SmallCellPolicy.pool, .marginal] {
      var settings = WassersteinSettings()
      settings.smallCell = policy
      let map = try WassersteinMap(data, settings: settings)
      let result = applied(map, [1, 1, 1, 1], [[0, 0, 1, 1], [0, 1, 0, 1]])
      #expect(result.results.allSatisfy { $0.isFinite })
      if policy == .pool {
        #expect(result.outcomes == [[], [], [], [.smallCell, .pooled]])
      }
    }
  }

  /// Conditional steps end fair on the crossing, up to the sample's size.
  @Test func stepsEndFairInBothOrders() throws {
    var data = Self.crossed()
    var settings = WassersteinSettings()
    settings.minimumGroup = 1
    let raw = data.scores[0].values
    let forward = applied(
      try WassersteinMap(data, settings: settings), raw, data.attributes.map(\.codes)
    ).results
    data.attributes.reverse()
    let backward = applied(
      try WassersteinMap(data, settings: settings), raw, data.attributes.map(\.codes)
    ).results
    let rms =
      (zip(forward, backward).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      / Double(raw.count)).squareRoot()
    #expect(rms < 0.1)
    for codes in data.attributes.map(\.codes) {
      let groups = (0..<2).map { code in
        Distribution(forward.indices.filter { codes[$0] == Int32(code) }.map { forward[$0] })
      }
      #expect(groups[0].distances(to: groups[1]).ks < 0.05)
    }
  }

  @Test func aLyingMapIsCaught() throws {
    let honest = try map { _ in }
    #expect(honest.recheck().isEmpty)
    let other = try WassersteinMap(
      NormalSample([200, 100], seed: 99).data(), settings: WassersteinSettings())
    let lying = WassersteinMap(
      settings: honest.settings, attributes: honest.attributes, scores: honest.scores,
      summary: nil, certificates: other.certificates)
    #expect(!lying.recheck().isEmpty)
  }
}
