package import FairpostTransport

/// What an exactly fair predictor would show on these sample sizes.
package struct NoiseFloor: Sendable, Equatable {
  /// The mean of the figure under exact fairness.
  package var mean: Double
  /// The 95 % quantile; for ratios the 5 % quantile.
  package var band: Double
}

/// One figure: a value with its uncertainty, or the reason why it cannot be estimated.
package struct Figure: Sendable, Equatable {
  /// The task; empty for figures over tasks.
  package var task: String
  /// The score column; empty for figures of the labels alone.
  package var score: String
  /// The metric's id as it was asked for.
  package var metric: String
  /// The id of the definition, which says what exactly is computed.
  package var definition: String
  /// The attribute's columns.
  package var attribute: [String]
  /// The group; nil for figures over groups.
  package var group: GroupKey?
  /// The class of a multiclass task the figure is about.
  package var category: String?
  /// The value; nil where it cannot be estimated.
  package var value: Double?
  /// Why it cannot be estimated.
  package var reason: String?
  /// The lower bound of the 95 % interval.
  package var lower: Double?
  /// The upper bound.
  package var upper: Double?
  /// The rows it rests on.
  package var count: Int
  /// The method of the interval.
  package var method: String
  /// What a reader should know: `small-group`, `fairlearn-degenerate`, ...
  package var flags: [String]
  /// The noise floor, where there is one.
  package var noise: NoiseFloor?
  /// Whether the figure is inside the band an exactly fair predictor would show.
  package var insideNoise: Bool?
  /// A permutation p-value, where asked for.
  package var pValue: Double?
  /// The fewest rows of one group that it rests on, where it compares groups; of figures made of several
  /// rates the smallest denominator.
  package var least: Int?
  /// What its permutation test asks; figures with the same words test the same.
  package var hypothesis: [String]?

  /// A figure from its parts.
  package init(
    task: String, score: String, metric: String, definition: String, attribute: [String],
    group: GroupKey?, category: String?, value: Double?, reason: String?, lower: Double?,
    upper: Double?, count: Int, method: String, flags: [String], noise: NoiseFloor? = nil,
    insideNoise: Bool? = nil, pValue: Double? = nil, least: Int? = nil
  ) {
    self.task = task
    self.score = score
    self.metric = metric
    self.definition = definition
    self.attribute = attribute
    self.group = group
    self.category = category
    // What is no number is no estimate, and bounds belong to a value.
    let isNumber = value.map { !$0.isNaN } ?? false
    self.value = isNumber ? value : nil
    self.reason = reason ?? (value != nil && !isNumber ? "the numbers are too large" : nil)
    self.lower = isNumber ? lower.flatMap { $0.isNaN ? nil : $0 } : nil
    self.upper = isNumber ? upper.flatMap { $0.isNaN ? nil : $0 } : nil
    self.count = count
    self.method = method
    self.flags = flags
    self.noise = noise
    self.insideNoise = insideNoise
    self.pValue = pValue
    self.least = least
  }
}

extension Figure {
  /// The flag of figures of decisions that are all alike.
  package static let decisionsAlike = "decisions-alike"
}

/// What one metric gives for one task, score and attribute, before it gets its names.
struct Outcome: Sendable {
  var group: Int?
  var category: String?
  /// Set where the figure is about a numeric attribute.
  var attribute: [String]?
  var value: Double?
  var reason: String?
  var lower: Double?
  var upper: Double?
  var count = 0
  var method = ""
  var flags: [String] = []
  var noise: NoiseFloor?
  var insideNoise: Bool?
  /// What the figure was in simulations of exact fairness, draw by draw.
  var fairDraws: [Double] = []
  /// The fewest rows of a group it rests on.
  var least: Int?

  static func unavailable(_ reason: String) -> Outcome { Outcome(reason: reason) }
}
