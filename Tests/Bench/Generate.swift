#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes rows of predictions, the same rows for the same count.
///
/// A row is an id, one of five groups of unequal size, a score of 17 digits and a label drawn with
/// the score's probability.
func generate(rows: Int, path: String) throws {
  // Written under another name first, so that an interrupted run leaves no half file behind.
  let partial = path + ".partial"
  guard let file = fopen(partial, "w") else { throw BenchError("\(partial): cannot be written") }
  var state: UInt64 = 20_240_601
  var text: [UInt8] = Array("id,group,score,label\n".utf8)
  let groups: [(upTo: Double, name: [UInt8], shift: Double)] = [
    (0.45, Array(",north,".utf8), 0.10), (0.75, Array(",east,".utf8), 0.00),
    (0.90, Array(",south,".utf8), -0.08), (0.98, Array(",west,".utf8), -0.15),
    (1.00, Array(",centre,".utf8), 0.15),
  ]
  for row in 1...max(rows, 1) {
    let choice = uniform(&state)
    let group = groups.first { choice < $0.upTo } ?? groups[0]
    let bump = (uniform(&state) + uniform(&state) + uniform(&state)) / 3
    let score = min(max(bump + group.shift, 0.001), 0.999)
    text += String(row).utf8
    text += group.name
    append17Digits(score, to: &text)
    text += uniform(&state) < score ? [0x2C, 0x31, 0x0A] : [0x2C, 0x30, 0x0A]
    if text.count > 1 << 20 {
      guard fwrite(text, 1, text.count, file) == text.count else {
        throw BenchError("\(partial): cannot be written")
      }
      text.removeAll(keepingCapacity: true)
    }
  }
  let written = fwrite(text, 1, text.count, file)
  guard fclose(file) == 0, written == text.count, rename(partial, path) == 0 else {
    throw BenchError("\(path): cannot be written")
  }
}

/// SplitMix64, as a number from 0 up to 1.
private func uniform(_ state: inout UInt64) -> Double {
  state &+= 0x9E37_79B9_7F4A_7C15
  var z = state
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
}

/// A number below 1 as "0." and 17 digits, as other tools print doubles in full.
private func append17Digits(_ value: Double, to text: inout [UInt8]) {
  var digits = UInt64(value * 1e17)
  var places = [UInt8](repeating: 0x30, count: 17)
  for index in stride(from: 16, through: 0, by: -1) {
    places[index] += UInt8(digits % 10)
    digits /= 10
  }
  text += [0x30, 0x2E]
  text += places
}
