internal import FairpostJSON
internal import FairpostTransport

extension Certificate {
  /// What is stored of a certificate.
  func json() -> JSONValue {
    [
      "groups": .array(
        groups.map { group in
          [
            "group": .array(group.cell.keys.map { $0.json() }),
            "records": .integer(group.cell.rows),
            "effective records": .number(group.effectiveCount),
            "mean before": .number(group.meanBefore), "mean after": .optional(group.meanAfter),
          ]
        }),
      "mean before": .number(meanBefore), "mean after": .optional(meanAfter),
      "before": before.json(), "after in sample": inSample.json(),
      "after cross-fitted": crossFitted?.json() ?? .null,
      "held-out chance level": heldOutChance.map { .number($0) } ?? .null,
      "distribution-free bound": distributionFree.json(), "asymptotic bound": asymptotic.json(),
      "price": .number(price), "closed-form price": closedFormPrice.map { .number($0) } ?? .null,
      "keeps order": .bool(keepsOrder),
    ]
  }

  /// Reads a stored certificate.
  init(_ node: JSONNode, _ attributes: [CalibrationSummary.Attribute]) throws {
    // Sets, since there may be ten thousand groups.
    let known = attributes.map { Set($0.keys) }
    self.init(
      groups: try node["groups"].array.map { group in
        let keys = try group["group"].array.map { try GroupKey($0) }
        guard keys.count == known.count, zip(keys, known).allSatisfy({ $1.contains($0) })
        else { throw try group["group"].wrong("a group of each attribute") }
        return Group(
          cell: CellCount(keys: keys, rows: try group["records"].count),
          effectiveCount: try group["effective records"].size,
          meanBefore: try group["mean before"].score,
          meanAfter: try group.optional("mean after")?.score ?? .nan)
      },
      meanBefore: try node["mean before"].score,
      meanAfter: try node.optional("mean after")?.score ?? .nan,
      before: try Distances(try node["before"]),
      inSample: try Distances(try node["after in sample"]),
      crossFitted: try node.optional("after cross-fitted").map { try Distances($0) },
      heldOutChance: try node.optional("held-out chance level").map { node in
        let level = try node.double
        guard level >= 0, level <= 1 else { throw node.wrong("a number between 0 and 1") }
        return level
      },
      distributionFree: try Bound(try node["distribution-free bound"]),
      asymptotic: try Bound(try node["asymptotic bound"]), price: try node["price"].size,
      closedFormPrice: try node.optional("closed-form price")?.size,
      keepsOrder: try node["keeps order"].bool)
    try node["groups"].countsTogether(groups.map(\.cell.rows))
  }
}

extension Certificate.Distances {
  fileprivate func json() -> JSONValue {
    [
      "ks": .optional(ks), "w1": .optional(w1), "w2": .optional(w2),
      "mean gap": .optional(meanGap),
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      ks: try node.optional("ks")?.share ?? .nan, w1: try node.optional("w1")?.size ?? .nan,
      w2: try node.optional("w2")?.size ?? .nan,
      meanGap: try node.optional("mean gap")?.size ?? .nan)
  }
}

extension JSONValue {
  /// A number, or null for one that is not known.
  fileprivate static func optional(_ number: Double) -> JSONValue {
    number.isFinite ? .number(number) : .null
  }
}

extension Certificate.Bound {
  fileprivate func json() -> JSONValue {
    switch self {
    case .atMost(let bound): .number(bound)
    case .none(let reason): .string(reason)
    }
  }

  fileprivate init(_ node: JSONNode) throws {
    if case .string(let reason) = node.value {
      self = .none(reason)
    } else {
      self = .atMost(try node.share)
    }
  }
}
