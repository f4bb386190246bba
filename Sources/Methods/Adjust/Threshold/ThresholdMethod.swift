public import JSON
internal import Numerics
public import Options
internal import Transport

/// Decisions by one threshold a group: the simplest adjustment, and a sharp reference for the others.
///
/// The baseline of the FaAlGrad paper (one group's threshold fixed, the other's taken from a grid),
/// for any number of groups, and exactly, at the observed scores.
public enum ThresholdMethod: AdjustmentMethod {
  public static let spec = MethodSpec(
    "threshold",
    summary: "decisions by one threshold a group; a score at or above its group's is decided 1",
    details: [
      "Writes NAME.decision (0 or 1) beside NAME.score. One group's threshold is fixed and the others' are searched for the smallest disparity; among equally small ones the labels' accuracy decides, where there are labels, then nearness to 0.5.",
      "Labels come from the task: --task LABEL for LABEL.score, or --task LABEL --score COL. What is best on the calibration records need not be on others: calibrate on records the model was not trained on.",
      "The search holds some 100 bytes a record.",
    ],
    options: [
      OptionSpec(
        "fix", nil, .text("GROUP=T"),
        help:
          "the threshold of a group, parts of its key joined by commas; without it the group with most records (by --frequency or --weight where given) has 0.5",
        repeated: true, section: "Adjustment"),
      OptionSpec(
        "grid", nil, .number("STEP", in: 1e-6...1),
        help: "search STEP, 2 STEP and so on up to 1 instead of every score of the group",
        section: "Adjustment"),
      OptionSpec(
        "minimise", nil,
        .choice(ThresholdObjective.allCases.map(\.rawValue), placeholder: "METRIC"),
        help:
          "the disparity to make small; a ratio is brought near 1. Equalized odds with several free groups is improved one group at a time, which need not find the best",
        default: ThresholdObjective.demographicParityDifference.rawValue, section: "Adjustment"),
      OptionSpec(
        "otherwise", nil, .number("T", in: -1e300...1e300),
        help:
          "the threshold of rows whose group is missing or was not in the fit; without it such rows fail",
        section: "Policies"),
    ])

  public static func needsID(_ options: ParsedOptions) -> Bool { false }

  public static func rules(_ options: ParsedOptions) -> RowRules {
    RowRules(needsGroup: !options.has("otherwise"), groupOption: "--otherwise")
  }

  public static func labels(_ options: ParsedOptions) -> LabelUse {
    objective(options).needsLabels ? .required : .optional
  }

  public static func attributeLimit(_ options: ParsedOptions) -> Int? { 1 }

  public static func read(_ json: JSONValue) throws -> any Adjustment {
    try ThresholdAdjustment(JSONNode(json, name: "map"))
  }

  private static func objective(_ options: ParsedOptions) -> ThresholdObjective {
    options.choice("minimise") ?? .demographicParityDifference
  }

  public static func fit(
    _ request: FitRequest, _ options: ParsedOptions
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    guard data.attributes.count == 1, let attribute = data.attributes.first else {
      throw AdjustmentError.settings(
        "thresholds are for one attribute: cross the columns, as in --group sex,race")
    }
    let objective = objective(options)
    var scores: [ThresholdAdjustment.Score] = []
    var notes: [String] = []
    for place in data.scores.indices {
      let fitted = try fit(data, place, attribute, objective, options, threads: request.threads)
      scores.append(fitted)
      notes.append(fitted.note(objective))
    }
    let adjustment = ThresholdAdjustment(
      columns: attribute.columns, keys: attribute.keys, scores: scores, objective: objective,
      otherwise: options.number("otherwise"))
    return (adjustment, notes)
  }

  private static func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ objective: ThresholdObjective,
    _ options: ParsedOptions, threads: Int
  ) throws -> ThresholdAdjustment.Score {
    let name = data.scores[place].name
    if ScoreName.parts(name) != nil {
      throw AdjustmentError.settings(
        "column \"\(name)\" is the score of one class of several: thresholds are for binary tasks")
    }
    let labels = place < data.labels.count ? data.labels[place] : []
    if objective.needsLabels, labels.isEmpty {
      throw AdjustmentError.settings("--minimise \(objective.rawValue) needs labels (--task)")
    }
    let rows = try rowsByGroup(data, place, attribute)
    let thresholds = try fixed(options, attribute, rows.map { weight($0, data.weights) })
    var candidates = ThresholdCurve.Candidates.observed
    if let step = options.number("grid") {
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
      records: rows.map { own in
        data.frequency ? (Int(exactly: weight(own, data.weights).value) ?? own.count) : own.count
      },
      isFixed: thresholds.map { $0 != nil },
      before: .init(plain.map { $0.points[0] }, plain, objective),
      after: .init(best, plain, objective),
      distributions: rows.map { own in
        let list = own.map { values[$0] }
        let whole =
          data.weights.map { weights in
            Distribution(list, weights: own.map { weights[$0] }, frequencies: data.frequency)
          } ?? Distribution(list)
        return Compression.keep(Compression.knots(of: whole, limit: 4096), of: whole)
      })
  }

  /// The rows of each group that have a score, and a weight that counts.
  private static func rowsByGroup(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping
  ) throws -> [[Int]] {
    var rows = [[Int]](repeating: [], count: attribute.keys.count)
    let values = data.scores[place].values
    for row in values.indices where attribute.codes[row] >= 0 && !values[row].isNaN {
      if let weights = data.weights, weights[row] == 0 { continue }
      rows[Int(attribute.codes[row])].append(row)
    }
    if rows.allSatisfy(\.isEmpty) {
      throw AdjustmentError.noRecords(score: data.scores[place].name)
    }
    if let group = rows.firstIndex(where: \.isEmpty) {
      throw AdjustmentError.unusable(
        "column \"\(data.scores[place].name)\": group \(attribute.keys[group]) has no record with a score"
      )
    }
    return rows
  }

  /// The weight of some rows, summed exactly: the same in any order and for rows in their number.
  private static func weight(_ rows: [Int], _ weights: [Double]?) -> ExactSum {
    var sum = ExactSum()
    guard let weights else {
      sum.add(Double(rows.count))
      return sum
    }
    for row in rows { sum.add(weights[row]) }
    return sum
  }

  /// The thresholds that are not searched for, by group.
  private static func fixed(
    _ options: ParsedOptions, _ attribute: Grouping, _ sizes: [ExactSum]
  ) throws -> [Double?] {
    var thresholds = [Double?](repeating: nil, count: sizes.count)
    let names = attribute.keys.map { $0.parts.map(\.description).joined(separator: ",") }
    for text in options.texts("fix") {
      guard let mark = text.lastIndex(of: "="),
        case .number(let threshold) = NumberText.parse(String(text[text.index(after: mark)...]))
      else { throw UsageError("--fix \(text): GROUP=T is wanted, such as Male=0.5") }
      let name = String(text[..<mark])
      guard let group = names.firstIndex(of: name) else {
        throw UsageError(
          "--fix \(text): there is no group \"\(name)\"",
          hint: nearest(name, in: names).map { "did you mean \"\($0)\"?" }
            ?? "the groups are \(names.prefix(12).joined(separator: " | "))")
      }
      if thresholds[group] != nil { throw UsageError("--fix \(name) is given twice") }
      thresholds[group] = threshold
    }
    if options.texts("fix").isEmpty {
      // The first of the largest: keys are sorted.
      let largest = sizes.indices.max { (sizes[$0].value, -$0) < (sizes[$1].value, -$1) }
      if let largest { thresholds[largest] = 0.5 }
    }
    return thresholds
  }
}
