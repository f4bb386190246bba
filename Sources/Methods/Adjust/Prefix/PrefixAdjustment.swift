internal import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// A fitted list as the commands see it.
struct PrefixAdjustment: PassingAdjustment {
  /// A record of the list: its score, the lot that ranks it among equal scores, and its place from 0.
  struct Knot: Sendable, Equatable {
    let score: Double
    let lot: Double
    let place: Int

    /// Whether a score and lot stand before it.
    func isBehind(_ score: Double, _ lot: Double) -> Bool {
      score != self.score ? score > self.score : lot < self.lot
    }
  }

  /// What was fitted to one score.
  struct Score: FittedScore {
    let name: String
    /// The calibration records of each group.
    let records: [Int]
    /// The places of the list.
    let places: Int
    /// The least numbers of each group in its first parts.
    let minima: [[Int]]
    /// Each group's records of the list, in order.
    let knots: [[Knot]]
    /// The range of all scores.
    let lowest: Double
    let highest: Double
    /// Records whose place depends on a lot.
    let drawn: Int
    /// The probability that a fair list fails, and what it may be, where the least numbers are a test's.
    let failProbability: Double?
    let alpha: Double?
    /// How many of each group the first places hold by score alone.
    let before: [Int]
    /// Groups that have fewer records than the least numbers ask for.
    let cut: [Int]
    /// The mean score of the first places by score alone, and of the list.
    let means: [Double]
    /// The groups' scores, compressed.
    let distributions: [Distribution]

    /// The score to rank by of a place from 0.
    func value(_ place: Int) -> Double { 1 - (Double(place) + 0.5) / Double(2 * places) }

    /// The score to rank by behind the list.
    func rest(_ score: Double) -> Double {
      guard highest > lowest else { return 0.25 }
      return 0.5 * min(max((score - lowest) / (highest - lowest), 0), 1)
    }

    /// The score to rank by of a record of a group.
    func value(_ score: Double, _ lot: Double, _ group: Int) -> Double {
      let knots = knots[group]
      // The first record of the list that stands behind.
      let low = knots.firstPlace { $0.isBehind(score, lot) }
      guard low > 0 else {
        guard let first = knots.first else { return rest(score) }
        return value(first.place) + 0.125 / Double(places)
      }
      let before = knots[low - 1]
      if before.score == score, before.lot == lot { return value(before.place) }
      guard low < knots.count else { return rest(score) }
      let behind = knots[low]
      let (top, bottom) = (value(before.place), value(behind.place))
      guard before.score > behind.score else { return (top + bottom) / 2 }
      return bottom + (top - bottom) * ((score - behind.score) / (before.score - behind.score))
    }
  }

  let head: DecisionHead
  let scores: [Score]
  var passesUnseen: Bool

  func outputColumns(of score: String) -> [String] { PrefixMethod.outputColumns(of: score) }

  func apply(
    score: Int, values: [Double], codes: [[Int32]], keys: [UInt64]?, steps: Bool
  ) -> AdjustedBatch {
    let fitted = scores[score]
    let lots = Lots(seed: seed, score: fitted.name)
    return batch(values, codes[0], others: { passesUnseen ? fitted.rest($0) : nil }) {
      row, value, group in
      let lot = fitted.drawn > 0 ? keys.map { lots.draw($0[row]) } ?? 0 : 0
      return fitted.value(value, lot, group)
    }
  }

  func contradiction() -> String? {
    for score in scores {
      var groups = [Int](repeating: -1, count: score.places)
      for (group, knots) in score.knots.enumerated() {
        for knot in knots { groups[knot.place] = group }
      }
      var counts = head.keys.map { _ in 0 }
      for place in 0..<score.places {
        if groups[place] >= 0 { counts[groups[place]] += 1 }
        if let group = counts.indices.first(where: { counts[$0] < score.minima[$0][place] }) {
          return
            "the list of \"\(score.name)\" holds \(counts[group]) of group \(head.keys[group]) in its first \(place + 1) places, but the map states at least \(score.minima[group][place])"
        }
      }
    }
    return nil
  }

  // MARK: Words

  /// What the list holds, in one line.
  func note(_ score: Score) -> String {
    let asked = score.minima.indices.filter { (score.minima[$0].last ?? 0) > 0 }
    var words = "\(score.name): the first \(score.places) places hold "
    let parts = (asked.isEmpty ? Array(head.keys.indices.prefix(4)) : asked).map { group in
      "\(score.knots[group].count) of \(Wording.name(head.keys[group])) (\(score.before[group]) by score alone, at least \(score.minima[group].last ?? 0))"
    }
    words += parts.joined(separator: ", ")
    words +=
      "; their mean score is \(Wording.short(score.means[1])), \(Wording.short(score.means[0])) by score alone"
    if let fail = score.failProbability, let alpha = score.alpha {
      words +=
        "; a fair list would fail with probability \(Wording.short(fail)) (at most \(NumberText.text(alpha)) asked)"
    }
    for group in score.cut {
      words +=
        "; group \(Wording.name(head.keys[group])) has only \(score.records[group]) records, so no more are required"
    }
    if score.drawn > 0 {
      words += "; \(score.drawn) records with equal scores are ranked at random"
    }
    return words + " (in sample)"
  }

