extension Completions {
  static func bash(_ program: ProgramSpec) -> String {
    let main = functionName(program.name)
    let commands = program.shownCommands
    let fallback = program.defaultCommand ?? ""
    let defaultOptions = commands.first { $0.name == fallback }?.options ?? []
    var seen = Set<String>()
    let firstOptions = (program.options + defaultOptions).filter { seen.insert($0.name).inserted }
    var script = """
      # Completion of \(program.name) for bash; made by "\(program.name) completions bash".

      # Offers the words that begin with what was typed.
      \(main)_words() {
        local word
        for word in "$@"; do
          [[ $word == "$typed"* ]] && COMPREPLY+=("$word")
        done
      }

      # Offers the words of a list, after its last comma.
      \(main)_list() {
        local word before=''
        [[ $typed == *,* ]] && before=${typed%,*},
        for word in "$@"; do
          [[ $before$word == "$typed"* ]] && COMPREPLY+=("$before$word")
        done
      }

      # Offers the columns of the first CSV file on the line; in a list, after its last comma.
      \(main)_columns() {
        local word file='' before='' name quoted
        for word in "${COMP_WORDS[@]:1}"; do
          case $word in
            *.csv | *.tsv | *.CSV | *.TSV) [[ -f $word ]] && file=$word && break ;;
          esac
        done
        [[ $file ]] || return
        [[ $typed == *,* ]] && before=${typed%,*},
        while IFS= read -r name; do
          printf -v quoted %q "$name"
          if [[ $name == "${typed#"$before"}"* || $quoted == "${typed#"$before"}"* ]]; then
            COMPREPLY+=("$before$quoted")
          fi
        done < <("${COMP_WORDS[0]}" \(columnsCommand) "$file" 2>/dev/null </dev/null)
      }

      # Offers files beside other words; where nothing is offered, bash offers files itself.
      \(main)_files() {
        local name
        while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$typed")
        compopt -o filenames 2>/dev/null
      }

      \(main)() {
        local typed=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
        local command='' method='' ended='' index first=2
        COMPREPLY=()
        # Bash splits --name=value at the sign.
        if [[ $typed == = ]]; then
          typed=''
        elif [[ $before == = ]]; then
          before=${COMP_WORDS[COMP_CWORD-2]}
        fi
        if ((COMP_CWORD == 1)); then
          case $typed in
            -*) \(main)_words \(spellings(firstOptions)) ;;
            *) \(main)_words \(commands.map { shellQuoted($0.name) }.joined(separator: " ")) ;;
          esac
          return
        fi
        command=${COMP_WORDS[1]}
        if [[ $command == -* ]]; then
          command=\(shellQuoted(fallback))
          first=1
        fi
        for ((index = first; index < COMP_CWORD; index++)); do
          [[ ${COMP_WORDS[index]} == -- ]] && ended=yes && break
          case "$command ${COMP_WORDS[index]}" in\n
      """
    for command in commands {
      for method in command.operands.methods {
        let pattern = shellQuoted("\(command.name) \(method.name)")
        script += "      \(pattern)) [[ $method ]] || method=${COMP_WORDS[index]} ;;\n"
      }
    }
    script += """
            '') ;;
          esac
        done
        if [[ ! $ended ]]; then
          case "$command $before" in\n
      """
    for command in commands { script += valueCases(command, program, main) }
    script += """
            '') ;;
          esac
        fi
        if [[ $typed == -* && ! $ended ]]; then
          case "$command $method" in\n
      """
    for command in commands { script += optionCases(command, main) }
    script += """
            '') ;;
          esac
          return
        fi
        case $command in\n
      """
    for command in commands { script += operandCases(command, program, main) }
    script += """
          '') ;;
        esac
      }

      complete -o default -F \(main) \(program.name)

      """
    return script
  }

  /// What to offer after an option that takes a value.
  private static func valueCases(
    _ command: CommandSpec, _ program: ProgramSpec, _ main: String
  ) -> String {
    var cases = ""
    for option in command.everyOption.shown {
      guard let kind = option.value?.kind else { continue }
      let patterns = option.spellings.map { shellQuoted("\(command.name) \($0)") }
        .joined(separator: " | ")
      cases += "      \(patterns))\(bashAction(kind, program, main)) return ;;\n"
    }
    return cases
  }

  private static func bashAction(
    _ kind: ValueKind, _ program: ProgramSpec, _ main: String
  ) -> String {
    switch kind {
    case .column, .columns, .columnText: " \(main)_columns;"
    case .words(let words):
      " \(main)_list " + words.map { shellQuoted($0) }.joined(separator: " ") + ";"
    case .choice(let words):
      " \(main)_words " + words.map { shellQuoted($0) }.joined(separator: " ") + ";"
    case .command:
      " \(main)_words "
        + program.commandWords.map { shellQuoted($0) }.joined(separator: " ") + ";"
    case .file, .output, .namedFile, .text, .name, .number, .numbers, .integer, .integers: ""
    }
  }

  private static func optionCases(_ command: CommandSpec, _ main: String) -> String {
    var cases = ""
    for method in command.operands.methods where !method.options.shown.isEmpty {
      let isDefault = method.name == command.operands.defaultMethod
      let pattern =
        shellQuoted("\(command.name) \(method.name)")
        + (isDefault ? " | \(shellQuoted("\(command.name) "))" : "")
      cases +=
        "      \(pattern))"
        + " \(main)_words \(spellings(command.options + method.options)) ;;\n"
    }
    guard !command.options.shown.isEmpty else { return cases }
    return cases + "      \(shellQuoted("\(command.name) "))*)"
      + " \(main)_words \(spellings(command.options)) ;;\n"
  }

  private static func operandCases(
    _ command: CommandSpec, _ program: ProgramSpec, _ main: String
  ) -> String {
    let operands = command.operands
    if !operands.methods.isEmpty {
      let words = operands.methods.map { shellQuoted($0.name) }.joined(separator: " ")
      let files = operands.defaultMethod == nil ? "" : "; ((${#COMPREPLY[@]})) && \(main)_files"
      return """
            \(shellQuoted(command.name)))
              if [[ ! $method && ! $ended ]]; then \(main)_words \(words)\(files); fi
              ;;\n
        """
    }
    let action = bashAction(operands.kind, program, main)
    return action.isEmpty ? "" : "    \(shellQuoted(command.name)))\(action) ;;\n"
  }

  private static func spellings(_ options: [OptionSpec]) -> String {
    options.shown.map { shellQuoted("--\($0.name)") }.joined(separator: " ")
  }
}
