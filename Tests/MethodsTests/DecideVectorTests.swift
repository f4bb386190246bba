import FairpostJSON
import FairpostMethods
import FairpostNumerics
import FairpostTestSupport
import FairpostTransport
import Testing

/// Rows to be decided, and what follows from the definitions alone: nothing here knows how decisions are
/// found.
struct DecisionRows {
  var scores: [Double]
  var labels: [Double]
  var groups: [Int]
  var weights: [Double]?
  var names: [String]

  var data: CalibrationData {
    var data = CalibrationData(
      scores: [("p", scores)],
      attributes: [
        Grouping(
          columns: ["g"], keys: names.map { GroupKey([ByteText($0)]) },
          codes: groups.map { Int32($0) })
      ], weights: weights)
    data.labels = [labels]
    return data
  }

  func weight(_ row: Int) -> Double { weights?[row] ?? 1 }

  /// The weight of rows of a group (nil: all) and a label (nil: both), each times a factor.
  func sum(
    group: Int?, label: Double?, _ factor: (Int) -> Double = { _ in 1 }
  ) -> Double {
    var sum = 0.0
    for row in scores.indices {
      if let group, groups[row] != group { continue }
      if let label, labels[row] != label { continue }
      sum += weight(row) * factor(row)
    }
    return sum
  }

  static func label(_ rate: String) -> Double? {
    rate == "tpr" ? 1 : rate == "fpr" ? 0 : nil
  }

  func rate(_ rate: String, group: Int?, _ chances: [Double]) -> Double {
    let label = Self.label(rate)
    return sum(group: group, label: label) { chances[$0] } / sum(group: group, label: label)
  }
}

extension DecisionRows {
  /// The least share that depends on a lottery between two or three of all thresholds of the only group
  /// which has these rates: by trying all of them.
  func smallestLottery(fpr: Double, tpr: Double) -> Double {
    let chances = { (threshold: Double) in scores.map { $0 >= threshold ? 1.0 : 0 } }
    let points = ([.infinity] + Set(scores).sorted(by: >)).map { threshold in
      let chances = chances(threshold)
      return (
        rate("fpr", group: nil, chances), rate("tpr", group: nil, chances),
        rate("selection_rate", group: nil, chances)
      )
    }
    var least = 1.0
    for i in points.indices {
      for j in i..<points.count {
        for k in j..<points.count where points[k].2 - points[i].2 < least {
          // Barycentric coordinates; a triangle without area counts by its longest side.
          let (a, b, c) = (points[i], points[j], points[k])
          let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
          var isInside = false
          if abs(area) > 1e-12 {
            let second = ((fpr - a.0) * (c.1 - a.1) - (tpr - a.1) * (c.0 - a.0)) / area
            let third = ((b.0 - a.0) * (tpr - a.1) - (b.1 - a.1) * (fpr - a.0)) / area
            isInside = second >= -1e-11 && third >= -1e-11 && second + third <= 1 + 1e-11
          } else {
            let (dx, dy) = (c.0 - a.0, c.1 - a.1)
            let length = dx * dx + dy * dy
            let along = length > 0 ? ((fpr - a.0) * dx + (tpr - a.1) * dy) / length : 0
            isInside =
              along >= -1e-11 && along <= 1 + 1e-11
              && abs(a.0 + along * dx - fpr) + abs(a.1 + along * dy - tpr) < 1e-11
          }
          if isInside { least = points[k].2 - points[i].2 }
        }
      }
    }
    return least
  }
}

/// A problem in the words of the vectors, and its check against a fitted map.
struct DecisionCase {
  struct Parity {
    let rate: String
    let tolerance: Double?
    let ratio: Double?
  }

  struct Cap {
    let rate: String
    let isUpper: Bool
    let value: Double
    /// nil: each group.
    let group: String?
    let isOverall: Bool
  }

  var rows: DecisionRows
  var parity: [Parity] = []
  var caps: [Cap] = []
  var objective = "accuracy"
  var costs: [Double] = []
  var flip = false

