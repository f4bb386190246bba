package import FairpostJSON
internal import FairpostNumerics
internal import FairpostTransport

/// `adjust decide`: the best decisions there are within limits on the groups' rates.
///
/// Every rule "score at or above a threshold" of a group is a point (false positives, true positives), and
/// lotteries among them fill the convex hull of the points (Hardt, Price & Srebro, Equality of opportunity in
/// supervised learning, 2016). The best point for each group within all limits is a small linear programme
/// over the corners of the hulls; its prices prove it, and they are kept.
package struct DecideMethod: DecisionMethod {
  package static let info = MethodInfo(
    "decide",
    summary: "find the best decisions within limits on the groups' rates, and prove it",
    details: [
      "Writes NAME.decision (0 or 1) beside NAME.score. Each group has its own threshold. Where one threshold cannot meet the limits exactly, a group has two or three, and a random draw decides the records between the first and the last; they are as few as possible. The draw follows from the seed and the record's id (--id): the same record always gets the same answer, and a higher score is never decided worse.",
      "The map holds the price of each limit (what the limit costs). The prices prove that no rule within the limits does better on the records of the fit; inspect and verify check the proof. On other records, rates and accuracy differ by chance: calibrate on records the model was not trained on, and measure others with evaluate.",
      "With --deterministic nothing is random: each group has one threshold, and the choice of thresholds is the best possible (found by branch and bound). A note says what that costs compared with random draws: almost nothing for a limit on a single rate, possibly much for equalized odds with a small tolerance.",
      "With --confidence the map promises that the rates of new records of the same population stay within the tolerance, however the scores are distributed. To keep the promise, the records of the fit get a smaller tolerance; the smaller the groups, the smaller it is. If the groups are too small, no map is written (exit 2), and the message gives the smallest tolerance that can be promised.",
      "With --blind 'race=p_*' the group need not be known, neither in the fit nor afterwards. Columns p_GROUP hold the probability of each group given the record; columns p_GROUP_0 and p_GROUP_1 (--blind 'race=p_*_*') hold that of group and label, which all limits except demographic parity need. By these probabilities, the decisions have the least expected cost within the limits; labels are not needed.",
      "Scores that are all 0 or 1 are treated as decisions. Each decision of each group then gets a probability of being decided 1 (the derived predictor of Hardt and others).",
      "Labels come from the task: --task LABEL for LABEL.score, or --task LABEL --score COL. Records without a label are not used in the fit.",
    ])

  package let settings: DecideSettings

  package init(_ settings: DecideSettings) { self.settings = settings }

  package var otherwise: Double? { settings.otherwise }
  package var labels: LabelUse { settings.blind == nil ? .required : .none }
  package var needsAttribute: Bool { settings.blind == nil }

  package static func read(_ json: JSONValue) throws -> any Adjustment {
    let node = JSONNode(json, name: "map")
    return try node.optional("blind") == nil ? DecideAdjustment(node) : BlindAdjustment(node)
  }

  package func fit(
    _ request: FitRequest
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    if let blind = settings.blind { return try fit(request, blind) }
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    var notes: [String] = []
    let scores = try data.scores.indices.map { place in
      try fit(data, place, attribute, request, &notes)
    }
    let hasLottery = scores.contains { $0.lotteries.contains { $0.rules.count > 1 } }
    if hasLottery, request.idColumn == nil {
      let share = scores.map(\.lotteryShare).max() ?? 0
      throw AdjustmentError.needsLots(share: share)
    }
    let adjustment = DecideAdjustment(
      columns: attribute.columns, keys: attribute.keys, scores: scores,
      otherwise: settings.otherwise, idColumn: hasLottery ? request.idColumn : nil,
      seed: hasLottery ? request.seed : 0)
    return (adjustment, scores.map { adjustment.note($0) } + notes)
  }

  /// The records of one score as the search sees them.
  struct Prepared: Sendable {
    let name: String
    let records: [Int]
    let distributions: [Distribution]
    let curves: [GroupCurve]
    let hulls: [RocHull]
    let reversed: Bool
    let keys: [GroupKey]
    /// Whether weights are numbers of records.
    let isCounted: Bool
    /// Records that took no part.
    let unlabelled: Int
  }

  private func fit(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, _ request: FitRequest,
    _ notes: inout [String]
  ) throws -> DecideAdjustment.Score {
    let prepared = try prepared(data, place, attribute, threads: request.threads)
    if prepared.unlabelled > 0 {
      notes.append(
        "\(prepared.name): \(prepared.unlabelled) record\(prepared.unlabelled == 1 ? "" : "s") without a label left out of the fit"
      )
    }
    return try solved(prepared, problem(prepared))
  }

  /// The problem that new records, too, keep to the limits of, with what is promised of them.
  private func promised(
    _ prepared: Prepared, _ problem: DecisionProblem, _ confidence: Double
  ) throws -> (problem: DecisionProblem, promise: RatePromise) {
    guard prepared.isCounted else {
      throw AdjustmentError.setting(
        SettingFault(
          "confidence", nil, .unsuited("needs records that count equally: leave out --weight")))
    }
    let losses = RatePromise.losses(problem, confidence: confidence)
    var tolerances: [Double] = []
    var parity: [RateParity] = []
    for (limit, loss) in zip(problem.parity, losses) {
      guard case .difference(let tolerance) = limit.limit else { continue }
      guard tolerance >= loss else {
        throw AdjustmentError.cannotPromise(
          score: prepared.name, rate: limit.rate.rawValue, tolerance: tolerance, least: loss)
      }
      tolerances.append(tolerance)
      parity.append(RateParity(rate: limit.rate, limit: .difference(tolerance - loss)))
    }
    let plain: DecisionOptimum
    do {
      plain = try problem.optimum(
        prepared.hulls, curves: prepared.curves, reversed: prepared.reversed)
    } catch { throw failure(error, problem, prepared.keys, prepared.name) }
    let tighter = DecisionProblem(
      objective: problem.objective, costs: problem.costs, parity: parity, caps: problem.caps,
      totals: problem.totals)
    return (
      tighter,
      RatePromise(confidence: confidence, tolerances: tolerances, valueWithout: plain.value)
    )
  }

  /// Sorts the records of a score into the groups' curves.
  func prepared(
    _ data: CalibrationData, _ place: Int, _ attribute: Grouping, threads: Int
  ) throws -> Prepared {
    let (name, values) = data.scores[place]
    if ScoreName.parts(name) != nil { throw AdjustmentError.classScore(name) }
    let labels = place < data.labels.count ? data.labels[place] : []
    if labels.isEmpty {
      throw AdjustmentError.noLabels(setting: "maximise", value: settings.objective.rawValue)
    }
    let records = try DecisionRecords(data, place, attribute)
    let labelled = records.rows.map { rows in rows.filter { !labels[$0].isNaN } }
    let curves = Parallel.map(labelled.count, threads: threads) { group in
      let own = labelled[group]
      return GroupCurve(
        scores: own.map { values[$0] }, labels: own.map { labels[$0] },
        weights: data.weights.map { weights in own.map { weights[$0] } })
    }
    let areDecisions = labelled.allSatisfy { $0.allSatisfy { values[$0] == 0 || values[$0] == 1 } }
    let reversed = settings.allowsReversed || areDecisions
    let hulls = Parallel.map(curves.count, threads: threads) {
      RocHull(curves[$0], reversed: reversed)
    }
    return Prepared(
      name: name, records: labelled.indices.map { records.count($0) },
      distributions: Parallel.map(labelled.count, threads: threads) { records.distribution($0) },
      curves: curves, hulls: hulls, reversed: reversed,
      keys: attribute.keys, isCounted: data.weights == nil || data.frequency,
      unlabelled: records.rows.joined().count - labelled.joined().count)
  }

  /// The best decisions for a problem, with what they would be without its limits.
  func solved(
    _ prepared: Prepared, _ asked: DecisionProblem
  ) throws -> DecideAdjustment.Score {
    var (problem, promise): (DecisionProblem, RatePromise?) = (asked, nil)
    if let confidence = settings.confidence {
      (problem, promise) = try promised(prepared, asked, confidence)
    }
    let (hulls, curves, reversed) = (prepared.hulls, prepared.curves, prepared.reversed)
    let free = DecisionProblem(
      objective: problem.objective, costs: problem.costs, parity: [], caps: [],
      totals: problem.totals)
    let (optimum, before): (DecisionOptimum, DecisionOptimum)
    let lotteries: [RuleLottery]
    do throws(DecisionFault) {
      before = try free.optimum(hulls, curves: curves, reversed: reversed)
      optimum = try problem.optimum(hulls, curves: curves, reversed: reversed)
      lotteries =
        settings.isDeterministic
        ? try BestThresholds(problem, curves, reversed: reversed).best().map { RuleLottery($0) }
        : smallest(optimum, problem, curves)
    } catch {
      throw failure(error, problem, prepared.keys, prepared.name)
    }
    return DecideAdjustment.Score(
      name: prepared.name, records: prepared.records,
      problem: problem, hulls: hulls, lotteries: lotteries, prices: optimum.prices,
      level: optimum.level, isDeterministic: settings.isDeterministic, promise: promise,
      before: before.lotteries.map(\.decided),
      distributions: prepared.distributions)
  }

  /// The same decisions on average, with the smallest lottery that has them.
  private func smallest(
    _ optimum: DecisionOptimum, _ problem: DecisionProblem, _ curves: [GroupCurve]
  ) -> [RuleLottery] {
    let lotteries = zip(optimum.lotteries, curves).map { lottery, curve in
      guard lottery.rules.count > 1 else { return lottery }
      return (curve.smallestLottery(reaching: lottery.decided) ?? lottery).descending
    }
    // Should rounding have moved a rate, the programme's own mixture stands.
    let decided = lotteries.map(\.decided)
    let isExact =
      problem.excess(decided) <= 1e-12 && abs(problem.value(decided) - optimum.value) <= 1e-12
    return isExact ? lotteries : optimum.lotteries.map(\.descending)
  }

  /// The limits in terms of the records' groups.
  func problem(_ prepared: Prepared) throws -> DecisionProblem {
    let (curves, keys, score) = (prepared.curves, prepared.keys, prepared.name)
    let totals = curves.map(\.totals)
    let names = keys.map { $0.parts.map(\.description).joined(separator: ",") }
    let parity = try settings.heldCriteria.flatMap { criterion in
      try criterion.name.rates.map { rate in
        if criterion.name.isRatio, let limit = criterion.limit {
          return RateParity(rate: rate, limit: .ratio(limit))
        }
        guard let limit = criterion.limit ?? least(criterion.name.rates, curves) else {
          throw AdjustmentError.unusable(
            "column \"\(score)\": a group is so small that one record is more than 0.1 of a rate: say how far apart the groups may be (\(criterion.name.rawValue)=LIMIT)"
          )
        }
        return RateParity(rate: rate, limit: .difference(limit))
      }
    }
    var caps: [RateCap] = []
    for cap in settings.caps {
      let groups: [Int?]
      switch cap.scope {
      case .overall: groups = [nil]
      case .each: groups = keys.indices.map { $0 }
      case .group(let name):
        guard let group = names.firstIndex(of: name) else {
          throw AdjustmentError.setting(
            SettingFault("cap", cap.text, .noSuchName(name, of: .group, known: names)))
        }
        groups = [group]
      }
      for group in groups {
        if cap.relation != ">=" {
          caps.append(RateCap(rate: cap.rate, isUpper: true, value: cap.value, group: group))
        }
        if cap.relation != "<=" {
          caps.append(RateCap(rate: cap.rate, isUpper: false, value: cap.value, group: group))
        }
      }
    }
    let problem = DecisionProblem(
      objective: settings.objective, costs: settings.costs, parity: parity, caps: caps,
      totals: totals)
    func need(_ rate: DecisionRate, _ group: Int, for what: String) throws {
      guard rate.base(totals[group]) <= 0 else { return }
      let lacks = rate.label.map { "no record of label \($0)" } ?? "no record with a label"
      throw AdjustmentError.unusable(
        "column \"\(score)\": group \(keys[group]) has \(lacks), so that its \(rate.rawValue) cannot be estimated, which \(what) is about"
      )
    }
    for criterion in settings.heldCriteria {
      for rate in criterion.name.rates {
        for group in keys.indices { try need(rate, group, for: criterion.name.rawValue) }
      }
    }
    for cap in caps {
      if let group = cap.group { try need(cap.rate, group, for: "a cap") }
    }
    let whole = problem.whole
    let needed: [Int] =
      switch settings.objective {
      case .balanced: [0, 1]
      case .f1: [1]
      case .accuracy, .cost: []
      }
    let missing = needed + caps.filter { $0.group == nil }.compactMap(\.rate.label)
    for label in missing where (label == 1 ? whole.positives : whole.negatives) <= 0 {
      throw AdjustmentError.unusable("column \"\(score)\": there is no record of label \(label)")
    }
    guard whole.all > 0 else { throw AdjustmentError.noRecords(score: score) }
    return problem
  }

  /// The tolerance where none is given: what one record can come to, where nothing is drawn; nil where that
  /// is so much that it should be said.
  private func least(_ rates: [DecisionRate], _ curves: [GroupCurve]) -> Double? {
    guard settings.isDeterministic else { return 0 }
    let steps = rates.flatMap { rate in
      curves.filter { rate.base($0.totals) > 0 }.map { curve in
        let heaviest =
          switch rate {
          case .selection: max(curve.heaviest.negatives, curve.heaviest.positives)
          case .truePositive: curve.heaviest.positives
          case .falsePositive: curve.heaviest.negatives
          }
        return heaviest / rate.base(curve.totals)
      }
    }
    let most = steps.max() ?? 0
    return most <= 0.1 ? most : nil
  }

  /// The words for a problem without a solution.
  func failure(
    _ fault: DecisionFault, _ problem: DecisionProblem, _ keys: [GroupKey], _ score: String
  ) -> AdjustmentError {
    switch fault {
    case .notProved(let gap): return .notProved(score: score, gap: gap)
    case .infeasible(let parity, let caps):
      let names =
        caps.map { problem.words(problem.caps[$0], keys) }
        + parity.map { problem.words(problem.parity[$0]) }
      return .unusable(
        "column \"\(score)\": no rule meets all limits; these conflict: \(names.joined(separator: "; "))"
      )
    }
  }
}

extension DecisionProblem {
  /// A parity in words.
  func words(_ parity: RateParity) -> String {
    switch parity.limit {
    case .difference(let most):
      "\(parity.rate.rawValue) of the groups at most \(Wording.short(most)) apart"
    case .ratio(let share):
      "smallest \(parity.rate.rawValue) at least \(Wording.short(share)) times the largest"
    }
  }

  /// A cap in words.
  func words(_ cap: RateCap, _ keys: [GroupKey]) -> String {
    let place = cap.group.map { "of \(Wording.name(keys[$0]))" } ?? "of all records"
    return
      "\(cap.rate.rawValue) \(place) at \(cap.isUpper ? "most" : "least") \(Wording.short(cap.value))"
  }
}

extension RuleLottery {
  /// The same lottery from the rule that selects fewest on.
  var descending: RuleLottery {
    let order = rules.indices.sorted { rules[$0].decided.all < rules[$1].decided.all }
    return RuleLottery(rules: order.map { rules[$0] }, weights: order.map { weights[$0] })
  }
}
