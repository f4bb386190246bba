internal import FairpostNumerics
internal import FairpostText
internal import FairpostTransport

/// What people should know of the fit of one score, whether or not a certificate was computed.
struct FitFinding {
  /// A group with its size.
  struct Group {
    let cell: CellCount
    let effectiveCount: Double
    let least: Double
    let greatest: Double
  }

  let score: String
  let groups: [Group]
  /// Combinations that go through another map.
  let served: Int
  /// The KS distance that ties leave between groups in sample; nil without ties, or where it was
  /// not aimed at (epsilon).
  let leftByTies: Double?
  /// Groups that have records, but none with a score.
  let empty: [GroupKey]
  /// Records without a score.
  let missing: Int
  /// What compression did; nil where every knot is kept.
  let compression: Compressed?

  /// The knots kept of those there are, and the largest error of a result that follows.
  struct Compressed {
    let kept: Int
    let all: Int
    let error: Double
    let spread: Double
  }
}

extension FitFinding {
  init(
    _ fitting: StepFitting, _ summary: CalibrationSummary, _ settings: WassersteinSettings,
    missing: Int
  ) {
    score = fitting.score
    self.missing = missing
    let entries = fitting.steps.flatMap {
      Array($0.entries.values) + Array($0.marginal.values) + ($0.pooled.map { [$0] } ?? [])
    }
    compression =
      fitting.knots.kept == fitting.knots.all
      ? nil
      : Compressed(
        kept: fitting.knots.kept, all: fitting.knots.all,
        error: entries.map(\.valueError).max() ?? 0, spread: fitting.spread)
    groups = fitting.cells.map { cell in
      Group(
        cell: CellCount(
          keys: zip(summary.attributes, cell.codes).map { $0.keys[$1] }, rows: cell.all.rows),
        effectiveCount: cell.all.effectiveCount, least: cell.all.values[0],
        greatest: cell.all.values[cell.all.values.count - 1])
    }
    served = settings.smallCell == .error ? 0 : fitting.steps.reduce(0) { $0 + $1.small.count }
    let isFull = fitting.steps.allSatisfy { $0.epsilon == 0 }
    if isFull, settings.ties != .random, fitting.cells.contains(where: { $0.all.hasTies }) {
      leftByTies = Distribution.largestKolmogorovSmirnov(
        of: fitting.cells.map { $0.all.mapped(to: $0.applied) })
    } else {
      leftByTies = nil
    }
    var empty: [GroupKey] = []
    for (place, attribute) in summary.attributes.enumerated() {
      let seen = Set(fitting.cells.map { $0.codes[place] })
      empty += attribute.keys.indices.filter { !seen.contains($0) }.map { attribute.keys[$0] }
    }
    self.empty = empty
  }

  /// The findings in words.
  func notes(_ settings: WassersteinSettings) -> [String] {
    var notes: [String] = []
    if missing > 0 {
      notes.append("\(missing) record\(missing == 1 ? "" : "s") without a score left out")
    }
    if !empty.isEmpty {
      let names = empty.prefix(8).map { Wording.name($0) }.joined(separator: ", ")
      notes.append(
        "no usable record of \(names)\(empty.count > 8 ? " and \(empty.count - 8) more" : ""): --small-cell decides what happens to such rows"
      )
    }
    notes += sizes(settings)
    if let words = constant {
      notes.append(words)
    } else if let words = apart {
      notes.append(words)
    }
    // Sizes that differ leave a little even without ties.
    let least = groups.map(\.effectiveCount).min() ?? 0
    if let left = leftByTies, left > 2 / max(least, 1) {
      notes.append(
        "tied scores leave a KS distance of \(Wording.short(left)) between groups in sample: records of one group with the same score get the same result (--ties random with --id spreads them)"
      )
    }
    if served > 0 {
      notes.append(
        "\(served) small combination\(served == 1 ? "" : "s") of groups use\(served == 1 ? "s" : "") another map (--small-cell \(settings.smallCell.rawValue))"
      )
    }
    if let compression {
      let relative = compression.spread > 0 ? compression.error / compression.spread : 0
      notes.append(
        "the map keeps \(compression.kept) of \(compression.all) knots: a result is off by at most \(Wording.short(compression.error)), which is \(Wording.short(relative)) standard deviations of the score (--compress, --value-error)"
      )
    }
    return notes.map { "\(score): \($0)" }
  }

