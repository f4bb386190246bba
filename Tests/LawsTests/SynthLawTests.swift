import FairpostTestSupport
import Testing

/// What help says of synthetic data, through the built program.
@Suite(.enabled(if: Program.isBuilt)) struct SynthLawTests {
  @Test(arguments: [["loans", "--count"], ["front", "--size"], ["zafar", "--per-class"]])
  func moreRowsBeginWithTheFewer(_ words: [String]) throws {
    let few = try Program.run(["synth"] + words + ["300"])
    let many = try Program.run(["synth"] + words + ["5000"])
    #expect(few.status == 0 && many.status == 0)
    #expect(few.outputText.utf8.count > 9000 && many.outputText.hasPrefix(few.outputText))
    let other = try Program.run(["synth"] + words + ["300", "--seed", "2"])
    #expect(other.status == 0 && other.outputText != few.outputText)
  }

  @Test(arguments: ["loans", "gaussians", "front", "zafar", "fair-maml"])
  func threadsChangeNothing(_ name: String) throws {
    let runs = try ["1", "2", "5"].map { try Program.run(["synth", name, "--threads", $0]) }
    #expect(runs.allSatisfy { $0.status == 0 && $0.output == runs[0].output })
  }
}
