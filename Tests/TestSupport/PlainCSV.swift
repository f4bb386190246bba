internal import Foundation

/// A deliberately simple CSV table for reading reference files in tests (no quoting, no surprises).
///
/// It shares nothing with the program's own reader, so that a fault there cannot hide in a test.
public struct PlainCSV {
  /// The column names.
  public let header: [String]
  /// The rows' fields.
  public let rows: [[String]]

  /// Reads a file.
  public init(path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map {
      line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    header = lines.isEmpty ? [] : lines.removeFirst()
    rows = lines
  }

  /// A column as text.
  public func texts(_ name: String) -> [String] {
    guard let index = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }

  /// A column as numbers; what is not a number is NaN.
  public func numbers(_ name: String) -> [Double] {
    texts(name).map { Double($0) ?? .nan }
  }
}
