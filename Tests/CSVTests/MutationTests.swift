import FairpostCSV
import FairpostNumerics
import Testing

/// Good texts with bytes changed, doubled and taken out have one reading whatever the blocks' size.
///
/// `make fuzz` does the same for as long as one likes.
@Suite struct MutationTests {
  private static let seeds: [[UInt8]] = [
    "a,b\n1,\"x,y\"\n\n2,3", "a\r\n\"1\n\"\r\n\r\n", "\u{FEFF}a,b,c\n,,\n\"\",\"\"\"\",\n", "x\n",
    "a\tb\n\"\t\"\t1\n2\t\"\"x\"\n",
  ].map { Array($0.utf8) }

  private func mutated(_ stream: inout RandomStream) -> [UInt8] {
    var bytes = Self.seeds[Int(stream.next() % 5)]
    let bits: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x00, 0x09, 0x61, 0xFF, 0xEF]
    for _ in 0..<(1 + stream.next() % 6) where !bytes.isEmpty {
      let place = Int(stream.next() % UInt64(bytes.count))
      switch stream.next() % 4 {
      case 0: bytes[place] = bits[Int(stream.next() % 9)]
      case 1: bytes.insert(bits[Int(stream.next() % 9)], at: place)
      case 2: bytes.remove(at: place)
      default: bytes += bytes[place...]
      }
    }
    return bytes
  }

  @Test func anyBytesHaveOneReading() {
    for index in 0..<10_000 {
      var stream = RandomStream(seed: 11, purpose: "csv mutations", index: UInt64(index))
      let bytes = mutated(&stream)
      let delimiter: UInt8 = stream.next() % 2 == 0 ? 0x2C : 0x09
      let whole = Reading(bytes, delimiter: delimiter)
      let parts = Reading(
        bytes, delimiter: delimiter, blockSize: 1 + Int(stream.next() % 8),
        step: 1 + Int(stream.next() % 5), eager: stream.next() % 2 == 0)
      #expect(parts.items == whole.items, "\(bytes)")
      #expect(parts.error == whole.error, "\(bytes)")
      #expect(parts.blanks == whole.blanks, "\(bytes)")
      if case .notText? = whole.error { continue }
      ReaderPropertyTests.compareRecords(bytes, delimiter: delimiter, whole)
    }
  }
}
