internal import FairpostNumerics
package import FairpostTransport

/// A fitted barycentre map: all a row's result depends on besides the row.
package struct WassersteinMap: Sendable, Equatable {
  /// One group's function within one stratum.
  package struct Entry: Sendable, Equatable {
    /// The function; nil leaves the score as it is (a stratum with one group only).
    package let table: MapTable?
    /// The group's distribution, compressed as the table is.
    package let ranks: Distribution
    /// The stratum, an index into the step's averages.
    package let stratum: Int
    /// How many records it was estimated from.
    package let rows: Int
    /// The group's weight in its stratum's barycentre; 0 for the pooled sample, which has none.
    package let share: Double
    /// The largest error of compression at a calibration value.
    package let valueError: Double
  }

  /// The correction for one attribute.
  package struct Step: Sendable, Equatable {
    /// Which attribute is corrected.
    package let attribute: Int
    /// The entries of the combinations of this and the later attributes, by their codes.
    package let entries: [[Int]: Entry]
    /// The combinations with fewer records than the minimum that the attribute's own map serves.
    package let small: [CellCount]
    /// The entries of the attribute alone, over the whole sample, where a policy may need them.
    package let marginal: [Int: Entry]
    /// The pooled sample's entry, where a policy may need it.
    package let pooled: Entry?
    /// The average quantile function of each stratum, where random ties need it.
    package let averages: [QuantileAverage]
    /// How much of the step's input is kept.
    package var epsilon: Double
    /// The sizes of this and the later attributes.
    let sizes: [Int]
    /// Where a row's function is found.
    let index: StepIndex
  }

  /// All steps for one score.
  package struct Score: Sendable, Equatable {
    /// The score's name.
    package let name: String
    /// The steps in order of attribute.
    package var steps: [Step]
  }

  /// What was chosen.
  package let settings: WassersteinSettings
  /// The attributes and their groups.
  package let attributes: [CalibrationSummary.Attribute]
  /// The scores' maps.
  package let scores: [Score]
  /// The exact data behind the map, where it was to be kept.
  package let summary: CalibrationSummary?
  /// What is claimed, for each score.
  package let certificates: [Certificate]

  /// A map from its parts, as read from a file; `recheck` says whether they belong together.
  package init(
    settings: WassersteinSettings, attributes: [CalibrationSummary.Attribute], scores: [Score],
    summary: CalibrationSummary?, certificates: [Certificate]
  ) {
    self.settings = settings
    self.attributes = attributes
    self.scores = scores
    self.summary = summary
    self.certificates = certificates
  }
}

extension WassersteinMap.Step {
  init(
    attribute: Int, entries: [[Int]: WassersteinMap.Entry], small: [CellCount],
    marginal: [Int: WassersteinMap.Entry], pooled: WassersteinMap.Entry?,
    averages: [QuantileAverage], epsilon: Double, sizes: [Int]
  ) {
    self.attribute = attribute
    self.entries = entries
    self.small = small
    self.marginal = marginal
    self.pooled = pooled
    self.averages = averages
    self.epsilon = epsilon
    self.sizes = sizes
    index = StepIndex(entries: entries, marginal: marginal, pooled: pooled, sizes: sizes)
  }
}

/// The entries of a step in a row, and where each combination's is.
struct StepIndex: Sendable, Equatable {
  private(set) var entries: [WassersteinMap.Entry] = []
  /// The place of every combination by mixed radix, -1 for none; empty if there are too many.
  private(set) var dense: [Int32] = []
  private(set) var sparse: [[Int]: Int32] = [:]
  private(set) var marginal: [Int32]
  private(set) var pooled: Int32 = -1

  init(
    entries: [[Int]: WassersteinMap.Entry], marginal: [Int: WassersteinMap.Entry],
    pooled: WassersteinMap.Entry?, sizes: [Int]
  ) {
    // A small table of all combinations spares a hash for every row.
    let product = sizes.reduce(1) { $0 > 1 << 20 ? $0 : $0 * $1 }
    let isDense = product <= 1 << 20
    if isDense { dense = [Int32](repeating: -1, count: product) }
    for codes in entries.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let entry = entries[codes] else { continue }
      let place = Int32(self.entries.count)
      if isDense {
        dense[zip(codes, sizes).reduce(0) { $0 * $1.1 + $1.0 }] = place
      } else {
        sparse[codes] = place
      }
      self.entries.append(entry)
    }
    self.marginal = [Int32](repeating: -1, count: sizes.first ?? 0)
    for code in marginal.keys.sorted() {
      guard let entry = marginal[code] else { continue }
      self.marginal[code] = Int32(self.entries.count)
      self.entries.append(entry)
    }
    if let pooled {
      self.pooled = Int32(self.entries.count)
      self.entries.append(pooled)
    }
  }
}
