package import FairpostNumerics

/// Reads a stream as blocks of whole records.
///
/// Memory is one block, however long the stream: only a single record longer than a block makes a
/// block grow, up to `recordLimit`.
package final class BlockReader {
  /// The longest record; a quote that never closes is found out here and not when memory ends.
  package static let recordLimit = 64 << 20

  /// The names of the columns.
  package let header: Header
  /// The header record as it came, with its line ending and a byte-order mark; of a stream without a
  /// header only the mark, if it has one.
  package let headerBytes: [UInt8]
  /// The lines the header takes.
  package let headerLines: Int
  /// How records are written.
  package let dialect: Dialect

  private let source: any ByteSource
  private let blockSize: Int
  /// Bytes read but not handed out yet: the beginning of the next block.
  private let carry: ByteBuffer
  private var atEnd = false
  /// Whether a line has ended with a newline so far.
  private var sawNewline = false
  /// Whether each read is handed on at once, whole records as they come.
  private let eager: Bool
  /// Whether a record whose quote never closes is handed on as a ragged one instead of an error.
  private let keepsOpenRecord: Bool

  /// Starts to read a stream: its header, or `columns` where it has none.
  ///
  /// - Parameters:
  ///   - columns: the names of the columns of a stream without a header.
  ///   - eager: hand on what is there instead of waiting for a full block.
  ///   - keepsOpenRecord: a last record whose quote never closes is a ragged one, and no error.
  package init(
    _ source: any ByteSource, dialect: Dialect, columns: [String]? = nil, eager: Bool = false,
    keepsOpenRecord: Bool = false, blockSize: Int = 256 << 10
  ) throws(CSVError) {
    self.source = source
    self.dialect = dialect
    self.blockSize = blockSize
    self.eager = eager
    self.keepsOpenRecord = keepsOpenRecord
    carry = ByteBuffer(capacity: blockSize)

    var atEnd = false
    // Enough to know what it is, unless a whole short line is there already: whoever sends line by
    // line may be waiting for an answer.
    while carry.count < 4, !atEnd,
      ByteScan.last(Dialect.newline, in: carry.start, count: carry.count) == nil
        || ByteScan.first(0, in: carry.start, count: carry.count) != nil
    {
      try BlockReader.fill(carry, from: source, to: carry.count + 1, atEnd: &atEnd)
    }
    let mark = try BlockReader.byteOrderMark(carry, dialect, hasHeader: columns == nil)
    if let columns {
      header = Header(columns)
      headerBytes = carry.copy(0..<mark)
      headerLines = 0
      self.atEnd = atEnd
      BlockReader.drop(mark, from: carry)
      return
    }
    // The header is the first record; read until it is whole.
    var length = 0
    var fields: [String] = []
    var goal = blockSize
    while true {
      if carry.count <= mark, atEnd { throw .empty }
      let walker = RecordWalker(
        bytes: UnsafePointer(carry.start), end: carry.count, delimiter: dialect.delimiter)
      var stops: [Int] = []
      let (stop, ending) = walker.walk(from: mark) { stops.append($0) }
      switch ending {
      case .newline: length = stop + 1
      case .bytesEnd where atEnd:
        length = stop
        try BlockReader.refuseLoneReturns(carry)
      case .openQuote(let quote) where atEnd:
        throw .openQuote(
          line: 1 + ByteScan.count(Dialect.newline, in: carry.start, count: quote))
      default:
        if carry.count >= BlockReader.recordLimit {
          try BlockReader.refuseLoneReturns(carry)
          throw .tooLong(line: 1, limit: BlockReader.recordLimit)
        }
        try BlockReader.fill(
          carry, from: source, to: eager ? carry.count + 1 : goal, atEnd: &atEnd)
        goal = carry.count * 2
        continue
      }
      fields = BlockReader.names(carry, from: mark, stops: stops)
      break
    }
    sawNewline = length > 0 && carry.start[length - 1] == Dialect.newline
    header = Header(fields)
    headerBytes = carry.copy(0..<length)
    headerLines = headerBytes.count { $0 == Dialect.newline }
    self.atEnd = atEnd
    BlockReader.drop(length, from: carry)
  }

  /// A block of the right shape for `next`.
  package func makeBlock() -> Block {
    Block(dialect: dialect, fieldCount: header.names.count, capacity: blockSize)
  }

  /// Fills a block with the next records; false at the end.
  ///
  /// The fields are not found yet: that is left to the thread that uses the block, which calls
  /// `prepare`.
  package func next(into block: Block) throws(CSVError) -> Bool {
    let buffer = block.buffer
    buffer.count = 0
    buffer.append(carry)
    carry.count = 0
    var goal = blockSize
    var mustRead = buffer.count == 0 || !eager
    while true {
      if !atEnd, mustRead {
        try BlockReader.fill(
          buffer, from: source, to: eager ? buffer.count + 1 : goal, atEnd: &atEnd)
      }
      mustRead = true
      guard buffer.count > 0 else { return false }
      block.hasQuotes =
        ByteScan.first(Dialect.quote, in: buffer.start, count: buffer.count) != nil
      guard let end = try lastRecordEnd(buffer, hasQuotes: block.hasQuotes) else {
        if buffer.count >= BlockReader.recordLimit {
          if !sawNewline { try BlockReader.refuseLoneReturns(buffer) }
          throw .tooLong(line: 1, limit: BlockReader.recordLimit)
        }
        goal = buffer.count * 2
        continue
      }
      if atEnd, !sawNewline { try BlockReader.refuseLoneReturns(buffer) }
      sawNewline = true
      carry.append(buffer, from: end)
      buffer.count = end
      block.start = 0
      block.end = end
      return true
    }
  }

  /// Where the last whole record ends; nil where none does yet.
  private func lastRecordEnd(_ buffer: ByteBuffer, hasQuotes: Bool) throws(CSVError) -> Int? {
    let bytes = UnsafePointer(buffer.start)
    guard hasQuotes else {
      if atEnd { return buffer.count }
      return ByteScan.last(Dialect.newline, in: bytes, count: buffer.count).map { $0 + 1 }
    }
    let walker = RecordWalker(bytes: bytes, end: buffer.count, delimiter: dialect.delimiter)
    var at = 0
    var whole: Int?
    while at < buffer.count {
      let (stop, ending) = walker.walk(from: at) { _ in }
      switch ending {
      case .newline:
        at = stop + 1
        whole = at
      case .bytesEnd:
        return atEnd ? buffer.count : whole
      case .openQuote(let quote):
        // The records before it are handed on first: an error in them comes first too.
        if atEnd, keepsOpenRecord { return buffer.count }
        if whole == nil, atEnd || buffer.count - quote >= BlockReader.recordLimit {
          let line = 1 + ByteScan.count(Dialect.newline, in: bytes, count: quote)
          throw .openQuote(line: line)
        }
        return whole
      }
    }
    return whole
  }

  /// Reads until the buffer holds `goal` bytes or the stream ends.
  private static func fill(
    _ buffer: ByteBuffer, from source: any ByteSource, to goal: Int, atEnd: inout Bool
  ) throws(CSVError) {
    while buffer.count < goal {
      do {
        if try source.read(onto: buffer, limit: max(goal - buffer.count, 64 << 10)) == 0 {
          atEnd = true
          return
        }
      } catch { throw .system(error) }
    }
  }

  /// Refuses a stream that is one line of many carriage returns.
  private static func refuseLoneReturns(_ buffer: ByteBuffer) throws(CSVError) {
    guard ByteScan.first(Dialect.newline, in: buffer.start, count: buffer.count) == nil,
      BlockReader.loneReturn(buffer, from: 0, to: buffer.count) != nil
    else { return }
    throw .loneReturns
  }

  /// The first carriage return outside quotes that no newline follows.
  private static func loneReturn(_ buffer: ByteBuffer, from start: Int, to end: Int) -> Int? {
    guard start < end,
      ByteScan.first(Dialect.carriageReturn, in: buffer.start + start, count: end - start) != nil
    else { return nil }
    var isQuoted = false
    for at in start..<end {
      let byte = buffer.start[at]
      if byte == Dialect.quote { isQuoted.toggle() }
      guard byte == Dialect.carriageReturn, !isQuoted else { continue }
      if at + 1 == end || buffer.start[at + 1] != Dialect.newline { return at }
    }
    return nil
  }

  /// The length of a UTF-8 byte-order mark; what is not CSV text at all is refused by name.
  private static func byteOrderMark(
    _ buffer: ByteBuffer, _ dialect: Dialect, hasHeader: Bool
  ) throws(CSVError) -> Int {
    let head = buffer.copy(0..<min(4, buffer.count))
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return 3 }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw .notText(kind: "UTF-16 text", remedy: "convert it with: iconv -f UTF-16 -t UTF-8")
    }
    if let kind = CompressedFormat.of(buffer.copy(0..<min(16, buffer.count))) {
      throw .notText(kind: kind.name, remedy: "pipe it through: \(kind.program) -dc")
    }
    for (magic, kind, remedy) in ForeignFormat.all where hasHeader && head.starts(with: magic.utf8)
    {
      throw .notText(kind: kind, remedy: remedy)
    }
    // Letters with a zero on the same side of each: UTF-16 that lost its mark.
    if dialect.delimiter != 0, head.count == 4, head[0] != Dialect.newline,
      (head[0] == 0) == (head[2] == 0),
      (head[1] == 0) == (head[3] == 0),
      (head[0] == 0) != (head[1] == 0)
    {
      let order = head[0] == 0 ? "UTF-16BE" : "UTF-16LE"
      throw .notText(
        kind: "UTF-16 text", remedy: "convert it with: iconv -f \(order) -t UTF-8")
    }
    return 0
  }

  private static func names(_ buffer: ByteBuffer, from start: Int, stops: [Int]) -> [String] {
    var names: [String] = []
    var from = start
    for (place, stop) in stops.enumerated() {
      var to = stop
      if place == stops.count - 1, to > from, buffer.start[to - 1] == Dialect.carriageReturn {
        to -= 1
      }
      let raw = UnsafeBufferPointer(start: buffer.start + from, count: to - from)
      let bytes = raw.first == Dialect.quote ? Block.unquoted(raw) : Array(raw)
      names.append(String(decoding: bytes, as: UTF8.self))
      from = stop + 1
    }
    return names
  }

  private static func drop(_ count: Int, from buffer: ByteBuffer) {
    let rest = buffer.copy(count..<buffer.count)
    buffer.count = 0
    buffer.append(rest)
  }
}

extension Block {
  /// Finds the records and fields of a block that `BlockReader.next` has filled.
  package func prepare() { index() }
}
