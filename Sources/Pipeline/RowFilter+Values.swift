internal import FairpostCSV
internal import FairpostNumerics

extension Input {
  /// Runs a filter over the stream for its values alone: a column for each of its names, and NaN
  /// where a row was left out or has none.
  package func values<Filter: RowFilter>(
    of filter: Filter
  ) throws -> (columns: [[Double]], tally: Tally) {
    let width = filter.columnNames.count
    let result = Guarded([[Double]](repeating: [], count: width))
    let tally = try run(
      makeState: { filter.makeWorker() },
      transform: { (batch: inout Batch, worker: inout Filter.Worker) -> [OutputColumn.Values] in
        try filter.process(&batch, &worker)
      },
      finish: {
        (values: [OutputColumn.Values], _: Block, settled: Settled, _: inout Filter.Worker)
          -> [[Double]] in
        values.map { column in
          guard case .numbers(var numbers) = column else { return [] }
          for row in settled.dropped { numbers[row] = .nan }
          return numbers
        }
      },
      consume: { (columns: [[Double]], _: Tally) in
        result.withLock { result in
          for place in columns.indices { result[place] += columns[place] }
        }
      })
    return (result.withLock { $0 }, tally)
  }
}
