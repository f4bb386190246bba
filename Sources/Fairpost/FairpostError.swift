internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// Why something could not be done: what kind of fault it is, what is wrong, and what to do about it.
public struct FairpostError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault it is; each is an exit status of the program.
  public enum Kind: String, Sendable, CaseIterable {
    /// What was asked for does not go together, or names something that is not there.
    case usage
    /// The data is wrong.
    case badData
    /// A file does not exist or cannot be opened.
    case noInput
    /// A file cannot be made.
    case cannotCreate
    /// Reading or writing failed.
    case inputOutput
    /// A map or model file is not what it should be.
    case badFile
    /// A fault of fairpost itself.
    case fault
  }

  /// What kind of fault it is.
  public let kind: Kind
  /// What is wrong, beginning with file, line and column where there are any.
  public let message: String
  /// What to do about it, where the message does not say so itself.
  public let hint: String?

  /// The message and the hint in one line.
  public var description: String { hint.map { "\(message): \($0)" } ?? message }

  init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  init(_ error: any Error) {
    switch error {
    case let error as FairpostError: self = error
    case let error as UsageError:
      self.init(.usage, error.message.said(by: .library), hint: error.hint?.said(by: .library))
    case let error as Failure:
      self.init(
        Kind(error.status), error.message.said(by: .library),
        hint: error.hint?.said(by: .library))
    default: self.init(.fault, "\(error)")
    }
  }
}

extension FairpostError.Kind {
  fileprivate init(_ status: ExitStatus) {
    self =
      switch status {
      case .usage: .usage
      case .badData: .badData
      case .noInput: .noInput
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      case .badModel: .badFile
      case .done, .notMet, .undecided, .internalFault: .fault
      }
  }
}

/// Numerical errors come back as values from here on, and every error as a `FairpostError`.
func answering<Answer>(_ work: () throws -> Answer) throws(FairpostError) -> Answer {
  quietGSL
  do { return try work() } catch { throw FairpostError(error) }
}

private let quietGSL: Void = GSL.start()
