package import FairpostNumerics

/// What can be wrong with a CSV stream; lines count from 1 and are physical lines.
package enum CSVError: Error, Equatable, Sendable {
  /// There is not even a header.
  case empty
  /// The bytes are not CSV text but something recognised, such as gzip.
  case notText(kind: String, remedy: String)
  /// Lines end with a carriage return alone, as on old Macs.
  case loneReturns
  /// A record has another number of fields than the header.
  case ragged(line: Int, expected: Int, found: Int)
  /// A quote opened on this line never closes.
  case openQuote(line: Int)
  /// A record grew past the limit without ending.
  case tooLong(line: Int, limit: Int)
  /// The system refused to read.
  case system(SystemError)

  /// The same error where `lines` more lines stand before the block it was found in.
  package func shifted(by lines: Int) -> CSVError {
    switch self {
    case .empty, .notText, .loneReturns, .system: self
    case .ragged(let line, let expected, let found):
      .ragged(line: line + lines, expected: expected, found: found)
    case .openQuote(let line): .openQuote(line: line + lines)
    case .tooLong(let line, let limit): .tooLong(line: line + lines, limit: limit)
    }
  }

  /// The line it is about, where it is about one.
  package var line: Int? {
    switch self {
    case .empty, .notText, .loneReturns, .system: nil
    case .ragged(let line, _, _), .openQuote(let line), .tooLong(let line, _): line
    }
  }

  /// What is wrong, without file and line.
  package var message: String {
    switch self {
    case .empty: "the input is empty: not even a header row"
    case .notText(let kind, let remedy): "this looks like \(kind), not CSV text: \(remedy)"
    case .loneReturns:
      "lines end with a carriage return alone (CR), not with a newline: convert them with: tr '\\r' '\\n'"
    case .ragged(_, let expected, let found):
      "the record has \(found) field\(found == 1 ? "" : "s"), the header has \(expected)"
    case .openQuote: "a quote opens here and never closes"
    case .tooLong(_, let limit): "a record starts here that is over \(limit >> 20) MiB long"
    case .system(let error): error.message
    }
  }
}