  /// The settings as words.
  var words: [(name: String, value: String)] {
    var words: [(name: String, value: String)] = []
    let names = [
      "selection_rate": "demographic_parity", "tpr": "equal_opportunity",
      "fpr": "predictive_equality",
    ]
    for parity in parity {
      let name = names[parity.rate] ?? ""
      if let ratio = parity.ratio {
        words.append(("constraint", "\(name)_ratio=\(ratio)"))
      } else {
        words.append(("constraint", "\(name)=\(parity.tolerance ?? 0)"))
      }
    }
    for cap in caps {
      let place = cap.isOverall ? "overall:" : cap.group.map { "\($0):" } ?? ""
      words.append(("cap", "\(place)\(cap.rate)\(cap.isUpper ? "<=" : ">=")\(cap.value)"))
    }
    words.append(("maximise", objective == "balanced_accuracy" ? "balanced" : objective))
    if !costs.isEmpty {
      words.append(("costs", costs.map { "\($0)" }.joined(separator: ",")))
    }
    if flip { words.append(("reversed", "yes")) }
    return words
  }

  func fit() throws -> any Adjustment {
    var request = FitRequest(rows.data)
    request.idColumn = "id"
    return try DecideMethod(given: words).fit(request).adjustment
  }

  /// The linear goal: constant, and what a unit of weight of label 0 and of label 1 adds when decided 1.
  func goal(level: Double) -> (constant: Double, negative: Double, positive: Double) {
    let (n, p) = (rows.sum(group: nil, label: 0), rows.sum(group: nil, label: 1))
    let all = n + p
    switch objective {
    case "balanced_accuracy": return (0.5, -0.5 / n, 0.5 / p)
    case "cost":
      return (
        -(costs[0] * n + costs[2] * p) / all, (costs[0] - costs[1]) / all,
        (costs[2] - costs[3]) / all
      )
    case "f1": return (-level * p / all, -level / all, (2 - level) / all)
    default: return (n / all, -1 / all, 1 / all)
    }
  }

  func value(_ chances: [Double]) -> Double {
    if objective == "f1" {
      let (tp, fp) = (
        rows.sum(group: nil, label: 1) { chances[$0] },
        rows.sum(group: nil, label: 0) { chances[$0] }
      )
      return 2 * tp / (tp + fp + rows.sum(group: nil, label: 1))
    }
    let goal = goal(level: 0)
    return goal.constant + goal.negative * rows.sum(group: nil, label: 0) { chances[$0] }
      + goal.positive * rows.sum(group: nil, label: 1) { chances[$0] }
  }

  /// What the chances of the rows exceed a limit by.
  func excess(_ chances: [Double]) -> Double {
    var worst = -Double.infinity
    for parity in parity {
      let rates = rows.names.indices.map { rows.rate(parity.rate, group: $0, chances) }
      let (least, most) = (rates.min() ?? 0, rates.max() ?? 0)
      worst = max(
        worst, parity.ratio.map { most - least / $0 } ?? (most - least - (parity.tolerance ?? 0)))
    }
    for (cap, group) in expanded {
      let rate = rows.rate(cap.rate, group: group, chances)
      worst = max(worst, cap.isUpper ? rate - cap.value : cap.value - rate)
    }
    return worst
  }

  /// Each cap with its group, in the order of the map; nil for all records.
  var expanded: [(cap: Cap, group: Int?)] {
    caps.flatMap { cap -> [(cap: Cap, group: Int?)] in
      if cap.isOverall { return [(cap, nil)] }
      guard let name = cap.group else { return rows.names.indices.map { (cap, $0) } }
      return [(cap, rows.names.firstIndex(of: name))]
    }
  }

