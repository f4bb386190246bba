package import FairpostNumerics

/// The summed meta-gradient of many tasks, on several threads with the same result as on one.
///
/// Tasks are cut into blocks whose size depends on their number alone; every block is summed in
/// order by one worker, and the blocks' sums are added in order.
package struct MetaBatch: Sendable {
  /// The network's shape.
  package let shape: NetworkShape
  private let blocks: [(tasks: Range<Int>, work: Guarded<MetaBlock>)]
  private var transposed: [[Double]]

  /// An engine for a number of tasks.
  ///
  /// - Parameters:
  ///   - support: the sums of one task's support rows, whose numbers do not matter yet.
  ///   - query: the same of the query rows.
  package init(
    shape: NetworkShape, rate: Double, steps: Int, order: MetaOrder, tasks: Int,
    support: EpisodeRows, query: EpisodeRows
  ) {
    self.shape = shape
    let size = max(1, min(16, (tasks + 1) / 2))
    blocks = stride(from: 0, to: tasks, by: size).map { first in
      let range = first..<min(first + size, tasks)
      return (
        range,
        Guarded(
          MetaBlock(
            shape: shape, rate: rate, steps: steps, order: order,
            support: support.repeated(range.count), query: query.repeated(range.count)))
      )
    }
    transposed = shape.layers.map { [Double](repeating: 0, count: $0.inputs * $0.outputs) }
  }

  /// Adds the sum over tasks of the query objective's gradient to `gradient`, and the values of the
  /// query's sums to `values`.
  ///
  /// - Parameter fill: gets a range of tasks, and sets the rows of their support and query; called
  ///   on several threads.
  package mutating func addGradient(
    _ parameters: [Double], team: ThreadTeam, into gradient: inout [Double],
    values: inout [Double],
    _ fill: @escaping @Sendable (Range<Int>, inout EpisodeRows, inout EpisodeRows) -> Void
  ) {
    for (l, layer) in shape.layers.enumerated() {
      Dense.transpose(layer, parameters: parameters, into: &transposed[l])
    }
    let weights = transposed
    let blocks = blocks
    team.run(blocks.count) { index in
      blocks[index].work.withLock { block in
        fill(blocks[index].tasks, &block.support, &block.query)
        block.differentiate(parameters, transposed: weights)
      }
    }
    for (_, work) in blocks {
      work.withLock { block in
        Elementwise.add(1, times: block.gradient, to: &gradient)
        for k in values.indices { values[k] += block.values[k] }
      }
    }
  }
}

/// The work on some of the tasks, with the room for it.
private struct MetaBlock: Sendable {
  var support: EpisodeRows
  var query: EpisodeRows
  var gradient: [Double]
  var values: [Double]
  private var together: OneStepMetaGradient?
  private var oneByOne: MetaGradient

  init(
    shape: NetworkShape, rate: Double, steps: Int, order: MetaOrder, support: EpisodeRows,
    query: EpisodeRows
  ) {
    self.support = support
    self.query = query
    gradient = [Double](repeating: 0, count: shape.parameterCount)
    values = [Double](repeating: 0, count: query.sums.count)
    oneByOne = MetaGradient(shape: shape, rate: rate, steps: steps, order: order)
    if steps == 1, shape.conditions == 0 {
      together = OneStepMetaGradient(shape: shape, rate: rate, order: order)
    }
  }

  mutating func differentiate(_ parameters: [Double], transposed: [[Double]]) {
    Elementwise.clear(&gradient)
    for k in values.indices { values[k] = 0 }
    if together != nil {
      together?.addGradient(
        support: support, query: query, parameters, transposed: transposed, into: &gradient,
        values: &values)
      return
    }
    for task in 0..<query.tasks {
      let own = MetaTask(
        support: support.batch(task), supportObjective: support.objective(task),
        query: query.batch(task), queryObjective: query.objective(task))
      _ = oneByOne.addGradient(own, parameters, into: &gradient)
      for (k, sum) in own.queryObjective.sums.enumerated() {
        values[k] += sum.value(oneByOne.queryOutputs, oneByOne.width)
      }
    }
  }
}
