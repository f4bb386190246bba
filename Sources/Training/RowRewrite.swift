package import FairpostCSV
internal import FairpostEvaluation
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText

/// A pass over rows whose results were computed with all rows in memory.
///
/// Rows are numbered as they were read; since both passes apply the same policies to the same
/// columns, number n is the same row in both.
package enum RowRewrite {
  /// Writes the rows with a new column.
  ///
  /// - Parameters:
  ///   - request: what the first pass read, whose bad rows are bad rows here.
  ///   - values: a value for every row the first pass took.
  package static func append(
    _ column: String, _ values: OutputColumn.Values, to input: Input, _ request: TableRequest,
    output: OutputFile, overwrite: Bool, bar: ProgressBar?
  ) throws -> Tally {
    try input.filter(
      AppendFilter(columnNames: [column], values: values, request: request), to: output,
      flagColumn: nil, overwrite: overwrite, progress: bar)
  }

  /// Writes every row as often as said.
  package static func repeated(
    _ times: [Int], of input: Input, _ request: TableRequest, output: OutputFile
  ) throws -> Tally {
    try output.write(input.headerText(appending: []))
    return try input.run(
      makeState: { RowCounter() },
      transform: { (batch: inout Batch, counter: inout RowCounter) -> [Int: Int] in
        counter.take(&batch, request)
      },
      finish: { (places: [Int: Int], block: Block, _: Settled, _: inout RowCounter) -> [UInt8] in
        var bytes: [UInt8] = []
        for row in 0..<block.count {
          guard let place = places[row], times[place] > 0 else { continue }
          var line = block.recordLine(row)
          // A last row may lack its line ending.
          if line.last != 0x0A { line.append(0x0A) }
          for _ in 0..<times[place] { bytes += line }
        }
        return bytes
      },
      consume: { (bytes: [UInt8], _: Tally) in try output.write(bytes) })
  }

  /// Settings for the second pass: one thread, so that rows can be counted.
  package static func settings(_ settings: InputSettings) -> InputSettings {
    var own = settings
    own.threads = 1
    return own
  }
}

/// Numbers rows across blocks.
package struct RowCounter {
  private var next = 0

  /// The number of every row of a batch that takes part, by its place in the batch.
  package mutating func take(_ batch: inout Batch, _ request: TableRequest) -> [Int: Int] {
    // Reading the columns finds the bad rows the first pass found.
    var numbers: [[Double]] = []
    for column in request.numbers { numbers.append(batch.numbers(column)) }
    request.check?(&batch, numbers, [])
    let skipped = batch.skipsBadRows ? batch.badRows : []
    var places: [Int: Int] = [:]
    for row in 0..<batch.count where !batch.isLeftOut(row) && !skipped.contains(row) {
      places[row] = next
      next += 1
    }
    return places
  }
}

private struct AppendFilter: RowFilter {
  let columnNames: [String]
  let values: OutputColumn.Values
  let request: TableRequest

  func makeWorker() -> RowCounter { RowCounter() }

  func process(_ batch: inout Batch, _ counter: inout RowCounter) throws -> [OutputColumn.Values] {
    let places = counter.take(&batch, request)
    let rows = 0..<batch.count
    switch values {
    case .numbers(let values):
      return [.numbers(rows.map { row in places[row].map { values[$0] } ?? .nan })]
    case .choices(let codes, let texts):
      return [.choices(rows.map { row in places[row].map { codes[$0] } ?? 0 }, from: texts)]
    case .texts(let texts):
      return [.texts(rows.map { row in places[row].map { texts[$0] } ?? [] })]
    }
  }
}
