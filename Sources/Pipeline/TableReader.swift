internal import FairpostCSV
package import FairpostNumerics
internal import FairpostText
package import FairpostTransport

/// Which columns of a stream a command wants in memory, and how.
package struct TableRequest: Sendable {
  /// Columns read as numbers.
  package var numbers: [ColumnReference] = []
  /// Attributes: each a column or several.
  package var groups: [[ColumnReference]] = []
  /// Columns read as texts, each distinct text held once.
  package var texts: [ColumnReference] = []
  /// Columns that may be numbers: texts that are none do not make a row bad.
  package var lenient: [ColumnReference] = []
  /// Hashes of each row's key: the hash, and the column or nil for the whole record.
  package var hashes: [(hash: StableHash, column: ColumnReference?)] = []
  /// Whether to keep each row's line.
  package var wantsLines = false
  /// Looks at each batch before its rows are taken: for checks that make rows bad.
  package var check: (@Sendable (inout Batch, _ numbers: [[Double]], _ groups: [[Int32]]) -> Void)?

  /// Nothing.
  package init() {}
}

/// The wanted columns of a stream, row by row in the order of the file.
package struct Table: Sendable {
  /// The rows taken.
  package var count = 0
  /// The numeric columns; NaN where missing.
  package var numbers: [[Double]]
  /// The attributes.
  package var groups: [Grouping]
  /// The text columns: a code for each row (-1 where empty), and the texts by code.
  package var texts: [(codes: [Int32], values: [ByteText])]
  /// The columns that may be numbers: NaN where missing or none, and the first few texts that are none.
  package var lenient: [(values: [Double], texts: [ByteText])] = []
  /// For each of them the line of the first value that is neither 0 nor 1, where there is one.
  package var firstOther: [Int?] = []
  /// Each row's line, where it was asked for.
  package var lines: [Int32] = []
  /// The hashes.
  package var hashes: [[UInt64]]
  /// What was read and left out.
  package var tally = Tally()
}

/// One block's share of a table, in the numbering of the worker that read it.
private struct Chunk: Sendable {
  var numbers: [[Double]]
  var codes: [[Int32]]
  var hashes: [[UInt64]]
  var lenient: [(values: [Double], texts: [ByteText])] = []
  /// In the block, counted from 1.
  var firstOther: [Int?] = []
  var lines: [Int32] = []
  var count: Int
  var hasDropped = false
  var worker: Int
  /// The keys each table has gained in this block.
  var newKeys: [[[ByteText]]]
}

/// A part of a stream's rows, in the order of the file.
package struct TablePiece: Sendable {
  /// The rows; their tally is that of the whole stream where this is the last piece, and empty before.
  package var table: Table
  /// Whether this is all there is.
  package let isWhole: Bool
}

extension Input {
  /// Reads the wanted columns of the whole stream into memory.
  package func table(_ request: TableRequest, progress: ProgressBar? = nil) throws -> Table {
    let whole = Guarded<Table?>(nil)
    try pieces(request, rows: .max, progress: progress) { piece in
      whole.withLock { $0 = piece.table }
    }
    guard let table = whole.withLock({ $0 }) else {
      throw Failure(.internalFault, "\(name): nothing was read")
    }
    return table
  }

