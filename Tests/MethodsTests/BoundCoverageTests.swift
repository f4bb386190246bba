import Foundation
import FairpostMethods
import FairpostNumerics
import Testing
import FairpostTransport

/// How often the certificate's bounds hold for the population, by seeded draws of continuous scores.
///
/// Scores are uniform in every group, on intervals that differ, so that the population's distance
/// after a map is known exactly from the map's knots. The short form runs with the tests;
/// `make bound-coverage` runs 2,000 draws a case and writes the table.
struct BoundCoverageTests {
  struct Case {
    let sizes: [Int]
    let estimator: Estimator
  }

  static let cases = [
    Case(sizes: [100, 100], estimator: .meanOfAtom), Case(sizes: [100, 100], estimator: .equipy),
    Case(sizes: [50, 400], estimator: .meanOfAtom),
    Case(sizes: [1000, 300], estimator: .meanOfAtom),
    Case(sizes: [1000, 300], estimator: .equipy),
    Case(sizes: [2000, 2000], estimator: .meanOfAtom),
    Case(sizes: [400, 200, 100], estimator: .meanOfAtom),
    Case(sizes: [60, 60, 60, 60, 60], estimator: .equipy),
    Case(sizes: [3000, 1500, 800, 400, 200], estimator: .meanOfAtom),
  ]
  static let seed: UInt64 = 20_240_607

  @Test func boundsHoldAsOftenAsTheySay() throws {
    let table = ProcessInfo.processInfo.environment["FAIRPOST_COVERAGE_TABLE"]
    let draws = table == nil ? 100 : 2000
    var text = "groups,estimator,draws,seed,distribution_free,asymptotic\n"
    for (index, one) in Self.cases.enumerated() {
      let (free, limit) = try Self.coverage(one, draws: draws, index: UInt64(index))
      // Three standard errors of a share of 95% are allowed to the short form.
      let slack = table == nil ? 0.065 : 0
      #expect(free >= 0.95, "\(one)")
      #expect(limit >= 0.93 - slack, "\(one)")
      #expect(limit <= 0.97 + slack, "\(one)")
      let sizes = one.sizes.map(String.init).joined(separator: "+")
      text += "\(sizes),\(one.estimator.rawValue),\(draws),\(Self.seed),\(free),\(limit)\n"
    }
    if let table { try text.write(toFile: table, atomically: true, encoding: .utf8) }
  }

  /// The shares of draws in which the two bounds hold.
  static func coverage(
    _ one: Case, draws: Int, index: UInt64
  ) throws -> (free: Double, limit: Double) {
    let laws = one.sizes.indices.map { (least: 0.3 * Double($0), width: 1 + 0.7 * Double($0)) }
    let keys = one.sizes.indices.map { GroupKey([ByteText("g\($0)")]) }
    let codes = one.sizes.enumerated().flatMap {
      Array(repeating: Int32($0.offset), count: $0.element)
    }
    var settings = WassersteinSettings()
    settings.estimator = one.estimator
    settings.knots = nil
    let fixed = settings
    let holds = try Parallel.map(draws, threads: Parallel.cores) { draw -> [Bool]? in
      var stream = RandomStream(
        seed: seed, purpose: "bound coverage", index: index << 32 | UInt64(draw))
      let values = codes.map { code in
        laws[Int(code)].least + laws[Int(code)].width * stream.uniform()
      }
      let data = CalibrationData(
        scores: [("p", values)],
        attributes: [Grouping(columns: ["g"], keys: keys, codes: codes)])
      // The threads take no errors: a refused map is nil, and `#require` below fails on it.
      guard let map = try? WassersteinMap(data, settings: fixed),
        case .atMost(let free) = map.certificates[0].distributionFree,
        case .atMost(let limit) = map.certificates[0].asymptotic
      else { return nil }
      let tables = laws.indices.compactMap { map.scores[0].steps[0].entries[[$0]]?.table }
      let distance = largestDistance(tables, laws)
      return [distance <= free, distance <= limit]
    }.map { try #require($0) }
    return (
      Double(holds.count { $0[0] }) / Double(draws), Double(holds.count { $0[1] }) / Double(draws)
    )
  }

  /// The largest distance of the populations' CDFs after the maps, looked at on both sides of every
  /// image: between them the CDFs are straight.
  static func largestDistance(
    _ tables: [MapTable], _ laws: [(least: Double, width: Double)]
  ) -> Double {
    let levels = Set(tables.flatMap(\.images)).sorted()
    var largest = 0.0
    for level in levels {
      for includesLevel in [false, true] {
        let shares = zip(tables, laws).map { table, law in
          let end = reach(table, level, includesLevel)
          return min(max((end - law.least) / law.width, 0), 1)
        }
        largest = max(largest, (shares.max() ?? 0) - (shares.min() ?? 0))
      }
    }
    return largest
  }

  /// The supremum of the numbers that a map takes below a level, or to it.
  private static func reach(_ table: MapTable, _ level: Double, _ includesLevel: Bool) -> Double {
    func isBelow(_ image: Double) -> Bool { includesLevel ? image <= level : image < level }
    guard isBelow(table.below) else { return -.infinity }
    var (low, high) = (0, table.images.count)
    while low < high {
      let middle = (low + high) / 2
      if isBelow(table.images[middle]) { low = middle + 1 } else { high = middle }
    }
    if low == table.images.count { return .infinity }
    if low == 0 || table.interpolation == .step { return table.knots[low] }
    let share = (level - table.images[low - 1]) / (table.images[low] - table.images[low - 1])
    return table.knots[low - 1] + share * (table.knots[low] - table.knots[low - 1])
  }
}
