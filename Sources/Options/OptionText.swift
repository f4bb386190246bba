package import FairpostText

/// Values of options that have a grammar of their own.
package enum OptionText {
  /// The byte that `--delimiter` names.
  package static func delimiter(_ text: String) throws(UsageError) -> UInt8 {
    switch text {
    case "\\t", "tab": return UInt8(ascii: "\t")
    case "space": return UInt8(ascii: " ")
    default:
      if text.utf8.count == 4, text.hasPrefix("\\x"), let byte = UInt8(text.suffix(2), radix: 16) {
        return byte
      }
      guard text.utf8.count == 1, let byte = text.utf8.first else {
        throw UsageError(
          "--delimiter \"\(text)\": expected one byte, or \\t, tab, space, \\xA7")
      }
      return byte
    }
  }

  /// The column and the values of `COL=VALUE[,VALUE...]`.
  package static func assignment(
    _ text: String, option: String
  ) throws(UsageError) -> (column: String, values: [String]) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("--\(option) \(text): expected COL=VALUE[,VALUE...]")
    }
    let values = text[text.index(after: equals)...]
      .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return (String(text[..<equals]), values)
  }
}
