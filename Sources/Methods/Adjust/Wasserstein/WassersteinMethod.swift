public import FairpostJSON
internal import FairpostTransport

/// Scores through the Wasserstein barycentre of the groups' score distributions.
///
/// Hu, Ratz and Charpentier, "Fairness in Multi-Task Learning via Wasserstein Barycenters" (2023),
/// after Chzhen et al. (2020) and Le Gouic et al. (2020); with the remedies that CONTRIBUTING lists.
public struct WassersteinMethod: AdjustmentMethod {
  public static let info = MethodInfo(
    "wasserstein",
    summary: "through the barycentre of the groups' score distributions; scores stay scores",
    details: [
      "g_fair(x, s) = sum over groups s' of pi_s' Q_s'(F_s(g(x, s))), for each score on its own. Parity holds for each score (marginally), not for several scores jointly."
    ])

  public let settings: WassersteinSettings

  public init(_ settings: WassersteinSettings) { self.settings = settings }

  public static func outputColumns(of score: String) -> [String] {
    [ScoreName.derived(score, "fair")]
  }

  public var gainsFromSorting: Bool { true }
  public var needsID: Bool { settings.needsID }

  public var rules: RowRules {
    RowRules(range: settings.range, needsGroup: settings.missingGroup == .error)
  }

  public var attributeLimit: AttributeLimit? {
    if settings.targetW2 != nil { return AttributeLimit(1, for: "target-w2") }
    return groupWeightsFile.map { AttributeLimit(1, for: $0.setting) }
  }

  public var groupWeightsFile: (setting: String, path: String)? {
    settings.groupWeightsFile.map { ("group-weights-file", $0) }
  }

  public func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    var settings = settings
    settings.seed = request.seed
    settings.threads = request.threads
    settings.certificate = request.wantsCertificate
    settings.groupWeightsFile = nil
    if let weights = request.groupWeights { settings.groupWeights = .given(weights) }
    let summary = try CalibrationSummary(request.data, settings: settings)
    let (map, findings) = try WassersteinMap.fit(summary, settings: settings)
    let adjustment = WassersteinAdjustment(
      map: map, idColumn: settings.needsID ? request.idColumn : nil)
    return (adjustment, adjustment.notes(findings, missingGroups: summary.missingGroups))
  }

  /// A map as the commands see it: what a merge of two maps' data writes.
  public static func adjustment(_ map: WassersteinMap, idColumn: String? = nil) -> any Adjustment {
    WassersteinAdjustment(map: map, idColumn: idColumn)
  }

  public static func read(_ json: JSONValue) throws -> any Adjustment {
    try WassersteinAdjustment(json)
  }
}
