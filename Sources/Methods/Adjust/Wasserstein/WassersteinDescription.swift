internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// The words about a map: what `inspect` prints and what `fit` says.
extension WassersteinAdjustment {
  /// What people should know right after a fit.
  func notes(_ findings: [FitFinding], missingGroups: Int) -> [String] {
    var notes = findings.flatMap { $0.notes(map.settings) }
    if missingGroups > 0 {
      notes.insert(
        "\(missingGroups) record\(missingGroups == 1 ? "" : "s") without a group left out (--missing-group \(map.settings.missingGroup.rawValue))",
        at: 0)
    }
    for (score, certificate) in zip(map.scores, map.certificates) {
      notes.append(
        "\(score.name): KS between groups \(Self.short(certificate.before.ks)) before\(certificate.crossFitted.map { ", \(Self.short($0.ks)) after on held-out folds (chance level there: \(certificate.heldOutChance.map(Self.short) ?? "not known"))" } ?? "; what is left in new records cannot be estimated from these")"
      )
    }
    return notes
  }

  func description() -> String {
    var lines: [String] = []
    lines.append(
      "Each score is adjusted separately, to the barycentre of the groups' distributions:")
    lines.append("parity holds for each score (marginally), not for several scores jointly.")
    lines.append("")
    let settings = map.settings
    lines.append(
      "estimator      \(settings.estimator.rawValue), ties \(settings.ties.rawValue)\(settings.jitter > 0 ? ", jitter \(Self.short(settings.jitter))" : "")"
    )
    lines.append(
      "epsilon        "
        + (settings.targetW2.map {
          "chosen so that a W2 of \(Self.short($0)) remains on the calibration records (new records show more)"
        }
          ?? settings.epsilons.map(Self.short).joined(separator: ", ")))
    let weights =
      switch settings.groupWeights {
      case .shares: "shares of the calibration records"
      case .equal: "equal"
      case .given: "from a file"
      }
    lines.append("group weights  \(weights)")
    lines.append(
      "range          "
        + (settings.range.map {
          "\(Self.short($0.lowerBound)) to \(Self.short($0.upperBound))"
        } ?? "none declared"))
    lines.append(
      "policies       outside \(settings.outside.rawValue), unseen group \(settings.unseen.rawValue), missing group \(settings.missingGroup.rawValue), small cell \(settings.smallCell.rawValue) (under \(settings.minimumGroup) records)"
    )
    lines.append(
      "size           "
        + (settings.knots.map {
          "about \($0) knots a group\(settings.valueError.map { ", and more where a result would be off by over \(Self.short($0)) standard deviations of the score" } ?? "")"
        }
          ?? "exact: every knot and all data are kept, so the map can be large, and can be merged with others")
    )
    if let digits = settings.sketch { lines.append("sketch         \(sketchWords(digits))") }
    if let idColumn { lines.append("record id      \(idColumn), seed \(settings.seed)") }
    for (index, attribute) in map.attributes.enumerated() {
      lines.append(
        "attribute \(index + 1)    \(attribute.columns.joined(separator: ", ")): \(attribute.keys.map { Self.name($0) }.joined(separator: " | "))"
      )
    }
    for (index, score) in map.scores.enumerated() {
      lines.append("")
      lines.append("score \(score.name)  ->  \(ScoreName.derived(score.name, "fair"))")
      for step in score.steps { lines += describe(step) }
      if index < map.certificates.count { lines += describe(map.certificates[index]) }
    }
    return Shown.page(lines)
  }

  /// What rounding the scores of the fit costs.
  private func sketchWords(_ digits: Int) -> String {
    let share = map.scores.reduce(0.0) { share, score in
      score.steps.reduce(share) { share, step in
        step.entries.values.reduce(share) { max($0, $1.ranks.largestAtom) }
      }
    }
    return
      "scores of the fit are rounded to \(digits) significant binary digits: each is moved by at most \(Self.short(100 * Sketch.error(digits: digits))) % of itself, and a rank within a group by at most \(Self.short(share))"
  }

