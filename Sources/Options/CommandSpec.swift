/// A command line shown in help, with what it is for.
public struct Example: Sendable, Equatable {
  /// The command line.
  public let shell: String
  /// What it does.
  public let comment: String

  /// A command line and what it does.
  public init(_ shell: String, _ comment: String) {
    self.shell = shell
    self.comment = comment
  }
}

/// A method that a command's first bare word may name.
public struct MethodSpec: Sendable, Equatable {
  /// The word.
  public let name: String
  /// What it does, in a line.
  public let summary: String
  /// Paragraphs for its own help.
  public let details: [String]
  /// Options that only this method has.
  public let options: [OptionSpec]

  /// A method.
  public init(
    _ name: String, summary: String, details: [String] = [], options: [OptionSpec] = []
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.options = options
  }
}

/// What may stand on a command line beside options.
public struct OperandSpec: Sendable, Equatable {
  /// What operands are, for completion.
  public let kind: ValueKind
  /// How many there must be, not counting a METHOD.
  public let minimum: Int
  /// How many there may be, not counting a METHOD; nil is any number.
  public let maximum: Int?
  /// The methods that the first bare word may name; none where the command has no METHOD.
  public let methods: [MethodSpec]
  /// The method taken where none is named; nil where one must be named.
  public let defaultMethod: String?

  /// Operands of a kind and number, after a METHOD where methods are given.
  public init(
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
  public static let files = Self()
  /// No operands.
  public static let none = Self(.text, maximum: 0)
}

/// An exit status with its meaning in one command.
public struct ExitNote: Sendable, Equatable {
  /// The status.
  public let status: Int32
  /// When it is returned.
  public let meaning: String

  /// A status and when it is returned.
  public init(_ status: Int32, _ meaning: String) {
    self.status = status
    self.meaning = meaning
  }
}

/// A command as data: what help, man page, completions and the parser know of it.
public struct CommandSpec: Sendable {
  /// The word that calls it.
  public let name: String
  /// What it does, in a line, without a full stop.
  public let summary: String
  /// The operands in words, such as `[METHOD] [FILE...]`.
  public let usage: String
  /// Command lines, shown first.
  public let examples: [Example]
  /// Paragraphs of explanation.
  public let details: [String]
  /// Whether it streams and what memory it needs.
  public let memory: String
  /// Its options, in the order of help; methods add theirs.
  public let options: [OptionSpec]
  /// What may stand beside options.
  public let operands: OperandSpec
  /// Exit statuses that mean something particular here.
  public let exitNotes: [ExitNote]
  /// Names of related commands.
  public let seeAlso: [String]
  /// The heading in the program's list of commands.
  public let section: String
  /// Whether help and completions leave it out.
  public let hidden: Bool
  /// Whether every row of its input comes out again with its columns, unless an option leaves rows
  /// out: such a command may write over its own input.
  public let passesRows: Bool
  /// The files that options name in another way than by their value, such as a pattern's.
  public let parts: (@Sendable (ParsedOptions) -> [String])?

  /// A command.
  public init(
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
  public func method(named name: String) -> MethodSpec? {
    operands.methods.first { $0.name == name }
  }

  /// The options of the command and of all its methods, each name once.
  public var everyOption: [OptionSpec] {
    var seen = Set<String>()
    return (options + operands.methods.flatMap(\.options)).filter { seen.insert($0.name).inserted }
  }

  /// The options that hold with a method.
  public func options(with method: String?) -> [OptionSpec] {
    options + (method.flatMap { self.method(named: $0)?.options } ?? [])
  }
}

/// The program as data: its commands and what its own help says.
public struct ProgramSpec: Sendable {
  /// The program's name.
  public let name: String
  /// What it does, in a line, without a full stop.
  public let summary: String
  /// The version, shown in the man pages' footers.
  public let version: String
  /// Command lines, shown first.
  public let examples: [Example]
  /// Paragraphs of explanation.
  public let details: [String]
  /// Options that stand before any command, such as `--version`.
  public let options: [OptionSpec]
  /// The commands, in the order of help.
  public let commands: [CommandSpec]
  /// The command that options without a command belong to; nil where there is none.
  public let defaultCommand: String?
  /// The exit statuses of all commands.
  public let exitNotes: [ExitNote]
  /// Environment variables with what they do.
  public let environment: [(name: String, meaning: String)]

  /// A program.
  public init(
    _ name: String, summary: String, version: String, examples: [Example] = [],
    details: [String] = [], options: [OptionSpec] = [], commands: [CommandSpec],
    defaultCommand: String? = nil,
    exitNotes: [ExitNote] = [], environment: [(name: String, meaning: String)] = []
  ) {
    self.name = name
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

  /// The commands that help and completions show.
  public var shownCommands: [CommandSpec] { commands.filter { !$0.hidden } }

  /// The command of a name, hidden ones included.
  /// - Throws: `UsageError`, naming the nearest command.
  public func command(named word: String) throws(UsageError) -> CommandSpec {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let near = nearest(word, in: shownCommands.map(\.name))
    throw UsageError(
      "there is no command \"\(word)\"",
      hint: near.map { "did you mean \"\($0)\"?" } ?? "\"\(name) --help\" lists the commands")
  }
}
