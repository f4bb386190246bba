package import FairpostText

/// Which columns were given which roles, to refuse a column with two that contradict each other.
package struct RoleConflicts {
  private var taken: [(column: String, role: Message)] = []

  /// No roles yet.
  package init() {}

  /// Gives a column a role that it cannot share: what is predicted is not what predicts, what
  /// divides into groups is no weight, and a key is neither.
  ///
  /// - Parameter role: the role, or the option that gives it.
  package mutating func take(_ column: String, _ role: Message) throws(UsageError) {
    if let other = taken.first(where: { $0.column == column && $0.role != role }) {
      throw UsageError(
        "the column \"\(column)\" cannot be both \(other.role) and \(role)",
        hint: "name another column for one of them")
    }
    taken.append((column, role))
  }

  /// The same for a column that may not be named.
  package mutating func take(_ column: String?, _ role: Message) throws(UsageError) {
    if let column { try take(column, role) }
  }

  /// The columns of the weight and of the key.
  package mutating func takeWeightAndID(_ roles: RoleNames) throws(UsageError) {
    if let weight = roles.weight { try take(weight.column, weight.role) }
    try take(roles.id, "\(option: "id")")
  }
}
