package import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTransport

/// What a person looks at first: for each notion of fairness one of three words, the gap and who it is
/// between, then the groups with the usual figures, in lines that fit the terminal.
package struct Glance {
  /// What is known of a gap.
  package enum Word: String, Sendable {
    /// No exactly fair predictor would show so much on samples of this size.
    case beyond = "beyond chance"
    /// An exactly fair predictor could show as much.
    case within = "within chance"
    /// A group is too small for either.
    case unknown = "too few rows"
  }

  /// A notion of fairness: the figure that measures its gap, and the figure of each group behind it.
  private struct Notion {
    let name: String
    let gap: String
    let member: String?
  }

  private static let notions = [
    Notion(name: "selection", gap: "demographic_parity_difference", member: "selection_rate"),
    Notion(name: "within strata", gap: "conditional_parity_difference", member: nil),
    Notion(
      name: "true positives", gap: "equal_opportunity_difference", member: "true_positive_rate"),
    Notion(
      name: "false positives", gap: "false_positive_rate.difference",
      member: "false_positive_rate"),
    Notion(name: "accuracy", gap: "accuracy.difference", member: "accuracy"),
    Notion(name: "scores", gap: "ks", member: nil),
    Notion(name: "calibration", gap: "ece.difference", member: "ece"),
    Notion(name: "mean score", gap: "mean_score.difference", member: "mean_score"),
    Notion(name: "selection", gap: "multiclass_demographic_parity_difference", member: nil),
    Notion(name: "true positives", gap: "multiclass_equal_opportunity_difference", member: nil),
  ]

  /// Figures that a glance needs beside the usual ones.
  static let also = ["false_positive_rate.difference", "ece.difference"]

  /// Columns of the groups' table: a figure and its short name.
  private static let columns = [
    ("selection_rate", "selected"), ("true_positive_rate", "TPR"), ("false_positive_rate", "FPR"),
    ("accuracy", "accuracy"), ("class_accuracy", "accuracy"), ("auc", "AUC"),
    ("mean_score", "mean"), ("rmse", "RMSE"), ("mae", "MAE"), ("base_rate", "label 1"),
    ("precision", "precision"), ("ece", "ECE"), ("r2", "R2"), ("balanced_accuracy", "balanced"),
    ("f1", "F1"), ("log_loss", "log loss"), ("brier", "Brier"),
  ]

  /// The groups of an attribute that the table shows.
  private static let mostGroups = 12

  private let figures: [Figure]
  private let width: Int
  private let smallGroup: Int

  /// A glance at figures in lines of so many columns.
  package init(_ figures: [Figure], width: Int, smallGroup: Int) {
    self.figures = figures
    self.width = max(width, 40)
    self.smallGroup = smallGroup
  }

  /// The page.
  package func text() -> String {
    var blocks: [(task: String, attribute: [String])] = []
    for figure in figures
    where !blocks.contains(where: { $0.task == figure.task && $0.attribute == figure.attribute }) {
      blocks.append((figure.task, figure.attribute))
    }
    let parts = blocks.compactMap { block($0.task, $0.attribute) }
    return parts.joined(separator: "\n") + "\n"
      + wrapped("every figure with its interval: --all; for programs: --format csv or json")
  }

  // MARK: A task and an attribute

  private func block(_ task: String, _ attribute: [String]) -> String? {
    let own = figures.filter { $0.task == task && $0.attribute == attribute }
    let scores = own.reduce(into: [String]()) {
      if $1.score != "constant", !$0.contains($1.score) { $0.append($1.score) }
    }
    guard !scores.isEmpty else { return nil }
    var title = task.isEmpty ? "all tasks" : "task \(task)"
    if !attribute.isEmpty { title += " by \(attribute.joined(separator: ","))" }
    var text = wrapped(title)
    for score in scores {
      let mine = own.filter { $0.score == score }
      let rows = Self.notions.compactMap { row($0, mine) }
      if !attribute.isEmpty, Set(mine.compactMap(\.group)).count < 2 {
        text +=
          "\n" + wrapped("  \(Self.cut(Shown.word(score), 24)): one group, nothing to compare")
        continue
      }
      if !rows.isEmpty { text += "\n" + gaps(score, rows) }
    }
    for score in scores { text += "\n" + groups(score, own.filter { $0.score == score }) }
    let constant = own.filter { $0.score == "constant" && $0.group == nil }
    if let words = self.constant(constant) { text += "\n" + words }
    return text
  }

  // MARK: Gaps

  /// One notion's gap, in words and digits.
  package struct Row: Sendable {
    /// The notion, such as selection.
    package let notion: String
    /// What is known of the gap.
    package let word: Word
    let value: Double?
    /// The gap in digits.
    package var gap: String { value.map(Glance.digits) ?? "-" }
    /// Its interval.
    package let interval: String
    /// What an exactly fair predictor stays below.
    package let chance: String
    /// Who it is between, with figures and sizes.
    package let sized: String
    let valued: String
    let named: String
  }

  /// The gaps of one score under one attribute.
  package struct Verdict: Sendable {
    package let task: String
    package let attribute: [String]
    package let score: String
    package let rows: [Row]

    /// The verdict in a sentence.
    package var sentence: String {
      var parts: [String] = []
      for (word, words) in [
        (Word.beyond, "gaps beyond chance in"), (.within, "within chance in"),
        (.unknown, "too few rows to tell for"),
      ] {
        let names = rows.filter { $0.word == word }.map(\.notion)
        if !names.isEmpty { parts.append("\(words) \(names.joined(separator: ", "))") }
      }
      return parts.joined(separator: "; ")
    }
  }

  /// The gaps of every score under every attribute.
  package func verdicts() -> [Verdict] {
    var found: [Verdict] = []
    for figure in figures where figure.score != "constant" && !figure.attribute.isEmpty {
      let isKnown = found.contains {
        $0.task == figure.task && $0.attribute == figure.attribute && $0.score == figure.score
      }
      if isKnown { continue }
      let own = figures.filter {
        $0.task == figure.task && $0.attribute == figure.attribute && $0.score == figure.score
      }
      let rows =
        Set(own.compactMap(\.group)).count < 2 ? [] : Self.notions.compactMap { row($0, own) }
      found.append(
        Verdict(
          task: figure.task, attribute: figure.attribute, score: figure.score, rows: rows))
    }
    return found
  }

  private func row(_ notion: Notion, _ figures: [Figure]) -> Row? {
    guard let gap = figures.first(where: { $0.metric == notion.gap && $0.group == nil }) else {
      return nil
    }
    // A distance of means says nothing more where whole distributions are compared.
    if notion.gap == "mean_score.difference", figures.contains(where: { $0.metric == "ks" }) {
      return nil
    }
    let members = figures.filter { $0.metric == notion.member && $0.group != nil }
    let known = members.filter { $0.value != nil }
    func name(_ figure: Figure) -> String {
      Self.cut(Shown.word(figure.group?.description ?? ""), 16)
    }
    func value(_ figure: Figure) -> String { figure.value.map(Self.digits) ?? "" }
    var pair: [Figure] = []
    if let high = known.max(by: { ($0.value ?? 0) < ($1.value ?? 0) }),
      let low = known.min(by: { ($0.value ?? 0) < ($1.value ?? 0) }), known.count > 1
    {
      pair = [high, low]
    }
    var named = pair.map(name).joined(separator: ", ")
    if notion.member == nil {
      let names = figures.filter { $0.group != nil }.reduce(into: [String]()) {
        if !$0.contains(name($1)) { $0.append(name($1)) }
      }
      if names.count == 2 { named = names.joined(separator: ", ") }
    }
    let valued =
      pair.isEmpty ? named : pair.map { "\(name($0)) \(value($0))" }.joined(separator: ", ")
    let sized =
      pair.isEmpty
      ? named
      : pair.map { "\(name($0)) \(value($0)) (\(Console.grouped($0.count)))" }
        .joined(separator: ", ")
    let least = gap.least ?? members.map(\.count).min() ?? gap.count
    let word: Word
    if gap.value == nil {
      word = .unknown
    } else if gap.insideNoise == false {
      word = .beyond
    } else if least < smallGroup || gap.flags.contains(where: { $0.hasPrefix("small") }) {
      word = .unknown
    } else if gap.insideNoise == nil, let lower = gap.lower, lower > 0 {
      word = .beyond
    } else {
      word = .within
    }
    let interval = gap.lower.flatMap { low in
      gap.upper.map { "[\(Self.digits(low)), \(Self.digits($0))]" }
    }
    return Row(
      notion: notion.name, word: word, value: gap.value, interval: interval ?? "",
      chance: gap.noise.map { Self.digits($0.band) } ?? "",
      sized: gap.value == nil ? (gap.reason ?? "") : sized, valued: gap.value == nil ? "" : valued,
      named: gap.value == nil ? "" : named)
  }

  /// Who a gap is between, in fewer and fewer words.
  private enum PairForm { case sized, valued, named, absent }

  /// The gaps in the fullest form that fits.
  private func gaps(_ score: String, _ rows: [Row]) -> String {
    let forms: [(hasInterval: Bool, hasChance: Bool, pair: PairForm)] = [
      (true, true, .sized), (true, true, .valued), (true, false, .valued), (true, false, .named),
      (true, false, .absent), (false, false, .absent),
    ]
    var text = ""
    for form in forms {
      text = table(score, rows, form.hasInterval, form.hasChance, form.pair)
      if text.split(separator: "\n").allSatisfy({ $0.count <= width }) { break }
    }
    return text
  }

  private func table(
    _ score: String, _ rows: [Row], _ hasInterval: Bool, _ hasChance: Bool, _ form: PairForm
  ) -> String {
    func line(
      _ name: String, _ word: String, _ gap: String, _ interval: String, _ chance: String,
      _ pair: String
    ) -> [String] {
      [name, word, gap] + (hasInterval ? [interval] : []) + (hasChance ? [chance] : [])
        + (form == .absent ? [] : [pair])
    }
    let header = line(
      "  " + Self.cut(Shown.word(score), 24), "", "gap", "interval", "chance level",
      "highest, lowest")
    let lines = rows.map { row in
      let pair =
        switch form {
        case .sized: row.sized
        case .valued: row.valued
        case .named: row.named
        case .absent: ""
        }
      return line(
        "    " + row.notion, row.word.rawValue, row.value.map(Self.digits) ?? "-", row.interval,
        row.chance, pair)
    }
    let right =
      [false, false, true] + (hasInterval ? [false] : []) + (hasChance ? [true] : [])
      + (form == .absent ? [] : [false])
    return FigureTable.aligned([header] + lines, right: right)
  }

  // MARK: Groups

  private func groups(_ score: String, _ figures: [Figure]) -> String {
    var keys: [GroupKey] = []
    var rows: [GroupKey: Int] = [:]
    for figure in figures {
      guard let key = figure.group, figure.category == nil else { continue }
      if rows[key] == nil { keys.append(key) }
      rows[key] = max(rows[key] ?? 0, figure.count)
    }
    let all = keys.count
    if keys.count > Self.mostGroups {
      let largest = Set(
        keys.sorted { (-(rows[$0] ?? 0), $0) < (-(rows[$1] ?? 0), $1) }.prefix(Self.mostGroups))
      keys = keys.filter(largest.contains)
    }
    let shown = Self.columns.filter { id, _ in
      figures.contains { $0.metric == id && $0.category == nil && $0.value != nil }
    }
    let count = figures.filter { $0.group == nil }.map(\.count).max() ?? 0
    func line(_ name: String, _ rows: Int, _ key: GroupKey?) -> [String] {
      ["    " + Self.cut(Shown.word(name), 24), Console.grouped(rows)]
        + shown.map { id, _ in
          let figure = figures.first {
            $0.metric == id && $0.group == key && $0.category == nil
          }
          return figure?.value.map(Self.digits) ?? "-"
        }
    }
    var lines = keys.map { line($0.description, rows[$0] ?? 0, $0) }
    lines.append(line(keys.isEmpty ? "all rows" : "all", count, nil))
    var header = ["  " + Self.cut(Shown.word(score), 24), "rows"] + shown.map(\.1)
    // Fewer columns where there is less room, never a wrapped row.
    var text = ""
    while true {
      let right = [false] + [Bool](repeating: true, count: header.count - 1)
      text = FigureTable.aligned([header] + lines, right: right)
      if header.count <= 3 || text.split(separator: "\n").allSatisfy({ $0.count <= width }) {
        break
      }
      header.removeLast()
      for place in lines.indices { lines[place].removeLast() }
    }
    if keys.count < all {
      text += wrapped(
        "    and \(Console.grouped(all - keys.count)) more groups: --all shows them")
    }
    return text
  }

  /// The constant predictor in a line.
  private func constant(_ figures: [Figure]) -> String? {
    let parts = [
      ("accuracy", "accuracy"), ("class_accuracy", "accuracy"), ("rmse", "RMSE"),
      ("log_loss", "log loss"),
    ].compactMap { id, name -> String? in
      figures.first { $0.metric == id && $0.category == nil }?.value.map {
        "\(name) \(Self.digits($0))"
      }
    }
    guard !parts.isEmpty else { return nil }
    return wrapped("  the same answer for everybody: \(parts.joined(separator: ", "))")
  }

  // MARK: Words

  private func wrapped(_ text: String) -> String { Lines.page([text], width: width) }

  private static func cut(_ text: String, _ most: Int) -> String {
    text.count <= most ? text : text.prefix(most - 1) + "…"
  }

  /// Three digits after the point, or four significant ones of what is large.
  fileprivate static func digits(_ value: Double) -> String {
    let size = abs(value)
    if size > 0, size < 0.0005 { return value > 0 ? "<0.001" : ">-0.001" }
    if size < 100 { return NumberText.fixed(value, digits: 3) }
    return FigureTable.short(value)
  }
}
