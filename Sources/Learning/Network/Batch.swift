/// Rows that go through a network together.
package struct Batch: Sendable {
  /// How many rows.
  package var rows: Int
  /// Features, row by row.
  package var inputs: [Double]
  /// What each row is conditioned on, row by row; empty for a plain network.
  package var conditions: [Double]

  /// A batch from its features.
  package init(rows: Int, inputs: [Double], conditions: [Double] = []) {
    self.rows = rows
    self.inputs = inputs
    self.conditions = conditions
  }
}