  /// Reads the wanted columns of the stream, about so many rows at a time; an empty stream is one empty piece.
  package func pieces(
    _ request: TableRequest, rows limit: Int, progress: ProgressBar? = nil,
    each: @escaping @Sendable (TablePiece) throws -> Void
  ) throws {
    let groupWidths = request.groups.map(\.count) + request.texts.map { _ in 1 }
    let groupColumns = request.groups + request.texts.map { [$0] }

    struct WorkerState {
      var id: Int
      var tables: [TupleTable]
      var handedOn: [Int]
    }
    let workers = Guarded(0)
    var first = Table(numbers: [], groups: [], texts: [], hashes: [])
    first.numbers = Array(repeating: [], count: request.numbers.count)
    first.hashes = Array(repeating: [], count: request.hashes.count)
    first.lenient = request.lenient.map { _ in ([], []) }
    first.firstOther = request.lenient.map { _ in nil }
    let (start, headerLines) = (first, headerLines)
    struct Building {
      var table: Table
      var codes: [[Int32]]
      /// All workers' keys together, in order of arrival.
      var merged: [TupleTable]
      /// Whether some row was left out, whose keys no other row may have.
      var hasDropped = false
      /// The lines before the next block.
      var linesBefore: Int
      /// For each worker and table: its numbers to the merged ones.
      var remap: [[[Int32]]] = []
      /// Whether rows have been handed on before.
      var isLater = false

      /// Takes the rows gathered so far; the groups' numbering goes on.
      mutating func taken(_ request: TableRequest, _ start: Table, isLast: Bool, threads: Int)
        -> TablePiece
      {
        var piece = start
        swap(&piece, &table)
        for place in merged.indices {
          var codes: [Int32] = []
          swap(&codes, &self.codes[place])
          let keys = Input.sort(
            merged[place].tuples, &codes, allUsed: isLast && !isLater && !hasDropped,
            threads: threads)
          if place < request.groups.count {
            piece.groups.append(
              Grouping(
                columns: request.groups[place].map(\.name), keys: keys.map { GroupKey($0) },
                codes: codes))
          } else {
            piece.texts.append((codes, keys.map { $0[0] }))
          }
        }
        defer { isLater = true }
        return TablePiece(table: piece, isWhole: isLast && !isLater)
      }
    }
    let building = Guarded(
      Building(
        table: start, codes: Array(repeating: [], count: groupWidths.count),
        merged: groupWidths.map { TupleTable(width: $0) }, linesBefore: headerLines))
    let (size, threads) = (size, settings.threads)

    let tally: Tally = try run(
      onProgress: ProgressBar.reporter(progress),
      makeState: {
        let id = workers.withLock { number -> Int in
          defer { number += 1 }
          return number
        }
        return WorkerState(
          id: id, tables: groupWidths.map { TupleTable(width: $0) },
          handedOn: Array(repeating: 0, count: groupWidths.count))
      },
      transform: { (batch: inout Batch, state: inout WorkerState) -> Chunk in
        var chunk = Chunk(
          numbers: [], codes: [], hashes: [], count: batch.count, worker: state.id, newKeys: [])
        for column in request.numbers { chunk.numbers.append(batch.numbers(column)) }
        for (place, columns) in groupColumns.enumerated() {
          chunk.codes.append(batch.groups(columns, &state.tables[place]))
          chunk.newKeys.append(Array(state.tables[place].tuples[state.handedOn[place]...]))
          state.handedOn[place] = state.tables[place].tuples.count
        }
        for column in request.lenient { chunk.lenient.append(batch.lenientNumbers(column)) }
        for (hash, column) in request.hashes { chunk.hashes.append(batch.hashes(column, hash)) }
        request.check?(&batch, chunk.numbers, chunk.codes)
        return chunk
      },
      finish: { (whole: Chunk, block: Block, settled: Settled, _: inout WorkerState) -> Chunk in
        var chunk = whole
        chunk.firstOther = chunk.lenient.map { Self.firstOther($0.values, settled.dropped, block) }
        if request.wantsLines {
          chunk.lines = (0..<chunk.count).map { Int32(truncatingIfNeeded: block.line(of: $0) + 1) }
        }
        guard !settled.dropped.isEmpty else { return chunk }
        var kept = chunk
        var isDropped = Array(repeating: false, count: chunk.count)
        for row in settled.dropped { isDropped[row] = true }
        func keep<Value>(_ values: [Value]) -> [Value] {
          values.indices.filter { !isDropped[$0] }.map { values[$0] }
        }
        kept.numbers = chunk.numbers.map(keep)
        kept.codes = chunk.codes.map(keep)
        kept.hashes = chunk.hashes.map(keep)
        if request.wantsLines { kept.lines = keep(chunk.lines) }
        kept.lenient = chunk.lenient.map { (keep($0.values), $0.texts) }
        kept.count = chunk.count - settled.dropped.count
        kept.hasDropped = true
        return kept
      },
      consume: { (chunk: Chunk, tally: Tally) -> Void in
        let piece = building.withLock { building -> TablePiece? in
          let isFull = building.table.count > 0 && building.table.count + chunk.count > limit
          let piece =
            isFull ? building.taken(request, start, isLast: false, threads: threads) : nil
          let before = building.linesBefore
          building.linesBefore += tally.lines
          for place in chunk.firstOther.indices where building.table.firstOther[place] == nil {
            building.table.firstOther[place] = chunk.firstOther[place].map { $0 + before }
          }
          for line in chunk.lines {
            building.table.lines.append(line &+ Int32(truncatingIfNeeded: before))
          }
          if building.table.count == 0, chunk.count > 0, let size {
            // The file's size tells about how many rows there will be: no array grows by copying.
            let rows = min(size / (256 << 10) * (chunk.count + 1) + chunk.count + 64, limit)
            for place in building.table.numbers.indices {
              building.table.numbers[place].reserveLargeCapacity(rows)
            }
            for place in building.codes.indices { building.codes[place].reserveLargeCapacity(rows) }
            for place in building.table.hashes.indices {
              building.table.hashes[place].reserveLargeCapacity(rows)
            }
          }
          building.table.count += chunk.count
          if chunk.hasDropped { building.hasDropped = true }
          for place in chunk.numbers.indices {
            building.table.numbers[place].append(contentsOf: chunk.numbers[place])
          }
          for place in chunk.hashes.indices {
            building.table.hashes[place].append(contentsOf: chunk.hashes[place])
          }
          for place in chunk.lenient.indices {
            building.table.lenient[place].values.append(contentsOf: chunk.lenient[place].values)
            for text in chunk.lenient[place].texts
            where building.table.lenient[place].texts.count < 3
              && !building.table.lenient[place].texts.contains(text)
            {
              building.table.lenient[place].texts.append(text)
            }
          }
          while building.remap.count <= chunk.worker {
            building.remap.append(Array(repeating: [], count: groupWidths.count))
          }
          for place in chunk.codes.indices {
            for key in chunk.newKeys[place] {
              building.remap[chunk.worker][place].append(building.merged[place].code(of: key))
            }
            let remap = building.remap[chunk.worker][place]
            // With one worker, or few groups, the numberings are mostly the same.
            if remap.indices.allSatisfy({ remap[$0] == Int32($0) }) {
              building.codes[place].append(contentsOf: chunk.codes[place])
            } else {
              building.codes[place].append(
                contentsOf: chunk.codes[place].map { $0 < 0 ? -1 : remap[Int($0)] })
            }
          }
          return piece
        }
        if let piece { try each(piece) }
      })

    try each(
      building.withLock { building in
        building.table.tally = tally
        return building.taken(request, start, isLast: true, threads: threads)
      })
  }

