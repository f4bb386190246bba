internal import FairpostCSV
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText

/// A check of a published table from its file to what is said.
package struct CheckRun: Sendable {
  /// The columns of categories.
  package let groups: [String]
  /// One check for each position and period, with its name; most files have one.
  package let checks: [(place: String, check: TableCheck)]
  /// What was read.
  package let tally: Tally

  /// Whether something printed cannot be explained.
  package var status: ExitStatus {
    checks.contains { $0.check.hasProvable } ? .notMet : .done
  }

  /// What the columns of published tables are called.
  private static let names: [(role: Role, names: [String])] = [
    (.n, ["n", "applicants", "# of applicants", "number", "count"]),
    (.selected, ["selected", "n_selected", "# selected", "# above median"]),
    (.rate, ["rate", "selection_rate", "scoring_rate", "selection rate", "scoring rate"]),
    (.ratio, ["impact_ratio", "ratio", "impact ratio"]),
  ]
  private enum Role { case n, selected, rate, ratio }
  private static let usualGroups = ["sex", "gender", "race", "ethnicity", "race/ethnicity"]
  private static let wholes: Set = ["", "total", "all", "all applicants", "overall"]
  private static let unknowns: Set = [
    "unknown", "missing", "missing/unknown", "unknown/missing", "not disclosed", "not specified",
    "undisclosed", "not provided", "prefer not to say", "unspecified",
  ]
  /// Printed where there is no number.
  private static let nothing: Set = ["", "-", "–", "—", "n/a", "na", "none", "*", "**", "."]

  /// Reads and checks a table.
  ///
  /// - Parameters:
  ///   - groups: the columns of categories; empty for the usual ones.
  ///   - older: a table whose ratios these should not repeat.
  package init(
    _ input: Input, groups named: [String], position: String?, period: String?, older: Input?
  ) throws {
    var columns = named
    if columns.isEmpty {
      columns = input.header.names.filter { Self.usualGroups.contains($0.lowercased()) }
    }
    guard !columns.isEmpty else {
      throw UsageError("say which columns are the categories: \(option: "group") COL")
    }
    groups = columns
    let splits = [position, period].compactMap { $0 }
    let (published, isScoring, tally) = try Self.read(input, columns, splits)
    self.tally = tally
    let before = try older.map { try Self.read($0, columns, splits).rows } ?? []
    let own = Self.byPlace(published)
    let earlier = Self.byPlace(before)
    checks = own.order.map { place in
      var check = TableCheck(own.rows[place] ?? [], isScoring: isScoring)
      check.compare(with: earlier.rows[place] ?? [])
      return (place.filter { !$0.isEmpty }.joined(separator: ", "), check)
    }
  }

  /// The rows of each position and period, in order of first appearance.
  private static func byPlace(
    _ published: [(place: [String], row: PublishedRow)]
  ) -> (order: [[String]], rows: [[String]: [PublishedRow]]) {
    var order: [[String]] = []
    var rows: [[String]: [PublishedRow]] = [:]
    for (place, row) in published {
      if rows[place] == nil { order.append(place) }
      rows[place, default: []].append(row)
    }
    return (order, rows)
  }

  private static func read(
    _ input: Input, _ columns: [String], _ splits: [String]
  ) throws -> (rows: [(place: [String], row: PublishedRow)], isScoring: Bool, tally: Tally) {
    var roles: [(role: Role, column: String)] = []
    for (role, names) in names {
      let found = input.header.names.filter { names.contains($0.lowercased()) }
      // The long table of an audit has a ratio and may have others behind it: the first counts.
      if let column = found.first { roles.append((role, column)) }
    }
    guard roles.contains(where: { $0.role == .ratio || $0.role == .rate }) else {
      throw Failure(
        .badData, "\(input.name): there is no column of rates or ratios to check",
        hint: "the columns should be called n, selected, rate and impact_ratio")
    }
    var request = TableRequest()
    request.texts = try input.columns(columns + splits + roles.map(\.column))
    request.wantsLines = true
    let table = try input.table(request)
    func text(_ place: Int, _ row: Int) -> String {
      let code = table.texts[place].codes[row]
      return code < 0 ? "" : table.texts[place].values[Int(code)].description
    }
    func number(_ role: Role, _ row: Int) throws -> (text: String, number: PrintedNumber?) {
      guard let place = roles.firstIndex(where: { $0.role == role }) else { return ("", nil) }
      let own = text(columns.count + splits.count + place, row)
      let bare = own.lowercased().filter { !$0.isWhitespace }
      if nothing.contains(bare) || bare.hasPrefix("<") { return ("", nil) }
      guard let number = PrintedNumber(own) else {
        throw Failure(
          .badData,
          "\(input.name):\(table.lines[row]): column \"\(roles[place].column)\": \"\(Shown.word(own))\" is not a number as tables print them (1,234 or 0.85 or 48%)"
        )
      }
      return (own, number)
    }
    func whole(_ role: Role, _ row: Int) throws -> Int? {
      let (own, number) = try number(role, row)
      guard let number else { return nil }
      guard number.value.bottom == 1, number.value.top < 1_000_000_000 else {
        throw Failure(
          .badData,
          "\(input.name):\(table.lines[row]): \"\(Shown.word(own))\" is not a number of people")
      }
      return Int(number.value.top)
    }
    var rows: [(place: [String], row: PublishedRow)] = []
    // Rates above 1 without a percent sign are percentages, and then all of them are.
    var rates: [(text: String, number: PrintedNumber?)] = []
    for row in 0..<table.count { rates.append(try number(.rate, row)) }
    let arePercent = rates.contains {
      !$0.text.hasSuffix("%") && ($0.number.map { $0.value > Fraction(1) } ?? false)
    }
    for row in 0..<table.count {
      var category: [String] = []
      var isUnknown = false
      for place in columns.indices {
        let own = text(place, row)
        let bare = own.lowercased()
        if wholes.contains(bare) {
          category.append("")
        } else {
          category.append(own)
          isUnknown = isUnknown || unknowns.contains(bare)
        }
      }
      // A row of totals is no category.
      if !category.contains(where: { !$0.isEmpty }) { continue }
      var rate = rates[row].number
      if arePercent, !rates[row].text.hasSuffix("%") { rate = rate?.ofHundred }
      let ratio = try number(.ratio, row)
      var published = PublishedRow(
        line: Int(table.lines[row]), category: category, n: try whole(.n, row),
        selected: try whole(.selected, row), rate: rate, ratio: ratio.number,
        isUnknown: isUnknown)
      published.ratioText = ratio.text
      published.rateText = rates[row].text
      rows.append((splits.indices.map { text(columns.count + $0, row) }, published))
    }
    guard !rows.isEmpty else { throw Failure(.badData, "\(input.name): no row has a category") }
    let isScoring = roles.contains {
      ["scoring_rate", "scoring rate", "# above median"].contains($0.column.lowercased())
    }
    return (rows, isScoring, table.tally)
  }
}

