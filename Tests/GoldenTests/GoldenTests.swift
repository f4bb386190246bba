import Foundation
import FairpostTestSupport
import Testing

/// Every case below `Tests/Golden/`, through the built program.
///
/// `RECORD=1` writes what the program prints as what is expected, and fails, so that a recording
/// is never taken for a pass; `git diff Tests/Golden` shows what changed.
@Suite struct GoldenTests {
  static let cases = GoldenCase.all(
    below: Shared.repository.appendingPathComponent("Tests/Golden"))
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  @Test(arguments: cases) func prints(_ golden: GoldenCase) throws {
    if Self.isRecording {
      try golden.record()
      Issue.record("\(golden.name): recorded, read the difference before committing it")
    } else {
      for fault in try golden.check() { Issue.record(Comment(rawValue: fault)) }
    }
  }
}
