/// What is wrong with what was asked for, and what to do about it.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, without a full stop.
  package let message: Message
  /// What to do next, where something better can be said than "see --help".
  package let hint: Message?

  /// A fault with advice.
  package init(_ message: Message, hint: Message? = nil) {
    self.message = message
    self.hint = hint
  }

  /// The message and the hint in one line.
  package var description: String { hint.map { "\(message): \($0)" } ?? "\(message)" }
}
