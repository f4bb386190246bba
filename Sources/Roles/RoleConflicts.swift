package import FairpostOptions

/// Which columns were given which roles, to refuse a column with two that contradict each other.
package struct RoleConflicts {
  private var taken: [(column: String, option: String)] = []

  /// No roles yet.
  package init() {}

  /// Gives a column a role that it cannot share: what is predicted is not what predicts, what
  /// divides into groups is no weight, and a key is neither.
  ///
  /// - Parameter option: the option that names it, such as `--task`.
  package mutating func take(_ column: String, _ option: String) throws(UsageError) {
    if let other = taken.first(where: { $0.column == column && $0.option != option }) {
      throw UsageError(
        "the column \"\(column)\" cannot be both \(other.option) and \(option)",
        hint: "name another column for one of them")
    }
    taken.append((column, option))
  }

  /// The same for a column that may not be named.
  package mutating func take(_ column: String?, _ option: String) throws(UsageError) {
    if let column { try take(column, option) }
  }

  /// The columns of the weight and of the key.
  package mutating func takeWeightAndID(_ roles: RoleNames) throws(UsageError) {
    if let weight = roles.weight { try take(weight.column, weight.option) }
    try take(roles.id, "--id")
  }
}
