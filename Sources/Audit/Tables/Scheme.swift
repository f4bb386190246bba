/// Under which rule or practice an audit is laid out: it chooses columns and words, never arithmetic.
package struct Scheme: Sendable {
  /// What the command line calls it.
  package let name: String
  /// What it is, in a line.
  package let summary: String
  /// The title of its tables.
  package let title: String
  /// What each category is compared with.
  package let comparison: Comparison
  /// Whether the intersection of all attributes has a table without being asked for.
  package let hasIntersections: Bool
  /// Whether tests belong to its tables; elsewhere they need `--tests` and a table of their own.
  package let hasTests: Bool
  /// Whether it names four fifths.
  package let namesFourFifths: Bool
  /// The columns of its tables.
  package let columns: [AuditColumn]
  /// What people and selections are called.
  package let words: Words
  /// What the law says and does not say, in sentences that stand under every table.
  package let law: [String]
  /// The day these sentences were true on.
  package let asOf: String

  /// What a category is compared with.
  package enum Comparison: Sendable {
    /// The category with the highest rate.
    case highest
    /// The one that is named, else the most numerous.
    case reference
  }

  /// What a scheme calls people and selections.
  package struct Words: Sendable {
    /// The people.
    package let people: String
    /// Those selected.
    package let selected: String
    /// The rate.
    package let rate: String
    /// The ratio.
    package let ratio: String
  }

  /// Every scheme, in the order of help.
  package static let all: [Scheme] = SchemeWords.all

  /// The scheme of a name.
  package static func named(_ name: String) -> Scheme? { all.first { $0.name == name } }
}

/// A column of a table for people.
package enum AuditColumn: Sendable {
  case people, selected, rate, ratio, belowFourFifths, fisher, deviations, flips, shortfall, parity
  case reading, ratioInterval, difference, differenceInterval, both, share, population, note
}
