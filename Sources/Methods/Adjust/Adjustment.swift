package import FairpostJSON
package import FairpostNumerics
package import FairpostTransport

/// A fitted adjustment: what a row's result depends on besides the row.
package protocol Adjustment: Sendable {
  /// The columns of each sensitive attribute, in order.
  var groupColumns: [[String]] { get }
  /// The groups of each attribute, in order of their codes.
  var groupKeys: [[[ByteText]]] { get }
  /// The score columns it adjusts.
  var scoreColumns: [String] { get }
  /// The columns it writes for a score column.
  func outputColumns(of score: String) -> [String]
  /// The column that names a record, where a result depends on it.
  var idColumn: String? { get }
  /// The seed under which ids are hashed.
  var seed: UInt64 { get }
  /// Whether some policy leaves rows out.
  var dropsRows: Bool { get }
  /// Adjusts a batch of one score's values; a row's result depends on that row alone.
  ///
  /// - Parameters:
  ///   - score: which score, an index into `scoreColumns`.
  ///   - values: the scores; NaN is missing.
  ///   - codes: for each attribute the rows' groups: an index into its keys, -1 missing, -2 unseen.
  ///   - keys: hashes of the rows' ids, where `idColumn` is not nil.
  ///   - steps: also the score after each attribute's step, before the last.
  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch
  /// Whether a row's result depends on all its scores together.
  var readsTogether: Bool { get }
  /// Adjusts a batch by all scores together, in the order of `scoreColumns`; one result for all.
  func apply(together values: [[Double]], codes: [[Int32]], keys: [UInt64]?) -> AdjustedBatch
  /// What is wrong with a row's scores together, and at which; nil where nothing is.
  func rowFault(_ values: [Double]) -> (score: Int, words: String)?
  /// What the numbers that it writes stand for, where they are written as texts.
  var choices: [String]? { get }
  /// The probability that each row of a batch is decided 1, where the adjustment decides by lot; nil where
  /// its results are all there is to say.
  func chances(score: Int, values: [Double], codes: [Int32]) -> [Double]?
  /// What it makes of the records it was fitted to, the same as row by row but without a search for
  /// each; nil where a record must be looked at by itself.
  ///
  /// - Parameter data: the records, sorted by `sortWithinGroups`; the score's values are taken out of
  ///   it, since their memory holds the result.
  func fittedValues(score: Int, of data: inout CalibrationData, threads: Int) -> [Double]?
  /// The setting of the fit that says what becomes of rows it refuses for this reason.
  func setting(against outcome: Outcome) -> String
  /// What it does about rows unlike those of the fit, where that can be chosen anew for a use of it.
  var policies: [PolicyChoice] { get }
  /// The same adjustment with another of a policy's values, one without an obstacle.
  func following(_ policy: String, _ value: String) -> any Adjustment
  /// What it does as plain data; nil where it cannot be told so, or not without the record's id.
  var exported: ExportedMap? { get }
  /// The records it was fitted to, where it keeps them all; nil where it does not.
  var summary: (any FitSummary)? { get }
  /// The file it is stored as.
  func json() -> JSONValue
  /// What is in it, in words and numbers.
  func description() -> String
  /// The records it was fitted on, for one of its scores.
  func calibration(of score: Int) -> CalibrationReference
  /// What it claims of itself that does not follow from what it holds; nil where all follows.
  func contradiction() -> String?
}

/// What an adjustment knows of the records it was fitted on: one distribution for each combination of
/// its attributes' groups.
package struct CalibrationReference: Sendable {
  /// For each combination the group of each of the first attributes, an index into `groupKeys`; all
  /// of them, unless small cells made the adjustment take the first alone.
  package let codes: [[Int]]
  /// The scores of each combination; compressed where the adjustment keeps them so.
  package let distributions: [Distribution]
  /// Combinations whose records are counted only.
  package let small: [(keys: [GroupKey], rows: Int)]

  /// A reference from its parts.
  package init(
    codes: [[Int]], distributions: [Distribution], small: [(keys: [GroupKey], rows: Int)] = []
  ) {
    self.codes = codes
    self.distributions = distributions
    self.small = small
  }
}

/// A policy of an adjustment, and what it could be besides.
package struct PolicyChoice: Sendable {
  /// The setting's name.
  package let setting: String
  /// What holds.
  package let value: String
  /// Every value; with each what the adjustment lacks for it, nil where it could be followed.
  package let values: [(value: String, obstacle: String?)]

  /// A policy, whose own value has no obstacle.
  package init(_ setting: String, _ value: String, _ values: [(value: String, obstacle: String?)]) {
    self.setting = setting
    self.value = value
    self.values = values.map { $0.value == value ? ($0.value, nil) : $0 }
  }
}

extension Adjustment {
  package var policies: [PolicyChoice] { [] }

  package func following(_ policy: String, _ value: String) -> any Adjustment { self }

  package var readsTogether: Bool { false }

  package func apply(together values: [[Double]], codes: [[Int32]], keys: [UInt64]?)
    -> AdjustedBatch
  {
    apply(score: 0, values: values.first ?? [], codes: codes, keys: keys, steps: false)
  }

  package func rowFault(_ values: [Double]) -> (score: Int, words: String)? { nil }

  package var choices: [String]? { nil }

  package var exported: ExportedMap? { nil }
  package var summary: (any FitSummary)? { nil }
  package func chances(score: Int, values: [Double], codes: [Int32]) -> [Double]? { nil }

  package func fittedValues(
    score: Int, of data: inout CalibrationData, threads: Int
  ) -> [Double]? { nil }

