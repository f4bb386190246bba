package import FairpostNumerics

/// What a row's group is called: one value for each column of the attribute, never a joined string.
package struct GroupKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The values in the order of the attribute's columns.
  package let parts: [ByteText]

  /// A key from its parts.
  package init(_ parts: [ByteText]) { self.parts = parts }

  /// The key for people to read; programs use `parts`.
  package var description: String { parts.map(\.description).joined(separator: " & ") }

  package static func < (left: GroupKey, right: GroupKey) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }
}

/// One sensitive attribute of every row: a small code a row, and the key each code stands for.
///
/// `--group sex` is one grouping; `--group sex,race` is one grouping with keys of two parts;
/// `--group sex --group race` is two groupings.
package struct Grouping: Sendable {
  /// The columns the attribute is made of.
  package let columns: [String]
  /// The group keys, sorted; a code is an index into them.
  package let keys: [GroupKey]
  /// The group of every row; -1 where it is missing (an empty part).
  package let codes: [Int32]

  /// A grouping from parts that fit together.
  ///
  /// - Precondition: every code is -1 or an index into `keys`, and `keys` is sorted without repeats.
  package init(columns: [String], keys: [GroupKey], codes: [Int32]) {
    self.columns = columns
    self.keys = keys
    self.codes = codes
  }
}
