package import FairpostJSON
internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// `adjust xorder`: the groups' scores are moved against each other so that positives of each stand equally high.
package struct XOrderMethod: FairScoreMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The difference of the groups that is made small.
    package var disparity = CrossOrder.Disparity.xauc
    /// What the difference counts; nil for the least that makes it small.
    package var tradeOff: Double?
    /// The group whose scores stay; nil for the largest.
    package var keep: String?
    /// What becomes of records of no known group.
    package var unseen = UnseenRule.fail

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .choice(
          "disparity", \.disparity, placeholder: "FIGURE",
          help:
            "the difference to make small, between the groups' chances that a positive ranks above a negative: of the other group (xauc), or of any group (prf)",
          section: "Adjustment"),
        SettingField(
          "trade-off", nil, .number(0...1000), "L",
          help:
            "how much the difference counts against the order of all records; 0 ignores it and takes the best order",
          defaultNote:
            "the first of 0, 0.02, ..., 1 with a difference below 0.01, else the one with the smallest difference",
          section: "Adjustment",
          read: { (text, settings) throws(SettingFault.Problem) in
            guard let value = SettingText.number(text[...]), (0...1000).contains(value) else {
              throw .wrongKind(.number(0...1000))
            }
            settings.tradeOff = value
          }, write: { $0.tradeOff.map { NumberText.text($0) } }),
        SettingField(
          "keep", nil, .text, "GROUP",
          help: "the group whose scores stay as they are", defaultNote: "the largest",
          section: "Adjustment",
          read: { (text, settings) throws(SettingFault.Problem) in settings.keep = text },
          write: { $0.keep }),
        .choice(
          "unseen", \.unseen, placeholder: "POLICY",
          help:
            "rows whose group is missing or was not in the fit: fail (error), or keep their score (pass)",
          section: "Policies"),
      ])
    }
  }

  package static let info = MethodInfo(
    "xorder",
    summary: "move scores until the positives of all groups rank equally high",
    details: [
      "Cui, Pan, Zhang & Wang, Towards model-agnostic post-hoc adjustment for balancing ranking fairness and algorithm utility, KDD 2021",
      "Writes NAME.fair beside NAME.score. One group keeps its scores; those of the others move up or down among them, and each group keeps its own order. With --trade-off 0 as many pairs as possible have a positive above a negative of another group; above 0 the order is a good one, not always the best. Several groups are merged one after the other, the largest first.",
      "Labels come from the task: --task LABEL for LABEL.score, or --task LABEL --score COL. A new record gets a score between the moved scores of the records next to it. The time grows with the product of the groups' sizes: some seconds for two groups of 30,000.",
    ])

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package static let isComparedUnasked = false
  package var passesUnseen: Bool { settings.unseen == .pass }
  package var labels: LabelUse { .required }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    try XOrderAdjustment(JSONNode(json, name: "map"))
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    if data.weights != nil {
      throw AdjustmentError.setting(
        SettingFault(
          "trade-off", nil, .unsuited("counts single records: leave out --weight and --frequency")))
    }
    let head = DecisionHead(attribute, otherwise: nil, idColumn: nil, seed: 0)
    if let keep = settings.keep, !head.names.contains(keep) {
      throw AdjustmentError.setting(
        SettingFault("keep", keep, .noSuchName(keep, of: .group, known: head.names)))
    }
    let scores = try data.scores.indices.map { try fit(data, $0, attribute, head.names) }
    let adjustment = XOrderAdjustment(head: head, scores: scores, passesUnseen: passesUnseen)
    return (adjustment, scores.map { adjustment.note($0) })
  }

  /// A record on its way: its score, what became of it, and its label.
  private struct Item {
    let score: Double
    var value: Double
    let isPositive: Bool
    let group: Int
  }

  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ names: [String]
  ) throws -> XOrderAdjustment.Score {
    let (name, values) = data.scores[place]
    if ScoreName.parts(name) != nil { throw AdjustmentError.classScore(name) }
    let labels = place < data.labels.count ? data.labels[place] : []
    if labels.isEmpty {
      throw AdjustmentError.noLabels(setting: "disparity", value: settings.disparity.rawValue)
    }
    let records = try DecisionRecords(data, place, attribute)
    var groups: [[Item]] = []
    for (group, rows) in records.rows.enumerated() {
      // Among equal scores negatives stand first: an order of their own, not that of the rows.
      let items = rows.filter { !labels[$0].isNaN }.map {
        Item(
          score: values[$0], value: values[$0], isPositive: labels[$0] == 1, group: group)
      }.sorted { ($0.score, $1.isPositive ? 1 : 0) > ($1.score, $0.isPositive ? 1 : 0) }
      for label in [true, false] where !items.contains(where: { $0.isPositive == label }) {
        throw AdjustmentError.unusable(
          "column \"\(name)\": group \(names[group]) has no record of label \(label ? 1 : 0), so that its \(settings.disparity.rawValue) cannot be estimated"
        )
      }
      groups.append(items)
    }
    let all = groups.joined().map(\.score)
    let ends = (lower: min(0, all.min() ?? 0), upper: max(1, all.max() ?? 1))
    var order = groups.indices.sorted { (groups[$1].count, $0) < (groups[$0].count, $1) }
    if let keep = settings.keep, let first = names.firstIndex(of: keep) {
      order = [first] + order.filter { $0 != first }
    }
    let before = gap(groups)
    var merged = groups[order[0]]
    var tradeOffs: [Double] = []
    for group in order.dropFirst() {
      guard merged.count <= 40_000_000_000 / max(groups[group].count, 1) else {
        throw AdjustmentError.unusable(
          "column \"\(name)\": the groups are too large for an exact order (\(merged.count) and \(groups[group].count) records): fit to a sample (split), apply to all"
        )
      }
      let (own, tradeOff) = moved(groups[group], among: merged, ends)
      tradeOffs.append(tradeOff)
      groups[group] = own
      merged = (merged + own).sorted {
        ($0.value, $1.isPositive ? 1 : 0, $1.group) > ($1.value, $0.isPositive ? 1 : 0, $0.group)
      }
    }
    return XOrderAdjustment.Score(
      name: name, records: names.indices.map { records.count($0) }, kept: order[0],
      disparity: settings.disparity, tradeOffs: tradeOffs, before: before, after: gap(groups),
      knots: groups.map { items in
        var knots: [XOrderAdjustment.Knot] = []
        for item in items.reversed() where item.score != knots.last?.score {
          knots.append(XOrderAdjustment.Knot(score: item.score, value: item.value))
        }
        return knots
      }, lower: ends.lower, upper: ends.upper,
      distributions: names.indices.map { records.distribution($0) })
  }

  /// A group's records with their scores moved among others', and what the difference counted.
  private func moved(
    _ items: [Item], among others: [Item], _ ends: (lower: Double, upper: Double)
  ) -> (items: [Item], tradeOff: Double) {
    func solved(_ tradeOff: Double) -> [Item] {
      let order = CrossOrder(
        first: others.map(\.isPositive), second: items.map(\.isPositive),
        disparity: settings.disparity, tradeOff: tradeOff
      ).solve().order
      return placed(items, order, others, ends)
    }
    if let tradeOff = settings.tradeOff { return (solved(tradeOff), tradeOff) }
    // As they are is one way too, where no other brings the difference down.
    var (best, bestGap, bestTradeOff, worse) = (items, gap([others, items]), 0.0, 0)
    for step in 0...50 {
      let tradeOff = Double(step) / 50
      let found = solved(tradeOff)
      let gap = gap([others, found])
      if gap < 0.01 { return (found, tradeOff) }
      if gap < bestGap {
        (best, bestGap, bestTradeOff, worse) = (found, gap, tradeOff, 0)
      } else {
        worse += 1
      }
      if worse >= 10 { break }
    }
    return (best, bestTradeOff)
  }

  /// Evenly spaced scores for the records between others' scores; equal scores get the mean of theirs.
  private func placed(
    _ items: [Item], _ order: [Bool], _ others: [Item], _ ends: (lower: Double, upper: Double)
  ) -> [Item] {
    var result = items
    var (own, other, start) = (0, 0, 0)
    func close(_ lower: Double) {
      let upper = other == 0 ? ends.upper : others[other - 1].value
      let count = Double(own - start + 1)
      for index in start..<own {
        result[index].value = upper - (upper - lower) * Double(index - start + 1) / count
      }
      start = own
    }
    for isSecond in order {
      if isSecond {
        own += 1
      } else {
        close(others[other].value)
        other += 1
      }
    }
    close(ends.lower)
    var first = 0
    while first < result.count {
      var end = first + 1
      while end < result.count, result[end].score == result[first].score { end += 1 }
      if end - first > 1 {
        let mean = result[first..<end].reduce(0) { $0 + $1.value } / Double(end - first)
        for index in first..<end { result[index].value = mean }
      }
      first = end
    }
    return result
  }

  /// The greatest difference over pairs of groups, ties half.
  private func gap(_ groups: [[Item]]) -> Double {
    let positives = groups.map { $0.filter(\.isPositive).map(\.value).sorted() }
    let negatives = groups.map { $0.filter { !$0.isPositive }.map(\.value).sorted() }
    func area(_ own: [Double], _ others: [Double]) -> Double {
      var (sum, below, through) = (0.0, 0, 0)
      for value in own {
        while below < others.count, others[below] < value { below += 1 }
        through = max(through, below)
        while through < others.count, others[through] <= value { through += 1 }
        sum += Double(below + through) / 2
      }
      return sum / Double(own.count) / Double(others.count)
    }
    if settings.disparity == .prf {
      let all = negatives.joined().sorted()
      let areas = positives.map { area($0, all) }
      return (areas.max() ?? 0) - (areas.min() ?? 0)
    }
    var most = 0.0
    for i in groups.indices {
      for j in 0..<i {
        most = max(
          most, abs(area(positives[i], negatives[j]) - area(positives[j], negatives[i])))
      }
    }
    return most
  }
}
