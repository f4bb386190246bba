import Foundation
import FairpostTestSupport
import Testing

/// Every example line of the manual pages, run as it stands there.
@Suite(.enabled(if: Program.isBuilt)) struct ManualExampleTests {
  private static let pages = Shared.repository.appendingPathComponent("Manpages")
  private static let strict = ["-o", "pipefail", "-e", "-c"]

  /// The examples of a page, with what roff writes differently put back.
  static func examples(of name: String) throws -> [String] {
    let page = try String(contentsOf: pages.appendingPathComponent(name), encoding: .utf8)
    var found: [String] = []
    var lines: [String]?
    for line in page.components(separatedBy: "\n") {
      switch line {
      case ".nf": lines = []
      case ".fi":
        found.append((lines ?? []).joined(separator: "\n"))
        lines = nil
      default: lines?.append(line)
      }
    }
    let escapes = [
      ("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\&", ""),
      ("\\e", "\\"),
    ]
    return found.map { text in
      escapes.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
  }

  /// A gate may find what it looks for: that is a status, not an error.
  private static func isGate(_ example: String) -> Bool {
    ["--fail-if", "fairpost drift"].contains { example.contains($0) }
  }

  private static func names(in section: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: pages.path)
      .filter { $0.hasSuffix(section) }.sorted()
  }

  /// A description says each thing once.
  @Test func descriptionsDoNotRepeatThemselves() throws {
    let names = try Self.names(in: ".1")
    #expect(names.count > 20)
    for name in names {
      let page = try String(
        contentsOf: Self.pages.appendingPathComponent(name), encoding: .utf8)
      let description = page.components(separatedBy: ".SH \"DESCRIPTION\"\n").dropFirst().first?
        .components(separatedBy: "\n.SH").first
      let sentences = (description ?? "").replacingOccurrences(of: "\n", with: " ")
        .components(separatedBy: ". ").filter { $0.count > 40 }
      #expect(Set(sentences).count == sentences.count, "\(name)")
    }
  }

  /// Pages of section 7 tell a story: their lines run one after the other in one empty folder.
  @Test func storiesRun() throws {
    let names = try Self.names(in: ".7")
    #expect(
      names == ["formats", "metrics", "recipes", "tutorial", "words"].map { "fairpost-\($0).7" })
    for name in names {
      let scratch = try Scratch()
      defer { scratch.remove() }
      for example in try Self.examples(of: name) {
        let run = try Program.run(
          executable: "/bin/bash", Self.strict + [example], environment: ["COLUMNS": "80"],
          directory: scratch.url)
        #expect(
          Self.isGate(example) ? run.status <= 2 : run.status == 0,
          "\(name): \(example)\n\(run.errorText)")
        #expect(
          example.split(separator: "\n").allSatisfy { $0.count <= 76 }, "\(name): \(example)")
      }
    }
  }

  /// Examples of commands: each in a folder that holds the files they name.
  @Test func commandsRun() throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let script = Shared.repository.appendingPathComponent("Tests/Tools/manual-folder.sh").path
    let made = try Program.run(
      executable: "/bin/sh", [script], environment: [:], directory: folder.url)
    #expect(made.status == 0, "\(made.errorText)")
    var count = 0
    for name in try Self.names(in: ".1") {
      for example in try Self.examples(of: name) {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let work = scratch.url.appendingPathComponent("work")
        try FileManager.default.copyItem(at: folder.url, to: work)
        let run = try Program.run(
          executable: "/bin/bash", Self.strict + ["PATH=$PATH:$PWD/bin\n" + example],
          environment: ["HOME": work.path, "COLUMNS": "80"], directory: work)
        #expect(
          Self.isGate(example) ? run.status <= 2 : run.status == 0,
          "\(name): \(example)\n\(run.errorText)")
        count += 1
      }
    }
    #expect(count > 60)
  }
}
