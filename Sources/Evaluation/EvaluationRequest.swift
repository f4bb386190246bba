internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
package import FairpostRoles
internal import FairpostText
internal import FairpostTransport

/// What an evaluation is asked for.
package struct EvaluationRequest: Sendable {
  /// What the columns are for.
  package var roles = RoleNames()
  /// Whether all combinations of the sensitive columns are attributes as well.
  package var wantsIntersections = false
  /// Numeric sensitive attributes.
  package var continuous: [String] = []
  /// Columns in whose values people are alike, for figures within strata.
  package var strata: [String] = []
  /// Columns in which near rows are alike.
  package var features: [String] = []
  /// The figures by id; nil for the usual ones.
  package var metrics: [String]?
  /// Scores from here on are decided 1; nil for 0.5 where nothing else decides.
  package var threshold: Double?
  /// The share of the highest scores that is decided 1.
  package var rate: Double?
  /// The level of intervals; nil for 95 %.
  package var level: Double?
  /// Resamples for intervals; 0 for closed forms.
  package var bootstrap = 0
  /// Permutations for p-values; 0 for none.
  package var permutations = 0
  /// Whether p-values are corrected for their number by Holm's method.
  package var correctsP = false
  /// A map whose calibration rows count into the chance level.
  package var map: String?
  /// Groups with fewer rows are flagged.
  package var smallGroup = 30
  /// No figure is shown that rests on fewer rows.
  package var minimumCell = 0
  /// Whether a person will glance at the figures: gaps of all notions are wanted.
  package var isForGlance = false
  /// Limits on figures, each as `task/score/attribute:metric > limit`.
  package var limits: [String] = []
  /// The significant binary digits that scores were rounded to; nil for scores as they were.
  package var sketch: Int?
  /// The bytes that scores may take as they stand; of more, each different score of a group is held once.
  package var memory = 1 << 30
  /// The seed of every random choice.
  package var seed: UInt64 = 0

  /// The usual figures.
  package init() {}

  /// How figures are computed.
  func options(_ plan: EvaluationPlan, threads: Int) throws -> EvaluationOptions {
    var settings = EvaluationOptions()
    if let level { settings.tail = (100 - level * 100) / 100 }
    settings.smallGroup = smallGroup
    settings.seed = seed
    settings.bootstrap = bootstrap
    settings.permutations = permutations
    settings.threads = threads
    for attribute in plan.attributes.map({ $0.map(\.name) }) {
      settings.protected[attribute] = plan.protected.key(attribute)
    }
    if permutations == 0, correctsP {
      throw UsageError(
        "\(option: "adjust-p") corrects p-values: ask for them with \(option: "permutations") N")
    }
    return settings
  }

  /// Refuses a protected value that no row has.
  static func check(
    _ protected: [[String]: GroupKey], _ attributes: [(columns: [String], keys: [GroupKey])],
    _ input: String
  ) throws {
    for (columns, keys) in attributes {
      guard let key = protected[columns], !keys.contains(key) else { continue }
      let near = nearest(key.description, in: keys.map(\.description))
      throw Failure(
        .badData,
        "\(input): column \"\(columns.joined(separator: ","))\": no row has the protected value \"\(key)\"",
        hint: near.map { "did you mean \"\($0)\"?" })
    }
  }
}
