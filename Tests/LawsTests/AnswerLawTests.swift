import FairpostTestSupport
import Foundation
import Testing

/// An answer for every record: bad ones in their place, and policies that a use of a map chooses anew.
@Suite(.enabled(if: Program.isBuilt)) struct AnswerLawTests {
  private static let sample = AdjustSample([300, 200], seed: 41)

  /// A folder with data, maps by several policies and a model.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.file("rows.csv", Self.sample.csv())
    let made = try Program.shell(
      """
      set -e
      fit() { fairpost fit -q --score p --group group "$@" rows.csv; }
      fit -o m.map
      fit -o pool.map --unseen pool
      fit -o mpool.map --missing-group pool
      fit -o shift.map --outside shift
      fit -o cell.map --small-cell pool
      (cat rows.csv; printf ',,north,0.%d,1\\n' 1 2 3 4 5 6 7 8 9) > some.csv
      fairpost fit -q --score p --group group --missing-group own -o own.map some.csv
      (echo id,group,p,y; awk -F, 'NR > 1 { print $1 "," $2 "," $4 "," ($4 > 0.5) }' rows.csv) > train.csv
      fairpost train linear -q --task y --include-group --group group --exclude id -o y.model train.csv
      """, directory: scratch.url)
    try #require(made.status == 0, "\(made.errorText)")
    return scratch
  }

  /// Records good and bad, each with its answer's last field where it is bad.
  private static let mixed: [(line: String, error: String?)] = [
    ("1,a,0.5", nil), ("2,a,bad", "column p: bad is not a number"), ("3,b,-0.25", nil),
    ("4,zz,0.5", "column group: the group zz was not in the fit (see --unseen)"),
    ("5,a", "the record has 2 fields, the header has 3: 5,a"), ("6,b,1e3", nil),
    ("7,a,1,2", "the record has 4 fields, the header has 3: 7,a,1,2"), ("8,b,", nil),
    ("9,,inf", "column p: inf is not a finite number"),
  ]

  private func answers(
    _ lines: [String], _ options: [String], map: String = "m.map", in scratch: Scratch
  ) throws -> [String] {
    let text = "id,group,p\n" + lines.map { $0 + "\n" }.joined()
    let run = try Program.run(
      ["apply", "-q", "-m", map] + options, input: Array(text.utf8), directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    return run.outputText.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test(arguments: [[], ["--unbuffered"], ["--threads", "4"]])
  func aBadRecordIsAnsweredInItsPlace(options: [String]) throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let report = ["--on-bad-row", "report", "--error-column", "why"]
    let found = try answers(Self.mixed.map(\.line), options + report, in: scratch)
    let good = Self.mixed.filter { $0.error == nil }
    var plain = try answers(good.map(\.line), [], in: scratch)[...]
    #expect(found[0] == plain.removeFirst() + ",why")
    for (place, record) in Self.mixed.enumerated() {
      let answer = found[place + 1]
      guard let error = record.error else {
        #expect(answer == plain.removeFirst() + ",")
        continue
      }
      let fields = quotedFields(answer)
      #expect(fields.count == 5)
      #expect(fields.last?.replacingOccurrences(of: "\"", with: "") == error)
      #expect(answer.hasPrefix(error.contains("header has") ? ",,,,\"" : "\(record.line),,"))
      // One record, one answer: the same alone.
      #expect(try answers([record.line], options + report, in: scratch)[1] == answer)
    }
    #expect(found.count == Self.mixed.count + 2)
  }

  @Test func predictAnswersBadRecordsToo() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let lines = "id,group,p\n1,a,0.5\n2,a,bad\n3,a\n4,b,0.25"
    for options in [[], ["--unbuffered"]] {
      let run = try Program.run(
        ["predict", "-q", "-m", "y.model", "--on-bad-row", "report"] + options,
        input: Array(lines.utf8), directory: scratch.url)
      #expect(run.status == 0, "\(run.errorText)")
      let found = Output(run.output)
      #expect(found.header == ["id", "group", "p", "y.score", "error"])
      let scores = found.rows.map { $0.count > 4 ? $0[3] : "" }
      let batch = try Program.run(
        ["predict", "-q", "-m", "y.model"], input: Array("id,group,p\n1,a,0.5\n4,b,0.25\n".utf8),
        directory: scratch.url)
      let wanted = Output(batch.output).texts("y.score")
      #expect(scores[0] == wanted[0] && scores[3] == wanted[1] && scores[1] == "")
      #expect(run.outputText.hasSuffix("\(wanted[1]),"))
    }
  }

  /// Whatever came before it in the same write: the process lives, the next line is answered.
  @Test func theProcessLives() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      mkfifo ask answer
      fairpost apply -q --unbuffered --on-bad-row report -m m.map < ask > answer &
      exec 3> ask 4< answer
      printf 'group,p\\na,0.5\\na,bad\\na,0.5,1\\na\\n' >&3
      for line in 0 1 2 3 4; do read -r text <&4; echo "$text"; done
      printf 'a,0.5\\n' >&3
      read -r text <&4; echo "$text"
      exec 3>&-
      wait
      """, directory: scratch.url, timeout: 30)
    #expect(!run.timedOut)
    let lines = run.outputText.split(separator: "\n").map(String.init)
    try #require(lines.count == 6, "\(run.outputText) \(run.errorText)")
    #expect(lines[1] == lines[5] && lines[1].hasPrefix("a,0.5,") && lines[1].hasSuffix(","))
    #expect(lines[2].contains("is not a number") && lines[4].contains("has 1 field,"))
  }

  @Test func reportsAreCountedAndLimited() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let input = Array(("id,group,p\n" + Self.mixed.map { $0.line + "\n" }.joined()).utf8)
    let apply = ["apply", "-m", "m.map", "--on-bad-row", "report"]
    let run = try Program.run(apply, input: input, directory: scratch.url)
    #expect(run.errorText.contains("7 rows; 5 bad, reported"), "\(run.errorText)")
    let limited = try Program.run(
      apply + ["--max-bad", "4"], input: input, directory: scratch.url)
    #expect(limited.status == 65)
    for (words, said) in [
      (["--error-column", "e"], "needs --on-bad-row report"),
      (["--on-bad-row", "report", "--rejects", "r"], "needs --on-bad-row skip"),
    ] {
      let refused = try Program.run(
        ["apply", "-m", "m.map"] + words, input: input, directory: scratch.url)
      #expect(refused.status == 64 && refused.errorText.contains(said), "\(refused.errorText)")
    }
    let taken = try Program.run(
      apply + ["--error-column", "p"], input: input, directory: scratch.url)
    #expect(taken.status == 65 && taken.errorText.contains("already a column \"p\""))
    let over = try Program.run(
      apply + ["--error-column", "id", "--overwrite"], input: input, directory: scratch.url)
    let ids = over.outputText.split(separator: "\n").map { quotedFields(String($0)).first ?? "" }
    #expect(ids[1] == "" && ids[5].hasPrefix("the record has 2 fields") && ids[6] == "")
  }

  /// A quote that never closes takes the rest of the stream with it, as one bad record.
  @Test func aQuoteThatNeverClosesIsTheLastRecord() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let found = try answers(
      ["1,a,0.5", "\"2,a,0.5", "3,b,1"], ["--on-bad-row", "report"], in: scratch)
    #expect(found.count == 4)
    #expect(found[2].hasPrefix(",,,,\"a quote opens here and never closes: "))
    #expect(found[2].contains("\\n3,b,1"))
  }

  // MARK: Policies of a use

  /// Rows of an unseen group, of none, and outside the fitted range.
  private static let odd = ["1,zz,0.5", "2,,0.25", "3,a,1e3", "4,b,-50", "5,a,0.125"]

  @Test(arguments: [
    ("pool.map", ["--missing-group", "pass"], "mpool.map", ["--missing-group", "pass"]),
    ("pool.map", ["--missing-group", "pool"], "mpool.map", ["--unseen", "pool"]),
    ("cell.map", ["--unseen", "pool"], "pool.map", []),
    ("pool.map", ["--unseen", "pass"], "m.map", ["--unseen", "pass"]),
    ("m.map", ["--outside", "shift"], "shift.map", []),
    ("m.map", [], "shift.map", ["--outside", "clamp"]),
    ("m.map", ["--missing-group", "drop"], "mpool.map", ["--missing-group", "drop"]),
    ("own.map", ["--unseen", "pass", "--missing-group", "own"], "own.map", ["--unseen", "pass"]),
  ])
  func anOverrideIsWhatAFitWithItGives(
    _ map: String, _ options: [String], _ other: String, _ others: [String]
  ) throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let report = ["--on-bad-row", "report", "--flag", "done"]
    let found = try answers(Self.odd, options + report, map: map, in: scratch)
    let wanted = try answers(Self.odd, others + report, map: other, in: scratch)
    if map == "pool.map", others == ["--missing-group", "pass"] {
      // They differ where only one of them has the pooled map for unseen groups.
      #expect(found[2...] == wanted[2...] && found[1] != wanted[1])
    } else {
      #expect(found == wanted)
    }
  }

  @Test func anOverrideIsSaidOrRefused() throws {
    let scratch = try scratch()
    defer { scratch.remove() }
    let input = Array(("id,group,p\n" + Self.odd.map { $0 + "\n" }.joined()).utf8)
    func run(_ words: String...) throws -> ProgramRun {
      try Program.run(["apply"] + words, input: input, directory: scratch.url)
    }
    let said = try run(
      "-m", "pool.map", "--missing-group", "pass", "--unseen", "pool", "--outside", "shift")
    #expect(said.status == 0)
    #expect(said.errorText.contains("--missing-group pass instead of the map's error"))
    #expect(said.errorText.contains("--outside shift instead of the map's clamp"))
    #expect(!said.errorText.contains("--unseen"), "\(said.errorText)")
    for words in [["--unseen", "pool"], ["--missing-group", "pool"], ["--missing-group", "own"]] {
      let refused = try run("-m", "m.map", words[0], words[1])
      #expect(refused.status == 64 && refused.output.isEmpty)
      #expect(refused.errorText.contains("m.map cannot do this: "), "\(refused.errorText)")
    }
    let error = try run(
      "-m", "m.map", "--unseen", "pass", "--missing-group", "pass", "--outside", "error")
    #expect(error.status == 65 && error.errorText.contains("(see --outside)"))
    let dropped = try run(
      "-m", "m.map", "--unseen", "pass", "--missing-group", "drop", "--unbuffered")
    #expect(dropped.status == 64 && dropped.errorText.contains("--missing-group drop"))
  }
}

/// The fields of a line of CSV, quotes taken off.
func quotedFields(_ line: String) -> [String] {
  var fields = [""]
  var isQuoted = false
  var previous: Character?
  for character in line {
    if character == "\"" {
      // A quote after a closing one was a quote of the text.
      if !isQuoted, previous == "\"" { fields[fields.count - 1].append("\"") }
      isQuoted.toggle()
    } else if character == ",", !isQuoted {
      fields.append("")
    } else {
      fields[fields.count - 1].append(character)
    }
    previous = character
  }
  return fields
}
