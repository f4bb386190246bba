import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// Maps as files: what merges, what reads back, and what lies.
@Suite struct WassersteinFileTests {
  private func bytes(_ map: WassersteinMap) throws -> [UInt8] {
    try map.adjustment(idColumn: "id").json().written()
  }

  private var settings: [WassersteinSettings] {
    var list: [WassersteinSettings] = []
    for estimator in Estimator.allCases {
      var settings = WassersteinSettings()
      settings.knots = nil
      settings.estimator = estimator
      list.append(settings)
    }
    var random = WassersteinSettings()
    random.knots = nil
    random.ties = .random
    var jitter = random
    jitter.ties = .mean
    jitter.jitter = 0.01
    var shifted = random
    shifted.epsilons = [0.25]
    shifted.groupWeights = .equal
    return list + [random, jitter, shifted]
  }

  /// Every byte of the map of the whole, from the summaries of its parts in any order.
  @Test func mapsOfPartsMergeIntoTheBytesOfTheWhole() throws {
    let sample = NormalSample([230, 110, 45], seed: 50, step: 0.05)
    var stream = RandomStream(seed: 51, purpose: "tests.merge")
    for settings in settings {
      let order = stream.permutation(sample.values.count)
      let cut = 1 + Int(stream.uniform() * 300)
      func part(_ rows: [Int]) throws -> CalibrationSummary {
        try CalibrationSummary(sample.data(rows), settings: settings)
      }
      let whole = try WassersteinMap(part(Array(sample.values.indices)), settings: settings)
      let merged = try CalibrationSummary.merging([
        part(Array(order[cut...])), part(Array(order[..<cut])),
      ])
      #expect(try bytes(WassersteinMap(merged, settings: settings)) == bytes(whole))
      // A map that was stored and read gives its data back for the next merge.
      let read = try WassersteinMethod.read(JSONValue(reading: bytes(whole), limit: 1 << 24))
      #expect(try read.json().written() == bytes(whole))
      #expect(read.contradiction() == nil)
    }
  }

  @Test func weightedPartsMergeExactly() throws {
    let sample = NormalSample([150, 90], seed: 52, step: 0.1)
    var stream = RandomStream(seed: 53, purpose: "tests.merge")
    // Weights whose sums round in every order.
    let weights = sample.values.map { _ in stream.uniform() * 1e3 + 1e-9 }
    var settings = WassersteinSettings()
    settings.knots = nil
    func part(_ rows: [Int]) throws -> CalibrationSummary {
      try CalibrationSummary(
        sample.data(rows, weights: rows.map { weights[$0] }), settings: settings)
    }
    let order = stream.permutation(sample.values.count)
    let whole = try WassersteinMap(part(Array(sample.values.indices)), settings: settings)
    let parts = try [
      part(Array(order[..<77])), part(Array(order[77..<78])), part(Array(order[78...])),
    ]
    let merged = try CalibrationSummary.merging(parts.reversed())
    #expect(try bytes(WassersteinMap(merged, settings: settings)) == bytes(whole))
  }

  /// Changes one member of the first certificate.
  private func lying(
    _ json: JSONValue, _ change: (inout JSONObject) -> Void
  ) throws -> (any Adjustment)? {
    guard case .object(var object) = json, case .array(var list)? = object["certificates"],
      case .object(var certificate) = list[0]
    else {
      Issue.record("a certificate was expected")
      return nil
    }
    change(&certificate)
    list[0] = .object(certificate)
    object["certificates"] = .array(list)
    return try WassersteinMethod.read(.object(object))
  }

