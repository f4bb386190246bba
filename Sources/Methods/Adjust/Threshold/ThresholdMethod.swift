package import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// What can be chosen of thresholds.
package struct ThresholdSettings: MethodSettings {
  /// A threshold that is given: the parts of the group's key joined by commas, and its value.
  package struct Fixed: Sendable, Equatable {
    /// The group's key as it is written.
    package var group: String
    /// Its threshold.
    package var threshold: Double

    /// A group's threshold.
    package init(_ group: String, _ threshold: Double) {
      self.group = group
      self.threshold = threshold
    }

    var text: String { "\(group)=\(NumberText.text(threshold))" }
  }

  /// Thresholds that are not searched for; without any the largest group has 0.5.
  package var fixed: [Fixed] = []
  /// Search multiples of this step instead of every score.
  package var grid: Double?
  /// The disparity to make small.
  package var objective = ThresholdObjective.demographicParityDifference
  /// The threshold of rows of no known group; nil where such rows fail.
  package var otherwise: Double?

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<ThresholdSettings> {
    Schema([
      SettingField(
        "fix", nil, .text, "GROUP=T",
        help:
          "fix the threshold of a group; of an intersection, join its values by commas. Without this option the largest group (by --frequency or --weight where given) has 0.5",
        isRepeated: true, section: "Adjustment",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard let mark = text.lastIndex(of: "="),
            let threshold = NumberText.parse(String(text[text.index(after: mark)...])).value
          else { throw .wrongForm("expected GROUP=T, such as Male=0.5") }
          settings.fixed.append(Fixed(String(text[..<mark]), threshold))
        },
        write: { settings in
          settings.fixed.isEmpty ? nil : settings.fixed.map(\.text).joined(separator: ",")
        }),
      .number(
        "grid", \.grid, "STEP", in: 1e-6...1,
        help:
          "try only the thresholds STEP, 2 STEP and so on up to 1, instead of every score of the group",
        section: "Adjustment"),
      .choice(
        "minimise", \.objective, placeholder: "METRIC",
        help:
          "the disparity to make small (a ratio: to bring near 1)",
        section: "Adjustment"),
      .number(
        "otherwise", \.otherwise, "T", in: -1e300...1e300,
        help:
          "the threshold for rows whose group is missing or was not in the fit; without this option they are an error",
        section: "Policies"),
    ])
  }

  /// Refuses two thresholds for one group.
  package func check() throws(SettingFault) {
    for (place, one) in fixed.enumerated()
    where fixed[..<place].contains(where: { $0.group == one.group }) {
      throw SettingFault("fix", one.group, .givenTwice)
    }
  }
}

