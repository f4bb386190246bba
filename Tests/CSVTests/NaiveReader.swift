import FairpostCSV
import FairpostNumerics

/// A second reader, byte by byte and in no hurry, that shares nothing with the one under test.
///
/// It states the rules: a quote opens a quoted field only as a field's first byte; inside, two quotes
/// are one; what follows the closing quote is text; LF ends a record, and a CR before it belongs to
/// the ending; blank lines are no records where there are several columns.
struct NaiveReader {
  /// What stands in a stream behind the header, in order.
  enum Item: Equatable {
    case record(fields: [[UInt8]], raw: [UInt8], line: Int)
    case blank
    case ragged(raw: [UInt8], found: Int, line: Int)
  }

  var header: [[UInt8]] = []
  var headerBytes: [UInt8] = []
  var items: [Item] = []
  /// The line a quote that never closes stands on.
  var openQuote: Int?

  init(_ bytes: [UInt8], delimiter: UInt8) {
    var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    var isFirst = true
    while position < bytes.count {
      let start = isFirst ? 0 : position
      let startLine = line
      var fields: [[UInt8]] = []
      var field: [UInt8] = []
      var isAtStart = true
      var isQuoted = false
      var quoteLine = 0
      var raw: [UInt8] = []
      var ended = false
      while position < bytes.count, !ended {
        let byte = bytes[position]
        position += 1
        if byte == 0x0A { line += 1 }
        if isQuoted {
          if byte == 0x22 {
            if position < bytes.count, bytes[position] == 0x22 {
              field.append(0x22)
              position += 1
            } else {
              isQuoted = false
            }
          } else {
            field.append(byte)
          }
        } else if byte == 0x22, isAtStart {
          isQuoted = true
          isAtStart = false
          quoteLine = line
        } else if byte == delimiter {
          fields.append(field)
          field = []
          isAtStart = true
        } else if byte == 0x0A {
          ended = true
        } else {
          field.append(byte)
          isAtStart = false
        }
      }
      if isQuoted {
        openQuote = quoteLine
        return
      }
      raw = Array(bytes[start..<position])
      var content = raw
      if ended { content.removeLast() }
      let hasReturn = content.last == 0x0D
      // A CR behind a closing quote is the ending's; one inside quotes has the quote behind it.
      if hasReturn, !field.isEmpty { field.removeLast() }
      fields.append(field)
      if isFirst {
        header = fields
        headerBytes = raw
        isFirst = false
        continue
      }
      if content.isEmpty || content == [0x0D], header.count > 1 {
        items.append(.blank)
      } else if fields.count == header.count {
        if hasReturn { content.removeLast() }
        items.append(.record(fields: fields, raw: content, line: startLine))
      } else {
        items.append(.ragged(raw: raw, found: fields.count, line: startLine))
      }
    }
  }
}

/// Bytes in memory as a source that hands out at most `step` bytes at a time.
final class BytesSource: ByteSource, @unchecked Sendable {
  private let bytes: [UInt8]
  private let step: Int
  private var position = 0

  init(_ bytes: [UInt8], step: Int = Int.max) {
    self.bytes = bytes
    self.step = step
  }

  func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    let count = min(limit, step, bytes.count - position)
    buffer.append(Array(bytes[position..<position + count]))
    position += count
    return count
  }
}

/// What the reader under test made of a stream.
struct Reading {
  var header: [String] = []
  var headerBytes: [UInt8] = []
  var items: [NaiveReader.Item] = []
  var blanks = 0
  var error: CSVError?
  /// All bytes written back without a change.
  var copied: [UInt8] = []
  var blocks = 0

  init(
    _ bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ","), columns: [String]? = nil,
    blockSize: Int = 256 << 10, step: Int = Int.max, eager: Bool = false
  ) {
    guard let dialect = Dialect(delimiter: delimiter) else { return }
    var lines = 0
    do throws(CSVError) {
      let reader = try BlockReader(
        BytesSource(bytes, step: step), dialect: dialect, columns: columns, eager: eager,
        blockSize: blockSize)
      header = reader.header.names
      headerBytes = reader.headerBytes
      copied = reader.headerBytes
      lines = reader.headerLines
      let block = reader.makeBlock()
      while try reader.next(into: block) {
        block.prepare()
        take(block, lines)
        lines += block.lineCount
        blocks += 1
      }
    } catch {
      self.error = error.line == nil ? error : error.shifted(by: lines)
    }
  }

  private mutating func take(_ block: Block, _ linesBefore: Int) {
    var found: [(line: Int, item: NaiveReader.Item)] = []
    for row in 0..<block.count {
      let line = linesBefore + block.line(of: row) + 1
      let fields = header.indices.map { block.text(row, $0) }
      found.append((line, .record(fields: fields, raw: block.recordText(row), line: line)))
    }
    for ragged in block.ragged {
      let line = linesBefore + ragged.line + 1
      found.append((line, .ragged(raw: block.text(ragged), found: ragged.found, line: line)))
    }
    items += found.sorted { $0.line < $1.line }.map(\.item)
    blanks += block.blankCount
    if block.ragged.isEmpty {
      let output = ByteBuffer(capacity: 16)
      block.assemble([], into: output)
      copied += output.contents
    }
  }
}
