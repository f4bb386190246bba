import FairpostJSON
import FairpostNumerics
import Testing

/// A short, repeatable run of what the fuzzer does at length: valid texts, damaged.
struct JSONMutationTests {
  @Test func damagedTextsAreReadOrRefused() throws {
    var random = RandomStream(seed: 4, purpose: "mutations")
    let interesting = Array("[]{}\",:\\-+.eE09utfn\0\n\u{FF}".utf8)
    var accepted = 0
    for _ in 0..<300 {
      let original = try randomValue(&random, depth: 2).written(.lines)
      for _ in 0..<40 {
        var bytes = original
        for _ in 0...random.below(3) {
          guard !bytes.isEmpty else { break }
          let at = random.below(bytes.count)
          switch random.below(5) {
          case 0: bytes[at] = UInt8(random.below(256))
          case 1: bytes[at] = interesting[random.below(interesting.count)]
          case 2: bytes.remove(at: at)
          case 3: bytes.removeSubrange(at...)
          default: bytes.insert(contentsOf: bytes[at..<min(at + 8, bytes.count)], at: at)
          }
        }
        do throws(JSONError) {
          let value = try JSONValue(reading: bytes, limit: 1 << 20)
          // What is accepted is written, and reads back as the same value.
          let written = try value.written(.compact)
          #expect(try JSONValue(reading: written, limit: 1 << 22) == value)
          accepted += 1
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
    #expect(accepted > 0)
  }
}
