internal import FairpostMetrics
internal import FairpostNumerics

/// What is asked of all categories of a table at once.
package enum CategoryCounts {
  /// The category with the highest rate among eligible ones; none where nobody is in any.
  ///
  /// Of equal rates the one with most people, then the first.
  package static func benchmark(_ rows: [Selected], _ isEligible: (Int) -> Bool) -> Int? {
    var best: Int?
    for place in rows.indices where rows[place].n > 0 && isEligible(place) {
      guard let known = best else {
        best = place
        continue
      }
      let (row, other) = (rows[place], rows[known])
      if row.isHigher(than: other) || (!other.isHigher(than: row) && row.n > other.n) {
        best = place
      }
    }
    return best
  }

  /// Whether a category is less than a fiftieth of the people in its table.
  package static func isSmall(_ row: Selected, of total: Int) -> Bool {
    50 * Int128(row.n) < Int128(total)
  }

  /// Pearson's chi-squared of all categories by selected or not.
  package struct Pearson: Sendable {
    /// The statistic.
    package let statistic: Double
    /// Categories with people less 1.
    package let degrees: Int
    /// Its p-value.
    package var p: Double { Tails.chiSquaredUpper(statistic, degrees: Double(degrees)) }
  }

  /// Pearson's test; none where all or nobody is selected.
  package static func pearson(_ rows: [Selected]) -> Pearson? {
    let used = rows.filter { $0.n > 0 }
    let (people, selected) = (used.reduce(0) { $0 + $1.n }, used.reduce(0) { $0 + $1.k })
    guard used.count > 1, selected > 0, selected < people else { return nil }
    var sum = 0.0
    for row in used {
      // (observed - expected) over both columns, with the common denominator taken out.
      let gap = Double(Int128(row.k) * Int128(people) - Int128(selected) * Int128(row.n))
      sum += gap * gap / Double(row.n)
    }
    return Pearson(
      statistic: sum / (Double(selected) * Double(people - selected)), degrees: used.count - 1)
  }

  /// The pair of categories whose difference is least likely by chance.
  package struct SurestPair: Sendable {
    /// The categories.
    package let rows: (Int, Int)
    /// Fisher's two-sided p-value.
    package let p: Double
    /// The same corrected for all pairs by Holm's method.
    package let holm: Double
    /// How many pairs there are.
    package let pairs: Int
  }

  /// The most significant of all pairs; none where there are not two categories with people.
  package static func surestPair(_ rows: [Selected]) -> SurestPair? {
    let used = rows.indices.filter { rows[$0].n > 0 }
    var best: (rows: (Int, Int), p: Double)?
    var pairs = 0
    for (place, first) in used.enumerated() {
      for second in used[(place + 1)...] {
        pairs += 1
        let p = RatePair(rows[first], against: rows[second]).fisher.twoSided
        if best.map({ p < $0.p }) ?? true { best = ((first, second), p) }
      }
    }
    guard let best else { return nil }
    return SurestPair(
      rows: best.rows, p: best.p, holm: min(1, best.p * Double(pairs)), pairs: pairs)
  }

  /// The category with the lowest rate: of equal ones the one with most people, then the first.
  package static func lowest(_ rows: [Selected]) -> Int? {
    var worst: Int?
    for place in rows.indices where rows[place].n > 0 {
      guard let known = worst else {
        worst = place
        continue
      }
      let (row, other) = (rows[place], rows[known])
      if other.isHigher(than: row) || (!row.isHigher(than: other) && row.n > other.n) {
        worst = place
      }
    }
    return worst
  }

  /// Holm's correction of the p-values of categories against their benchmark; NaN is no test.
  package static func holm(_ values: [Double]) -> [Double] { MultipleTesting.holm(values) }

  /// The rates a category could have if the unknown people were all of it or of others.
  package static func bounds(_ row: Selected, unknown: Selected) -> (lower: Double, upper: Double)?
  {
    let (fewest, most) = (row.n + unknown.n - unknown.k, row.n + unknown.k)
    guard fewest > 0, most > 0 else { return nil }
    return (Double(row.k) / Double(fewest), Double(row.k + unknown.k) / Double(most))
  }
}
