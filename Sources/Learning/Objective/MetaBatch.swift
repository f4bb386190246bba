internal import Numerics

/// The summed meta-gradient of many tasks, on several threads with the same result as on one.
///
/// Tasks are cut into blocks of fixed size; every block is summed in order by one worker, and the
/// blocks' sums are added in order.
public struct MetaBatch: Sendable {
  private let engines: Guarded<[MetaGradient]>
  private let template: MetaGradient
  private let threads: Int
  private static let blockSize = 8

  /// An engine for a shape.
  public init(
    shape: NetworkShape, rate: Double, steps: Int, order: MetaOrder, threads: Int = 1
  ) {
    template = MetaGradient(shape: shape, rate: rate, steps: steps, order: order)
    engines = Guarded([])
    self.threads = threads
  }

  /// Every task's query loss, the parameters it adapted to, and the sum of the gradients.
  public func gradient(
    _ tasks: [MetaTask], _ parameters: [Double]
  ) -> (losses: [Double], adapted: [[Double]], gradient: [Double]) {
    let size = Self.blockSize
    let blocks = (tasks.count + size - 1) / size
    let parts = Parallel.map(blocks, threads: threads) { block in
      var engine = engines.withLock { $0.popLast() } ?? template
      var gradient = [Double](repeating: 0, count: parameters.count)
      var losses: [Double] = []
      var adapted: [[Double]] = []
      for task in tasks[block * size..<min((block + 1) * size, tasks.count)] {
        losses.append(engine.addGradient(task, parameters, into: &gradient))
        adapted.append(engine.adapted)
      }
      let used = engine
      engines.withLock { $0.append(used) }
      return (losses, adapted, gradient)
    }
    var sum = [Double](repeating: 0, count: parameters.count)
    for part in parts { Elementwise.add(1, times: part.2, to: &sum) }
    return (parts.flatMap(\.0), parts.flatMap(\.1), sum)
  }
}
