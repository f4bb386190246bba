package import FairpostRoles

/// What the columns of rows to learn from are for, as told.
package struct LearningColumns: Sendable {
  /// The roles that all commands know.
  package var roles = RoleNames()
  /// Whether the sensitive columns may be features.
  package var includesGroup = false
  /// Columns that never become features.
  package var excluded: [String] = []
  /// Features whose names are those of columns that fairpost writes.
  package var included: [String] = []
  /// Columns of categories, though they look like numbers.
  package var categorical: [String] = []
  /// Columns of numbers.
  package var numeric: [String] = []
  /// The column that names the task of a row in meta-learning.
  package var taskColumn: String?
  /// The column that says which rows train and which validate.
  package var split: String?
  /// The regressions whose logarithm is learned: `log`, or `TASK=log`.
  package var logTargets: [String] = []

  /// No roles.
  package init() {}
}

/// What a training run is asked for, besides its method and its rows.
package struct LearningRequest: Sendable {
  /// What the columns are for.
  package var columns = LearningColumns()
  /// A file of validation rows.
  package var validation: String?
  /// The share of the rows kept back to choose the best epoch on; nil for the method's own.
  package var validationShare: Double?
  /// Whether numbers are standardised.
  package var standardises = true
  /// Categories of a column that are kept by name.
  package var levels = 50
  /// Tasks to leave out of meta-learning: names, or `count:N`.
  package var heldOut: String?
  /// A file with the weights to start from.
  package var initial: String?
  /// Where the figures of every epoch are written.
  package var log: String?
  /// Where each training row's mean weight is written.
  package var weights: String?
  /// The seed of every random choice.
  package var seed: UInt64 = 0
  /// What the model tells of how it was asked for, besides its method's settings.
  package var recorded: [String: String] = [:]

  /// The usual run.
  package init() {}
}