  package func setting(against outcome: Outcome) -> String {
    if outcome.contains(.missingGroup) { return "missing-group" }
    if outcome.contains(.unseenGroup) { return "unseen" }
    return outcome.contains(.smallCell) ? "small-cell" : "outside"
  }
}

/// What an adjustment makes of a batch.
package struct AdjustedBatch: Sendable {
  /// The written columns' values, in the order of `outputColumns`; NaN where there is none.
  package var columns: [[Double]]
  /// What was done to each row.
  package var outcomes: [Outcome]

  /// The results of a batch.
  package init(columns: [[Double]], outcomes: [Outcome]) {
    self.columns = columns
    self.outcomes = outcomes
  }
}

/// What makes a calibration record bad, besides values that cannot be read.
package struct RowRules: Sendable {
  /// The range scores must lie in.
  package var range: ClosedRange<Double>?
  /// Whether a record must have a group of every attribute.
  package var needsGroup: Bool
  /// The setting that says what becomes of records without a group.
  package var groupSetting: String
  /// The largest size of a score whose square is a number still.
  package static let largest = 1e150

  /// Rules; without any, every record that can be read is good.
  package init(
    range: ClosedRange<Double>? = nil, needsGroup: Bool = false,
    groupSetting: String = "missing-group"
  ) {
    self.range = range
    self.needsGroup = needsGroup
    self.groupSetting = groupSetting
  }
}

/// What a method makes of labels.
package enum LabelUse: Sendable {
  /// It needs none.
  case none
  /// They are used where they are there.
  case optional
  /// Without them there is nothing to fit.
  case required
}

/// What a method fits from, besides its settings.
package struct FitRequest: Sendable {
  /// The calibration records.
  package var data: CalibrationData
  /// The weights of groups in the file that the settings name.
  package var groupWeights: [GroupKey: Double]?
  /// The column that names a record, where one was given.
  package var idColumn: String?
  /// The sum of the records' hashes over the used fields.
  package var digest: UInt64 = 0
  /// Whether to compute what `inspect` shows of the fit's quality.
  package var wantsCertificate = true
  /// What random choices are keyed by.
  package var seed: UInt64 = 1
  /// Threads to use; they never change a result.
  package var threads = 1

  /// A request for these data.
  package init(_ data: CalibrationData) { self.data = data }
}

/// How adjustments of one kind are fitted and read, under some settings.
///
/// A new one is a file and a line in `adjustmentMethods`.
package protocol AdjustmentMethod: Method {
  /// The columns that its adjustments write for a score column.
  static func outputColumns(of score: String) -> [String]
  /// Reads a stored adjustment.
  static func read(_ json: JSONValue) throws -> any Adjustment
  /// Whether `compare` takes it where nothing is said, and without settings.
  static var isComparedUnasked: Bool { get }
  /// Whether it takes a sensitive attribute; else none may be named.
  var needsAttribute: Bool { get }
  /// The columns of numbers that it reads besides those of the scores, behind them.
  func readColumns(_ scores: [String], header: [String]) throws(AdjustmentError) -> [String]
  /// What is wrong with a record's numbers together, in the order of these columns, and at which; nil where
  /// each is good by itself.
  func recordFault(
    _ columns: [String]
  ) -> (@Sendable ([Double]) -> (score: Int, words: String)?)?
  /// Whether results depend on the records' ids.
  var needsID: Bool { get }
  /// What a record must be to take part in a fit.
  var rules: RowRules { get }
  /// What it makes of labels.
  var labels: LabelUse { get }
  /// How many sensitive attributes it takes at most, with the setting for whose sake, if it is for
  /// one's; nil for any number.
  var attributeLimit: AttributeLimit? { get }
  /// The setting that names a file of groups' weights, and its path, where one is named.
  var groupWeightsFile: (setting: String, path: String)? { get }
  /// Whether a fit gains from scores that were sorted within their groups beforehand.
  var gainsFromSorting: Bool { get }
  /// Fits to calibration data; the notes are for people.
  func fit(_ request: FitRequest) throws -> (adjustment: any Adjustment, notes: [String])
  /// Whether the fit of a whole follows from summaries of its parts.
  var merges: Bool { get }
  /// What its fit keeps of calibration data; nil where its fits do not merge.
  func summary(_ request: FitRequest) throws(AdjustmentError) -> (any FitSummary)?
  /// Reads a stored summary; nil where its fits do not merge.
  static func readSummary(_ json: JSONValue) throws -> (any FitSummary)?
}

/// How many sensitive attributes a method takes at most.
package struct AttributeLimit: Sendable, Equatable {
  /// The number.
  package let most: Int
  /// The setting that is the reason; nil for the method itself.
  package let setting: String?

  /// A limit and its reason.
  package init(_ most: Int, for setting: String? = nil) {
    self.most = most
    self.setting = setting
  }
}

extension AdjustmentMethod {
  /// The columns that its adjustments write for a score column.
  package func outputColumns(of score: String) -> [String] { Self.outputColumns(of: score) }
  package static var isComparedUnasked: Bool { true }
  package var needsAttribute: Bool { true }
  package func readColumns(_ scores: [String], header: [String]) throws(AdjustmentError) -> [String]
  {
    scores
  }
  package func recordFault(
    _ columns: [String]
  ) -> (@Sendable ([Double]) -> (score: Int, words: String)?)? { nil }
  package var needsID: Bool { false }
  package var labels: LabelUse { .none }
  package var attributeLimit: AttributeLimit? { nil }
  package var groupWeightsFile: (setting: String, path: String)? { nil }
  package var gainsFromSorting: Bool { false }
}
