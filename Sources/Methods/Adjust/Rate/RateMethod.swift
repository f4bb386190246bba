package import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// `adjust rate`: the top share of the scores is decided 1, of all records or of each group.
///
/// No labels are asked: the choice is the one with the greatest sum of scores under what is said of the groups.
package struct RateMethod: DecisionMethod {
  /// What becomes of records whose equal scores stand at the border.
  package enum TieRule: String, CaseIterable, Sendable {
    /// A lot, so that the number is met.
    case lot
    /// None of them is decided 1: no more than the number.
    case below
    /// All of them are decided 1: no fewer than the number.
    case above
  }

  /// A share of the selected for one group.
  package struct GroupShare: Sendable, Equatable {
    let group: String
    let share: Double

    var text: String { "\(group)=\(NumberText.text(share))" }

    /// Reads `GROUP=SHARE`.
    init(_ text: String) throws(SettingFault.Problem) {
      guard let mark = text.lastIndex(of: "="), mark > text.startIndex,
        let share = SettingText.number(text[text.index(after: mark)...]), (0...1).contains(share)
      else { throw .wrongForm("expected GROUP=SHARE with a share between 0 and 1, such as F=0.4") }
      group = String(text[..<mark])
      self.share = share
    }
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The share that is decided 1.
    package var rate: Double?
    /// Whether it is the share of each group, not of all records.
    package var isOfEachGroup = false
    /// The least share that some groups have of those decided 1.
    package var least: [GroupShare] = []
    /// The share that some groups have of those decided 1.
    package var quotas: [GroupShare] = []
    /// How far apart the groups' rates may be.
    package var tolerance: Double?
    /// The share of the greatest rate that the least one must reach.
    package var ratio: Double?
    /// What becomes of equal scores at the border.
    package var ties = TieRule.lot
    /// The threshold of rows of no known group; nil where such rows fail.
    package var otherwise: Double?

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        [
          .number(
            "rate", \.rate, "R", in: 0...1,
            help: "the share that is decided 1, such as 0.2; required",
            section: "Adjustment"),
          .flag(
            "each-group", \.isOfEachGroup,
            help: "decide 1 for this share of every group, instead of this share of all records",
            section: "Adjustment"),
          SettingField(
            "least", nil, .text, "GROUP=S",
            help: "at least the share S of those decided 1 must be of GROUP", isRepeated: true,
            section: "Adjustment",
            read: { (text, settings) throws(SettingFault.Problem) in
              settings.least.append(try GroupShare(text))
            },
            write: {
              $0.least.isEmpty ? nil : $0.least.map(\.text).joined(separator: ";")
            }),
          SettingField(
            "quota", nil, .text, "GROUP=S",
            help: "the share S of those decided 1 must be of GROUP", isRepeated: true,
            section: "Adjustment",
            read: { (text, settings) throws(SettingFault.Problem) in
              settings.quotas.append(try GroupShare(text))
            },
            write: {
              $0.quotas.isEmpty ? nil : $0.quotas.map(\.text).joined(separator: ";")
            }),
          .number(
            "tolerance", \.tolerance, "T", in: 0...1,
            help: "the groups' rates must differ by at most T", section: "Adjustment"),
          .number(
            "ratio", \.ratio, "R", in: 1e-6...1,
            help:
              "the smallest rate of a group must be at least R times the largest: 0.8 for four fifths",
            section: "Adjustment"),
          .choice(
            "ties", \.ties, placeholder: "RULE",
            help:
              "equal scores at the border: a random draw by --id decides (lot), none is decided 1 (below), or all are (above)",
            section: "Adjustment"),
          .number(
            "otherwise", \.otherwise, "T", in: -1e300...1e300,
            help:
              "the threshold for rows whose group is missing or was not in the fit; without this option they are an error",
            section: "Policies"),
        ],
        exclusive: [("tolerance", "ratio")]
          + ["least", "quota", "tolerance", "ratio"].map { ("each-group", $0) })
    }

    /// Refuses to guess the rate.
    package func check(in context: MethodContext) throws(SettingFault) {
      guard rate != nil else {
        throw SettingFault(
          "rate", nil, .unsuited("must be given: the share to decide 1, such as 0.2"))
      }
    }

    /// Refuses groups that are named twice, and shares that are more than there is.
    package func check() throws(SettingFault) {
      for (name, list) in [("least", least), ("quota", quotas)] {
        for (place, one) in list.enumerated()
        where list[..<place].contains(where: { $0.group == one.group }) {
          throw SettingFault(name, one.text, .givenTwice)
        }
      }
      let sum = (quotas + least).reduce(0) { $0 + $1.share }
      guard sum <= 1 + 1e-9 else {
        throw SettingFault(
          quotas.isEmpty ? "least" : "quota", nil,
          .unsuited(
            "gives the groups \(NumberText.text(sum)) of those decided 1: the shares must sum to at most 1"
          ))
      }
    }
  }

  package static let info = MethodInfo(
    "rate",
    summary: "decide 1 for the top share of all scores, or of each group's scores",
    details: [
      "Writes NAME.decision (0 or 1) beside NAME.score. The records with the highest scores are decided 1: the share R of all records, or of each group. With --least, --quota, --tolerance or --ratio it is the choice with the greatest sum of scores that meets them. Labels are not needed.",
      "The number decided 1 is rounded down. Where several equal scores compete at the border, a random draw from the seed and the record's id (--id) decides, so that the same record always gets the same answer; --ties changes that.",
      "The map is a threshold for each group, and decides new records one by one. Of new records, about the share R is decided 1; the more records were fitted, the closer.",
    ])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package static let isComparedUnasked = false

  package var otherwise: Double? { settings.otherwise }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try RateAdjustment(JSONNode(json, name: "map"))
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    do { try settings.check(in: MethodContext(attributes: 1)) } catch {
      throw AdjustmentError.setting(error)
    }
    let scores = try data.scores.indices.map { try fit(data, $0, attribute, request.threads) }
    let lots = scores.map(\.lotteryShare).max() ?? 0
    if lots > 0, request.idColumn == nil {
      throw AdjustmentError.needsRecordID(
        "\(NumberText.text(scores.map(\.tied).max() ?? 0)) records with equal scores compete at the border, and a random draw decides among them"
      )
    }
    let adjustment = RateAdjustment(
      head: DecisionHead(
        attribute, otherwise: settings.otherwise, idColumn: lots > 0 ? request.idColumn : nil,
        seed: request.seed), scores: scores)
    return (adjustment, scores.map { adjustment.note($0) })
  }

  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ threads: Int
  ) throws -> RateAdjustment.Score {
    let (name, values) = data.scores[place]
    if ScoreName.parts(name) != nil { throw AdjustmentError.classScore(name) }
    let records = try DecisionRecords(data, place, attribute)
    let groups = Parallel.map(records.rows.count, threads: threads) { group in
      RankedBlocks(
        records.rows[group].map { values[$0] },
        weights: data.weights.map { weights in records.rows[group].map { weights[$0] } })
    }
    let names = attribute.keys.map { $0.parts.map(\.description).joined(separator: ",") }
    let rules = try amounts(groups, names, name).enumerated().map { group, amount in
      rule(amount, groups[group])
    }
    return RateAdjustment.Score(
      name: name, rate: settings.rate ?? 0, records: rules.indices.map { records.count($0) },
      rules: rules,
      distributions: Parallel.map(groups.count, threads: threads) { records.distribution($0) })
  }

  /// How much is taken from the top of each group.
  private func amounts(
    _ groups: [RankedBlocks], _ names: [String], _ score: String
  ) throws -> [Double] {
    let rate = settings.rate ?? 0
    if settings.isOfEachGroup {
      return groups.map { group in
        group.isWhole ? (rate * group.total + 1e-9).rounded(.down) : rate * group.total
      }
    }
    let top = TopShare(groups, share: rate)
    var bounds = top.free
    func share(_ one: GroupShare, _ setting: String) throws -> (group: Int, amount: Double) {
      guard let group = names.firstIndex(of: one.group) else {
        throw AdjustmentError.setting(
          SettingFault(setting, one.text, .noSuchName(one.group, of: .group, known: names)))
      }
      let amount = one.share * top.amount
      return (group, top.isCounted ? (amount - 1e-9).rounded(.up) : amount)
    }
    for one in settings.least {
      let (group, amount) = try share(one, "least")
      bounds.least[group] = amount
    }
    for one in settings.quotas {
      let (group, amount) = try share(one, "quota")
      (bounds.least[group], bounds.most[group]) = (amount, min(bounds.most[group], amount))
    }
    for group in names.indices where bounds.least[group] > groups[group].total + 1e-9 {
      throw AdjustmentError.unusable(
        "column \"\(score)\": group \(names[group]) has \(NumberText.text(groups[group].total)) records, but \(NumberText.text(bounds.least[group])) of those decided 1 must be of it"
      )
    }
    let parity =
      settings.tolerance.map { TopShare.Parity.difference($0) }
      ?? settings.ratio.map { TopShare.Parity.ratio($0) }
    guard let found = parity.map({ top.best(within: bounds, $0) }) ?? top.best(within: bounds)
    else {
      var words =
        "column \"\(score)\": no choice of \(NumberText.text(top.amount)) of the records meets all limits"
      if let parity, top.best(within: bounds) != nil {
        let nearest = top.nearest(within: bounds, parity)
        switch parity {
        case .difference:
          words +=
            ": the groups' rates differ by at least \(NumberText.text((nearest * 1e4).rounded(.up) / 1e4))"
        case .ratio:
          words +=
            ": the smallest rate of a group is at most \(NumberText.text((nearest * 1e4).rounded(.down) / 1e4)) times the largest"
        }
      } else {
        words += ": the shares of the groups do not add up to this number"
      }
      throw AdjustmentError.unusable(words)
    }
    return found
  }

  /// The threshold that takes an amount from the top of a group, and the chance of those at it.
  private func rule(_ amount: Double, _ group: RankedBlocks) -> RateAdjustment.Rule {
    guard let block = group.block(endOf: amount) else {
      return RateAdjustment.Rule(
        threshold: .infinity, chance: 1, above: 0, tied: 0, total: group.total)
    }
    let (above, tied) = (group.above[block], group.above[block + 1] - group.above[block])
    var chance = min(max((amount - above) / tied, 0), 1)
    if chance > 1 - 1e-12 { chance = 1 }
    if chance < 1e-12 { chance = 0 }
    switch settings.ties {
    case .lot: break
    case .below: if chance < 1 { chance = 0 }
    case .above: if chance > 0 { chance = 1 }
    }
    return RateAdjustment.Rule(
      threshold: group.values[block], chance: chance, above: above, tied: tied,
      total: group.total)
  }
}
