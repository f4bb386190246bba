internal import FairpostNumerics
internal import FairpostTransport

extension WassersteinAdjustment {
  var policies: [PolicyChoice] {
    let settings = map.settings
    let isPooled = map.scores.allSatisfy { $0.steps.allSatisfy { $0.pooled != nil } }
    let noPool =
      isPooled
      ? nil
      : "the map holds no map for all groups pooled: fit it with --unseen pool, --missing-group pool or --small-cell pool"
    let hasOwn = map.attributes.contains { attribute in
      attribute.keys.contains { $0.parts.allSatisfy(\.isEmpty) }
    }
    let noOwn =
      hasOwn
      ? nil
      : "every record of the fit had a group: to give records without one a map of their own, fit with --missing-group own"
    return [
      PolicyChoice(
        "unseen", settings.unseen.rawValue,
        UnseenPolicy.allCases.map { ($0.rawValue, $0 == .pool ? noPool : nil) }),
      PolicyChoice(
        "missing-group", settings.missingGroup.rawValue,
        MissingGroupPolicy.allCases.map { policy in
          (policy.rawValue, policy == .pool ? noPool : policy == .own ? noOwn : nil)
        }),
      PolicyChoice(
        "outside", settings.outside.rawValue, OutsidePolicy.allCases.map { ($0.rawValue, nil) }),
    ]
  }

  func following(_ policy: String, _ value: String) -> any Adjustment {
    var settings = map.settings
    switch policy {
    case "unseen": settings.unseen = UnseenPolicy(rawValue: value) ?? settings.unseen
    case "missing-group":
      settings.missingGroup = MissingGroupPolicy(rawValue: value) ?? settings.missingGroup
    default: settings.outside = OutsidePolicy(rawValue: value) ?? settings.outside
    }
    return WassersteinMap(
      settings: settings, attributes: map.attributes, scores: map.scores, summary: map.summary,
      certificates: map.certificates
    ).adjustment(idColumn: idColumn)
  }
}
