internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText
package import FairpostTransport

/// The column that says how much a row counts: the one reader of weights and frequencies.
package struct WeightColumn: Sendable {
  /// The column.
  package let column: ColumnReference
  /// Whether its values are frequencies: a row of frequency n stands for n equal rows.
  package let isFrequency: Bool

  /// The column of that name.
  package init(_ named: RoleNames.WeightName, _ input: Input) throws(Failure) {
    column = try input.column(named.column)
    isFrequency = named.isFrequency
  }

  /// The column that the roles name, if they name one.
  package init?(_ roles: RoleNames, _ input: Input) throws(Failure) {
    guard let named = roles.weight else { return nil }
    try self.init(named, input)
  }

  /// Makes rows bad whose weight no command can use.
  ///
  /// - Parameter countsZeros: whether rows of weight 0, which are left out, are counted here.
  package func check(_ values: [Double], _ batch: inout Batch, countsZeros: Bool = true) {
    for (row, value) in values.enumerated() {
      if let fault = WeightRule.fault(value, isFrequency: isFrequency) {
        batch.note(row, column.name, words(fault, value))
      } else if value == 0, countsZeros {
        batch.tally("with weight 0, left out")
      }
    }
  }

  /// Refuses frequencies that add up to more than can be counted exactly, such as times or amounts.
  package func checkTotal(_ values: [Double], _ input: String) throws(Failure) {
    guard isFrequency else { return }
    var total = 0.0
    for value in values { total += value }
    try checkTotal(total, input)
  }

  /// The same of a sum.
  package func checkTotal(_ total: Double, _ input: String) throws(Failure) {
    guard isFrequency, total > WeightRule.largestTotal else { return }
    throw Failure(
      .badData,
      "\(input): column \"\(column.name)\": the frequencies add up to more than \(Console.grouped(Int(WeightRule.largestTotal)))",
      hint: "\(option: "frequency") names a column that says how many records each row stands for")
  }

  /// What is wrong with a weight, in words.
  private func words(_ fault: WeightRule.Fault, _ value: Double) -> String {
    WeightColumn.words(fault, value, isFrequency: isFrequency)
  }

  /// The words for a weight that breaks the rule.
  package static func words(
    _ fault: WeightRule.Fault, _ value: Double, isFrequency: Bool
  ) -> String {
    let text = NumberText.text(value)
    return switch fault {
    case .missing: isFrequency ? "the frequency is missing" : "the weight is missing"
    case .negative:
      isFrequency ? "the frequency \(text) is negative" : "the weight \(text) is negative"
    case .notWhole: "the frequency \(text) is not a whole number"
    case .tooLarge where isFrequency:
      "the frequency \(text) is too large: a row stands for at most \(Console.grouped(Int(WeightRule.largestFrequency))) records"
    case .tooLarge:
      "the weight \(text) is too large: at most \(NumberText.text(WeightRule.largest))"
    case .tooSmall:
      "the weight \(text) is too small: 0, or at least \(NumberText.text(WeightRule.smallest))"
    }
  }
}
