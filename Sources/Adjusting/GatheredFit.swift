internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline

/// Calibration records as they are gathered: as they stand while they fit into memory together, else as a
/// summary of what was read so far, which holds each different score of a group once.
struct GatheredFit: Sendable {
  /// The records, where one reading was all there is.
  private(set) var whole: FitRequest?
  /// Summaries of pieces, each holding less than half of what the one before it holds.
  private var summaries: [any FitSummary] = []
  private(set) var tally = Tally()
  private(set) var records = 0
  private(set) var digest: UInt64 = 0

  /// Takes what was read, of a method whose fits merge unless it is all there is.
  mutating func take(
    _ reading: CalibrationReader.Reading, _ method: any AdjustmentMethod
  ) throws(AdjustmentError) {
    tally.add(reading.tally)
    records += reading.records
    digest &+= reading.request.digest
    if reading.isWhole {
      whole = reading.request
    } else if let summary = try method.summary(reading.request) {
      summaries.append(summary)
      while summaries.count > 1,
        2 * summaries[summaries.count - 1].size > summaries[summaries.count - 2].size
      {
        let last = Array(summaries.suffix(2))
        summaries.removeLast(2)
        summaries.append(try type(of: summary).merging(last))
      }
    }
  }

  /// Sorts the records within their groups, which the fit gains from, where they are all there.
  mutating func sortWithinGroups() {
    let threads = whole?.threads ?? 1
    whole?.data.sortWithinGroups(threads: threads)
  }

  /// Hands the records over, where they are all there.
  mutating func takeRecords() -> CalibrationData? {
    defer { whole = nil }
    return whole?.data
  }

  /// What all records come to.
  func summary(_ method: any AdjustmentMethod) throws(AdjustmentError) -> any FitSummary {
    if let whole, let summary = try method.summary(whole) { return summary }
    guard let first = summaries.first else {
      throw .cannotMerge("there is nothing to merge")
    }
    return try type(of: first).merging(summaries)
  }

  /// The adjustment that follows, with notes for people.
  func fit(
    _ method: any AdjustmentMethod, threads: Int
  ) throws -> (adjustment: any Adjustment, notes: [String]) {
    if let whole { return try method.fit(whole) }
    return try summary(method).fit(threads: threads)
  }
}
