package import FairpostNumerics

/// A column a command writes: where it goes and what it holds for the rows of one block.
package struct OutputColumn: Sendable {
  /// Where the values go.
  package enum Place: Sendable, Equatable {
    /// Behind the last column.
    case appended
    /// Over the field of an existing column.
    case replacing(Int)
  }
  /// The values.
  package enum Values: Sendable {
    /// Numbers in shortest form; NaN is written as an empty field.
    case numbers([Double])
    /// Texts by number, from a list quoted for the dialect.
    case choices([Int32], from: [[UInt8]])
    /// A text for every row, quoted for the dialect.
    case texts([[UInt8]])
  }

  /// Where the values go.
  package let place: Place
  /// The values.
  package let values: Values

  /// A column for one block.
  package init(_ place: Place, _ values: Values) {
    self.place = place
    self.values = values
  }
}

/// Bad records that keep their place: what a column says of each instead of the others' values.
package struct ReportedRecords: Sendable {
  /// Records without values, ascending, and what is wrong with each.
  package let records: [(record: Int, text: [UInt8])]
  /// What is wrong with each ragged record, in order.
  package let ragged: [[UInt8]]

  /// Reports of one block.
  package init(records: [(record: Int, text: [UInt8])], ragged: [[UInt8]]) {
    self.records = records
    self.ragged = ragged
  }
}

extension Block {
  /// Writes the block's bytes with the columns added and another behind them that reports bad records.
  ///
  /// A bad record keeps its fields, without values in the added columns; in place of a ragged one stands
  /// a record of empty fields, whose names nobody knows, and the report.
  package func assemble(
    _ columns: [OutputColumn], reporting reported: ReportedRecords,
    in place: OutputColumn.Place, dropped: [Int] = [], into output: ByteBuffer
  ) {
    var codes = Array(repeating: Int32(0), count: count)
    var texts: [[UInt8]] = [[]]
    for (record, text) in reported.records {
      codes[record] = Int32(texts.count)
      texts.append(dialect.quoted(text))
    }
    let all = columns + [OutputColumn(place, .choices(codes, from: texts))]
    let appended = all.count { $0.place == .appended }
    var empty = Array(repeating: [UInt8](), count: fieldCount + appended)
    assembleGenerally(all, dropped: dropped, into: output) { record in
      codes[record] != 0
    } insteadOf: { ragged in
      let at: Int
      switch place {
      case .appended: at = empty.count - 1
      case .replacing(let field): at = field
      }
      empty[at] = reported.ragged[ragged]
      return self.dialect.record(empty)
    }
  }

  /// Writes the block's bytes with the columns added, all else exactly as it came.
  ///
  /// - Parameters:
  ///   - dropped: rows to leave out, ascending; empty for none.
  ///   - output: gets the bytes appended.
  package func assemble(_ columns: [OutputColumn], dropped: [Int] = [], into output: ByteBuffer) {
    let simple = dropped.isEmpty && ragged.isEmpty && columns.count == 1
    if simple, case .appended = columns[0].place {
      switch columns[0].values {
      case .choices(let codes, let texts): return append(codes, from: texts, into: output)
      case .numbers(let values): return append(values, into: output)
      case .texts: break
      }
    }
    assembleGenerally(columns, dropped: dropped, into: output)
  }

  /// Copies short runs sixteen bytes at a time; both buffers have slack behind them.
  @inline(__always)
  private static func copy(
    _ from: UnsafePointer<UInt8>, _ count: Int, to: UnsafeMutablePointer<UInt8>
  ) {
    var at = 0
    while at < count {
      UnsafeMutableRawPointer(to + at).storeBytes(
        of: UnsafeRawPointer(from + at).loadUnaligned(as: SIMD16<UInt8>.self),
        as: SIMD16<UInt8>.self)
      at &+= 16
    }
  }

  private func append(_ codes: [Int32], from texts: [[UInt8]], into output: ByteBuffer) {
    let longest = texts.map(\.count).max() ?? 0
    output.reserve(output.count + (end - start) + count * (longest + 1))
    // The texts side by side, so that the loop touches no array of arrays.
    let table = ByteBuffer(capacity: texts.reduce(0) { $0 + $1.count + 1 })
    // Its bytes are read through a pointer, which alone would not keep it.
    defer { withExtendedLifetime(table) {} }
    var offsets: [Int] = []
    for text in texts {
      offsets.append(table.count)
      table.append(dialect.delimiter)
      table.append(text)
    }
    offsets.append(table.count)
    let bytes = UnsafePointer(buffer.start)
    var to = output.start + output.count
    var cursor = start
    codes.withUnsafeBufferPointer { codes in
      offsets.withUnsafeBufferPointer { offsets in
        for row in 0..<count {
          let stop = contentEnd(row)
          Block.copy(bytes + cursor, stop - cursor, to: to)
          to += stop - cursor
          cursor = stop
          let code = Int(codes[row])
          let length = offsets[code + 1] - offsets[code]
          Block.copy(UnsafePointer(table.start) + offsets[code], length, to: to)
          to += length
        }
      }
    }
    Block.copy(bytes + cursor, end - cursor, to: to)
    output.count = (to - output.start) + (end - cursor)
  }

