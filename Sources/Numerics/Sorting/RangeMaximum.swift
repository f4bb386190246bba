/// Finds the largest number of any stretch of a list without walking over the stretch.
///
/// The list is cut into blocks; a table holds the best of every power of two of blocks from each block on. Among
/// equals the first counts.
package struct RangeMaximum: Sendable {
  private static let blockSize = 32
  private let values: [Double]
  /// At level k the place of the largest number of 2^k blocks from each block on.
  private var levels: [[Int32]] = []

  /// A table of a list.
  package init(_ values: [Double]) {
    self.values = values
    let blocks = stride(from: 0, to: values.count, by: Self.blockSize).map { start in
      Int32(Self.best(start..<min(start + Self.blockSize, values.count), values))
    }
    levels.append(blocks)
    var span = 1
    while 2 * span <= blocks.count {
      let last = levels[levels.count - 1]
      levels.append(
        (0...(blocks.count - 2 * span)).map { place in
          Int32(better(Int(last[place]), Int(last[place + span])))
        })
      span *= 2
    }
  }

  /// The place of the largest number of a stretch that is not empty.
  package func place(in stretch: Range<Int>) -> Int {
    let first = (stretch.lowerBound + Self.blockSize - 1) / Self.blockSize
    let end = stretch.upperBound / Self.blockSize
    guard first < end else { return Self.best(stretch, values) }
    let level = Int.bitWidth - 1 - (end - first).leadingZeroBitCount
    var found = Int(levels[level][first])
    found = better(found, Int(levels[level][end - (1 << level)]))
    let (head, tail) = (
      stretch.lowerBound..<(first * Self.blockSize), (end * Self.blockSize)..<stretch.upperBound
    )
    if !head.isEmpty { found = better(Self.best(head, values), found) }
    if !tail.isEmpty { found = better(found, Self.best(tail, values)) }
    return found
  }

  private func better(_ left: Int, _ right: Int) -> Int {
    values[right] > values[left] ? right : left
  }

  private static func best(_ stretch: Range<Int>, _ values: [Double]) -> Int {
    var best = stretch.lowerBound
    for place in stretch where values[place] > values[best] { best = place }
    return best
  }
}
