internal import FairpostJSON
internal import FairpostTransport

extension ThresholdAdjustment {
  func json() -> JSONValue {
    [
      "columns": .array(columns.map { .string($0) }),
      "groups": .array(keys.map { $0.json() }),
      "minimised": .string(objective.rawValue),
      "otherwise": otherwise.map { .number($0) } ?? .null,
      "scores": .array(
        scores.map { score in
          [
            "name": .string(score.name), "thresholds": JSONValue(score.thresholds),
            "records": .array(score.records.map { .integer($0) }),
            "fixed": .array(score.isFixed.map { .bool($0) }),
            "at one half": score.before.json(), "at these thresholds": score.after.json(),
            "distributions": .array(score.distributions.map { $0.json(knownValues: nil) }),
          ]
        }),
    ]
  }

  /// Reads stored ones.
  init(_ node: JSONNode) throws {
    columns = try node["columns"].strings
    let (columns, groups) = (columns, try node["groups"])
    keys = try groups.array.map { try GroupKey($0) }
    guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }), !keys.isEmpty,
      keys.allSatisfy({ $0.parts.count == columns.count })
    else { throw groups.wrong("sorted groups of as many parts as columns") }
    let count = keys.count
    let minimised = try node["minimised"]
    guard let objective = ThresholdObjective(rawValue: try minimised.string) else {
      throw minimised.wrong("a metric that thresholds can minimise")
    }
    self.objective = objective
    guard !columns.isEmpty, !columns.contains(""), StoredNumbers.areDistinct(columns) else {
      throw try node["columns"].wrong("the names of one column or more")
    }
    otherwise = try node.optional("otherwise")?.double
    scores = try node["scores"].array.map { score in
      let thresholds = try score["thresholds"]
      let result = Score(
        name: try score["name"].string, thresholds: try thresholds.doubles,
        records: try score["records"].counts, isFixed: try score["fixed"].array.map { try $0.bool },
        before: try Outcomes(score["at one half"]),
        after: try Outcomes(score["at these thresholds"]),
        distributions: try score["distributions"].array.map {
          try Distribution($0, knownValues: nil)
        })
      let lists = [
        result.thresholds.count, result.records.count, result.isFixed.count,
        result.before.selected.count, result.after.selected.count, result.distributions.count,
      ]
      guard lists.allSatisfy({ $0 == count }) else {
        throw thresholds.wrong("as many thresholds, records and distributions as groups")
      }
      return result
    }
    try checkNames(node)
  }
}

extension ThresholdAdjustment.Outcomes {
  fileprivate func json() -> JSONValue {
    [
      "selection rates": JSONValue(selected), "disparity": .number(disparity),
      "accuracy": accuracy.map { .number($0) } ?? .null,
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      selected: try node["selection rates"].shares, disparity: try node["disparity"].share,
      accuracy: try node.optional("accuracy")?.share)
  }
}
