internal import FairpostNumerics

/// Loan applications with two tasks, two sensitive attributes and a score that is biased on purpose.
///
/// Merit m is standard normal and the same in every group. What is repaid depends on merit and the
/// features alone; the `score` column, a bank's probability of repayment, subtracts a penalty from
/// the log odds of women and of some regions. So the fair predictor is known, and so is the bias.
package struct LoansGenerator: Generator {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// How many rows.
    package var count = 4000

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .integer(
          "count", \.count, letter: "n", in: 0...1_000_000_000, help: "rows",
          section: "Options of loans")
      ])
    }
  }

  package static let info = MethodInfo(
    "loans", summary: "loan applications: two tasks, two attributes, a biased score",
    details: [
      "Columns: id, sex (F .45, M .55), region (five groups of 52, 30, 12, 5 and 1 %), age, employed (years, some missing), debt (ratio, some missing), education (some missing), amount (what could be lent, in thousands: a regression task), repaid (0/1), score (a bank's probability of repayment).",
      "Truth: merit m is standard normal in every group; repaid is 1 with probability logistic(0.6 + 1.2 m - debt); amount = 24 + 5 m + 0.3 employed - 2 [sex F] + noise of deviation 3; score = logistic(0.6 + 1.1 m - debt - 0.7 [sex F] - penalty of the region + noise of deviation 0.3), the penalties being 0, 0.1, 0.3, 0.5 and 0.8.",
    ])

  package let settings: Settings

  private static let regions = ["north", "south", "east", "west", "islands"]
  private static let shares = [0.52, 0.82, 0.94, 0.99, 1.0]
  private static let penalties = [0, 0.1, 0.3, 0.5, 0.8]
  private static let schools = ["primary", "secondary", "vocational", "university"]

  package let columns = [
    "id", "sex", "region", "age", "employed", "debt", "education", "amount", "repaid", "score",
  ]
  package let count: Int

  package init(_ settings: Settings) {
    self.settings = settings
    count = settings.count
  }

  package func append(row: Int, seed: UInt64, to line: inout RowText) {
    var random = RandomStream(seed: seed, purpose: "synth loans", index: UInt64(row))
    let isWoman = random.uniform() < 0.45
    let place = random.uniform()
    let region = Self.shares.firstIndex { place < $0 } ?? 4
    let merit = random.normal()
    let age = 18 + Int(random.uniform() * 52)
    let employed = min(Double(age - 18), max(0, 6 + 2 * merit + 5 * random.normal()))
    let debt = max(0, 0.5 - 0.15 * merit + 0.25 * random.normal())
    let learning = merit + random.normal()
    let school = learning < -1.2 ? 0 : learning < 0.2 ? 1 : learning < 1 ? 2 : 3
    let amount =
      24 + 5 * merit + 0.3 * employed - (isWoman ? 2 : 0) + 3 * random.normal()
    let repaid = random.uniform() < logistic(0.6 + 1.2 * merit - debt)
    let score = logistic(
      0.6 + 1.1 * merit - debt - (isWoman ? 0.7 : 0) - Self.penalties[region]
        + 0.3 * random.normal())
    let (noEmployed, noDebt, noSchool) = (
      random.uniform() < 0.04, random.uniform() < 0.03, random.uniform() < 0.02
    )

    let digits = String(row + 1)
    line.add("L" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits)
    line.add(isWoman ? "F" : "M")
    line.add(Self.regions[region])
    line.add(age)
    line.add(noEmployed ? .nan : (employed * 10).rounded() / 10)
    line.add(noDebt ? .nan : debt)
    line.add(noSchool ? "" : Self.schools[school])
    line.add(max(0, amount))
    line.add(repaid ? 1 : 0)
    line.add(score)
    line.end()
  }
}

/// 1 / (1 + e^-x).
func logistic(_ x: Double) -> Double { Logistic.value(x) }
