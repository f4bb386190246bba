package import FairpostLearning
package import FairpostNumerics

/// The tasks of meta-learning: rows by the value of a task column, and K-shot draws from them.
package struct Episodes: Sendable {
  /// The rows of every task that has enough of them, in order of the task's code.
  package let rows: [[Int]]
  /// The codes of those tasks.
  package let codes: [Int32]
  /// How many tasks have fewer rows.
  package let tooSmall: Int

  /// The tasks with at least `minimum` usable rows.
  package init(_ data: LearningData, minimum: Int, leavingOut heldOut: Set<Int32> = []) {
    let labels = data.tasks[0].targets
    var byCode: [Int32: [Int]] = [:]
    for row in data.episodes.indices
    where data.episodes[row] >= 0 && data.weights[row] > 0 && !labels[row].isNaN {
      byCode[data.episodes[row], default: []].append(row)
    }
    let wanted = byCode.filter { !heldOut.contains($0.key) }
    codes = wanted.filter { $0.value.count >= minimum }.keys.sorted()
    tooSmall = wanted.count - codes.count
    rows = codes.map { byCode[$0] ?? [] }
  }

  /// Draws some rows of one task without putting any back, and appends them.
  package func draw(
    _ wanted: Int, of task: Int, _ stream: inout RandomStream, _ deck: inout Deck,
    into drawn: inout [Int]
  ) {
    // The first places of a permutation; only as many swaps as rows are needed.
    let own = rows[task]
    deck.extend(to: own.count)
    for place in deck.draw(min(wanted, own.count), of: own.count, &stream) {
      drawn.append(own[place])
    }
  }

  /// Room to draw in, so that a draw costs what it draws, however many rows a task has.
  package struct Deck: Sendable {
    /// Every place at its own between two draws.
    private var order: [Int] = []
    private var swaps: [Int] = []
    private var drawn: [Int] = []

    /// An empty one; it grows as needed.
    package init() {}

    fileprivate mutating func extend(to count: Int) {
      while order.count < count { order.append(order.count) }
    }

    fileprivate mutating func draw(
      _ wanted: Int, of count: Int, _ stream: inout RandomStream
    ) -> [Int] {
      swaps.removeAll(keepingCapacity: true)
      drawn.removeAll(keepingCapacity: true)
      for i in 0..<wanted {
        let j = i + stream.below(count - i)
        order.swapAt(i, j)
        swaps.append(j)
        drawn.append(order[i])
      }
      for (i, j) in swaps.enumerated() {
        order[i] = i
        order[j] = j
      }
      return drawn
    }
  }
}
