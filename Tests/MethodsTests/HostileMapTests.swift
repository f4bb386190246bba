import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import Testing
import FairpostTransport

/// A random calibration sample of the kinds that break arithmetic.
private struct HostileSample {
  var data: CalibrationData
  var settings = WassersteinSettings()

  init(_ number: Int) {
    var stream = RandomStream(seed: 77, purpose: "tests.hostile", index: UInt64(number))
    func pick<Element>(_ list: [Element]) -> Element {
      list[min(Int(stream.uniform() * Double(list.count)), list.count - 1)]
    }
    let rows = pick([4, 30, 150])
    let scale = pick([1, 1e150, 1e100, .leastNonzeroMagnitude, 1e-300, 1e-160, 1e155.squareRoot()])
    let isMixed = pick([true, false])
    let atoms = pick([0, 0.5, 1])
    let base = (0..<7).map { _ in (2 * stream.uniform() - 1) * scale } + [scale, -scale, 0, -0.0]
    let values = (0..<rows).map { _ -> Double in
      if stream.uniform() < atoms { return pick(base) }
      let size = isMixed ? pick([1e150, 1, 1e-300, .leastNonzeroMagnitude]) : scale
      return (2 * stream.uniform() - 1) * size
    }
    let key = StableHash(seed: 1, purpose: "tests.keys")
    func grouping(_ column: String, _ count: Int) -> Grouping {
      Grouping(
        columns: [column], keys: (0..<count).map { GroupKey([ByteText("\(column)\($0)")]) },
        codes: (0..<rows).map { $0 < count ? Int32($0) : Int32(pick(Array(0..<count))) })
    }
    var attributes = [grouping("g", pick([1, 2, 3]))]
    if pick([true, false, false]) { attributes.append(grouping("h", 2)) }
    data = CalibrationData(
      scores: [("p", values)], attributes: attributes,
      keys: (0..<rows).map { key(UInt64($0)) })
    settings.minimumGroup = pick([1, 1, 20])
    settings.allowsSingletons = true
    settings.smallCell = settings.minimumGroup > 1 ? pick([.pool, .marginal]) : .error
    settings.estimator = pick([.meanOfAtom, .meanOfAtom, .equipy, .hazen, .split])
    if settings.estimator == .meanOfAtom { settings.ties = pick([.mean, .mean, .mid, .random]) }
    settings.knots = pick([nil, 4096, 7])
    settings.epsilons = [pick([0, 0, 0.3, 1])]
    settings.jitter = pick([0, 0, 0, 1e-3, 1e150])
    settings.outside = pick([.clamp, .shift])
    settings.unseen = pick([.error, .pool])
    settings.groupWeights = pick([.shares, .equal])
    switch pick([0, 0, 1, 2]) {
    case 1:
      data.weights = (0..<rows).map { _ in Double(1 + Int(stream.uniform() * 5)) }
      data.frequency = true
    case 2: data.weights = (0..<rows).map { _ in pick([1e-3, 1, 1e12, 0.1]) }
    default: break
    }
    if settings.estimator == .equipy, !data.frequency { data.weights = nil }
  }
}

/// Scores as they may come when a map is applied.
private let probes: [Double] = [
  0, -0.0, 0.5, -1, 1e-300, .leastNonzeroMagnitude, 1e150, -1e150, 1.7e308, -1.7e308, .nan,
]

/// Says what is wrong with a map in use: a result that is no number, a score that is lost.
private func fault(of adjustment: any Adjustment, _ values: [Double] = probes) -> String? {
  _ = adjustment.description()
  for score in adjustment.scoreColumns.indices {
    _ = adjustment.calibration(of: score)
    let groups = adjustment.groupKeys.map(\.count)
    for turn in 0..<(groups.max() ?? 1) {
      let codes = groups.map { [Int32](repeating: Int32(turn % $0), count: values.count) }
      let batch = adjustment.apply(
        score: score, values: values, codes: codes,
        keys: values.indices.map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }, steps: false)
      for (row, value) in values.enumerated() {
        for column in batch.columns {
          let result = column[row]
          if result.isInfinite { return "\(value) gives \(result)" }
          if result.isNaN, !value.isNaN, !batch.outcomes[row].contains(.refused) {
            return "\(value) gives no number"
          }
        }
      }
    }
  }
  return nil
}