  /// The bound that the prices of a map give, over every threshold of the raw rows.
  func bound(_ prices: JSONNode, level: Double) throws -> Double {
    let goal = goal(level: level)
    let high = try prices["high"].array.map { try $0.doubles }
    let low = try prices["low"].array.map { try $0.doubles }
    let caps = try prices["caps"].doubles
    #expect(([caps] + high + low).joined().allSatisfy { $0 >= 0 })
    var bound = goal.constant
    for (place, parity) in parity.enumerated() {
      let (above, below) = (high[place].reduce(0, +), low[place].reduce(0, +))
      #expect(abs(above / (parity.ratio ?? 1) - below) < 1e-9)
      bound += (parity.ratio == nil ? parity.tolerance ?? 0 : 0) * above
    }
    let limits = expanded
    for (limit, price) in zip(limits, caps) {
      bound += price * (limit.cap.isUpper ? 1 : -1) * limit.cap.value
    }
    for group in rows.names.indices {
      var gains = [goal.negative, goal.positive]
      func take(_ rate: String, _ price: Double, of group: Int?) {
        let base = rows.sum(group: group, label: DecisionRows.label(rate))
        for label in 0...1 where DecisionRows.label(rate).map({ Int($0) == label }) ?? true {
          gains[label] -= price / base
        }
      }
      for (place, parity) in parity.enumerated() {
        take(parity.rate, high[place][group] - low[place][group], of: group)
      }
      for (limit, price) in zip(limits, caps) where limit.group == nil || limit.group == group {
        take(limit.cap.rate, price * (limit.cap.isUpper ? 1 : -1), of: limit.group)
      }
      let own = rows.scores.indices.filter { rows.groups[$0] == group }
      var best = -Double.infinity
      for threshold in Set(own.map { rows.scores[$0] }).union([.infinity]) {
        var (selected, rest) = (0.0, 0.0)
        for row in own {
          let gain = gains[Int(rows.labels[row])] * rows.weight(row)
          if rows.scores[row] >= threshold { selected += gain } else { rest += gain }
        }
        best = max(best, selected, flip ? rest : selected)
      }
      bound += best
    }
    return bound
  }

  /// The chance of each row to be decided 1, as the map says.
  func chances(_ map: JSONNode) throws -> [Double] {
    let lotteries = try map["scores"].array[0]["lotteries"].array.map { lottery in
      let rules = try lottery["rules"]
      let reversed = try rules["reversed"].ints
      return try zip(rules["thresholds"].array, lottery["weights"].doubles).enumerated().map {
        (
          threshold: $1.0.isNull ? Double.infinity : try $1.0.double, weight: $1.1,
          isReversed: reversed.contains($0)
        )
      }
    }
    return rows.scores.indices.map { row in
      lotteries[rows.groups[row]].reduce(0) { sum, rule in
        (rows.scores[row] >= rule.threshold) != rule.isReversed ? sum + rule.weight : sum
      }
    }
  }

  /// Proves from the raw rows that a fitted map keeps to the limits and that nothing is better.
  func prove(_ adjustment: any Adjustment, _ name: String) throws -> Double {
    let map = JSONNode(adjustment.json(), name: "map")
    let chances = try chances(map)
    #expect(excess(chances) <= 1e-9, "\(name): a limit is exceeded by \(excess(chances))")
    let value = value(chances)
    let prices = try map["scores"].array[0]["prices"]
    if objective == "f1" {
      let level = try prices["level"].double
      #expect(abs(level - value) < 1e-9, "\(name)")
      #expect(try abs(bound(prices, level: level)) < 1e-9, "\(name): no proof")
    } else {
      let bound = try bound(prices, level: 0)
      #expect(abs(bound - value) < 1e-9, "\(name): the bound is \(bound), the value \(value)")
    }
    #expect(adjustment.contradiction() == nil, "\(name)")
    let bytes = try adjustment.json().written()
    let read = try DecideMethod.read(JSONValue(reading: bytes, limit: 1 << 26))
    #expect(try read.json().written() == bytes, "\(name)")
    #expect(read.contradiction() == nil, "\(name)")
    return value
  }
}

