import Foundation
import FairpostJSON
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Maps and models that are cut, changed, and changed with a checksum that fits again.
@Suite(.enabled(if: Program.isBuilt)) struct DamagedFileTests {
  /// What reads a stored file, by the file's name.
  private static let readers = [
    "in.map": ["inspect F", "apply -m F in.csv", "verify -m F fair.csv", "drift -m F in.csv"],
    "in.model": ["inspect F", "predict --overwrite -m F in.csv", "adapt -m F -o out in.csv"],
  ]

  /// The file with the checksum of what it holds now; nil of what is no JSON any more, which has no
  /// checksum to mend and is tried as it is.
  private func sealed(_ bytes: [UInt8]) throws -> [UInt8]? {
    guard case .object(var members)? = try? JSONValue(reading: bytes, limit: 1 << 24),
      members["checksum"] != nil
    else { return nil }
    members["checksum"] = nil
    let rest = try JSONValue.object(members).written(.compact)
    let digits = String(StableHash(seed: 0, purpose: "checksum")(ByteText(rest)), radix: 16)
    members.append(
      "checksum", .string(String(repeating: "0", count: 16 - digits.count) + digits))
    return try JSONValue.object(members).written()
  }

  private func check(
    _ bytes: [UInt8], _ command: String, _ scratch: Scratch, _ label: String, mustFail: Bool
  ) throws {
    _ = try scratch.file("damaged", bytes)
    let words = command.replacingOccurrences(of: "F", with: "damaged")
    let outcome = try Program.run(
      words.split(separator: " ").map(String.init), directory: scratch.url, timeout: 30)
    #expect(Torture.fault(outcome) == nil, "\(words), \(label): \(outcome.errorText)")
    if mustFail { #expect(outcome.status == 78, "\(words), \(label): \(outcome.errorText)") }
  }

  @Test(arguments: ["in.map", "in.model"]) func areRefusedInWords(_ name: String) throws {
    let scratch = try Torture.prepared()
    defer { scratch.remove() }
    let whole = [UInt8](try Data(contentsOf: scratch.url.appendingPathComponent(name)))
    let readers = Self.readers[name] ?? []
    var dice = Dice(Torture.seed)
    let until = Date().addingTimeInterval(Torture.seconds)
    var runs = 0
    // Cut at every twentieth byte: in the short form at as many of these as there is time for.
    var cuts = Array(stride(from: 0, to: whole.count - 2, by: 20))
    for place in cuts.indices { cuts.swapAt(place, place + dice.roll(cuts.count - place)) }
    for cut in cuts.prefix(Torture.isLong ? .max : 30) {
      try check(
        Array(whole[..<cut]), readers[runs % readers.count], scratch, "cut at \(cut)",
        mustFail: true)
      runs += 1
    }
    // One byte of a number, a word or a mark is another; the checksum fits again where there is one.
    let marks = Array("0123456789-+.eE,:[]{}\"\\ntua".utf8)
    for _ in 0..<(Torture.isLong ? 1000 : 60) where Torture.isLong || Date() < until {
      var bytes = whole
      let place = dice.roll(bytes.count)
      bytes[place] = dice.pick(marks)
      let again = try sealed(bytes) ?? bytes
      for reader in Torture.isLong ? readers : [readers[runs % readers.count]] {
        try check(again, reader, scratch, "byte \(place) is \(bytes[place])", mustFail: false)
        runs += 1
      }
    }
    print("damaged \(name): \(runs) runs")
  }
}
