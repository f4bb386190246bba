package import FairpostJSON
package import FairpostTraining

/// What a comparison is asked for.
package struct CompareRequest: Sendable {
  /// What the columns are for.
  package var columns = LearningColumns()
  /// Training methods, with pre-processing before a `+`.
  package var methods: [String] = []
  /// What follows each of them: `none` or an adjustment.
  package var adjustments: [String] = []
  /// Settings of methods: `METHOD.SETTING=VALUE`.
  package var settings: [String] = []
  /// Settings with an arm for each value: `METHOD.SETTING=V,V;METHOD.SETTING=V,V`.
  package var sweeps: [String] = []
  /// The method that differences are taken to; nil for the first.
  package var plain: String?
  /// Other tools' predictions: a name and a file each.
  package var arms: [(name: String, path: String)] = []
  /// How often rows are divided.
  package var seedCount = 5
  /// The first seed.
  package var seed: UInt64 = 0
  /// The shares of train, calibrate and test.
  package var fractions = ""
  /// The share of its training rows on which a method chooses its best epoch.
  package var validationShare = 0.2
  /// Whether meta-learned weights are adapted to each task.
  package var adapts = true
  /// Whether numbers are standardised.
  package var standardises = true
  /// Categories of a column that are kept by name.
  package var levels = 50
  /// Figures beside the two axes; nil for the usual ones.
  package var metrics: [String]?
  /// The figure that counts as performance; nil for that of the type of task.
  package var performance: String?
  /// The figure that counts as fairness; nil for that of the type of task.
  package var fairness: String?
  /// The loss of performance that counts as none; nil for a hundredth of the plain model's.
  package var margin: Double?
  /// Scores from here on are decided 1; nil for 0.5.
  package var threshold: Double?
  /// The selection rate of the second comparison; nil for the label rate of the training rows.
  package var rate: Double?
  /// The level of intervals.
  package var level = 0.95
  /// The folder that keeps finished cells.
  package var journal: String?
  /// Whether to go on with the cells kept there.
  package var resumes = false
  /// What every cell's figures depend on, besides the arm, the seed and the data.
  package var configuration: JSONObject = [:]

  /// The usual comparison.
  package init() {}

  /// The seeds, counted on from the first.
  package var seeds: [UInt64] { (0..<UInt64(seedCount)).map { seed &+ $0 } }
}
