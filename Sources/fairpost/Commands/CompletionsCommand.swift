internal import FairpostCSV
internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost completions`: the script that teaches a shell the program's words.
enum CompletionsCommand: Command {
  static let spec = CommandSpec(
    "completions", summary: "print a completion script for a shell", usage: "bash|zsh|fish",
    examples: [
      Example("source <(fairpost completions bash)", "turn on completion in this shell"),
      Example(
        "fairpost completions fish > ~/.config/fish/completions/fairpost.fish",
        "turn on completion in every fish shell"),
    ],
    details: [
      "The script completes commands, methods, options and choices, and column names from a CSV file that is already on the command line."
    ],
    operands: OperandSpec(
      .choice(Completions.Shell.allCases.map(\.rawValue)), minimum: 1, maximum: 1),
    section: "About the program")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let word = options.operands.first ?? ""
    guard let shell = Completions.Shell(rawValue: word) else {
      throw UsageError("there are no completions for \"\(word)\"", hint: "bash, zsh or fish")
    }
    return Program.show(Completions.script(for: shell, of: Program.spec))
  }
}

/// `fairpost __complete-columns FILE`: what the completion scripts ask for column names.
enum CompleteColumnsCommand: Command {
  static let spec = CommandSpec(
    Completions.columnsCommand, summary: "print a file's column names", usage: "FILE",
    operands: OperandSpec(.file, minimum: 1, maximum: 1), hidden: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let input = try Input(options.operands.first, InputSettings())
    // A name that a terminal would obey, or that is two lines, is left to who types it.
    let names = input.header.names.filter { Shown.isVisible($0) }
    return Program.show(names.map { $0 + "\n" }.joined())
  }
}

/// `fairpost __man DIR`: writes the manual pages, for `make man`.
enum WriteManualCommand: Command {
  static let spec = CommandSpec(
    "__man", summary: "write the manual pages into a folder", usage: "DIR",
    operands: OperandSpec(.file, minimum: 1, maximum: 1), hidden: true)

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let folder = options.operands.first ?? "."
    for (fileName, text) in ManPage.all(of: Program.spec, Topic.all) {
      let output = try OutputFile.open("\(folder)/\(fileName)")
      try output.write(text)
      try output.commit()
    }
    return .done
  }
}
