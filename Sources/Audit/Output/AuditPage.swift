internal import FairpostEvaluation
internal import FairpostText

/// A page of titles, sentences and tables, which knows nothing of audits.
package struct AuditPage: Sendable {
  /// A piece of the page.
  package enum Part: Sendable {
    case title(String)
    case sentence(String)
    case table(title: String, header: [String], rows: [[String]], right: [Bool])
    case note(String)
  }
  /// The pieces in order.
  package private(set) var parts: [Part] = []

  /// An empty page.
  package init() {}

  mutating func title(_ text: String) { parts.append(.title(text)) }
  mutating func sentence(_ text: String) { parts.append(.sentence(text)) }
  mutating func note(_ text: String) { parts.append(.note(text)) }
  /// A table whose first columns are words and all others numbers, where nothing else is said.
  mutating func table(
    _ title: String, _ header: [String], _ rows: [[String]], words: Int = 0, right: [Bool]? = nil
  ) {
    parts.append(
      .table(
        title: title, header: header, rows: rows,
        right: right ?? header.indices.map { $0 >= words }))
  }

  /// For a terminal; sentences are broken at a width.
  package func plain(width: Int = 100) -> String {
    var text = ""
    var isNote = false
    for part in parts {
      switch part {
      case .title(let words): text += Shown.text(words) + "\n"
      case .sentence(let words): text += Self.wrapped(Shown.text(words), width) + "\n"
      case .note(let words):
        if !isNote { text += "\n" }
        isNote = true
        text += Self.wrapped(Shown.text(words), width, indent: "  ") + "\n"
      case .table(let title, let header, let rows, let right):
        text += "\n" + Shown.text(title) + "\n" + FigureTable.aligned([header] + rows, right: right)
      }
    }
    return text
  }

  private static func wrapped(_ text: String, _ width: Int, indent: String = "") -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// Markdown.
  package var markdown: String {
    var text = ""
    for part in parts {
      switch part {
      case .title(let words): text += "# \(Shown.markdown(words))\n\n"
      case .sentence(let words): text += "\(Shown.markdown(words))\n\n"
      case .note(let words): text += "- \(Shown.markdown(words))\n"
      case .table(let title, let header, let rows, let right):
        text += FigureTable.markdown(title, header, rows, right: right) + "\n"
      }
    }
    return text
  }

  /// One HTML file that needs no other.
  package var html: String {
    var body = ""
    var name = "audit"
    var isList = false
    func close() {
      if isList { body += "</ul>\n" }
      isList = false
    }
    // A sentence may be longer than a name may be: it is made safe word by word.
    func escaped(_ text: String) -> String {
      text.split(separator: " ", omittingEmptySubsequences: false).map { Shown.xml(String($0)) }
        .joined(separator: " ")
    }
    for part in parts {
      if case .note = part {} else { close() }
      switch part {
      case .title(let words):
        name = words
        body += "<h1>\(escaped(words))</h1>\n"
      case .sentence(let words): body += "<p>\(escaped(words))</p>\n"
      case .note(let words):
        if !isList { body += "<ul>\n" }
        isList = true
        body += "<li>\(escaped(words))</li>\n"
      case .table(let title, let header, let rows, let right):
        func row(_ cells: [String], _ tag: String) -> String {
          let line = zip(cells, right).map { cell, isRight in
            "<\(tag)\(isRight ? " class=\"r\"" : "")>\(escaped(cell))</\(tag)>"
          }
          return "<tr>" + line.joined() + "</tr>\n"
        }
        body +=
          "<table>\n<caption>\(escaped(title))</caption>\n<thead>\(row(header, "th"))</thead>\n"
        body += "<tbody>\n" + rows.map { row($0, "td") }.joined() + "</tbody>\n</table>\n"
      }
    }
    close()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(name))</title>
      <style>
      body { font-family: sans-serif; max-width: 64em; margin: 2em auto; padding: 0 1em; line-height: 1.4 }
      table { border-collapse: collapse; margin: 1.5em 0 }
      caption { text-align: left; font-weight: bold; padding-bottom: 0.4em }
      th, td { border: 1px solid #999; padding: 0.25em 0.6em; text-align: left; vertical-align: top }
      .r { text-align: right }
      </style>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }
}