extension DecisionCase {
  /// A case as the vectors write it.
  init(_ node: JSONNode) throws {
    let groups = try node.optional("group")?.strings ?? []
    let scores = try node["score"].doubles
    let names = groups.isEmpty ? ["A"] : Set(groups).sorted()
    rows = DecisionRows(
      scores: scores, labels: try node["label"].doubles,
      groups: groups.isEmpty
        ? scores.map { _ in 0 } : groups.map { names.firstIndex(of: $0) ?? -1 },
      weights: try node.optional("weight")?.doubles, names: names)
    parity =
      try node.optional("parity")?.array.map {
        Parity(
          rate: try $0["rate"].string, tolerance: try $0.optional("tolerance")?.double,
          ratio: try $0.optional("ratio")?.double)
      } ?? []
    caps =
      try node.optional("caps")?.array.map {
        Cap(
          rate: try $0["rate"].string, isUpper: try $0["op"].string == "<=",
          value: try $0["value"].double, group: try $0.optional("group")?.string,
          isOverall: try $0.optional("overall")?.bool ?? false)
      } ?? []
    if let goal = try node.optional("objective") {
      objective = try goal["name"].string
      costs = try goal.optional("matrix")?.array.flatMap { try $0.doubles } ?? []
    }
    flip = try node.optional("flip")?.bool ?? false
  }
}

/// The cases of a reference file.
func decisionVectors(_ name: String) throws -> [JSONNode] {
  let bytes = try Shared.bytes("reference/decisions/\(name).json")
  return try JSONNode(JSONValue(reading: bytes, limit: 1 << 28), name: name).array
}

@Suite struct DecideVectorTests {
  @Test(.enabled(if: Shared.isPresent)) func theRandomisedOptimumIsThatOfTheReference() throws {
    let cases = try decisionVectors("a_randomised")
    #expect(cases.count == 45)
    for node in cases {
      let (name, expected) = (try node["name"].string, try node["expected"])
      let problem = try DecisionCase(node)
      guard try expected["feasible"].bool else {
        #expect(throws: AdjustmentError.self, "\(name)") { try problem.fit() }
        continue
      }
      let value = try problem.prove(problem.fit(), name)
      #expect(try abs(value - expected["value"].double) < 1e-9, "\(name)")
      var free = problem
      (free.parity, free.caps) = (
        [],
        [
          DecisionCase.Cap(
            rate: "selection_rate", isUpper: true, value: 1, group: nil, isOverall: true)
        ]
      )
      let unlimited = try free.prove(free.fit(), name)
      #expect(try abs(unlimited - expected["unconstrained_value"].double) < 1e-9, "\(name)")
    }
  }

  /// A point to be reached is asked for by limits on both rates of the only group.
  @Test(.enabled(if: Shared.isPresent)) func theLotteryIsTheSmallestThereIs() throws {
    let cases = try decisionVectors("a2_lottery")
    #expect(cases.count == 8)
    for node in cases {
      let (name, expected) = (try node["name"].string, try node["expected"])
      var problem = try DecisionCase(node)
      for rate in ["fpr", "tpr"] {
        for isUpper in [true, false] {
          problem.caps.append(
            DecisionCase.Cap(
              rate: rate, isUpper: isUpper, value: try node["target"][rate].double, group: nil,
              isOverall: false))
        }
      }
      let map = JSONNode(try problem.fit().json(), name: "map")
      let chances = try problem.chances(map)
      let drawn = problem.rows.scores.indices.filter {
        chances[$0] > 1e-12 && chances[$0] < 1 - 1e-12
      }
      let share =
        drawn.reduce(0) { $0 + problem.rows.weight($1) } / problem.rows.sum(group: nil, label: nil)
      #expect(problem.excess(chances) <= 1e-9, "\(name)")
      // The reference looks at mixtures of the hull's corners; those of all thresholds may be smaller.
      #expect(try share <= expected["least_lottery_share"].double + 1e-9, "\(name): \(share)")
      let least = problem.rows.smallestLottery(
        fpr: try node["target"]["fpr"].double, tpr: try node["target"]["tpr"].double)
      #expect(abs(share - least) < 1e-9, "\(name): \(share), not \(least)")
    }
  }
}
