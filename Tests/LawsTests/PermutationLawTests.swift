import Foundation
import FairpostTestSupport
import Testing

/// What `evaluate` says of p-values, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct PermutationLawTests {
  private func run(_ options: [String]) throws -> ProgramRun {
    let data = try Program.run(["synth", "loans", "--count", "300"])
    return try Program.run(
      ["evaluate", "--task", "repaid", "--score", "score", "--group", "sex"] + options,
      input: data.output)
  }

  /// Fourteen figures over groups test eight hypotheses; 19 permutations cannot show 5 % of eight.
  @Test func tooFewPermutationsAreSaid() throws {
    let outcome = try run(["--permutations", "19", "--adjust-p", "holm"])
    #expect(outcome.status == 0)
    #expect(outcome.errorText.contains("8 hypotheses"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("(14 figures)"), "\(outcome.errorText)")
    // 8 / .05 - 1.
    #expect(outcome.errorText.contains("--permutations 159"), "\(outcome.errorText)")
    let enough = try run(["--permutations", "159", "--adjust-p", "holm"])
    #expect(!enough.errorText.contains("no p can be below"), "\(enough.errorText)")
    let plain = try run(["--permutations", "9"])
    #expect(plain.errorText.contains("--permutations 19"), "\(plain.errorText)")
  }
}