  /// The line in the block, from 1, of the first value that is neither 0 nor 1.
  private static func firstOther(_ values: [Double], _ dropped: [Int], _ block: Block) -> Int? {
    // Numbers of any kind leave the loop at once, zeros and ones are quick to pass.
    values.indices.first { row in
      values[row] != 0 && values[row] != 1 && !values[row].isNaN && !dropped.contains(row)
    }.map { block.line(of: $0) + 1 }
  }

  /// Keys in sorted order, and codes that point into them, so that arrival decides nothing.
  fileprivate static func sort(
    _ tuples: [[ByteText]], _ codes: inout [Int32], allUsed: Bool, threads: Int
  ) -> [[ByteText]] {
    let order = tuples.indices.sorted { tuples[$0].lexicographicallyPrecedes(tuples[$1]) }
    var isUsed = Array(repeating: allUsed, count: tuples.count)
    if !allUsed {
      // Keys that only left-out rows had are gone.
      for code in codes where code >= 0 { isUsed[Int(code)] = true }
    }
    var rank = Array(repeating: Int32(-1), count: tuples.count)
    var keys: [[ByteText]] = []
    for index in order where isUsed[index] {
      rank[index] = Int32(keys.count)
      keys.append(tuples[index])
    }
    if rank.indices.contains(where: { rank[$0] != Int32($0) }) {
      Parallel.renumber(&codes, by: rank, threads: threads)
    }
    return keys
  }
}
