/// Rows that go through a network together.
public struct Batch: Sendable {
  /// How many rows.
  public var rows: Int
  /// Features, row by row.
  public var inputs: [Double]
  /// What each row is conditioned on, row by row; empty for a plain network.
  public var conditions: [Double]

  /// A batch from its features.
  public init(rows: Int, inputs: [Double], conditions: [Double] = []) {
    self.rows = rows
    self.inputs = inputs
    self.conditions = conditions
  }
}
