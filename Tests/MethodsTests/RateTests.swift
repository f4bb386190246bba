import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// `adjust rate` against what the definitions say: all choices, one by one.
@Suite struct RateTests {
  /// Scores of some groups.
  struct Rows {
    var scores: [Double]
    var groups: [Int]
    var names: [String]
    var weights: [Double]?
    var isFrequency = false

    var request: FitRequest {
      var data = CalibrationData(
        scores: [("p", scores)],
        attributes: [
          Grouping(
            columns: ["g"], keys: names.map { GroupKey([ByteText($0)]) },
            codes: groups.map { Int32($0) })
        ], weights: weights, frequency: isFrequency)
      data.keys = scores.indices.map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
      var request = FitRequest(data)
      request.idColumn = "id"
      return request
    }

    func sizes() -> [Int] { names.indices.map { group in groups.count { $0 == group } } }

    /// The greatest sum of scores over all numbers of each group that a rule allows; nil where there are none.
    func best(_ count: Int, _ allows: ([Int]) -> Bool) -> Double? {
      let sorted = names.indices.map { group in
        scores.indices.filter { groups[$0] == group }.map { scores[$0] }.sorted(by: >)
      }
      var (best, counts): (Double?, [Int]) = (nil, names.map { _ in 0 })
      func visit(_ group: Int, _ left: Int) {
        if group == names.count {
          guard left == 0, allows(counts) else { return }
          let sum = zip(sorted, counts).reduce(0) { $0 + $1.0.prefix($1.1).reduce(0, +) }
          best = max(best ?? sum, sum)
          return
        }
        for number in 0...min(left, sorted[group].count) {
          counts[group] = number
          visit(group + 1, left - number)
        }
      }
      visit(0, count)
      return best
    }
  }

