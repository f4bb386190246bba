/// Completion scripts for shells, made from the declarations.
///
/// They complete commands, methods, options, choices, files, and the column names of the first CSV
/// file on the command line, for which they call `PROGRAM __complete-columns FILE`: it prints a
/// name a line, and nothing where the file cannot be read.
package enum Completions {
  /// The hidden command that prints the column names of a file, one a line.
  package static let columnsCommand = "__complete-columns"

  /// The shells that there are scripts for.
  package enum Shell: String, Sendable, CaseIterable {
    /// GNU Bash, 3.2 or newer.
    case bash
    /// Zsh, 5 or newer.
    case zsh
    /// fish, 3 or newer.
    case fish

    /// The name under which the shell looks for the script.
    package func fileName(of program: ProgramSpec) -> String {
      switch self {
      case .bash: program.name
      case .zsh: "_\(program.name)"
      case .fish: "\(program.name).fish"
      }
    }
  }

  /// The script for a shell.
  package static func script(for shell: Shell, of program: ProgramSpec) -> String {
    switch shell {
    case .bash: bash(program)
    case .zsh: zsh(program)
    case .fish: fish(program)
    }
  }
}

/// A program's name as part of a shell function's name.
func functionName(_ name: String) -> String {
  "_" + String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
}

/// A word in single quotes for bash and zsh.
func shellQuoted(_ text: String) -> String {
  let parts = text.split(separator: "'", omittingEmptySubsequences: false)
  return "'" + parts.joined(separator: "'\\''") + "'"
}

extension OptionSpec {
  /// The ways to write the option: `--output`, `-o`.
  var spellings: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }

  /// Help cut to a phrase that fits in a menu.
  var shortHelp: String {
    let line = help.prefix { $0 != "\n" && $0 != ";" }
    return line.count <= 72 ? String(line) : line.prefix(69) + "..."
  }
}

extension [OptionSpec] {
  var shown: [OptionSpec] { filter { !$0.hidden } }
}
