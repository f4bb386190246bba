/// What to do about a text that people read as a number and programs do not.
enum NumberAdvice {
  /// The advice that follows "is not a number"; empty where there is none to give.
  static func words(_ text: String) -> String {
    if isDecimalComma(text) {
      return ": --decimal comma reads numbers with a comma before their fraction"
    }
    return separator(of: text).map { ": take out the \($0) between thousands" } ?? ""
  }

  /// Whether a text is a number but for a comma in place of its point; three digits behind the comma may be
  /// thousands.
  private static func isDecimalComma(_ text: String) -> Bool {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber),
      parts[1].count != 3 || parts[0].drop(while: { $0 == "-" }) == "0"
    else { return false }
    let whole = parts[0].drop { $0 == "-" }
    return whole.allSatisfy(\.isNumber) && whole.count + parts[1].count > 1
  }

  /// What stands between groups of three digits, where a text is such a number.
  private static func separator(of text: String) -> String? {
    let names: [Character: String] = [
      ",": "commas", " ": "spaces", "'": "apostrophes", "\u{a0}": "spaces", "\u{202f}": "spaces",
      "’": "apostrophes",
    ]
    guard let mark = text.first(where: { names[$0] != nil }), let name = names[mark] else {
      return nil
    }
    var parts = text.split(separator: mark, omittingEmptySubsequences: false)
    // A fraction may follow the last three digits.
    if let last = parts.last, let point = last.firstIndex(of: ".") {
      guard last[last.index(after: point)...].allSatisfy(\.isNumber) else { return nil }
      parts[parts.count - 1] = last[..<point]
    }
    guard let first = parts.first else { return nil }
    let digits = first.drop { $0 == "-" }
    guard (1...3).contains(digits.count), digits != "0",
      ([digits] + parts.dropFirst()).allSatisfy({ $0.allSatisfy(\.isNumber) }),
      parts.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    return name
  }
}
