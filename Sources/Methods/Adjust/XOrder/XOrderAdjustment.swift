internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// Groups' moved scores as the commands see them.
struct XOrderAdjustment: PassingAdjustment {
  /// A score and where it goes.
  struct Knot: Sendable, Equatable {
    let score: Double
    let value: Double
  }

  /// What was fitted to one score.
  struct Score: FittedScore {
    let name: String
    /// The calibration records of each group.
    let records: [Int]
    /// The group whose scores stay.
    let kept: Int
    let disparity: CrossOrder.Disparity
    /// What the difference counted in each merging.
    let tradeOffs: [Double]
    /// The greatest difference over pairs of groups, as scores were and as they became.
    let before: Double
    let after: Double
    /// Each group's scores, ascending.
    let knots: [[Knot]]
    /// Where scores end.
    let lower: Double
    let upper: Double
    /// The groups' scores, compressed.
    let distributions: [Distribution]

    /// Where a score of a group goes.
    func value(_ score: Double, _ group: Int) -> Double {
      guard group != kept else { return score }
      let knots = knots[group]
      let low = knots.firstPlace { $0.score > score }
      if low > 0, knots[low - 1].score == score { return knots[low - 1].value }
      // Outside the fitted scores the ends of all scores stay where they are.
      let left = low > 0 ? knots[low - 1] : Knot(score: lower, value: lower)
      let right = low < knots.count ? knots[low] : Knot(score: upper, value: upper)
      guard left.score < right.score else { return low > 0 ? left.value : right.value }
      let share = min(max((score - left.score) / (right.score - left.score), 0), 1)
      return left.value + (right.value - left.value) * share
    }
  }

  let head: DecisionHead
  let scores: [Score]
  var passesUnseen: Bool

  func outputColumns(of score: String) -> [String] { XOrderMethod.outputColumns(of: score) }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let fitted = scores[score]
    return batch(values, codes[0], others: { passesUnseen ? $0 : nil }, passed: .passed) {
      _, value, group in fitted.value(value, group)
    }
  }

  /// The order of knots is checked where they are read.
  func contradiction() -> String? { nil }

  // MARK: Words

  /// What became of the difference, in one line.
  func note(_ score: Score) -> String {
    "\(score.name): \(score.disparity.rawValue) of the groups \(Wording.short(score.after)) apart, \(Wording.short(score.before)) before; the scores of \(Wording.name(head.keys[score.kept])) stay as they are; weight of the difference \(score.tradeOffs.isEmpty ? "nothing" : score.tradeOffs.map { NumberText.text($0) }.joined(separator: ", ")) (in sample)"
  }

  func description() -> String {
    var lines = [
      "A score gets a place between those of the two records of its group whose scores are next to it; one group keeps its scores.",
      "", "other groups   \(passesUnseen ? "keep their score" : "fail")",
    ]
    lines += head.lines
    for score in scores {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "fair"))")
      var rows = [["group", "records", "scores", "moved by at most"]]
      for group in head.keys.indices {
        let most =
          group == score.kept ? 0 : score.knots[group].map { abs($0.value - $0.score) }.max() ?? 0
        rows.append([
          Wording.name(head.keys[group]), "\(score.records[group])", "\(score.knots[group].count)",
          Wording.short(most),
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
    object.append("unseen", .string(passesUnseen ? "pass" : "fail"))
    object.append(
      "scores",
      .array(
        scores.map { score in
          [
            "name": .string(score.name), "records": JSONValue(score.records),
            "kept": .integer(score.kept), "disparity": .string(score.disparity.rawValue),
            "trade-offs": JSONValue(score.tradeOffs),
            "differences": JSONValue([score.before, score.after]),
            "moved": .array(
              score.knots.enumerated().map { group, knots in
                group == score.kept
                  ? ["from": .array([]), "to": .array([])]
                  : ["from": JSONValue(knots.map(\.score)), "to": JSONValue(knots.map(\.value))]
              }),
            "ends": JSONValue([score.lower, score.upper]),
            "distributions": .array(score.distributions.map { $0.json(knownValues: nil) }),
          ]
        }))
    return .object(object)
  }

  /// Reads a stored one.
  init(_ node: JSONNode) throws {
    let head = try DecisionHead(node)
    self.head = head
    passesUnseen = try UnseenRule(node["unseen"]) == .pass
    let count = head.keys.count
    scores = try node["scores"].array.map { score in
      let word = try score["disparity"]
      guard let disparity = CrossOrder.Disparity(rawValue: try word.string) else {
        throw word.wrong("xauc or prf")
      }
      let kept = try score["kept"]
      guard try kept.count < count else { throw kept.wrong("the place of a group") }
      let stays = try kept.count
      let moved = try score["moved"]
      let knots = try moved.array.enumerated().map { group, node in
        let (from, to) = (try node["from"].scores, try node["to"].scores)
        guard from.count == to.count, StoredNumbers.ascends(from), StoredNumbers.isOrdered(to),
          from.isEmpty == (group == stays)
        else { throw moved.wrong("ascending scores and where each goes, in order") }
        return zip(from, to).map { Knot(score: $0, value: $1) }
      }
      let ends = try score["ends"]
      let limits = try ends.scores
      guard limits.count == 2, limits[0] <= limits[1],
        knots.joined().allSatisfy({ $0.value >= limits[0] && $0.value <= limits[1] })
      else { throw ends.wrong("two ends in order, around all that scores go to") }
      let differences = try score["differences"]
      guard try differences.shares.count == 2 else { throw differences.wrong("two differences") }
      let result = Score(
        name: try score["name"].string, records: try score["records"].counts, kept: stays,
        disparity: disparity, tradeOffs: try score["trade-offs"].scores,
        before: try differences.shares[0], after: try differences.shares[1], knots: knots,
        lower: limits[0], upper: limits[1],
        distributions: try score["distributions"].array.map {
          try Distribution($0, knownValues: nil)
        })
      guard
        [result.records.count, result.knots.count, result.distributions.count].allSatisfy({
          $0 == count
        })
      else { throw moved.wrong("as many entries of every list as groups") }
      return result
    }
    try checkNames(node)
    guard head.idColumn == nil else { throw try node["id"].wrong("no column: nothing is drawn") }
  }

  /// Moved scores from their parts.
  init(head: DecisionHead, scores: [Score], passesUnseen: Bool) {
    (self.head, self.scores, self.passesUnseen) = (head, scores, passesUnseen)
  }
}
