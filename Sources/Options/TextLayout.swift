/// Breaks text into lines of at most a width, at spaces only; a longer word has its own line.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
    if line.isEmpty {
      line = String(word)
    } else if line.count + 1 + word.count <= width {
      line += " \(word)"
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

/// Lines of text under construction, without blanks at their ends and without double blank lines.
struct Page {
  private(set) var lines: [String] = []
  let width: Int

  init(width: Int) { self.width = max(width, 40) }

  /// The page as text.
  var text: String {
    var shown = lines
    while shown.last == "" { shown.removeLast() }
    return shown.map { $0 + "\n" }.joined()
  }

  mutating func blank() {
    if let last = lines.last, last != "" { lines.append("") }
  }

  mutating func line(_ text: String, indent: Int = 0) {
    let trimmed = text.reversed().drop { $0 == " " }.reversed()
    lines.append(
      trimmed.isEmpty ? "" : String(repeating: " ", count: indent) + String(trimmed))
  }

  mutating func paragraph(_ text: String, indent: Int = 0) {
    for part in wrapped(text, width: width - indent) { line(part, indent: indent) }
  }

  /// A term with its explanation beside it, or below it where the term is long.
  mutating func item(_ term: String, _ text: String, column: Int) {
    let parts = wrapped(text, width: width - column)
    var rest = parts[...]
    if 2 + term.count + 2 <= column, let first = rest.popFirst() {
      let gap = String(repeating: " ", count: column - 2 - term.count)
      line(term + gap + first, indent: 2)
    } else {
      line(term, indent: 2)
    }
    for part in rest { line(part, indent: column) }
  }
}
