import FairpostCSV
import FairpostNumerics
import FairpostPipeline
import Testing

/// The row loop: the order of the stream for any number of threads, and its first error.
@Suite struct OrderedBlocksTests {
  private struct Planned: Error, Equatable { let row: Int }

  private static let text =
    "n,pad\n" + (0..<5000).map { "\($0),\(String(repeating: "p", count: $0 % 50))\n" }.joined()

  private func reader(_ text: String = text) throws -> BlockReader {
    try BlockReader(BytesSource(text, step: 300), dialect: .comma, blockSize: 700)
  }

  /// Work of uneven length, so that blocks are finished out of order.
  private static func dawdle(_ block: Block) -> UInt64 {
    var state = RandomStream(seed: 5, purpose: "dawdle", index: UInt64(block.count))
    var sum: UInt64 = 0
    for _ in 0..<Int((block.text(0, 0).last ?? 0) % 7) * 3000 { sum &+= state.next() }
    return sum
  }

  private func rows(threads: Int) throws -> [String] {
    let seen = Guarded<[String]>([])
    let loop = OrderedBlocks<Int, ([String], UInt64)>(
      makeState: { 0 },
      transform: { block, state in
        state += 1
        let rows = (0..<block.count).map { String(decoding: block.text($0, 0), as: UTF8.self) }
        return (rows, Self.dawdle(block))
      },
      consume: { result in seen.withLock { $0 += result.0 } })
    try loop.run(reader(), threads: threads)
    return seen.withLock { $0 }
  }

  @Test(arguments: [1, 2, 3, 8]) func keepsTheOrder(threads: Int) throws {
    for _ in 0..<5 { #expect(try rows(threads: threads) == (0..<5000).map { "\($0)" }) }
  }

  @Test(arguments: [1, 2, 4, 8]) func theFirstErrorOfTheStreamWins(threads: Int) throws {
    for first in [0, 700, 4999] {
      let last = Guarded(-1)
      let loop = OrderedBlocks<Void, Int>(
        makeState: {},
        transform: { block, _ in
          let numbers = (0..<block.count).map {
            Int(String(decoding: block.text($0, 0), as: UTF8.self)) ?? -1
          }
          // A later block fails at once, the earlier one late.
          if numbers.contains(first) {
            _ = Self.dawdle(block)
            throw Planned(row: first)
          }
          if let row = numbers.first(where: { $0 > first }) { throw Planned(row: row) }
          return numbers.last ?? -1
        },
        consume: { number in last.withLock { $0 = number } })
      #expect(throws: Planned(row: first)) { try loop.run(reader(), threads: threads) }
      #expect(last.withLock { $0 } < first)
    }
  }

  @Test(arguments: [1, 3]) func aConsumerMayFail(threads: Int) throws {
    let loop = OrderedBlocks<Void, Int>(
      makeState: {}, transform: { block, _ in block.count },
      consume: { _ in throw Planned(row: 1) })
    #expect(throws: Planned(row: 1)) { try loop.run(reader(), threads: threads) }
  }

  @Test(arguments: [1, 3]) func errorsOfTheReaderComeInTheirPlace(threads: Int) throws {
    let text = Self.text + "5000,\"never closed\n"
    let count = Guarded(0)
    let loop = OrderedBlocks<Void, Int>(
      makeState: {}, transform: { block, _ in block.count },
      consume: { rows in count.withLock { $0 += rows } })
    #expect(throws: CSVError.self) { try loop.run(reader(text), threads: threads) }
    #expect(count.withLock { $0 } == 5000)
  }

  @Test func nothingToRead() throws {
    let loop = OrderedBlocks<Void, Int>(
      makeState: {}, transform: { block, _ in block.count }, consume: { _ in })
    try loop.run(reader("a,b\n"), threads: 4)
  }
}