  @Test(arguments: [nil, 4096, 64]) func lyingCertificatesAreCaught(_ knots: Int?) throws {
    let sample = NormalSample([400, 200], seed: 54)
    var settings = WassersteinSettings()
    settings.knots = knots
    let json = try WassersteinMap(sample.data(), settings: settings).adjustment().json()
    #expect(try lying(json) { _ in }?.contradiction() == nil)
    let lies: [(inout JSONObject) -> Void] = [
      { $0["asymptotic bound"] = .number(0.01) },
      { $0["distribution-free bound"] = .number(0.01) },
      { $0["keeps order"] = .bool(false) },
      { $0["before"] = ["ks": 0.05, "w1": 0.1, "w2": 0.1, "mean gap": 0.1] },
      { certificate in
        guard case .array(var groups)? = certificate["groups"], case .object(var group) = groups[0]
        else { return }
        group["records"] = 401
        groups[0] = .object(group)
        certificate["groups"] = .array(groups)
      },
      { certificate in
        guard case .array(var groups)? = certificate["groups"], case .object(var group) = groups[1]
        else { return }
        group["mean before"] = 0.25
        groups[1] = .object(group)
        certificate["groups"] = .array(groups)
      },
    ]
    for (place, lie) in lies.enumerated() {
      #expect(try lying(json, lie)?.contradiction() != nil, "lie \(place)")
    }
    let figures: [String: [String: Double]] = [
      "price": ["": 1e-9], "closed-form price": ["": 1e-9], "mean after": ["": 0.001],
      "mean before": ["": 0.001],
      "before": ["w1": 1e-9, "w2": 1e-9, "mean gap": 1e-9],
      "after in sample": ["ks": 0.5, "w1": 0.5, "w2": 0.5, "mean gap": 0.5],
    ]
    for (member, parts) in figures {
      for (part, value) in parts {
        let lie = try lying(json) { certificate in
          if part.isEmpty {
            certificate[member] = .number(value)
          } else if case .object(var whole)? = certificate[member] {
            whole[part] = .number(value)
            certificate[member] = .object(whole)
          }
        }
        #expect(lie?.contradiction() != nil, "\(member) \(part)")
      }
    }
    // A map that keeps its data is computed again whole: no figure can be changed.
    guard knots == nil else { return }
    let after: JSONValue = ["ks": 0.001, "w1": 0.1, "w2": 0.1, "mean gap": 0.1]
    #expect(try lying(json) { $0["after cross-fitted"] = after }?.contradiction() != nil)
  }
}

@Suite struct WassersteinHonestyTests {
  /// A map whose functions were made to change nothing, below the certificate of the one that did.
  @Test(arguments: [4096, 64]) func swappedFunctionsAreCaught(_ knots: Int) throws {
    var settings = WassersteinSettings()
    settings.knots = knots
    let map = try WassersteinMap(NormalSample([900, 700], seed: 71).data(), settings: settings)
    let json = map.adjustment().json()
    #expect(try WassersteinMethod.read(json).contradiction() == nil)
    let forged = identity(json)
    #expect(try WassersteinMethod.read(forged).contradiction() != nil)
  }

  /// Every function's images are its knots.
  private func identity(_ json: JSONValue) -> JSONValue {
    switch json {
    case .array(let list): return .array(list.map(identity))
    case .object(let object):
      var result = JSONObject()
      for (key, value) in object.members {
        result[key] = key == "images" ? object["knots"] : identity(value)
      }
      return .object(result)
    default: return json
    }
  }

  /// Honest maps of every kind pass.
  @Test(arguments: [2, 5, 40, 4096], [0, 0.3, 1]) func honestMapsPass(
    _ knots: Int, _ epsilon: Double
  ) throws {
    for step in [0, 0.1, 1] {
      for estimator in Estimator.allCases {
        var settings = WassersteinSettings()
        settings.knots = knots
        settings.epsilons = [epsilon]
        settings.estimator = estimator
        let sample = NormalSample([300, 200, 60], seed: 72, step: step)
        let weights = sample.values.indices.map { Double($0 % 4) / 2 + 0.25 }
        for data in [sample.data(), sample.data(weights: weights)] {
          let map: WassersteinMap
          do { map = try WassersteinMap(data, settings: settings) } catch {
            // Equal ranks have no fractional records, and say so; all else passes.
            #expect(
              "\(error)".contains("fractional") && estimator == .equipy && data.weights != nil,
              "\(estimator) \(error)")
            continue
          }
          #expect(map.recheck() == [], "\(estimator) \(step)")
        }
      }
    }
  }
}

