import Foundation
import FairpostTestSupport
import Testing

/// The tour in README.md and the pages for each kind of user: each command of a `console` block
/// prints what stands below it.
///
/// `RECORD=1` writes what the commands print into the page, and fails on purpose.
struct ReadmeTests {
  @Test(
    .enabled(if: Program.isBuilt),
    arguments: [
      ("README.md", 9), ("Examples/data-scientist.md", 7), ("Examples/production-engineer.md", 8),
      ("Examples/auditor.md", 10), ("Examples/researcher.md", 7), ("Examples/power-user.md", 12),
    ])
  func thePageIsTrue(name: String, least: Int) throws {
    let path = Shared.repository.appendingPathComponent(name).path
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let scratch = try Scratch()
    defer { scratch.remove() }
    let (told, commands) = try told(page, in: scratch.url)
    #expect(commands >= least, "\(name) has its commands")
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try told.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("\(name) was written anew: review it with git diff")
      return
    }
    if told != page {
      Issue.record(
        "\(name) differs from what the commands print:\n\(unifiedDiff(expected: Array(page.utf8), actual: Array(told.utf8)))"
      )
    }
  }

  /// Whoever reads it finds every page and script under Examples, and no link leads nowhere.
  @Test func namesEveryExample() throws {
    let root = Shared.repository
    let readme = try String(
      contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let links = readme.matches(of: /\]\(([^)#]+)\)/).map { String($0.1) }
      .filter { !$0.hasPrefix("http") }
    #expect(links.count > 15)
    for link in links {
      #expect(
        FileManager.default.fileExists(atPath: root.appendingPathComponent(link).path), "\(link)")
    }
    let folder = root.appendingPathComponent("Examples")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name != "results" && !name.hasPrefix(".") {
      // A script may be linked from the page about it.
      let page = name.replacing(".sh", with: ".md")
      let isNamed = links.contains("Examples/\(name)") || links.contains("Examples/\(page)")
      #expect(isNamed, "\(name)")
    }
  }

  /// The text with every output as the commands print it now, run in order in one folder.
  private func told(_ readme: String, in folder: URL) throws -> (text: String, commands: Int) {
    var result: [String] = []
    var commands = 0
    var isConsole = false
    for line in readme.components(separatedBy: "\n") {
      if line == "```console" {
        isConsole = true
        result.append(line)
      } else if line == "```" {
        isConsole = false
        result.append(line)
      } else if isConsole, line.hasPrefix("$ ") {
        commands += 1
        result.append(line)
        let run = try Program.shell(
          "(" + line.dropFirst(2) + ") 2>&1", environment: ["COLUMNS": "80"], directory: folder)
        var output = run.outputText
        if output.hasSuffix("\n") { output.removeLast() }
        if !output.isEmpty { result.append(output) }
        if run.status != 0 { result.append("(exit status \(run.status))") }
      } else if !isConsole {
        result.append(line)
      }
    }
    return (result.joined(separator: "\n"), commands)
  }
}
