package import FairpostJSON

/// What a fit keeps of its records: summaries of parts make the summary of the whole, and that makes
/// the very fit of all records.
package protocol FitSummary: Sendable {
  /// The records in it, of every score together.
  var records: Int { get }
  /// The different scores that it holds.
  var size: Int { get }
  /// What is stored.
  func json() -> JSONValue
  /// Why it cannot be merged with another one of the same method; nil where it can.
  func conflict(with other: any FitSummary) -> String?
  /// The summary of all records of several summaries, in whatever order and division.
  static func merging(_ all: [any FitSummary]) throws(AdjustmentError) -> any FitSummary
  /// What may leave a place whose records may not: nothing of fewer records than that.
  func coarsened(minimumCell: Int) throws(AdjustmentError) -> any FitSummary
  /// The adjustment that follows, with notes for people.
  func fit(threads: Int) throws -> (adjustment: any Adjustment, notes: [String])
}

extension AdjustmentMethod {
  package var merges: Bool { false }

  package func summary(
    _ request: FitRequest
  ) throws(AdjustmentError) -> (any FitSummary)? { nil }

  package static func readSummary(_ json: JSONValue) throws -> (any FitSummary)? { nil }
}
