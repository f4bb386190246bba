import FairpostCSV
import FairpostNumerics
import Testing

/// The shapes of real files, one by one.
@Suite struct ReaderTests {
  private func fields(_ text: String, delimiter: Character = ",") -> [[String]] {
    fields(Array(text.utf8), delimiter: delimiter)
  }

  private func fields(_ bytes: [UInt8], delimiter: Character = ",") -> [[String]] {
    let reading = Reading(bytes, delimiter: delimiter.asciiValue ?? 0)
    #expect(reading.error == nil)
    return reading.items.compactMap { item in
      guard case .record(let fields, _, _) = item else { return nil }
      return fields.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func error(_ text: String, columns: [String]? = nil) -> CSVError? {
    Reading(Array(text.utf8), columns: columns).error
  }

  @Test func quotedFields() {
    #expect(fields("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n") == [["x,y", "say \"hi\""]])
    #expect(fields("a,b\n\"two\nlines\",1\n") == [["two\nlines", "1"]])
    #expect(fields("a,b\n\"\",\"\"\"\"\n") == [["", "\""]])
    // A quote inside an unquoted field is an ordinary byte, and so is text behind a closing quote.
    #expect(fields("a,b\n5\" disc,\"x\"y\"z\n") == [["5\" disc", "xy\"z"]])
  }

  @Test func lineEndings() {
    #expect(fields("a,b\r\n1,2\r\n3,4") == [["1", "2"], ["3", "4"]])
    #expect(fields("a,b\n1,\"2\"\r\n") == [["1", "2"]])
    #expect(fields("a,b\r\n1,\"2\r\"\r\n") == [["1", "2\r"]])
    #expect(fields("a,b\n1,\r\n") == [["1", ""]])
    #expect(Reading(Array("a,b\r\n".utf8)).header == ["a", "b"])
    #expect(Reading(Array("a,\"b\"\r\n1,2".utf8)).header == ["a", "b"])
  }

  @Test func otherDelimiters() {
    #expect(fields("a\tb\n1,5\t2\n", delimiter: "\t") == [["1,5", "2"]])
    #expect(fields("a;b\n1;\"2;3\"\n", delimiter: ";") == [["1", "2;3"]])
    for byte in [UInt8(ascii: "\""), 0x0A, 0x0D] { #expect(Dialect(delimiter: byte) == nil) }
  }

  @Test func bytesThatAreNotText() {
    let reading = Reading(Array("a,b\n".utf8) + [0xFF, 0x00, 0x2C, 0x00, 0xE9, 0x0A])
    #expect(
      reading.items == [
        .record(
          fields: [[0xFF, 0x00], [0x00, 0xE9]], raw: [0xFF, 0x00, 0x2C, 0x00, 0xE9], line: 2)
      ])
  }

  @Test func byteOrderMark() {
    let reading = Reading([0xEF, 0xBB, 0xBF] + Array("a,b\n1,2\n".utf8))
    #expect(reading.header == ["a", "b"])
    #expect(reading.headerBytes == [0xEF, 0xBB, 0xBF] + Array("a,b\n".utf8))
    // A quoted first name behind the mark is still a quoted name.
    #expect(Reading([0xEF, 0xBB, 0xBF] + Array("\"a\",b\n".utf8)).header == ["a", "b"])
    // Without a header the mark is still no part of the first field, and still passes through.
    let bare = Reading([0xEF, 0xBB, 0xBF] + Array("1,2\n".utf8), columns: ["a", "b"])
    #expect(bare.items == [.record(fields: [[0x31], [0x32]], raw: Array("1,2".utf8), line: 1)])
    #expect(bare.copied == [0xEF, 0xBB, 0xBF] + Array("1,2\n".utf8))
  }

  @Test func whatIsNotCSVIsNamed() {
    func kind(_ bytes: [UInt8]) -> String? {
      guard case .notText(let kind, let remedy) = Reading(bytes).error else { return nil }
      #expect(!remedy.isEmpty)
      return kind
    }
    #expect(kind([0xFF, 0xFE, 0x61, 0x00])?.contains("UTF-16") == true)
    #expect(kind([0xFE, 0xFF, 0x00, 0x61])?.contains("UTF-16") == true)
    #expect(kind([0x61, 0x00, 0x2C, 0x00])?.contains("UTF-16") == true)
    #expect(kind([0x00, 0x61, 0x00, 0x2C])?.contains("UTF-16") == true)
    #expect(kind([0x1F, 0x8B, 0x08, 0x00])?.contains("gzip") == true)
    #expect(kind([0x28, 0xB5, 0x2F, 0xFD])?.contains("zstd") == true)
  }

  @Test func blankLines() {
    let several = Reading(Array("a,b\n\n1,2\n\r\n\n3,4\n\n".utf8))
    #expect(several.items.count == 2)
    #expect(several.blanks == 4)
    #expect(several.copied == Array("a,b\n\n1,2\n\r\n\n3,4\n\n".utf8))
    // With one column an empty line is a record whose field is empty.
    #expect(fields("a\n1\n\n2\r\n\r\n") == [["1"], [""], ["2"], [""]])
  }

  @Test func raggedRecords() {
    let reading = Reading(Array("a,b\n1,2\n1\n\"x\ny\",2,3\n4,5\n".utf8))
    #expect(
      reading.items == [
        .record(fields: [[0x31], [0x32]], raw: Array("1,2".utf8), line: 2),
        .ragged(raw: Array("1\n".utf8), found: 1, line: 3),
        .ragged(raw: Array("\"x\ny\",2,3\n".utf8), found: 3, line: 4),
        .record(fields: [[0x34], [0x35]], raw: Array("4,5".utf8), line: 6),
      ])
    // Two short records are not one of the right length, nor is one too long followed by one short.
    #expect(Reading(Array("a,b\n1\n2\n".utf8)).items.count == 2)
    #expect(Reading(Array("a,b\n1,2,3\n4\n".utf8)).items.count == 2)
    #expect(Reading(Array("a,b,c\n1,2\n3,4,5,6".utf8)).items.count == 2)
  }

  @Test func headers() throws {
    let header = Reading(Array("a,,a,\"x,y\"\n".utf8)).header
    #expect(header == ["a", "", "a", "x,y"])
    let names = Header(header)
    #expect(try names.index(of: "") == 1)
    #expect(try names.index(of: "x,y") == 3)
    #expect(throws: Header.Problem.ambiguous("a")) { try names.index(of: "a") }
    #expect(throws: Header.Problem.missing("b")) { try names.index(of: "b") }
    #expect(
      Reading(Array("\"two\nlines\",b\n1,2\n".utf8)).items.first.map { item in
        if case .record(_, _, let line) = item { line } else { 0 }
      } == 3)
  }

