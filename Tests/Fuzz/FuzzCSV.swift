import FairpostCSV
import FairpostNumerics

/// Bytes in memory, a few at a time.
private final class Bytes: ByteSource, @unchecked Sendable {
  private let bytes: ArraySlice<UInt8>
  private let step: Int
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>, step: Int) {
    self.bytes = bytes
    self.step = step
    position = bytes.startIndex
  }

  func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    let count = min(limit, step, bytes.endIndex - position)
    buffer.append(Array(bytes[position..<position + count]))
    position += count
    return count
  }
}

/// The reader over any bytes: the first three choose block size, step and delimiter.
///
/// Records, ragged ones and blank lines joined again are the input, and one big block says the same
/// as many small ones.
@Sendable
func fuzzCSV(_ data: [UInt8]) {
  guard data.count >= 3, let dialect = Dialect(delimiter: data[2]) else { return }
  let text = data[3...]
  let small = walk(text, dialect, blockSize: 1 + Int(data[0]), step: 1 + Int(data[1] % 32))
  let large = walk(text, dialect, blockSize: 1 << 16, step: 1 << 16)
  precondition(small.fields == large.fields, "the block size changed the fields")
  precondition(small.error == large.error, "the block size changed the error")
  if small.error == nil {
    precondition(small.copied == Array(text), "bytes were lost")
    precondition(large.copied == Array(text), "bytes were lost")
  }
}

private func walk(
  _ text: ArraySlice<UInt8>, _ dialect: Dialect, blockSize: Int, step: Int
) -> (fields: [[UInt8]], copied: [UInt8], error: CSVError?) {
  var fields: [[UInt8]] = []
  var copied: [UInt8] = []
  var lines = 0
  do throws(CSVError) {
    let reader = try BlockReader(
      Bytes(text, step: step), dialect: dialect, eager: step % 2 == 0, blockSize: blockSize)
    copied = reader.headerBytes
    lines = reader.headerLines
    let block = reader.makeBlock()
    var keys = TupleTable(width: 1)
    var codes: [Int32] = []
    var numbers: [Double] = []
    var problems: [FieldProblem] = []
    while try reader.next(into: block) {
      block.prepare()
      for row in 0..<block.count {
        for column in reader.header.names.indices { fields.append(block.text(row, column)) }
      }
      keys.encode(block, columns: [0], missing: ["a"], into: &codes)
      for code in codes where code >= 0 { precondition(Int(code) < keys.tuples.count) }
      block.numbers(reader.header.names.count - 1, into: &numbers, problems: &problems)
      let columns = [
        OutputColumn(.appended, .numbers(numbers)), OutputColumn(.replacing(0), .numbers(numbers)),
      ]
      for column in columns { block.assemble([column], into: ByteBuffer(capacity: 1)) }
      if block.ragged.isEmpty {
        let output = ByteBuffer(capacity: 1)
        block.assemble([], into: output)
        copied += output.contents
      } else {
        // Ragged records stand among the others by line.
        var pieces = (0..<block.count).map { (block.line(of: $0), block.recordLine($0)) }
        pieces += block.ragged.map { ($0.line, block.text($0)) }
        pieces.sort { $0.0 < $1.0 }
        let blanks = block.blankCount
        let joined = pieces.flatMap { $0.1 }
        precondition(blanks > 0 || joined == block.buffer.contents, "bytes were lost")
        copied += block.buffer.contents
      }
      lines += block.lineCount
    }
  } catch { return (fields, copied, error.line == nil ? error : error.shifted(by: lines)) }
  return (fields, copied, nil)
}
