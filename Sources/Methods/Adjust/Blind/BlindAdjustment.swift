internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// Fitted decisions from probabilities of classes and groups, as the commands see them.
struct BlindAdjustment: Adjustment {
  /// A rule with its share of the lots and what it comes to on the records of the fit.
  struct Part: Sendable, Equatable {
    let rule: BlindRule
    let weight: Double
    let outcome: BlindProgram.Outcome
  }

  let columns: BlindColumns
  /// The column it writes.
  let output: String
  /// The classes' names; nil where they are 0 and 1, and written so.
  let classNames: [String]?
  /// The attribute: its name or columns, and its groups.
  let attribute: [String]
  let groups: [GroupKey]
  let idColumn: String?
  let seed: UInt64
  /// Whether records of no known group get the class with the least risk; else they fail.
  var passesUnseen: Bool

  let problem: BlindProblem
  /// The mean probability of each event on the records of the fit.
  let means: [Double]
  let parts: [Part]
  /// The bound on the mean risk that no rule within the limits is below.
  let bound: Double
  /// The mean risk where nothing is limited.
  let free: BlindProgram.Outcome
  /// Whether the best rule stands alone, without lots, even if it exceeds the limits.
  let isDeterministic: Bool
  /// The records of the fit.
  let records: Int
  /// How often the fit looked at the records.
  let passes: Int
  /// The columns' values, compressed.
  let distributions: [Distribution]

  var groupColumns: [[String]] { columns.kind == .known ? [attribute] : [] }
  var groupKeys: [[[ByteText]]] { columns.kind == .known ? [groups.map(\.parts)] : [] }
  var scoreColumns: [String] { columns.all }
  var dropsRows: Bool { false }
  var readsTogether: Bool { true }
  var choices: [String]? { classNames }

  func setting(against outcome: Outcome) -> String { "unseen" }

  var policies: [PolicyChoice] {
    columns.kind == .known ? [PolicyChoice(unseen: passesUnseen)] : []
  }

  func following(_ policy: String, _ value: String) -> any Adjustment {
    var other = self
    other.passesUnseen = value == UnseenRule.pass.rawValue
    return other
  }

  func outputColumns(of score: String) -> [String] { score == columns.scores.first ? [output] : [] }

  func rowFault(_ values: [Double]) -> (score: Int, words: String)? {
    columns.fault(values).map { ($0.column, $0.words) }
  }

  /// The mean risk and rates of the mixture.
  var value: Double { parts.reduce(0) { $0 + $1.weight * $1.outcome.risk } }
  var rates: [[Double]] {
    problem.constraints.indices.map { place in
      groups.indices.map { group in
        parts.reduce(0) { $0 + $1.weight * $1.outcome.rates[place][group] }
      }
    }
  }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    apply(together: [values], codes: codes, keys: keys)
  }

  func apply(together values: [[Double]], codes: [[Int32]], keys: [UInt64]?) -> AdjustedBatch {
    let count = values.first?.count ?? 0
    var decisions = [Double](repeating: .nan, count: count)
    var outcomes = [Outcome](repeating: [], count: count)
    let lots = Lots(seed: seed, score: columns.scores[0])
    for row in 0..<count {
      let own = values.map { $0[row] }
      let code = columns.kind == .known ? Int(codes[0][row]) : 0
      if own.contains(where: \.isNaN) {
        outcomes[row] = .missingScore
        continue
      }
      let risks = risks(columns.classes(own))
      if code < 0 {
        outcomes[row] = code == -1 ? .missingGroup : .unseenGroup
        if passesUnseen {
          decisions[row] = Double(
            BlindRule.least(risks[...]))
        } else {
          outcomes[row].insert(.refused)
        }
        continue
      }
      let events = columns.events(own, code: code, isJoint: problem.isJoint)
      var rule = parts[parts.count - 1].rule
      if parts.count > 1 {
        let lot = lots.draw(keys?[row] ?? 0)
        var sum = 0.0
        for part in parts {
          sum += part.weight
          if lot < sum {
            rule = part.rule
            break
          }
        }
      }
      decisions[row] = Double(rule.decision(risks[...], events[...]))
    }
    return AdjustedBatch(columns: [decisions], outcomes: outcomes)
  }

  /// The risk of each decision.
  private func risks(_ classes: [Double]) -> [Double] {
    problem.risks(classes)
  }

  func calibration(of score: Int) -> CalibrationReference {
    CalibrationReference(codes: [[]], distributions: [distributions[score]])
  }

  func contradiction() -> String? {
    let value = value
    guard !isDeterministic else { return nil }
    for (constraint, rates) in zip(problem.constraints, rates) {
      let gap = (rates.max() ?? 0) - (rates.min() ?? 0)
      guard gap <= constraint.tolerance + 1e-9 else {
        return
          "the rules exceed a limit of the map: rates are \(NumberText.text(gap)) apart, and the map states at most \(NumberText.text(constraint.tolerance))"
      }
    }
    guard abs(value - bound) <= 2e-7 else {
      return
        "the bound of the map does not prove that its rules are the best: it is \(NumberText.text(value - bound)) from their risk"
    }
    return nil
  }
}

