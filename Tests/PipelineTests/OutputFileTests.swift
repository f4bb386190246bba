import Foundation
import FairpostNumerics
import FairpostPipeline
import FairpostTestSupport
import Testing

/// Results are written whole or not at all.
@Suite struct OutputFileTests {
  private func names(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
  }

  private func text(_ scratch: Scratch, _ name: String) throws -> String {
    try String(contentsOf: scratch.url.appendingPathComponent(name), encoding: .utf8)
  }

  @Test func appearsOnlyWhenCommitted() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = scratch.url.appendingPathComponent("out").path
    let output = try OutputFile.open(path)
    try output.write("new")
    #expect(try !names(scratch).contains("out"))
    try output.commit()
    #expect(try names(scratch) == ["out"])
    #expect(try text(scratch, "out") == "new")
  }

  @Test func leavesNothingWhereItFails() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = try scratch.file("out", "old").path
    do {
      let output = try OutputFile.open(path)
      try output.write("half")
      output.discard()
    }
    #expect(try names(scratch) == ["out"])
    // Forgotten without a word, as by an error on the way.
    func begin() throws { try OutputFile.open(path).write("half") }
    try begin()
    #expect(try names(scratch) == ["out"])
    #expect(try text(scratch, "out") == "old")
  }

  @Test func keepsTheModeAndFollowsLinks() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let folder = try scratch.folder("real")
    let target = folder.appendingPathComponent("target").path
    try Data("old".utf8).write(to: URL(fileURLWithPath: target))
    #expect(chmod(target, 0o640) == 0)
    let link = scratch.url.appendingPathComponent("link").path
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "real/target")
    let output = try OutputFile.open(link)
    try output.write("new")
    try output.commit()
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real/target")
    #expect(FileStatus.of(target)?.mode == 0o640)
    // A link to nothing yet makes its target.
    let loose = scratch.url.appendingPathComponent("loose").path
    try FileManager.default.createSymbolicLink(atPath: loose, withDestinationPath: "real/fresh")
    let fresh = try OutputFile.open(loose)
    try fresh.write("x")
    try fresh.commit()
    #expect(try text(scratch, "real/fresh") == "x")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: loose) == "real/fresh")
  }

  @Test func aNewFileHasTheUsualMode() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = scratch.url.appendingPathComponent("out").path
    let output = try OutputFile.open(path)
    try output.commit()
    let mask = umask(0)
    umask(mask)
    #expect(FileStatus.of(path)?.mode == UInt32(0o666 & ~mask))
  }

  @Test func whatCannotBeMade() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.file("file", "x").path
    for path in [scratch.url.path, "\(scratch.url.path)/no/such", "\(file)/below"] {
      #expect(failure { _ = try OutputFile.open(path) }?.status == .cannotCreate)
    }
  }

  @Test func devicesAreWrittenDirectly() throws {
    let null = try OutputFile.open("/dev/null")
    try null.write("x")
    try null.commit()
    #expect(FileStatus.of("/dev/null")?.isRegular == false)
    guard FileStatus.of("/dev/full") != nil else { return }
    let full = try OutputFile.open("/dev/full")
    #expect(failure { try full.write("x") }?.status == .inputOutput)
  }
}
