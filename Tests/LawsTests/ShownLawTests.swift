import Foundation
import FairpostTestSupport
import Testing

/// Whatever a name or value is, no byte of it commands a terminal or forges a line.
@Suite(.enabled(if: Program.isBuilt)) struct ShownLawTests {
  /// Clears a screen, forges a line, turns text, hides, is a C1 control, ends a cell.
  private static let hostile = [
    "\u{1B}[2J\u{1B}]0;x\u{7}", "a\nfairpost fit: certified", "b\rfairpost", "\u{202E}abc",
    "\u{9B}31m", "tab\there", "x|y`<b>", "\u{7F}", "\u{2028}line",
  ]

  /// No control byte but the newline, no C1 control, no mark that turns text; no line but our own.
  private func expectShown(
    _ bytes: [UInt8], _ label: String, isTable: Bool = false, limit: Int = 100_000
  ) {
    let text = String(decoding: bytes, as: UTF8.self)
    let raw = text.unicodeScalars.filter { scalar in
      scalar.value != 0x0A
        && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
          || (0x202A...0x202E).contains(scalar.value) || scalar.value == 0x2028)
    }
    #expect(raw.isEmpty, "\(label): \(raw.map { String($0.value, radix: 16) }) in \(text)")
    #expect(bytes.count < limit, "\(label): \(bytes.count) bytes")
    let lines = text.split(separator: "\n")
    #expect(!lines.contains { $0.hasPrefix("fairpost fit: certified") }, "\(label): \(text)")
    if !isTable {
      #expect(lines.allSatisfy { $0.hasPrefix("fairpost") }, "\(label): \(text)")
    }
  }

  private func quoted(_ name: String) -> String {
    "\"\(name.replacingOccurrences(of: "\"", with: "\"\""))\""
  }

  /// Two groups with a hostile name each, in a column with a hostile name.
  private func data(_ column: String, _ names: [String]) -> String {
    var text = "id,\(quoted(column)),y,y.score\n"
    for row in 0..<80 {
      text +=
        "\(row),\(quoted(names[row % names.count])),\(row / 2 % 2),0.\(10 + (row * 37) % 80)\n"
    }
    return text
  }

  @Test func inEveryCommand() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    for (place, name) in Self.hostile.enumerated() {
      let column = "c" + name
      let file = "in.csv"
      _ = try scratch.file(file, data(column, ["g" + name, "h" + name]))
      let group = quoted(column)
      func run(_ words: [String]) throws -> ProgramRun {
        let outcome = try Program.run(words, directory: scratch.url)
        expectShown(outcome.errors, "\(words)")
        return outcome
      }
      let fitted = try run(["fit", "--group", group, "-o", "m", file])
      #expect(fitted.status == 0, "\(fitted.errorText)")
      for command in [
        ["evaluate", "--group", group, "--format", "table", file], ["inspect", "m"],
        ["evaluate", "--group", group, "--format", "md", file],
        ["drift", "-m", "m", "--format", "table", file],
      ] {
        let outcome = try run(command)
        expectShown(outcome.output, "\(command)", isTable: true)
        if command.contains("md") {
          let widths = Set(
            outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
              line.replacingOccurrences(of: "\\|", with: "").count { $0 == "|" }
            })
          #expect(widths.count == 1, "\(outcome.outputText)")
          #expect(!outcome.outputText.contains("<b>"))
        }
      }
      // Exact where programs read: the same bytes come back.
      let rows = try run(["apply", "-m", "m", file])
      #expect(
        String(decoding: rows.output, as: UTF8.self).contains(quoted("g" + name))
          || !name.contains("\n"))
      // Messages about names and values.
      _ = try scratch.file("other.csv", data(column, ["z" + name]))
      #expect(try run(["apply", "-m", "m", "other.csv"]).status == 65)
      #expect(try run(["evaluate", "--group", "k" + name, file]).status == 65)
      _ = try scratch.file("bad.csv", "id,y.score\n1,\(quoted(name))\n")
      #expect(try run(["evaluate", "bad.csv"]).status == 65)
      // The command line, and files.
      #expect(try run(["split", "--\(name.replacingOccurrences(of: "=", with: ""))"]).status == 64)
      #expect(try run(["fit" + name]).status == 64)
      #expect(try run(["inspect", "no" + name]).status == 66)
      #expect(try run(["split", "no" + name]).status == 66)
      #expect(try run(["split", "-o", "no/such" + name, file]).status == 73)
      #expect(try run(["reweigh", "--task", "y", "--group", group, "-o", "r", file]).status == 0)
      _ = try run(["train", "linear", "--task", "y", "--group", group, "-o", "model", file])
      expectShown(try run(["inspect", "model"]).output, "inspect model", isTable: true)
      // What a completion offers is obeyed by the shell's terminal.
      let offered = try run(["__complete-columns", file])
      expectShown(offered.output, "columns", isTable: true)
      _ = place
    }
  }

  @Test func atMostSomeHundredBytesOfIt() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let long = String(repeating: "n", count: 1_000_000)
    _ = try scratch.file("in.csv", data("sex", [long, "M"]))
    _ = try scratch.file("bad.csv", "sex,y.score\nM,\(long)\n")
    for words in [
      ["fit", "--group", "sex", "-o", "m", "in.csv"], ["evaluate", "--group", "sex", "in.csv"],
      ["fit", "--group", "sex", "-o", "n", "bad.csv"], ["inspect", "m"],
      ["evaluate", "--group", "sex", "--format", "table", "in.csv"],
    ] {
      let outcome = try Program.run(words, directory: scratch.url)
      expectShown(outcome.errors, "\(words)", limit: 8_000)
      if outcome.status == 65 { #expect(outcome.errorText.contains("(1,000,000 bytes)")) }
      if words[0] == "inspect" {
        expectShown(outcome.output, "\(words)", isTable: true, limit: 20_000)
      }
    }
  }

  @Test func plotsAreXML() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var text = "x,y,p,panel\n"
    for row in 0..<18 {
      text += "\(row % 3),\(row / 3 % 3),0.5,\"a\u{1}\u{1B}<&\u{338}\(row / 9)\"\n"
    }
    let outcome = try Program.run(
      ["plot", "boundary", "--x", "x", "--y", "y", "--score", "p", "--panel", "panel"],
      input: Array(text.utf8))
    #expect(outcome.status == 0)
    #expect(outcome.outputText.contains("a\\u{1}\\u{1B}&lt;&amp;\u{338}0"))
    expectShown(outcome.output, "plot", isTable: true)
  }
}
