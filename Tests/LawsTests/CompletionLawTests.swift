import FairpostTestSupport
import Foundation
import Testing

/// What the program's own completion scripts offer.
@Suite(.enabled(if: Program.isBuilt)) struct CompletionLawTests {
  private static func has(_ shell: String) -> Bool {
    do { return try Program.shell("command -v \(shell)").status == 0 } catch { return false }
  }

  /// Lines as they are typed, and some of what must be offered.
  private static let lines: [(typed: [String], offered: [String])] = [
    (["help", "t"], ["train", "tutorial"]), (["help", "wo"], ["words"]),
    (["evaluate", "--metrics", "ks,equal_opportunity_d"], ["ks,equal_opportunity_difference"]),
    (["metrics", "ndk"], ["ndkl"]),
    (["evaluate", "in.csv", "--task", "re"], ["region", "repaid"]),
    (["evaluate", "in.csv", "--rows", "re"], ["region", "repaid"]),
    (["evaluate", "in.csv", "--protected", "se"], ["sex"]),
    (["evaluate", "in.csv", "--group", "sex,re"], ["sex,region", "sex,repaid"]),
    (["--sco"], ["--score"]), (["train", "fa"], ["faalgrad", "fair-maml", "fairdro", "fairgrad"]),
    (["fit", "dec"], ["decide"]), (["adjust", "thr"], ["threshold"]),
  ]

  @Test(.enabled(if: has("bash"), "no bash")) func bashOffersThem() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var script = "fairpost synth loans -q -n 3 > in.csv; source <(fairpost completions bash)\n"
    for line in Self.lines {
      let words = (["fairpost"] + line.typed).map { "'\($0)'" }.joined(separator: " ")
      script +=
        "COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _fairpost; echo \"${COMPREPLY[@]}\"\n"
    }
    _ = try scratch.file("script.bash", Array(script.utf8))
    let run = try Program.shell("bash script.bash", directory: scratch.url)
    let found = run.outputText.components(separatedBy: "\n")
    for (line, answer) in zip(Self.lines, found) {
      let words = Set(answer.split(separator: " ").map(String.init))
      #expect(words.isSuperset(of: line.offered), "\(line.typed): \(answer)")
    }
    #expect(run.errorText == "")
  }

  @Test(.enabled(if: has("fish"), "no fish")) func fishOffersThem() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var script = "fairpost synth loans -q -n 3 > in.csv; fairpost completions fish | source\n"
    for line in Self.lines {
      let words = (["fairpost"] + line.typed).joined(separator: " ")
      script += "complete -C '\(words)' | string replace -r '\\t.*' '' | string join ' '; echo\n"
    }
    _ = try scratch.file("script.fish", Array(script.utf8))
    let run = try Program.shell(
      "fish --no-config script.fish", environment: ["HOME": scratch.url.path],
      directory: scratch.url)
    let found = run.outputText.components(separatedBy: "\n\n")
    for (line, answer) in zip(Self.lines, found) {
      let words = Set(answer.split(whereSeparator: \.isWhitespace).map(String.init))
      #expect(words.isSuperset(of: line.offered), "\(line.typed): \(answer)")
    }
  }

  @Test(.enabled(if: has("zsh"), "no zsh")) func zshReadsTheScript() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "fairpost completions zsh > script.zsh; zsh -n script.zsh && echo fine",
      directory: scratch.url)
    #expect(run.outputText == "fine\n", "\(run.errorText)")
  }
}