  private func describe(_ step: WassersteinMap.Step) -> [String] {
    let attributes = map.attributes[step.attribute...]
    var rows: [[String]] = [
      ["group", "records", "weight", "range", "map at its 5, 25, 50, 75, 95 % points"]
    ]
    for (codes, entry) in step.entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let name = zip(codes, attributes).map { Self.name($1.keys[$0]) }.joined(separator: " / ")
      guard let table = entry.table else {
        rows.append([name, "\(entry.rows)", "1", "", "unchanged: the only group in its stratum"])
        continue
      }
      let points = [0.05, 0.25, 0.5, 0.75, 0.95].map { level -> String in
        let x = entry.ranks.quantile(level)
        return "\(Self.short(x))>\(Self.short(table(x)))"
      }
      rows.append([
        name, "\(entry.rows)", Self.short(entry.share),
        "\(Self.short(table.least)) to \(Self.short(table.greatest))",
        points.joined(separator: " "),
      ])
    }
    let title =
      map.attributes.count > 1
      ? [
        "  step \(step.attribute + 1), \(map.attributes[step.attribute].columns.joined(separator: ","))\(step.attribute + 1 < map.attributes.count ? " within the later attributes" : ""):"
      ]
      : []
    let error = step.entries.values.map(\.valueError).max() ?? 0
    let compression =
      map.settings.knots == nil
      ? [] : ["  largest error of a result because knots were left out \(Self.short(error))"]
    let small = step.small.map { "\(Self.name($0)) (\($0.rows))" }
    let served =
      small.isEmpty || map.settings.smallCell == .error
      ? []
      : [
        "  too few records, so another map is used: \(small.prefix(12).joined(separator: ", "))\(small.count > 12 ? " and \(small.count - 12) more" : "")"
      ]
    return title + Self.aligned(rows) + served + compression
  }

  private func describe(_ certificate: Certificate) -> [String] {
    var rows: [[String]] = [["group", "n", "effective n", "mean before", "mean after (in sample)"]]
    for group in certificate.groups {
      rows.append([
        Self.name(group.cell), "\(group.cell.rows)", Self.short(group.effectiveCount),
        Self.short(group.meanBefore), Self.short(group.meanAfter),
      ])
    }
    rows.append([
      "all", "\(certificate.groups.reduce(0) { $0 + $1.cell.rows })", "",
      Self.short(certificate.meanBefore), Self.short(certificate.meanAfter),
    ])
    var distances: [[String]] = [["largest distance between groups", "KS", "W1", "W2", "mean gap"]]
    func add(_ label: String, _ found: Certificate.Distances?) {
      guard let found else {
        distances.append([label, "-", "-", "-", "-"])
        return
      }
      distances.append([
        label, Self.short(found.ks), Self.short(found.w1), Self.short(found.w2),
        Self.short(found.meanGap),
      ])
    }
    add("before", certificate.before)
    add("after, in sample", certificate.inSample)
    add("after, on held-out folds (5)", certificate.crossFitted)
    func bound(_ bound: Certificate.Bound) -> String {
      switch bound {
      case .atMost(let value): Self.short(value)
      case .none(let reason): "no bound: \(reason)"
      }
    }
    let mean =
      map.settings.groupWeights == .shares
      ? []
      : [
        "  group weights differ from the shares of the records, so the overall mean goes from \(Self.short(certificate.meanBefore)) to \(Self.short(certificate.meanAfter))"
      ]
    let floor =
      certificate.crossFitted == nil
      ? []
      : [
        certificate.heldOutChance.map {
          "  chance level on held-out folds: an exactly fair score would show a KS of \(Self.short($0)) there, on average"
        }
          ?? "  an older version wrote this map: its figures on held-out folds are wrong where whole rows repeat; fit again"
      ]
    return Self.aligned(rows) + mean + Self.aligned(distances) + floor + [
      "  largest gap to expect in new data (KS, 95% bounds):",
      "    distribution-free (DKW)  \(bound(certificate.distributionFree))",
      "    asymptotic               \(bound(certificate.asymptotic))",
      "  price: mean squared change \(Self.short(certificate.price))\(certificate.closedFormPrice.map { ", closed form \(Self.short($0))" } ?? "")",
      "  order within each group is \(certificate.keepsOrder ? "kept" : "NOT kept")",
    ]
  }

  private static func name(_ key: GroupKey) -> String { Wording.name(key) }
  private static func name(_ cell: CellCount) -> String { Wording.name(cell) }
  private static func short(_ value: Double) -> String { Wording.short(value) }

  private static func aligned(_ rows: [[String]]) -> [String] { Wording.aligned(rows) }
}
