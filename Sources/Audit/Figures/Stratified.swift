package import FairpostNumerics

/// A category against its benchmark in several positions or periods.
///
/// Mantel and Haenszel's ratio of rates (Greenland and Robins' variance) and odds ratio (Robins,
/// Breslow and Greenland's), the test of Cochran, Mantel and Haenszel with its exact form, and
/// whether the odds ratios differ between strata (Breslow and Day; Tarone).
package struct Stratified: Sendable {
  /// The strata with people in both categories.
  package let strata: [RatePair]

  /// Those strata that can compare.
  package init(_ strata: [RatePair]) {
    self.strata = strata.filter { $0.row.n > 0 && $0.benchmark.n > 0 }
  }

  /// A stratum's counts as numbers.
  private struct Counts {
    let (k1, n1, k2, n2): (Double, Double, Double, Double)
    var selected: Double { k1 + k2 }
    var people: Double { n1 + n2 }
    init(_ pair: RatePair) {
      (k1, n1) = (Double(pair.row.k), Double(pair.row.n))
      (k2, n2) = (Double(pair.benchmark.k), Double(pair.benchmark.n))
    }
  }
  private var counts: [Counts] { strata.map(Counts.init) }

  /// An estimate with the standard error of its logarithm.
  package struct Ratio: Sendable {
    /// The ratio.
    package let value: Double
    /// The standard error of its logarithm; none where a sum is 0.
    package let logError: Double?

    /// The interval; none without a standard error.
    package func interval(quantile z: Double) -> Interval? {
      logError.map {
        Interval(value * Elementary.exp(-z * $0), value * Elementary.exp(z * $0))
      }
    }
  }

  /// The common ratio of rates; none where the benchmark selects nobody.
  package var ratio: Ratio? {
    var (top, bottom, variance) = (0.0, 0.0, 0.0)
    for stratum in counts {
      let (k1, n1, k2, n2) = (stratum.k1, stratum.n1, stratum.k2, stratum.n2)
      let people = stratum.people
      top += k1 * n2 / people
      bottom += k2 * n1 / people
      variance += (n1 * n2 * stratum.selected - k1 * k2 * people) / (people * people)
    }
    guard bottom > 0 else { return nil }
    return Ratio(
      value: top / bottom, logError: top > 0 ? (variance / (top * bottom)).squareRoot() : nil)
  }

  /// The common odds ratio; none where its denominator is 0.
  package var oddsRatio: Ratio? {
    var (r, s, pr, mixed, qs) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for stratum in counts {
      let (a, b) = (stratum.k1, stratum.n1 - stratum.k1)
      let (c, d) = (stratum.k2, stratum.n2 - stratum.k2)
      let people = stratum.people
      let (own, other) = (a * d / people, b * c / people)
      let (p, q) = ((a + d) / people, (b + c) / people)
      r += own
      s += other
      pr += p * own
      mixed += p * other + q * own
      qs += q * other
    }
    guard s > 0 else { return nil }
    let variance = r > 0 ? pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s) : nil
    return Ratio(value: r / s, logError: variance.map { $0.squareRoot() })
  }

  /// Expected selections less those seen, over all strata.
  package var expectedMinusObserved: Double {
    strata.reduce(0) { $0 + $1.expectedMinusObserved }
  }

  /// The test of no difference in any stratum.
  package struct Common: Sendable {
    /// Chi-squared without correction, 1 degree of freedom.
    package let statistic: Double
    /// The same, corrected by a half.
    package let corrected: Double
    /// Its signed root.
    package let standardDeviations: Double
    /// The p-value without correction.
    package var p: Double { Tails.chiSquaredUpper(statistic, degrees: 1) }
    /// The p-value of the corrected statistic.
    package var correctedP: Double { Tails.chiSquaredUpper(corrected, degrees: 1) }
  }

  /// The test of Cochran, Mantel and Haenszel; none where no stratum can differ.
  package var common: Common? {
    var variance = 0.0
    for stratum in counts where stratum.people > 1 {
      let people = stratum.people
      variance +=
        stratum.n1 * stratum.n2 * stratum.selected * (people - stratum.selected)
        / (people * people * (people - 1))
    }
    guard variance > 0 else { return nil }
    let gap = -expectedMinusObserved
    let less = max(0, abs(gap) - 0.5)
    return Common(
      statistic: gap * gap / variance, corrected: less * less / variance,
      standardDeviations: gap / variance.squareRoot())
  }

  /// The exact test of the sum of selections over strata; none where it would take too long.
  package var exact: Hypergeometric.Tests? {
    var sum: Hypergeometric?
    var work = 0
    var observed = 0
    for pair in strata {
      let own = Hypergeometric(
        size: pair.row.n, selected: pair.row.k + pair.benchmark.k,
        total: pair.row.n + pair.benchmark.n)
      observed += pair.row.k
      guard let before = sum else {
        sum = own
        continue
      }
      work += before.weights.count * own.weights.count
      if work > 400_000_000 { return nil }
      sum = before.convolved(with: own)
    }
    return sum?.tests(observed)
  }

  /// Whether odds ratios differ between strata.
  package struct Homogeneity: Sendable {
    /// Breslow and Day's statistic.
    package let statistic: Double
    /// With Tarone's correction.
    package let tarone: Double
    /// Strata used less 1.
    package let degrees: Int
    /// The p-value of Breslow and Day's statistic.
    package var p: Double { Tails.chiSquaredUpper(statistic, degrees: Double(degrees)) }
    /// The p-value with Tarone's correction.
    package var taroneP: Double { Tails.chiSquaredUpper(tarone, degrees: Double(degrees)) }
  }

  /// Breslow and Day's test at the common odds ratio; strata with a fitted cell of 0 are left out.
  package var homogeneity: Homogeneity? {
    guard let odds = oddsRatio?.value, odds > 0 else { return nil }
    var (statistic, gaps, variances) = (0.0, 0.0, 0.0)
    var used = 0
    for stratum in counts {
      let fitted = Self.fitted(stratum, odds)
      let cells = [
        fitted, stratum.n1 - fitted, stratum.selected - fitted,
        stratum.n2 - stratum.selected + fitted,
      ]
      guard cells.allSatisfy({ $0 > 0 }) else { continue }
      let variance = 1 / cells.reduce(0) { $0 + 1 / $1 }
      let gap = stratum.k1 - fitted
      statistic += gap * gap / variance
      gaps += gap
      variances += variance
      used += 1
    }
    guard used > 1 else { return nil }
    return Homogeneity(
      statistic: statistic, tarone: statistic - gaps * gaps / variances, degrees: used - 1)
  }

  /// The row's selections under an odds ratio, all margins held.
  private static func fitted(_ stratum: Counts, _ odds: Double) -> Double {
    // A (n2 - K + A) = odds (n1 - A)(K - A) between the least and the most that A can be.
    let (n1, n2, selected) = (stratum.n1, stratum.n2, stratum.selected)
    let a = odds - 1
    let b = -(odds * (n1 + selected) + n2 - selected)
    let c = odds * n1 * selected
    if a == 0 { return -c / b }
    let root = (b * b - 4 * a * c).squareRoot()
    // b is negative: this root does not cancel, and is the one within the bounds.
    return 2 * c / (-b + root)
  }

  /// All strata as one.
  package var crude: RatePair {
    var (row, benchmark) = (Selected(0, of: 0), Selected(0, of: 0))
    for pair in strata {
      row = Selected(row.k + pair.row.k, of: row.n + pair.row.n)
      benchmark = Selected(
        benchmark.k + pair.benchmark.k, of: benchmark.n + pair.benchmark.n)
    }
    return RatePair(row, against: benchmark)
  }

  /// Whether the ratio of all together and the stratified one lie on different sides of 1.
  package var disagree: Bool { areApart(by: 1) }

  /// Whether they lie on different sides of a limit.
  package func areApart(by limit: Double) -> Bool {
    guard let crude = crude.ratio, let own = ratio?.value else { return false }
    return (crude < limit && own > limit) || (crude > limit && own < limit)
  }
}
