package import FairpostNumerics

/// A number of people and how many of them were selected.
package struct Selected: Sendable, Equatable {
  /// The people.
  package var n: Int
  /// Those who were selected.
  package var k: Int

  /// So many of so many.
  package init(_ k: Int, of n: Int) {
    self.n = n
    self.k = k
  }

  /// The selection rate; none of nobody.
  package var rate: Double? { n > 0 ? Double(k) / Double(n) : nil }

  /// Whether this rate is higher than another, in whole numbers.
  package func isHigher(than other: Selected) -> Bool {
    Int128(k) * Int128(other.n) > Int128(other.k) * Int128(n)
  }
}

/// A category against the one it is compared with: every figure that needs only four counts.
///
/// Comparisons with a limit are made in whole numbers, never on a rounded ratio.
package struct RatePair: Sendable {
  /// The category.
  package let row: Selected
  /// What it is compared with.
  package let benchmark: Selected

  /// A category against another.
  package init(_ row: Selected, against benchmark: Selected) {
    self.row = row
    self.benchmark = benchmark
  }

  private var k1: Double { Double(row.k) }
  private var n1: Double { Double(row.n) }
  private var k2: Double { Double(benchmark.k) }
  private var n2: Double { Double(benchmark.n) }
  private var selected: Double { k1 + k2 }
  private var people: Double { n1 + n2 }

  /// The impact ratio from counts; none where the benchmark selects nobody.
  package var ratio: Double? {
    benchmark.k > 0 && row.n > 0 ? (k1 * n2) / (n1 * k2) : nil
  }

  /// The difference of the rates times both numbers of people, in whole numbers.
  package var gap: Int128 {
    Int128(row.k) * Int128(benchmark.n) - Int128(benchmark.k) * Int128(row.n)
  }

  /// The difference of the rates.
  package var difference: Double? {
    guard row.n > 0, benchmark.n > 0 else { return nil }
    // One division: k1/n1 - k2/n2 would cancel.
    return Double(gap) / (n1 * n2)
  }

  /// Fisher's exact test.
  package var fisher: Hypergeometric.Tests {
    Hypergeometric(size: row.n, selected: row.k + benchmark.k, total: row.n + benchmark.n)
      .tests(row.k)
  }

  /// A z statistic with its two-sided p-value.
  package struct Z: Sendable, Equatable {
    /// The statistic.
    package let value: Double
    /// Its p-value.
    package var p: Double { 2 * Normal.upperTail(abs(value)) }

    /// A statistic.
    package init(_ value: Double) { self.value = value }
  }

  /// The z of the difference with the common rate; 0 where all or nobody is selected.
  package var pooled: Z {
    let other = people - selected
    guard let difference, selected > 0, other > 0 else { return Z(0) }
    let variance = selected * other / (people * people) * (1 / n1 + 1 / n2)
    return Z(difference / variance.squareRoot())
  }

  /// The z with each group's own rate; none where that has no variance and the rates differ.
  package var unpooled: Z? {
    guard let difference else { return nil }
    let variance = k1 * (n1 - k1) / (n1 * n1 * n1) + k2 * (n2 - k2) / (n2 * n2 * n2)
    if variance > 0 { return Z(difference / variance.squareRoot()) }
    return difference == 0 ? Z(0) : nil
  }

  /// How many standard deviations of the hypergeometric distribution the row lies from its expectation.
  package var standardDeviations: Double {
    let other = people - selected
    guard selected > 0, other > 0, n1 > 0, n2 > 0 else { return 0 }
    return -expectedMinusObserved
      / (n1 * n2 * selected * other / (people * people * (people - 1))).squareRoot()
  }

  /// The selections the row would have at the common rate, less those it has; not a whole number.
  package var expectedMinusObserved: Double {
    let top =
      Int128(row.n) * Int128(row.k + benchmark.k) - Int128(row.k)
      * Int128(row.n + benchmark.n)
    return people > 0 ? Double(top) / people : 0
  }

  /// The interval of the difference: Newcombe's, of Wilson's intervals.
  package func newcombe(quantile z: Double) -> Interval? {
    guard row.n > 0, benchmark.n > 0 else { return nil }
    return Recovered.difference(
      k1 / n1, Proportion.wilson(k1, of: n1, quantile: z), k2 / n2,
      Proportion.wilson(k2, of: n2, quantile: z))
  }

  /// Katz's interval of the ratio, on the logarithm; none where a count is 0.
  package func katz(quantile z: Double) -> Interval? {
    guard let ratio, row.k > 0 else { return nil }
    let error = ((n1 - k1) / (k1 * n1) + (n2 - k2) / (k2 * n2)).squareRoot()
    return Interval(
      ratio * Elementary.exp(-z * error), ratio * Elementary.exp(z * error))
  }
}

// MARK: Limits, in whole numbers

extension RatePair {
  /// Whether the ratio is below four fifths.
  package var isBelowFourFifths: Bool {
    5 * Int128(row.k) * Int128(benchmark.n) < 4 * Int128(benchmark.k) * Int128(row.n)
  }

  /// Whether the row would be strictly ahead if so many selections were its instead of the benchmark's.
  package func flips(with moved: Int) -> Bool {
    row.k + moved <= row.n && benchmark.k >= moved
      && Selected(row.k + moved, of: row.n)
        .isHigher(than: Selected(benchmark.k - moved, of: benchmark.n))
  }

  /// How many more selections a limit would take, in people.
  package struct Shortfall: Sendable, Equatable {
    /// To four fifths, the benchmark held.
    package let toFourFifths: Int
    /// To the benchmark's rate, the benchmark held.
    package let toParity: Int
    /// To four fifths, moved from the benchmark.
    package let movedToFourFifths: Int
    /// To the benchmark's rate, moved from the benchmark.
    package let movedToParity: Int
  }

  /// How many more selections four fifths and parity would take.
  package var shortfall: Shortfall {
    let (k1, n1) = (Int128(row.k), Int128(row.n))
    let (k2, n2) = (Int128(benchmark.k), Int128(benchmark.n))
    func up(_ top: Int128, _ bottom: Int128) -> Int {
      top <= 0 || bottom <= 0 ? 0 : Int((top + bottom - 1) / bottom)
    }
    return Shortfall(
      toFourFifths: max(0, up(4 * k2 * n1, 5 * n2) - row.k),
      toParity: max(0, up(k2 * n1, n2) - row.k),
      movedToFourFifths: up(4 * k2 * n1 - 5 * k1 * n2, 5 * n2 + 4 * n1),
      movedToParity: up(k2 * n1 - k1 * n2, n1 + n2))
  }
}
