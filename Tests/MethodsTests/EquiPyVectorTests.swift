import FairpostMethods
import FairpostTestSupport
import Testing
import FairpostTransport

/// Codes of texts against keys: sorted for a fit, looked up for rows.
func grouping(_ column: String, _ texts: [String]) -> Grouping {
  let keys = Set(texts).sorted().map { GroupKey([ByteTextOf($0)]) }
  let index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, Int32($0)) })
  return Grouping(
    columns: [column], keys: keys, codes: texts.map { index[GroupKey([ByteTextOf($0)])] ?? -1 })
}

func codesOf(_ texts: [String], in keys: [GroupKey]) -> [Int32] {
  texts.map { text in
    Int32(keys.firstIndex(of: GroupKey([ByteTextOf(text)])) ?? Int(WassersteinMap.unseenCode))
  }
}

func applied(
  _ map: WassersteinMap, _ values: [Double], _ codes: [[Int32]], keys: [UInt64]? = nil
) -> (results: [Double], outcomes: [Outcome]) {
  var results = values
  var outcomes = [Outcome](repeating: [], count: values.count)
  map.apply(
    score: 0, values: values, codes: codes, keys: keys, into: &results, outcomes: &outcomes)
  return (results, outcomes)
}

@Suite(.enabled(if: Shared.isPresent)) struct EquiPyVectorTests {
  static func settings(_ epsilons: [Double]) -> WassersteinSettings {
    var settings = WassersteinSettings()
    settings.estimator = .equipy
    settings.epsilons = epsilons
    settings.knots = nil
    settings.certificate = false
    settings.minimumGroup = 1
    settings.allowsSingletons = true
    return settings
  }

  @Test(arguments: ["two_groups", "ties", "out_of_range", "singleton_group", "batch_dependence"])
  func oneAttribute(_ name: String) throws {
    let calib = try PlainCSV(path: Shared.path("reference/equipy/\(name)_calib.csv"))
    let test = try PlainCSV(path: Shared.path("reference/equipy/\(name)_test.csv"))
    var checked = 0
    for sigma in ["0", "0.0001", "0.5"] {
      for epsilon in ["0", "0.3", "1"] {
        var column = "fair_sigma\(sigma)_eps\(epsilon)"
        if name == "batch_dependence", sigma == "0", epsilon == "0" { column = "fair_full_batch" }
        guard test.header.contains(column) else { continue }
        let noise = "jitter_sigma\(sigma)"
        let calibScores = zip(
          calib.numbers("score"),
          sigma == "0" ? calib.rows.map { _ in 0 } : calib.numbers(noise)
        ).map { $0 + $1 }
        let testNoise = sigma == "0" ? test.rows.map { _ in 0.0 } : test.numbers(noise)
        let raw = test.numbers("score")
        // EquiPy blends with the score before its noise: fit at epsilon 0 and blend here.
        let data = CalibrationData(
          scores: [("p", calibScores)], attributes: [grouping("g", calib.texts("group"))])
        let map = try WassersteinMap(
          data, settings: Self.settings([sigma == "0" ? Double(epsilon)! : 0]))
        let codes = codesOf(test.texts("group"), in: map.attributes[0].keys)
        var results = applied(map, zip(raw, testNoise).map { $0 + $1 }, [codes]).results
        if sigma != "0" {
          let e = Double(epsilon)!
          results = zip(results, raw).map { (1 - e) * $0 + e * $1 }
        }
        #expect(largestDifference(results, test.numbers(column)) < 1e-9, "\(column)")
        checked += 1
      }
    }
    #expect(checked > 0)
  }

  @Test(arguments: [["a", "b"], ["b", "a"]])
  func twoAttributes(_ order: [String]) throws {
    let calib = try PlainCSVQuoted(path: Shared.path("reference/equipy/two_attributes_calib.csv"))
    let test = try PlainCSVQuoted(path: Shared.path("reference/equipy/two_attributes_test.csv"))
    for epsilons in [[0, 0], [0.3, 0.3], [0.3, 0.6]] {
      let label = epsilons.map { $0 == 0 ? "0" : "\($0)" }.joined(separator: ",")
      let data = CalibrationData(
        scores: [("p", calib.numbers("score"))],
        attributes: order.map { grouping($0, calib.texts($0)) })
      let map = try WassersteinMap(data, settings: Self.settings(epsilons))
      let codes = order.enumerated().map {
        codesOf(test.texts($1), in: map.attributes[$0].keys)
      }
      let raw = test.numbers("score")
      var outcomes = [Outcome](repeating: [], count: raw.count)
      let steps = map.applySteps(score: 0, values: raw, codes: codes, outcomes: &outcomes)
      let name = "\(order[0])-\(order[1])_eps\(label)"
      #expect(largestDifference(steps[0], test.numbers("step1_\(name)")) < 1e-9, "\(name)")
      #expect(largestDifference(steps[1], test.numbers("final_\(name)")) < 1e-9, "\(name)")
    }
  }

  /// EquiPy sums weights over the groups of the batch only; here a row's result is its own.
  @Test func absentGroupsChangeNothing() throws {
    let calib = try PlainCSV(path: Shared.path("reference/equipy/batch_dependence_calib.csv"))
    let test = try PlainCSV(path: Shared.path("reference/equipy/batch_dependence_test.csv"))
    let map = try WassersteinMap(
      CalibrationData(
        scores: [("p", calib.numbers("score"))],
        attributes: [grouping("g", calib.texts("group"))]), settings: Self.settings([0]))
    let all = applied(
      map, test.numbers("score"), [codesOf(test.texts("group"), in: map.attributes[0].keys)]
    ).results
    for (row, text) in test.texts("group").enumerated() {
      let one = applied(
        map, [test.numbers("score")[row]], [codesOf([text], in: map.attributes[0].keys)]
      ).results
      #expect(one[0] == all[row])
    }
  }

  @Test func communitiesAndCrime() throws {
    let calib = try PlainCSV(path: Shared.path("reference/wasserstein/crime_rf_calib.csv"))
    let test = try PlainCSV(path: Shared.path("reference/wasserstein/crime_rf_test.csv"))
    let map = try WassersteinMap(
      CalibrationData(
        scores: [("p", calib.numbers("score"))],
        attributes: [grouping("g", calib.texts("group"))]), settings: Self.settings([0]))
    let raw = test.numbers("score")
    let truth = test.numbers("y_true")
    let groups = test.texts("group")
    let fair = applied(map, raw, [codesOf(groups, in: map.attributes[0].keys)]).results
    func mse(_ p: [Double]) -> Double {
      zip(p, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(p.count)
    }
    func ks(_ p: [Double]) -> Double {
      let zero = Distribution(zip(p, groups).filter { $0.1 == "0" }.map(\.0))
      let one = Distribution(zip(p, groups).filter { $0.1 == "1" }.map(\.0))
      return zero.distances(to: one).ks
    }
    #expect(largestDifference(fair, test.numbers("fair_equipy_sigma0")) < 1e-9)
    #expect(isClose(mse(raw), 0.014127, absolute: 5e-7))
    #expect(isClose(mse(fair), 0.032236, absolute: 5e-7))
    #expect(isClose(ks(raw), 0.602202, absolute: 5e-7))
    #expect(isClose(ks(fair), 0.090154, absolute: 5e-7))
  }

  /// The tie figures of the ProPublica decile score: KS, W1 and mean for each rule.
  @Test func compasDeciles() throws {
    let table = try PlainCSV(path: Shared.path("data/compas.csv"))
    let scores = table.numbers("decile_score")
    let groups = table.texts("race").map { $0 == "African-American" ? "b" : "o" }
    #expect(scores.count == 6172)
    for (ties, ks, w1, mean) in [
      (TieRule.mean, 0.192, 0.393, 4.4185), (.mid, 0.115, 0.349, 4.410),
      (.random, 0.0125, 0.026, 4.424),
    ] {
      var settings = WassersteinSettings()
      settings.ties = ties
      let keys = (0..<UInt64(scores.count)).map { $0 }
      let map = try WassersteinMap(
        CalibrationData(
          scores: [("p", scores)], attributes: [grouping("g", groups)], keys: keys),
        settings: settings)
      let fair = applied(
        map, scores, [codesOf(groups, in: map.attributes[0].keys)], keys: keys
      ).results
      let b = Distribution(zip(fair, groups).filter { $0.1 == "b" }.map(\.0))
      let o = Distribution(zip(fair, groups).filter { $0.1 == "o" }.map(\.0))
      let distances = b.distances(to: o)
      let average = fair.reduce(0, +) / Double(fair.count)
      if ties == .random {
        #expect(distances.ks < 0.03 && distances.w1 < 0.06)
        #expect(isClose(average, mean, absolute: 0.02))
      } else {
        #expect(isClose(distances.ks, ks, absolute: 6e-4))
        #expect(isClose(distances.w1, w1, absolute: 6e-4))
        #expect(isClose(average, mean, absolute: 6e-4))
      }
      #expect(isClose(map.certificates[0].before.ks, 0.2684, absolute: 5e-5))
      #expect(isClose(map.certificates[0].before.w1, 1.7677, absolute: 5e-5))
    }
  }
}