@Suite struct HostileMapTests {
  /// What a fit writes is read, keeps its own claims, and gives numbers: whatever the sample.
  @Test(.timeLimit(.minutes(30))) func whatIsFittedIsReadAndUsed() throws {
    for number in 0..<NumberMutation.cases(400) {
      let sample = HostileSample(number)
      let map: WassersteinMap
      do throws(AdjustmentError) {
        map = try WassersteinMap(sample.data, settings: sample.settings)
      } catch {
        continue
      }
      let bytes: [UInt8]
      do {
        bytes = try map.adjustment(idColumn: "id").json().written()
        let read = try WassersteinMethod.read(JSONValue(reading: bytes, limit: 1 << 26))
        #expect(read.contradiction() == nil, "sample \(number): \(sample.settings)")
        #expect(fault(of: read) == nil, "sample \(number)")
        #expect(fault(of: read, sample.data.scores[0].values) == nil, "sample \(number)")
        #expect(try read.json().written() == bytes, "sample \(number)")
      } catch {
        Issue.record("sample \(number): \(error)")
      }
    }
  }

  /// A map in which any number was replaced, with a checksum that fits: it is refused in words, or it
  /// is a map still.
  @Test(.timeLimit(.minutes(120))) func mapsWithReplacedNumbersAreRefusedOrWork() throws {
    var maps: [JSONValue] = []
    for (place, knots) in [4096, nil, 12, nil, 4096, 4096].enumerated() {
      var settings = WassersteinSettings()
      settings.knots = knots
      settings.outside = place % 2 == 0 ? .shift : .clamp
      var frequency: [Double]?
      if place == 3 {
        settings.estimator = .equipy
        frequency = (0..<46).map { Double(1 + $0 % 3) }
      }
      if place == 4 { settings.ties = .random }
      if place == 5 {
        settings.unseen = .pool
        settings.targetW2 = 0.4
      }
      let sample = NormalSample([25, 14, 7], seed: UInt64(place), step: 0.25)
      let map = try WassersteinMap(
        sample.data(weights: frequency, frequency: frequency != nil), settings: settings)
      maps.append(map.adjustment(idColumn: "id").json())
    }
    var stream = RandomStream(seed: 78, purpose: "tests.mutation")
    for number in 0..<NumberMutation.cases(1500) {
      let json = maps[number % maps.count]
      let place = Int(stream.uniform() * Double(NumberMutation.count(json)))
      let choice = Int(stream.uniform() * Double(HostileNumber.all.count))
      let changed = NumberMutation.replacing(place, of: json, by: HostileNumber.all[choice])
      let adjustment: any Adjustment
      do { adjustment = try WassersteinMethod.read(changed) } catch {
        #expect(error is JSONError, "case \(number): \(error)")
        continue
      }
      _ = adjustment.contradiction()
      #expect(fault(of: adjustment) == nil, "case \(number)")
    }
  }

  /// The structure, not the numbers: lists emptied, members removed.
  @Test func mapsWithoutAPartAreRefused() throws {
    let sample = NormalSample([25, 14], seed: 3)
    let json = try WassersteinMap(sample.data(), settings: WassersteinSettings()).adjustment()
      .json()
    func emptied(_ value: JSONValue, _ name: String) -> JSONValue {
      switch value {
      case .array(let elements): return .array(elements.map { emptied($0, name) })
      case .object(let object):
        var changed = JSONObject()
        for (key, value) in object.members {
          changed.append(key, key == name ? .array([]) : emptied(value, name))
        }
        return .object(changed)
      default: return value
      }
    }
    let lists = [
      "steps", "scores", "attributes", "groups", "columns", "epsilon", "knots", "images",
      "certificates", "squared weights",
    ]
    for name in lists {
      #expect(throws: JSONError.self, "\(name)") {
        try WassersteinMethod.read(emptied(json, name))
      }
    }
  }
}
