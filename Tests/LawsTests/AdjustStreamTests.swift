import Foundation
import FairpostTestSupport
import Testing

/// `apply` and `verify` on streams: memory, interruption, one line at a time, a million rows.
@Suite(.enabled(if: Program.isBuilt)) struct AdjustStreamTests {
  private func fitted(_ scratch: Scratch, _ options: [String] = []) throws -> URL {
    let map = scratch.url.appendingPathComponent("m.map")
    let fit = try Program.run(
      ["fit", "-q", "--score", "p", "--group", "group", "-o", map.path] + options,
      input: AdjustSample([300, 100], seed: 30).csv())
    try #require(fit.status == 0, "\(fit.errorText)")
    return map
  }

  /// Rows without end; the reader of the output decides when enough has been seen.
  private static let endless = "(echo id,group,p; yes 1,a,0.5)"

  @Test func anEndlessStreamFitsInLittleMemory() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = try fitted(scratch)
    let small = try Program.shell(
      "\(Self.endless) | (ulimit -v 400000; fairpost apply -q --threads 2 -m '\(map.path)' "
        + "&& echo ended) | head -2000001 | tail -1")
    let one = try Program.run(
      ["apply", "-q", "-m", map.path], input: Array("group,p\na,0.5\n".utf8))
    let fair = Output(one.output).texts("p.fair")[0]
    #expect(small.outputText == "1,a,0.5,\(fair)\n", "\(small.errorText)")
  }

  @Test(.enabled(if: installed("timeout") != nil)) func aKillLeavesNoPartialFile() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = try fitted(scratch)
    let folder = try scratch.folder("out")
    // KILL: the test's own threads block the other signals, and what they start inherits that.
    let run = try Program.shell(
      "\(Self.endless) | timeout -s KILL 2 fairpost apply -q -m '\(map.path)' "
        + "-o '\(folder.path)/fair.csv'", timeout: 30)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(run.status != 0 && !run.timedOut)
    #expect(!left.contains("fair.csv"), "\(run.errorText)")
  }

  @Test(arguments: ["1,a,0.5,1", "000000001,a,0.5000000,1"])
  func aFileThatChangesBetweenItsReadingsIsRefused(row: String) throws {
    // The output is read no further than its beginning, so the second reading has begun and cannot
    // end; then the file's last 480 bytes become more rows, or fewer.
    let script = """
      (echo id,g,p,y; seq -w 1 400000 | awk '{ print $1 ",a,0.5000000,1" }') > in.csv
      printf '%s\n' 1,b,0.25,1 >> in.csv
      size=$(wc -c < in.csv)
      mkfifo out
      (fairpost adjust -q --score p --group g in.csv > out; echo "status $?") &
      exec 3< out
      head -c 1000 <&3 > /dev/null
      (while :; do echo \(row); done) | head -c 480 \
        | dd of=in.csv bs=1 seek=$((size - 480)) conv=notrunc 2> /dev/null
      cat <&3 > /dev/null
      exec 3<&-
      wait
      """
    let run = try Program.shell(script, timeout: 60)
    #expect(run.outputText == "status 65\n")
    #expect(run.errorText.contains("in.csv"), "\(run.errorText)")
  }

  @Test func unbufferedAnswersEveryLineAtOnce() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = try fitted(scratch)
    // Each line is sent only after the last one's answer has come.
    let script = """
      mkfifo ask answer
      fairpost apply -q --unbuffered -m '\(map.path)' < ask > answer &
      exec 3> ask 4< answer
      echo group,p >&3
      read -r header <&4
      echo "$header"
      for score in 0.1 0.2 0.3; do
        echo "a,$score" >&3
        read -r line <&4
        echo "$line"
      done
      exec 3>&-
      wait
      """
    let run = try Program.shell(script, timeout: 30)
    #expect(!run.timedOut)
    let batch = try Program.run(
      ["apply", "-q", "-m", map.path], input: Array("group,p\na,0.1\na,0.2\na,0.3\n".utf8))
    #expect(run.output == batch.output)
  }

  @Test func verifyFindsOneDigitInAMillionRows() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let script = """
      fairpost synth gaussians --sizes 700000,300000 -q > rows.csv || exit
      fairpost fit -q --score score --group group -o m.map rows.csv || exit
      fairpost apply -q -m m.map rows.csv > fair.csv || exit
      fairpost verify -q -m m.map fair.csv || exit
      awk 'NR == 777777 { digit = substr($0, length($0) - 3, 1)
        $0 = substr($0, 1, length($0) - 4) (digit + 1) % 10 substr($0, length($0) - 2) } 1' \
        fair.csv > changed.csv
      cmp -s fair.csv changed.csv && exit 99
      fairpost verify -q -m m.map changed.csv
      """
    let run = try Program.shell(script, directory: scratch.url)
    #expect(run.status == 1)
    #expect(run.errorText.contains("changed.csv:777777: column \"score.fair\""))
    #expect(run.errorText.split(separator: "\n").count == 1)
  }
}

/// A map whose certificate claims what its contents do not give.
@Suite(.enabled(if: Program.isBuilt)) struct DishonestMapTests {
  @Test(arguments: [
    ("\"records\": 300", "\"records\": 301"), ("\"ks\": 0.", "\"ks\": 0.0"),
    ("\"clamp\"", "\"shift\""), ("\"mean before\": ", "\"mean before\": 1"),
  ])
  func anEditIsNoticed(_ old: String, _ new: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let map = scratch.url.appendingPathComponent("m.map")
    let input = AdjustSample([300, 100], seed: 31).csv()
    for size in [["--exact"], []] {
      let fit = try Program.run(
        ["fit", "-q", "--score", "p", "--group", "group", "-o", map.path] + size, input: input)
      #expect(fit.status == 0)
      let text = try String(contentsOf: map, encoding: .utf8)
      guard let place = text.range(of: old) else { continue }
      try text.replacingCharacters(in: place, with: new)
        .write(to: map, atomically: true, encoding: .utf8)
      for command in [
        ["apply", "-m", map.path], ["verify", "-m", map.path], ["inspect", map.path],
      ] {
        let run = try Program.run(command, input: input)
        #expect(run.status == 78)
        #expect(run.errorText.contains("changed after it was written"))
        #expect(run.output.isEmpty)
      }
    }
  }
}