/// Decisions by one threshold a group: the simplest adjustment, and a sharp reference for the others.
///
/// The baseline of the FaAlGrad paper (one group's threshold fixed, the other's taken from a grid),
/// for any number of groups, and exactly, at the observed scores.
package struct ThresholdMethod: DecisionMethod {
  package static let info = MethodInfo(
    "threshold",
    summary: "decide by a separate threshold for each group",
    details: [
      "Writes NAME.decision (0 or 1) beside NAME.score. One group's threshold is fixed, and the others' are chosen for the smallest disparity. Among equally good choices, the more accurate one is taken if there are labels, then the one nearer to 0.5.",
      "Labels come from the task: --task LABEL for LABEL.score, or --task LABEL --score COL. What is best on the calibration records need not be best on others: calibrate on records the model was not trained on.",
      "The search holds about 100 bytes a record.",
    ])

  package let settings: ThresholdSettings

  package init(_ settings: ThresholdSettings) { self.settings = settings }

  package var otherwise: Double? { settings.otherwise }
  package var labels: LabelUse { settings.objective.needsLabels ? .required : .optional }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try ThresholdAdjustment(JSONNode(json, name: "map"))
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    var scores: [ThresholdAdjustment.Score] = []
    var notes: [String] = []
    for place in data.scores.indices {
      let fitted = try fit(data, place, attribute, threads: request.threads)
      scores.append(fitted)
      notes.append(fitted.note(settings.objective))
    }
    let adjustment = ThresholdAdjustment(
      columns: attribute.columns, keys: attribute.keys, scores: scores,
      objective: settings.objective, otherwise: settings.otherwise)
    return (adjustment, notes)
  }

  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, threads: Int
  ) throws -> ThresholdAdjustment.Score {
    let objective = settings.objective
    let name = data.scores[place].name
    if ScoreName.parts(name) != nil { throw AdjustmentError.classScore(name) }
    let labels = place < data.labels.count ? data.labels[place] : []
    if objective.needsLabels, labels.isEmpty {
      throw AdjustmentError.noLabels(setting: "minimise", value: objective.rawValue)
    }
    let records = try DecisionRecords(data, place, attribute)
    let rows = records.rows
    if settings.fixed.isEmpty || settings.grid != nil {
      try DecisionRecords.refuseNoProbabilities(data.scores[place])
    }
    let thresholds = try fixed(attribute, rows.indices.map { records.weight($0) })
    var candidates = ThresholdCurve.Candidates.observed
    if let step = settings.grid {
      // A multiple of a step such as 0.1 is the decimal it stands for, not the product.
      let count = Int((1 / step + 1e-9).rounded(.down))
      candidates = .given((1...count).map { (Double($0) * step * 1e9).rounded() / 1e9 })
    }
    let (all, values) = (candidates, data.scores[place].values)
    func curves(_ of: @escaping @Sendable (Int) -> ThresholdCurve.Candidates) -> [ThresholdCurve] {
      Parallel.map(rows.count, threads: threads) { group in
        let own = rows[group]
        return ThresholdCurve(
          scores: own.map { values[$0] },
          weights: data.weights.map { list in own.map { list[$0] } },
          labels: labels.isEmpty ? [] : own.map { labels[$0] }, candidates: of(group))
      }
    }
    let search = ThresholdSearch(
      objective: objective, curves: curves { thresholds[$0].map { .given([$0]) } ?? all })
    if objective.needsLabels {
      for (key, curve) in zip(attribute.keys, search.curves)
      where curve.points.contains(where: { objective.rates($0).contains { $0.isNaN } }) {
        throw AdjustmentError.unusable(
          "column \"\(name)\": group \(key) lacks records of label 0 or 1, so that \(objective.rawValue) cannot be estimated"
        )
      }
    }
    let best = zip(search.curves, search.best()).map { $0.points[$1] }
    let plain = curves { _ in .given([0.5]) }
    return ThresholdAdjustment.Score(
      name: name, thresholds: best.map(\.threshold),
      records: rows.indices.map { records.count($0) },
      isFixed: thresholds.map { $0 != nil },
      before: .init(plain.map { $0.points[0] }, plain, objective),
      after: .init(best, plain, objective),
      distributions: rows.indices.map { records.distribution($0) })
  }

  /// The thresholds that are not searched for, by group.
  private func fixed(
    _ attribute: Grouping, _ sizes: [ExactSum]
  ) throws(AdjustmentError) -> [Double?] {
    var thresholds = [Double?](repeating: nil, count: sizes.count)
    let names = attribute.keys.map { $0.parts.map(\.description).joined(separator: ",") }
    for given in settings.fixed {
      guard let group = names.firstIndex(of: given.group) else {
        throw .setting(
          SettingFault(
            "fix", given.text, .noSuchName(given.group, of: .group, known: names)))
      }
      thresholds[group] = given.threshold
    }
    if settings.fixed.isEmpty {
      // The first of the largest: keys are sorted.
      let largest = sizes.indices.max { (sizes[$0].value, -$0) < (sizes[$1].value, -$1) }
      if let largest { thresholds[largest] = 0.5 }
    }
    return thresholds
  }
}