  private func append(_ values: [Double], into output: ByteBuffer) {
    output.reserve(output.count + (end - start) + count * (NumberText.capacity + 1))
    let bytes = UnsafePointer(buffer.start)
    var to = output.start + output.count
    var cursor = start
    values.withUnsafeBufferPointer { values in
      for row in 0..<count {
        let stop = contentEnd(row)
        Block.copy(bytes + cursor, stop - cursor, to: to)
        to += stop - cursor
        cursor = stop
        to.pointee = dialect.delimiter
        to += 1
        let value = values[row]
        if value == value { to += NumberText.write(value, to: to) }
      }
    }
    Block.copy(bytes + cursor, end - cursor, to: to)
    output.count = (to - output.start) + (end - cursor)
  }

  /// - Parameters:
  ///   - isEmpty: whether a record gets nothing but the last column's value.
  ///   - replacement: what stands in place of a ragged record, which is left out without it.
  private func assembleGenerally(
    _ columns: [OutputColumn], dropped: [Int], into output: ByteBuffer,
    isEmpty: (Int) -> Bool = { _ in false }, insteadOf replacement: ((Int) -> [UInt8])? = nil
  ) {
    let appended = columns.indices.filter { columns[$0].place == .appended }
    var replacing: [(field: Int, column: Int)] = []
    for (index, column) in columns.enumerated() {
      if case .replacing(let field) = column.place { replacing.append((field, index)) }
    }
    replacing.sort { $0.field < $1.field }
    var cursor = start
    var nextDropped = 0
    var nextRagged = 0
    func copy(to stop: Int) {
      guard stop > cursor else { return }
      output.append(UnsafeBufferPointer(start: buffer.start + cursor, count: stop - cursor))
      cursor = stop
    }
    func put(_ index: Int, _ row: Int) {
      if index < columns.count - 1, isEmpty(row) { return }
      switch columns[index].values {
      case .numbers(let values):
        let value = values[row]
        guard value == value else { return }
        output.reserve(output.count + NumberText.capacity)
        output.count += NumberText.write(value, to: output.start + output.count)
      case .choices(let codes, let texts): output.append(texts[Int(codes[row])])
      case .texts(let texts): output.append(texts[row])
      }
    }
    /// Leaves out, or replaces, ragged records that stand before an offset.
    func skipRagged(before offset: Int) {
      while nextRagged < ragged.count, ragged[nextRagged].range.lowerBound < offset {
        copy(to: ragged[nextRagged].range.lowerBound)
        if let replacement {
          output.append(replacement(nextRagged))
          cursor = contentEnd(ragged[nextRagged])
          copy(to: ragged[nextRagged].range.upperBound)
        }
        cursor = ragged[nextRagged].range.upperBound
        nextRagged += 1
      }
    }
    for row in 0..<count {
      let from = field(row, 0).start
      skipRagged(before: from)
      if nextDropped < dropped.count, dropped[nextDropped] == row {
        copy(to: from)
        cursor = recordEnd(row)
        nextDropped += 1
        continue
      }
      for (place, column) in replacing {
        let (fieldStart, length) = field(row, place)
        copy(to: fieldStart)
        put(column, row)
        cursor = fieldStart + length
      }
      copy(to: contentEnd(row))
      for column in appended {
        output.append(dialect.delimiter)
        put(column, row)
      }
    }
    skipRagged(before: end)
    copy(to: end)
  }
}

extension BlockReader {
  /// A header record's bytes with new names behind the others, otherwise as they came.
  package static func header(
    _ headerBytes: [UInt8], _ dialect: Dialect, appending names: [String]
  ) -> [UInt8] {
    guard !headerBytes.isEmpty else { return [] }
    var content = headerBytes.count
    if headerBytes[content - 1] == Dialect.newline { content -= 1 }
    if content > 0, headerBytes[content - 1] == Dialect.carriageReturn { content -= 1 }
    var result = Array(headerBytes[..<content])
    for name in names {
      result.append(dialect.delimiter)
      result.append(contentsOf: dialect.quoted(Array(name.utf8)))
    }
    result.append(contentsOf: headerBytes[content...])
    return result
  }
}
