package import FairpostText

/// Manual pages (sections 1 and 7) in roff, without a date, so that the same declarations give the same
/// bytes.
package enum ManPage {
  /// The file name of a command's page, such as `fairpost-adjust.1`.
  package static func fileName(of command: CommandSpec, in program: ProgramSpec) -> String {
    "\(program.name)-\(command.name).1"
  }

  /// The file name of the program's own page.
  package static func fileName(of program: ProgramSpec) -> String { "\(program.name).1" }

  /// Every page with its file name.
  package static func all(
    of program: ProgramSpec, _ topics: [Topic] = []
  ) -> [(fileName: String, text: String)] {
    [(fileName(of: program), of(program, topics))]
      + program.shownCommands.map { (fileName(of: $0, in: program), of($0, in: program)) }
      + topics.map { ("\(program.name)-\($0.name).7", of($0, in: program, beside: topics)) }
  }

  /// The page of a topic.
  static func of(_ topic: Topic, in program: ProgramSpec, beside topics: [Topic]) -> String {
    var roff = Roff()
    let title = "\(program.name)-\(topic.name)"
    roff.title(title, program, section: 7)
    roff.section("NAME")
    roff.text("\(title) - \(topic.summary)")
    roff.section("DESCRIPTION")
    for block in topic.blocks {
      switch block {
      case .heading(let text): roff.subsection(text)
      case .paragraph(let text): roff.paragraph(text)
      case .item(let term, let text): roff.item(roff.bold(term), text)
      case .entry(let name, let texts):
        roff.item(roff.bold(name), texts.first ?? "")
        for text in texts.dropFirst() { roff.broken(text) }
      case .run(let lines): roff.commands(lines)
      }
    }
    roff.section("SEE ALSO")
    roff.seeAlso(
      [(program.name, 1)]
        + topics.filter { $0.name != topic.name }.map { ("\(program.name)-\($0.name)", 7) })
    return roff.page
  }

  /// The page of a command.
  package static func of(_ command: CommandSpec, in program: ProgramSpec) -> String {
    var roff = Roff()
    let title = "\(program.name)-\(command.name)"
    roff.title(title, program)
    roff.section("NAME")
    roff.text("\(title) - \(command.summary)")
    roff.section("SYNOPSIS")
    roff.synopsis(program.name, command.synopsis)
    roff.examples(command.examples)
    if !command.details.isEmpty {
      roff.section("DESCRIPTION")
      roff.paragraphs(command.details)
    }
    if !command.operands.methods.isEmpty {
      roff.section("METHODS")
      for method in command.operands.methods {
        let note = method.name == command.operands.defaultMethod ? " (the default)" : ""
        roff.item(roff.bold(method.name), method.summary + note)
        for text in method.details { roff.continued(text) }
      }
    }
    let shared = sections(of: command.options)
    let own = command.operands.methods.filter { $0.options.contains { !$0.hidden } }
    if !shared.isEmpty || !own.isEmpty {
      roff.section("OPTIONS")
      for method in own {
        roff.subsection("Options of \(method.name)")
        roff.options(method.options)
      }
      for part in shared {
        roff.subsection(part.heading)
        roff.options(part.options)
      }
    }
    if !command.memory.isEmpty {
      roff.section("MEMORY")
      roff.text(command.memory)
    }
    roff.exitStatus(command.exitNotes)
    roff.section("SEE ALSO")
    roff.seeAlso(([program.name] + command.seeAlso.map { "\(program.name)-\($0)" }).map { ($0, 1) })
    return roff.page
  }

  /// The page of the program.
  package static func of(_ program: ProgramSpec, _ topics: [Topic] = []) -> String {
    var roff = Roff()
    roff.title(program.name, program)
    roff.section("NAME")
    roff.text("\(program.name) - \(program.summary)")
    roff.section("SYNOPSIS")
    roff.synopsis(program.name, "COMMAND [OPTION...] [FILE...]")
    roff.examples(program.examples)
    if !program.details.isEmpty {
      roff.section("DESCRIPTION")
      roff.paragraphs(program.details)
    }
    roff.section("COMMANDS")
    for part in sections(of: program.commands) {
      roff.subsection(part.heading)
      for command in part.commands { roff.item(roff.bold(command.name), command.summary) }
    }
    let shared = sections(of: program.options)
    if !shared.isEmpty {
      roff.section("OPTIONS")
      for part in shared { roff.options(part.options) }
    }
    roff.exitStatus(program.exitNotes)
    if !program.environment.isEmpty {
      roff.section("ENVIRONMENT")
      for variable in program.environment {
        roff.item(roff.bold(variable.name), variable.meaning)
      }
    }
    roff.section("SEE ALSO")
    roff.seeAlso(
      topics.map { ("\(program.name)-\($0.name)", 7) }
        + program.shownCommands.map { ("\(program.name)-\($0.name)", 1) })
    return roff.page
  }
}

