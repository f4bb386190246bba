internal import Numerics
public import Transport

/// A fitted barycentre map: all a row's result depends on besides the row.
public struct WassersteinMap: Sendable, Equatable {
  /// One group's function within one stratum.
  public struct Entry: Sendable, Equatable {
    /// The function; nil leaves the score as it is (a stratum with one group only).
    public let table: MapTable?
    /// The group's distribution, compressed as the table is.
    public let ranks: Distribution
    /// The stratum, an index into the step's averages.
    public let stratum: Int
    /// How many records it was estimated from.
    public let rows: Int
    /// The largest error of compression at a calibration value.
    public let valueError: Double
  }

  /// The correction for one attribute.
  public struct Step: Sendable, Equatable {
    /// Which attribute is corrected.
    public let attribute: Int
    /// The entries of the combinations of this and the later attributes, by their codes.
    public let entries: [[Int]: Entry]
    /// The combinations with fewer records than the minimum that the attribute's own map serves.
    public let small: [CellCount]
    /// The entries of the attribute alone, over the whole sample, where a policy may need them.
    public let marginal: [Int: Entry]
    /// The pooled sample's entry, where a policy may need it.
    public let pooled: Entry?
    /// The average quantile function of each stratum, where random ties need it.
    public let averages: [QuantileAverage]
    /// How much of the step's input is kept.
    public var epsilon: Double
    let dense: [Entry?]
    let sizes: [Int]
  }

  /// All steps for one score.
  public struct Score: Sendable, Equatable {
    /// The score's name.
    public let name: String
    /// The steps in order of attribute.
    public var steps: [Step]
  }

  /// What was chosen.
  public let settings: WassersteinSettings
  /// The attributes and their groups.
  public let attributes: [CalibrationSummary.Attribute]
  /// The scores' maps.
  public let scores: [Score]
  /// The exact data behind the map, where it was to be kept.
  public let summary: CalibrationSummary?
  /// What is claimed, for each score.
  public let certificates: [Certificate]
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
    // A small table of all combinations spares a hash for every row.
    let product = sizes.reduce(1) { $0 > 1 << 20 ? $0 : $0 * $1 }
    self.sizes = sizes
    guard product <= 1 << 20 else {
      dense = []
      return
    }
    var dense = [WassersteinMap.Entry?](repeating: nil, count: product)
    for (codes, entry) in entries {
      var at = 0
      for (code, size) in zip(codes, sizes) { at = at * size + code }
      dense[at] = entry
    }
    self.dense = dense
  }
}
