import FairpostAudit
import FairpostJSON
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Figures of audits against values made by exact integers and 50-digit arithmetic.
@Suite struct AuditVectorTests {
  static let z = Normal.quantile(0.975)

  static func json(_ path: String) throws -> JSONNode {
    let bytes = try Shared.bytes("reference/audit/" + path)
    return JSONNode(try JSONValue(reading: bytes, limit: 1 << 24), name: path)
  }

  static func agree(_ found: Double?, _ expected: JSONNode, _ what: String) throws {
    var wanted: Double?
    switch expected.value {
    case .null: wanted = nil
    case .string: wanted = .infinity
    default: wanted = try expected.double
    }
    guard let found, let wanted else {
      #expect((found == nil) == (wanted == nil), "\(what): \(String(describing: found))")
      return
    }
    #expect(
      isClose(found, wanted, absolute: 1e-300, relative: 1e-12), "\(what): \(found), not \(wanted)")
  }

  static func agree(_ found: Interval?, _ expected: JSONNode, _ what: String) throws {
    guard let found, case .array = expected.value else {
      #expect((found == nil) == expected.isNull, "\(what)")
      return
    }
    let ends = try expected.array
    try agree(found.lower, ends[0], what + " lower")
    try agree(found.upper, ends[1], what + " upper")
  }

  @Test(.enabled(if: Shared.isPresent)) func tables() throws {
    for table in try Self.json("tables.json").array {
      let id = try table["id"].string
      let rows = try table["counts"].array.map {
        Selected(try $0["selected"].int, of: try $0["n"].int)
      }
      let total = rows.reduce(0) { $0 + $1.n }
      #expect(CategoryCounts.benchmark(rows) { _ in true } == (try table["benchmark"].int))
      let large = CategoryCounts.benchmark(rows) { !CategoryCounts.isSmall(rows[$0], of: total) }
      #expect(large == (try table["benchmark_2pct"].int), "\(id)")
      for (place, isSmall) in try table["share_below_2pct"].array.enumerated() {
        #expect(CategoryCounts.isSmall(rows[place], of: total) == (try isSmall.bool))
      }
      let best = rows[try table["benchmark"].int]
      for (place, ratio) in try table["impact_ratio"].array.enumerated() {
        try Self.agree(RatePair(rows[place], against: best).ratio, ratio, id)
      }
      var ps: [Double] = []
      for pair in try table["pairs"].array {
        let own = RatePair(
          Selected(try pair["k1"].int, of: try pair["n1"].int),
          against: Selected(try pair["k2"].int, of: try pair["n2"].int))
        let fisher = own.fisher
        ps.append(fisher.twoSided)
        let figures: [(String, Double?)] = [
          ("ratio", own.ratio), ("difference", own.difference), ("z_pooled", own.pooled.value),
          ("p_pooled", own.pooled.p), ("z_unpooled", own.unpooled?.value),
          ("p_unpooled", own.unpooled?.p), ("standard_deviations", own.standardDeviations),
        ]
        for (name, value) in figures { try Self.agree(value, pair[name], "\(id) \(name)") }
        let tests: [(String, Double)] = [
          ("two_sided", fisher.twoSided), ("mid_p", fisher.midP), ("less", fisher.less),
          ("greater", fisher.greater),
        ]
        for (name, value) in tests { try Self.agree(value, pair["fisher"][name], "\(id) \(name)") }
        try Self.agree(own.katz(quantile: Self.z), pair["katz"], "\(id) katz")
        try Self.agree(
          Koopman.interval(own, quantile: Self.z), pair["koopman"],
          "\(id) koopman \(own.row) \(own.benchmark)")
        try Self.agree(own.newcombe(quantile: Self.z), pair["newcombe"], "\(id) newcombe")
        #expect(own.isBelowFourFifths == (try pair["below_four_fifths"].bool))
        #expect(own.flips(with: 1) == (try pair["flips_with_one"].bool))
        #expect(own.flips(with: 2) == (try pair["flips_with_two"].bool))
        let short = try pair["shortfall"]
        let wanted = try [
          "to_four_fifths", "to_parity", "moved_to_four_fifths", "moved_to_parity",
        ].map { try short[$0].int }
        let found = own.shortfall
        #expect(
          [
            found.toFourFifths, found.toParity, found.movedToFourFifths, found.movedToParity,
          ] == wanted)
        try Self.agree(own.expectedMinusObserved, short["expected_minus_observed"], id)
      }
      for (value, pair) in zip(CategoryCounts.holm(ps), try table["pairs"].array) {
        try Self.agree(value, pair["fisher_holm"], "\(id) holm")
      }
      let pearson = CategoryCounts.pearson(rows)
      if try table["pearson"].isNull {
        #expect(pearson == nil)
      } else {
        try Self.agree(pearson?.statistic, table["pearson"]["statistic"], "\(id) pearson")
        try Self.agree(pearson?.p, table["pearson"]["p"], "\(id) pearson p")
      }
      let surest = CategoryCounts.surestPair(rows)
      try Self.agree(surest?.p, table["most_significant_pair"]["p"], id)
      try Self.agree(surest?.holm, table["most_significant_pair"]["holm_of_all_pairs"], id)
      #expect(
        CategoryCounts.lowest(rows) == (try table["worst_pair_by_ratio"]["low"].int), "\(id)")
    }
  }

  @Test(.enabled(if: Shared.isPresent)) func strata() throws {
    for entry in try Self.json("strata.json").array {
      let id = try entry["id"].string
      let own = Stratified(
        try entry["strata"].array.map { node in
          let counts = try node.array.map { try $0.int }
          return RatePair(
            Selected(counts[0], of: counts[1]), against: Selected(counts[2], of: counts[3]))
        })
      let common = own.common
      let same = own.homogeneity
      let figures: [(JSONNode, Double?)] = [
        (try entry["rr_mh"], own.ratio?.value), (try entry["rr_log_se"], own.ratio?.logError),
        (try entry["or_mh"], own.oddsRatio?.value),
        (try entry["or_log_se"], own.oddsRatio?.logError),
        (try entry["cmh"]["statistic"], common?.statistic), (try entry["cmh"]["p"], common?.p),
        (try entry["cmh"]["corrected"], common?.corrected),
        (try entry["cmh"]["corrected_p"], common?.correctedP),
        (try entry["cmh"]["standard_deviations"], common?.standardDeviations),
        (try entry["breslow_day"]["statistic"], same?.statistic),
        (try entry["breslow_day"]["p"], same?.p),
        (try entry["breslow_day"]["tarone"], same?.tarone),
        (try entry["breslow_day"]["tarone_p"], same?.taroneP),
        (try entry["expected_minus_observed"], own.expectedMinusObserved),
        (try entry["exact_two_sided"], own.exact?.twoSided),
        (try entry["exact_less"], own.exact?.less), (try entry["crude_ratio"], own.crude.ratio),
      ]
      for (expected, found) in figures { try Self.agree(found, expected, "\(id) \(expected.path)") }
      try Self.agree(own.ratio?.interval(quantile: Self.z), entry["rr_interval"], id)
      try Self.agree(own.oddsRatio?.interval(quantile: Self.z), entry["or_interval"], id)
      let crude = try entry["crude_ratio"].double
      let stratified = try entry["rr_mh"].double
      #expect(own.disagree == ((crude - 1) * (stratified - 1) < 0), "\(id)")
    }
  }
}