  /// Groups that are small, or much smaller than another.
  private func sizes(_ settings: WassersteinSettings) -> [String] {
    var notes: [String] = []
    let small = groups.filter { $0.cell.rows < settings.minimumGroup }
    for group in small.prefix(8) {
      let radius = Kolmogorov.distributionFreeRadius(
        count: group.effectiveCount, probability: 0.05)
      notes.append(
        "group \(Wording.name(group.cell)) has only \(group.cell.rows) record\(group.cell.rows == 1 ? "" : "s") (--min-group \(settings.minimumGroup)), too few to know its distribution better than to within \(Wording.short(min(1, radius))) (95%)"
      )
    }
    if small.count > 8 { notes.append("\(small.count - 8) more groups are as small") }
    guard let least = groups.min(by: { $0.effectiveCount < $1.effectiveCount }),
      let greatest = groups.max(by: { $0.effectiveCount < $1.effectiveCount }), groups.count > 1
    else { return notes }
    let ratio = greatest.effectiveCount / least.effectiveCount
    if ratio >= 100 {
      notes.append(
        "group \(Wording.name(greatest.cell)) is \(Wording.short(ratio.rounded(.down))) times as large as \(Wording.name(least.cell)): the smaller group limits the precision"
      )
    }
    if ratio >= 100 || !small.isEmpty {
      let counts = groups.map(\.effectiveCount).sorted()
      let pairs = Double(groups.count * (groups.count - 1)) / 2
      let bound =
        Kolmogorov.upperQuantile(0.05 / pairs) * (1 / counts[0] + 1 / counts[1]).squareRoot()
      notes.append(
        "with groups of these sizes, new records may still show a KS distance of up to \(Wording.short(min(1, bound))) between groups (95%)"
      )
    }
    return notes
  }

  /// Scores that hardly vary.
  private var constant: String? {
    guard let low = groups.map(\.least).min(), let high = groups.map(\.greatest).max(),
      high - low <= 1e-6 * max(abs(low), abs(high))
    else { return nil }
    return
      "the scores are nearly all the same (\(Wording.short(low)) to \(Wording.short(high))), so there is little to adjust"
  }

  /// Two groups whose scores do not overlap.
  private var apart: String? {
    guard let above = groups.max(by: { $0.least < $1.least }),
      let below = groups.min(by: { $0.greatest < $1.greatest }), above.least > below.greatest
    else { return nil }
    return
      "the scores of \(Wording.name(below.cell)) and \(Wording.name(above.cell)) do not overlap: the adjustment moves every score across the whole gap, and a score between the two groups is outside both fitted ranges"
  }
}

/// Names and numbers as people read them.
enum Wording {
  /// Rows as columns, two spaces apart and two from the edge.
  static func aligned(_ cells: [[String]]) -> [String] {
    let rows = cells.map { $0.map { Shown.word($0) } }
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      var line = "  "
      for (column, text) in row.enumerated() {
        line += text
        if column < row.count - 1 {
          line += String(repeating: " ", count: widths[column] - text.count + 2)
        }
      }
      return line
    }
  }

  static func name(_ key: GroupKey) -> String {
    key.parts.map { $0.isEmpty ? "(missing)" : Shown.word($0.description) }.joined(separator: " & ")
  }

  static func name(_ cell: CellCount) -> String {
    cell.keys.map { name($0) }.joined(separator: " / ")
  }

  /// A number to six significant digits; "-" where there is none.
  static func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value.isNaN ? "-" : NumberText.text(value) }
    // Powers of ten up to 22 are exact, so that one rounding division gives the shortest digits.
    var power = 1.0
    let size = abs(value)
    if size >= 1e6 {
      while size / power >= 1e6, power < 1e22 { power *= 10 }
      return NumberText.text((value / power).rounded() * power)
    }
    while size * power < 1e5, power < 1e22 { power *= 10 }
    return NumberText.text((value * power).rounded() / power)
  }
}