  func description() -> String {
    var lines = [
      "Records of the list get a score to rank by above 0.5; a new record is placed between the two records of its group whose scores are next to its own.",
      "", "other groups   \(passesUnseen ? "ranked behind the list by their score" : "fail")",
    ]
    lines += head.lines
    for score in scores {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "fair"))")
      var rows = [["group", "records", "by score alone", "in the list", "at least"]]
      for group in head.keys.indices {
        rows.append([
          Wording.name(head.keys[group]), "\(score.records[group])", "\(score.before[group])",
          "\(score.knots[group].count)", "\(score.minima[group].last ?? 0)",
        ])
      }
      lines += Wording.aligned(rows)
      for group in head.keys.indices where (score.minima[group].last ?? 0) > 0 {
        let rises = score.minima[group].indices.filter {
          score.minima[group][$0] > ($0 == 0 ? 0 : score.minima[group][$0 - 1])
        }
        lines.append(
          "  one more of \(Wording.name(head.keys[group])) by place \(rises.prefix(40).map { "\($0 + 1)" }.joined(separator: ", "))\(rises.count > 40 ? " ..." : "")"
        )
      }
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
            "places": .integer(score.places),
            "least": .array(score.minima.map { JSONValue($0) }),
            "list": .array(
              score.knots.map { knots in
                [
                  "scores": JSONValue(knots.map(\.score)), "lots": JSONValue(knots.map(\.lot)),
                  "places": JSONValue(knots.map(\.place)),
                ]
              }),
            "range": JSONValue([score.lowest, score.highest]), "drawn": .integer(score.drawn),
            "fail probability": score.failProbability.map { .number($0) } ?? .null,
            "alpha": score.alpha.map { .number($0) } ?? .null,
            "by score alone": JSONValue(score.before), "cut": JSONValue(score.cut),
            "mean scores": JSONValue(score.means),
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
      let places = try score["places"]
      guard try (1...5000).contains(places.int) else { throw places.wrong("1 to 5000 places") }
      let most = try places.int
      let list = try score["list"]
      let knots = try list.array.map { group in
        let (own, lots, positions) = (
          try group["scores"].scores, try group["lots"].shares, try group["places"].ints
        )
        guard own.count == lots.count, own.count == positions.count,
          positions.allSatisfy({ $0 >= 0 && $0 < most })
        else { throw list.wrong("a score, a lot and a place within the list of each record") }
        let knots = own.indices.map { Knot(score: own[$0], lot: lots[$0], place: positions[$0]) }
        guard
          zip(knots, knots.dropFirst()).allSatisfy({
            $0.place < $1.place
              && ($1.isBehind($0.score, $0.lot) || ($0.score, $0.lot) == ($1.score, $1.lot))
          })
        else { throw list.wrong("records in order") }
        return knots
      }
      guard Set(knots.joined().map(\.place)).count == most, knots.joined().count == most else {
        throw list.wrong("one record at each place")
      }
      let least = try score["least"]
      let minima = try least.array.map { try $0.ints }
      guard minima.allSatisfy({ $0.count == most && $0.allSatisfy { $0 >= 0 && $0 <= most } })
      else { throw least.wrong("a number for each place, at most as many as there are") }
      let range = try score["range"]
      let ends = try range.scores
      guard ends.count == 2, ends[0] <= ends[1] else { throw range.wrong("two ends in order") }
      let means = try score["mean scores"]
      guard try means.scores.count == 2 else { throw means.wrong("two means") }
      let cut = try score["cut"]
      guard try cut.ints.allSatisfy({ $0 >= 0 && $0 < count }) else {
        throw cut.wrong("places of groups")
      }
      let result = Score(
        name: try score["name"].string, records: try score["records"].counts, places: most,
        minima: minima, knots: knots, lowest: ends[0], highest: ends[1],
        drawn: try score["drawn"].count,
        failProbability: try score.optional("fail probability")?.share,
        alpha: try score.optional("alpha")?.share, before: try score["by score alone"].counts,
        cut: try cut.ints, means: try means.scores,
        distributions: try score["distributions"].array.map {
          try Distribution($0, knownValues: nil)
        })
      let lists = [
        result.records.count, result.minima.count, result.knots.count, result.before.count,
        result.distributions.count,
      ]
      guard lists.allSatisfy({ $0 == count }) else {
        throw list.wrong("as many entries of every list as groups")
      }
      return result
    }
    try checkNames(node)
    guard (head.idColumn != nil) == scores.contains(where: { $0.drawn > 0 }) else {
      throw try node["id"].wrong("the column of ids where there are lots, and only there")
    }
  }

  /// A list from its parts.
  init(head: DecisionHead, scores: [Score], passesUnseen: Bool) {
    (self.head, self.scores, self.passesUnseen) = (head, scores, passesUnseen)
  }
}
