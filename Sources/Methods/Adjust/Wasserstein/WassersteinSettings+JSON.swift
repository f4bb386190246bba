internal import FairpostJSON
internal import FairpostTransport

extension WassersteinSettings {
  /// What is stored of the settings: all that decides a result.
  func json() -> JSONValue {
    var object: JSONObject = [
      "epsilon": JSONValue(epsilons), "estimator": .string(estimator.rawValue),
      "ties": .string(ties.rawValue), "jitter": .number(jitter),
      "group weights": groupWeights.json(),
      "range": range.map { JSONValue([$0.lowerBound, $0.upperBound]) } ?? .null,
      "outside": .string(outside.rawValue), "unseen": .string(unseen.rawValue),
      "missing group": .string(missingGroup.rawValue), "small cell": .string(smallCell.rawValue),
      "min group": .integer(minimumGroup), "allow singletons": .bool(allowsSingletons),
      "knots": knots.map { .integer($0) } ?? .null, "certificate": .bool(certificate),
    ]
    object.append("target w2", targetW2.map { .number($0) } ?? .null)
    if let valueError { object.append("value error", .number(valueError)) }
    if let sketch { object.append("sketch", .integer(sketch)) }
    if revision > 1 { object.append("revision", .integer(revision)) }
    // Seeds use all 64 bits, which a JSON number need not carry.
    object.append("seed", .string(String(seed)))
    return .object(object)
  }

  /// Reads stored settings.
  init(_ node: JSONNode) throws {
    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String) throws -> Word {
      let text = try node[key].string
      guard let word = Word(rawValue: text) else {
        throw try node[key].wrong("one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return word
    }
    self.init()
    epsilons = try node["epsilon"].doubles
    estimator = try word("estimator")
    ties = try word("ties")
    jitter = try node["jitter"].size
    groupWeights = try GroupWeights(try node["group weights"])
    if let ends = try node.optional("range")?.doubles {
      guard ends.count == 2, ends[0] <= ends[1] else {
        throw try node["range"].wrong("two numbers in order")
      }
      range = ends[0]...ends[1]
    }
    outside = try word("outside")
    unseen = try word("unseen")
    missingGroup = try word("missing group")
    smallCell = try word("small cell")
    minimumGroup = try node["min group"].count
    allowsSingletons = try node["allow singletons"].bool
    knots = try node.optional("knots")?.count
    certificate = try node["certificate"].bool
    targetW2 = try node.optional("target w2")?.size
    valueError = try node.optional("value error")?.size
    if let stored = try node.optional("sketch") {
      sketch = try stored.int
      guard Sketch.digits.contains(try stored.int) else {
        throw stored.wrong("4 to 52 binary digits")
      }
    }
    revision = try node.optional("revision")?.int ?? 1
    guard (1...2).contains(revision) else { throw try node["revision"].wrong("1 or 2") }
    guard let seed = UInt64(try node["seed"].string) else {
      throw try node["seed"].wrong("a whole number as text")
    }
    self.seed = seed
  }
}

extension GroupWeights {
  fileprivate func json() -> JSONValue {
    switch self {
    case .shares: "shares"
    case .equal: "equal"
    case .given(let weights):
      .array(
        weights.sorted { $0.key < $1.key }.map { key, weight in
          ["group": key.json(), "weight": .number(weight)]
        })
    }
  }

  fileprivate init(_ node: JSONNode) throws {
    if case .string(let word) = node.value {
      guard word == "shares" || word == "equal" else {
        throw node.wrong("\"shares\", \"equal\" or a list of weights")
      }
      self = word == "shares" ? .shares : .equal
      return
    }
    var weights: [GroupKey: Double] = [:]
    for entry in try node.array {
      let key = try GroupKey(try entry["group"])
      guard weights[key] == nil else { throw try entry["group"].wrong("a group, each once") }
      weights[key] = try entry["weight"].size
    }
    self = .given(weights)
  }
}
