import Foundation
import FairpostTestSupport
import Testing

/// The runner itself, on cases made here with commands of the shell.
@Suite struct RunnerTests {
  private func makeCase(_ files: [String: String], in scratch: Scratch) throws -> GoldenCase {
    let folder = try scratch.folder("topic/case")
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    return try #require(GoldenCase.all(below: scratch.url).first)
  }

  private func faults(_ files: [String: String]) throws -> [String] {
    let scratch = try Scratch()
    defer { scratch.remove() }
    return try makeCase(files, in: scratch).check()
  }

  @Test func passesWhereAllIsAsExpected() throws {
    let files = [
      "cmd": "cat in.txt; echo oops >&2; exit 3\n", "in.txt": "a\n", "expout": "a\n",
      "experr": "oops\n", "expstatus": "3\n",
    ]
    #expect(try faults(files) == [])
  }

  @Test func showsADifferenceAsLines() throws {
    let files = ["cmd": "printf 'a\\nx\\r\\nc'\n", "expout": "a\nb\nc\n"]
    let fault = try #require(try faults(files).first)
    #expect(fault.contains("-b\n"))
    #expect(fault.contains("+x\\r\n"))
    #expect(fault.contains("+\\ no newline at the end"))
    #expect(fault.contains(" a\n"))
  }

  @Test func noticesStatusAndErrors() throws {
    #expect(try faults(["cmd": "exit 1\n"]) == ["topic/case: status 1 in place of 0"])
    #expect(try faults(["cmd": "echo x >&2\n"]).count == 1)
    #expect(try faults(["cmd": "kill -9 $$\n", "expstatus": "137"]) == [])
  }

  @Test func comparesNumbersWhereAsked() throws {
    let printed = "printf 'a,b\\n1.0000000001,x\\n'\n"
    let expected = "a,b\n1,x\n"
    #expect(try faults(["cmd": printed, "expout": expected, "cmp": "numbers 1e-9\n"]) == [])
    #expect(try faults(["cmd": printed, "expout": expected, "cmp": "numbers 1e-11\n"]).count == 1)
    #expect(try faults(["cmd": printed, "expout": expected]).count == 1)
    #expect(throws: GoldenCase.BadComparison.self) {
      try faults(["cmd": "true\n", "cmp": "digits 3\n"])
    }
  }

  @Test func comparesTextAroundNumbersByBytes() {
    #expect(sameNumbers(Array("x=1 y".utf8), Array("x=1.0 y".utf8), tolerance: 0))
    #expect(!sameNumbers(Array("x=1 y".utf8), Array("x=1 z".utf8), tolerance: 1))
    #expect(!sameNumbers(Array("1,2".utf8), Array("1 2".utf8), tolerance: 1))
    #expect(!sameNumbers(Array("1".utf8), Array("1,2".utf8), tolerance: 1))
    #expect(!sameNumbers(Array("1".utf8), Array("nan".utf8), tolerance: 1))
    #expect(sameNumbers(Array("inf".utf8), Array("inf".utf8), tolerance: 0))
  }

  @Test func worksInACopyWithAPlainEnvironment() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let script = "echo changed > in.txt; ls; echo $COLUMNS $LC_ALL; cat\n"
    let golden = try makeCase(
      ["cmd": script, "in.txt": "a\n", "expout": "cmd\nin.txt\n80 C\n"], in: scratch)
    #expect(try golden.check() == [])
    let input = try String(
      contentsOf: golden.folder.appendingPathComponent("in.txt"), encoding: .utf8)
    #expect(input == "a\n")
  }

  @Test func recordsWhatWasPrinted() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let golden = try makeCase(
      ["cmd": "echo new; exit 2\n", "expout": "old\n", "experr": "old\n"], in: scratch)
    #expect(try golden.check().count == 3)
    try golden.record()
    #expect(try golden.check() == [])
    let left = try FileManager.default.contentsOfDirectory(atPath: golden.folder.path).sorted()
    #expect(left == ["cmd", "expout", "expstatus"])
  }

  @Test func killsWhatTakesTooLongWithWhatItStarted() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try Program.shell(
      "(sleep 1; echo late > late) & wait", directory: scratch.url, timeout: 0.2)
    #expect(outcome.timedOut && outcome.status == 128 + SIGKILL)
    // Had the child lived on, it would have written by now.
    usleep(1_500_000)
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
    #expect(left == [])
  }

  @Test func passesInputAndMoreOutputThanAPipeHolds() throws {
    let input = [UInt8](repeating: 0x61, count: 300_000)
    let outcome = try Program.shell(
      "cat; cat /dev/null; head -c 200000 /dev/zero >&2", input: input)
    #expect(outcome.output == input)
    #expect(outcome.errors.count == 200_000)
  }

  #if os(Linux)
    @Test func limitsMemory() throws {
      let script = "exec tail /dev/zero"
      let outcome = try Program.shell(script, memoryLimit: 200_000, timeout: 60)
      #expect(outcome.status != 0 && !outcome.timedOut)
    }
  #endif
}