extension CheckRun {
  /// What is said, in a form: csv, md, html, else for a terminal.
  package func bytes(_ format: String) -> [UInt8] {
    switch format {
    case "csv": csv
    case "md": Array(page.markdown.utf8)
    case "html": Array(page.html.utf8)
    default: Array(page.plain().utf8)
    }
  }

  /// Every row, benchmark and finding in a line.
  private var csv: [UInt8] {
    var bytes: [UInt8] = []
    func write(_ fields: [String]) {
      bytes += Dialect.comma.record(fields.map { Array($0.utf8) }) + [UInt8(ascii: "\n")]
    }
    write(
      ["kind", "place", "line"] + groups + [
        "rate", "rate_verdict", "ratio", "ratio_verdict", "lowest", "highest", "benchmark", "what",
        "detail",
      ])
    let none = [String](repeating: "", count: groups.count)
    for (place, check) in checks {
      for row in check.rows {
        write(
          ["row", place, "\(row.row.line)"] + row.row.category + [
            row.row.rateText, row.rate?.rawValue ?? "", row.row.ratioText,
            row.ratio?.rawValue ?? "", row.allowed?.lower.text(digits: 6) ?? "",
            row.allowed?.upper.text(digits: 6) ?? "", row.elsewhere ?? "", "", "",
          ])
      }
      for (table, benchmark) in check.conventions {
        write(
          ["benchmark", place, ""] + none + ["", "", "", "", "", "", benchmark, by(table), ""])
      }
      for finding in check.findings {
        write(
          ["finding", place, ""] + none + [
            "", "", "", "", "", "", finding.table.map { by($0) } ?? "", finding.what.rawValue,
            finding.detail,
          ])
      }
    }
    return bytes
  }

  private func by(_ table: [Bool]) -> String {
    zip(groups, table).filter(\.1).map(\.0).joined(separator: ",")
  }