@Suite struct WassersteinRandomTiesTests {
  /// Ties spread at random over two attributes end fair on the crossing.
  @Test func severalAttributes() throws {
    var stream = RandomStream(seed: 60, purpose: "tests.random")
    var values: [Double] = []
    var codes: [[Int32]] = [[], []]
    for a in 0..<2 {
      for b in 0..<2 {
        for _ in 0..<(3000 + 2000 * a) {
          values.append((Double(a) + 2 * Double(a * b) + stream.normal()).rounded())
          codes[0].append(Int32(a))
          codes[1].append(Int32(b))
        }
      }
    }
    let groups = ["0", "1"].map { GroupKey([ByteText($0)]) }
    let keys = values.indices.map { UInt64($0) }
    func cells(_ numbers: [Double]) -> [Distribution] {
      (0..<4).map { cell in
        Distribution(
          numbers.indices.filter { codes[0][$0] == cell / 2 && codes[1][$0] == cell % 2 }
            .map { numbers[$0] })
      }
    }
    var distances: [TieRule: Double] = [:]
    for ties in [TieRule.mean, .random] {
      var settings = WassersteinSettings()
      settings.ties = ties
      settings.knots = nil
      let data = CalibrationData(
        scores: [("p", values)],
        attributes: [
          Grouping(columns: ["a"], keys: groups, codes: codes[0]),
          Grouping(columns: ["b"], keys: groups, codes: codes[1]),
        ], keys: keys)
      let map = try WassersteinMap(data, settings: settings)
      let fair = applied(map, values, codes, keys: keys).results
      distances[ties] = Distribution.largestKolmogorovSmirnov(of: cells(fair))
      // Up to the draws the overall mean stays.
      let means = (Distribution(fair).mean, Distribution(values).mean)
      #expect(isClose(means.0, means.1, absolute: 0.03))
    }
    // 1.358 sqrt(2/3000) with room for six pairs.
    #expect((distances[.random] ?? 1) < 0.05)
    #expect((distances[.mean] ?? 0) > 0.1)
  }

  @Test func epsilonBlendsWhatWasDrawn() throws {
    let sample = NormalSample([500, 300], seed: 61, step: 1)
    for epsilon in [0, 0.4, 1] {
      var settings = WassersteinSettings()
      settings.ties = .random
      settings.epsilons = [epsilon]
      let map = try WassersteinMap(sample.data(), settings: settings)
      let certificate = map.certificates[0]
      // W1, W2 and mean gaps scale exactly once ties are spread.
      #expect(isClose(certificate.inSample.w1, epsilon * certificate.before.w1, absolute: 1e-9))
      #expect(isClose(certificate.inSample.w2, epsilon * certificate.before.w2, absolute: 1e-9))
      #expect(
        isClose(certificate.inSample.meanGap, epsilon * certificate.before.meanGap, absolute: 1e-9))
    }
  }
}

@Suite struct LargestDistanceTests {
  /// One walk over all groups gives the largest distance of any pair.
  @Test(arguments: [2, 3, 7, 40]) func agreesWithEveryPair(_ count: Int) {
    for seed in 0..<5 {
      var stream = RandomStream(seed: UInt64(seed), purpose: "tests.distance")
      let groups = (0..<count).map { _ in
        Distribution(
          (0..<(5 + Int(stream.uniform() * 60))).map { _ in (stream.normal() * 8).rounded() })
      }
      var largest = 0.0
      for i in groups.indices {
        for j in groups.indices where j > i {
          largest = max(largest, groups[i].kolmogorovSmirnov(to: groups[j]))
        }
      }
      #expect(isClose(Distribution.largestKolmogorovSmirnov(of: groups), largest, absolute: 1e-15))
    }
  }
}

@Suite struct WassersteinSplitTests {
  /// Over calibration samples the split estimator's result has one law in every group, up to one
  /// rank of the smaller half, whatever the laws of the scores.
  @Test func parityHoldsOverCalibrationSamples() throws {
    var results: [[Double]] = [[], []]
    var smallest = Int.max
    for draw in 0..<600 {
      var stream = RandomStream(seed: UInt64(draw), purpose: "tests.split")
      func score(_ group: Int) -> Double {
        let z = stream.normal()
        return group == 0 ? z : 3 + z * z
      }
      let codes = (0..<60).map { Int32($0 % 2) }
      let values = codes.map { score(Int($0)) }
      let keys = codes.map { _ in UInt64(stream.uniform() * 1e15) }
      var settings = WassersteinSettings()
      settings.estimator = .split
      settings.certificate = false
      settings.seed = UInt64(draw)
      let groups = ["a", "b"].map { GroupKey([ByteText($0)]) }
      let map = try WassersteinMap(
        CalibrationData(
          scores: [("p", values)],
          attributes: [Grouping(columns: ["g"], keys: groups, codes: codes)], keys: keys),
        settings: settings)
      for group in 0..<2 {
        if let ranks = map.scores[0].steps[0].entries[[group]]?.ranks {
          smallest = min(smallest, ranks.rows)
        }
        let fresh = (0..<10).map { _ in score(group) }
        results[group] += applied(map, fresh, [fresh.map { _ in Int32(group) }]).results
      }
    }
    let ks = Distribution(results[0]).kolmogorovSmirnov(to: Distribution(results[1]))
    // The guarantee for halves of this size, and what 6,000 draws a group add (99.9%).
    #expect(ks <= 1 / Double(smallest + 1) + 1.95 * (2.0 / 6000).squareRoot())
    #expect(ks < 0.05)
  }
}
