extension Completions {
  static func zsh(_ program: ProgramSpec) -> String {
    let main = functionName(program.name)
    let fallback = program.defaultCommand ?? ""
    var script = """
      #compdef \(program.name)
      # Completion of \(program.name) for zsh; made by "\(program.name) completions zsh".

      # Offers the columns of the first CSV file on the line.
      \(main)_columns() {
        local word file=''
        local -a columns
        for word in "${(@Q)${(z)BUFFER}}"; do
          [[ $word == *.(csv|tsv|CSV|TSV) && -f $word ]] && file=$word && break
        done
        [[ -n $file ]] || return 1
        columns=("${(@f)$(\(program.name) \(columnsCommand) $file 2>/dev/null </dev/null)}")
        compset -P '*,'
        compadd "$@" -- $columns
      }

      \(main)_commands() {
        local -a commands=(

      """
    for command in program.shownCommands {
      script += "    \(shellQuoted(described(command.name, command.summary)))\n"
    }
    script += "  )\n  _describe -t commands command commands\n}\n"
    script += "\n\(main)_topics() {\n  \(main)_commands\n"
    if !program.topics.isEmpty {
      script +=
        "  compadd -- \(program.topics.map { zshWord($0) }.joined(separator: " "))\n"
    }
    script += "}\n"
    for command in program.shownCommands { script += zshFunction(of: command, main) }
    script += """

      \(main)() {
        local command=$words[2]
        if ((CURRENT == 2)) && [[ $command != -* ]]; then
          \(main)_commands
          return
        fi
        if [[ $command == -* ]]; then
          command=\(shellQuoted(fallback))
        else
          shift words
          ((CURRENT--))
        fi
        case $command in\n
      """
    for command in program.shownCommands {
      script += "    \(shellQuoted(command.name))) \(commandFunction(command, main)) ;;\n"
    }
    script += """
          *) _files ;;
        esac
      }

      # The file is loaded as the function's body the first time, or sourced.
      if [[ $funcstack[1] == \(main) ]]; then
        \(main) "$@"
      else
        compdef \(main) \(program.name)
      fi

      """
    return script
  }

  private static func commandFunction(_ command: CommandSpec, _ main: String) -> String {
    main + "_command" + functionName(command.name)
  }

  private static func zshFunction(of command: CommandSpec, _ main: String) -> String {
    let name = commandFunction(command, main)
    let operands = command.operands
    var script = ""
    if !operands.methods.isEmpty {
      script += "\n\(name)_methods() {\n  local -a methods=(\n"
      for method in operands.methods {
        script += "    \(shellQuoted(described(method.name, method.summary)))\n"
      }
      script += "  )\n  _describe -t methods method methods\n"
      script += (operands.defaultMethod == nil ? "" : "  _files\n") + "}\n"
    }
    script += "\n\(name)() {\n  local -a specs=(\n"
    for option in command.options.shown { script += "    \(spec(option, main))\n" }
    if !operands.methods.isEmpty { script += "    '1:METHOD:\(name)_methods'\n" }
    if operands.maximum != 0 {
      script += "    " + shellQuoted("*:operand:\(zshAction(operands.kind, main))") + "\n"
    }
    script += "  )\n"
    for method in operands.methods where !method.options.shown.isEmpty {
      let isDefault = method.name == operands.defaultMethod
      let others = operands.methods.filter { $0.name != method.name }.map(\.name)
      // The default method's options hold until another method is named.
      let test =
        isDefault
        ? (others.isEmpty
          ? "true" : "! (($words[(I)(\(others.joined(separator: "|")))]))")
        : "(($words[(I)\(method.name)]))"
      script += "  if \(test); then\n    specs+=(\n"
      for option in method.options.shown { script += "      \(spec(option, main))\n" }
      script += "    )\n  fi\n"
    }
    return script + "  _arguments -s -S : $specs\n}\n"
  }

  /// An option in the language of `_arguments`.
  private static func spec(_ option: OptionSpec, _ main: String) -> String {
    var tail = "[" + bracketed(option.shortHelp) + "]"
    if let value = option.value {
      tail += ":" + coloned(value.placeholder) + ":" + zshAction(value.kind, main)
    }
    let equals = option.value == nil ? "" : "="
    let excluded =
      option.repeated ? "*" : "(" + option.spellings.joined(separator: " ") + ")"
    var specs = [shellQuoted("\(excluded)--\(option.name)\(equals)\(tail)")]
    if let short = option.short {
      specs.append(shellQuoted("\(excluded)-\(short)\(option.value == nil ? "" : "+")\(tail)"))
    }
    return specs.joined(separator: " ")
  }

  private static func zshAction(_ kind: ValueKind, _ main: String) -> String {
    switch kind {
    case .column, .columns, .columnText: "\(main)_columns"
    case .words(let words):
      "{compset -P \"*,\"; compadd -- " + words.map { zshWord($0) }.joined(separator: " ") + "}"
    case .file, .output: "_files"
    case .choice(let words): "(" + words.map { zshWord($0) }.joined(separator: " ") + ")"
    case .command: "\(main)_topics"
    case .text, .name, .namedFile, .number, .numbers, .integer, .integers: " "
    }
  }

  private static func zshWord(_ word: String) -> String {
    word.reduce(into: "") { result, character in
      if "\\ ():\"'$`;&|<>*?[]#~".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  private static func described(_ name: String, _ summary: String) -> String {
    coloned(name) + ":" + summary
  }

  private static func coloned(_ text: String) -> String { escaping(":\\", in: text) }
  private static func bracketed(_ text: String) -> String { escaping("[]\\:", in: text) }

  private static func escaping(_ special: String, in text: String) -> String {
    text.reduce(into: "") { result, character in
      if special.contains(character) { result.append("\\") }
      result.append(character)
    }
  }
}
