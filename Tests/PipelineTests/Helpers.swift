import FairpostCSV
import Foundation
import FairpostNumerics
import FairpostPipeline
import FairpostTestSupport
import Testing

/// Bytes in memory as a source, a few at a time.
final class BytesSource: ByteSource, @unchecked Sendable {
  private let bytes: [UInt8]
  private let step: Int
  private var position = 0

  init(_ text: String, step: Int = 1000) {
    bytes = Array(text.utf8)
    self.step = step
  }

  func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
    let count = min(limit, step, bytes.count - position)
    buffer.append(Array(bytes[position..<position + count]))
    position += count
    return count
  }
}

/// A file with a text, in a folder of its own that goes with the value.
final class TextFile {
  let scratch: Scratch
  let path: String

  init(_ text: String, name: String = "in.csv") throws {
    scratch = try Scratch()
    path = try scratch.file(name, text).path
  }

  deinit { scratch.remove() }
}

/// Runs a body and returns the failure it ends with.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch { return error as? Failure }
}

/// A filter that appends twice the number in column `x`.
struct Doubling: RowFilter {
  let column: ColumnReference
  var columnNames: [String] { ["y"] }
  var flagNames: [String] { ["big", "odd"] }
  func makeWorker() {}

  func process(_ batch: inout Batch, _: inout Void) throws -> [OutputColumn.Values] {
    let values = batch.numbers(column)
    for (row, value) in values.enumerated() {
      if value > 3 { batch.flag(row, 0) }
      if value.truncatingRemainder(dividingBy: 2) == 1 { batch.flag(row, 1) }
    }
    return [.numbers(values.map { $0 * 2 })]
  }
}

/// What a filter run left: the bytes and the tally.
func doubled(
  _ text: String, _ settings: InputSettings = InputSettings(), flag: String? = nil,
  overwrite: Bool = false
) throws -> (text: String, tally: Tally) {
  let file = try TextFile(text)
  let target = file.scratch.url.appendingPathComponent("out.csv").path
  let input = try Input(file.path, settings)
  let output = try OutputFile.open(target)
  let tally = try input.filter(
    Doubling(column: try input.column("x")), to: output, flagColumn: flag, overwrite: overwrite)
  try output.commit()
  let bytes = try Data(contentsOf: URL(fileURLWithPath: target))
  return (String(decoding: bytes, as: UTF8.self), tally)
}
