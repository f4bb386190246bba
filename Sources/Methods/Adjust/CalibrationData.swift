public import Transport

/// The unlabelled records an adjustment is estimated from, in columns.
public struct CalibrationData: Sendable {
  /// The score columns by name; NaN is a missing score.
  public var scores: [(name: String, values: [Double])]
  /// The sensitive attributes, in the order they are corrected.
  public var attributes: [Grouping]
  /// A weight for every row.
  public var weights: [Double]?
  /// Whether weights are frequencies: a row of weight w stands for w equal records.
  public var frequency: Bool
  /// A hash of every record's id; what is random or split is keyed by it.
  public var keys: [UInt64]?

  /// Columns that belong together.
  public init(
    scores: [(name: String, values: [Double])], attributes: [Grouping], weights: [Double]? = nil,
    frequency: Bool = false, keys: [UInt64]? = nil
  ) {
    self.scores = scores
    self.attributes = attributes
    self.weights = weights
    self.frequency = frequency
    self.keys = keys
  }
}
