internal import Metrics
internal import Numerics
internal import Options
internal import Pipeline

/// The column that says how much a row counts.
struct WeightColumn: Sendable {
  let column: ColumnReference
  let isFrequency: Bool

  /// The column a command line names, if any.
  static func named(_ options: ParsedOptions, _ input: Input) throws -> WeightColumn? {
    switch (options.text("weight"), options.text("frequency")) {
    case (nil, nil): return nil
    case (let name?, nil): return WeightColumn(column: try input.column(name), isFrequency: false)
    case (nil, let name?): return WeightColumn(column: try input.column(name), isFrequency: true)
    default: throw UsageError("--weight and --frequency exclude each other")
    }
  }

  /// Weights that are missing, negative or, for frequencies, no whole numbers make a row bad.
  func check(_ values: [Double], _ batch: inout Batch) {
    for (row, value) in values.enumerated() {
      if value.isNaN {
        batch.note(row, column.name, "the weight is missing")
      } else if value < 0 {
        batch.note(row, column.name, "the weight \(NumberText.text(value)) is negative")
      } else if isFrequency, value != value.rounded() || value > 0x1p53 {
        batch.note(
          row, column.name, "the frequency \(NumberText.text(value)) is not a whole number")
      } else if value == 0 {
        batch.tally("with weight 0, left out")
      }
    }
  }

  /// The weights of the rows that stayed.
  func weights(_ values: [Double]) -> RowWeights {
    isFrequency ? .frequencies(values.map { Int($0) }) : .survey(values)
  }
}
