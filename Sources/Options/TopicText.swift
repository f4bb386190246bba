package import FairpostText

extension HelpText {
  /// A topic for a terminal.
  package static func of(_ topic: Topic, width: Int = 80) -> String {
    var page = Page(width: width)
    page.paragraph("fairpost \(topic.name): \(topic.summary)")
    let terms = topic.blocks.compactMap { block -> Int? in
      if case .item(let term, _) = block { term.count } else { nil }
    }
    // A few long terms do not push every explanation to the right.
    let column = min(24, 4 + (terms.max() ?? 0))
    for (place, block) in topic.blocks.enumerated() {
      let isItem = if case .item = block { true } else { false }
      let follows = place > 0 ? topic.blocks[place - 1] : nil
      let isRun = if case .run = block { true } else { false }
      switch follows {
      case .item? where isItem, .run? where isRun: break
      default: page.blank()
      }
      switch block {
      case .heading(let text): page.line(text)
      case .paragraph(let text): page.paragraph(text)
      case .item(let term, let text): page.item(term, text, column: column)
      case .entry(let name, let texts):
        page.line(name)
        for text in texts { page.paragraph(text, indent: 4) }
      case .run(let lines):
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
          page.line(String(line), indent: 4)
        }
      }
    }
    return page.text
  }
}
