internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTransport

/// The page of an audit: the answer, the tables, what stands under them.
package struct AuditReport {
  let outcome: AuditRun.Outcome
  private var request: AuditRequest { outcome.request }
  private var scheme: Scheme { outcome.request.scheme }
  private var isScoring: Bool { outcome.median != nil }

  /// The page of an outcome.
  package init(_ outcome: AuditRun.Outcome) { self.outcome = outcome }

  /// The page.
  package var page: AuditPage {
    var page = AuditPage()
    page.title(scheme.title)
    for warning in outcome.warnings { page.sentence("\(warning).") }
    for table in outcome.tables where table.position == nil && table.period == nil {
      if let answer = answer(table) { page.sentence(answer) }
    }
    for line in Self.disagreements(outcome) { page.sentence(line) }
    for table in outcome.tables { add(table, to: &page) }
    if request.wantsTests || scheme.hasTests {
      for table in outcome.tables where request.wantsTests { tests(table, &page) }
      for table in outcome.tables where !table.quantiles.isEmpty { scores(table, &page) }
      strata(&page)
    }
    for note in notes { page.note(note) }
    return page
  }

  /// The lowest ratio of a table in a sentence.
  private func answer(_ table: AuditTable) -> String? {
    guard let benchmark = table.benchmark, !table.rows[benchmark].isHidden else { return nil }
    let places = table.rows.indices.filter {
      $0 != benchmark && table.rows[$0].ratio != nil && !table.rows[$0].isHidden
    }
    guard let place = places.min(by: { (table.rows[$0].ratio ?? 2) < (table.rows[$1].ratio ?? 2) })
    else { return nil }
    let (row, best) = (table.rows[place], table.rows[benchmark])
    var words =
      "By \(table.columns.joined(separator: " and ")), the lowest ratio is \(ratio(row, best)): \(row.key) (\(rate(row))) against \(best.key) (\(rate(best)))"
    if row.ratioInterval != nil, scheme.hasTests || request.wantsTests {
      let percent = NumberText.text((request.level * 1000).rounded() / 10)
      words += ", \(percent) % interval \(ExactDigits.interval(row.ratioInterval))"
    }
    return words + "."
  }

  private func place(_ table: AuditTable) -> String {
    var words: [String] = []
    if let position = table.position { words.append("\(position)") }
    if let period = table.period { words.append("\(period)") }
    if table.isCombined { words.append("all together") }
    return words.isEmpty ? "" : " (" + words.joined(separator: ", ") + ")"
  }

  private func title(_ what: String, _ table: AuditTable) -> String {
    "\(what) by \(table.columns.joined(separator: " and "))\(place(table))"
  }

  private func add(_ table: AuditTable, to page: inout AuditPage) {
    let columns = scheme.columns.filter { column in
      if case .population = column { return request.population != nil }
      return true
    }
    let marksSmall = scheme.namesFourFifths && table.rows.contains { $0.isSmall }
    let rows = table.rows.map { row -> [String] in
      row.key.parts.map(\.description) + columns.map { cell($0, row, table) }
        + (marksSmall ? [row.isSmall ? "under 2 %" : ""] : [])
    }
    page.table(
      title(scheme.title, table),
      table.columns + columns.map { name($0) } + (marksSmall ? ["note"] : []), rows,
      right: table.columns.map { _ in false } + columns.map { isRight($0) }
        + (marksSmall ? [false] : []))
    if table.unknown.n > 0 {
      let people = scheme.words.people == "n" ? "people" : Self.bare(scheme.words.people)
      let selected = isScoring ? "above the median" : Self.bare(scheme.words.selected)
      page.sentence(
        "Unknown \(table.columns.joined(separator: " or ")): \(Console.grouped(table.unknown.n)) \(people), \(Console.grouped(table.unknown.k)) of them \(selected); not included in the calculations above."
      )
    }
    let excluded = table.rows.filter(\.isExcluded).map(\.key.description)
    if !excluded.isEmpty {
      page.sentence(
        "Not in the ratios, with less than 2 % of the people: \(excluded.joined(separator: "; ")). Reason given: \(request.exclusion ?? "")."
      )
    }
  }

  /// "# of applicants" without its mark.
  private static func bare(_ words: String) -> String {
    for mark in ["# of ", "# "] where words.hasPrefix(mark) {
      return String(words.dropFirst(mark.count))
    }
    return words
  }

  private func name(_ column: AuditColumn) -> String {
    let words = scheme.words
    switch column {
    case .people: return words.people
    case .selected: return isScoring ? "# above median" : words.selected
    case .rate:
      guard isScoring else { return words.rate }
      return words.rate == "Selection rate" ? "Scoring rate" : "rate above median"
    case .ratio: return words.ratio
    case .belowFourFifths: return "below 4/5"
    case .fisher: return "Fisher p"
    case .deviations: return "SD"
    case .flips: return "flips with one"
    case .shortfall: return "shortfall to 4/5"
    case .parity: return "shortfall to parity"
    case .reading: return "reading"
    case .ratioInterval: return "interval of the ratio"
    case .difference: return "difference, points"
    case .differenceInterval: return "interval, points"
    case .both: return "p < .05 and 5 points or more"
    case .share: return "share"
    case .population: return "share in population"
    case .note: return "not estimated"
    }
  }

  private func isRight(_ column: AuditColumn) -> Bool {
    switch column {
    case .reading, .note, .both, .belowFourFifths, .flips: false
    default: true
    }
  }

  private func rate(_ row: AuditRow) -> String {
    if row.weighted != nil { return row.rate.map { ExactDigits.percent($0) } ?? "" }
    return ExactDigits.percent(row.counts)
  }

  private func ratio(_ row: AuditRow, _ best: AuditRow) -> String {
    guard let value = row.ratio else { return "" }
    if row.weighted != nil { return ExactDigits.short(value) }
    return ExactDigits.ratio(
      RatePair(row.counts, against: best.counts), showsFourFifths: scheme.namesFourFifths)
  }

  private func cell(_ column: AuditColumn, _ row: AuditRow, _ table: AuditTable) -> String {
    if row.isHidden {
      switch column {
      case .people, .selected: return "<\(request.minimumCell)"
      default: return ""
      }
    }
    func people(_ weighted: Double?, _ count: Int) -> String {
      weighted.map { NumberText.fixed($0, digits: 1) } ?? Console.grouped(count)
    }
    switch column {
    case .people: return people(row.weighted?.n, row.counts.n)
    case .selected: return people(row.weighted?.k, row.counts.k)
    case .rate: return rate(row)
    case .ratio: return table.benchmark.map { ratio(row, table.rows[$0]) } ?? ""
    case .share: return ExactDigits.percent(row.share)
    case .population: return row.populationShare.map { ExactDigits.percent($0) } ?? "none"
    case .note:
      var missing: [String] = []
      if row.ratio == nil { missing.append(row.isExcluded ? "ratio: under 2 %" : "ratio") }
      if row.counts.n < 30 { missing.append("fewer than 30 people") }
      return missing.joined(separator: "; ")
    default: break
    }
    guard let pair = row.pair else { return "" }
    switch column {
    case .belowFourFifths: return row.ratio == nil ? "" : pair.isBelowFourFifths ? "yes" : "no"
    case .fisher: return row.fisher.map { ExactDigits.p($0.twoSided) } ?? ""
    case .deviations: return ExactDigits.short(pair.standardDeviations, digits: 2)
    case .flips: return pair.flips(with: 1) ? "yes" : "no"
    case .shortfall: return "\(pair.shortfall.toFourFifths)"
    case .parity: return "\(pair.shortfall.toParity)"
    case .reading: return Reading.words(pair, row.fisher)
    case .ratioInterval: return ExactDigits.interval(row.ratioInterval)
    case .difference: return ExactDigits.points(pair)
    case .differenceInterval:
      return ExactDigits.interval(row.differenceInterval, scale: 100, digits: 1)
    case .both: return Reading.isBoth(pair, row.fisher) ? "yes" : "no"
    default: return ""
    }
  }

  /// Tests in a table of their own.
  private func tests(_ table: AuditTable, _ page: inout AuditPage) {
    guard let benchmark = table.benchmark, table.rows.contains(where: { $0.pair != nil }) else {
      return
    }
    let rows = table.rows.filter { !$0.isHidden }.compactMap { row -> [String]? in
      guard let pair = row.pair, let fisher = row.fisher else { return nil }
      return row.key.parts.map(\.description) + [
        ExactDigits.p(fisher.twoSided), ExactDigits.p(fisher.midP),
        row.holm.map { ExactDigits.p($0) } ?? "",
        ExactDigits.short(pair.pooled.value, digits: 2),
        ExactDigits.short(pair.standardDeviations, digits: 2),
        ExactDigits.interval(row.ratioInterval),
        ExactDigits.short(pair.expectedMinusObserved, digits: 1),
        pair.flips(with: 1) ? "yes" : "no", pair.flips(with: 2) ? "yes" : "no",
      ]
    }
    page.table(
      title(scheme.hasTests ? "Tests" : "Not part of the rule: tests", table)
        + ", against \(table.rows[benchmark].key)",
      table.columns + [
        "Fisher p", "mid-p", "Holm", "z", "SD", "interval of the ratio",
        "expected minus observed", "flips with one", "with two",
      ], rows, words: table.columns.count)
    if let pearson = table.pearson {
      page.sentence(
        "All categories: chi-squared \(ExactDigits.short(pearson.statistic, digits: 2)), \(pearson.degrees) degrees of freedom, p \(ExactDigits.p(pearson.p))."
      )
    }
    if let surest = table.surest, surest.pairs > 1, !table.rows[surest.rows.0].isHidden,
      !table.rows[surest.rows.1].isHidden
    {
      page.sentence(
        "The pair with the clearest difference: \(table.rows[surest.rows.0].key) and \(table.rows[surest.rows.1].key), p \(ExactDigits.p(surest.p)); corrected for all \(surest.pairs) pairs \(ExactDigits.p(surest.holm)) (Holm)."
      )
    }
  }

  /// Means and quantiles of scores.
  private func scores(_ table: AuditTable, _ page: inout AuditPage) {
    let tops = table.quantiles.map { "top \(Int(($0.top * 100).rounded()))%" }
    let rows = table.rows.filter { !$0.isHidden }.map { row -> [String] in
      row.key.parts.map(\.description) + [
        row.scores.map { $0.count > 0 ? ExactDigits.short($0.mean) : "" } ?? "",
        row.meanDifference.map { ExactDigits.short($0) } ?? "",
      ] + row.quantiles.map { $0.ratio.map { ExactDigits.short($0) } ?? "" }
    }
    page.table(
      title("Scores", table)
        + ": mean, standardised mean difference (SMD), ratio of the rates at each top share",
      table.columns + ["mean", "SMD"] + tops, rows, words: table.columns.count)
    if let reference = table.rows.first(where: { $0.meanDifference == 0 }) {
      page.sentence("Compared with \(reference.key).")
    }
    page.sentence(
      "People with equal scores are all selected or all not, so the shares attained are "
        + table.quantiles.map { ExactDigits.percent($0.attained) }.joined(separator: ", ") + ".")
  }

  /// Positions and periods taken apart.
  private func strata(_ page: inout AuditPage) {
    let z = Normal.quantile(1 - (1 - request.level) / 2)
    for table in outcome.tables where table.isCombined {
      guard let benchmark = table.benchmark else { continue }
      let rows = table.rows.filter { !$0.isHidden }.compactMap { row -> [String]? in
        guard let own = row.stratified else { return nil }
        return row.key.parts.map(\.description) + [
          own.crude.ratio.map { ExactDigits.short($0) } ?? "",
          own.ratio.map { ExactDigits.short($0.value) } ?? "",
          ExactDigits.interval(own.ratio?.interval(quantile: z)),
          own.common.map { ExactDigits.short($0.standardDeviations, digits: 2) } ?? "",
          own.common.map { ExactDigits.p($0.p) } ?? "",
          own.exact.map { ExactDigits.p($0.twoSided) } ?? "",
          own.homogeneity.map { ExactDigits.p($0.p) } ?? "",
        ]
      }
      if rows.isEmpty { continue }
      page.table(
        title("Compared within each position and period,", table)
          + ", against \(table.rows[benchmark].key)",
        table.columns + [
          "pooled ratio", "stratified ratio (Mantel-Haenszel)", "interval", "SD", "CMH p",
          "exact p", "Breslow-Day p",
        ], rows, words: table.columns.count)
    }
  }

  /// The categories whose pooled and stratified ratio tell different stories.
  package static func disagreements(_ outcome: AuditRun.Outcome) -> [String] {
    var lines: [String] = []
    let namesFourFifths = outcome.request.scheme.namesFourFifths
    for table in outcome.tables where table.isCombined {
      for row in table.rows where !row.isHidden {
        guard let own = row.stratified, let crude = own.crude.ratio, let ratio = own.ratio?.value,
          own.disagree || (namesFourFifths && own.areApart(by: 0.8))
        else { continue }
        lines.append(
          "Pooled and stratified disagree: \(row.key), pooled \(ExactDigits.short(crude)), stratified \(ExactDigits.short(ratio)). The tables by position or period compare like with like."
        )
      }
    }
    return lines
  }

  /// What stands under the tables.
  private var notes: [String] {
    var notes: [String] = []
    let compared =
      switch scheme.comparison {
      case .highest: "Each category is compared with the category that has the highest rate."
      case .reference where request.reference.isEmpty:
        "No reference is named, so each group is compared with the largest one."
      case .reference:
        "Each group is compared with the reference: \(request.reference.joined(separator: ", "))."
      }
    let isWeighted = request.roles.weight?.isFrequency == false
    notes.append(
      compared + (isWeighted ? "" : " Ratios are computed from counts, not from rounded rates."))
    if let median = outcome.median {
      notes.append(
        "Selected means a score above the median, \(NumberText.text(median.value)), of \(Self.count(median.people)) people (\(median.isOfIncluded ? "those whose categories are all known" : "all with a score")); \(Self.count(median.ties)) score exactly the median, which does not count as above, \(Self.count(median.above)) are above."
      )
    }
    if isWeighted {
      notes.append(
        "Rates and ratios are weighted; tests and shortfalls need counts and are left out.")
    }
    if scheme.hasTests || request.wantsTests, scheme.comparison == .highest {
      notes.append(
        "The category with the highest rate is chosen by looking at the data, so p-values against it are somewhat too small; the p-value of all pairs is not."
      )
    }
    if outcome.tables.contains(where: { $0.rows.contains { $0.isSmall && !$0.isExcluded } }) {
      notes.append(
        "Categories of less than 2 % of the people in a table are shown and take part in the ratios."
      )
    }
    for text in request.notes {
      if let equals = text.firstIndex(of: "=") {
        notes.append("\(text[..<equals]): \(text[text.index(after: equals)...])")
      }
    }
    return notes + scheme.law + [
      "The law is described as of \(scheme.asOf). This page is not legal advice."
    ]
  }

  private static func count(_ number: Double) -> String {
    number == number.rounded() ? Console.grouped(Int(number)) : NumberText.fixed(number, digits: 1)
  }
}

/// What the guidelines' questions and answers make of a ratio, a test and small numbers.
enum Reading {
  static func words(_ pair: RatePair, _ fisher: Hypergeometric.Tests?) -> String {
    let isSignificant = (fisher?.twoSided ?? 1) < 0.05
    if pair.isBelowFourFifths {
      if pair.flips(with: 1) { return "below 4/5, small numbers" }
      return isSignificant ? "below 4/5, significant" : "below 4/5, not significant"
    }
    return isSignificant ? "above 4/5, significant" : ""
  }

  /// Whether a difference is significant and of five points or more.
  static func isBoth(_ pair: RatePair, _ fisher: Hypergeometric.Tests?) -> Bool {
    let size = pair.gap < 0 ? -pair.gap : pair.gap
    return (fisher?.twoSided ?? 1) < 0.05
      && 20 * size >= Int128(pair.row.n) * Int128(pair.benchmark.n)
  }
}
