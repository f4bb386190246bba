internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostPipeline
internal import FairpostText

/// Why a cell has no figures.
package enum CompareFault: Error {
  /// The method does not fit these data; that is no failure.
  case notApplicable(String)
  /// Something went wrong in this cell.
  case failed(String)

  /// A fault from the error of a cell.
  package static func of(_ error: any Error, input: String) -> CompareFault {
    switch error {
    case let fault as CompareFault: fault
    case TrainingError.needsOneBinaryTask: .notApplicable("learns one binary task")
    case TrainingError.needsOneTask: .notApplicable("learns one task")
    case let failure as Failure:
      .failed(
        (failure.message.after("\(input): ") ?? failure.message).description
          + (failure.hint.map { "; \($0)" } ?? ""))
    case let error as UsageError: .failed(error.description)
    default: .failed("\(error)")
    }
  }
}
