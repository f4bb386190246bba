import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// `decide --blind` and `multiclass` against the reference, and against the raw probabilities.
@Suite struct BlindTests {
  /// Probabilities of group and class of each row.
  struct Rows {
    var p: [[[Double]]]
    var weights: [Double]?
    var groups: Int { p[0].count }
    var classes: Int { p[0][0].count }

    /// A request of `multiclass` with columns of group and class.
    func request(_ order: [Int]? = nil) -> FitRequest {
      let rows = (order ?? Array(p.indices)).map { p[$0] }
      var scores: [(name: String, values: [Double])] = (0..<classes).map { label in
        ("y.score.\(label)", rows.map { row in row.reduce(0) { $0 + $1[label] } })
      }
      for group in 0..<groups {
        for label in 0..<classes {
          scores.append(("q_g\(group)_\(label)", rows.map { $0[group][label] }))
        }
      }
      var data = CalibrationData(
        scores: scores, attributes: [],
        weights: weights.map { weights in (order ?? Array(p.indices)).map { weights[$0] } })
      data.keys = (order ?? Array(p.indices)).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
      var request = FitRequest(data)
      request.idColumn = "id"
      return request
    }
  }

  private static let names = [
    "sp": "demographic_parity", "eopp": "equal_opportunity", "eo": "equalized_odds",
  ]

  @Test(.enabled(if: Shared.isPresent)) func theBestRulesAreThoseOfTheReference() throws {
    let cases = try decisionVectors("c_blind")
    #expect(cases.count == 17)
    for node in cases {
      let name = try node["name"].string
      let rows = Rows(
        p: try node["p"].array.map { try $0.array.map { try $0.doubles } },
        weights: try node.optional("weight")?.doubles)
      var given = [
        (name: "constraint", value: Self.names[try node["criterion"].string] ?? ""),
        ("tolerance", "\(try node["tolerance"].double)"), ("blind", "g=q_*_*"),
      ]
      let loss = try node.optional("loss")?.array.map { try $0.doubles }
      if let loss { given.append(("costs", loss.joined().map { "\($0)" }.joined(separator: ","))) }
      let fitted = try MulticlassMethod(given: given).fit(rows.request()).adjustment
      #expect(fitted.contradiction() == nil, "\(name)")
      let map = JSONNode(fitted.json(), name: "map")
      let expected = try node["expected"]
      let value = try map["rules"].array.reduce(0.0) {
        try $0 + $1["weight"].double * $1["outcome"]["cost"].double
      }
      let wanted = try (expected.optional("value") ?? expected["risk"]).double
      #expect(abs(value - wanted) <= 1e-9, "\(name): \(value) \(wanted)")
      #expect(try abs(map["bound"].double - value) <= 1e-9, "\(name)")
      let bytes = try fitted.json().written()
      let read = try MulticlassMethod.read(JSONValue(reading: bytes, limit: 1 << 28))
      #expect(try read.json().written() == bytes)
      // The rows in another order, on more threads: the same map to the byte.
      var other = rows.request(Array(rows.p.indices.reversed()))
      other.threads = 3
      #expect(try MulticlassMethod(given: given).fit(other).adjustment.json().written() == bytes)
      try check(rows, read, map, name)
    }
  }

  /// From the raw rows alone: what is applied keeps to the limits, by the share of lots of each row.
  private func check(
    _ rows: Rows, _ adjustment: any Adjustment, _ map: JSONNode, _ name: String
  ) throws {
    let request = rows.request()
    let values = request.data.scores.map(\.values)
    let draws: UInt64 = 400
    var shares = rows.p.map { _ in [Double](repeating: 0, count: rows.classes) }
    for draw in 0..<draws {
      let keys = rows.p.indices.map { UInt64($0) &* 0xD129_5C3B &+ draw &* 0x9E37_79B9_7F4A_7C15 }
      let batch = adjustment.apply(together: values, codes: [], keys: keys)
      for (row, decision) in batch.columns[0].enumerated() {
        shares[row][Int(decision)] += 1 / Double(draws)
      }
    }
    let weights = rows.weights ?? rows.p.map { _ in 1 }
    for limit in try map["limits"].array {
      let decided = try limit["decided"].int
      let given = try limit.optional("given")?.int
      let rates = (0..<rows.groups).map { group in
        var (hits, all) = (0.0, 0.0)
        for row in rows.p.indices {
          let event = given.map { rows.p[row][group][$0] } ?? rows.p[row][group].reduce(0, +)
          hits += weights[row] * event * shares[row][decided]
          all += weights[row] * event
        }
        return hits / all
      }
      let gap = (rates.max() ?? 0) - (rates.min() ?? 0)
      // Lots of 400 draws: five standard errors of a share that rests on all of them at most.
      #expect(gap <= (try limit["tolerance"].double) + 0.13, "\(name): \(gap)")
    }
  }

