internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// Fitted thresholds for a share of the scores, as the commands see them.
struct RateAdjustment: HeadedAdjustment {
  /// How one group is decided.
  struct Rule: Sendable, Equatable {
    /// A score above it is decided 1; infinite for nobody.
    let threshold: Double
    /// The chance of a score that equals it.
    let chance: Double
    /// The weight of the fit's records above it.
    let above: Double
    /// The weight of those that equal it.
    let tied: Double
    /// The group's whole weight.
    let total: Double

    /// The weight that is decided 1, on average.
    var selected: Double { above + chance * tied }

    var isLottery: Bool { chance > 0 && chance < 1 }

    /// The chance that a score is decided 1.
    func chance(_ score: Double) -> Double {
      score > threshold ? 1 : score == threshold ? chance : 0
    }
  }

  /// What was fitted to one score.
  struct Score: FittedScore {
    let name: String
    /// The share that was asked for.
    let rate: Double
    /// The calibration records of each group.
    let records: [Int]
    let rules: [Rule]
    /// The groups' scores, compressed.
    let distributions: [Distribution]

    /// The weight of records whose decision depends on a lot.
    var tied: Double { rules.reduce(0) { $0 + ($1.isLottery ? $1.tied : 0) } }
    var total: Double { rules.reduce(0) { $0 + $1.total } }
    /// The same as a share of all.
    var lotteryShare: Double { tied / total }
  }

  let head: DecisionHead
  let scores: [Score]

  func outputColumns(of score: String) -> [String] { RateMethod.outputColumns(of: score) }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let fitted = scores[score]
    let lots = Lots(seed: seed, score: fitted.name)
    return batch(values, codes[0], others: otherDecision) { row, value, group in
      let chance = fitted.rules[group].chance(value)
      if chance == 0 || chance == 1 { return chance }
      return lots.draw(keys?[row] ?? 0) < chance ? 1 : 0
    }
  }

  func chances(score: Int, values: [Double], codes: [Int32]) -> [Double]? {
    let rules = scores[score].rules
    return zip(values, codes).map { value, code in
      if value.isNaN { return .nan }
      if code < 0 { return head.otherwise.map { value >= $0 ? 1 : 0 } ?? .nan }
      return rules[Int(code)].chance(value)
    }
  }

  func contradiction() -> String? {
    for score in scores {
      for (group, rule) in score.rules.enumerated() {
        let sample = score.distributions[group]
        let (above, upTo) =
          rule.threshold == .infinity
          ? (0.0, 0.0) : (1 - sample.cdf(rule.threshold), 1 - sample.cdfBelow(rule.threshold))
        // A compressed distribution is right up to the gap a number falls into.
        let share = rule.selected / rule.total
        guard share >= above - 2.0 / 4096 - 1e-9, share <= upTo + 2.0 / 4096 + 1e-9 else {
          return
            "the map states that \"\(score.name)\" selects \(NumberText.text(share)) of group \(head.keys[group]), but its distribution gives \(NumberText.text(above)) to \(NumberText.text(upTo))"
        }
      }
    }
    if head.idColumn == nil, scores.contains(where: { $0.tied > 0 }) {
      return "the map decides records at random but names no column of ids"
    }
    return nil
  }

  // MARK: Words

  /// What is selected of the calibration records, in one line.
  func note(_ score: Score) -> String {
    let selected = score.rules.reduce(0) { $0 + $1.selected }
    var words =
      "\(score.name): \(Wording.short(selected)) of \(Wording.short(score.total)) records decided 1 (\(Wording.short(selected / score.total)))"
    let shown = zip(head.keys, score.rules).prefix(8).map {
      "\(Wording.name($0)) \(Wording.short($1.selected / $1.total))"
    }
    words += "; of the groups \(shown.joined(separator: ", "))"
    if head.keys.count > 8 { words += " and \(head.keys.count - 8) more" }
    if score.tied > 0 {
      words +=
        "; \(Wording.short(score.tied)) records with equal scores are decided by a random draw"
    }
    return words + " (in sample)"
  }

  func description() -> String {
    var lines = [
      "A score above its group's threshold is decided 1, one below it 0; one that equals it is decided 1 with the chance shown.",
      "", "other groups   \(head.otherwise.map { "threshold \(Wording.short($0))" } ?? "fail")",
    ]
    lines += head.lines
    for score in scores {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "decision"))")
      lines.append("  share asked for \(NumberText.text(score.rate))")
      var rows = [["group", "records", "threshold", "chance at it", "at it", "selected"]]
      for (group, rule) in score.rules.enumerated() {
        let isNobody = rule.threshold == .infinity
        rows.append([
          Wording.name(head.keys[group]), "\(score.records[group])",
          isNobody ? "nobody" : NumberText.text(rule.threshold),
          isNobody ? "-" : Wording.short(rule.chance), Wording.short(rule.tied),
          Wording.short(rule.selected / rule.total),
        ])
      }
      lines += Wording.aligned(rows)
      lines.append("  \(note(score))")
    }
    return Shown.page(lines)
  }

  // MARK: JSON

  func json() -> JSONValue {
    var object = head.json()
    object.append(
      "scores",
      .array(
        scores.map { score in
          [
            "name": .string(score.name), "rate": .number(score.rate),
            "records": .array(score.records.map { .integer($0) }),
            "thresholds": .array(
              score.rules.map { $0.threshold == .infinity ? .null : .number($0.threshold) }),
            "chances": JSONValue(score.rules.map(\.chance)),
            "above": JSONValue(score.rules.map(\.above)),
            "tied": JSONValue(score.rules.map(\.tied)),
            "weights": JSONValue(score.rules.map(\.total)),
            "distributions": .array(score.distributions.map { $0.json(knownValues: nil) }),
          ]
        }))
    return .object(object)
  }

  /// Reads a stored one.
  init(_ node: JSONNode) throws {
    let head = try DecisionHead(node)
    let count = head.keys.count
    self.head = head
    scores = try node["scores"].array.map { score in
      let thresholds = try score["thresholds"]
      let (chances, totals) = (try score["chances"].shares, try score["weights"])
      let numbers = try [score["above"], score["tied"], totals].map { node in
        try node.array.map { try $0.weight }
      }
      let limits = try thresholds.array.map { $0.isNull ? Double.infinity : try $0.score }
      let records = try score["records"].counts
      let distributions = try score["distributions"].array.map {
        try Distribution($0, knownValues: nil)
      }
      guard
        ([limits.count, chances.count, records.count, distributions.count]
          + numbers.map(\.count)).allSatisfy({ $0 == count })
      else { throw thresholds.wrong("as many entries of every list as groups") }
      let rules = limits.indices.map {
        Rule(
          threshold: limits[$0], chance: chances[$0], above: numbers[0][$0], tied: numbers[1][$0],
          total: numbers[2][$0])
      }
      guard rules.allSatisfy({ $0.total > 0 && $0.selected <= $0.total * (1 + 1e-9) }) else {
        throw totals.wrong("weights above 0, at least what is decided 1")
      }
      return Score(
        name: try score["name"].string, rate: try score["rate"].share, records: records,
        rules: rules, distributions: distributions)
    }
    try checkNames(node)
    guard (head.idColumn != nil) == scores.contains(where: { $0.tied > 0 }) else {
      throw try node["id"].wrong("the column of ids where there is a lottery, and only there")
    }
  }

  /// Thresholds from their parts.
  init(head: DecisionHead, scores: [Score]) { (self.head, self.scores) = (head, scores) }
}
