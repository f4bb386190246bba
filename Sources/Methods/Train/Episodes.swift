public import Learning
public import Numerics

/// The tasks of meta-learning: rows by the value of a task column, and K-shot draws from them.
public struct Episodes: Sendable {
  /// The rows of every task that has enough of them, in order of the task's code.
  public let rows: [[Int]]
  /// The codes of those tasks.
  public let codes: [Int32]

  /// The tasks with at least `minimum` usable rows.
  public init(_ data: LearningData, minimum: Int, leavingOut heldOut: Set<Int32> = []) {
    let labels = data.tasks[0].targets
    var byCode: [Int32: [Int]] = [:]
    for row in data.episodes.indices
    where data.episodes[row] >= 0 && data.weights[row] > 0 && !labels[row].isNaN {
      byCode[data.episodes[row], default: []].append(row)
    }
    codes = byCode.keys.filter {
      (byCode[$0]?.count ?? 0) >= minimum && !heldOut.contains($0)
    }.sorted()
    rows = codes.map { byCode[$0] ?? [] }
  }

  /// K support rows and K other query rows of one task.
  public func draw(
    _ task: Int, shots: Int, queries: Int, _ stream: inout RandomStream
  ) -> (support: [Int], query: [Int]) {
    // The first places of a permutation; only as many swaps as rows are needed.
    var order = rows[task]
    let wanted = min(shots + queries, order.count)
    for i in 0..<wanted { order.swapAt(i, i + stream.below(order.count - i)) }
    return (Array(order[0..<min(shots, wanted)]), Array(order[min(shots, wanted)..<wanted]))
  }
}
