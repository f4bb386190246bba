import FairpostTestSupport
import Foundation
import Testing

/// A service over a Unix socket: every client gets its own answers, whatever others do, and none is lost.
@Suite(.enabled(if: Program.isBuilt), .serialized) struct ServiceLawTests {
  /// A running service in a folder of its own.
  private final class Service: @unchecked Sendable {
    let socket: String
    private let process = Process()
    private let log: URL

    init(_ words: [String], in scratch: Scratch, isAwaited: Bool = true) throws {
      // The path of a socket may have some hundred bytes only.
      socket = scratch.url.appendingPathComponent("\(UUID().uuidString.prefix(4)).sock").path
      log = try scratch.file("log-\(UUID().uuidString)", [])
      process.executableURL = URL(fileURLWithPath: try #require(Program.path))
      process.arguments = words + ["--socket", socket]
      process.environment = Program.plainEnvironment
      process.currentDirectoryURL = scratch.url
      process.standardError = try FileHandle(forWritingTo: log)
      process.standardOutput = FileHandle.nullDevice
      process.standardInput = FileHandle.nullDevice
      try process.run()
      if isAwaited { waitUntilThere() }
    }

    /// Waits until its socket is there, looking this often.
    func waitUntilThere(microseconds pause: UInt32 = 5_000) {
      var looks = 10_000_000 / Int(pause)
      while looks > 0, access(socket, F_OK) != 0 {
        usleep(pause)
        looks -= 1
      }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// What it has said so far, once it says this.
    func words(with part: String) throws -> String {
      var text = ""
      for _ in 0..<2000 {
        text = try String(contentsOf: log, encoding: .utf8)
        if text.contains(part) { return text }
        usleep(5_000)
      }
      return text
    }

    /// Ends it; its exit status.
    func stop() -> Int32 {
      signal(SIGTERM)
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  /// A folder with records and maps.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    let made = try Program.shell(
      """
      set -e
      fairpost synth loans -q -n 2000 --seed 7 | cut -d, -f1,2,9,10 > rows.csv
      awk -F, -v OFS=, 'NR == 1 { print $0, "second"; next } { print $0, 1 - $4 }' rows.csv > two.csv
      fairpost fit -q --score score --score second --group sex -o a.map two.csv
      fairpost fit -q --score score --score second --group sex --epsilon 0.7 -o b.map two.csv
      cp a.map the.map
      fairpost apply -q -m a.map two.csv > a.csv
      fairpost apply -q -m b.map two.csv > b.csv
      sed 1d two.csv | awk -F, '{
        printf "{\\"id\\":\\"%s\\",\\"sex\\":\\"%s\\",\\"score\\":%s,\\"second\\":%s}\\n", $1, $2, $4, $5 }' > two.jsonl
      fairpost apply -q -m a.map --lines json two.jsonl > a.jsonl
      """, directory: scratch.url)
    try #require(made.status == 0, "\(made.errorText)")
    return scratch
  }

  private func lines(_ name: String, _ scratch: Scratch) throws -> [String] {
    try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  /// Runs one body a client, each on a thread of its own, and gives what went wrong.
  private func clients(_ count: Int, _ body: @escaping @Sendable (Int) throws -> String?)
    -> [String]
  {
    let lock = NSLock()
    nonisolated(unsafe) var faults: [String] = []
    let group = DispatchGroup()
    for number in 0..<count {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        var fault: String?
        do { fault = try body(number) } catch { fault = "\(error)" }
        if let fault { lock.withLock { faults.append("client \(number): \(fault)") } }
      }
      thread.start()
    }
    group.wait()
    return faults
  }

  @Test(arguments: ["csv", "json"]) func everyClientGetsItsOwnAnswers(_ form: String) throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let isJSON = form == "json"
    let records = try lines(isJSON ? "two.jsonl" : "two.csv", scratch)
    let wanted = try lines(isJSON ? "a.jsonl" : "a.csv", scratch)
    let service = try Service(
      ["apply", "-m", "the.map", "--lines", form, "--clients", "40"], in: scratch)
    let count = 64
    let faults = clients(count) { number in
      let client = try UnixClient(service.socket)
      var own = Array(stride(from: isJSON ? number : number + 1, to: records.count, by: count))
      if !isJSON { own.insert(0, at: 0) }
      switch number % 4 {
      case 0:
        // One at a time, the answer awaited.
        for place in own {
          client.send(records[place] + "\n")
          if client.line() != wanted[place] { return "record \(place)" }
        }
      case 1, 2:
        // All at once; one of them reads slowly.
        for place in own { client.send(records[place] + "\n") }
        client.endSending()
        for place in own {
          if number % 4 == 2 { usleep(2_000) }
          if client.line() != wanted[place] { return "record \(place)" }
        }
        if client.line() != nil { return "more answers than records" }
      default:
        // Gone before its answers.
        for place in own.prefix(9) { client.send(records[place] + "\n") }
      }
      client.hangUp()
      if number == 20 { service.signal(SIGHUP) }
      return nil
    }
    #expect(faults == [])
    #expect(service.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: service.socket))
    #expect(try service.words(with: "64 clients").contains("64 clients"))
  }

  /// While the map is exchanged again and again, each answer is wholly of one map or the other.
  @Test func mapsAreExchangedWithoutAMixedAnswer() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let records = try lines("two.csv", scratch)
    let (a, b) = (try lines("a.csv", scratch), try lines("b.csv", scratch))
    let service = try Service(["apply", "-m", "the.map"], in: scratch)
    let map = scratch.url.appendingPathComponent("the.map")
    func exchange(_ name: String, _ words: String) throws {
      let bytes = try Data(contentsOf: scratch.url.appendingPathComponent(name))
      try bytes.write(to: map, options: .atomic)
      service.signal(SIGHUP)
    }
    let client = try UnixClient(service.socket)
    client.send(records[0] + "\n")
    #expect(client.line() == a[0])
    var seen = (0, 0)
    for place in 1..<1500 {
      if place % 100 == 0 { try exchange(place % 200 == 0 ? "a.map" : "b.map", "read again") }
      client.send(records[place] + "\n")
      let answer = client.line()
      if answer == a[place] { seen.0 += 1 }
      if answer == b[place] { seen.1 += 1 }
      #expect(answer == a[place] || answer == b[place])
    }
    #expect(seen.0 > 0 && seen.1 > 0)
    // A map that cannot be read, or reads other columns, changes nothing.
    try Data("{".utf8).write(to: map)
    service.signal(SIGHUP)
    #expect(
      try service.words(with: "goes on with what it had").contains("goes on with what it had"))
    client.send(records[1500] + "\n")
    let answer = client.line()
    #expect(answer == a[1500] || answer == b[1500])
    client.hangUp()
    #expect(service.stop() == 0)
  }

  /// SIGTERM: what has arrived is answered, then the connection ends.
  @Test func whatHasArrivedIsAnswered() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let records = try lines("two.csv", scratch)
    let wanted = try lines("a.csv", scratch)
    let service = try Service(["apply", "-m", "the.map"], in: scratch)
    let client = try UnixClient(service.socket)
    client.send(records[0] + "\n")
    #expect(client.line() == wanted[0])
    client.send(records[1...1000].map { $0 + "\n" }.joined())
    service.signal(SIGTERM)
    for place in 1...1000 { #expect(client.line() == wanted[place]) }
    #expect(client.line() == nil)
    #expect(service.stop() == 0)
  }

  /// Whoever sees the socket can connect, however early: a script that waits for the file is right.
  @Test func theSocketIsThereOnceItTakesClients() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let records = try lines("two.csv", scratch)
    let wanted = try lines("a.csv", scratch)
    for _ in 0..<20 {
      let service = try Service(["apply", "-m", "the.map"], in: scratch, isAwaited: false)
      service.waitUntilThere(microseconds: 1)
      let client = try UnixClient(service.socket)
      client.send(records[0] + "\n")
      #expect(client.line() == wanted[0])
      client.hangUp()
      #expect(service.stop() == 0)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
    #expect(!left.contains { $0.hasPrefix(".") })
  }

  @Test func moreClientsThanTheLimitWait() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let records = try lines("two.csv", scratch)
    let wanted = try lines("a.csv", scratch)
    let service = try Service(["apply", "-m", "the.map", "--clients", "1"], in: scratch)
    let first = try UnixClient(service.socket)
    first.send(records[0] + "\n")
    #expect(first.line() == wanted[0])
    let second = try UnixClient(service.socket)
    second.send(records[0] + "\n" + records[1] + "\n")
    first.send(records[2] + "\n")
    #expect(first.line() == wanted[2])
    first.hangUp()
    #expect(second.line() == wanted[0])
    #expect(second.line() == wanted[1])
    second.hangUp()
    #expect(service.stop() == 0)
  }

  @Test func predictServesToo() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let made = try Program.shell(
      """
      fairpost synth loans -q -n 300 | cut -d, -f2-9 > train.csv
      fairpost train linear -q --task repaid -o y.model train.csv
      fairpost predict -q -m y.model train.csv > predicted.csv
      """, directory: scratch.url)
    try #require(made.status == 0, "\(made.errorText)")
    let records = try lines("train.csv", scratch)
    let wanted = try lines("predicted.csv", scratch)
    let service = try Service(["predict", "-m", "y.model"], in: scratch)
    let client = try UnixClient(service.socket)
    for place in records.indices {
      client.send(records[place] + "\n")
      #expect(client.line() == wanted[place])
    }
    client.hangUp()
    #expect(service.stop() == 0)
  }

  /// A client whose records are bad ends alone.
  @Test func aBadRecordCostsItsClientOnly() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let records = try lines("two.csv", scratch)
    let wanted = try lines("a.csv", scratch)
    let service = try Service(["apply", "-m", "the.map"], in: scratch)
    let good = try UnixClient(service.socket)
    good.send(records[0] + "\n")
    #expect(good.line() == wanted[0])
    let bad = try UnixClient(service.socket)
    bad.send(records[0] + "\n" + records[1] + "\nx,F,1,many,0.5\n" + records[2] + "\n")
    #expect(bad.line() == wanted[0])
    #expect(bad.line() == wanted[1])
    #expect(bad.line() == nil)
    let lost = try UnixClient(service.socket)
    lost.send("other,columns\n")
    #expect(lost.line() == nil)
    good.send(records[3] + "\n")
    #expect(good.line() == wanted[3])
    good.hangUp()
    let words = try service.words(with: "no column")
    #expect(words.contains("client 2:3: column \"score\": \"many\" is not a number"))
    #expect(service.stop() == 0)
  }
}
