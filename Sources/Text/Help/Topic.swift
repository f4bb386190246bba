/// A page on a subject rather than on a command: section 7 of the manual, and `fairpost help NAME`.
package struct Topic: Sendable {
  /// A part of a page.
  package enum Block: Sendable, Equatable {
    case heading(String)
    case paragraph(String)
    /// A term and what it means.
    case item(String, String)
    /// A name with several paragraphs below it.
    case entry(String, [String])
    /// Lines for a shell, which the tests run in order.
    case run(String)
  }

  /// The word that names it.
  package let name: String
  /// What it is about, in a line without a full stop.
  package let summary: String
  /// What it says.
  package let blocks: [Block]

  /// A page.
  package init(_ name: String, _ summary: String, _ blocks: [Block]) {
    self.name = name
    self.summary = summary
    self.blocks = blocks
  }
}
