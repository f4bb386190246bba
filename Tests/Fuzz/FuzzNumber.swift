import Glibc
import FairpostNumerics

/// The number reader against the C library on every text that is a plain decimal number.
@Sendable
func fuzzNumber(_ data: [UInt8]) {
  let reading = NumberText.parse(data)
  if case .number(let value) = reading {
    let text = NumberText.text(value)
    precondition(NumberText.parse(text) == reading, "does not read back")
    precondition(NumberText.parse(text).value?.sign == value.sign, "the sign changed")
  }
  let blanks: Set<UInt8> = [0x20, 0x09]
  let trimmed = data.drop { blanks.contains($0) }
  guard let last = trimmed.lastIndex(where: { !blanks.contains($0) }) else {
    precondition(reading == .missing)
    return
  }
  let text = trimmed[...last]
  // The C library reads hexadecimal and words as well; only decimal texts can be compared.
  let decimal = text.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
  guard decimal else {
    if case .number = reading { preconditionFailure("a number of odd characters") }
    return
  }
  let characters = text.map { CChar(bitPattern: $0) } + [0]
  characters.withUnsafeBufferPointer { buffer in
    guard let start = buffer.baseAddress else { return }
    var end: UnsafeMutablePointer<CChar>?
    let expected = strtod(start, &end)
    let isWhole = end.map { UnsafePointer($0) - start == text.count } ?? false
    if !isWhole {
      precondition(reading == .invalid, "accepted what the C library does not")
    } else if expected.isFinite {
      precondition(reading.value?.bitPattern == expected.bitPattern, "rounded otherwise")
    } else {
      precondition(reading == .notFinite, "overflow")
    }
  }
}
