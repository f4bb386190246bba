/// Help for a terminal: examples first, then what can be said and what it means.
package enum HelpText {
  /// The help of a command, or of one of its methods.
  ///
  /// - Parameters:
  ///   - method: shows this method's text and options only; nil shows those of all methods.
  ///   - width: the number of columns; no less than 40 is used.
  package static func of(
    _ command: CommandSpec, method: String? = nil, in program: ProgramSpec, width: Int = 80
  ) -> String {
    var page = Page(width: width)
    let shownMethods = method.flatMap { command.method(named: $0) }.map { [$0] }
    if let only = shownMethods?.first {
      page.paragraph("\(program.name) \(command.name) \(only.name): \(only.summary)")
    } else {
      page.paragraph("\(program.name) \(command.name): \(command.summary)")
    }
    add(command.examples, to: &page)
    heading("Usage", on: &page)
    page.line("\(program.name) \(command.synopsis)", indent: 2)
    for text in command.details {
      page.blank()
      page.paragraph(text)
    }
    add(shownMethods ?? command.operands.methods, of: command, to: &page)
    let sectioned = sections(of: command.options)
    let own = shownMethods ?? command.operands.methods
    let column = helpColumn(
      of: command.options + own.flatMap(\.options), width: page.width)
    for method in own {
      add(method.options, "Options of \(method.name)", column, to: &page)
    }
    for section in sectioned { add(section.options, section.heading, column, to: &page) }
    if !command.memory.isEmpty {
      heading("Memory", on: &page)
      page.paragraph(command.memory, indent: 2)
    }
    add(command.exitNotes, to: &page)
    if !command.seeAlso.isEmpty {
      heading("See also", on: &page)
      page.paragraph(
        command.seeAlso.map { "\(program.name) help \($0)" }.joined(separator: ", "), indent: 2)
    }
    return page.text
  }

  /// The help of the whole program, which lists its commands.
  package static func of(_ program: ProgramSpec, width: Int = 80) -> String {
    var page = Page(width: width)
    page.paragraph("\(program.name): \(program.summary)")
    add(program.examples, to: &page)
    heading("Usage", on: &page)
    page.line("\(program.name) COMMAND [OPTION...] [FILE...]", indent: 2)
    for text in program.details {
      page.blank()
      page.paragraph(text)
    }
    let longest = program.shownCommands.map(\.name.count).max() ?? 0
    for section in sections(of: program.commands) {
      heading(section.heading, on: &page)
      for command in section.commands {
        page.item(command.name, command.summary, column: longest + 4)
      }
    }
    let column = helpColumn(of: program.options, width: page.width)
    for section in sections(of: program.options) {
      add(section.options, section.heading, column, to: &page)
    }
    add(program.exitNotes, to: &page)
    if !program.environment.isEmpty {
      heading("Environment", on: &page)
      let longest = program.environment.map(\.name.count).max() ?? 0
      for variable in program.environment {
        page.item(variable.name, variable.meaning, column: longest + 4)
      }
    }
    page.blank()
    page.paragraph("\"\(program.name) help COMMAND\" says more about a command.")
    return page.text
  }
}

// MARK: Parts

extension HelpText {
  private static func heading(_ text: String, on page: inout Page) {
    page.blank()
    page.line(text)
  }

  private static func add(_ examples: [Example], to page: inout Page) {
    guard !examples.isEmpty else { return }
    heading(examples.count == 1 ? "Example" : "Examples", on: &page)
    for example in examples {
      if !example.comment.isEmpty {
        for part in wrapped(example.comment, width: page.width - 4) {
          page.line("# \(part)", indent: 2)
        }
      }
      // Commands are broken as a shell takes them: they must stay fit to be copied.
      for part in example.lines(width: page.width - 2) { page.line(part, indent: 2) }
    }
  }

  private static func add(
    _ methods: [MethodSpec], of command: CommandSpec, to page: inout Page
  ) {
    guard !methods.isEmpty else { return }
    heading(methods.count == 1 ? "Method" : "Methods", on: &page)
    let longest = methods.map(\.name.count).max() ?? 0
    for method in methods {
      let note = method.name == command.operands.defaultMethod ? " (the default)" : ""
      page.item(method.name, method.summary + note, column: longest + 4)
    }
    for method in methods {
      for text in method.details {
        page.blank()
        page.paragraph(methods.count == 1 ? text : "\(method.name): \(text)")
      }
    }
  }

  private static func add(
    _ options: [OptionSpec], _ title: String, _ column: Int, to page: inout Page
  ) {
    let shown = options.filter { !$0.hidden }
    guard !shown.isEmpty else { return }
    heading(title, on: &page)
    for option in shown { page.item(aligned(option), option.explanation, column: column) }
  }

  private static func add(_ notes: [ExitNote], to page: inout Page) {
    guard !notes.isEmpty else { return }
    heading("Exit status", on: &page)
    for note in notes { page.item("\(note.status)", note.meaning, column: 6) }
  }

  /// Long names stand below each other, with or without a short name before them.
  private static func aligned(_ option: OptionSpec) -> String {
    option.short == nil ? "    \(option.term)" : option.term
  }

  private static func helpColumn(of options: [OptionSpec], width: Int) -> Int {
    let terms = options.filter { !$0.hidden }.map { aligned($0).count + 4 }
    return min(terms.max() ?? 0, min(30, width / 2))
  }
}
