package import FairpostNumerics
package import FairpostPipeline
internal import FairpostTransport

/// A split that must know all rows before it can place the first.
///
/// The file is read twice: first every row's stratum and hash, then the rows again, on one thread, since
/// their places in the file say which is which.
package struct StratifiedSplit {
  /// The rows, to be read once more.
  package let rows: Input
  private let parts: [Int32]
  private let binned: [ColumnReference]
  private let next = Guarded(0)

  /// Reads the strata and settles every row's part.
  ///
  /// - Parameters:
  ///   - stratum: the columns whose combinations are divided alike; none for all rows together.
  ///   - assign: the part of each row, from the rows' strata and hashes.
  package init(
    _ path: String?, _ settings: InputSettings, stratum: [String], id: String?, hash: StableHash,
    memoryLimit: Int, _ console: Console, assign: ([Int32], [UInt64]) -> [Int32]
  ) throws {
    let passes = try TwicePass(path, settings, memoryLimit: memoryLimit)
    let first = passes.firstPass
    var request = TableRequest()
    if !stratum.isEmpty { request.groups = [try first.columns(stratum)] }
    request.hashes = [(hash, try id.map { try first.column($0) })]
    let table = try first.table(request, progress: console.bar(size: first.size))
    let strata = table.groups.first?.codes ?? Array(repeating: 0, count: table.count)
    parts = assign(strata, table.hashes[0])
    var single = settings
    single.threads = 1
    single.rejects = nil
    let second = try passes.secondPass(single)
    binned = try stratum.filter { settings.bins[$0] != nil }.map { try second.column($0) }
    rows = second
  }

  /// The part of each row of the next batch.
  package func partOf(_ batch: inout Batch) -> [Int32] {
    // Rows that the first reading skipped are skipped again.
    for column in binned { _ = batch.numbers(column) }
    let bad = batch.badRows
    let rows = 0..<batch.count
    let isOut = rows.map { batch.isLeftOut($0) || bad.contains($0) }
    return next.withLock { next in
      rows.map { row in
        guard !isOut[row], next < parts.count else { return 0 }
        defer { next += 1 }
        return parts[next]
      }
    }
  }
}
