import Foundation
import FairpostMethods
import FairpostNumerics
import Testing
import FairpostTransport

/// What a fit says of held-out folds, against fresh records and exactly fair scores, by seeded draws.
///
/// Groups are normal; each fit's held-out figure is compared with fresh records in the numbers of a fold
/// that go through a map of the rest, and its chance level with the held-out figure of groups that are
/// all alike. The short form runs with the tests; `make held-out-study` runs 600 draws a case and writes
/// the table.
struct HeldOutStudyTests {
  struct Case {
    let sizes: [Int]
    /// Scores are rounded to so many decimals; nil for none.
    let decimals: Int?
    /// Whether equal records are one row with a frequency.
    var isCounted = false
  }

  static let cases = [
    Case(sizes: [60, 60], decimals: nil), Case(sizes: [60, 60], decimals: 2),
    Case(sizes: [60, 60], decimals: 1, isCounted: true),
    Case(sizes: [800, 800], decimals: nil), Case(sizes: [800, 800], decimals: 2, isCounted: true),
    Case(sizes: [60, 800], decimals: 2),
    Case(sizes: [400, 200, 100], decimals: nil), Case(sizes: [400, 200, 100], decimals: 2),
    Case(sizes: [200, 200, 200, 200, 200], decimals: nil),
    Case(sizes: [200, 200, 200, 200, 200], decimals: 2, isCounted: true),
    Case(sizes: [Int](repeating: 60, count: 10), decimals: nil),
    Case(sizes: [Int](repeating: 60, count: 10), decimals: 2, isCounted: true),
    Case(sizes: [Int](repeating: 800, count: 10), decimals: nil),
    Case(sizes: [Int](repeating: 800, count: 10), decimals: 2),
  ]
  static let seed: UInt64 = 20_261_126

  /// The means of a case over its draws.
  struct Means {
    var heldOut = 0.0
    var fresh = 0.0
    var chance = 0.0
    var fair = 0.0
  }

  @Test func figuresAreThoseOfFreshRecords() throws {
    let table = ProcessInfo.processInfo.environment["FAIRPOST_HELD_OUT_TABLE"]
    let draws = table == nil ? 60 : 600
    var text = "groups,decimals,frequencies,draws,seed,held_out,fresh,chance_level,fair_score\n"
    for (index, one) in Self.cases.enumerated() {
      // Few draws of many rows tell as much as many draws of few.
      if table == nil, index % 2 == 0, index > 4 { continue }
      let means = try Self.means(one, draws: draws, index: UInt64(index))
      // Three standard errors of a ratio of two means are allowed to the short form.
      let slack = table == nil ? 0.12 : 0.0
      #expect(abs(means.heldOut / means.fresh - 1) < 0.1 + slack, "\(one): \(means)")
      #expect(abs(means.chance / means.fair - 1) < 0.1 + slack, "\(one): \(means)")
      let sizes = one.sizes.map(String.init).joined(separator: "+")
      let figures = [means.heldOut, means.fresh, means.chance, means.fair].map {
        String(format: "%.5f", $0)
      }
      text +=
        "\(sizes),\(one.decimals.map(String.init) ?? ""),\(one.isCounted),\(draws),\(Self.seed),\(figures.joined(separator: ","))\n"
    }
    if let table { try text.write(toFile: table, atomically: true, encoding: .utf8) }
  }

  static func means(_ one: Case, draws: Int, index: UInt64) throws -> Means {
    let each = try Parallel.map(draws, threads: Parallel.cores) { draw -> Means? in
      var stream = RandomStream(
        seed: seed, purpose: "held-out study", index: index << 32 | UInt64(draw))
      let apart = one.sizes.enumerated().map { (group: $0.offset, size: $0.element) }
      let own = apart.map { sample(one, group: $0.group, $0.size, &stream) }
      let alike = apart.map { sample(one, group: 0, $0.size, &stream) }
      guard let stated = certificate(own, one), let fair = certificate(alike, one),
        let heldOut = stated.crossFitted?.ks, let chance = fair.heldOutChance,
        let shown = fair.crossFitted?.ks
      else { return nil }
      // Fresh records, and a map of others.
      let folds = one.sizes.map { size in (0..<size).count { _ in stream.uniform() < 0.2 } }
      let rest = apart.map { sample(one, group: $0.group, $0.size - folds[$0.group], &stream) }
      let new = apart.map { sample(one, group: $0.group, folds[$0.group], &stream) }
      var settings = WassersteinSettings()
      settings.knots = nil
      settings.certificate = false
      // The threads take no errors: a refused map is nil, and `#require` below fails on it.
      guard let map = try? WassersteinMap(data(rest, isCounted: false), settings: settings) else {
        return nil
      }
      let results = new.enumerated().compactMap { group, values -> Distribution? in
        let table = map.scores[0].steps[0].entries[[group]]?.table
        return values.isEmpty ? nil : Distribution(values.map { table?($0) ?? .nan })
      }
      return Means(
        heldOut: heldOut, fresh: Distribution.largestKolmogorovSmirnov(of: results),
        chance: chance, fair: shown)
    }.map { try #require($0) }
    var means = Means()
    for draw in each {
      means.heldOut += draw.heldOut / Double(draws)
      means.fresh += draw.fresh / Double(draws)
      means.chance += draw.chance / Double(draws)
      means.fair += draw.fair / Double(draws)
    }
    return means
  }

  private static func sample(
    _ one: Case, group: Int, _ size: Int, _ stream: inout RandomStream
  ) -> [Double] {
    (0..<size).map { _ in
      let x = 0.5 + 0.1 * Double(group % 3) + 0.15 * stream.normal()
      guard let decimals = one.decimals else { return x }
      let unit = decimals == 1 ? 10.0 : 100
      return (min(max(x, 0), 1) * unit).rounded() / unit
    }
  }

  /// None where the map is refused: the draw is then nil, and `#require` fails on it.
  private static func certificate(_ groups: [[Double]], _ one: Case) -> Certificate? {
    try? WassersteinMap(data(groups, isCounted: one.isCounted), settings: WassersteinSettings())
      .certificates.first
  }

  private static func data(_ groups: [[Double]], isCounted: Bool) -> CalibrationData {
    var (values, codes, counts) = ([Double](), [Int32](), [Double]())
    for (group, list) in groups.enumerated() {
      let rows =
        isCounted
        ? Dictionary(grouping: list, by: { $0 }).map { ($0.key, Double($0.value.count)) }
        : list.map { ($0, 1.0) }
      for (value, count) in rows {
        values.append(value)
        codes.append(Int32(group))
        counts.append(count)
      }
    }
    return CalibrationData(
      scores: [("p", values)],
      attributes: [
        Grouping(
          columns: ["g"], keys: groups.indices.map { GroupKey([ByteText("g\($0)")]) }, codes: codes)
      ],
      weights: isCounted ? counts : nil, frequency: isCounted)
  }
}
