internal import FairpostCGSL

/// Threads that stay, for work that comes in portions too small to start threads for.
///
/// A member that finds nothing to do looks again for some fifty microseconds and then sleeps. A
/// portion is done when all its pieces are; nobody waits for a member that is still asleep.
///
/// Memory order: the caller writes `count` and `body`, then the ticket with release; who takes a
/// piece reads the ticket with acquire, and so sees them. They stay as they are until `done` says
/// that every piece is, which each member adds to with release and the caller reads with acquire: so
/// the caller also sees what the pieces wrote. A member that finds no piece left touches neither.
package final class ThreadTeam: @unchecked Sendable {
  /// The number of the portion times 2^32, plus the pieces of it that nobody has taken.
  private let ticket: UnsafeMutablePointer<UInt64>
  /// Pieces of the portion that are done.
  private let done: UnsafeMutablePointer<UInt64>
  /// The pieces of the portion and what a piece is; written before the ticket is.
  private var count: UInt64 = 0
  private var body: (@Sendable (Int) -> Void)?
  /// The number of the portion for those who sleep; nil ends the team.
  private let portion = Guarded<UInt64?>(0)
  private let finished = Guarded<UInt64>(0)
  private let members: Int
  private static let patience = 2000

  /// A team of so many threads, the caller of `run` among them.
  package init(threads: Int) {
    ticket = .allocate(capacity: 1)
    done = .allocate(capacity: 1)
    ticket.initialize(to: 0)
    done.initialize(to: 0)
    members = max(threads, 1)
  }

  deinit {
    ticket.deallocate()
    done.deallocate()
  }

  /// Gives `use` a team and ends it afterwards.
  package static func with<Result, Failure: Error>(
    threads: Int, _ use: (ThreadTeam) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let team = ThreadTeam(threads: threads)
    var started: [Parallel.Handle] = []
    for _ in 1..<team.members {
      if let handle = Parallel.start({ team.serve() }) { started.append(handle) }
    }
    defer {
      team.portion.change { $0 = nil }
      for handle in started { handle.join() }
    }
    return try use(team)
  }

  /// Runs `body(piece)` for every piece in 0..<count and waits for all; one caller at a time.
  package func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard members > 1, count > 1 else {
      for piece in 0..<count { body(piece) }
      return
    }
    self.count = UInt64(count)
    self.body = body
    cgsl_shared_write(done, 0)
    let number = (cgsl_shared_read(ticket) >> 32) + 1
    cgsl_shared_write(ticket, number << 32 | UInt64(count))
    portion.change { $0 = number }
    takePieces()
    var looks = 0
    while cgsl_shared_read(done) < UInt64(count) {
      looks += 1
      cgsl_breathe()
      if looks > Self.patience {
        finished.wait(until: { $0 == number }) { _ in }
        break
      }
    }
    self.body = nil
  }

  /// What a member does until the team ends.
  private func serve() {
    var seen: UInt64 = 0
    while true {
      var looks = 0
      while cgsl_shared_read(ticket) >> 32 == seen, looks < Self.patience {
        looks += 1
        cgsl_breathe()
      }
      let known = seen
      guard let number = portion.wait(until: { $0 != known }, { $0 }) else { return }
      seen = number
      takePieces()
    }
  }

  /// Takes pieces of the portion until there are none left.
  private func takePieces() {
    while true {
      let now = cgsl_shared_read(ticket)
      let left = now & 0xFFFF_FFFF
      guard left > 0 else { return }
      guard cgsl_shared_replace(ticket, now, now - 1) != 0 else { continue }
      // From here until the piece is done the portion cannot change.
      let all = count
      body?(Int(all - left))
      if cgsl_shared_add(done, 1) == all {
        finished.change { $0 = max($0, now >> 32) }
      }
    }
  }
}
