internal import FairpostJSON
package import FairpostMetrics
internal import FairpostText

/// Figures as JSON.
package enum FigureJSON {
  /// The format's name and the version of its layout.
  package static let format = "fairpost.figures"
  package static let version = 1

  package static func bytes(
    _ figures: [Figure], gates: [FailureGates.Finding], level: Double
  ) throws
    -> [UInt8]
  {
    let json: JSONValue = [
      "format": .string(format), "version": .integer(version),
      "written by": .string("fairpost \(Version.number)"), "level": .number(level),
      "figures": .array(figures.map(value)),
      "gates": .array(
        gates.map(gate)),
    ]
    return try json.written()
  }

  private static func gate(_ finding: FailureGates.Finding) -> JSONValue {
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    return [
      "gate": .string(finding.text), "verdict": .string(finding.verdict.word),
      "limit": .number(finding.limit), "value": number(finding.figure?.value),
      "lower": number(finding.figure?.lower), "upper": number(finding.figure?.upper),
      "group": finding.figure?.group.map { .group($0) } ?? .null,
    ]
  }

  private static func value(_ figure: Figure) -> JSONValue {
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    var object = JSONObject()
    object.append("task", .string(figure.task))
    object.append("score", .string(figure.score))
    object.append("metric", .string(figure.metric))
    object.append("definition", .string(figure.definition))
    object.append("attribute", .array(figure.attribute.map { .string($0) }))
    object.append("group", figure.group.map { .group($0) } ?? .null)
    if let category = figure.category { object.append("class", .string(category)) }
    object.append("value", number(figure.value))
    let reason =
      figure.reason
      ?? figure.value.flatMap {
        $0.isNaN ? "fairlearn's number is NaN" : $0.isInfinite ? "infinite" : nil
      }
    if let reason { object.append("reason", .string(reason)) }
    object.append("lower", number(figure.lower))
    object.append("upper", number(figure.upper))
    object.append("n", .integer(figure.count))
    if let least = figure.least { object.append("n_least", .integer(least)) }
    object.append("method", .string(figure.method))
    object.append("flags", .array(figure.flags.map { .string($0) }))
    if let noise = figure.noise {
      object.append("floor", number(noise.mean))
      object.append("floor95", number(noise.band))
    }
    if let inside = figure.insideNoise { object.append("inside_floor", .bool(inside)) }
    if let p = figure.pValue { object.append("p", number(p)) }
    return .object(object)
  }
}

extension Gate.Verdict {
  /// The verdict in a word.
  package var word: String {
    switch self {
    case .met: "PASS"
    case .notMet: "FAIL"
    case .undecided: "UNDECIDED"
    }
  }
}
