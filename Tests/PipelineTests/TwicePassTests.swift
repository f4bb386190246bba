import FairpostNumerics
import FairpostPipeline
import FairpostTestSupport
import FairpostText
import Foundation
import Testing

/// Streams that are read twice: files again, all else from what was kept.
@Suite struct TwicePassTests {
  private static let text =
    "id,x\n" + (0..<200_000).map { "\($0),\($0 % 7)\n" }.joined()

  private func ids(_ input: Input) throws -> [Double] {
    var request = TableRequest()
    request.numbers = [try input.column("id")]
    return try input.table(request).numbers[0]
  }

  @Test func aFileIsOpenedAgain() throws {
    let file = try TextFile(Self.text)
    let passes = try TwicePass(file.path, InputSettings(), memoryLimit: 0)
    let first = try ids(passes.firstPass)
    #expect(first == (0..<200_000).map(Double.init))
    #expect(try ids(passes.secondPass()) == first)
  }

  @Test func aFileThatChangedIsNoticed() throws {
    let file = try TextFile("id\n1\n")
    let passes = try TwicePass(file.path, InputSettings(), memoryLimit: 0)
    _ = try ids(passes.firstPass)
    try Data("id\n1\n2\n".utf8).write(to: URL(fileURLWithPath: file.path))
    #expect(
      failure { _ = try passes.secondPass() }?.message.description.contains("changed") == true)
  }

  /// A named pipe goes through the spool: in memory, on the disk, and both.
  @Test(arguments: [0, 100_000, 1 << 30]) func aPipeIsKept(limit: Int) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let path = scratch.url.appendingPathComponent("pipe").path
    #expect(mkfifo(path, 0o600) == 0)
    Thread.detachNewThread {
      if let pipe = FileHandle(forWritingAtPath: path) {
        pipe.write(Data(Self.text.utf8))
        do { try pipe.close() } catch { Issue.record(error) }
      }
    }
    let passes = try TwicePass(path, InputSettings(), memoryLimit: limit)
    let first = try ids(passes.firstPass)
    #expect(first == (0..<200_000).map(Double.init))
    #expect(try ids(passes.secondPass()) == first)
  }

  @Test(arguments: [0, 1, 10, 100, 1 << 20]) func aSpoolGivesBackWhatItGot(limit: Int) throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let text = String(repeating: "some bytes, ", count: 30)
    let spool = Spool(memoryLimit: limit, folder: folder.url.path)
    let tee = TeeSource(BytesSource(text, step: 7), keepingIn: spool)
    let read = ByteBuffer(capacity: 16)
    while try tee.read(onto: read, limit: 1000) > 0 {}
    #expect(read.contents == Array(text.utf8))
    #expect(spool.count == text.utf8.count)
    for _ in 0..<2 {
      let source = try spool.replay()
      let again = ByteBuffer(capacity: 16)
      while try source.read(onto: again, limit: 5) > 0 {}
      #expect(again.contents == read.contents)
    }
    // What is on the disk has no name.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }
}
