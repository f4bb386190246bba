package import FairpostCSV
internal import FairpostNumerics

/// The row loop under every command: blocks are read in order, worked on by several threads, and
/// their results consumed in order.
///
/// Each worker takes the next block under a lock, works on it alone, and puts the result into its
/// place in the queue; whoever finds the queue's head filled consumes from it. So reading, working
/// and writing overlap, no thread has a special part, and the outcome cannot depend on their number.
package struct OrderedBlocks<State, Result: Sendable>: Sendable {
  /// Makes what a worker keeps between blocks.
  let makeState: @Sendable () -> State
  /// Turns a block into its result; runs on several threads.
  let transform: @Sendable (Block, inout State) throws -> Result
  /// Takes a result in the order of the blocks; runs on one thread at a time.
  let consume: @Sendable (Result) throws -> Void

  /// A loop from its three parts.
  package init(
    makeState: @escaping @Sendable () -> State,
    transform: @escaping @Sendable (Block, inout State) throws -> Result,
    consume: @escaping @Sendable (Result) throws -> Void
  ) {
    self.makeState = makeState
    self.transform = transform
    self.consume = consume
  }

  /// What the workers share about results that are not consumed yet.
  private struct Queue {
    var pending: [Int: Swift.Result<Result, any Error>] = [:]
    var head = 0
    var isConsuming = false
    var failure: (any Error)?
  }

  /// What the workers share about the input.
  private struct Input {
    let reader: BlockReader
    var nextTicket = 0
    var atEnd = false
  }

  /// Runs over the whole stream; throws the error that comes first in it.
  package func run(_ reader: consuming BlockReader, threads: Int) throws {
    let input = Guarded(Input(reader: reader))
    let queue = Guarded(Queue())
    // Enough that nobody waits for one slow block, little enough that memory stays flat.
    let limit = 4 * max(threads, 1)
    // The records of all blocks before the one whose turn it is to be counted.
    let counted = Guarded((ticket: 0, records: 0))
    let transform = transform
    let makeState = makeState
    let consume = consume

    Parallel.run(threads: threads) { _ in
      var state = makeState()
      let block = input.withLock { $0.reader.makeBlock() }
      while true {
        // Nobody reads far ahead of what is consumed.
        let isStopped = queue.wait(until: { $0.failure != nil || $0.pending.count < limit }) {
          $0.failure != nil
        }
        if isStopped { return }
        let (ticket, read): (Int, Swift.Result<Bool, any Error>) = input.withLock { input in
          guard !input.atEnd else { return (-1, .success(false)) }
          let read = Swift.Result<Bool, any Error> { try input.reader.next(into: block) }
          if case .success(true) = read {} else { input.atEnd = true }
          defer { input.nextTicket += 1 }
          return (input.nextTicket, read)
        }
        let result: Swift.Result<Result, any Error>
        switch read {
        case .success(false): return
        case .failure(let error): result = .failure(error)
        case .success(true):
          block.prepare()
          block.firstRecord = OrderedBlocks.number(block, ticket, counted)
          result = Swift.Result { try transform(block, &state) }
        }
        OrderedBlocks.deliver(result, ticket, to: queue, consume)
      }
    }
    if let failure = queue.withLock({ $0.failure }) { throw failure }
  }

  /// How many records stand before a block: known once the blocks before it have been looked at.
  private static func number(
    _ block: Block, _ ticket: Int, _ counted: Guarded<(ticket: Int, records: Int)>
  ) -> Int {
    let first = counted.wait(until: { $0.ticket == ticket }) { $0.records }
    counted.change { $0 = (ticket + 1, first + block.count) }
    return first
  }

  /// Puts a result into the queue and, unless another thread is at it, consumes from the head.
  private static func deliver(
    _ result: Swift.Result<Result, any Error>, _ ticket: Int, to queue: Guarded<Queue>,
    _ consume: @Sendable (Result) throws -> Void
  ) {
    var isMine = queue.withLock { queue in
      queue.pending[ticket] = result
      if queue.isConsuming { return false }
      queue.isConsuming = true
      return true
    }
    while isMine {
      let next = queue.withLock { queue -> Swift.Result<Result, any Error>? in
        guard queue.failure == nil, let next = queue.pending.removeValue(forKey: queue.head) else {
          queue.isConsuming = false
          return nil
        }
        queue.head += 1
        return next
      }
      guard let next else {
        isMine = false
        queue.change { _ in }
        continue
      }
      do { try consume(next.get()) } catch {
        queue.change { $0.failure = error }
      }
      queue.change { _ in }
    }
  }
}