  /// The chances of the rows, and what they come to.
  private func outcome(
    _ rows: Rows, _ given: [(name: String, value: String)]
  ) throws -> (chances: [Double], counts: [Double], sum: Double) {
    let fitted = try RateMethod(given: given).fit(rows.request).adjustment
    #expect(fitted.contradiction() == nil)
    let read = try RateMethod.read(fitted.json())
    let chances = try #require(
      read.chances(score: 0, values: rows.scores, codes: rows.groups.map { Int32($0) }))
    var (counts, sum) = (rows.names.map { _ in 0.0 }, 0.0)
    for (row, chance) in chances.enumerated() {
      counts[rows.groups[row]] += chance * (rows.weights?[row] ?? 1)
      sum += chance * (rows.weights?[row] ?? 1) * rows.scores[row]
    }
    return (chances, counts, sum)
  }

  @Test(.enabled(if: Shared.isPresent)) func vectors() throws {
    var seen = 0
    for node in try decisionVectors("e_rates") {
      guard try node["kind"].string == "top_k" else { continue }
      seen += 1
      var rows = Rows(scores: [], groups: [], names: [])
      for (name, list) in try node["scores"].object.members {
        for score in try JSONNode(list, name: "s").doubles {
          rows.scores.append(score)
          rows.groups.append(rows.names.count)
        }
        rows.names.append(name)
      }
      let count = try node["k"].int
      var given = [(name: "rate", value: "\(Double(count) / Double(rows.scores.count))")]
      let limit = try node["constraint"]
      for kind in ["tolerance", "ratio"] {
        if let value = try limit.optional(kind) { given.append((kind, "\(try value.double)")) }
      }
      for (kind, option) in [("least_share", "least"), ("quota", "quota")] {
        guard let shares = try limit.optional(kind) else { continue }
        for (group, share) in try shares.object.members {
          given.append((option, "\(group)=\(try JSONNode(share, name: "s").double)"))
        }
      }
      let expected = try node["expected"]
      guard try expected["feasible"].bool else {
        #expect(throws: AdjustmentError.self) { try outcome(rows, given) }
        continue
      }
      let found = try outcome(rows, given)
      #expect(abs(found.sum - (try expected["utility"].double)) <= 1e-9)
      for (place, name) in rows.names.enumerated() {
        #expect(abs(found.counts[place] - Double(try expected["counts"][name].int)) <= 1e-9)
      }
    }
    #expect(seen == 7)
  }

  @Test func theBestOfAllChoicesIsFound() throws {
    for seed in 0..<120 {
      var stream = RandomStream(seed: UInt64(seed), purpose: "rate")
      let number = 1 + seed % 3
      let count = 8 + stream.below(8)
      let isTied = seed % 4 == 0
      let rows = Rows(
        scores: (0..<count).map { _ in
          isTied ? Double(stream.below(5)) / 4 : stream.uniform() - 0.3
        },
        groups: (0..<count).map { $0 < number ? $0 : stream.below(number) },
        names: (0..<number).map { "g\($0)" })
      let sizes = rows.sizes()
      let chosen = 1 + stream.below(count - 1)
      let rate = (name: "rate", value: "\(Double(chosen) / Double(count))")
      func rates(_ counts: [Int]) -> [Double] { zip(counts, sizes).map { Double($0) / Double($1) } }
      func gap(_ counts: [Int]) -> Double {
        (rates(counts).max() ?? 0) - (rates(counts).min() ?? 0)
      }
      let share = Double(1 + stream.below(5)) / 10
      let rules: [(given: [(name: String, value: String)], allows: ([Int]) -> Bool)] = [
        ([], { _ in true }),
        ([("tolerance", "\(share)")], { gap($0) <= share + 1e-9 }),
        (
          [("ratio", "\(share)")],
          { (rates($0).min() ?? 0) >= share * (rates($0).max() ?? 0) - 1e-9 }
        ),
        ([("least", "g0=\(share)")], { Double($0[0]) >= share * Double(chosen) - 1e-9 }),
      ]
      for (given, allows) in rules {
        guard let best = rows.best(chosen, allows) else {
          // Lots among equal scores can keep to a limit on average where no numbers of records do.
          if isTied { continue }
          #expect(throws: AdjustmentError.self) { try outcome(rows, [rate] + given) }
          continue
        }
        let found = try outcome(rows, [rate] + given)
        #expect(found.sum >= best - 1e-9, "seed \(seed) \(given)")
        #expect(isTied || found.sum <= best + 1e-9, "seed \(seed) \(given)")
        #expect(abs(found.counts.reduce(0, +) - Double(chosen)) <= 1e-9)
        // Equal scores of a group have equal chances, and a higher score never less.
        for (left, right) in zip(rows.scores.indices, rows.scores.indices.dropFirst())
        where rows.groups[left] == rows.groups[right] && rows.scores[left] < rows.scores[right] {
          #expect(found.chances[left] <= found.chances[right])
        }
      }
    }
  }

  @Test func copiesOrdersAndTies() throws {
    var rows = Rows(
      scores: [0.9, 0.5, 0.5, 0.2, 0.5, 0.7, 0.1, 0.5], groups: [0, 0, 0, 0, 1, 1, 1, 1],
      names: ["a", "b"])
    // 4 of 8: two above, four tied for the two places left.
    let half = [(name: "rate", value: "0.5")]
    let plain = try outcome(rows, half)
    #expect(plain.chances == [1, 0.5, 0.5, 0, 0.5, 1, 0, 0.5])
    #expect(try outcome(rows, half + [("ties", "below")]).counts == [1, 1])
    #expect(try outcome(rows, half + [("ties", "above")]).counts == [3, 3])
    #expect(try outcome(rows, [("rate", "0.25"), ("each-group", "")]).counts == [1, 1])
    let map = try RateMethod(given: half).fit(rows.request).adjustment.json()
    rows.weights = rows.scores.map { _ in 1 }
    rows.isFrequency = true
    let copied = try RateMethod(given: half).fit(rows.request).adjustment.json()
    #expect(try map.written() == copied.written())
    rows.weights = [2, 2, 1, 2, 2, 2, 2, 2]
    var copies = Rows(scores: [], groups: [], names: rows.names)
    for row in rows.scores.indices.reversed() {
      for _ in 0..<Int(rows.weights?[row] ?? 0) {
        copies.scores.append(rows.scores[row])
        copies.groups.append(rows.groups[row])
      }
    }
    for given in [half, half + [("tolerance", "0.1")], [("rate", "0.3"), ("each-group", "")]] {
      #expect(
        try RateMethod(given: given).fit(rows.request).adjustment.json().written()
          == RateMethod(given: given).fit(copies.request).adjustment.json().written())
    }
    // No id: nothing can be drawn.
    var request = copies.request
    request.idColumn = nil
    #expect(throws: AdjustmentError.self) { try RateMethod(given: half).fit(request) }
    #expect(throws: AdjustmentError.self) { try RateMethod(given: []).fit(rows.request) }
  }
}
