internal import FairpostNumerics
package import FairpostOptions
package import FairpostPipeline
package import FairpostTransport

/// The column that says how much a row counts: the one reader of weights and frequencies.
package struct WeightColumn: Sendable {
  /// The column.
  package let column: ColumnReference
  /// Whether its values are frequencies: a row of frequency n stands for n equal rows.
  package let isFrequency: Bool

  /// The column that `--weight` or `--frequency` names, if any.
  package init?(_ options: ParsedOptions, _ input: Input) throws {
    guard let named = try Self.named(options) else { return nil }
    try self.init(named, input)
  }

  /// A column by its name.
  package init(_ named: (column: String, isFrequency: Bool), _ input: Input) throws(Failure) {
    column = try input.column(named.column)
    isFrequency = named.isFrequency
  }

  /// The same before a file is open: the column's name and what its values are.
  package static func named(
    _ options: ParsedOptions
  ) throws(UsageError) -> (column: String, isFrequency: Bool)? {
    switch (options.text("weight"), options.text("frequency")) {
    case (nil, nil): return nil
    case (let name?, nil): return (name, false)
    case (nil, let name?): return (name, true)
    default: throw UsageError("--weight and --frequency exclude each other")
    }
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
      hint: "--frequency names a column that says how many records a row stands for")
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
