package import FairpostCSV
internal import FairpostNumerics

/// What the author of a filter supplies: the columns it writes and what happens to a batch.
///
/// Reading, threads, bad rows, order, appending, flags and counting are the pipeline's.
package protocol RowFilter: Sendable {
  /// What a worker keeps between batches.
  associatedtype Worker
  /// The names of the columns it writes.
  var columnNames: [String] { get }
  /// What `--flag` can say of a row, bit by bit of `Batch.flag`.
  var flagNames: [String] { get }
  /// Makes what a worker keeps.
  func makeWorker() -> Worker
  /// The values of the written columns for a batch, in the order of `columnNames`.
  func process(_ batch: inout Batch, _ worker: inout Worker) throws -> [OutputColumn.Values]
}

extension RowFilter {
  /// A filter that has nothing to flag.
  package var flagNames: [String] { [] }
}

extension OutputColumn.Values {
  /// The same with a comma before fractions.
  fileprivate func withCommas(_ dialect: Dialect) -> OutputColumn.Values {
    guard case .numbers(let numbers) = self else { return self }
    return .texts(
      numbers.map { number in
        guard !number.isNaN else { return [] }
        return dialect.quoted(
          Array(NumberText.text(number).utf8).map {
            $0 == UInt8(ascii: ".") ? UInt8(ascii: ",") : $0
          })
      })
  }
}

/// Buffers that go round between the workers and the writer.
final class BufferPool: Sendable {
  private let free = Guarded<[ByteBuffer]>([])

  func take() -> ByteBuffer {
    free.withLock { $0.popLast() } ?? ByteBuffer(capacity: 384 << 10)
  }

  func give(_ buffer: ByteBuffer) {
    buffer.count = 0
    free.withLock { $0.append(buffer) }
  }
}

extension Input {
  /// Runs a filter over the stream: the rows as they came, with the filter's columns added.
  ///
  /// - Parameters:
  ///   - flagColumn: the column that says what was done to each row, if wanted.
  ///   - overwrite: whether columns that exist may be replaced.
  package func filter<Filter: RowFilter>(
    _ filter: Filter, to output: OutputFile, flagColumn: String?, overwrite: Bool,
    progress: ProgressBar? = nil
  ) throws -> Tally {
    let errorColumn = settings.badRows == .report ? settings.errorColumn : nil
    let names = filter.columnNames + [flagColumn, errorColumn].compactMap { $0 }
    // A line of JSON says itself what members it has.
    let answers = settings.members.map {
      JSONAnswers(names, replacing: overwrite, members: $0.names.count)
    }
    let places = try places(of: names, overwrite: overwrite || answers != nil)
    let appended = zip(names, places).filter { $0.1 == .appended }.map(\.0)
    if answers == nil { try output.write(headerText(appending: appended)) }

    let pool = BufferPool()
    let flagTexts = Input.flagTexts(filter.flagNames, dialect)
    let width = filter.columnNames.count
    let (hasCommas, dialect) = (settings.hasDecimalCommas, dialect)
    return try run(
      isFlagging: flagColumn != nil, onProgress: ProgressBar.reporter(progress),
      makeState: { filter.makeWorker() },
      transform: { (batch: inout Batch, worker: inout Filter.Worker) -> [OutputColumn.Values] in
        let values = try filter.process(&batch, &worker)
        return hasCommas ? values.map { $0.withCommas(dialect) } : values
      },
      finish: {
        (values: [OutputColumn.Values], block: Block, settled: Settled, _: inout Filter.Worker)
          -> ByteBuffer in
        var columns = zip(places, values).map { OutputColumn($0, $1) }
        if flagColumn != nil {
          let flags =
            settled.flags.isEmpty
            ? Array(repeating: Int32(0), count: block.count) : settled.flags.map { Int32($0) }
          columns.append(OutputColumn(places[width], .choices(flags, from: flagTexts)))
        }
        let buffer = pool.take()
        if let answers {
          answers.write(
            block, columns.map(\.values),
            reporting: errorColumn == nil
              ? nil : settled.reported ?? ReportedRecords(records: [], ragged: []),
            dropped: settled.dropped, into: buffer)
        } else if errorColumn != nil, let place = places.last {
          block.assemble(
            columns, reporting: settled.reported ?? ReportedRecords(records: [], ragged: []),
            in: place, dropped: settled.dropped, into: buffer)
        } else {
          block.assemble(columns, dropped: settled.dropped, into: buffer)
        }
        return buffer
      },
      consume: { (buffer: ByteBuffer, _: Tally) in
        try output.write(buffer)
        pool.give(buffer)
      })
  }

  /// The text of every combination of flags: their names with a semicolon between.
  private static func flagTexts(_ names: [String], _ dialect: Dialect) -> [[UInt8]] {
    (0..<(1 << names.count)).map { bits in
      let set = names.indices.filter { bits >> $0 & 1 == 1 }.map { names[$0] }
      return dialect.quoted(Array(set.joined(separator: ";").utf8))
    }
  }
}
