import Foundation
import FairpostTestSupport
import Testing

/// What figures need of tasks and groups, and what idle rows and repeats may not change, through the
/// built program.
@Suite(.enabled(if: Program.isBuilt)) struct EvaluateNeedsTests {
  /// Rows with a binary task, a task of classes, a group and a frequency.
  private func table(_ groups: [String] = ["a", "b", "c"]) -> [String] {
    var lines = ["y,y.score,z,z.score,k,k.score.u,k.score.v,k.score.w,g,n"]
    for i in 0..<60 {
      let score = Double((i * 37) % 97) / 100
      lines.append(
        "\(i * 7 % 10 < 4 ? 1 : 0),\(score),\(i % 2),\(Double((i * 53) % 89) / 100),"
          + "\(["u", "v", "w"][i / 3 % 3]),\(Double(i % 5) / 5),\(Double(i % 7) / 7),0.4,"
          + "\(groups[i * i % groups.count]),\(i % 4)")
    }
    return lines
  }

  private func run(_ lines: [String], _ options: [String]) throws -> ProgramRun {
    try Program.run(
      ["evaluate", "-q"] + options, input: Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  @Test(arguments: [
    (["--task", "k:multiclass", "--metrics", "selection_rate"], "class_accuracy"),
    (["--task", "k:multiclass", "--metrics", "mse"], "class_accuracy"),
    (["--task", "k:multiclass", "--fail-if", "selection_rate.difference > 0.1"], "class_accuracy"),
    (["--task", "y", "--metrics", "class_recall"], "multiclass"),
    (["--task", "y", "--metrics", "mean_ks"], "two tasks"),
  ])
  func figuresThatNoTaskGives(_ options: [String], _ word: String) throws {
    let outcome = try run(table(), options + ["--group", "g"])
    #expect(outcome.status == 64)
    #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
    #expect(outcome.outputText.isEmpty)
  }

  @Test(arguments: ["reliability", "pairwise_rank", "ks", "accuracy.group_min"])
  func figuresOfGroupsNeedGroups(_ id: String) throws {
    let outcome = try run(table(), ["--task", "y", "--metrics", id])
    #expect(outcome.status == 64)
    #expect(outcome.errorText.contains("--group COL"), "\(outcome.errorText)")
  }

  /// One group, and the other rows without one: nothing is compared, and a gate is undecided.
  @Test func oneGroupIsUndecided() throws {
    for groups in [["a"], ["a", "", ""]] {
      for id in ["demographic_parity_difference", "selection_rate.ratio", "ks", "xauc_gap"] {
        let outcome = try run(
          table(groups),
          [
            "--task", "y", "--group", "g", "--metrics", id, "--fail-if",
            id.hasSuffix("ratio") ? "\(id) < 0.8" : "\(id) > 0.1",
          ])
        #expect(outcome.status == 2, "\(id)")
        #expect(outcome.outputText.contains("there is only one group"), "\(outcome.outputText)")
      }
    }
  }

  /// Two tasks: the figures that are named, and no others.
  @Test func onlyWhatIsNamed() throws {
    let outcome = try run(
      table(), ["--task", "y", "--task", "z", "--group", "g", "--metrics", "mse"])
    let ids = Set(
      outcome.outputText.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[2] })
    #expect(ids == ["mse"])
  }

  /// Frequencies, rows of frequency 0 among them, and the rows written out.
  @Test(arguments: [
    [], ["--metrics", "consistency,w2,hsic,ks,rank_correlation,ece,reliability,xauc_gap"],
    ["--bootstrap", "20"],
  ])
  func frequenciesAreRepeats(_ options: [String]) throws {
    let lines = table()
    var repeated = [lines[0]]
    for line in lines.dropFirst() {
      let times = Int(line.split(separator: ",").last ?? "") ?? 0
      repeated += Array(repeating: line, count: times)
    }
    let common =
      ["--task", "y", "--group", "g", "--features", "z.score", "--continuous", "z.score"] + options
    let frequent = try run(lines, common + ["--frequency", "n"])
    let plain = try run(repeated, common)
    #expect(frequent.status == 0 && plain.status == 0, "\(frequent.errorText)\(plain.errorText)")
    #expect(frequent.outputText == plain.outputText)
  }
}