  /// What is said to people.
  private var page: AuditPage {
    var page = AuditPage()
    page.title("What a published table's own figures say")
    let all = checks.flatMap(\.check.rows)
    let ratios = all.filter { $0.ratio != nil }
    let bad = ratios.count { $0.ratio == .unexplained }
    let rates = all.count { $0.rate?.isProvable == true }
    let apart = checks.flatMap(\.check.findings).count(where: \.what.isProvable)
    page.sentence(
      bad + rates + apart == 0
        ? "The printed figures agree with each other: rounding explains every difference between ratios, rates and sums."
        : "The table's own figures do not explain \(bad) of \(ratios.count) ratios and \(rates) rates; \(apart) contradictions between tables."
    )
    for (place, check) in checks { add(check, place, &page) }
    return page
  }

  private func add(_ check: TableCheck, _ place: String, _ page: inout AuditPage) {
    let verdicts: [(RatioVerdict, String)] = [
      (.counts, "reproduced from counts"), (.rates, "reproduced from rates"),
      (.rounding, "within rounding"), (.cut, "digits cut or rounded up"),
      (.elsewhere, "explained by another benchmark"), (.unexplained, "unexplained"),
      (.empty, "of a category without people"), (.notCheckable, "not checkable"),
    ]
    let used = verdicts.filter { verdict in check.rows.contains { $0.ratio == verdict.0 } }
    let rows = check.conventions.map { table, benchmark -> [String] in
      let own = check.rows.filter { $0.row.pattern == table && $0.ratio != nil }
      return [by(table), benchmark]
        + used.map { verdict in "\(own.count { $0.ratio == verdict.0 })" }
    }
    if !rows.isEmpty {
      page.table(
        "Ratios" + (place.isEmpty ? "" : " (\(place))"),
        ["table by", "compared with"] + used.map(\.1), rows, words: 2)
    }
    for row in check.rows {
      let where_ = "Line \(row.row.line), \(row.row.name)"
      if let verdict = row.rate, verdict != .ok, let words = Self.words(row, verdict) {
        page.note("\(where_): \(words)")
      }
      switch row.ratio {
      case .cut:
        page.note("\(where_): ratio printed \(row.row.ratioText): digits cut or rounded up")
      case .elsewhere:
        page.note(
          "\(where_): ratio printed \(row.row.ratioText); \(Self.allowed(row)); it agrees with another benchmark, \(row.elsewhere ?? ""), which is a weak explanation"
        )
      case .unexplained:
        page.note("\(where_): ratio printed \(row.row.ratioText); \(Self.allowed(row))")
      case .empty: page.note("\(where_): a ratio of a category without people")
      default: break
      }
    }
    for finding in check.findings {
      let table = finding.table.map { " (table by \(by($0)))" } ?? ""
      let words =
        switch finding.what {
        case .partsExceed, .selectedDoNotAddUp:
          "\(finding.what.rawValue): \(finding.detail)\(table): the tables do not describe the same people"
        case .moreMissing:
          "\(finding.what.rawValue): \(finding.detail)\(table): perhaps rows were left out"
        default: "\(finding.what.rawValue): \(finding.detail)\(table)"
        }
      page.note(words)
    }
    let own = check.rows.filter { $0.ratio != nil }
    let bad = own.count { $0.ratio == .unexplained || $0.ratio == .elsewhere }
    if bad > 2, 3 * bad > own.count {
      page.note(
        "Many ratios do not follow from the printed figures: they may rest on figures outside this table, such as ratios made position by position."
      )
    }
  }

  private static func words(_ row: CheckedRow, _ verdict: RateVerdict) -> String? {
    let (n, k) = (row.row.n ?? 0, row.row.selected ?? 0)
    switch verdict {
    case .ok: return nil
    case .cut: return "rate printed \(row.row.rateText): digits cut or rounded up"
    case .differs:
      return
        "rate printed \(row.row.rateText); \(k) of \(n) is \(ExactDigits.text(Int128(k), Int128(n), digits: 4))"
    case .empty: return "a rate of a category without people"
    case .moreSelected: return "\(k) selected of \(n)"
    case .noWholeNumber:
      return "rate printed \(row.row.rateText): no whole number of \(n) people has that rate"
    }
  }

  /// The range that the figures allow, in as many digits as show it.
  private static func allowed(_ row: CheckedRow) -> String {
    guard let range = row.allowed else { return "the figures in this table allow no ratio" }
    let printed = row.row.ratioText.split(separator: ".").dropFirst().first?.count ?? 0
    let digits = min(max(4, printed), 12)
    let (lower, upper) = (range.lower.text(digits: digits), range.upper.text(digits: digits))
    return lower == upper
      ? "the figures in this table allow \(lower) only"
      : "the figures in this table allow \(lower) to \(upper)"
  }
}
