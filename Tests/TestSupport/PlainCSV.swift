internal import Foundation

/// A deliberately simple CSV table for reading reference files in tests (no quoting, no surprises).
///
/// It shares nothing with the program's own reader, so that a fault there cannot hide in a test.
package struct PlainCSV {
  /// The column names.
  package let header: [String]
  /// The rows' fields.
  package let rows: [[String]]

  /// Reads a file.
  package init(path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map {
      line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    header = lines.isEmpty ? [] : lines.removeFirst()
    rows = lines
  }

  /// A column as text.
  package func texts(_ name: String) -> [String] {
    guard let index = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }

  /// A column as numbers; what is not a number is NaN.
  package func numbers(_ name: String) -> [Double] {
    texts(name).map { Double($0) ?? .nan }
  }
}