  @Test func emptyStreams() {
    #expect(error("") == .empty)
    #expect(Reading([0xEF, 0xBB, 0xBF]).error == .empty)
    #expect(error("", columns: ["a"]) == nil)
    #expect(error("a,b") == nil)
    #expect(Reading(Array("a,b".utf8)).copied == Array("a,b".utf8))
  }

  @Test func aQuoteThatNeverCloses() {
    #expect(error("a,b\n1,2\n3,\"open\n5,6\n") == .openQuote(line: 3))
    #expect(error("a,b\n\"x\ny\",2\n\"3,\n\n") == .openQuote(line: 4))
    #expect(error("a,\"b\n1,2\n") == .openQuote(line: 1))
    #expect(error("\"a\nb\",\"c\n1,2\n") == .openQuote(line: 2))
    #expect(error("1,2\n\"3", columns: ["a", "b"]) == .openQuote(line: 2))
  }

  /// An endless source: only a bound on memory ends the reading.
  private final class Endless: ByteSource, @unchecked Sendable {
    private var head: [UInt8]
    private let filler: [UInt8]
    var total = 0
    init(_ head: String, filler: String) {
      self.head = Array(head.utf8)
      self.filler = Array(repeating: Array(filler.utf8), count: 4096).flatMap { $0 }
    }
    func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
      let bytes = head.isEmpty ? Array(filler.prefix(limit)) : Array(head.prefix(limit))
      head.removeFirst(min(head.count, limit))
      buffer.append(bytes)
      total += bytes.count
      return bytes.count
    }
  }

  @Test(arguments: [("a,b\n1,2\n3,\"", "x\n", 3), ("a,b\n1,2\n3,", "x", 3)])
  func memoryIsBounded(head: String, filler: String, line: Int) throws {
    let source = Endless(head, filler: filler)
    let reader = try BlockReader(source, dialect: .comma)
    let block = reader.makeBlock()
    var lines = reader.headerLines
    var failure: CSVError?
    do throws(CSVError) {
      while try reader.next(into: block) {
        block.prepare()
        lines += block.lineCount
      }
    } catch { failure = error.shifted(by: lines) }
    #expect(failure?.line == line)
    #expect(source.total <= 3 * BlockReader.recordLimit)
  }

  @Test func anEndlessHeaderIsRefused() {
    #expect(throws: CSVError.tooLong(line: 1, limit: BlockReader.recordLimit)) {
      _ = try BlockReader(Endless("a,", filler: "b,"), dialect: .comma)
    }
  }

  /// A co-process sends its header and waits: nothing may wait for more bytes than a short header.
  @Test func aShortHeaderIsTakenAtOnce() throws {
    final class OneAnswer: ByteSource, @unchecked Sendable {
      var reads = 0
      func read(onto buffer: ByteBuffer, limit: Int) throws(SystemError) -> Int {
        reads += 1
        if reads == 1 { buffer.append(Array("p\n".utf8)) }
        return reads == 1 ? 2 : 0
      }
    }
    let source = OneAnswer()
    let reader = try BlockReader(source, dialect: .comma, eager: true)
    #expect(reader.header.names == ["p"])
    #expect(source.reads == 1)
  }
}