/// Lines of roff under construction; all text goes through `escaped`.
private struct Roff {
  private(set) var page = ""

  mutating func title(_ title: String, _ program: ProgramSpec, section: Int = 1) {
    macro(
      "TH", title.uppercased(), "\(section)", "", "\(program.name) \(program.version)",
      section == 1 ? "User Commands" : "Guides")
    // Neither hyphens inside words nor stretched blanks: command lines must stay recognisable.
    line(".nh")
    line(".ad l")
  }

  mutating func section(_ name: String) { macro("SH", name) }
  mutating func subsection(_ name: String) { macro("SS", name) }

  mutating func text(_ text: String) { line(guarded(escaped(text))) }

  mutating func paragraphs(_ texts: [String]) {
    for (index, text) in texts.enumerated() {
      if index > 0 { line(".PP") }
      self.text(text)
    }
  }

  mutating func synopsis(_ program: String, _ rest: String) {
    line("\(bold(program)) \(escaped(rest))")
  }

  mutating func examples(_ examples: [Example]) {
    guard !examples.isEmpty else { return }
    section("EXAMPLES")
    for (index, example) in examples.enumerated() {
      if index > 0 { line(".PP") }
      if !example.comment.isEmpty {
        text(example.comment)
        line(".PP")
      }
      lines(example.lines(width: 68).joined(separator: "\n"))
    }
  }

  /// Lines for a shell, below what was said of them.
  mutating func commands(_ shell: String) {
    line(".PP")
    lines(shell)
  }

  private mutating func lines(_ shell: String) {
    line(".RS 4")
    line(".nf")
    for part in shell.split(separator: "\n", omittingEmptySubsequences: false) {
      text(String(part))
    }
    line(".fi")
    line(".RE")
  }

  /// A paragraph after whatever came before.
  mutating func paragraph(_ text: String) {
    line(".PP")
    self.text(text)
  }

  /// A further line of the last item.
  mutating func broken(_ text: String) {
    line(".br")
    self.text(text)
  }

  /// A tagged paragraph; the term is roff already.
  mutating func item(_ term: String, _ explanation: String) {
    line(".TP")
    line(guarded(term))
    text(explanation)
  }

  /// A further paragraph of the last item.
  mutating func continued(_ text: String) {
    line(".IP")
    self.text(text)
  }

  mutating func options(_ options: [OptionSpec]) {
    for option in options where !option.hidden {
      var term = option.short.map { "\(bold("-\($0)")), " } ?? ""
      term += bold("--\(option.name)")
      if let value = option.value { term += " \\fI\(escaped(value.placeholder))\\fR" }
      item(term, option.explanation + ".")
    }
  }

  mutating func exitStatus(_ notes: [ExitNote]) {
    guard !notes.isEmpty else { return }
    section("EXIT STATUS")
    for note in notes { item(bold("\(note.status)"), note.meaning) }
  }

  mutating func seeAlso(_ pages: [(name: String, section: Int)]) {
    for (index, page) in pages.enumerated() {
      let comma = index + 1 < pages.count ? " ," : ""
      line(".BR \(escaped(page.name)) (\(page.section))\(comma)")
    }
  }

  func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

  private mutating func macro(_ name: String, _ arguments: String...) {
    let quoted = arguments.map { argument in
      "\""
        + escaped(argument).split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\\(dq") + "\""
    }
    line("." + name + " " + quoted.joined(separator: " "))
  }

  /// A text line that begins with a dot or a quote would be a request.
  private func guarded(_ text: String) -> String {
    text.hasPrefix(".") || text.hasPrefix("'") ? "\\&\(text)" : text
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\n": result += " "
      default:
        if scalar.isASCII {
          result.unicodeScalars.append(scalar)
        } else {
          let hex = String(scalar.value, radix: 16, uppercase: true)
          result += "\\[u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex + "]"
        }
      }
    }
    return result
  }

  private mutating func line(_ text: String) { page += text + "\n" }
}
