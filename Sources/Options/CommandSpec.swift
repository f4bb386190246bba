package import FairpostText

/// A command line shown in help, with what it is for.
package struct Example: Sendable, Equatable {
  /// The command line.
  package let shell: String
  /// What it does.
  package let comment: String

  /// A command line and what it does.
  package init(_ shell: String, _ comment: String) {
    self.shell = shell
    self.comment = comment
  }
}

extension Example {
  /// The command line in lines of a width, broken before options and pipes, each but the last
  /// ending in a backslash, so that a shell takes them as they stand.
  func lines(width: Int) -> [String] {
    shell.split(separator: "\n", omittingEmptySubsequences: false).flatMap { part -> [String] in
      var lines: [String] = []
      var line = ""
      for piece in Self.pieces(part) {
        if line.isEmpty {
          line = piece
        } else if line.count + 1 + piece.count <= width - 2 {
          line += " " + piece
        } else {
          lines.append(line + " \\")
          line = "  " + piece
        }
      }
      return lines + [line]
    }
  }

  /// A line cut before every option and pipe that stands outside quotes.
  private static func pieces(_ line: Substring) -> [String] {
    var pieces: [String] = []
    var isQuoted = false
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      let mayBreak = !isQuoted && (word.hasPrefix("-") || word == "|") && !pieces.isEmpty
      if mayBreak || pieces.isEmpty {
        pieces.append(String(word))
      } else {
        pieces[pieces.count - 1] += " " + word
      }
      if word.count(where: { $0 == "'" }) % 2 == 1 { isQuoted.toggle() }
    }
    return pieces
  }
}

/// A method that a command's first bare word may name.
package struct MethodSpec: Sendable, Equatable {
  /// The word.
  package let name: String
  /// What it does, in a line.
  package let summary: String
  /// Paragraphs for its own help.
  package let details: [String]
  /// Options that only this method has.
  package let options: [OptionSpec]

  /// A method.
  package init(
    _ name: String, summary: String, details: [String] = [], options: [OptionSpec] = []
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.options = options
  }
}

/// What may stand on a command line beside options.
package struct OperandSpec: Sendable, Equatable {
  /// What operands are, for completion.
  package let kind: ValueKind
  /// How many there must be, not counting a METHOD.
  package let minimum: Int
  /// How many there may be, not counting a METHOD; nil is any number.
  package let maximum: Int?
  /// The methods that the first bare word may name; none where the command has no METHOD.
  package let methods: [MethodSpec]
  /// The method taken where none is named; nil where one must be named.
  package let defaultMethod: String?

  /// Operands of a kind and number, after a METHOD where methods are given.
  package init(
    _ kind: ValueKind = .file, minimum: Int = 0, maximum: Int? = nil,
    methods: [MethodSpec] = [], defaultMethod: String? = nil
  ) {
    self.kind = kind
    self.minimum = minimum
    self.maximum = maximum
    self.methods = methods
    self.defaultMethod = defaultMethod
  }

  /// Any number of files.
  package static let files = Self()
  /// No operands.
  package static let none = Self(.text, maximum: 0)
}

/// An exit status with its meaning in one command.
package struct ExitNote: Sendable, Equatable {
  /// The status.
  package let status: Int32
  /// When it is returned.
  package let meaning: String

  /// A status and when it is returned.
  package init(_ status: Int32, _ meaning: String) {
    self.status = status
    self.meaning = meaning
  }
}

