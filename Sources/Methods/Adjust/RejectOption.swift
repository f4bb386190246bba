package import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// `adjust reject-option`: near the threshold, where a decision is least sure, favoured groups are
/// decided 1 and the others 0.
///
/// Kamiran, Karim & Zhang, Decision theory for discrimination-aware classification (ICDM 2012), for any
/// number of groups. A record is decided by `score >= threshold` outside the band
/// |score - threshold| <= margin. The decisions change only where the margin passes a record's distance,
/// so every band there is has been looked at once the records are sorted by distance.
package struct RejectOptionMethod: DecisionMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The threshold of all groups.
    package var threshold = 0.5
    /// The groups that are decided 1 within the band; empty for those that fare worse without it.
    package var favoured: [String] = []
    /// The disparity to make small.
    package var objective = ThresholdObjective.demographicParityDifference
    /// The disparity that is small enough; nil for the smallest there is.
    package var tolerance: Double?
    /// The threshold of rows of no known group; nil where such rows fail.
    package var otherwise: Double?

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .number(
          "threshold", \.threshold, "T", in: -1e300...1e300,
          help: "outside the band, a score of at least T is decided 1", section: "Adjustment"),
        SettingField(
          "favour", nil, .text, "GROUP",
          help:
            "a group that is decided 1 within the band; of an intersection, its values joined by commas",
          isRepeated: true,
          defaultNote: "the groups whose rates are lower than that of all records",
          section: "Adjustment",
          read: { (text, settings) throws(SettingFault.Problem) in settings.favoured.append(text) },
          write: { $0.favoured.isEmpty ? nil : $0.favoured.joined(separator: ";") }),
        .choice(
          "minimise", \.objective, placeholder: "METRIC",
          help: "the disparity to make small (a ratio: to bring near 1)", section: "Adjustment"),
        .number(
          "tolerance", \.tolerance, "X", in: 0...1,
          help:
            "take the most accurate band (without labels, the narrowest) whose disparity is at most X, instead of the band with the smallest disparity",
          section: "Adjustment"),
        .number(
          "otherwise", \.otherwise, "T", in: -1e300...1e300,
          help:
            "the threshold for rows whose group is missing or was not in the fit; without this option they are an error",
          section: "Policies"),
      ])
    }

    /// Refuses a group that is named twice.
    package func check() throws(SettingFault) {
      for (place, group) in favoured.enumerated() where favoured[..<place].contains(group) {
        throw SettingFault("favour", group, .givenTwice)
      }
    }
  }

  package static let info = MethodInfo(
    "reject-option",
    summary: "near the threshold, decide 1 for disadvantaged groups and 0 for the others",
    details: [
      "Kamiran, Karim & Zhang, Decision theory for discrimination-aware classification, ICDM 2012",
      "Writes NAME.decision (0 or 1) beside NAME.score. Every band |score - threshold| <= margin is tried, and no band at all. The disparity that is stated is that of the records of the fit; new records can differ.",
      "The rule is a single number, the margin. Separate thresholds for the groups (adjust threshold) include every band as a special case, so they are never worse on the calibration records.",
    ])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var otherwise: Double? { settings.otherwise }
  package var labels: LabelUse { settings.objective.needsLabels ? .required : .optional }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try RejectOptionAdjustment(JSONNode(json, name: "map"))
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    let names = attribute.keys.map { $0.parts.map(\.description).joined(separator: ",") }
    for group in settings.favoured where !names.contains(group) {
      throw AdjustmentError.setting(
        SettingFault("favour", group, .noSuchName(group, of: .group, known: names)))
    }
    let scores = try data.scores.indices.map { place in
      try fit(data, place, attribute, names)
    }
    let adjustment = RejectOptionAdjustment(
      columns: attribute.columns, keys: attribute.keys, scores: scores,
      threshold: settings.threshold, objective: settings.objective, otherwise: settings.otherwise)
    return (adjustment, scores.map { adjustment.note($0) })
  }

  /// The best band of one score.
  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ names: [String]
  ) throws -> RejectOptionAdjustment.Score {
    let (name, values) = data.scores[place]
    let objective = settings.objective
    if ScoreName.parts(name) != nil { throw AdjustmentError.classScore(name) }
    let labels = place < data.labels.count ? data.labels[place] : []
    if objective.needsLabels, labels.isEmpty {
      throw AdjustmentError.noLabels(setting: "minimise", value: objective.rawValue)
    }
    let records = try DecisionRecords(data, place, attribute)
    let known = records.rows.flatMap { $0 }
    if settings.threshold == 0.5, known.contains(where: { values[$0] < 0 || values[$0] > 1 }) {
      throw AdjustmentError.unusable(
        "column \"\(name)\": the scores do not lie between 0 and 1, as the default threshold 0.5 assumes: give another --threshold"
      )
    }
    var tally = BandTally(groups: names.count)
    for (group, rows) in records.rows.enumerated() {
      for row in rows {
        tally.add(
          group, weight: data.weights?[row] ?? 1, label: labels.isEmpty ? .nan : labels[row],
          isSelected: values[row] >= settings.threshold)
      }
    }
    if let group = tally.points().firstIndex(where: { objective.rates($0).contains { $0.isNaN } }) {
      throw AdjustmentError.unusable(
        "column \"\(name)\": group \(names[group]) lacks records of label 0 or 1, so that \(objective.rawValue) cannot be estimated"
      )
    }
    let favoured =
      settings.favoured.isEmpty
      ? tally.groupsBelow(objective)
      : names.indices.filter { settings.favoured.contains(names[$0]) }
    let isFavoured = names.indices.map { favoured.contains($0) }
    let isLabelled = tally.labelled > 0
    let before = tally.outcome(objective, margin: nil)
    var best = before
    // Equal distances are one step; among them the order is that of the records' own values.
    let steps = records.rows.enumerated().flatMap { group, rows in
      rows.map { row in
        Step(
          distance: abs(values[row] - settings.threshold), group: group,
          weight: data.weights?[row] ?? 1, label: labels.isEmpty ? .nan : labels[row],
          isSelected: values[row] >= settings.threshold)
      }
    }.sorted()
    for (at, step) in steps.enumerated() {
      if step.isSelected != isFavoured[step.group] {
        tally.flip(
          step.group, weight: step.isSelected ? -step.weight : step.weight, label: step.label)
      }
      if at + 1 < steps.count, steps[at + 1].distance == step.distance { continue }
      let outcome = tally.outcome(objective, margin: step.distance)
      if isBetter(outcome, best, isLabelled: isLabelled) { best = outcome }
    }
    if let tolerance = settings.tolerance, best.disparity > tolerance + 1e-12 {
      throw AdjustmentError.unusable(
        "column \"\(name)\": no band brings \(objective.rawValue) to \(NumberText.text(tolerance)): the smallest is \(Wording.short(best.disparity))"
      )
    }
    return RejectOptionAdjustment.Score(
      name: name, isFavoured: isFavoured, records: names.indices.map { records.count($0) },
      before: before, after: best, distributions: names.indices.map { records.distribution($0) })
  }

  /// Whether one band is to be taken before another; a narrower one stands first and wins ties.
  private func isBetter(
    _ new: RejectOptionAdjustment.Outcome, _ old: RejectOptionAdjustment.Outcome, isLabelled: Bool
  ) -> Bool {
    guard let tolerance = settings.tolerance else {
      return new.disparity < old.disparity - 1e-12
    }
    let (fits, fitted) = (
      new.disparity <= tolerance + 1e-12, old.disparity <= tolerance + 1e-12
    )
    if fits != fitted { return fits }
    if !fits { return new.disparity < old.disparity - 1e-12 }
    return isLabelled && (new.accuracy ?? 0) > (old.accuracy ?? 0) + 1e-12
  }

  /// A record on its way into the band.
  private struct Step: Comparable {
    let distance: Double
    let group: Int
    let weight: Double
    let label: Double
    let isSelected: Bool

    static func < (left: Step, right: Step) -> Bool {
      (left.distance, left.group, left.weight, left.label, left.isSelected ? 1 : 0)
        < (right.distance, right.group, right.weight, right.label, right.isSelected ? 1 : 0)
    }
  }
}

