internal import FairpostAdjusting
internal import FairpostLearning
package import FairpostMethods
internal import FairpostNumerics
internal import FairpostSettings
internal import FairpostTraining
package import FairpostTransport

/// Fits an adjustment on calibration rows and applies it to test rows.
package struct AdjustmentStep {
  package let data: CompareData
  package let method: any AdjustmentMethod
  /// The weights of groups in the file that the settings name.
  package let groupWeights: [GroupKey: Double]?
  package let seed: UInt64

  /// The test rows' predictions afterwards.
  package func adjusted(
    _ calibration: Predictions, _ calibrate: [Int], _ test: Predictions, _ wanted: [Int]
  ) throws -> Predictions {
    let unsuited = try unsuitedTasks()
    let suited = data.plan.tasks.indices.filter { unsuited[$0] == nil }
    let names = data.plan.tasks.map(\.scoreNames)
    let columns = suited.flatMap { task in
      zip(names[task], calibration.scores[task]).map { ($0, $1) }
    }
    var known = CalibrationData(
      scores: columns.map { (name: $0.0, values: $0.1) },
      attributes: data.attributes.indices.map { data.grouping($0, calibrate) })
    if data.isWeighted {
      known.weights = calibrate.map { data.rows.weights[$0] }
      known.frequency = data.isFrequency
    }
    if method.labels != .none { known.labels = suited.map { data.labels($0, calibrate) } }
    // The rows' keys are hashes of the ids already; the seed is folded in as fit and apply do.
    let hash = StableHash(seed: seed, purpose: "record")
    known.keys = calibrate.map { hash(data.rows.keys[$0]) }
    var request = FitRequest(known)
    request.idColumn = "id"
    request.groupWeights = groupWeights
    request.wantsCertificate = false
    // The command line's seed holds 63 bits, and so do those counted on from it.
    request.seed = seed & UInt64(Int.max)
    let adjustment: any Adjustment
    do { adjustment = try method.fit(request).adjustment } catch let error as AdjustmentError {
      throw error.failure(input: data.name, .comparison(of: method.info.name))
    }
    let codes = adjustment.groupKeys.enumerated().map { place, keys in
      Self.codes(data.attributes[place], keys.map { GroupKey($0) }, wanted)
    }
    var result = test
    result.unsuited = unsuited
    for task in suited {
      for (output, name) in names[task].enumerated() {
        guard let score = adjustment.scoreColumns.firstIndex(of: name) else { continue }
        let batch = adjustment.apply(
          score: score, values: test.scores[task][output], codes: codes,
          keys: wanted.map { hash(data.rows.keys[$0]) }, steps: false)
        try Self.refuse(batch.outcomes)
        for (column, values) in zip(adjustment.outputColumns(of: name), batch.columns) {
          if column.hasSuffix(".decision") {
            result.decisions[task] = values.map { $0.isNaN ? -1 : Int16($0) }
            result.hasScores[task] = false
          } else {
            result.scores[task][output] = values
            result.hasScores[task] = true
          }
        }
      }
    }
    return result
  }

  /// For each task why the adjustment leaves it alone, or nil; one that looks at labels knows those of
  /// binary tasks only.
  private func unsuitedTasks() throws(CompareFault) -> [String?] {
    let reasons = zip(data.plan.tasks, data.rows.tasks).map { task, known -> String? in
      if case .binary = known.kind { return nil }
      return method.labels == .none
        ? nil : "decides binary tasks, and \"\(task.name)\" is not one"
    }
    if let reason = reasons.first, let reason, !reasons.contains(nil) {
      throw .notApplicable(reason)
    }
    return reasons
  }

  /// The rows' groups as the adjustment numbers them; -1 missing, -2 not in the fit.
  private static func codes(
    _ whole: Grouping, _ keys: [GroupKey], _ rows: [Int]
  ) -> [Int32] {
    let place = whole.keys.map { key in Int32(keys.firstIndex(of: key) ?? -2) }
    return rows.map { whole.codes[$0] < 0 ? -1 : place[Int(whole.codes[$0])] }
  }

  private static func refuse(_ outcomes: [Outcome]) throws(CompareFault) {
    let refused = outcomes.filter { $0.contains(.refused) }
    guard let first = refused.first else { return }
    let why =
      first.contains(.missingGroup)
      ? "without a group"
      : first.contains(.unseenGroup)
        ? "of a group without calibration rows"
        : first.contains(.smallCell)
          ? "of a group with too few calibration rows" : "outside the fitted range"
    throw .failed("\(refused.count) of \(outcomes.count) test rows are \(why)")
  }
}