/// A command as data: what help, man page, completions and the parser know of it.
package struct CommandSpec: Sendable {
  /// The word that calls it.
  package let name: String
  /// What it does, in a line, without a full stop.
  package let summary: String
  /// The operands in words, such as `[METHOD] [FILE...]`.
  package let usage: String
  /// Command lines, shown first.
  package let examples: [Example]
  /// Paragraphs of explanation.
  package let details: [String]
  /// Whether it streams and what memory it needs.
  package let memory: String
  /// Its options, in the order of help; methods add theirs.
  package let options: [OptionSpec]
  /// What may stand beside options.
  package let operands: OperandSpec
  /// Exit statuses that mean something particular here.
  package let exitNotes: [ExitNote]
  /// Names of related commands.
  package let seeAlso: [String]
  /// The heading in the program's list of commands.
  package let section: String
  /// Whether help and completions leave it out.
  package let hidden: Bool
  /// Whether every row of its input comes out again with its columns, unless an option leaves rows
  /// out: such a command may write over its own input.
  package let passesRows: Bool
  /// The files that options name in another way than by their value, such as a pattern's.
  package let parts: (@Sendable (ParsedOptions) -> [String])?

  /// A command.
  package init(
    _ name: String, summary: String, usage: String = "[FILE...]", examples: [Example] = [],
    details: [String] = [], memory: String = "", options: [OptionSpec] = [],
    operands: OperandSpec = .files, exitNotes: [ExitNote] = [], seeAlso: [String] = [],
    section: String = "Commands", hidden: Bool = false, passesRows: Bool = false,
    parts: (@Sendable (ParsedOptions) -> [String])? = nil
  ) {
    self.name = name
    self.summary = summary
    self.usage = usage
    self.examples = examples
    self.details = details
    self.memory = memory
    self.options = options
    self.operands = operands
    self.exitNotes = exitNotes
    self.seeAlso = seeAlso
    self.section = section
    self.hidden = hidden
    self.passesRows = passesRows
    self.parts = parts
  }

  /// The method of a name.
  package func method(named name: String) -> MethodSpec? {
    operands.methods.first { $0.name == name }
  }

  /// The options of the command and of all its methods, each name once.
  package var everyOption: [OptionSpec] {
    var seen = Set<String>()
    return (options + operands.methods.flatMap(\.options)).filter { seen.insert($0.name).inserted }
  }

  /// The options that hold with a method.
  package func options(with method: String?) -> [OptionSpec] {
    options + (method.flatMap { self.method(named: $0)?.options } ?? [])
  }
}

extension CommandSpec {
  /// The declaration with `--help`, which every command has.
  package var withHelp: CommandSpec {
    CommandSpec(
      name, summary: summary, usage: usage, examples: examples, details: details, memory: memory,
      options: options + [OptionSpec("help", "h", help: "show this help", section: "General")],
      operands: operands, exitNotes: exitNotes, seeAlso: seeAlso, section: section, hidden: hidden,
      passesRows: passesRows, parts: parts)
  }
}

/// The program as data: its commands and what its own help says.
package struct ProgramSpec: Sendable {
  /// The program's name.
  package let name: String
  /// What it does, in a line, without a full stop.
  package let summary: String
  /// The version, shown in the man pages' footers.
  package let version: String
  /// Command lines, shown first.
  package let examples: [Example]
  /// Paragraphs of explanation.
  package let details: [String]
  /// Options that stand before any command, such as `--version`.
  package let options: [OptionSpec]
  /// The commands, in the order of help.
  package let commands: [CommandSpec]
  /// The command that options without a command belong to; nil where there is none.
  package let defaultCommand: String?
  /// The exit statuses of all commands.
  package let exitNotes: [ExitNote]
  /// The pages that "help" shows besides those of commands.
  package let topics: [String]
  /// Environment variables with what they do.
  package let environment: [(name: String, meaning: String)]

  /// A program.
  package init(
    _ name: String, summary: String, version: String, examples: [Example] = [],
    details: [String] = [], options: [OptionSpec] = [], commands: [CommandSpec],
    defaultCommand: String? = nil,
    exitNotes: [ExitNote] = [], environment: [(name: String, meaning: String)] = [],
    topics: [String] = []
  ) {
    self.name = name
    self.topics = topics
    self.summary = summary
    self.version = version
    self.examples = examples
    self.details = details
    self.options = options
    self.commands = commands
    self.defaultCommand = defaultCommand
    self.exitNotes = exitNotes
    self.environment = environment
  }

  /// The words that "help" takes.
  var commandWords: [String] { shownCommands.map(\.name) + topics }

  /// The commands that help and completions show.
  package var shownCommands: [CommandSpec] { commands.filter { !$0.hidden } }

  /// The command of a name, hidden ones included.
  /// - Throws: `UsageError`, naming the nearest command.
  package func command(named word: String) throws(UsageError) -> CommandSpec {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let near = nearest(word, in: shownCommands.map(\.name))
    throw UsageError(
      "there is no command \"\(word)\"",
      hint: near.map { "did you mean \"\($0)\"?" } ?? "\"\(name) --help\" lists the commands")
  }
}
