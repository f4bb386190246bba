public import JSON
public import Options
internal import Transport

/// Scores through the Wasserstein barycentre of the groups' score distributions.
///
/// Hu, Ratz and Charpentier, "Fairness in Multi-Task Learning via Wasserstein Barycenters" (2023),
/// after Chzhen et al. (2020) and Le Gouic et al. (2020); with the remedies that CONTRIBUTING lists.
public enum WassersteinMethod: AdjustmentMethod {
  public static let spec = MethodSpec(
    "wasserstein",
    summary: "through the barycentre of the groups' score distributions; scores stay scores",
    details: [
      "g_fair(x, s) = sum over groups s' of pi_s' Q_s'(F_s(g(x, s))), for each score on its own. Parity holds for each score (marginally), not for several scores jointly."
    ],
    options: WassersteinSettings.options)

  public static var gainsFromSorting: Bool { true }

  public static func rules(_ options: ParsedOptions) -> RowRules {
    // A wrong command line is reported by the fit, in the right words.
    guard let settings = try? WassersteinSettings(options, attributes: 1) else { return RowRules() }
    return RowRules(range: settings.range, needsGroup: settings.missingGroup == .error)
  }

  public static func needsID(_ options: ParsedOptions) -> Bool {
    let settings = try? WassersteinSettings(options, attributes: 1)
    // A command line that is wrong is reported by the fit, in the right words.
    return settings?.needsID ?? false
  }

  public static func attributeLimit(_ options: ParsedOptions) -> Int? {
    options.has("target-w2") ? 1 : nil
  }

  public static func fit(
    _ request: FitRequest, _ options: ParsedOptions
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    var settings = try WassersteinSettings(options, attributes: request.data.attributes.count)
    settings.threads = request.threads
    settings.certificate = request.wantsCertificate
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
