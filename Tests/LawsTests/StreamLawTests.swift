import Foundation
import FairpostTestSupport
import Testing

/// Standard streams that are closed, gone or do not block; signals; files named twice.
@Suite(.enabled(if: Program.isBuilt)) struct StreamLawTests {
  private static let data =
    "id,sex,y,y.score\n"
    + (0..<40).map { "\($0),\($0 % 2 == 0 ? "F" : "M"),\($0 / 2 % 2),0.\(10 + $0 * 37 % 80)\n" }
    .joined()

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.file("in.csv", Self.data)
    return scratch
  }

  private func names(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
  }

  private func text(_ scratch: Scratch, _ name: String) throws -> String {
    try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
  }

  @Test func closedStreamsAreNobodysFile() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let plain = try Program.shell(
      "fairpost apply -q -m in.map in.csv || fairpost fit -q --group sex -o in.map in.csv && fairpost apply -q -m in.map in.csv",
      directory: scratch.url)
    #expect(plain.status == 0)
    for closed in ["2>&-", "<&-", "<&- 2>&-", ">&-", "<&- >&- 2>&-"] {
      let outcome = try Program.shell(
        "fairpost apply -m in.map -o out in.csv \(closed)", directory: scratch.url)
      #expect(outcome.status == 0, "\(closed): \(outcome.errorText)")
      #expect(try text(scratch, "out") == plain.outputText, "\(closed)")
    }
    // What was to be read or written there is missed, and said where there is somebody to hear it.
    let output = try Program.shell("fairpost apply -m in.map in.csv >&-", directory: scratch.url)
    #expect(output.status == 74)
    #expect(output.errorText.contains("standard output is closed"))
    let input = try Program.shell("fairpost split <&-")
    #expect(input.status == 66)
    #expect(input.errorText.contains("standard input is closed"))
    let map = try Program.shell("fairpost inspect - <&-")
    #expect(map.status == 66)
  }

  /// Whoever listened to standard error is gone: the words are lost, not the result.
  @Test(arguments: [
    "fit --group sex -o out in.csv", "adjust --group sex -o out in.csv",
    "train linear --task y -o out in.csv",
    "reweigh --task y --group sex -o out in.csv", "evaluate --group sex -o out in.csv",
  ]) func wordsThatNobodyReadsCostNothing(command: String) throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let outcome = try Program.shell(
      """
      mkfifo words
      true < words &
      exec 3> words
      wait
      fairpost \(command) 2>&3
      """, directory: scratch.url)
    #expect(outcome.status == 0)
    #expect(try names(scratch).contains("out"))
  }

  @Test func streamsThatDoNotBlockAreWaitedFor() throws {
    guard installed("python3") != nil else { return }
    let scratch = try scratch()
    defer { scratch.remove() }
    // Both ends of the program are pipes that do not block; the writer waits, the reader is slow.
    let outcome = try Program.shell(
      """
      cat > run.py <<'END'
      import os, subprocess, sys, threading, time
      rows = b"a,b\\n" + b"1,2\\n" * 300000
      i, to = os.pipe(); out, o = os.pipe()
      os.set_blocking(i, False); os.set_blocking(o, False)
      p = subprocess.Popen([sys.argv[1], "split", "--column", "-q"], stdin=i, stdout=o)
      os.close(i); os.close(o)
      def feed():
          time.sleep(0.2)
          with os.fdopen(to, "wb") as f: f.write(rows)
      threading.Thread(target=feed).start()
      time.sleep(0.4)
      got = b""
      while True:
          part = os.read(out, 65536)
          if not part: break
          got += part
      print(p.wait(), got.count(b"\\n"))
      END
      python3 run.py "$(command -v fairpost)"
      """, directory: scratch.url)
    #expect(outcome.outputText == "0 300001\n", "\(outcome.errorText)")
  }

  // MARK: Two names for one file

  @Test(arguments: [
    "train linear --task y -o F --log F in.csv",
    "train linear --task y -o F --log - --predict in.csv in.csv",
    "split --column --on-bad-row skip --rejects F -o F in.csv",
    "split --column --on-bad-row skip --rejects F -o ./F in.csv",
    "split --column --on-bad-row skip --rejects F -o link in.csv",
    "split --column --on-bad-row skip --rejects old -o hard in.csv",
    "split --column --on-bad-row skip --rejects F in.csv > F",
    "split --into 'p%' --on-bad-row skip --rejects ptest in.csv",
    "compare --task y --group sex -o F --cells F in.csv",
    "compare --task y --group sex --cells F --costs ../here/F in.csv",
    "fit --group sex -o in.csv in.csv", "evaluate --group sex -o in.csv in.csv",
    "evaluate --group sex -o in.csv < in.csv", "fit --group sex -o back in.csv",
    "train linear --task y -o m --log in.csv in.csv",
    "split --column --on-bad-row skip --rejects in.csv in.csv",
    "apply -m old -o old in.csv", "split --into '%.csv' -f in=1 in.csv",
    "split --column --rows sex=F -o in.csv in.csv",
  ]) func areRefusedBeforeAnythingIsRead(command: String) throws {
    let outer = try Scratch()
    defer { outer.remove() }
    let folder = try outer.folder("here")
    _ = try outer.file("here/in.csv", Self.data)
    _ = try outer.file("here/old", "old\n")
    let outcome = try Program.shell(
      "ln -s F link; ln old hard; ln -s in.csv back; fairpost \(command)", directory: folder)
    #expect(outcome.status == 64, "\(outcome.errorText)")
    #expect(
      try String(contentsOf: folder.appendingPathComponent("in.csv"), encoding: .utf8) == Self.data)
    #expect(
      try String(contentsOf: folder.appendingPathComponent("old"), encoding: .utf8) == "old\n")
  }

  /// A filter whose rows all come out again may write over its input.
  @Test func aFilterMayReplaceItsInput() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let outcome = try Program.run(
      ["split", "--column", "-q", "-o", "in.csv", "in.csv"], directory: scratch.url)
    #expect(outcome.status == 0)
    #expect(try text(scratch, "in.csv").hasPrefix("id,sex,y,y.score,split\n0,F,0,"))
    let null = try Program.run(
      [
        "split", "--overwrite", "-q", "-o", "/dev/null", "--on-bad-row", "skip", "--rejects",
        "/dev/null", "in.csv",
      ],
      directory: scratch.url)
    #expect(null.status == 0, "\(null.errorText)")
  }

  // MARK: What is left behind

  @Test(arguments: ["QUIT", "XCPU", "USR1", "ALRM"]) func noSignalLeavesAFile(signal: String) throws
  {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try Program.shell(
      """
      ulimit -c 0
      mkfifo pipe
      yes 1,2 > pipe &
      writer=$!
      env --default-signal=INT,QUIT true 2> /dev/null && reset='env --default-signal=INT,QUIT'
      TMPDIR=. $reset fairpost split -q -o out.csv --count 1 --memory 0 < pipe &
      program=$!
      until ls -a | grep -q tmp || [ "$SECONDS_LEFT" ]; do sleep 0.05; kill -0 $program || exit 9; n=$((n+1)); [ $n -lt 20 ] || break; done
      kill -\(signal) $program
      wait $program
      status=$?
      kill $writer 2> /dev/null
      rm pipe
      exit $status
      """, directory: scratch.url)
    let expected: Int32 = ["QUIT": 131, "XCPU": 152, "USR1": 138, "ALRM": 142][signal] ?? 0
    if installed("env") != nil, signal != "QUIT" || outcome.status != 137 {
      #expect(outcome.status == expected, "\(outcome.errorText)")
    }
    #expect(try names(scratch) == [])
  }

  @Test func aFileSizeLimitIsAnError() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try Program.shell(
      "yes 1,2 | head -n 100000 | (ulimit -f 8; fairpost split -q -o out.csv)",
      directory: scratch.url)
    #expect(outcome.status == 74, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("out.csv: cannot write: File too large"))
    #expect(try names(scratch) == [])
    let spool = try Program.shell(
      "yes 1,2 | head -n 100000 | (ulimit -f 8; TMPDIR=. fairpost split -q --count 5 --memory 0 > /dev/null)",
      directory: scratch.url)
    #expect(spool.status == 74, "\(spool.errorText)")
    #expect(spool.errorText.contains("TMPDIR"))
    #expect(try names(scratch) == [])
  }

  @Test func aTemporaryFolderThatIsNotThereIsNamed() throws {
    let outcome = try Program.run(
      ["split", "--count", "5", "--memory", "0"], input: Array(Self.data.utf8),
      environment: ["TMPDIR": "/no/such"])
    _ = outcome
    let piped = try Program.shell(
      "yes 1,2 | head -n 9 | TMPDIR=/no/such fairpost split --count 5 --memory 0")
    #expect(piped.status == 73, "\(piped.errorText)")
    #expect(
      piped.errorText.hasPrefix("fairpost split: TMPDIR, /no/such: cannot keep standard input"))
  }

  /// The file is another one between its two readings, with as many rows and bytes.
  @Test func aFileThatChangesBetweenItsReadingsIsToldOf() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let rows = (0..<400_000).map { "\($0),\($0 % 2),0.5\n" }.joined()
    _ = try scratch.file("in.csv", "id,y,y.score\n" + rows)
    // Rewritten in place while it is read, again and again.
    let outcome = try Program.shell(
      """
      (while [ ! -e stop ]; do printf 'X' | dd of=in.csv bs=1 seek=13 conv=notrunc 2> /dev/null; done) &
      writer=$!
      fairpost split --count 100 --column -o out.csv in.csv
      status=$?
      touch stop
      wait $writer
      exit $status
      """, directory: scratch.url)
    #expect(outcome.status == 65, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("in.csv: the file changed while it was read"))
    #expect(!(try names(scratch).contains("out.csv")))
  }

  // MARK: Files of other kinds

  @Test func aFolderIsNoInput() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    _ = try scratch.folder("d")
    for command in [
      "inspect d", "apply -m d in.csv", "verify -m d in.csv", "drift -m d in.csv",
      "predict -m d in.csv", "adapt -m d in.csv", "evaluate --map d --group sex in.csv", "split d",
      "fit --group sex d", "adjust --group sex --calibrate d in.csv",
      "split --join d --on id in.csv",
      "train mlp --task y --init d -o m in.csv", "train linear --task y --validation d -o m in.csv",
      "train linear --task y -o m --predict d in.csv", "compare --config d in.csv",
      "fit --group sex --group-weights-file d in.csv", "split < d", "inspect - < d",
      "compare --task y --group sex --include-group --id id --arm a=d in.csv",
    ] {
      let outcome = try Program.shell("fairpost \(command)", directory: scratch.url)
      #expect(outcome.status == 66, "\(command): \(outcome.errorText)")
      #expect(outcome.errorText.contains("folder"), "\(command): \(outcome.errorText)")
    }
  }

  @Test func longNamesAreWritten() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let name = String(repeating: "n", count: 250)
    let outcome = try Program.run(
      ["split", "--column", "-q", "-o", name, "in.csv"], directory: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try names(scratch).contains(name))
  }

  @Test(arguments: ["a,b\r1,2\r3,4\r", "a,b\r1,2", "a,b\r", "a\r1\r2\r"])
  func linesThatEndInACarriageReturnAlone(text: String) throws {
    for words in [["split"], ["split", "--no-header", "--columns", "a,b"]]
    where words.count == 1 || !text.contains("\n") {
      let outcome = try Program.run(words, input: Array(text.utf8))
      #expect(outcome.status == 65, "\(text.debugDescription) \(words)")
      #expect(outcome.errorText.contains("carriage return"), "\(outcome.errorText)")
    }
  }

  @Test(arguments: ["a,b\r\n1,2\r\n", "a,\"b\rc\"\n1,2\n", "a,b\n1,\"x\ry\"\n", "a,b\n1,2\r"])
  func carriageReturnsThatBelongThere(text: String) throws {
    let outcome = try Program.run(["split", "-q"], input: Array(text.utf8))
    #expect(outcome.status == 0, "\(outcome.errorText)")
  }

  // MARK: Answers that are owed

  @Test func whatStandsBeforeABadRecordIsAnswered() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let made = try Program.shell(
      """
      fairpost fit -q --group sex -o in.map in.csv
      fairpost train linear -q --task y -o in.model in.csv
      """, directory: scratch.url)
    #expect(made.status == 0, "\(made.errorText)")
    let head = Self.data.split(separator: "\n").prefix(4).joined(separator: "\n") + "\n"
    for (command, bad, word) in [
      ("apply -m in.map", "9,F,1,bad\n10,F,1,0.5\n", "bad"),
      ("apply -m in.map", "9,F,1,0.5,7\n", "fields"), ("apply -m in.map", "9,Z,1,0.5\n", "Z"),
      ("predict --overwrite -m in.model", "bad,F,1,0.5\n", "bad"),
      ("predict --overwrite -m in.model", "9,F\n", "fields"),
    ] {
      let outcome = try Program.shell(
        "fairpost \(command) --unbuffered -q", input: Array((head + bad).utf8),
        directory: scratch.url)
      #expect(outcome.status == 65)
      #expect(outcome.errorText.contains("standard input:5:"), "\(outcome.errorText)")
      #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
      let whole = try Program.shell(
        "fairpost \(command) -q", input: Array(head.utf8), directory: scratch.url)
      #expect(outcome.outputText == whole.outputText, "\(command) \(bad)")
      #expect(whole.outputText.split(separator: "\n").count == 4)
    }
  }
}
