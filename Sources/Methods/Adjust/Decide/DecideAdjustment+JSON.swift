internal import FairpostJSON
internal import FairpostTransport

extension DecideAdjustment {
  func json() -> JSONValue {
    [
      "columns": .array(columns.map { .string($0) }),
      "groups": .array(keys.map { $0.json() }),
      "id": idColumn.map { .string($0) } ?? .null,
      "seed": .string(String(seed)),
      "otherwise": otherwise.map { .number($0) } ?? .null,
      "scores": .array(scores.map { $0.json() }),
    ]
  }

  /// Reads a stored one.
  init(_ node: JSONNode) throws {
    let names = try node["columns"]
    columns = try names.strings
    guard !columns.isEmpty, !columns.contains(""), StoredNumbers.areDistinct(columns) else {
      throw names.wrong("the names of one column or more")
    }
    let (columns, groups) = (columns, try node["groups"])
    keys = try groups.array.map { try GroupKey($0) }
    guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }), !keys.isEmpty,
      keys.allSatisfy({ $0.parts.count == columns.count })
    else { throw groups.wrong("sorted groups of as many parts as columns") }
    idColumn = try node.optional("id")?.string
    guard let seed = UInt64(try node["seed"].string) else {
      throw try node["seed"].wrong("a whole number as text")
    }
    self.seed = seed
    otherwise = try node.optional("otherwise")?.double
    let count = keys.count
    scores = try node["scores"].array.map { try Score($0, groups: count) }
    try checkNames(node)
    let hasLottery = scores.contains { $0.lotteries.contains { $0.rules.count > 1 } }
    guard hasLottery == (idColumn != nil), idColumn != "" else {
      throw try node["id"].wrong("the column of ids where there is a lottery, and only there")
    }
  }
}

// MARK: What was fitted to one score

extension DecideAdjustment.Score {
  fileprivate func json() -> JSONValue {
    [
      "name": .string(name), "records": .array(records.map { .integer($0) }),
      "maximised": .string(problem.objective.rawValue),
      "deterministic": .bool(isDeterministic),
      "costs": JSONValue(problem.costs),
      "parity": .array(problem.parity.map { $0.json() }),
      "caps": .array(problem.caps.map { $0.json() }),
      "label weights": .array(problem.totals.map { $0.json() }),
      "lotteries": .array(lotteries.map { $0.json() }),
      "without limits": .array(before.map { $0.json() }),
      "prices": [
        "high": .array(prices.high.map { JSONValue($0) }),
        "low": .array(prices.low.map { JSONValue($0) }), "caps": JSONValue(prices.caps),
        "level": .number(level),
      ],
      "promise": promise.map {
        [
          "confidence": .number($0.confidence), "tolerances": JSONValue($0.tolerances),
          "value without": .number($0.valueWithout),
        ]
      } ?? .null,
      "hulls": .array(
        hulls.map { ["upper": $0.upper.json(), "lower": $0.lower.json()] }),
      "distributions": .array(distributions.map { $0.json(knownValues: nil) }),
    ]
  }

  fileprivate init(_ node: JSONNode, groups count: Int) throws {
    name = try node["name"].string
    let counts = try node["records"]
    records = try counts.counts
    let maximised = try node["maximised"]
    guard let objective = DecisionObjective(rawValue: try maximised.string) else {
      throw maximised.wrong("a goal that decisions can have")
    }
    let costs = try node["costs"]
    let numbers = try costs.doubles
    guard numbers.count == (objective == .cost ? 4 : 0), numbers.allSatisfy({ abs($0) <= 1e6 })
    else { throw costs.wrong("four costs where the goal is cost, else none") }
    let weights = try node["label weights"]
    let totals = try weights.array.map { try LabelWeights($0) }
    guard totals.count == count, records.count == count else {
      throw weights.wrong("as many label weights and records as groups")
    }
    let parity = try node["parity"].array.map { try RateParity($0) }
    let caps = try node["caps"].array.map { try RateCap($0, groups: count) }
    problem = DecisionProblem(
      objective: objective, costs: numbers, parity: parity, caps: caps, totals: totals)
    guard problem.isEstimable else {
      throw weights.wrong("a weight of each label that a limit or the goal is about")
    }
    let places = try node["hulls"]
    hulls = try places.array.map { hull in
      RocHull(
        upper: try hull["upper"].decisionRules(), lower: try hull["lower"].decisionRules())
    }
    let chances = try node["lotteries"]
    lotteries = try chances.array.map { try RuleLottery($0) }
    let free = try node["without limits"]
    before = try free.array.map { try LabelWeights($0) }
    distributions = try node["distributions"].array.map { try Distribution($0, knownValues: nil) }
    guard hulls.count == count, lotteries.count == count, before.count == count,
      distributions.count == count
    else { throw places.wrong("as many hulls, lotteries and distributions as groups") }
    for (hull, total) in zip(hulls, totals) {
      guard let first = hull.upper.first, first.threshold == .infinity, !first.isReversed,
        first.decided == LabelWeights(negatives: 0, positives: 0),
        hull.rules.allSatisfy({
          $0.decided.negatives <= total.negatives && $0.decided.positives <= total.positives
        })
      else { throw places.wrong("rules from nobody on, within the weights of their groups") }
    }
    let price = try node["prices"]
    prices = LimitPrices(
      high: try price["high"].array.map { try $0.prices },
      low: try price["low"].array.map { try $0.prices }, caps: try price["caps"].prices)
    guard prices.high.count == parity.count, prices.low.count == parity.count,
      (prices.high + prices.low).allSatisfy({ $0.count == count }), prices.caps.count == caps.count
    else { throw price.wrong("a price of each limit and group") }
    level = try price["level"].share
    promise = try node.optional("promise").map { node in
      let confidence = try node["confidence"]
      guard try (0.5...0.9999).contains(confidence.double) else {
        throw confidence.wrong("a number between 0.5 and 0.9999")
      }
      let tolerances = try node["tolerances"]
      guard try tolerances.shares.count == parity.count else {
        throw tolerances.wrong("a tolerance for each parity")
      }
      return RatePromise(
        confidence: try confidence.double, tolerances: try tolerances.shares,
        valueWithout: try node["value without"].double)
    }
    isDeterministic = try node["deterministic"].bool
  }
}

