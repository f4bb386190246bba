/// What an option's value may be; it decides the check, the help and the completion.
package enum ValueKind: Sendable, Equatable {
  /// Any text, the empty text included.
  case text
  /// A name: any text but the empty one.
  case name
  /// The name of a column.
  case column
  /// Names of columns, separated by commas (see `columnNames(_:)`).
  case columns
  /// A text that begins with the name of a column, such as `COL=VALUE`.
  case columnText
  /// Words separated by commas, any of which may be another than those that are known.
  case words([String])
  /// The path of a file.
  case file
  /// The path of a file that is written.
  case output
  /// A name and the path of a file: `NAME=FILE`.
  case namedFile
  /// A finite number, within the range where one is given.
  case number(ClosedRange<Double>?)
  /// Finite numbers separated by commas, each within the range where one is given.
  case numbers(ClosedRange<Double>?)
  /// A whole number, within the range where one is given.
  case integer(ClosedRange<Int>?)
  /// Whole numbers separated by commas, each within the range where one is given.
  case integers(ClosedRange<Int>?)
  /// One of the words.
  case choice([String])
  /// The name of one of the program's commands.
  case command
}

/// The value of an option: how help calls it and what it may be.
package struct ValueSpec: Sendable, Equatable {
  /// How help calls the value, such as `COL`.
  package let placeholder: String
  /// What the value may be.
  package let kind: ValueKind

  /// A value with its name in help.
  package init(_ placeholder: String, _ kind: ValueKind) {
    self.placeholder = placeholder
    self.kind = kind
  }

  /// Any text.
  package static func text(_ placeholder: String = "TEXT") -> Self { Self(placeholder, .text) }
  /// A name that is not there yet, such as that of a new column.
  package static func name(_ placeholder: String = "NAME") -> Self { Self(placeholder, .name) }
  /// A column's name.
  package static func column(_ placeholder: String = "COL") -> Self { Self(placeholder, .column) }
  /// Columns' names, separated by commas.
  package static func columns(_ placeholder: String = "COL[,COL...]") -> Self {
    Self(placeholder, .columns)
  }
  /// A text that begins with a column's name.
  package static func columnText(_ placeholder: String) -> Self { Self(placeholder, .columnText) }
  /// Words separated by commas, of which these are known.
  package static func words(_ placeholder: String, _ known: [String]) -> Self {
    Self(placeholder, .words(known))
  }
  /// A file's path.
  package static func file(_ placeholder: String = "FILE") -> Self { Self(placeholder, .file) }
  /// The path of a file that is written; no two may be the same, nor be one that is read.
  package static func output(_ placeholder: String = "FILE") -> Self { Self(placeholder, .output) }
  /// A name and the path of a file.
  package static func namedFile(_ placeholder: String = "NAME=FILE") -> Self {
    Self(placeholder, .namedFile)
  }
  /// A number.
  package static func number(_ placeholder: String = "X", in range: ClosedRange<Double>? = nil)
    -> Self
  { Self(placeholder, .number(range)) }
  /// Numbers, separated by commas.
  package static func numbers(
    _ placeholder: String = "X[,X...]", in range: ClosedRange<Double>? = nil
  ) -> Self { Self(placeholder, .numbers(range)) }
  /// A whole number.
  package static func integer(_ placeholder: String = "N", in range: ClosedRange<Int>? = nil)
    -> Self
  { Self(placeholder, .integer(range)) }
  /// Whole numbers, separated by commas.
  package static func integers(
    _ placeholder: String = "N[,N...]", in range: ClosedRange<Int>? = nil
  ) -> Self { Self(placeholder, .integers(range)) }
  /// One of some words; help shows them where no placeholder is given.
  package static func choice(_ words: String..., placeholder: String? = nil) -> Self {
    .choice(words, placeholder: placeholder)
  }
  /// One of a list of words; help shows them where no placeholder is given.
  package static func choice(_ words: [String], placeholder: String? = nil) -> Self {
    Self(placeholder ?? words.joined(separator: "|"), .choice(words))
  }
  /// The name of a command.
  package static func command(_ placeholder: String = "COMMAND") -> Self {
    Self(placeholder, .command)
  }
}

/// One option of a command, declared once: the parser, help, man page and completions read it.
package struct OptionSpec: Sendable, Equatable {
  /// The long name without dashes.
  package let name: String
  /// The one-letter name, where there is one.
  package let short: Character?
  /// The value it takes; a switch takes none.
  package let value: ValueSpec?
  /// What it does, as a phrase without a full stop.
  package let help: String
  /// Whether it may be given several times.
  package let repeated: Bool
  /// Whether leaving it out is a usage error.
  package let required: Bool
  /// The value that holds where the option is not given.
  package let defaultText: String?
  /// The default in words, where it is no fixed value ("the number of cores").
  package let defaultNote: String?
  /// The heading in help.
  package let section: String
  /// Whether help, man page and completions leave it out.
  package let hidden: Bool

  /// An option; without a value it is a switch.
  package init(
    _ name: String, _ short: Character? = nil, _ value: ValueSpec? = nil, help: String,
    repeated: Bool = false, required: Bool = false, default defaultText: String? = nil,
    defaultNote: String? = nil, section: String = "Options", hidden: Bool = false
  ) {
    precondition(!name.isEmpty && !name.hasPrefix("-") && !name.contains("="))
    precondition(value != nil || defaultText == nil, "a switch has no default")
    self.name = name
    self.short = short
    self.value = value
    self.help = help
    self.repeated = repeated
    self.required = required
    self.defaultText = defaultText
    self.defaultNote = defaultNote
    self.section = section
    self.hidden = hidden
  }
}
