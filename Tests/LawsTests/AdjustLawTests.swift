import Foundation
import FairpostNumerics
import FairpostTestSupport
import Testing

/// Runs `adjust` over a table, quietly.
func adjusted(_ input: [UInt8], _ options: [String] = []) throws -> Output {
  let run = try Program.run(
    ["adjust", "--quiet", "--score", "p", "--group", "group"] + options, input: input)
  try #require(run.status == 0, "\(run.errorText)")
  return Output(run.output)
}

/// What the map promises of numbers: exact in sample where it says so, else up to what is stated.
@Suite(.enabled(if: Program.isBuilt)) struct AdjustLawTests {
  @Test(arguments: [[300, 150, 60], [500, 40], [31, 31, 31, 31]])
  func groupMeansEqualTheOverallMean(_ sizes: [Int]) throws {
    let sample = AdjustSample(sizes, seed: 1)
    for score in ["p", "grade"] {
      let run = try Program.run(
        ["--quiet", "--score", score, "--group", "group"], input: sample.csv())
      let output = Output(run.output)
      let overall = mean(output.numbers(score))
      for (group, fair) in output.numbers(score + ".fair", by: "group") {
        #expect(isClose(mean(fair), overall, absolute: 1e-12), "\(group)")
      }
    }
  }

  @Test(arguments: ["mean-of-atom", "equipy", "hazen", "split"])
  func orderWithinGroupsIsKept(_ estimator: String) throws {
    let sample = AdjustSample([400, 90, 35], seed: 2)
    let output = try adjusted(sample.csv(), ["--estimator", estimator, "--id", "id"])
    for group in ["a", "b", "c"] {
      let pairs = zip(
        output.numbers("p", by: "group")[group] ?? [],
        output.numbers("p.fair", by: "group")[group] ?? []
      ).sorted { $0.0 < $1.0 }
      #expect(pairs.count >= 35)
      #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.1 <= $1.1 })
    }
  }

  /// Exact for groups of one size without ties.
  @Test(arguments: [0.25, 0.5, 0.9]) func distancesScaleWithEpsilon(_ epsilon: Double) throws {
    let sample = AdjustSample([250, 250], seed: 3)
    let output = try adjusted(sample.csv(), ["--epsilon", "\(epsilon)"])
    let (raw, fair) = (
      output.numbers("p", by: "group"), output.numbers("p.fair", by: "group")
    )
    let before = distances(raw["a"] ?? [], raw["b"] ?? [])
    let after = distances(fair["a"] ?? [], fair["b"] ?? [])
    #expect(isClose(after.w1, epsilon * before.w1, absolute: 1e-12))
    #expect(isClose(after.w2, epsilon * before.w2, absolute: 1e-12))
    let gap = mean(fair["b"] ?? []) - mean(fair["a"] ?? [])
    let gapBefore = mean(raw["b"] ?? []) - mean(raw["a"] ?? [])
    #expect(isClose(gap, epsilon * gapBefore, absolute: 1e-12))
  }

  /// For other sizes, and with ties, at most the share epsilon of what was and the rest of the floor.
  @Test(arguments: ["p", "grade"]) func distancesAreConvexInEpsilon(_ score: String) throws {
    let sample = AdjustSample([300, 70], seed: 4)
    func distance(_ epsilon: Double) throws -> Double {
      let run = try Program.run(
        ["--quiet", "--score", score, "--group", "group", "--epsilon", "\(epsilon)"],
        input: sample.csv())
      let fair = Output(run.output).numbers(score + ".fair", by: "group")
      return areaBetween(fair["a"] ?? [], fair["b"] ?? [])
    }
    let (floor, raw) = (try distance(0), try distance(1))
    #expect(floor < 0.5 * raw)
    for epsilon in [0.3, 0.6] {
      #expect(try distance(epsilon) <= (1 - epsilon) * floor + epsilon * raw + 1e-12)
    }
  }

  @Test(arguments: [(3.0, 2.0), (-100.0, 0.001), (0.0, 1e6)])
  func affineEquivariance(_ shift: Double, _ scale: Double) throws {
    let sample = AdjustSample([200, 80, 40], seed: 5)
    let plain = try adjusted(sample.csv()).numbers("p.fair")
    let moved = try adjusted(sample.csv { shift + scale * $0 }).numbers("p.fair")
    for (a, b) in zip(plain, moved) {
      #expect(isClose(b, shift + scale * a, absolute: 1e-9 * scale, relative: 1e-12))
    }
  }

  @Test func equalGroupsAndOneGroupAreLeftAsTheyAre() throws {
    let base = AdjustSample([150], seed: 6)
    var text = "group,p\n"
    for row in base.rows { for group in ["x", "y", "z"] { text += "\(group),\(row.score)\n" } }
    for input in [Array(text.utf8), base.csv()] {
      let output = try adjusted(input)
      #expect(largestDifference(output.numbers("p"), output.numbers("p.fair")) < 1e-12)
    }
  }

  @Test func groupNamesDoNotMatter() throws {
    let plain = try adjusted(AdjustSample([120, 60, 45], seed: 7).csv())
    let renamed = try adjusted(
      AdjustSample([120, 60, 45], seed: 7, names: ["z", "a", "\u{e9}"]).csv())
    #expect(plain.numbers("p") == renamed.numbers("p"))
    #expect(largestDifference(plain.numbers("p.fair"), renamed.numbers("p.fair")) < 1e-12)
  }

  /// Mapping what was mapped changes little: the groups agree already, up to their sizes.
  @Test func mappingTwiceIsNearlyMappingOnce() throws {
    let sample = AdjustSample([1000, 1000], seed: 8)
    let once = try adjusted(sample.csv())
    var text = "group,p\n"
    for (group, fair) in zip(once.texts("group"), once.texts("p.fair")) {
      text += "\(group),\(fair)\n"
    }
    let twice = try adjusted(Array(text.utf8))
    // Groups of one size without ties are exactly equal after the map.
    #expect(largestDifference(twice.numbers("p"), twice.numbers("p.fair")) < 1e-12)
  }

  @Test func severalAttributesEndFairOnTheirCrossing() throws {
    let sample = AdjustSample([2000, 1500], seed: 9)
    let output = try adjusted(sample.csv(), ["--group", "region"])
    let cells = Dictionary(
      grouping: output.rows.indices,
      by: { output.texts("group")[$0] + output.texts("region")[$0] })
    let fair = output.numbers("p.fair")
    let overall = mean(output.numbers("p"))
    #expect(cells.count == 4)
    for rows in cells.values {
      // Up to the knots that maps keep, and to sampling of the cells.
      #expect(isClose(mean(rows.map { fair[$0] }), overall, absolute: 0.02))
    }
  }
}
