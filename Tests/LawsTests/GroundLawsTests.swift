import Foundation
import FairpostTestSupport
import Testing

/// The laws of the row loop, through the built program and its plainest filter.
@Suite(.enabled(if: Program.isBuilt)) struct GroundLawsTests {
  /// Nasty but well-formed: quotes, newlines, bytes that are not text, blank lines, both endings.
  private static let nasty: [UInt8] =
    Array("\u{FEFF}id,\"na,me\",x\r\n1,\"a \"\"q\"\"\",001\n\n2,\"two\r\nlines\", 1.50 \r\n3,".utf8)
    + [0xFF, 0x00, 0xE9] + Array(",\"\"\n4,it\"s,\"plain\"\r\n\r\n5,,-0".utf8)

  /// Many rows, some quoted, so that a run has many blocks.
  private static let many: [UInt8] = Array(
    ("id,text,x\n"
      + (0..<60_000).map { $0 % 9 == 0 ? "\($0),\"a,\n\($0)\",1\n" : "\($0),plain,0.\($0)\n" }
      .joined()).utf8)

  @Test func bytesPassThrough() throws {
    for input in [Self.nasty, Self.many] {
      let outcome = try Program.run(["split", "--column", "-q", "-f", "QQQ=1"], input: input)
      #expect(outcome.status == 0)
      // Without what was added the output is the input, byte for byte.
      let text = String(decoding: outcome.output.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
      let bare = text.replacingOccurrences(of: ",QQQ", with: "")
        .replacingOccurrences(of: ",split", with: "")
      #expect(bare == String(decoding: input.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self))
      #expect(outcome.output.filter { $0 >= 0x80 } == input.filter { $0 >= 0x80 })
    }
  }

  @Test func sameInputSameBytes() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.file("in.csv", Self.many).path
    for extra in [["--seed", "3"], ["--stratify", "text"], ["--count", "7", "--per", "text"]] {
      let arguments = ["split", "--column", "-q"] + extra
      let expected = try Program.run(arguments + ["--threads", "1", file]).output
      #expect(expected.count > Self.many.count)
      for threads in ["2", "4"] {
        #expect(try Program.run(arguments + ["--threads", threads, file]).output == expected)
      }
      #expect(try Program.run(arguments, inputFile: file).output == expected)
      let pipe = arguments.map { "'\($0)'" }.joined(separator: " ")
      let piped = try Program.shell(
        "cat '\(file)' | fairpost \(pipe) --memory 0", directory: scratch.url)
      #expect(piped.output == expected)
    }
  }

  @Test func oneRecordOneAnswer() throws {
    let rows = (0..<200).map { "\($0),value \($0 % 13)" }
    let whole = try Program.run(
      ["split", "-q"], input: Array(("id,v\n" + rows.joined(separator: "\n") + "\n").utf8))
    let lines = whole.outputText.split(separator: "\n").dropFirst()
    for place in [0, 1, 57, 199] {
      let alone = try Program.run(["split", "-q"], input: Array("id,v\n\(rows[place])".utf8))
      #expect(alone.outputText.hasSuffix("\n" + lines[place + 1]))
    }
  }

  @Test func aClosedPipeIsQuiet() throws {
    let outcome = try Program.shell(
      "(yes 1,2 | fairpost split --no-header --columns a,b; echo $? >&2) | head -n 1")
    #expect(outcome.outputText.hasPrefix("1,2,"))
    #expect(outcome.errorText == "141\n")
  }

  @Test func aFullDiskIsTold() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let outcome = try Program.shell("yes 1,2 | head -n 9 | fairpost split -q > /dev/full")
    #expect(outcome.status == 74)
    #expect(outcome.errorText.contains("cannot write"))
  }

  @Test func aFailureLeavesTheOldResult() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try Data("old\n".utf8).write(to: scratch.url.appendingPathComponent("out.csv"))
    let outcome = try Program.run(
      ["split", "-q", "-o", "out.csv"], input: Self.many + Array("1,2\n".utf8),
      directory: scratch.url)
    #expect(outcome.status == 65)
    #expect(try names(scratch) == ["out.csv"])
    #expect(
      try String(contentsOf: scratch.url.appendingPathComponent("out.csv"), encoding: .utf8)
        == "old\n")
  }

  /// Interrupted in mid-write: no result; and no temporary file where the program could clean up.
  @Test(arguments: ["TERM", "HUP", "KILL"]) func anInterruptLeavesNoResult(signal: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    // The writer goes on without end; the program is stopped once its temporary file is there.
    let outcome = try Program.shell(
      """
      mkfifo pipe
      yes 1,2 > pipe &
      writer=$!
      fairpost split -q -o out.csv < pipe &
      program=$!
      until ls -a | grep -q tmp; do sleep 0.05; done
      sleep 0.2
      kill -\(signal) $program
      wait $program
      status=$?
      kill $writer 2> /dev/null
      rm pipe
      exit $status
      """, directory: scratch.url)
    #expect(outcome.status == ["TERM": 143, "HUP": 129, "KILL": 137][signal])
    let left = try names(scratch)
    if signal == "KILL" {
      // Nothing could clean up, but what is left is hidden and not called like a result.
      #expect(left.allSatisfy { $0.hasPrefix(".") && $0.hasSuffix(".tmp") })
    } else {
      #expect(left == [])
    }
  }

  @Test func memoryStaysFlat() throws {
    // An endless stream under a hard limit: the reader goes away after ten million bytes.
    let endless = try Program.shell(
      """
      ulimit -v 600000
      yes 123456789,abcdefghij | fairpost split -q --threads 2 --no-header --columns a,b \
        | head -c 60000000 | wc -c
      """)
    #expect(endless.outputText.trimmingCharacters(in: .whitespaces) == "60000000\n")
    // A quote that never closes ends by itself, in bounded memory.
    let open = try Program.shell(
      """
      ulimit -v 1500000
      (printf 'a,b\\n1,"'; yes abcdefghij) | fairpost split -q --threads 2
      """)
    #expect(open.status == 65)
    #expect(open.errorText.contains("standard input:2: a quote opens here and never closes"))
  }

  private func names(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
  }
}
