package import FairpostJSON
internal import FairpostTransport

/// Scores through the Wasserstein barycentre of the groups' score distributions.
///
/// Hu, Ratz and Charpentier, "Fairness in Multi-Task Learning via Wasserstein Barycenters" (2023),
/// after Chzhen et al. (2020) and Le Gouic et al. (2020); with the remedies that CONTRIBUTING lists.
package struct WassersteinMethod: AdjustmentMethod {
  package static let info = MethodInfo(
    "wasserstein",
    summary: "same score for the same percentile of each group; scores stay scores",
    details: [
      "g_fair(x, s) = sum over groups s' of pi_s' Q_s'(F_s(g(x, s))), where g is the score, F_s the distribution of the scores of group s, Q_s' the quantiles of group s' and pi_s' its share. Each score is adjusted separately: parity holds for each one (marginally), not for several jointly."
    ])

  package let settings: WassersteinSettings

  package init(_ settings: WassersteinSettings) { self.settings = settings }

  package static func outputColumns(of score: String) -> [String] {
    [ScoreName.derived(score, "fair")]
  }

  package var gainsFromSorting: Bool { true }
  package var merges: Bool { true }
  package var needsID: Bool { settings.needsID }

  package var rules: RowRules {
    RowRules(range: settings.range, needsGroup: settings.missingGroup == .error)
  }

  package var attributeLimit: AttributeLimit? {
    if settings.targetW2 != nil { return AttributeLimit(1, for: "target-w2") }
    return groupWeightsFile.map { AttributeLimit(1, for: $0.setting) }
  }

  package var groupWeightsFile: (setting: String, path: String)? {
    settings.groupWeightsFile.map { ("group-weights-file", $0) }
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let settings = settled(request)
    let summary = try CalibrationSummary(request.data, settings: settings)
    let (map, findings) = try WassersteinMap.fit(summary, settings: settings)
    let adjustment = WassersteinAdjustment(
      map: map, idColumn: settings.needsID ? request.idColumn : nil)
    return (adjustment, adjustment.notes(findings, missingGroups: summary.missingGroups))
  }

  /// The settings with what only the request knows.
  private func settled(_ request: FitRequest) -> WassersteinSettings {
    var settings = settings
    settings.seed = request.seed
    settings.threads = request.threads
    settings.certificate = request.wantsCertificate
    settings.groupWeightsFile = nil
    if let weights = request.groupWeights { settings.groupWeights = .given(weights) }
    return settings
  }

  package func summary(
    _ request: FitRequest
  ) throws(AdjustmentError) -> (any FitSummary)? {
    let settings = settled(request)
    let data = try CalibrationSummary(request.data, settings: settings)
    return WassersteinSummary(
      settings: settings, idColumn: settings.needsID ? request.idColumn : nil, data: data)
  }

  package static func readSummary(_ json: JSONValue) throws -> (any FitSummary)? {
    try WassersteinSummary(JSONNode(json, name: "summary"))
  }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try WassersteinAdjustment(json)
  }
}
