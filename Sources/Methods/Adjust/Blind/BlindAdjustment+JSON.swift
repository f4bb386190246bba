internal import FairpostJSON
internal import FairpostTransport

extension BlindAdjustment {
  func json() -> JSONValue {
    [
      "blind": .string("\(columns.kind)"), "scores": .array(columns.scores.map { .string($0) }),
      "columns": .array(columns.others.map { .string($0) }), "decision": .string(output),
      "classes": classNames.map { .array($0.map { .string($0) }) } ?? .null,
      "attribute": .array(attribute.map { .string($0) }),
      "groups": .array(groups.map { $0.json() }), "id": idColumn.map { .string($0) } ?? .null,
      "seed": .string(String(seed)), "unseen": .string(passesUnseen ? "pass" : "fail"),
      "loss": .array(problem.loss.map { JSONValue($0) }),
      "limits": .array(
        problem.constraints.map {
          [
            "decided": .integer($0.decided), "given": $0.given.map { .integer($0) } ?? .null,
            "tolerance": .number($0.tolerance),
          ]
        }),
      "means": JSONValue(means),
      "rules": .array(
        parts.map { part in
          [
            "weight": .number(part.weight),
            "always": part.rule.constant.map { .integer($0) } ?? .null,
            "slopes": JSONValue(part.rule.slopes), "outcome": part.outcome.json(),
          ]
        }),
      "bound": .number(bound), "without limits": free.json(),
      "deterministic": .bool(isDeterministic), "records": .integer(records),
      "passes": .integer(passes),
      "distributions": .array(distributions.map { $0.json(knownValues: nil) }),
    ]
  }

  /// Reads a stored one.
  init(_ node: JSONNode) throws {
    let kinds: [String: BlindColumns.Groups] = [
      "shares": .shares, "joint": .joint, "known": .known,
    ]
    let word = try node["blind"]
    guard let kind = kinds[try word.string] else { throw word.wrong("shares, joint or known") }
    let (own, others) = (try node["scores"], try node["columns"])
    let list = try node["groups"]
    groups = try list.array.map { try GroupKey($0) }
    let names = try node["attribute"]
    attribute = try names.strings
    guard !attribute.isEmpty, !attribute.contains(""), StoredNumbers.areDistinct(attribute) else {
      throw names.wrong("the name of an attribute")
    }
    let parts = kind == .known ? attribute.count : 1
    guard !groups.isEmpty, zip(groups, groups.dropFirst()).allSatisfy({ $0 < $1 }),
      groups.allSatisfy({ $0.parts.count == parts })
    else { throw list.wrong("sorted groups") }
    classNames = try node.optional("classes")?.strings
    let classes = classNames?.count ?? 2
    let scores = try own.strings
    guard classes >= 2, scores.count == (classNames == nil ? 1 : classes) else {
      throw own.wrong("a score column, or one of each class")
    }
    let width = kind == .shares ? groups.count : kind == .joint ? groups.count * classes : 0
    guard try others.strings.count == width,
      try StoredNumbers.areDistinct(scores + others.strings),
      try !(scores + others.strings).contains("")
    else { throw others.wrong("\(width) columns of groups, each with a name of its own") }
    columns = BlindColumns(
      scores: scores, others: try others.strings, kind: kind, groups: groups.count,
      classes: classes)
    output = try node["decision"].string
    guard !output.isEmpty else { throw try node["decision"].wrong("the name of a column") }
    idColumn = try node.optional("id")?.string
    guard idColumn != "", let seed = UInt64(try node["seed"].string) else {
      throw try node["seed"].wrong("a whole number as text, and the name of a column of ids")
    }
    self.seed = seed
    guard let unseen = UnseenRule(rawValue: try node["unseen"].string) else {
      throw try node["unseen"].wrong("fail or pass")
    }
    passesUnseen = unseen == .pass
    let costs = try node["loss"]
    let loss = try costs.array.map { try $0.doubles }
    guard loss.count == classes,
      loss.allSatisfy({ $0.count == classes && $0.allSatisfy { abs($0) <= 1e6 } })
    else { throw costs.wrong("a cost of each class and decision") }
    let limits = try node["limits"]
    let constraints = try limits.array.map { limit in
      BlindConstraint(
        decided: try limit["decided"].count, given: try limit.optional("given")?.count,
        tolerance: try limit["tolerance"].share)
    }
    guard constraints.allSatisfy({ $0.decided < classes && $0.given ?? 0 < classes }) else {
      throw limits.wrong("limits on classes that there are")
    }
    let problem = BlindProblem(
      groups: groups.count, classes: classes, loss: loss, constraints: constraints)
    self.problem = problem
    guard !problem.isJoint || kind != .shares else {
      throw limits.wrong("limits that the columns can tell of")
    }
    let mean = try node["means"]
    means = try mean.shares
    guard means.count == problem.events else { throw mean.wrong("a mean of each event") }
    let rules = try node["rules"]
    self.parts = try rules.array.map { part in
      let slopes = try part["slopes"]
      let constant = try part.optional("always")?.count
      let numbers = try slopes.doubles
      guard numbers.count == (constant == nil ? classes * problem.events : 0),
        constant ?? 0 < classes
      else {
        throw slopes.wrong("a slope of each class and event, or a class that is always decided")
      }
      return Part(
        rule: BlindRule(slopes: numbers, constant: constant), weight: try part["weight"].share,
        outcome: try BlindProgram.Outcome(part["outcome"], problem))
    }
    guard !self.parts.isEmpty, abs(self.parts.reduce(0) { $0 + $1.weight } - 1) <= 1e-9 else {
      throw rules.wrong("one rule or more, with shares that sum to 1")
    }
    guard (self.parts.count > 1) == (idColumn != nil) else {
      throw try node["id"].wrong("the column of ids where there are several rules, and only there")
    }
    bound = try node["bound"].double
    free = try BlindProgram.Outcome(node["without limits"], problem)
    isDeterministic = try node["deterministic"].bool
    records = try node["records"].count
    passes = try node["passes"].count
    let stored = try node["distributions"]
    distributions = try stored.array.map { try Distribution($0, knownValues: nil) }
    guard distributions.count == columns.all.count else {
      throw stored.wrong("a distribution of each column")
    }
  }
}

extension BlindProgram.Outcome {
  fileprivate func json() -> JSONValue {
    ["cost": .number(risk), "rates": .array(rates.map { JSONValue($0) })]
  }

  fileprivate init(_ node: JSONNode, _ problem: BlindProblem) throws {
    let list = try node["rates"]
    risk = try node["cost"].double
    rates = try list.array.map { try $0.doubles }
    guard rates.count == problem.constraints.count,
      rates.allSatisfy({ $0.count == problem.groups && $0.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-9 } }
      )
    else { throw list.wrong("a rate of each limit and group") }
  }
}
