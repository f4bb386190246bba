internal import FairpostCSV
package import FairpostJSON
package import FairpostMetrics
internal import FairpostNumerics
package import FairpostTransport

/// Figures as long CSV: one line each, attribute and group as JSON arrays.
package enum FigureCSV {
  /// The columns; their order is a promise, new ones come behind.
  package static let columns = [
    "task", "score", "metric", "definition", "attribute", "group", "value", "lower", "upper", "n",
    "method", "flag", "floor", "floor95", "inside_floor", "p", "class",
    "n_least",
  ]

  package static func bytes(_ figures: [Figure]) throws -> [UInt8] {
    var bytes = Dialect.comma.record(columns.map { Array($0.utf8) }) + [UInt8(ascii: "\n")]
    for figure in figures {
      let fields: [[UInt8]] = [
        Array(figure.task.utf8), Array(figure.score.utf8), Array(figure.metric.utf8),
        Array(figure.definition.utf8),
        try JSONValue.array(figure.attribute.map { .string($0) }).written(.compact),
        try figure.group.map { try JSONValue.group($0).written(.compact) } ?? [],
        number(figure.value), number(figure.lower), number(figure.upper),
        Array(String(figure.count).utf8), Array(figure.method.utf8),
        Array(flag(figure).utf8), number(figure.noise?.mean), number(figure.noise?.band),
        Array((figure.insideNoise.map { $0 ? "1" : "0" } ?? "").utf8), number(figure.pValue),
        Array((figure.category ?? "").utf8), Array((figure.least.map(String.init) ?? "").utf8),
      ]
      bytes += Dialect.comma.record(fields.map { trimmed($0) })
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// The flags of a figure, and the reason where it could not be estimated.
  package static func flag(_ figure: Figure) -> String {
    var words = figure.flags
    if figure.value == nil {
      words.append("not estimable" + (figure.reason.map { ": " + $0 } ?? ""))
    }
    return words.joined(separator: "; ")
  }

  private static func number(_ value: Double?) -> [UInt8] {
    guard let value else { return [] }
    if value.isNaN { return Array("NaN".utf8) }
    if value.isInfinite { return Array((value < 0 ? "-Inf" : "Inf").utf8) }
    return Array(NumberText.text(value).utf8)
  }

  /// JSON's writer ends with a line ending.
  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
  }
}

extension JSONValue {
  /// A group's key as a list of its parts.
  package static func group(_ key: GroupKey) -> JSONValue {
    .array(key.parts.map { JSONValue($0) })
  }
}
