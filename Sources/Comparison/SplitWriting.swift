package import FairpostCSV
internal import FairpostNumerics
package import FairpostPipeline

/// Writes the rows of a stream with their parts: into a file for each, or with a column that names it.
package enum SplitWriting {
  package static func files(
    _ input: Input, _ names: [String], _ outputs: [OutputFile],
    _ partOf: @escaping @Sendable (inout Batch) -> [Int32]
  ) throws -> Tally {
    for output in outputs { try output.write(input.headerText(appending: [])) }
    return try input.run(
      makeState: {},
      transform: { (batch: inout Batch, _: inout Void) -> [Int32] in
        let parts = partOf(&batch)
        for row in 0..<batch.count where !batch.isLeftOut(row) {
          batch.tally(names[Int(parts[row])])
        }
        return parts
      },
      finish: { (parts: [Int32], block: Block, settled: Settled, _: inout Void) -> [ByteBuffer] in
        let dropped = Set(settled.dropped)
        return names.indices.map { part in
          let others = parts.indices.filter { parts[$0] != Int32(part) || dropped.contains($0) }
          let buffer = ByteBuffer(capacity: 64 << 10)
          block.assemble([], dropped: others, into: buffer)
          return buffer
        }
      },
      consume: { (buffers: [ByteBuffer], _: Tally) in
        for (output, buffer) in zip(outputs, buffers) { try output.write(buffer) }
      })
  }
}

/// Appends the name of each row's part.
package struct SplitFilter: RowFilter {
  package let columnNames: [String]
  private let texts: [[UInt8]]
  private let names: [String]
  private let partOf: @Sendable (inout Batch) -> [Int32]

  /// Parts by their names.
  package init(
    column: String, names: [String], dialect: Dialect,
    partOf: @escaping @Sendable (inout Batch) -> [Int32]
  ) {
    columnNames = [column]
    self.names = names
    texts = names.map { dialect.quoted(Array($0.utf8)) }
    self.partOf = partOf
  }

  package func makeWorker() {}

  package func process(_ batch: inout Batch, _: inout Void) throws -> [OutputColumn.Values] {
    let parts = partOf(&batch)
    var counts = Array(repeating: 0, count: names.count)
    for part in parts { counts[Int(part)] += 1 }
    if batch.leavesOut {
      counts = Array(repeating: 0, count: names.count)
      for (row, part) in parts.enumerated() where !batch.isLeftOut(row) { counts[Int(part)] += 1 }
    }
    for (name, count) in zip(names, counts) { batch.tally(name, count) }
    return [.choices(parts, from: texts)]
  }
}
