internal import FairpostCSV
internal import FairpostNumerics
internal import FairpostText

/// What can be chosen of a service.
package struct ServiceSettings: Sendable {
  /// The path of the socket.
  package let path: String
  /// How many clients are served at once; more wait.
  package let clients: Int
  /// The seconds that clients have to take their last answers when the service ends.
  package let grace: Double

  /// Settings from their values.
  package init(path: String, clients: Int, grace: Double) {
    self.path = path
    self.clients = clients
    self.grace = grace
  }
}

/// A file that filters are made of, read again on demand; what is under way goes on with what it has.
package final class Reloaded<Content: Sendable>: Sendable {
  private let state: Guarded<(number: Int, content: Content)>

  /// The first reading.
  package init(_ content: Content) { state = Guarded((0, content)) }

  /// The content, and the number of its reading.
  var current: (number: Int, content: Content) { state.withLock { $0 } }

  /// Takes another reading.
  func take(_ content: Content) { state.withLock { $0 = ($0.number + 1, content) } }
}

/// A filter over a client's records that follows a file: each batch has one reading of it throughout.
private struct FollowingFilter<Content: Sendable, Base: RowFilter>: RowFilter {
  let source: Reloaded<Content>
  let first: (number: Int, filter: Base)
  let make: @Sendable (Content) throws -> Base

  var columnNames: [String] { first.filter.columnNames }
  var flagNames: [String] { first.filter.flagNames }

  struct Worker {
    var number: Int
    var filter: Base
    var inner: Base.Worker
  }

  func makeWorker() -> Worker {
    Worker(number: first.number, filter: first.filter, inner: first.filter.makeWorker())
  }

  func process(_ batch: inout Batch, _ worker: inout Worker) throws -> [OutputColumn.Values] {
    let (number, content) = source.current
    if number != worker.number {
      let filter = try make(content)
      worker = Worker(number: number, filter: filter, inner: filter.makeWorker())
    }
    return try worker.filter.process(&batch, &worker.inner)
  }
}

