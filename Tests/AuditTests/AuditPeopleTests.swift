import FairpostAudit
import FairpostJSON
import FairpostNumerics
import FairpostPipeline
import FairpostRoles
import FairpostTestSupport
import FairpostTransport
import Testing

/// Whole audits of people, from file to table, against pandas and exact fractions.
@Suite struct AuditPeopleTests {
  static func audit(
    _ file: String, _ scheme: String = "ll144", _ change: (inout AuditRequest) -> Void
  ) throws -> AuditRun.Outcome {
    var request = AuditRequest(try #require(Scheme.named(scheme)))
    request.roles.groups = [["sex"], ["race"]]
    request.wantsIntersections = true
    change(&request)
    let input = try Input(Shared.path("reference/audit/" + file), InputSettings())
    return try AuditRun.run(request, [input], population: nil, progress: nil)
  }

  /// Tables by attribute and category, whatever their order.
  static func compare(_ found: [AuditTable], _ expected: JSONNode, excluding: Bool) throws {
    let tables = try expected.array
    #expect(found.count == tables.count)
    for table in tables {
      let by = try table["by"].strings
      let own = try #require(found.first { $0.columns == by })
      #expect(own.total.n == (try table["total"].int))
      #expect(own.unknown.n == (try table["unknown"]["n"].int))
      #expect(own.unknown.k == (try table["unknown"]["selected"].int))
      for row in try table["rows"].array {
        let category = try row["category"].strings
        let match = try #require(
          own.rows.first { $0.key.parts.map(\.description) == category }, "\(category)")
        #expect(match.counts == Selected(try row["selected"].int, of: try row["n"].int))
        #expect(match.isSmall == (try row["below_two_percent"].bool))
        try AuditVectorTests.agree(match.rate, row["rate"], "\(category) rate")
        try AuditVectorTests.agree(match.share, row["share"], "\(category) share")
        let ratio = try row[excluding ? "impact_ratio_two_percent" : "impact_ratio"]
        try AuditVectorTests.agree(match.ratio, ratio, "\(category) ratio")
        let bounds = try row["rate_bounds"].array
        try AuditVectorTests.agree(match.bounds?.lower, bounds[0], "\(category) lower")
        try AuditVectorTests.agree(match.bounds?.upper, bounds[1], "\(category) upper")
      }
    }
  }

  @Test(.enabled(if: Shared.isPresent), arguments: ["people_fine", "people_ties"])
  func people(_ name: String) throws {
    let expected = try AuditVectorTests.json(name + ".json")
    for excluding in [false, true] {
      let own = try Self.audit(name + ".csv") {
        $0.decision = "selected"
        $0.exclusion = excluding ? "too few" : nil
        $0.showsRatioOfExcluded = true
      }
      try Self.compare(own.tables, expected["selection"], excluding: excluding)
    }
    for median in ["all", "included"] {
      let own = try Self.audit(name + ".csv") {
        $0.score = "score"
        $0.medianOfIncluded = median == "included"
      }
      let node = try expected["scoring_median_\(median)"]
      try AuditVectorTests.agree(own.median?.value, node["median"], median)
      try AuditVectorTests.agree(own.median?.ties, node["at_the_median"], median)
      try AuditVectorTests.agree(own.median?.above, node["above"], median)
      try AuditVectorTests.agree(own.median?.people, node["people"], median)
      try Self.compare(own.tables, node["tables"], excluding: false)
    }
    let scored = try Self.audit(name + ".csv") { $0.score = "score" }
    for table in try expected["smd"].array {
      let by = try table["by"].strings
      let own = try #require(scored.tables.first { $0.columns == by })
      try AuditVectorTests.agree(own.scores?.deviation, table["sd_all"], "sd")
      for row in try table["rows"].array {
        let category = try row["category"].strings
        let match = try #require(own.rows.first { $0.key.parts.map(\.description) == category })
        let figures: [(String, Double?)] = [
          ("mean", match.scores?.mean), ("sd", match.scores?.deviation),
        ]
        for (key, value) in figures { try AuditVectorTests.agree(value, row[key], key) }
        // A difference of means that agree in their first digits keeps fewer digits.
        let smd = try row["smd_to_largest"].double
        #expect(isClose(match.meanDifference ?? .nan, smd, absolute: 1e-12, relative: 1e-12))
        if case .null = try row["cohen_d_to_largest"].value { continue }
        let d = try row["cohen_d_to_largest"].double
        #expect(isClose(match.cohen ?? .nan, d, absolute: 1e-12, relative: 1e-12))
      }
    }
    for table in try expected["quantiles"].array {
      let by = try table["by"].strings
      let own = try #require(scored.tables.first { $0.columns == by })
      for (place, quantile) in try table["quantiles"].array.enumerated() {
        try AuditVectorTests.agree(
          own.quantiles[place].attained, quantile["selected_share"], "attained")
        for row in try quantile["rows"].array {
          let category = try row["category"].strings
          let match = try #require(own.rows.first { $0.key.parts.map(\.description) == category })
          try AuditVectorTests.agree(match.quantiles[place].rate, row["rate"], "\(category)")
          try AuditVectorTests.agree(
            match.quantiles[place].ratio, row["air_to_largest"], "\(category) \(place)")
        }
      }
    }
  }

  /// The examples of the rule itself.
  @Test(.enabled(if: Shared.isPresent)) func rule() throws {
    let selection = try Self.audit("dcwp_selection.csv") {
      $0.decision = "selected"
      $0.roles.weight = RoleNames.WeightName("n", isFrequency: true)
    }
    try Self.compare(
      selection.tables, AuditVectorTests.json("dcwp_selection.json"), excluding: false)
    let scoring = try Self.audit("dcwp_scoring.csv") { $0.score = "score" }
    let expected = try AuditVectorTests.json("dcwp_scoring.json")
    try Self.compare(scoring.tables, expected["median_all"]["tables"], excluding: false)
  }
}
