package import FairpostText

/// Which columns were given which roles, by name: what every command that reads rows is told, whoever
/// tells it.
package struct RoleNames: Sendable {
  /// The tasks as they are declared: `NAME`, `NAME:regression`, `NAME:binary=POSITIVE`.
  package var tasks: [String] = []
  /// Score columns of another tool.
  package var scores: [String] = []
  /// The sensitive attributes, each a column or an intersection of several.
  package var groups: [[String]] = []
  /// The protected values as they are declared: `COL=VALUE`.
  package var protected: [String] = []
  /// The column that says how much a row counts.
  package var weight: WeightName?
  /// The column that names a record.
  package var id: String?

  /// No roles.
  package init() {}

  /// The column that says how much a row counts, and in what sense.
  package struct WeightName: Sendable, Equatable {
    /// The column.
    package let column: String
    /// Whether a row of value n stands for n equal rows.
    package let isFrequency: Bool

    /// A column of weights or of frequencies.
    package init(_ column: String, isFrequency: Bool) {
      self.column = column
      self.isFrequency = isFrequency
    }

    /// The option that names such a column.
    package var role: Message { isFrequency ? "\(option: "frequency")" : "\(option: "weight")" }
  }
}
