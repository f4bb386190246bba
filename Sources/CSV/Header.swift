/// The names of a stream's columns.
package struct Header: Equatable, Sendable {
  /// The names in order; they need not be UTF-8 in the file, nor unique.
  package let names: [String]

  /// A header with these names.
  package init(_ names: [String]) { self.names = names }

  /// Why a name does not lead to a column.
  package enum Problem: Error, Equatable, Sendable {
    /// No column is called so.
    case missing(String)
    /// Several columns are called so.
    case ambiguous(String)
  }

  /// The place of a column.
  package func index(of name: String) throws(Problem) -> Int {
    guard let index = names.firstIndex(of: name) else { throw .missing(name) }
    guard names.lastIndex(of: name) == index else { throw .ambiguous(name) }
    return index
  }

  /// Whether some column is called so.
  package func contains(_ name: String) -> Bool { names.contains(name) }
}
