internal import FairpostTransport

/// Which settings go together, for a fit and for a map that is read.
extension WassersteinSettings {
  /// Refuses settings that no fit of so many attributes takes.
  func check(attributes count: Int) throws(AdjustmentError) {
    do {
      try check()
      try check(in: MethodContext(attributes: count))
    } catch { throw .setting(error) }
    if targetW2 != nil, count > 1 {
      throw .tooManyAttributes(
        AttributeLimit(1, for: "target-w2"), method: WassersteinMethod.info.name)
    }
  }
}

extension AdjustmentError {
  /// Why a stored map cannot be: what a fit would say, without the place.
  var words: String {
    switch self {
    case .setting(let fault): "\(fault.setting) does not fit"
    case .unusable(let words), .cannotMerge(let words): words
    case .noRecords: "there is no record"
    case .smallCells: "a group has too few records"
    case .singletons: "a group has a single record"
    case .missingGroups: "records have no group"
    case .badScores: "scores lie outside the range"
    case .badWeights: "weights are missing, negative or not whole"
    case .needsKeys(let setting, _): "\(setting) needs the records' keys"
    case .noAttribute: "there is no attribute"
    case .tooManyAttributes: "there are too many attributes"
    case .noLabels(let setting, _): "\(setting) needs labels"
    case .classScore: "the score is one of several classes"
    case .noProbabilities: "the scores do not lie between 0 and 1"
    case .needsLots: "some decisions are random and need the records' ids"
    case .needsRecordID(let words): "\(words): the records' ids are needed"
    case .cannotPromise: "the groups are too small for what is promised"
    case .notProved: "an optimum could not be proved"
    case .transport(let error, _):
      switch error {
      case .emptyGroup: "a group has no record to fit from"
      case .fractionalWeights(let estimator):
        "the estimator \(estimator.rawValue) takes whole weights only"
      case .targetBelowFloor: "the target is below what ties leave"
      }
    case .noGroupWeight: "a group has no weight"
    }
  }
}