/// The decisions on the calibration records, group by group, while a band grows.
private struct BandTally {
  /// Weights by group: all, of label 1, of label 0; of each those that are selected.
  private var all: [[Double]]
  private var selected: [[Double]]

  init(groups: Int) {
    all = [[Double]](repeating: [0, 0, 0], count: groups)
    selected = all
  }

  /// Counts a record with its decision.
  mutating func add(_ group: Int, weight: Double, label: Double, isSelected: Bool) {
    for kind in Self.kinds(label) {
      all[group][kind] += weight
      if isSelected { selected[group][kind] += weight }
    }
  }

  /// Decides a record the other way; the weight is negative where it was selected.
  mutating func flip(_ group: Int, weight: Double, label: Double) {
    for kind in Self.kinds(label) {
      // What rounding leaves may not make a share less than 0 or more than 1.
      selected[group][kind] = min(max(selected[group][kind] + weight, 0), all[group][kind])
    }
  }

  private static func kinds(_ label: Double) -> [Int] {
    label == 1 ? [0, 1] : label == 0 ? [0, 2] : [0]
  }

  /// The weight of labelled records.
  var labelled: Double { all.reduce(0) { $0 + $1[1] + $1[2] } }

  /// Each group's rates.
  func points() -> [ThresholdCurve.Point] {
    zip(all, selected).map { all, selected in
      ThresholdCurve.Point(
        threshold: .nan, selected: selected[0] / all[0], truePositive: selected[1] / all[1],
        falsePositive: selected[2] / all[2], correct: selected[1] + all[2] - selected[2])
    }
  }

