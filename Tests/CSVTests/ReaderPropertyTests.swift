import FairpostCSV
import FairpostNumerics
import Testing

/// The reader held against the naive one on seeded random texts made of the bytes that matter.
@Suite struct ReaderPropertyTests {
  /// A text made of field pieces, quotes, delimiters and line endings.
  static func text(_ stream: inout RandomStream, quotes: Bool, delimiter: UInt8) -> [UInt8] {
    let width = 1 + Int(stream.next() % 4)
    var bytes: [UInt8] = stream.next() % 8 == 0 ? [0xEF, 0xBB, 0xBF] : []
    // Two letters in front, so that no header with zero bytes looks like UTF-16.
    bytes += [0x68, 0x68]
    let carriageReturn = stream.next() % 2 == 0
    let rows = Int(stream.next() % 12)
    let isTidy = stream.next() % 2 == 0
    for row in 0...rows {
      let isOdd = !isTidy && row > 0 && stream.next() % 5 == 0
      let fields = isOdd ? Int(stream.next() % 6) : width
      for field in 0..<fields {
        if field > 0 { bytes.append(delimiter) }
        bytes += piece(&stream, quotes: quotes, delimiter: delimiter)
      }
      if row == rows, stream.next() % 3 == 0 { break }
      if carriageReturn != (!isTidy && stream.next() % 7 == 0) { bytes.append(0x0D) }
      bytes.append(0x0A)
    }
    return bytes
  }

  private static func piece(
    _ stream: inout RandomStream, quotes: Bool, delimiter: UInt8
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    let plain: [UInt8] = [0x61, 0x62, 0x20, 0x00, 0xFF, 0x0D, 0x31, 0x2E]
    for _ in 0..<(stream.next() % 5) { bytes.append(plain[Int(stream.next() % 8)]) }
    guard quotes else { return bytes }
    switch stream.next() % 5 {
    case 0:
      var quoted: [UInt8] = [0x22]
      let inside: [UInt8] = [0x61, delimiter, 0x0A, 0x0D, 0x00]
      for _ in 0..<(stream.next() % 6) {
        if stream.next() % 4 == 0 { quoted += [0x22, 0x22] }
        quoted.append(inside[Int(stream.next() % 5)])
      }
      return quoted + [0x22]
    case 1: return [0x22] + bytes + [0x22] + bytes
    case 2: return bytes + [0x22]
    default: return bytes
    }
  }

  static func compare(_ bytes: [UInt8], delimiter: UInt8, _ reading: Reading) {
    let naive = NaiveReader(bytes, delimiter: delimiter)
    guard !naive.headerBytes.isEmpty else {
      #expect(reading.error != nil, "\(bytes)")
      return
    }
    if isOneLineOfReturns(bytes, reading) { return }
    #expect(reading.header == naive.header.map { String(decoding: $0, as: UTF8.self) }, "\(bytes)")
    #expect(reading.headerBytes == naive.headerBytes, "\(bytes)")
    if let line = naive.openQuote {
      #expect(reading.error == .openQuote(line: line), "\(bytes)")
      return
    }
    #expect(reading.error == nil, "\(bytes)")
    #expect(reading.items == naive.items.filter { $0 != .blank }, "\(bytes)")
    #expect(reading.blanks == naive.items.count { $0 == .blank }, "\(bytes)")
    let isRagged = naive.items.contains { if case .ragged = $0 { true } else { false } }
    if !isRagged { #expect(reading.copied == bytes) }
  }

  /// Whether a text has carriage returns and no newline, which is refused where no quote is about.
  private static func isOneLineOfReturns(_ bytes: [UInt8], _ reading: Reading) -> Bool {
    guard !bytes.contains(0x0A), bytes.contains(0x0D) else { return false }
    if !bytes.contains(0x22) { #expect(reading.error == .loneReturns, "\(bytes)") }
    return reading.error == .loneReturns
  }

  /// The records alone, those before a quote that never closes included.
  static func compareRecords(_ bytes: [UInt8], delimiter: UInt8, _ reading: Reading) {
    let naive = NaiveReader(bytes, delimiter: delimiter)
    guard !naive.headerBytes.isEmpty, !isOneLineOfReturns(bytes, reading) else { return }
    #expect(reading.error == naive.openQuote.map { .openQuote(line: $0) }, "\(bytes)")
    #expect(reading.items == naive.items.filter { $0 != .blank }, "\(bytes)")
  }

  @Test(arguments: [false, true]) func agreesWithTheNaiveReader(quotes: Bool) {
    for index in 0..<3000 {
      var stream = RandomStream(seed: 7, purpose: "csv texts", index: UInt64(index))
      let delimiter: UInt8 = [0x2C, 0x09, 0x3B, 0x20, 0x00, 0xA7][Int(stream.next() % 6)]
      let bytes = Self.text(&stream, quotes: quotes, delimiter: delimiter)
      Self.compare(bytes, delimiter: delimiter, Reading(bytes, delimiter: delimiter))
      // Blocks of a few bytes, handed out in steps of fewer: every record straddles some border.
      let size = 1 + Int(stream.next() % 9)
      let step = 1 + Int(stream.next() % 7)
      Self.compare(
        bytes, delimiter: delimiter,
        Reading(bytes, delimiter: delimiter, blockSize: size, step: step))
      Self.compare(
        bytes, delimiter: delimiter,
        Reading(bytes, delimiter: delimiter, blockSize: size, step: step, eager: true))
    }
  }

  /// The path for blocks without quotes and the careful one: one quoted record at the end of the
  /// same block sends all before it down the other path.
  @Test func bothPathsGiveTheSameRecords() {
    for index in 0..<2000 {
      var stream = RandomStream(seed: 8, purpose: "csv paths", index: UInt64(index))
      var bytes = Self.text(&stream, quotes: false, delimiter: 0x2C)
      if bytes.isEmpty || bytes.last != 0x0A { bytes.append(0x0A) }
      let plain = Reading(bytes)
      let width = plain.header.count
      let last = Array(repeating: "\"x\"", count: width).joined(separator: ",")
      let quoted = Reading(bytes + Array(last.utf8))
      #expect(quoted.blocks == 1)
      #expect(quoted.items.dropLast() == plain.items[...])
      #expect(quoted.items.count == plain.items.count + 1)
    }
  }

  /// Long enough for the sixteen- and sixty-four-byte steps of the scanner and for many blocks.
  @Test func longTextsAgreeForAnyBlockSize() {
    for index in 0..<20 {
      var stream = RandomStream(seed: 9, purpose: "csv long", index: UInt64(index))
      var bytes = Array("a,b,c\n".utf8)
      for row in 0..<400 {
        bytes += Array("\(stream.next()),".utf8)
        bytes += Array(repeating: 0x78, count: Int(stream.next() % 40))
        bytes += index % 2 == 0 ? [] : Array(",\"q\"\"\n,\(row)\"\n".utf8)
        bytes += index % 2 == 0 ? Array(",\(row)\n".utf8) : []
      }
      let whole = Reading(bytes)
      Self.compare(bytes, delimiter: 0x2C, whole)
      for size in [1, 16, 63, 64, 100, 1000, 4096] {
        let parts = Reading(bytes, blockSize: size, step: size)
        #expect(parts.items == whole.items)
        #expect(parts.copied == bytes)
      }
    }
  }
}