  /// Where groups are known for certain, the best decisions are those of `decide` with the group at hand.
  @Test func certainGroupsGiveWhatDecideGives() throws {
    for seed in 0..<12 {
      var stream = RandomStream(seed: UInt64(seed), purpose: "blind")
      // Scores on a grid, with labels in exactly their share: the scores are calibrated in the sample.
      var (scores, labels, groups): ([Double], [Double], [Int]) = ([], [], [])
      for group in 0..<2 {
        for step in 1..<8 {
          let count = 8 * (1 + stream.below(3))
          for row in 0..<count {
            scores.append(Double(step) / 8)
            labels.append(row * 8 < step * count ? 1 : 0)
            groups.append(group)
          }
        }
      }
      let constraint = ["demographic_parity", "equal_opportunity", "equalized_odds"][seed % 3]
      let tolerance = ["0", "0.05"][seed % 2]
      let rows = DecisionRows(
        scores: scores, labels: labels, groups: groups, names: ["a", "b"])
      var request = FitRequest(rows.data)
      request.data.keys = scores.indices.map { UInt64($0) }
      request.idColumn = "id"
      let given = [(name: "constraint", value: constraint), ("tolerance", tolerance)]
      let aware = try DecideMethod(given: given).fit(request).adjustment
      let chances = try #require(
        aware.chances(score: 0, values: scores, codes: groups.map { Int32($0) }))
      let accuracy =
        zip(chances, labels).reduce(0) { $0 + ($1.1 == 1 ? $1.0 : 1 - $1.0) } / Double(scores.count)
      var columns: [(name: String, values: [Double])] = [("p", scores)]
      for (group, name) in ["a", "b"].enumerated() {
        for label in 0..<2 {
          columns.append(
            (
              "q_\(name)_\(label)",
              scores.indices.map { row in
                groups[row] == group ? (label == 1 ? scores[row] : 1 - scores[row]) : 0
              }
            ))
        }
      }
      var data = CalibrationData(scores: columns, attributes: [])
      data.keys = request.data.keys
      var blind = FitRequest(data)
      blind.idColumn = "id"
      let found = try DecideMethod(given: given + [("blind", "g=q_*_*")]).fit(blind).adjustment
      let map = JSONNode(found.json(), name: "map")
      let cost = try map["rules"].array.reduce(0.0) {
        try $0 + $1["weight"].double * $1["outcome"]["cost"].double
      }
      #expect(abs((1 - cost) - accuracy) <= 1e-9, "seed \(seed)")
      // With the group at hand `multiclass` finds the same.
      var known = CalibrationData(
        scores: [("y.score.0", scores.map { 1 - $0 }), ("y.score.1", scores)],
        attributes: request.data.attributes)
      known.keys = data.keys
      var third = FitRequest(known)
      third.idColumn = "id"
      let many = try MulticlassMethod(given: given).fit(third).adjustment
      let other = try JSONNode(many.json(), name: "map")["rules"].array.reduce(0.0) {
        try $0 + $1["weight"].double * $1["outcome"]["cost"].double
      }
      #expect(abs(other - cost) <= 1e-9, "seed \(seed)")
    }
  }

  @Test func badProbabilitiesAreRefused() throws {
    let rows = Rows(p: [[[0.2, 0.3], [0.4, 0.1]], [[0.1, 0.1], [0.1, 0.1]]])
    #expect(throws: AdjustmentError.self) {
      try MulticlassMethod(given: [("blind", "g=q_*_*")]).fit(rows.request())
    }
    let method = try MulticlassMethod(given: [("blind", "g=q_*")])
    #expect(throws: AdjustmentError.self) {
      try method.readColumns(["y.score.0", "y.score.1"], header: ["y.score.0", "y.score.1"])
    }
    #expect(throws: SettingFault.self) { try DecideMethod(given: [("blind", "p_*")]) }
    #expect(throws: SettingFault.self) {
      try DecideMethod(given: [("blind", "g=p_*"), ("cap", "tpr<=0.5")])
    }
  }
}
