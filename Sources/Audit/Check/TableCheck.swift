/// Recomputes a published table from its own printed numbers, in the reading kindest to its publisher.
package struct TableCheck: Sendable {
  /// The rows in the order of the file.
  package private(set) var rows: [CheckedRow] = []
  /// The benchmark that explains most of each table.
  package private(set) var conventions: [(table: [Bool], benchmark: String)] = []
  /// What is found across rows and tables.
  package private(set) var findings: [Finding] = []

  /// What ratios may be made against.
  private struct Benchmark {
    let name: String
    /// The rows that could be it, for a row.
    let eligible: (PublishedRow) -> [PublishedRow]
  }

  /// Checks published rows.
  ///
  /// - Parameter isScoring: whether rates are of scores above the median.
  package init(_ published: [PublishedRow], isScoring: Bool = false) {
    rows = published.map { CheckedRow(row: $0) }
    for place in rows.indices { rows[place].rate = Self.rate(rows[place].row) }
    var patterns: [[Bool]] = []
    for row in published where !patterns.contains(row.pattern) && row.pattern.contains(true) {
      patterns.append(row.pattern)
    }
    for pattern in patterns {
      let places = rows.indices.filter { rows[$0].row.pattern == pattern }
      ratios(places, pattern)
      findings += Self.within(places.map { rows[$0].row }, pattern, isScoring: isScoring)
    }
    findings += Self.across(published, patterns)
  }

  /// Whether something is printed that no rounding and no benchmark can explain.
  package var hasProvable: Bool {
    rows.contains { $0.ratio == .unexplained || $0.rate?.isProvable == true }
      || findings.contains(where: \.what.isProvable)
  }

  // MARK: Rates

  private static func rate(_ row: PublishedRow) -> RateVerdict? {
    if let n = row.n, let selected = row.selected, selected > n { return .moreSelected }
    guard let rate = row.rate else { return nil }
    if row.n == 0 { return .empty }
    if let exact = row.exact {
      if exact.isWithin(rate.unit.half, of: rate.value) { return .ok }
      return exact.isWithin(rate.unit, of: rate.value) ? .cut : .differs
    }
    guard let n = row.n else { return .ok }
    func hasWhole(_ range: FractionRange) -> Bool {
      let people = Int128(n)
      return Fraction(range.lower.top * people, range.lower.bottom).ceiling
        <= Fraction(range.upper.top * people, range.upper.bottom).floor
    }
    if hasWhole(rate.rounded) { return .ok }
    return hasWhole(rate.cut) ? .cut : .noWholeNumber
  }

  // MARK: Ratios

  private mutating func ratios(_ places: [Int], _ pattern: [Bool]) {
    let table = places.map { rows[$0].row }
    let known = table.filter { !$0.isUnknown }
    let printed = places.filter { rows[$0].row.ratio != nil && !rows[$0].row.isUnknown }
    guard !printed.isEmpty else { return }
    let benchmarks = Self.benchmarks(known, all: table, pattern)
    // The rule that leaves the fewest rows without an explanation, of those the one that explains best.
    var best: (explained: Int, points: Int, benchmark: Benchmark)?
    for benchmark in benchmarks {
      let verdicts = printed.compactMap {
        Self.verdict(rows[$0].row, benchmark.eligible(rows[$0].row))
      }
      let points = verdicts.reduce(0) { $0 + $1.points }
      if best.map({ (verdicts.count, points) > ($0.explained, $0.points) }) ?? true {
        best = (verdicts.count, points, benchmark)
      }
    }
    guard let best else { return }
    conventions.append((pattern, best.benchmark.name))
    for place in printed {
      let row = rows[place].row
      if row.n == 0 {
        rows[place].ratio = .empty
      } else if rows[place].rate == .moreSelected {
        rows[place].ratio = .notCheckable
      } else if row.range == nil {
        rows[place].ratio = .notCheckable
      } else if known.allSatisfy({ ($0.range?.upper.top ?? 0) == 0 }) {
        // Nobody is selected: there is no ratio, and whatever is printed stands for that.
        rows[place].ratio = .notCheckable
      } else if let verdict = Self.verdict(row, best.benchmark.eligible(row)) {
        rows[place].ratio = verdict
      } else {
        let other = benchmarks.first { Self.verdict(row, $0.eligible(row)) != nil }
        rows[place].ratio = other == nil ? .unexplained : .elsewhere
        rows[place].elsewhere = other?.name
        rows[place].allowed = Self.allowed(row, best.benchmark.eligible(row), \.range)
      }
    }
  }

  /// The rules of what ratios are made against, in order of preference.
  private static func benchmarks(
    _ known: [PublishedRow], all: [PublishedRow], _ pattern: [Bool]
  ) -> [Benchmark] {
    let usable = known.filter { $0.range != nil }
    func fixed(_ name: String, _ rows: [PublishedRow]) -> Benchmark {
      Benchmark(name: name) { _ in rows }
    }
    func large(of rows: [PublishedRow]) -> [PublishedRow] {
      let total = rows.reduce(0) { $0 + ($1.n ?? 0) }
      return usable.filter { 50 * Int128($0.n ?? 0) >= Int128(total) }
    }
    var rules = [fixed("highest of all", usable)]
    if known.contains(where: { $0.n != nil }) {
      rules.append(fixed("highest of those with 2% of the known", large(of: known)))
      rules.append(fixed("highest of those with 2% of all", large(of: all)))
    }
    rules.append(fixed("highest of those with a ratio", usable.filter { $0.ratio != nil }))
    for row in usable where row.ratio?.value == Fraction(1) {
      rules.append(fixed("the row with ratio 1: \(row.name)", [row]))
    }
    if let row = usable.filter({ $0.n != nil }).max(by: { ($0.n ?? 0) < ($1.n ?? 0) }) {
      rules.append(fixed("the most numerous: \(row.name)", [row]))
    }
    if let row = usable.filter({ $0.selected != nil }).max(by: {
      ($0.selected ?? 0) < ($1.selected ?? 0)
    }) {
      rules.append(fixed("the most selected by number: \(row.name)", [row]))
    }
    if pattern.count(where: { $0 }) > 1 {
      for column in pattern.indices where pattern[column] {
        rules.append(
          Benchmark(name: "highest within the same part \(column + 1)") { row in
            usable.filter { $0.category[column] == row.category[column] }
          })
      }
    }
    return rules
  }

  /// The ratios that ranges of rates allow.
  private static func allowed(
    _ row: PublishedRow, _ eligible: [PublishedRow],
    _ range: (PublishedRow) -> FractionRange?
  ) -> FractionRange? {
    guard let own = range(row) else { return nil }
    let isOwn = eligible.contains { $0.line == row.line }
    let others = eligible.filter { $0.line != row.line }.compactMap(range)
    var highest = others.map(\.upper).max() ?? Fraction(0)
    var lowest = others.map(\.lower).max() ?? Fraction(0)
    if others.isEmpty, !isOwn { return nil }
    // The row itself may be the highest: then the ratio is 1.
    let top = isOwn ? max(own.lower, highest) : highest
    if isOwn { lowest = max(own.upper, lowest) }
    highest = top
    if highest.top == 0 { return nil }
    // Rates of 0 leave the ratio without an upper end: any print would do.
    let upper = lowest.top == 0 ? Fraction(1_000_000_000) : own.upper / lowest
    return FractionRange(lower: own.lower / highest, upper: upper)
  }

  /// How a ratio is explained under a benchmark; nil where it is not.
  private static func verdict(
    _ row: PublishedRow, _ eligible: [PublishedRow]
  ) -> RatioVerdict? {
    guard let ratio = row.ratio, row.range != nil, !eligible.isEmpty else { return nil }
    let near = ratio.unit.half
    let exacts = eligible.compactMap(\.exact)
    let best = exacts.max()
    let own = row.exact
    let areCounted = own != nil && exacts.count == eligible.count
    func isNear(_ top: Fraction?, _ bottom: Fraction?, _ distance: Fraction) -> Bool {
      guard let top, let bottom, bottom.top > 0 else { return false }
      return (top / bottom).isWithin(distance, of: ratio.value)
    }
    if areCounted, isNear(own, best, near) { return .counts }
    let prints = eligible.compactMap { $0.rate?.value }
    let highestPrint = prints.max()
    if isNear(row.rate?.value, highestPrint, near) { return .rates }
    if areCounted {
      for digits in 2...4
      where isNear(own?.brought(to: digits, .nearest), best?.brought(to: digits, .nearest), near) {
        return .rates
      }
    }
    if !areCounted {
      if let range = allowed(row, eligible, \.range), range.meets(ratio.rounded) {
        return .rounding
      }
      if let range = allowed(row, eligible, \.cutRange), range.meets(ratio.cut) { return .cut }
      return nil
    }
    if isNear(own, best, ratio.unit) { return .cut }
    if isNear(row.rate?.value, highestPrint, ratio.unit) { return .cut }
    for digits in 2...4 {
      for way in Fraction.Rounding.allCases
      where isNear(own?.brought(to: digits, way), best?.brought(to: digits, way), ratio.unit) {
        return .cut
      }
    }
    return nil
  }

  // MARK: Across rows and tables

  private static func within(
    _ table: [PublishedRow], _ pattern: [Bool], isScoring: Bool
  ) -> [Finding] {
    var findings: [Finding] = []
    let known = table.filter { !$0.isUnknown }
    for (place, row) in known.enumerated() {
      guard let n = row.n, let k = row.selected, n >= 50 else { continue }
      for other in known[(place + 1)...] where other.n == n && other.selected == k {
        findings.append(
          Finding(what: .sameCounts, table: pattern, detail: "\(row.name); \(other.name)"))
      }
    }
    let ratios = known.compactMap(\.ratio)
    if ratios.count > 1, !ratios.contains(where: { $0.value == Fraction(1) }) {
      findings.append(Finding(what: .noRatioOne, table: pattern, detail: "\(ratios.count) ratios"))
    }
    if isScoring, !known.isEmpty,
      known.allSatisfy({ $0.n != nil && ($0.range != nil || $0.n == 0) })
    {
      let people = table.reduce(0) { $0 + ($1.n ?? 0) }
      let above = known.reduce(Int128(0)) { sum, row in
        guard let n = row.n, let range = row.range else { return sum }
        return sum + Fraction(range.lower.top * Int128(n), range.lower.bottom).ceiling
      }
      if 2 * above > Int128(people) {
        findings.append(
          Finding(
            what: .mostAbove, table: pattern, detail: "at least \(above) of \(people) are above"))
      }
    }
    return findings
  }

  private static func across(_ rows: [PublishedRow], _ patterns: [[Bool]]) -> [Finding] {
    var findings: [Finding] = []
    let fine = patterns.max { $0.count(where: { $0 }) < $1.count(where: { $0 }) } ?? []
    let parts = rows.filter { $0.pattern == fine && !$0.isUnknown }
    let unknown = rows.first { $0.pattern == fine && $0.isUnknown }?.n
    for pattern in patterns where pattern != fine {
      guard zip(pattern, fine).allSatisfy({ !$0 || $1 }) else { continue }
      for whole in rows where whole.pattern == pattern && !whole.isUnknown {
        let own = parts.filter { part in
          zip(whole.category, part.category).allSatisfy { $0.isEmpty || $0 == $1 }
        }
        guard !own.isEmpty, let n = whole.n, own.allSatisfy({ $0.n != nil }) else { continue }
        let people = own.reduce(0) { $0 + ($1.n ?? 0) }
        if people > n {
          findings.append(
            Finding(
              what: .partsExceed, table: pattern,
              detail: "\(whole.name): \(people) in the parts, \(n) in the whole"))
          continue
        }
        if let unknown, n - people > unknown {
          findings.append(
            Finding(
              what: .moreMissing, table: pattern,
              detail: "\(whole.name): \(n - people), unknown \(unknown)"))
        }
        guard let k = whole.selected, own.allSatisfy({ $0.selected != nil }) else { continue }
        let left = k - own.reduce(0) { $0 + ($1.selected ?? 0) }
        if left < 0 || left > n - people {
          findings.append(
            Finding(
              what: .selectedDoNotAddUp, table: pattern,
              detail:
                "\(whole.name): \(n - people) people but \(left) selected are not in the parts"
            ))
        }
      }
    }
    var totals: [Int] = []
    for pattern in patterns {
      let own = rows.filter { $0.pattern == pattern }
      guard own.contains(where: \.isUnknown), own.allSatisfy({ $0.n != nil }) else { continue }
      totals.append(own.reduce(0) { $0 + ($1.n ?? 0) })
    }
    let different = Set(totals).sorted()
    if different.count > 1 {
      findings.append(
        Finding(
          what: .totalsDiffer, table: nil,
          detail: different.map { "\($0)" }.joined(separator: ", ")))
    }
    return findings
  }

  /// Notes ratios that are digit by digit those of an older table while the counts differ.
  package mutating func compare(with older: [PublishedRow]) {
    var same = 0
    for row in rows.map(\.row) where row.ratio != nil && !row.isUnknown {
      guard let before = older.first(where: { $0.category == row.category }) else { continue }
      let differs = before.n != row.n || before.selected != row.selected
      if before.ratioText == row.ratioText, differs { same += 1 }
    }
    if same >= 5 {
      findings.append(
        Finding(
          what: .asBefore, table: nil,
          detail: "\(same) ratios are digit by digit those of the older table, on other counts"))
    }
  }
}
