import Foundation
import FairpostTestSupport
import Testing

/// Every call of the system that a command makes fails once.
@Suite(.enabled(if: Program.isBuilt && installed("cc") != nil && !Torture.isSanitized))
struct FailingCallTests {
  /// Errors of the system; -1 is a read or write that does less than it was asked to.
  private static let errors = [ENOSPC, EIO, ENOMEM, EACCES, EMFILE, EINTR, EAGAIN, -1]

  @Test func noFailureIsSilentOrLeavesHalfAFile() throws {
    let scratch = try Torture.prepared()
    defer { scratch.remove() }
    let source = Shared.repository.appendingPathComponent("Tests/TortureTests/failing.c").path
    let shim = scratch.url.appendingPathComponent("failing.so").path
    let built = try Program.run(
      executable: "/bin/sh", ["-c", "cc -O1 -w -shared -fPIC -o '\(shim)' '\(source)' -ldl"])
    guard built.status == 0 else { throw Torture.Broken(built.errorText) }
    let kept = try Torture.names(scratch)
    var dice = Dice(Torture.seed)
    var runs = 0

    func run(_ command: String, _ environment: [String: String]) throws -> ProgramRun {
      var environment = environment
      environment["LD_PRELOAD"] = shim
      environment["TMPDIR"] = scratch.url.path
      let words = try Program.shell(
        "printf '%s\\0' \(command)", directory: scratch.url
      ).output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return try Program.run(
        words, input: Array(Torture.data.utf8), environment: environment, directory: scratch.url,
        timeout: 30)
    }
    func results() throws -> [String: Data] {
      var found: [String: Data] = [:]
      for name in try Torture.names(scratch) where !kept.contains(name) && name != "calls" {
        let url = scratch.url.appendingPathComponent(name)
        found[name] = try Data(contentsOf: url)
        try FileManager.default.removeItem(at: url)
      }
      return found
    }

    // In the short form each call meets one error, and the commands take turns.
    var cases: [(command: String, call: Int, name: String, error: Int32)] = []
    var expected: [String: [String: Data]] = [:]
    var usual: [String: Int32] = [:]
    for command in Torture.commands {
      let calls = scratch.url.appendingPathComponent("calls").path
      let whole = try run(command, ["FAIRPOST_CALLS": calls])
      #expect(whole.status < 64, "\(command): \(whole.errorText)")
      usual[command] = whole.status
      expected[command] = try results()
      let names = try String(contentsOfFile: calls, encoding: .utf8).split(separator: "\n")
      #expect(names.count > 3, "\(command): the shim saw nothing")
      for (call, name) in names.enumerated() {
        for error in Self.errors { cases.append((command, call, String(name), error)) }
      }
    }
    var order = Array(cases.indices)
    for place in order.indices { order.swapAt(place, place + dice.roll(order.count - place)) }
    let until = Date().addingTimeInterval(Torture.seconds)
    for place in order where Date() < until {
      let (command, call, name, error) = cases[place]
      let outcome = try run(command, ["FAIRPOST_FAIL": "\(call):\(error)"])
      runs += 1
      let found = try results()
      let label = Comment(
        rawValue: "\(command), call \(call) (\(name)), error \(error): \(outcome.errorText)")
      #expect(Torture.fault(outcome) == nil, label)
      let isDone = outcome.status == usual[command]
      if isDone {
        // What was not told did not matter.
        #expect(found == expected[command], label)
      } else {
        // A file that is there is whole; temporary files are gone, unless their removal failed.
        for (file, bytes) in found where name != "unlink" {
          #expect(bytes == expected[command]?[file], label)
        }
      }
      // A signal, a stream that is not ready and a short count are none of the user's business; an
      // error in writing is.
      let isHarmless =
        error == EINTR
        ? ["open", "read", "write", "fsync", "poll"].contains(name)
        : [EAGAIN, -1].contains(error) && ["read", "write"].contains(name)
      if isHarmless { #expect(isDone, label) }
      if !isHarmless, error > 0, ["write", "fsync", "rename"].contains(name) {
        #expect(!isDone, label)
      }
      if name == "words" { #expect(isDone, label) }
    }
    print("failing calls: \(runs) of \(cases.count) cases")
    #expect(runs > 0)
  }
}
