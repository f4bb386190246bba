internal import FairpostNumerics

/// Values of settings from text; a number is a finite decimal one, as on every command line.
enum SettingText {
  /// A finite decimal number without blanks; hexadecimal and words are none, and -0 is 0.
  static func number(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, let last = text.utf8.last, !isBlank(first), !isBlank(last)
    else { return nil }
    return NumberText.parse(String(text)).value.map { $0 == 0 ? 0 : $0 }
  }

  /// The numbers between commas, each of the range; nil where one is none.
  static func numbers(_ text: String, in range: ClosedRange<Double>) -> [Double]? {
    list(text) { part in number(part).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// The whole numbers between commas, each of the range; nil where one is none.
  static func integers(_ text: String, in range: ClosedRange<Int>) -> [Int]? {
    list(text) { part in Int(part).flatMap { range.contains($0) ? $0 : nil } }
  }

  private static func list<Value>(
    _ text: String, _ value: (Substring) -> Value?
  ) -> [Value]? {
    var values: [Value] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let value = value(part) else { return nil }
      values.append(value)
    }
    return values
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
