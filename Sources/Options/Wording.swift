/// Sentences about options that help and man page share.
extension OptionSpec {
  /// The option as it is written, such as `-o, --output FILE`.
  var term: String {
    let long = "--\(name)" + (value.map { " \($0.placeholder)" } ?? "")
    return short.map { "-\($0), \(long)" } ?? long
  }

  /// The help with choices, default and repetition.
  var explanation: String {
    var notes: [String] = []
    if case .choice(let words) = value?.kind, value?.placeholder != words.joined(separator: "|") {
      notes.append("one of " + words.joined(separator: ", "))
    }
    if let defaultText, !defaultText.isEmpty {
      notes.append("default: \(defaultText)")
    } else if let defaultNote {
      notes.append("default: \(defaultNote)")
    }
    if required { notes.append("required") }
    if repeated { notes.append("may be repeated") }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
  }
}

extension CommandSpec {
  /// The command line in general, without the program's name.
  var synopsis: String {
    let hasOptions = everyOption.contains { !$0.hidden }
    return [name, hasOptions ? "[OPTION...]" : "", usage].filter { !$0.isEmpty }
      .joined(separator: " ")
  }
}

/// Options under their headings, headings in the order of first appearance; hidden ones left out.
func sections(of options: [OptionSpec]) -> [(heading: String, options: [OptionSpec])] {
  var sections: [(heading: String, options: [OptionSpec])] = []
  for option in options where !option.hidden {
    if let index = sections.firstIndex(where: { $0.heading == option.section }) {
      sections[index].options.append(option)
    } else {
      sections.append((option.section, [option]))
    }
  }
  return sections
}

/// Commands under their headings, in the order of first appearance; hidden ones left out.
func sections(of commands: [CommandSpec]) -> [(heading: String, commands: [CommandSpec])] {
  var sections: [(heading: String, commands: [CommandSpec])] = []
  for command in commands where !command.hidden {
    if let index = sections.firstIndex(where: { $0.heading == command.section }) {
      sections[index].commands.append(command)
    } else {
      sections.append((command.section, [command]))
    }
  }
  return sections
}
