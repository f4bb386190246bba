package import Foundation

/// A command with what it must print: a folder with `cmd`, and `expout`, `experr` and `expstatus`
/// where they are not empty or 0.
///
/// `cmd` is a script for `sh`, run in a fresh copy of the folder, so other files of the folder are
/// its inputs. A file `cmp` that holds `numbers 1e-9` compares numbers with that tolerance, absolute
/// or relative, and all else by bytes.
package struct GoldenCase: Sendable, CustomStringConvertible {
  /// Topic and case, such as `usage/unknown-option`.
  package let name: String
  /// The folder.
  package let folder: URL

  /// The name, under which a test run reports the case.
  package var description: String { name }

  /// The cases two folders below a folder, in the order of their names.
  package static func all(below root: URL) -> [Self] {
    names(in: root).flatMap { topic -> [Self] in
      let topicFolder = root.appendingPathComponent(topic)
      return names(in: topicFolder).compactMap { name -> Self? in
        let folder = topicFolder.appendingPathComponent(name)
        let script = folder.appendingPathComponent("cmd").path
        guard FileManager.default.fileExists(atPath: script) else { return nil }
        return Self(name: "\(topic)/\(name)", folder: folder)
      }
    }
  }

  /// Nothing where it is no folder: the trees hold plain files too.
  private static func names(in folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
      .filter { !$0.hasPrefix(".") }
  }

  /// Runs the command and says what differs; nothing where all is as expected.
  package func check(environment: [String: String] = [:]) throws -> [String] {
    let outcome = try run(environment)
    var faults: [String] = []
    if outcome.timedOut { faults.append("\(name): took too long and was killed") }
    let tolerance = try self.tolerance()
    for (file, actual) in [("expout", outcome.output), ("experr", outcome.errors)] {
      let expected = try bytes(file)
      let same =
        tolerance.map { sameNumbers(expected, actual, tolerance: $0) } ?? (expected == actual)
      if !same {
        faults.append(
          "\(name): \(file) differs (- expected, + printed)\n"
            + unifiedDiff(expected: expected, actual: actual))
      }
    }
    let text = String(decoding: try bytes("expstatus"), as: UTF8.self)
    let status = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    if outcome.status != status {
      faults.append("\(name): status \(outcome.status) in place of \(status)")
    }
    return faults
  }

  /// Runs the command and writes what it printed as what is expected.
  package func record(environment: [String: String] = [:]) throws {
    let outcome = try run(environment)
    try write(outcome.output, to: "expout", keepEmpty: true)
    try write(outcome.errors, to: "experr", keepEmpty: false)
    let status = outcome.status == 0 ? "" : "\(outcome.status)\n"
    try write(Array(status.utf8), to: "expstatus", keepEmpty: false)
  }

  private func run(_ environment: [String: String]) throws -> ProgramRun {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let work = scratch.url.appendingPathComponent("case")
    try FileManager.default.copyItem(at: folder, to: work)
    for file in ["expout", "experr", "expstatus", "cmp"] {
      try Self.removeIfThere(work.appendingPathComponent(file))
    }
    return try Program.run(
      executable: "/bin/sh", ["cmd"], environment: environment, directory: work)
  }

  private static func removeIfThere(_ url: URL) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    try FileManager.default.removeItem(at: url)
  }

  /// The bytes of a file of the case; none where the case has no such file.
  private func bytes(_ file: String) throws -> [UInt8] {
    let url = folder.appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else { return [] }
    return [UInt8](try Data(contentsOf: url))
  }

  private func tolerance() throws -> Double? {
    let words = String(decoding: try bytes("cmp"), as: UTF8.self).split(
      whereSeparator: \.isWhitespace)
    guard !words.isEmpty else { return nil }
    guard words.count == 2, words[0] == "numbers", let tolerance = Double(words[1]) else {
      throw BadComparison(name: name)
    }
    return tolerance
  }

  private func write(_ bytes: [UInt8], to file: String, keepEmpty: Bool) throws {
    let url = folder.appendingPathComponent(file)
    if bytes.isEmpty && !keepEmpty {
      try Self.removeIfThere(url)
    } else {
      try Data(bytes).write(to: url)
    }
  }

  /// A `cmp` file that says something else than `numbers TOLERANCE`.
  package struct BadComparison: Error {
    /// The case.
    package let name: String
  }
}

/// Whether two texts are the same but for numbers that agree to a tolerance, absolute or relative.
package func sameNumbers(_ expected: [UInt8], _ actual: [UInt8], tolerance: Double) -> Bool {
  let separators = Set(" \t\r\n,;:=()[]{}|\"".utf8)
  var (i, j) = (0, 0)
  while i < expected.count, j < actual.count {
    if separators.contains(expected[i]) || separators.contains(actual[j]) {
      guard expected[i] == actual[j] else { return false }
      i += 1
      j += 1
      continue
    }
    let a = expected[i...].prefix { !separators.contains($0) }
    let b = actual[j...].prefix { !separators.contains($0) }
    if a != b {
      guard let x = Double(String(decoding: a, as: UTF8.self)),
        let y = Double(String(decoding: b, as: UTF8.self)),
        isClose(x, y, absolute: tolerance, relative: tolerance)
      else { return false }
    }
    i = a.endIndex
    j = b.endIndex
  }
  return i == expected.count && j == actual.count
}
