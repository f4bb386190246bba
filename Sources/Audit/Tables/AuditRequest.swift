package import FairpostText
package import FairpostRoles

/// What an audit is asked for.
package struct AuditRequest: Sendable {
  /// The rule or practice.
  package var scheme: Scheme
  /// The attributes, weights and frequencies.
  package var roles = RoleNames()
  /// The column that says who was selected, perhaps with the value that means so: `COL` or `COL=VALUE`.
  package var decision: String?
  /// The column of scores: people above the median count as selected where no decision is named.
  package var score: String?
  /// The column of positions.
  package var position: String?
  /// The column of periods.
  package var period: String?
  /// Whether the attributes' intersection has a table too.
  package var wantsIntersections = false
  /// The groups that others are compared with, as `COL=VALUE`.
  package var reference: [String] = []
  /// Names of categories as they stand and as they are called: `COL:TEXT=NAME`.
  package var renames: [String] = []
  /// Why categories of less than 2 % have no part in ratios; nil where they have.
  package var exclusion: String?
  /// Whether those left out have a ratio all the same.
  package var showsRatioOfExcluded = false
  /// Whether the median is that of people whose categories are all known.
  package var medianOfIncluded = false
  /// Rows of fewer people show no figure.
  package var minimumCell = 0
  /// Whether tests are wanted where the scheme has none.
  package var wantsTests = false
  /// The level of intervals.
  package var level = 0.95
  /// A file of the population that shares are compared with.
  package var population: String?
  /// What the reader of the tables should know besides, as `KEY=TEXT`.
  package var notes: [String] = []

  /// An audit under a scheme.
  package init(_ scheme: Scheme) { self.scheme = scheme }

  /// `COL=VALUE`, for an option.
  static func pair(_ text: String, _ option: String) throws(UsageError) -> (String, String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("\(option: option) \(text): expected NAME=TEXT")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  /// Refuses what cannot go together.
  package func check() throws(UsageError) {
    _ = try SensitiveAttributes.checked(roles.groups)
    if roles.groups.isEmpty {
      throw UsageError("name a sensitive attribute: \(option: "group") COL")
    }
    if decision == nil, score == nil {
      throw UsageError(
        "say who was selected: \(option: "decision") COL (1 and 0, Yes and No), or \(option: "score") COL for the rate of scores above the median"
      )
    }
    if scheme.comparison == .highest, !reference.isEmpty {
      throw UsageError(
        "\(option: "reference"): audit \(scheme.name) compares each category with the one that has the highest rate, so it takes no reference"
      )
    }
    if let exclusion, exclusion.allSatisfy(\.isWhitespace) {
      throw UsageError(
        "\(option: "small") exclude needs a justification: \(option: "because") TEXT")
    }
    for text in reference { _ = try Self.pair(text, "reference") }
    for text in notes { _ = try Self.pair(text, "note") }
    for text in renames {
      let (place, _) = try Self.pair(text, "category")
      guard let colon = place.firstIndex(of: ":"), colon != place.startIndex else {
        throw UsageError("\(option: "category") \(text): expected COL:TEXT=NAME")
      }
    }
  }
}
