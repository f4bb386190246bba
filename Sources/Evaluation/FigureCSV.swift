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
    // Of many groups there are many figures, of few attributes.
    var last: (columns: [String], text: [UInt8])?
    var groups: [GroupKey: [UInt8]] = [:]
    bytes.reserveCapacity(figures.count * 96)
    for figure in figures {
      func next(_ text: String) {
        append(text, to: &bytes)
        bytes.append(Dialect.comma.delimiter)
      }
      func next(_ number: Double?) {
        append(number, to: &bytes)
        bytes.append(Dialect.comma.delimiter)
      }
      next(figure.task)
      next(figure.score)
      next(figure.metric)
      next(figure.definition)
      if last?.columns != figure.attribute {
        let names = JSONValue.array(figure.attribute.map { .string($0) })
        last = (figure.attribute, Dialect.comma.quoted(trimmed(try names.written(.compact))))
      }
      bytes += last?.text ?? []
      bytes.append(Dialect.comma.delimiter)
      if let group = figure.group {
        if let known = groups[group] {
          bytes += known
        } else {
          let text = Dialect.comma.quoted(
            trimmed(try JSONValue.group(group).written(.compact)))
          groups[group] = text
          bytes += text
        }
      }
      bytes.append(Dialect.comma.delimiter)
      next(figure.value)
      next(figure.lower)
      next(figure.upper)
      NumberText.append(figure.count, to: &bytes)
      bytes.append(Dialect.comma.delimiter)
      next(figure.method)
      next(flag(figure))
      next(figure.noise?.mean)
      next(figure.noise?.band)
      next(figure.insideNoise.map { $0 ? "1" : "0" } ?? "")
      next(figure.pValue)
      next(figure.category ?? "")
      if let least = figure.least { NumberText.append(least, to: &bytes) }
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

  private static func append(_ value: Double?, to bytes: inout [UInt8]) {
    guard let value else { return }
    if value.isNaN {
      bytes += "NaN".utf8
    } else if value.isInfinite {
      bytes += (value < 0 ? "-Inf" : "Inf").utf8
    } else {
      NumberText.append(value, to: &bytes)
    }
  }

  /// A text, quoted where it must be; most are words that need not be looked at twice.
  private static func append(_ text: String, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes += text.utf8
    guard bytes[start...].contains(where: { $0 < 0x2D && $0 != 0x20 }) else { return }
    let field = Dialect.comma.quoted(Array(bytes[start...]))
    bytes.removeSubrange(start...)
    bytes += field
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
