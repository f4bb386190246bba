/// Text from files, as people may safely be shown it.
///
/// A group, a column or a file may be called anything: a name with an escape sequence could clear a
/// terminal, one with a line ending could forge a line of the program's own, one of a megabyte could
/// bury the answer. Everything written for people passes through here; CSV and JSON never do.
package enum Shown {
  /// The bytes of a single text, and of a word in a line, that are shown.
  package static let wordLimit = 240
  /// The bytes of a message that are shown.
  package static let lineLimit = 1200

  /// A single text, such as a name or a cell of a table: on one line, at most some hundred bytes.
  package static func word(_ text: String) -> String {
    if isPlain(text, limit: wordLimit) { return text }
    let visible = visible(text)
    return visible.utf8.count > wordLimit ? cut(visible, of: text.utf8.count) : visible
  }

  /// A line of any length: what is not visible is made so, and words longer than some hundred bytes
  /// are cut.
  package static func text(_ text: String) -> String {
    if isPlain(text, limit: wordLimit) { return text }
    var result = ""
    var isFirst = true
    for word in text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false) {
      result += isFirst ? "" : " "
      // The marks that close a quoted name are the message's, not the name's.
      let marks = word.reversed().prefix(3).prefix { "\":,;)".unicodeScalars.contains($0) }
      result += Shown.word(String(String.UnicodeScalarView(word.dropLast(marks.count))))
      result += String(String.UnicodeScalarView(marks.reversed()))
      isFirst = false
    }
    return result
  }

  /// A message in one line, cut in the middle where it is too long: the place at its beginning and
  /// the reason at its end stay.
  package static func line(_ message: String) -> String {
    let shown = text(message)
    let bytes = shown.utf8.count
    guard bytes > lineLimit else { return shown }
    let head = prefix(shown, bytes: lineLimit * 2 / 3)
    let tail = suffix(shown, bytes: lineLimit / 4)
    return "\(head) ... (\(grouped(message.utf8.count)) bytes in all) ... \(tail)"
  }

  /// A message whose options stay what they are.
  package static func line(_ message: Message) -> Message { message.mapText { line($0) } }

  /// Lines for people under each other.
  package static func page(_ lines: [String]) -> String {
    lines.map { text($0) + "\n" }.joined()
  }

  /// A cell of a Markdown table: no mark of it ends the cell or begins HTML, code or a link.
  package static func markdown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in line(text).unicodeScalars {
      switch scalar {
      case "|", "`": result.append(contentsOf: ["\\", scalar])
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case "(" where result.last == "]": result.append(contentsOf: ["\\", "("])
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Text of an XML document: no mark of it is markup, and every character is one that XML has.
  package static func xml(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in word(text).unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a text could be shown as it is by a terminal that does what it is told.
  package static func isVisible(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { !isHidden($0) }
  }

  private static func visible(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    // What is cut off anyway need not be gone through.
    for scalar in text.unicodeScalars.prefix(2 * wordLimit) {
      if !isHidden(scalar) {
        result.append(scalar)
        continue
      }
      let escape =
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
      result.append(contentsOf: escape.unicodeScalars)
    }
    return String(result)
  }

  /// Controls (C0, delete, C1), marks that turn or hide text, ends of lines and what is no character.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA1...0xAC: return false
    // Joiners, which letters of some scripts need.
    case 0x200C, 0x200D: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: return scalar.properties.isNoncharacterCodePoint
    }
  }

  private static func isPlain(_ text: String, limit: Int) -> Bool {
    text.utf8.count <= limit && text.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
  }

  private static func cut(_ visible: String, of bytes: Int) -> String {
    "\(prefix(visible, bytes: wordLimit * 3 / 4))...(\(grouped(bytes)) bytes)"
  }

  private static func prefix(_ text: String, bytes: Int) -> String {
    var count = 0
    let kept = text.unicodeScalars.prefix { scalar in
      count += UTF8.width(scalar)
      return count <= bytes
    }
    return String(String.UnicodeScalarView(kept))
  }

  private static func suffix(_ text: String, bytes: Int) -> String {
    var count = 0
    var kept: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars.reversed() {
      count += UTF8.width(scalar)
      if count > bytes { break }
      kept.append(scalar)
    }
    return String(String.UnicodeScalarView(kept.reversed()))
  }

  private static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}
