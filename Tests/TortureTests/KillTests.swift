import Foundation
import FairpostTestSupport
import Testing

/// Commands are killed at random moments.
@Suite(.enabled(if: Program.isBuilt)) struct KillTests {
  @Test func noResultIsHalfAndNothingIsLeft() throws {
    let scratch = try Torture.prepared()
    defer { scratch.remove() }
    // Enough rows that a run lasts some tens of milliseconds.
    let rows = Torture.data.split(separator: "\n")
    let large =
      rows[0] + "\n" + String(repeating: rows[1...].joined(separator: "\n") + "\n", count: 2000)
    _ = try scratch.file("in.csv", String(large))
    let commands = [
      "split --column -o out in.csv",
      "split --column --stratify sex --memory 0 -o out -",
      "adjust --group sex --memory 0 -o out -", "fit --group sex -o out in.csv",
      "predict --overwrite -m in.model -o out in.csv", "reweigh --task y --group sex -o out in.csv",
    ]
    var whole: [String: Data] = [:]
    let out = scratch.url.appendingPathComponent("out")
    for command in commands {
      let made = try Program.shell("cat in.csv | fairpost \(command)", directory: scratch.url)
      #expect(made.status == 0, "\(command): \(made.errorText)")
      whole[command] = try Data(contentsOf: out)
      try FileManager.default.removeItem(at: out)
    }
    let kept = try Torture.names(scratch)
    let signals = ["INT", "TERM", "HUP", "QUIT", "XCPU", "USR1", "KILL"]
    var dice = Dice(Torture.seed)
    let until = Date().addingTimeInterval(Torture.seconds)
    var runs = 0
    var killed = 0
    while Date() < until {
      let command = dice.pick(commands)
      let signal = dice.pick(signals)
      let moment = Double(dice.roll(120)) / 1000
      // A shell starts what runs in the background with SIGINT and SIGQUIT ignored: env undoes it.
      let outcome = try Program.shell(
        """
        ulimit -c 0
        env --default-signal=INT,QUIT fairpost -h > /dev/null 2>&1 && reset='env --default-signal=INT,QUIT'
        cat in.csv | TMPDIR="$PWD" $reset fairpost \(command) 2> /dev/null &
        program=$!
        sleep \(moment)
        kill -\(signal) $program 2> /dev/null
        wait $program
        """, directory: scratch.url, timeout: 60)
      runs += 1
      let label = Comment(rawValue: "\(command), \(signal) after \(moment) s")
      #expect(!outcome.timedOut, label)
      if outcome.status > 128 { killed += 1 }
      if FileManager.default.fileExists(atPath: out.path) {
        #expect(try Data(contentsOf: out) == whole[command], label)
        try FileManager.default.removeItem(at: out)
      }
      for name in try Torture.names(scratch) where !kept.contains(name) {
        // The thread sanitizer has a file of its own while it starts.
        if name.hasPrefix("tsan.") {
          try FileManager.default.removeItem(at: scratch.url.appendingPathComponent(name))
          continue
        }
        // Only a kill that no program can notice leaves a file, hidden and not called like a result.
        #expect(
          signal == "KILL" && name.hasPrefix(".fairpost.") && name.hasSuffix(".tmp"),
          "\(label.rawValue): \(name)")
        try FileManager.default.removeItem(at: scratch.url.appendingPathComponent(name))
      }
    }
    print("kills: \(killed) of \(runs) runs were ended")
    #expect(runs > 0)
  }
}
