/// A row of a published table, as printed.
package struct PublishedRow: Sendable {
  /// Its line in the file.
  package let line: Int
  /// Its category; an empty part is not divided by.
  package let category: [String]
  /// The people.
  package let n: Int?
  /// Those selected.
  package let selected: Int?
  /// The rate.
  package let rate: PrintedNumber?
  /// The ratio.
  package let ratio: PrintedNumber?
  /// The ratio as text.
  package var ratioText = ""
  /// The rate as text.
  package var rateText = ""
  /// Whether some part of its category is unknown.
  package let isUnknown: Bool

  /// A row from what is printed.
  package init(
    line: Int, category: [String], n: Int?, selected: Int?, rate: PrintedNumber?,
    ratio: PrintedNumber?, isUnknown: Bool
  ) {
    self.line = line
    self.category = category
    self.n = n
    self.selected = selected
    self.rate = rate
    self.ratio = ratio
    self.isUnknown = isUnknown
  }

  /// The category in words.
  package var name: String { category.filter { !$0.isEmpty }.joined(separator: " / ") }
  /// By which columns it is divided.
  var pattern: [Bool] { category.map { !$0.isEmpty } }

  /// Its rate from counts, where both are there and can be.
  var exact: Fraction? {
    guard let n, let selected, n > 0, selected <= n else { return nil }
    return Fraction(Int128(selected), Int128(n))
  }

  /// The true rates that its print allows.
  var range: FractionRange? {
    if let exact { return FractionRange(lower: exact, upper: exact) }
    if let n, let selected, selected > n { return nil }
    guard n != 0, let rate else { return nil }
    return narrowed(rate.rounded)
  }

  /// The rates that it may have been divided with where digits were cut: not only those that so many
  /// people can have, since ratios are made of printed rates too.
  var cutRange: FractionRange? {
    guard n != 0, range != nil else { return nil }
    guard let rate else { return range }
    let cut = rate.cut
    let lower = max(Fraction(0), min(cut.lower, exact ?? cut.lower))
    let upper = max(lower, min(Fraction(1), max(cut.upper, exact ?? cut.upper)))
    return FractionRange(lower: lower, upper: upper)
  }

  /// A range within 0 to 1, narrowed to the rates that so many people can have.
  private func narrowed(_ range: FractionRange) -> FractionRange {
    let lower = max(range.lower, Fraction(0))
    let upper = min(range.upper, Fraction(1))
    if let n, n > 0 {
      let people = Int128(n)
      let fewest = Fraction(lower.top * people, lower.bottom).ceiling
      let most = Fraction(upper.top * people, upper.bottom).floor
      if fewest <= most {
        return FractionRange(lower: Fraction(fewest, people), upper: Fraction(most, people))
      }
    }
    return FractionRange(lower: lower, upper: max(lower, upper))
  }
}

/// What a check says of a rate.
package enum RateVerdict: String, Sendable {
  case ok, cut, differs, empty
  case moreSelected = "more selected than applied"
  case noWholeNumber = "no whole number"

  /// Whether no way of rounding gives it.
  var isProvable: Bool { self == .differs || self == .moreSelected || self == .noWholeNumber }
}

/// What a check says of a ratio, under one rule of what it is compared with.
package enum RatioVerdict: String, Sendable {
  /// The counts give it.
  case counts
  /// The printed rates, or rounded ones, give it.
  case rates
  /// The figures are rounded so that it is possible.
  case rounding
  /// Digits were cut or rounded up.
  case cut
  /// Another benchmark than the table's explains it.
  case elsewhere
  /// Nothing explains it.
  case unexplained
  /// The category has nobody.
  case empty
  /// The row contradicts itself.
  case notCheckable = "not checkable"

  /// How well it explains the print.
  var points: Int {
    switch self {
    case .counts, .rates, .rounding: 2
    case .cut: 1
    default: 0
    }
  }
}

/// What is said of a row.
package struct CheckedRow: Sendable {
  /// The row.
  package let row: PublishedRow
  /// What is said of its rate; none where there is nothing to say.
  package var rate: RateVerdict?
  /// What is said of its ratio; none where none is printed.
  package var ratio: RatioVerdict?
  /// The benchmark that explains it where the table's does not.
  package var elsewhere: String?
  /// The ratios that the printed figures allow under the table's benchmark.
  package var allowed: FractionRange?
}

/// What is said of a table or of several together.
package struct Finding: Sendable, Equatable {
  /// What it is.
  package let what: What
  /// By which columns the table is divided; nil of all tables together.
  package let table: [Bool]?
  /// Where and by how much.
  package let detail: String

  /// Kinds of findings; provable ones first.
  package enum What: String, Sendable {
    case partsExceed = "parts exceed the whole"
    case selectedDoNotAddUp = "selected do not add up"
    case moreMissing = "more missing from the parts than unknown"
    case totalsDiffer = "totals with the unknown differ"
    case sameCounts = "same counts in two rows"
    case noRatioOne = "no row has ratio 1"
    case mostAbove = "more than half above the median"
    case asBefore = "ratios as in the older table"

    /// Whether it cannot be so, whatever the people.
    package var isProvable: Bool { self == .partsExceed || self == .selectedDoNotAddUp }
  }
}
