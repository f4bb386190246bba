import Foundation
import FairpostTestSupport
import Testing

/// `drift` through the built program: quiet where nothing moved, awake where something did.
@Suite(.enabled(if: Program.isBuilt)) struct DriftLawTests {
  /// A fixed sequence of numbers in [0, 1), which owes nothing to the program.
  private struct Numbers {
    var state: UInt64

    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
  }

  /// Rows of groups of one size, with scores that are sums of three uniform numbers.
  private func rows(
    _ groups: Int, _ size: Int, shift: Double, format: String, _ numbers: inout Numbers
  )
    -> [UInt8]
  {
    var text = "g,p\n"
    for row in 0..<(groups * size) {
      let score = (numbers.next() + numbers.next() + numbers.next()) / 3 + shift
      text += "g\(row % groups),\(String(format: format, score))\n"
    }
    return Array(text.utf8)
  }

  /// How many of some runs end with exit status 1: a fit on so many rows a group, a check of 2,000.
  private func alarms(
    runs: Int, groups: Int, fitted: Int, shift: Double = 0, format: String = "%.12f"
  ) throws -> Int {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var count = 0
    for run in 0..<runs {
      var numbers = Numbers(state: UInt64(run + 1) &* 0x9E37_79B9_7F4A_7C15)
      let map = scratch.url.appendingPathComponent("\(run).map").path
      let fit = try Program.run(
        ["fit", "-q", "--score", "p", "--group", "g", "-o", map],
        input: rows(groups, fitted, shift: 0, format: format, &numbers))
      #expect(fit.status == 0, "\(fit.errorText)")
      let check = try Program.run(
        ["drift", "-q", "-m", map],
        input: rows(groups, 2000 / groups, shift: shift, format: format, &numbers))
      if check.status == 1 { count += 1 }
    }
    return count
  }

  /// The range of 32 scores leaves out 6 % of their own population, more than the limit of 5 %.
  @Test func aSmallFitDoesNotSound() throws {
    #expect(try alarms(runs: 12, groups: 2, fitted: 32) <= 2)
    #expect(try alarms(runs: 6, groups: 5, fitted: 32, format: "%.2f") <= 1)
  }

  @Test func aMovedPopulationSounds() throws {
    #expect(try alarms(runs: 4, groups: 2, fitted: 32, shift: 0.3) == 4)
  }
}