  /// What the decisions come to.
  func outcome(
    _ objective: ThresholdObjective, margin: Double?
  ) -> RejectOptionAdjustment.Outcome {
    let points = points()
    return RejectOptionAdjustment.Outcome(
      margin: margin, selected: points.map(\.selected), disparity: objective.disparity(points),
      accuracy: labelled > 0 ? points.reduce(0) { $0 + $1.correct } / labelled : nil)
  }

  /// The groups whose first rate is below that of all records.
  func groupsBelow(_ objective: ThresholdObjective) -> [Int] {
    var whole = BandTally(groups: 1)
    for (all, selected) in zip(all, selected) {
      for kind in all.indices {
        whole.all[0][kind] += all[kind]
        whole.selected[0][kind] += selected[kind]
      }
    }
    let overall = objective.rates(whole.points()[0])[0]
    let points = points()
    return points.indices.filter { objective.rates(points[$0])[0] < overall }
  }
}

/// A fitted band as the commands see it.
struct RejectOptionAdjustment: GroupedAdjustment {
  /// What a band does to the calibration records.
  struct Outcome: Sendable {
    /// Half its width; nil without a band.
    let margin: Double?
    /// The share of each group that is selected.
    let selected: [Double]
    /// The disparity that was made small.
    let disparity: Double
    /// The share of labelled records decided as their label says; nil without labels.
    let accuracy: Double?
  }

  /// What was fitted to one score.
  struct Score: FittedScore {
    let name: String
    /// Whether each group is decided 1 within the band.
    let isFavoured: [Bool]
    /// The calibration records of each group.
    let records: [Int]
    let before: Outcome
    let after: Outcome
    /// The groups' scores, compressed.
    let distributions: [Distribution]
  }

  let columns: [String]
  let keys: [GroupKey]
  let scores: [Score]
  let threshold: Double
  let objective: ThresholdObjective
  let otherwise: Double?

  func outputColumns(of score: String) -> [String] {
    RejectOptionMethod.outputColumns(of: score)
  }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let fitted = scores[score]
    return batch(values, codes[0], others: otherDecision) { _, value, group in
      if let margin = fitted.after.margin, abs(value - threshold) <= margin {
        return fitted.isFavoured[group] ? 1 : 0
      }
      return value >= threshold ? 1 : 0
    }
  }

  func contradiction() -> String? {
    for score in scores {
      for (group, sample) in score.distributions.enumerated() {
        let margin = score.after.margin ?? 0
        let share =
          score.after.margin == nil || score.isFavoured[group]
          ? 1 - sample.cdfBelow(threshold - margin) : 1 - sample.cdf(threshold + margin)
        // A compressed distribution is right up to the gap a number falls into.
        if abs(share - score.after.selected[group]) > 2.0 / 4096 + 1e-9 {
          return
            "the map states that \"\(score.name)\" selects \(NumberText.text(score.after.selected[group])) of group \(keys[group]), but its distribution gives \(NumberText.text(share))"
        }
      }
      let spread = objective.disparity(
        least: score.after.selected.min() ?? 0, greatest: score.after.selected.max() ?? 0)
      if !objective.needsLabels, abs(spread - score.after.disparity) > 1e-9 {
        return
          "the map states a disparity of \"\(score.name)\" that its selection rates do not give"
      }
    }
    return nil
  }

  // MARK: Words

  /// What the band does to the calibration records, in one line.
  func note(_ score: Score) -> String {
    let band =
      score.after.margin.map { "with the band \(Wording.short(threshold)) +- \(Wording.short($0))" }
      ?? "and no band does better"
    var words =
      "\(score.name): \(objective.rawValue == "demographic_parity_ratio" ? "1 - demographic_parity_ratio" : objective.rawValue) \(Wording.short(score.before.disparity)) without a band, \(Wording.short(score.after.disparity)) \(band)"
    if let old = score.before.accuracy, let new = score.after.accuracy {
      words += "; accuracy \(Wording.short(old)), \(Wording.short(new))"
    }
    return words + " (in sample)"
  }

  func description() -> String {
    var lines = [
      "A score of at least the threshold is decided 1, a lower one 0; within the band, favoured groups are decided 1 and the others 0.",
      "", "threshold      \(NumberText.text(threshold))", "minimised      \(objective.rawValue)",
      "other groups   \(otherwise.map { "threshold \(Wording.short($0))" } ?? "fail")",
      "attribute      \(columns.joined(separator: ", ")): \(keys.map { Wording.name($0) }.joined(separator: " | "))",
    ]
    for score in scores {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "decision"))")
      lines.append("  margin \(score.after.margin.map { NumberText.text($0) } ?? "none")")
      var rows = [["group", "records", "in the band", "selected without", "selected"]]
      for group in keys.indices {
        rows.append([
          Wording.name(keys[group]), "\(score.records[group])",
          score.isFavoured[group] ? "1" : "0", Wording.short(score.before.selected[group]),
          Wording.short(score.after.selected[group]),
        ])
      }
      lines += Wording.aligned(rows)
      lines.append("  \(note(score))")
    }
    return Shown.page(lines)
  }
}