/// A filter that serves many clients over a Unix socket.
///
/// Each client has a thread of its own, which reads its records as a stream and answers them in order:
/// a client that does not read its answers holds up nobody else. SIGHUP reads the file again; SIGTERM
/// ends the wait for clients, answers what has arrived, and ends.
package struct SocketService<Content: Sendable, Base: RowFilter>: Sendable {
  private let settings: ServiceSettings
  private let input: InputSettings
  private let load: @Sendable () throws -> Content
  private let columns: @Sendable (Content) -> [String]
  private let make: @Sendable (Content, Input) throws -> Base
  private let flag: String?
  private let overwrite: Bool

  /// A service that is not yet open.
  ///
  /// - Parameters:
  ///   - load: reads the file.
  ///   - columns: what a filter of it reads and writes, which stays the same from reading to reading.
  ///   - make: the filter for a client's stream.
  package init(
    _ settings: ServiceSettings, _ input: InputSettings, flag: String?, overwrite: Bool,
    load: @escaping @Sendable () throws -> Content,
    columns: @escaping @Sendable (Content) -> [String],
    make: @escaping @Sendable (Content, Input) throws -> Base
  ) {
    self.settings = settings
    var own = input
    own.isUnbuffered = true
    own.threads = 1
    self.input = own
    self.flag = flag
    self.overwrite = overwrite
    self.load = load
    self.columns = columns
    self.make = make
  }

  /// The clients that are served.
  private struct Clients {
    var files: [Int: SystemFile] = [:]
    var number = 0
    var tally = Tally()
    var isEnding = false

    mutating func leave(_ number: Int, _ end: End) {
      files[number] = nil
      if let own = end.tally { tally.add(own) }
      if end.isEarly { tally.counts["client(s) left before their last answer", default: 0] += 1 }
    }
  }

  /// How a client's stream ended.
  private struct End {
    var tally: Tally?
    var isEarly = false
  }

  /// Serves until SIGTERM or SIGINT.
  package func run(_ console: Console) throws {
    let source = Reloaded(try load())
    ServiceSignal.hold()
    let listener = try open()
    let clients = Guarded(Clients())
    let accepts = Parallel.detach {
      do {
        while true {
          clients.wait(until: { $0.files.count < settings.clients || $0.isEnding }) { _ in }
          guard let file = try listener.next() else { return }
          admit(file, clients, source, console)
        }
      } catch { Console.say("fairpost", "\(settings.path): no more clients: \(error)") }
    }
    guard accepts else {
      listener.stop()
      throw Failure(.inputOutput, "the system refuses a thread for the clients")
    }
    console.note("serving at \(settings.path)")
    while case .reload = ServiceSignal.next() { reload(source, console) }
    listener.stop()
    end(clients)
    let (number, tally) = clients.withLock { ($0.number, $0.tally) }
    console.summary(tally, ["\(number) client\(number == 1 ? "" : "s")"])
  }

  private func open() throws(Failure) -> SocketListener {
    if let given = SocketListener.handedOver() { return given }
    do throws(SocketListener.Fault) { return try SocketListener.at(settings.path) } catch {
      switch error {
      case .inUse:
        throw Failure(
          .cannotCreate, "\(settings.path): another process is serving there",
          hint: "stop it, or name another \(option: "socket")")
      case .notSocket:
        throw Failure(
          .cannotCreate, "\(settings.path): is a file, not a socket",
          hint: "name a path where there is no file")
      case .tooLong(let limit):
        throw Failure(
          .cannotCreate,
          "\(settings.path): the path of a socket can have \(limit) bytes at most")
      case .system(let error):
        throw Failure(.cannotCreate, "\(settings.path): cannot listen there: \(error.message)")
      }
    }
  }

  /// Reads the file again; where that fails, or other columns would be read or written, nothing changes.
  private func reload(_ source: Reloaded<Content>, _ console: Console) {
    do {
      let content = try load()
      guard columns(content) == columns(source.current.content) else {
        Console.say(
          "fairpost",
          "reads or writes other columns now, so the service goes on with what it had: start it anew"
        )
        return
      }
      source.take(content)
      console.note("read again")
    } catch {
      let words = (error as? Failure)?.message.description ?? "\(error)"
      Console.say("fairpost", "\(words); the service goes on with what it had")
    }
  }

  private func admit(
    _ file: SystemFile, _ clients: Guarded<Clients>, _ source: Reloaded<Content>,
    _ console: Console
  ) {
    let number = clients.withLock { clients -> Int? in
      if clients.isEnding { return nil }
      clients.number += 1
      clients.files[clients.number] = file
      return clients.number
    }
    guard let number else { return file.hangUp() }
    let isServed = Parallel.detach {
      let end = serve(file, "client \(number)", source)
      clients.change { $0.leave(number, end) }
    }
    if !isServed {
      clients.change { $0.files[number] = nil }
      Console.say("fairpost", "client \(number): the system refuses a thread")
    }
  }

  /// Answers a client's records until it has no more; what fails costs this client only.
  private func serve(
    _ file: SystemFile, _ name: String, _ source: Reloaded<Content>
  ) -> End {
    defer { file.hangUp() }
    let stream = ClientSource(file)
    let output = OutputFile.connection(file, name: name)
    do {
      // A client that goes without a word, such as a check whether the service is there, is no fault.
      guard let input = try Input.connection(stream, name: name, input) else { return End() }
      let (number, content) = source.current
      let filter = FollowingFilter(
        source: source, first: (number, try make(content, input)),
        make: { try make($0, input) })
      let tally = try input.filter(filter, to: output, flagColumn: flag, overwrite: overwrite)
      return End(tally: tally, isEarly: stream.isBroken)
    } catch {
      if stream.isBroken || output.isBroken { return End(isEarly: true) }
      switch error {
      case let error as UsageError: Console.say("fairpost", "\(name): \(error.message)")
      case let error as Failure: Console.say("fairpost", error.message)
      default: Console.say("fairpost", "\(name): internal fault: \(error)")
      }
      return End()
    }
  }

  /// Lets clients take what is owed to them, for so long.
  private func end(_ clients: Guarded<Clients>) {
    clients.change { clients in
      clients.isEnding = true
      for file in clients.files.values { file.endReading() }
    }
    func waitForAll(_ seconds: Double) {
      let until = ProcessFacts.seconds + seconds
      while clients.withLock({ !$0.files.isEmpty }), ProcessFacts.seconds < until {
        ProcessFacts.sleep(milliseconds: 5)
      }
    }
    waitForAll(settings.grace)
    clients.withLock { clients in for file in clients.files.values { file.hangUp() } }
    waitForAll(1)
  }
}