extension BlindRule {
  /// The class with the least risk; among equals the first.
  static func least(_ risks: ArraySlice<Double>) -> Int {
    BlindRule(slopes: [Double](repeating: 0, count: risks.count), constant: nil)
      .decision(risks, [0])
  }
}

extension BlindProblem {
  /// The risk of each decision for probabilities of the classes.
  func risks(_ own: [Double]) -> [Double] {
    (0..<classes).map { decided in
      var risk = 0.0
      for label in 0..<classes { risk += own[label] * loss[label][decided] }
      return risk
    }
  }
}

// MARK: Words

extension BlindAdjustment {
  /// The names of the classes in words.
  var classWords: [String] { classNames ?? ["0", "1"] }

  /// What the rules come to on the records of the fit, in one line.
  func note() -> String {
    var words =
      "\(output): expected cost \(Wording.short(value)), \(Wording.short(free.risk)) without limits"
    if isDeterministic {
      words += "; no rule within the limits costs less than \(Wording.short(bound))"
    }
    for (place, constraint) in problem.constraints.enumerated() where problem.constraints.count < 3
    {
      let (old, new) = (free.rates[place], rates[place])
      words += "; \(name(constraint)) \(spread(new)) apart, \(spread(old)) without"
    }
    if problem.constraints.count > 2 {
      words +=
        "; the rates of the groups are at most \(widest(rates)) apart, \(widest(free.rates)) without"
    }
    if parts.count > 1 { words += "; a random draw chooses between \(parts.count) rules" }
    return words + " (by the probabilities, in sample)"
  }

  private func widest(_ rates: [[Double]]) -> String {
    Wording.short(
      ((rates.map { ($0.max() ?? 0) - ($0.min() ?? 0) }.max() ?? 0) * 1e9).rounded() / 1e9)
  }

  private func spread(_ rates: [Double]) -> String {
    Wording.short((((rates.max() ?? 0) - (rates.min() ?? 0)) * 1e9).rounded() / 1e9)
  }

  private func name(_ constraint: BlindConstraint) -> String {
    let decided = "decided \(classWords[constraint.decided])"
    return constraint.given.map { "\(decided) of class \(classWords[$0])" } ?? decided
  }

  func description() -> String {
    var lines = [
      columns.kind == .known
        ? "Decides for the class with the least expected cost, after a correction for the record's group."
        : "Decides without the group: for the class with the least expected cost, after a correction by the probabilities of the groups.",
      "",
      "attribute      \(attribute.joined(separator: ", ")): \(groups.map { Wording.name($0) }.joined(separator: " | "))",
      "reads          \(columns.all.joined(separator: ", "))",
      "decisions      \(classWords.joined(separator: " | "))",
    ]
    if let idColumn { lines.append("random draws   from \(idColumn) and seed \(seed)") }
    lines.append("")
    lines.append("\(columns.scores.joined(separator: ", "))  ->  \(output)")
    var rows = [["rate"] + groups.map { Wording.name($0) } + ["apart", "at most"]]
    for (constraint, own) in zip(problem.constraints, rates) {
      rows.append(
        [name(constraint)] + own.map { Wording.short(($0 * 1e9).rounded() / 1e9) } + [
          spread(own), NumberText.text(constraint.tolerance),
        ])
    }
    lines += Wording.aligned(rows)
    var shares = [["rule", "drawn", "expected cost"]]
    for (place, part) in parts.enumerated() {
      shares.append([
        part.rule.constant.map { "always \(classWords[$0])" } ?? "\(place + 1)",
        Wording.short(part.weight), Wording.short(part.outcome.risk),
      ])
    }
    lines += Wording.aligned(shares)
    lines.append("  \(note())")
    lines.append(
      "  bound: no rule within the limits has an expected cost below \(NumberText.text(bound)), over \(records) records (\(passes) passes)"
    )
    return Shown.page(lines)
  }
}
