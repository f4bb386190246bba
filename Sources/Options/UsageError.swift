/// What is wrong with a command line, and what to do about it.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, without a full stop.
  public let message: String
  /// What to do next, where something better can be said than "see --help".
  public let hint: String?

  /// A fault with advice.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  /// The message and the hint in one line.
  public var description: String { hint.map { "\(message): \($0)" } ?? message }
}
