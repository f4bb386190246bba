package import FairpostNumerics
package import FairpostTransport

/// What a map does to a record, as plain data for whoever writes it in another language.
package struct ExportedMap: Sendable {
  /// What a score becomes.
  package enum Kind: Sendable {
    /// A number, moved by a step for each attribute.
    case score(steps: [Step], range: ClosedRange<Double>?)
    /// 1 from the group's threshold on.
    case decision(thresholds: [Double], otherwise: Double?)
  }

  /// The correction for one attribute.
  package struct Step: Sendable {
    /// Which attribute.
    package let attribute: Int
    /// How much of the step's input is kept.
    package let epsilon: Double
    /// The functions; nil leaves the score as it is.
    package let tables: [MapTable?]
    /// The function of each combination of this and the later attributes' groups.
    package let entries: [(codes: [Int], table: Int)]
    /// The function of each group of the attribute alone, where there is one.
    package let marginal: [(code: Int, table: Int)]
    /// The pooled function, where there is one.
    package let pooled: Int?
  }

  /// One score.
  package struct Score: Sendable {
    /// The column it is read from.
    package let name: String
    /// The column that is written.
    package let output: String
    /// What it becomes.
    package let kind: Kind
  }

  /// What a policy may do.
  package enum Policy: String, Sendable { case error, pass, drop, pool }

  /// The columns of each attribute with their groups, in the order of their codes.
  package let attributes: [(columns: [String], keys: [[ByteText]])]
  /// The scores.
  package let scores: [Score]
  /// Whether a missing group is a group of its own, where the first key is empty.
  package let missingIsOwn: Bool
  /// What becomes of a record whose group is missing, or was not in the fit.
  package let missing: Policy
  package let unseen: Policy
  /// What becomes of scores outside a function's range: clamp, shift or error.
  package let outside: String
  /// Whether a combination that stands in for a small one is an error.
  package let smallIsError: Bool
}

extension WassersteinAdjustment {
  /// The map as data; nil where a result depends on the record's id.
  var exported: ExportedMap? {
    let settings = map.settings
    guard settings.ties != .random, settings.jitter == 0 else { return nil }
    let scores = map.scores.map { score in
      ExportedMap.Score(
        name: score.name, output: outputColumns(of: score.name).last ?? score.name,
        kind: .score(
          steps: score.steps.map { step in
            var tables: [MapTable?] = []
            func add(_ entry: WassersteinMap.Entry) -> Int {
              tables.append(entry.table)
              return tables.count - 1
            }
            let entries = step.entries.keys.sorted { $0.lexicographicallyPrecedes($1) }
              .compactMap { codes in step.entries[codes].map { (codes, add($0)) } }
            let marginal = step.marginal.keys.sorted().compactMap { code in
              step.marginal[code].map { (code, add($0)) }
            }
            let pooled = step.pooled.map { add($0) }
            return ExportedMap.Step(
              attribute: step.attribute, epsilon: step.epsilon, tables: tables, entries: entries,
              marginal: marginal, pooled: pooled)
          }, range: settings.range))
    }
    return ExportedMap(
      attributes: map.attributes.map { ($0.columns, $0.keys.map(\.parts)) }, scores: scores,
      missingIsOwn: settings.missingGroup == .own,
      missing: ExportedMap.Policy(rawValue: settings.missingGroup.rawValue) ?? .error,
      unseen: ExportedMap.Policy(rawValue: settings.unseen.rawValue) ?? .error,
      outside: settings.outside.rawValue, smallIsError: settings.smallCell == .error)
  }
}

extension ThresholdAdjustment {
  /// The thresholds as data.
  var exported: ExportedMap? {
    ExportedMap(
      attributes: [(columns, keys.map(\.parts))],
      scores: scores.map {
        ExportedMap.Score(
          name: $0.name, output: outputColumns(of: $0.name).last ?? $0.name,
          kind: .decision(thresholds: $0.thresholds, otherwise: otherwise))
      }, missingIsOwn: false, missing: .error, unseen: .error, outside: "clamp",
      smallIsError: false)
  }
}
