package import FairpostNumerics

/// Some whole records of a stream, as the bytes they came in, and where their fields are.
///
/// Blocks are reused: reading on allocates nothing. Offsets are 32 bits wide, which a block's size
/// (at most some ten MiB more than the longest record) always fits.
package final class Block: @unchecked Sendable {
  /// The bytes, records from `start` to `end`.
  package let buffer: ByteBuffer
  var start = 0
  var end = 0
  var hasQuotes = false
  /// The fields every record must have.
  package internal(set) var fieldCount: Int
  let dialect: Dialect

  /// The well-formed records of the stream before this block, where the row loop has counted them.
  package var firstRecord = 0
  /// The well-formed records.
  package private(set) var count = 0
  /// Physical lines in the block.
  package private(set) var lineCount = 0
  /// Blank lines, which are no records and pass through.
  package private(set) var blankCount = 0
  /// Records with another number of fields, or with a quote that never closes: `fieldCount` does not
  /// hold for them.
  package private(set) var ragged: [RaggedRecord] = []
  /// The offset of each record's first byte.
  private(set) var starts = OffsetBuffer()
  /// The offset behind each field, record by record.
  private(set) var ends = OffsetBuffer()
  /// The line of each record, counted from 0 in the block; empty where it is the record's number.
  private var lines: [UInt32] = []

  /// A record that does not fit the header.
  package struct RaggedRecord: Sendable {
    /// Its line, counted from 0 in the block.
    package let line: Int
    /// Its bytes with the line ending.
    let range: Range<Int>
    /// What is wrong with it; its line counts in the block.
    package let error: CSVError

    /// The fields it has, where their number is what is wrong.
    package var found: Int {
      if case .ragged(_, _, let found) = error { found } else { 0 }
    }
  }

  /// An empty block.
  package init(dialect: Dialect, fieldCount: Int, capacity: Int) {
    self.dialect = dialect
    self.fieldCount = fieldCount
    buffer = ByteBuffer(capacity: capacity)
  }

  /// Finds the records and their fields.
  func index() {
    count = 0
    blankCount = 0
    ragged.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    if hasQuotes || !indexUniform() { indexCarefully() }
  }

  /// The path for blocks without quotes in which every line has the right number of fields.
  private func indexUniform() -> Bool {
    let bytes = UnsafePointer(buffer.start)
    ends.reserve(end - start + 1)
    var (found, newlines) = ByteScan.structure(
      bytes + start, count: end - start, delimiter: dialect.delimiter, base: start,
      into: ends.start)
    lineCount = newlines
    // A last record without its newline ends where the bytes end.
    if end > start, bytes[end - 1] != Dialect.newline {
      ends.start[found] = UInt32(end)
      found += 1
      newlines += 1
    }
    guard found == newlines * fieldCount else { return false }
    starts.reserve(newlines)
    // If every fieldCount-th mark is a newline, and there are no more newlines, the others are
    // delimiters: each record has the right number of fields.
    var next = UInt32(start)
    var mark = fieldCount - 1
    for record in 0..<newlines {
      let stop = ends.start[mark]
      if Int(stop) != end, bytes[Int(stop)] != Dialect.newline { return false }
      starts.start[record] = next
      next = stop + 1
      mark += fieldCount
    }
    count = newlines
    return true
  }

  /// The path for everything else: quotes, blank lines, ragged records.
  private func indexCarefully() {
    let bytes = UnsafePointer(buffer.start)
    let walker = RecordWalker(bytes: bytes, end: end, delimiter: dialect.delimiter)
    ends.reserve(end - start + 1)
    starts.reserve(end - start + 1)
    var at = start
    var line = 0
    var found = 0
    while at < end {
      let first = found
      let (stop, ending) = walker.walk(from: at) { fieldEnd in
        ends.start[found] = UInt32(fieldEnd)
        found += 1
      }
      let next = min(stop + 1, end)
      let isBlank = stop == at || (stop == at + 1 && bytes[at] == Dialect.carriageReturn)
      if isBlank, fieldCount > 1 {
        blankCount += 1
        found = first
      } else if case .openQuote(let quote) = ending {
        let above = ByteScan.count(Dialect.newline, in: bytes + at, count: quote - at)
        ragged.append(
          RaggedRecord(line: line, range: at..<next, error: .openQuote(line: line + above + 1)))
        found = first
      } else if found - first == fieldCount {
        starts.start[count] = UInt32(at)
        lines.append(UInt32(line))
        count += 1
      } else {
        ragged.append(
          RaggedRecord(
            line: line, range: at..<next,
            error: .ragged(line: line + 1, expected: fieldCount, found: found - first)))
        found = first
      }
      line +=
        hasQuotes
        ? ByteScan.count(Dialect.newline, in: bytes + at, count: next - at)
        : (stop < end ? 1 : 0)
      at = next
    }
    lineCount = line
  }

  /// The records before a line of this block, as a block of their own.
  package func before(line: Int) -> Block {
    var at = start
    var left = line
    while left > 0, at < end {
      if buffer.start[at] == Dialect.newline { left -= 1 }
      at += 1
    }
    let part = Block(dialect: dialect, fieldCount: fieldCount, capacity: at - start)
    part.buffer.append(buffer, from: start, count: at - start)
    part.end = part.buffer.count
    part.hasQuotes = hasQuotes
    part.firstRecord = firstRecord
    part.index()
    return part
  }

  /// The line of a record, counted from 0 in the block.
  package func line(of record: Int) -> Int { lines.isEmpty ? record : Int(lines[record]) }

  /// The offset behind a record's last field, before its line ending.
  @inline(__always)
  func contentEnd(_ record: Int) -> Int {
    let stop = Int(ends.start[record &* fieldCount &+ fieldCount &- 1])
    // A quoted last field may hold a carriage return, but then a quote stands behind it.
    if stop > Int(starts.start[record]), buffer.start[stop &- 1] == Dialect.carriageReturn {
      return stop &- 1
    }
    return stop
  }

  /// The offset behind a record's line ending.
  func recordEnd(_ record: Int) -> Int {
    min(Int(ends.start[record * fieldCount + fieldCount - 1]) + 1, end)
  }

  /// The bytes of a field as they stand in the file.
  @inline(__always)
  func field(_ record: Int, _ column: Int) -> (start: Int, count: Int) {
    let mark = record &* fieldCount &+ column
    let from =
      column == 0 ? Int(starts.start[record]) : Int(ends.start[mark &- 1]) &+ 1
    let to = column &+ 1 == fieldCount ? contentEnd(record) : Int(ends.start[mark])
    return (from, to &- from)
  }

  /// A field's value, unquoted.
  package func text(_ record: Int, _ column: Int) -> [UInt8] {
    precondition(record < count && column < fieldCount)
    let (from, length) = field(record, column)
    let raw = UnsafeBufferPointer(start: buffer.start + from, count: length)
    return raw.first == Dialect.quote ? Block.unquoted(raw) : Array(raw)
  }

  /// A record as it stands in the file, without its line ending.
  package func recordText(_ record: Int) -> [UInt8] {
    precondition(record < count)
    let from = Int(starts.start[record])
    return Array(
      UnsafeBufferPointer(start: buffer.start + from, count: contentEnd(record) - from))
  }

  /// A record as it stands in the file, with its line ending.
  package func recordLine(_ record: Int) -> [UInt8] {
    precondition(record < count)
    return buffer.copy(Int(starts.start[record])..<recordEnd(record))
  }

  /// A ragged record as it stands in the file, with its line ending.
  package func text(_ record: RaggedRecord) -> [UInt8] { buffer.copy(record.range) }

  /// A ragged record as it stands in the file, without its line ending.
  package func content(_ record: RaggedRecord) -> [UInt8] {
    buffer.copy(record.range.lowerBound..<contentEnd(record))
  }

  /// The offset behind a ragged record, before its line ending.
  func contentEnd(_ record: RaggedRecord) -> Int {
    var end = record.range.upperBound
    if end > record.range.lowerBound, buffer.start[end - 1] == Dialect.newline { end -= 1 }
    if end > record.range.lowerBound, buffer.start[end - 1] == Dialect.carriageReturn { end -= 1 }
    return end
  }

  /// A quoted field's value: the quotes around it gone, doubled quotes made single.
  static func unquoted(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var at = 1
    while at < raw.count {
      let byte = raw[at]
      if byte == Dialect.quote {
        if at + 1 < raw.count, raw[at + 1] == Dialect.quote {
          result.append(byte)
          at += 2
          continue
        }
        // The closing quote; what stands behind it is text.
        result.append(contentsOf: raw[(at + 1)...])
        break
      }
      result.append(byte)
      at += 1
    }
    return result
  }
}

/// Offsets that are written before they are read; growing does not clear them.
struct OffsetBuffer: ~Copyable {
  private(set) var start = UnsafeMutablePointer<UInt32>.allocate(capacity: 1024)
  private var capacity = 1024

  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    start.deallocate()
    capacity = count + count / 4
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }
}
