import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// `adjust prefix` against the reference, and against all lists there are.
@Suite struct PrefixTests {
  /// The request of a list; ids in the order of the rows.
  private func request(_ scores: [Double], _ groups: [String]) -> FitRequest {
    let names = Set(groups).sorted()
    var data = CalibrationData(
      scores: [("p", scores)],
      attributes: [
        Grouping(
          columns: ["g"], keys: names.map { GroupKey([ByteText($0)]) },
          codes: groups.map { Int32(names.firstIndex(of: $0) ?? -1) })
      ])
    data.keys = scores.indices.map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
    var request = FitRequest(data)
    request.idColumn = "id"
    return request
  }

  /// The rows in the order of their new scores, and the map.
  private func order(
    _ scores: [Double], _ groups: [String], _ given: [(name: String, value: String)]
  ) throws -> (rows: [Int], map: JSONNode) {
    let request = request(scores, groups)
    let fitted = try PrefixMethod(given: given).fit(request).adjustment
    #expect(fitted.contradiction() == nil)
    let bytes = try fitted.json().written()
    let read = try PrefixMethod.read(JSONValue(reading: bytes, limit: 1 << 28))
    #expect(try read.json().written() == bytes)
    let values = read.apply(
      score: 0, values: scores, codes: [request.data.attributes[0].codes],
      keys: request.data.keys, steps: false
    ).columns[0]
    // Order within a group is kept.
    for left in scores.indices {
      for right in scores.indices
      where groups[left] == groups[right] && scores[left] > scores[right] {
        #expect(values[left] >= values[right])
      }
    }
    let rows = scores.indices.sorted { values[$0] > values[$1] }
    return (rows, JSONNode(read.json(), name: "map"))
  }

  @Test(.enabled(if: Shared.isPresent)) func tablesAndListsAreThoseOfTheReference() throws {
    var (tables, lists) = (0, 0)
    for node in try decisionVectors("f_ranking") {
      switch try node["kind"].string {
      case "fair_table":
        tables += 1
        let (places, chance, alpha) = (
          try node["k"].int, try node["p"].double, try node["alpha"].double
        )
        let plain = FairTable(places: places, chance: chance, alpha: alpha)
        #expect(try plain.minima == node["table"].ints)
        #expect(try abs(plain.failProbability - node["fail_probability"].double) <= 1e-9)
        let table = FairTable.adjusted(places: places, chance: chance, alpha: alpha)
        #expect(try table.minima == node["adjusted_table"].ints)
        #expect(try abs(table.alphaFrom - node["adjusted_alpha_from"].double) <= 1e-9)
        #expect(try abs(table.alphaBelow - node["adjusted_alpha_below"].double) <= 1e-9)
        #expect(
          try abs(table.failProbability - node["adjusted_fail_probability"].double) <= 1e-9)
      case "rerank":
        lists += 1
        let items = try node["items"].array
        let ids = try items.map { try $0["id"].string }
        var given = [(name: "top", value: "\(try node["k"].int)")]
        if let shares = try node["rule"].optional("share") {
          given.append(("minimum", "floor"))
          for (group, share) in try shares.object.members {
            given.append(("least", "\(group)=\(try JSONNode(share, name: "s").double)"))
          }
        } else {
          let rule = try node["rule"]["binomial"]
          let group = try node["minimum"].object.members[0].key
          given += [
            ("least", "\(group)=\(try rule["p"].double)"), ("unadjusted", ""),
            ("alpha", "\(try rule["alpha"].double)"),
          ]
        }
        let (rows, map) = try order(
          items.map { try $0["score"].double }, items.map { try $0["group"].string }, given)
        let expected = try node["expected"].strings
        #expect(
          rows.prefix(try node["k"].int).map { ids[$0] }
            == Array(expected.prefix(try node["k"].int)))
        for (group, minima) in try node["minimum"].object.members {
          let known = try items.map { try $0["group"].string }
          let place = try #require(Set(known).sorted().firstIndex(of: group))
          let stored = try map["scores"].array[0]["least"].array[place].ints
          let size = known.filter { $0 == group }.count
          #expect(
            try stored
              == JSONNode(minima, name: "m").ints.prefix(stored.count).map { min($0, size) })
        }
      default: break
      }
    }
    #expect(tables == 5 && lists == 4)
  }

  /// All coin sequences: the fail probability, and no larger table keeps to alpha.
  @Test func theFailProbabilityIsThatOfAllSequences() {
    for (places, chance, alpha) in [(8, 0.5, 0.1), (9, 0.3, 0.15), (10, 0.7, 0.05)] {
      for table in [
        FairTable(places: places, chance: chance, alpha: alpha),
        FairTable.adjusted(places: places, chance: chance, alpha: alpha),
      ] {
        var fails = 0.0
        for sequence in 0..<(1 << places) {
          var (count, weight, isBelow) = (0, 1.0, false)
          for place in 0..<places {
            let isMember = sequence >> place & 1 == 1
            count += isMember ? 1 : 0
            weight *= isMember ? chance : 1 - chance
            if count < table.minima[place] { isBelow = true }
          }
          if isBelow { fails += weight }
        }
        #expect(abs(fails - table.failProbability) <= 1e-12)
      }
      #expect(
        FairTable.adjusted(places: places, chance: chance, alpha: alpha).failProbability <= alpha)
    }
  }

  /// All lists of a few records, ties among them: the list is the first by scores of all that hold enough.
  @Test func theListIsTheFirstOfAllThatHoldEnough() throws {
    for seed in 0..<60 {
      var stream = RandomStream(seed: UInt64(seed), purpose: "prefix")
      let count = 4 + stream.below(3)
      let scores = (0..<count).map { _ in
        seed % 3 == 0 ? Double(stream.below(3)) : stream.uniform() - 0.5
      }
      let groups = (0..<count).map {
        $0 < 3 ? ["A", "B", "C"][$0] : ["A", "B", "C"][stream.below(3)]
      }
      let shares = ["B": Double(1 + stream.below(5)) / 10, "C": Double(stream.below(5)) / 10]
      let places = 1 + stream.below(count)
      let given =
        [("top", "\(places)"), ("minimum", "floor")]
        + shares.sorted(by: { $0.key < $1.key }).map { ("least", "\($0.key)=\($0.value)") }
      let found = try order(scores, groups, given.map { (name: $0.0, value: $0.1) }).rows
      var best: [Double] = []
      func visit(_ list: [Int]) {
        for (group, share) in shares {
          let least = min(
            Int((share * Double(list.count) + 1e-9).rounded(.down)), groups.count { $0 == group })
          if list.count(where: { groups[$0] == group }) < least { return }
        }
        if list.count == places {
          let own = list.map { scores[$0] }
          if best.isEmpty || best.lexicographicallyPrecedes(own) { best = own }
          return
        }
        for row in scores.indices where !list.contains(row) { visit(list + [row]) }
      }
      visit([])
      #expect(found.prefix(places).map { scores[$0] } == best, "seed \(seed)")
    }
  }
}
