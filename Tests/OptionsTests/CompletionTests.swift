import Foundation
import FairpostOptions
import FairpostTestSupport
import Testing

/// The scripts in the shells they are for, with a stand-in for the program that knows the columns.
@Suite struct CompletionTests {
  /// A folder with a CSV file whose stand-in program prints three columns, and the scripts.
  private func makeFolder() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.file("in.csv", "id,sex,my score\n")
    _ = try scratch.file("income.model", "{}")
    let program = try scratch.file(
      "fairpost",
      """
      #!/bin/sh
      [ "$1" = __complete-columns ] && [ "$2" = in.csv ] && printf '%s\\n' id sex 'my score'
      exit 0

      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    for shell in Completions.Shell.allCases {
      _ = try scratch.file(
        "script.\(shell.rawValue)", Completions.script(for: shell, of: Sample.program))
    }
    return scratch
  }

  private func run(_ script: String, shell: String) throws -> ProgramRun {
    let scratch = try makeFolder()
    defer { scratch.remove() }
    let path = scratch.url.path + ":" + (Program.plainEnvironment["PATH"] ?? "")
    return try Program.run(
      executable: installed(shell) ?? shell, (shell == "zsh" ? ["-f"] : []) + ["-c", script],
      environment: ["PATH": path, "HOME": scratch.url.path], directory: scratch.url)
  }

  /// What bash offers for a line of words, the last of which is being typed.
  private func bash(_ words: [String]) throws -> [String] {
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try run(
      """
      source ./script.bash
      COMP_WORDS=(\(line)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      [ "${COMP_WORDS[COMP_CWORD]}" = in.csv ] && COMP_CWORD=$((COMP_CWORD - 1))
      _fairpost
      printf '%s\\n' "${COMPREPLY[@]}"
      """, shell: "bash")
    #expect(outcome.errorText == "")
    return outcome.outputText.split(separator: "\n").map(String.init)
  }

  @Test func namesTheFiles() {
    #expect(
      Completions.Shell.allCases.map { $0.fileName(of: Sample.program) }
        == ["fairpost", "_fairpost", "fairpost.fish"])
  }

  @Test(.enabled(if: installed("bash") != nil)) func parsesInBash() throws {
    let outcome = try run("bash -n script.bash", shell: "bash")
    #expect(outcome.status == 0 && outcome.errorText == "")
  }

  @Test(
    .enabled(if: installed("bash") != nil),
    arguments: [
      (["fairpost", "a"], ["adjust", "apply"]),
      (["fairpost", "--v"], ["--version", "--verbose"]),
      (["fairpost", "adjust", "--un"], ["--unseen"]),
      (["fairpost", "adjust", "--unseen", "p"], ["pool", "pass"]),
      (["fairpost", "adjust", "--unseen", "=", "e"], ["error"]),
      (["fairpost", "adjust", "--unseen", "="], ["error", "pool", "pass"]),
      (["fairpost", "adjust", "in.csv", "--score", "s"], ["sex"]),
      (["fairpost", "adjust", "--score", "s", "in.csv"], ["sex"]),
      (["fairpost", "adjust", "-s", "", "in.csv"], ["id", "sex", "my\\ score"]),
      (
        ["fairpost", "adjust", "<", "in.csv", "--group", "id,"],
        ["id,id", "id,sex", "id,my\\ score"]
      ),
      (["fairpost", "--score", "m", "in.csv"], ["my\\ score"]),
      (["fairpost", "adjust", "--score", "s"], []),
      (["fairpost", "adjust", "--ep"], ["--epsilon"]),
      (["fairpost", "adjust", "threshold", "--ep"], []),
      (["fairpost", "adjust", "threshold", "--gr"], ["--group", "--grid"]),
      (["fairpost", "fit", "was"], ["wasserstein"]),
      (["fairpost", "adjust", "in"], []),
      (["fairpost", "help", "ap"], ["apply"]),
      (["fairpost", "completions", ""], ["bash", "zsh", "fish"]),
      (["fairpost", "adjust", "--", "--un"], []),
      (["fairpost", "zzz", "--un"], []),
    ]) func completesInBash(_ words: [String], _ offered: [String]) throws
  {
    #expect(try bash(words).sorted() == offered.sorted())
  }

  @Test(.enabled(if: installed("zsh") != nil)) func parsesInZsh() throws {
    let outcome = try run("zsh -n script.zsh", shell: "zsh")
    #expect(outcome.status == 0 && outcome.errorText == "")
  }

  /// Zsh completes only in a terminal, so one is made with its own `zpty`.
  @Test(
    .enabled(if: installed("zsh") != nil),
    arguments: [
      ("fairpost adjust --unseen po", "pool"), ("fairpost adjust in.csv --score se", "sex"),
      ("fairpost adjust in.csv --group id,se", "id,sex"), ("fairpost com", "completions"),
      ("fairpost adjust thr", "threshold"), ("fairpost adjust --epsi", "--epsilon"),
      ("fairpost --unseen pa", "pass"), ("fairpost apply --model inc", "income.model"),
      ("fairpost completions fi", "fish"),
    ]) func completesInZsh(_ typed: String, _ expected: String) throws
  {
    let outcome = try run(
      """
      zmodload zsh/zpty
      zpty -b shell zsh -f -i
      zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; fpath=($PWD $fpath)'
      zpty -w shell 'autoload -Uz compinit && compinit -u -D; source ./script.zsh; LISTMAX=1000'
      zpty -w shell 'done-line() { print -r -- "<<$BUFFER>>" > result; exit }; zle -N done-line'
      zpty -w shell 'bindkey "^I" expand-or-complete; bindkey "^X" done-line'
      zpty -w shell 'zle-line-init() { print > ready }; zle -N zle-line-init'
      for attempt in {1..600}; do [[ -s ready ]] && break; sleep 0.05; done
      zpty -n -w shell $'\(typed)\\t\\x18'
      for attempt in {1..600}; do [[ -s result ]] && break; sleep 0.05; done
      cat result
      """, shell: "zsh")
    #expect(outcome.outputText.contains(expected), Comment(rawValue: outcome.errorText))
  }

  @Test(.enabled(if: installed("fish") != nil)) func parsesInFish() throws {
    let outcome = try run("fish --no-execute script.fish", shell: "fish")
    #expect(outcome.status == 0 && outcome.errorText == "")
  }

  @Test(
    .enabled(if: installed("fish") != nil),
    arguments: [
      ("fairpost ap", ["apply"]), ("fairpost adjust --unseen po", ["pool"]),
      ("fairpost adjust --unseen=po", ["--unseen=pool"]),
      ("fairpost adjust in.csv --score s", ["sex"]),
      ("fairpost adjust in.csv --group id,s", ["id,sex"]),
      ("fairpost adjust in.csv --group=id,s", ["--group=id,sex"]),
      ("fairpost --group x in.csv --score m", ["my score"]),
      ("fairpost adjust thr", ["threshold"]), ("fairpost adjust --epsi", ["--epsilon"]),
      ("fairpost adjust threshold --epsi", []), ("fairpost adjust threshold --gri", ["--grid"]),
      ("fairpost help com", ["completions"]), ("fairpost completions z", ["zsh"]),
      ("fairpost apply --model inc", ["income.model"]), ("fairpost adjust inc", ["income.model"]),
    ]) func completesInFish(_ line: String, _ offered: [String]) throws
  {
    let outcome = try run("source script.fish; complete -C '\(line)'", shell: "fish")
    let words = outcome.outputText.split(separator: "\n").map {
      String($0.prefix { $0 != "\t" })
    }
    #expect(words == offered, Comment(rawValue: outcome.errorText))
  }
}
