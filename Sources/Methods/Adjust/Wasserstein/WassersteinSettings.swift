package import FairpostTransport

/// What can be chosen when the barycentre map is fitted; all of it is stored in the map.
package struct WassersteinSettings: MethodSettings {
  /// How much of the original score is kept: per attribute, or one for all (0 fair, 1 untouched).
  package var epsilons: [Double] = [0]
  /// The remaining W2 distance to reach by the smallest change; replaces `epsilons`.
  package var targetW2: Double?
  /// How CDFs and quantiles are estimated.
  package var estimator = Estimator.meanOfAtom
  /// What happens to ties.
  package var ties = TieRule.mean
  /// The half width of the uniform noise added to scores; 0 for none.
  package var jitter = 0.0
  /// The groups' weights in the barycentre.
  package var groupWeights = GroupWeights.shares
  /// A file that gives the weights, for who reads it to put them into `groupWeights`; not stored.
  package var groupWeightsFile: String?
  /// The range scores and results lie in, where there is one.
  package var range: ClosedRange<Double>?
  /// What happens to scores outside a group's fitted range.
  package var outside = OutsidePolicy.clamp
  /// What happens to groups that were not in the fit.
  package var unseen = UnseenPolicy.error
  /// What happens to rows whose group is missing.
  package var missingGroup = MissingGroupPolicy.error
  /// What happens to combinations of groups with too few records.
  package var smallCell = SmallCellPolicy.error
  /// A cell with fewer records is small.
  package var minimumGroup = 30
  /// Whether a group of a single record is allowed.
  package var allowsSingletons = false
  /// About how many knots a group keeps; nil keeps all.
  package var knots: Int? = 4096
  /// How far leaving out knots may move a result, in standard deviations of the calibration scores;
  /// nil for no such bound.
  package var valueError: Double? = 0.001
  /// To how many significant binary digits scores are rounded before anything else; nil for none.
  package var sketch: Int?
  /// Whether to compute the certificate, which needs record keys for its cross-fitted figures.
  package var certificate = true
  /// The rules a map was computed by; old maps are computed again by their own.
  ///
  /// 1 drew folds by row and compared the results of a step rounded; 2 draws them by record and decides
  /// ties.
  package var revision = 2
  /// The seed of everything random.
  package var seed: UInt64 = 1
  /// Threads to use; they never change a result.
  package var threads = 1

  /// The defaults.
  package init() {}
}

/// How much each group counts in the barycentre.
package enum GroupWeights: Sendable, Equatable {
  /// Its share of the calibration sample; this keeps the overall mean.
  case shares
  /// The same for every group.
  case equal
  /// A weight given for every group.
  case given([GroupKey: Double])
}

/// What happens to scores outside a group's fitted range.
package enum OutsidePolicy: String, Sendable, CaseIterable {
  /// They get the result of the range's end.
  case clamp
  /// They get the end's result plus their distance from the end.
  case shift
  /// They are an error.
  case error
}

/// What happens to groups that were not in the fit.
package enum UnseenPolicy: String, Sendable, CaseIterable {
  /// They are an error.
  case error
  /// They are ranked in the pooled sample.
  case pool
  /// Their scores stay as they are.
  case pass
}

/// What happens to rows whose group is missing.
package enum MissingGroupPolicy: String, Sendable, CaseIterable {
  /// They are an error.
  case error
  /// They form a group of their own.
  case own
  /// They are ranked in the pooled sample.
  case pool
  /// Their scores stay as they are.
  case pass
  /// They are left out.
  case drop
}

/// What happens to combinations of groups with too few records, or none.
package enum SmallCellPolicy: String, Sendable, CaseIterable {
  /// They are an error that lists them.
  case error
  /// They use the map of the attribute over the whole sample.
  case pool
  /// Where a step has a small cell, the whole step uses the map of the attribute alone.
  case marginal
}

/// A group or combination of groups, with its count, for messages.
package struct CellCount: Sendable, Equatable {
  /// One key for each attribute, in order.
  package let keys: [GroupKey]
  /// The records it has.
  package let rows: Int

  /// A combination and its count.
  package init(keys: [GroupKey], rows: Int) {
    self.keys = keys
    self.rows = rows
  }
}

/// Why a fit is refused.
package enum AdjustmentError: Error, Equatable, Sendable {
  /// There is no usable record for a score.
  case noRecords(score: String)
  /// Cells with too few records.
  case smallCells([CellCount], minimum: Int)
  /// Groups with a single record.
  case singletons([CellCount])
  /// Rows with a missing group, under the policy `error`.
  case missingGroups(rows: Int)
  /// A score that is not finite, or outside the declared range.
  case badScores(score: String, rows: Int)
  /// A weight that is missing, negative or not finite, or a frequency that is no whole number.
  case badWeights(rows: Int)
  /// A setting with its value that needs a key (an id) for every record.
  case needsKeys(setting: String, value: String?)
  /// A setting is wrong, or does not go with the records.
  case setting(SettingFault)
  /// There is no sensitive attribute.
  case noAttribute
  /// There are more sensitive attributes than the method, or a setting, takes.
  case tooManyAttributes(AttributeLimit, method: String)
  /// There are no labels, which a setting with its value needs.
  case noLabels(setting: String, value: String)
  /// The score is one of several classes, where a binary task's is needed.
  case classScore(String)
  /// Scores that do not lie between 0 and 1, where a threshold of .5 or a grid up to 1 would decide.
  case noProbabilities(score: String, lower: Double, upper: Double)
  /// The decisions depend on a lot for this share of the records, and there is no id to draw it from.
  case needsLots(share: Double)
  /// Records are to be told apart by their ids, for the reason that these words say.
  case needsRecordID(String)
  /// The groups are too small to promise a tolerance for new records; the least that can be.
  case cannotPromise(score: String, rate: String, tolerance: Double, least: Double)
  /// Rounding kept an optimum from being proved; the gap that is left.
  case notProved(score: String, gap: Double)
  /// The distributions do not allow it.
  case transport(TransportError, score: String)
  /// No weight was given for a group.
  case noGroupWeight(GroupKey)
  /// The records cannot be fitted to, in words that begin with the column.
  case unusable(String)
  /// Two summaries do not describe the same fit.
  case cannotMerge(String)
}