// MARK: JSON

extension RejectOptionAdjustment {
  func json() -> JSONValue {
    [
      "columns": .array(columns.map { .string($0) }), "groups": .array(keys.map { $0.json() }),
      "threshold": .number(threshold), "minimised": .string(objective.rawValue),
      "otherwise": otherwise.map { .number($0) } ?? .null,
      "scores": .array(
        scores.map { score in
          [
            "name": .string(score.name), "favoured": .array(score.isFavoured.map { .bool($0) }),
            "records": .array(score.records.map { .integer($0) }),
            "without a band": score.before.json(), "with the band": score.after.json(),
            "distributions": .array(score.distributions.map { $0.json(knownValues: nil) }),
          ]
        }),
    ]
  }

  /// Reads a stored one.
  init(_ node: JSONNode) throws {
    let names = try node["columns"]
    columns = try names.strings
    guard !columns.isEmpty, !columns.contains(""), StoredNumbers.areDistinct(columns) else {
      throw names.wrong("the names of one column or more")
    }
    let (columns, groups) = (columns, try node["groups"])
    keys = try groups.array.map { try GroupKey($0) }
    guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }), !keys.isEmpty,
      keys.allSatisfy({ $0.parts.count == columns.count })
    else { throw groups.wrong("sorted groups of as many parts as columns") }
    threshold = try node["threshold"].double
    let minimised = try node["minimised"]
    guard let objective = ThresholdObjective(rawValue: try minimised.string) else {
      throw minimised.wrong("a metric that decisions can minimise")
    }
    self.objective = objective
    otherwise = try node.optional("otherwise")?.double
    let count = keys.count
    scores = try node["scores"].array.map { score in
      let favoured = try score["favoured"]
      let result = Score(
        name: try score["name"].string, isFavoured: try favoured.array.map { try $0.bool },
        records: try score["records"].counts, before: try Outcome(score["without a band"]),
        after: try Outcome(score["with the band"]),
        distributions: try score["distributions"].array.map {
          try Distribution($0, knownValues: nil)
        })
      let lists = [
        result.isFavoured.count, result.records.count, result.before.selected.count,
        result.after.selected.count, result.distributions.count,
      ]
      guard lists.allSatisfy({ $0 == count }) else {
        throw favoured.wrong("as many entries, records and distributions as groups")
      }
      return result
    }
    try checkNames(node)
  }
}

extension RejectOptionAdjustment.Outcome {
  fileprivate func json() -> JSONValue {
    [
      "margin": margin.map { .number($0) } ?? .null, "selection rates": JSONValue(selected),
      "disparity": .number(disparity), "accuracy": accuracy.map { .number($0) } ?? .null,
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      margin: try node.optional("margin")?.weight, selected: try node["selection rates"].shares,
      disparity: try node["disparity"].share, accuracy: try node.optional("accuracy")?.share)
  }
}
