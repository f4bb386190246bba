package import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// `adjust prefix`: a ranking whose every first part holds enough of some groups (FA*IR).
package struct PrefixMethod: FairScoreMethod {
  /// How the least numbers follow from a share.
  package enum Minimum: String, CaseIterable, Sendable {
    /// FA*IR's table: what a list of fair coins would have with the given confidence.
    case fair
    /// The share of the places, rounded down.
    case floor
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The places that are looked at.
    package var top = 10
    /// The shares of groups.
    package var least: [RateMethod.GroupShare] = []
    /// How least numbers follow from a share.
    package var minimum = Minimum.fair
    /// The probability with which a fair list may fail.
    package var alpha = 0.1
    /// Whether that holds for each place by itself only.
    package var isUnadjusted = false
    /// What becomes of records of no known group.
    package var unseen = UnseenRule.fail

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "top", \.top, "K", in: 1...5000, help: "how many places the list has",
          section: "Adjustment"),
        SettingField(
          "least", nil, .text, "GROUP=P",
          help: "the share of the list that GROUP should have; required", isRepeated: true,
          section: "Adjustment",
          read: { (text, settings) throws(SettingFault.Problem) in
            settings.least.append(try RateMethod.GroupShare(text))
          },
          write: { $0.least.isEmpty ? nil : $0.least.map(\.text).joined(separator: ";") }),
        .choice(
          "minimum", \.minimum, placeholder: "RULE",
          help:
            "how many of the group are required: fair, so many that a test at --alpha does not find the list unfair (FA*IR), for one group; floor, the share P of the places, rounded down",
          section: "Adjustment"),
        .number(
          "alpha", \.alpha, "A", in: 0...0.5,
          help: "the probability that a fair list fails the test", section: "Adjustment"),
        .flag(
          "unadjusted", \.isUnadjusted,
          help:
            "test each place at --alpha separately; a fair list then fails at some place more often than --alpha",
          section: "Adjustment"),
        .choice(
          "unseen", \.unseen, placeholder: "POLICY",
          help:
            "rows whose group is missing or was not in the fit: fail (error), or rank them by their score behind the first K (pass)",
          section: "Policies"),
      ])
    }

    /// Refuses a list of which nothing is asked.
    package func check(in context: MethodContext) throws(SettingFault) {
      guard !least.isEmpty else {
        throw SettingFault(
          "least", nil, .unsuited("must be given: a group and its share, such as F=0.4"))
      }
    }

    /// Refuses what cannot go together.
    package func check() throws(SettingFault) {
      for (place, one) in least.enumerated()
      where least[..<place].contains(where: { $0.group == one.group }) {
        throw SettingFault("least", one.text, .givenTwice)
      }
      if minimum == .fair, least.count > 1 {
        throw SettingFault(
          "least", nil,
          .unsuited("names several groups, but the test is for one (--minimum floor takes several)")
        )
      }
      let sum = least.reduce(0) { $0 + $1.share }
      guard sum <= 1 + 1e-9 else {
        throw SettingFault(
          "least", nil,
          .unsuited(
            "gives the groups \(NumberText.text(sum)) of the places: the shares must sum to at most 1"
          ))
      }
    }
  }

  package static let info = MethodInfo(
    "prefix",
    summary: "a ranking with enough of a group among its first 1, 2, ..., K places (FA*IR)",
    details: [
      "Zehlike et al., FA*IR: a fair top-k ranking algorithm, CIKM 2017",
      "Writes NAME.fair, a score to rank by: records in the first K places of the list have scores above 0.5, the others at most 0.5. Of all lists that have enough records of the group among their first 1, 2, ..., K places, this one has the best scores from the top down.",
      "How many records are enough is found by a test: if every place went to the group with probability P, independently, the list would have too few at some place with a probability of at most --alpha. This is computed exactly, over all K places together.",
      "Records with equal scores are ranked at random, by the seed and the record's id (--id). A new record is placed between the two records of its group whose scores are next to its own.",
    ])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package static let isComparedUnasked = false

  package var passesUnseen: Bool { settings.unseen == .pass }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try PrefixAdjustment(JSONNode(json, name: "map"))
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    do { try settings.check(in: MethodContext(attributes: 1)) } catch {
      throw AdjustmentError.setting(error)
    }
    if data.weights != nil {
      throw AdjustmentError.setting(
        SettingFault(
          "top", nil, .unsuited("counts single records: leave out --weight and --frequency")))
    }
    let head = DecisionHead(attribute, otherwise: nil, idColumn: nil, seed: request.seed)
    for one in settings.least where !head.names.contains(one.group) {
      throw AdjustmentError.setting(
        SettingFault("least", one.text, .noSuchName(one.group, of: .group, known: head.names)))
    }
    let scores = try data.scores.indices.map { place in
      try fit(data, place, attribute, head.names, request)
    }
    let drawn = scores.contains { $0.drawn > 0 }
    let adjustment = PrefixAdjustment(
      head: DecisionHead(
        attribute, otherwise: nil, idColumn: drawn ? request.idColumn : nil, seed: request.seed),
      scores: scores, passesUnseen: passesUnseen)
    return (adjustment, scores.map { adjustment.note($0) })
  }

  /// The least numbers of each group in the first places, one after the other.
  private func minima(_ names: [String], places: Int) -> (lists: [[Int]], table: FairTable?) {
    var (lists, table) = (names.map { _ in [Int](repeating: 0, count: places) }, FairTable?.none)
    for one in settings.least {
      guard let group = names.firstIndex(of: one.group) else { continue }
      if settings.minimum == .floor {
        lists[group] = (1...places).map { Int((one.share * Double($0) + 1e-9).rounded(.down)) }
      } else {
        let found =
          settings.isUnadjusted
          ? FairTable(places: places, chance: one.share, alpha: settings.alpha)
          : FairTable.adjusted(places: places, chance: one.share, alpha: settings.alpha)
        (lists[group], table) = (found.minima, found)
      }
    }
    return (lists, table)
  }

  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ names: [String],
    _ request: FitRequest
  ) throws -> PrefixAdjustment.Score {
    let (name, values) = data.scores[place]
    let records = try DecisionRecords(data, place, attribute)
    let rows = records.rows.joined()
    let places = min(settings.top, rows.count)
    let lots = Lots(seed: request.seed, score: name)
    func lot(_ row: Int) -> Double { data.keys.map { lots.draw($0[row]) } ?? 0 }
    /// Whether one record stands before another by score, then by lot.
    func isBefore(_ left: Int, _ right: Int) -> Bool {
      if values[left] != values[right] { return values[left] > values[right] }
      return (lot(left), data.keys?[left] ?? 0) < (lot(right), data.keys?[right] ?? 0)
    }
    let sorted = records.rows.map { own in
      // Only the first places can be taken from a group.
      let first = own.sorted { values[$0] > values[$1] }
      guard first.count > places else { return first.sorted(by: isBefore) }
      let border = values[first[places - 1]]
      return Array(first.prefix { values[$0] >= border }.sorted(by: isBefore).prefix(places))
    }
    var (least, table) = minima(names, places: places)
    var cut: [Int] = []
    for group in least.indices {
      let most = records.rows[group].count
      if (least[group].last ?? 0) > most { cut.append(group) }
      least[group] = least[group].map { min($0, most) }
    }
    let list = PrefixList.groups(
      places: places, minima: least, sizes: sorted.map(\.count),
      isBefore: { isBefore(sorted[$0.group][$0.taken], sorted[$1.group][$1.taken]) })
    var taken = names.map { _ in 0 }
    var knots = names.map { _ in [PrefixAdjustment.Knot]() }
    var listed: [Int] = []
    for (index, group) in list.enumerated() {
      let row = sorted[group][taken[group]]
      taken[group] += 1
      listed.append(row)
      knots[group].append(PrefixAdjustment.Knot(score: values[row], lot: lot(row), place: index))
    }
    // Who stands where depends on lots where a listed record's score is there more than once.
    let shown = Set(listed.map { values[$0] })
    var seen: [Double: Int] = [:]
    for row in rows where shown.contains(values[row]) { seen[values[row], default: 0] += 1 }
    let drawn = seen.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
    if drawn > 0, request.idColumn == nil {
      throw AdjustmentError.needsRecordID(
        "\(drawn) records with equal scores compete for the first \(places) places, and a random draw ranks them"
      )
    }
    let best = rows.sorted(by: isBefore).prefix(places)
    let range = (rows.map { values[$0] }.min() ?? 0, rows.map { values[$0] }.max() ?? 0)
    func mean(_ rows: some Collection<Int>) -> Double {
      rows.map { values[$0] }.sorted().reduce(0, +) / Double(rows.count)
    }
    if drawn == 0 {
      // Where no score is there twice, nothing is drawn, and no id is asked for afterwards.
      knots = knots.map { own in
        own.map { PrefixAdjustment.Knot(score: $0.score, lot: 0, place: $0.place) }
      }
    }
    return PrefixAdjustment.Score(
      name: name, records: names.indices.map { records.count($0) }, places: places,
      minima: least, knots: knots, lowest: range.0, highest: range.1, drawn: drawn,
      failProbability: table?.failProbability, alpha: table == nil ? nil : settings.alpha,
      before: names.indices.map { group in
        best.count { Int(attribute.codes[$0]) == group }
      }, cut: cut, means: [mean(best), mean(listed)],
      distributions: names.indices.map { records.distribution($0) })
  }
}