extension DecisionProblem {
  /// Whether the goal and all limits have a meaning for these weights.
  fileprivate var isEstimable: Bool {
    let whole = whole
    let needed: [Double] =
      switch objective {
      case .balanced: [whole.negatives, whole.positives]
      case .f1: [whole.positives]
      case .accuracy, .cost: [whole.all]
      }
    return needed.allSatisfy { $0 > 0 }
      && parity.allSatisfy { parity in totals.allSatisfy { parity.rate.base($0) > 0 } }
      && caps.allSatisfy { $0.rate.base($0.group.map { totals[$0] } ?? whole) > 0 }
  }
}

// MARK: Parts

extension LabelWeights {
  fileprivate func json() -> JSONValue { JSONValue([negatives, positives]) }

  fileprivate init(_ node: JSONNode) throws {
    let numbers = try node.doubles
    guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 && $0 <= StoredNumbers.mostWeight })
    else { throw node.wrong("the weights of labels 0 and 1") }
    self.init(negatives: numbers[0], positives: numbers[1])
  }
}

extension RateParity {
  fileprivate func json() -> JSONValue {
    switch limit {
    case .difference(let most):
      ["rate": .string(rate.rawValue), "tolerance": .number(most)]
    case .ratio(let share): ["rate": .string(rate.rawValue), "ratio": .number(share)]
    }
  }

  fileprivate init(_ node: JSONNode) throws {
    rate = try DecisionRate(stored: try node["rate"])
    if let most = try node.optional("tolerance") {
      limit = .difference(try most.share)
    } else {
      let ratio = try node["ratio"]
      guard try ratio.share > 0 else { throw ratio.wrong("a number above 0 and at most 1") }
      limit = .ratio(try ratio.share)
    }
  }
}

extension RateCap {
  fileprivate func json() -> JSONValue {
    [
      "rate": .string(rate.rawValue), "relation": .string(isUpper ? "<=" : ">="),
      "value": .number(value), "group": group.map { .integer($0) } ?? .null,
    ]
  }

  fileprivate init(_ node: JSONNode, groups count: Int) throws {
    rate = try DecisionRate(stored: try node["rate"])
    let relation = try node["relation"]
    guard ["<=", ">="].contains(try relation.string) else { throw relation.wrong("<= or >=") }
    isUpper = try relation.string == "<="
    value = try node["value"].share
    let place = try node.optional("group")
    group = try place?.count
    if let group, let place, group >= count { throw place.wrong("the place of a group") }
  }
}

extension DecisionRate {
  fileprivate init(stored node: JSONNode) throws {
    guard let rate = DecisionRate(rawValue: try node.string) else {
      throw node.wrong("a rate of decisions")
    }
    self = rate
  }
}

extension RuleLottery {
  fileprivate func json() -> JSONValue {
    ["rules": rules.json(), "weights": JSONValue(weights)]
  }

  fileprivate init(_ node: JSONNode) throws {
    let shares = try node["weights"]
    rules = try node["rules"].decisionRules()
    weights = try shares.shares
    guard !rules.isEmpty, weights.count == rules.count, weights.allSatisfy({ $0 > 0 }),
      abs(weights.reduce(0, +) - 1) <= 1e-12
    else { throw shares.wrong("a weight for each rule, 1 in all") }
  }
}

extension [DecisionRule] {
  /// Four lists: thresholds (null for "nobody"), whether each is reversed, and both weights.
  fileprivate func json() -> JSONValue {
    [
      "thresholds": .array(map { $0.threshold == .infinity ? .null : .number($0.threshold) }),
      "reversed": .array(indices.filter { self[$0].isReversed }.map { .integer($0) }),
      "negatives": JSONValue(map(\.decided.negatives)),
      "positives": JSONValue(map(\.decided.positives)),
    ]
  }
}

extension JSONNode {
  /// Rules as they are stored.
  fileprivate func decisionRules() throws -> [DecisionRule] {
    let thresholds = try self["thresholds"].array.map { $0.isNull ? Double.infinity : try $0.score }
    let reversed = Set(try self["reversed"].ints)
    let (negatives, positives) = (try self["negatives"], try self["positives"])
    let (below, above) = (try negatives.doubles, try positives.doubles)
    guard below.count == thresholds.count, above.count == thresholds.count else {
      throw negatives.wrong("as many weights as thresholds")
    }
    guard (below + above).allSatisfy({ $0 >= 0 && $0 <= StoredNumbers.mostWeight }) else {
      throw negatives.wrong("weights of at least 0")
    }
    return thresholds.indices.map {
      DecisionRule(
        threshold: thresholds[$0], isReversed: reversed.contains($0),
        decided: LabelWeights(negatives: below[$0], positives: above[$0]))
    }
  }

  /// Numbers of at least 0.
  fileprivate var prices: [Double] {
    get throws {
      let numbers = try doubles
      guard numbers.allSatisfy({ $0 >= 0 }) else { throw wrong("prices of at least 0") }
      return numbers
    }
  }
}
