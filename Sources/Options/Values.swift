internal import FairpostText

/// A finite decimal number, or nil for anything else; hexadecimal, `inf` and `nan` are refused.
func decimalNumber(_ text: some StringProtocol) -> Double? {
  guard text.utf8.allSatisfy({ isNumberByte($0) }), let value = Double(text), value.isFinite
  else { return nil }
  return value
}

private func isNumberByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
    UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
    true
  default: false
  }
}

extension ValueKind {
  /// What a value must be, as the end of a sentence; nil where any text will do.
  package var requirement: String? {
    switch self {
    case .text, .namedFile, .columnText: nil
    case .name: "a name, not empty"
    case .column: "the name of a column"
    case .columns: "names of columns, separated by commas"
    case .words: "words separated by commas"
    case .file, .output: "the path of a file"
    case .number(let range): "a number" + (range.map { rangeText($0) } ?? "")
    case .numbers(let range):
      "numbers separated by commas" + (range.map { ", each" + rangeText($0) } ?? "")
    case .integer(let range): "a whole number" + (range.map { rangeText($0) } ?? "")
    case .integers(let range):
      "whole numbers separated by commas" + (range.map { ", each" + rangeText($0) } ?? "")
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .command: "the name of a command"
    }
  }

  /// Whether a text is such a value.
  func accepts(_ text: String) -> Bool {
    switch self {
    case .text, .namedFile, .columnText: true
    case .name, .column, .file, .output, .command: !text.isEmpty
    case .columns, .words: columnNames(text).allSatisfy { !$0.isEmpty }
    case .number(let range):
      decimalNumber(text).map { range?.contains($0) ?? true } ?? false
    case .numbers(let range):
      text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
        decimalNumber(part).map { range?.contains($0) ?? true } ?? false
      }
    case .integer(let range): Int(text).map { range?.contains($0) ?? true } ?? false
    case .integers(let range):
      text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
        Int(part).map { range?.contains($0) ?? true } ?? false
      }
    case .choice(let words): words.contains(text)
    }
  }
}

private func rangeText(_ range: ClosedRange<Double>) -> String {
  let (low, high) = (range.lowerBound, range.upperBound)
  let openAbove = high >= .greatestFiniteMagnitude
  if low == .leastNonzeroMagnitude {
    return openAbove ? " greater than 0" : " greater than 0 and at most \(plain(high))"
  }
  if low <= -.greatestFiniteMagnitude { return openAbove ? "" : " of at most \(plain(high))" }
  return openAbove ? " of at least \(plain(low))" : " between \(plain(low)) and \(plain(high))"
}

private func rangeText(_ range: ClosedRange<Int>) -> String {
  let (low, high) = (range.lowerBound, range.upperBound)
  if low == .min { return high == .max ? "" : " of at most \(high)" }
  return high == .max ? " of at least \(low)" : " between \(low) and \(high)"
}

/// A number without a needless ".0".
private func plain(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
