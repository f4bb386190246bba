/// Sentences in lines of a width.
package enum Lines {
  /// A sentence broken at its blanks, each line behind the same blanks as the first; nil is no limit.
  ///
  /// - Parameter hanging: blanks that the second and later lines begin with besides.
  package static func wrapped(_ text: String, width: Int?, hanging: Int = 0) -> [String] {
    let shown = Shown.line(text)
    let indent = String(shown.prefix { $0 == " " })
    guard let width else { return [shown] }
    var lines: [String] = []
    var line = ""
    for word in shown.split(separator: " ") {
      let room = width - indent.count - (lines.isEmpty ? 0 : hanging)
      if !line.isEmpty, line.count + 1 + word.count > room {
        lines.append(line)
        line = String(word)
      } else {
        line = line.isEmpty ? String(word) : line + " " + word
      }
    }
    lines.append(line)
    let later = indent + String(repeating: " ", count: hanging)
    return lines.enumerated().map { ($0.offset == 0 ? indent : later) + $0.element }
  }

  /// Sentences under each other, broken to a width, as a page.
  package static func page(_ sentences: [String], width: Int?, hanging: Int = 0) -> String {
    sentences.flatMap { wrapped($0, width: width, hanging: hanging) }.map { $0 + "\n" }.joined()
  }
}
