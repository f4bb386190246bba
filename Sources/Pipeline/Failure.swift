package import FairpostText

/// The program's exit statuses, which scripts rely on.
package enum ExitStatus: Int32, Sendable, Equatable {
  /// Done.
  case done = 0
  /// A gate was not met: `evaluate --fail-if`, `verify`, `drift`.
  case notMet = 1
  /// A gate is undecided.
  case undecided = 2
  /// The command line is wrong.
  case usage = 64
  /// The data is wrong.
  case badData = 65
  /// An input does not exist or cannot be opened.
  case noInput = 66
  /// A fault of the program itself.
  case internalFault = 70
  /// An output cannot be made.
  case cannotCreate = 73
  /// Reading or writing failed.
  case inputOutput = 74
  /// A model or map file is not what it should be.
  case badModel = 78
}

/// Why a command ends without a result: the status scripts see and the words people see.
///
/// The words may hold names and values of any file; the constructor makes them safe to show.
package struct Failure: Error, Equatable, Sendable {
  /// The exit status.
  package let status: ExitStatus
  /// What is wrong, beginning with file, line and column where there are any.
  package let message: Message
  /// What to do about it, where the message does not say so itself.
  package let hint: Message?

  /// A failure.
  package init(_ status: ExitStatus, _ message: Message, hint: Message? = nil) {
    self.status = status
    self.message = Shown.line(message)
    self.hint = hint.map { Shown.line($0) }
  }
}
