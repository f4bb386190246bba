extension Completions {
  static func fish(_ program: ProgramSpec) -> String {
    let main = "_" + functionName(program.name)
    let name = fishQuoted(program.name)
    let fallback = program.defaultCommand ?? ""
    var script = """
      # Completion of \(program.name) for fish; made by "\(program.name) completions fish".

      # Whether the line calls a command; options without a command belong to the default one.
      function \(main)_in --argument-names wanted
          set -l words (commandline -opc)
          if test (count $words) -eq 1
              string match -q -- '-*' (commandline -ct); and test $wanted = \(fishQuoted(fallback))
              return
          end
          if string match -q -- '-*' $words[2]
              test $wanted = \(fishQuoted(fallback))
          else
              test "$words[2]" = $wanted
          end
      end

      # Whether one of some words stands behind the command.
      function \(main)_has
          set -l words (commandline -opc)
          for word in $words[3..-1]
              contains -- $word $argv; and return 0
          end
          return 1
      end

      # The columns of the first CSV file on the line; in a list, behind its last comma.
      function \(main)_columns
          set -l typed (string replace -r -- '^--[^=]*=' '' (commandline -ct))
          set -l before (string match -r -- '^.*,' "$typed")
          for word in (commandline -op)
              if string match -q -r -- '\\.(csv|tsv|CSV|TSV)$' $word; and test -f $word
                  for column in (command \(program.name) \(columnsCommand) $word 2>/dev/null </dev/null)
                      printf "%s\\n" "$before$column"
                  end
                  return
              end
          end
      end

      # The words of a list, behind its last comma.
      function \(main)_list
          set -l typed (string replace -r -- '^--[^=]*=' '' (commandline -ct))
          set -l before (string match -r -- '^.*,' "$typed")
          for word in $argv
              printf "%s\\n" "$before$word"
          end
      end

      complete -c \(name) -f\n
      """
    for command in program.shownCommands {
      script +=
        "complete -c \(name) -n 'test (count (commandline -opc)) -eq 1'"
        + " -a \(fishQuoted(command.name)) -d \(fishQuoted(command.summary))\n"
    }
    for command in program.shownCommands {
      script += "\n" + fishLines(of: command, program, main)
    }
    return script
  }

  private static func fishLines(
    of command: CommandSpec, _ program: ProgramSpec, _ main: String
  ) -> String {
    let head = "complete -c \(fishQuoted(program.name)) -n "
    let inside = "\(main)_in \(command.name)"
    let operands = command.operands
    let names = operands.methods.map(\.name)
    var script = ""
    for method in operands.methods {
      let condition = fishQuoted("\(inside); and not \(main)_has \(names.joined(separator: " "))")
      script +=
        head + condition + " -a \(fishQuoted(method.name))"
        + " -d \(fishQuoted(method.summary))\n"
    }
    if operands.maximum != 0 || operands.defaultMethod != nil {
      script += head + fishQuoted(inside) + fishOperand(operands.kind, program, main) + "\n"
    }
    for option in command.options.shown {
      script += head + fishQuoted(inside) + fishOption(option, program, main) + "\n"
    }
    for method in operands.methods {
      let others = names.filter { $0 != method.name }.joined(separator: " ")
      let condition =
        method.name != operands.defaultMethod
        ? "\(inside); and \(main)_has \(method.name)"
        : others.isEmpty ? inside : "\(inside); and not \(main)_has \(others)"
      for option in method.options.shown {
        script += head + fishQuoted(condition) + fishOption(option, program, main) + "\n"
      }
    }
    return script
  }

  private static func fishOption(
    _ option: OptionSpec, _ program: ProgramSpec, _ main: String
  ) -> String {
    var line = " -l \(fishQuoted(option.name))"
    if let short = option.short { line += " -s \(fishQuoted(String(short)))" }
    if let value = option.value {
      switch value.kind {
      case .file, .output: line += " -r -F"
      case .text, .name, .namedFile, .number, .numbers, .integer, .integers: line += " -x"
      case .column, .columns, .columnText, .words, .choice, .command:
        line += " -x" + fishOperand(value.kind, program, main)
      }
    }
    return line + " -d \(fishQuoted(option.shortHelp))"
  }

  private static func fishOperand(
    _ kind: ValueKind, _ program: ProgramSpec, _ main: String
  ) -> String {
    switch kind {
    case .file, .output: " -F"
    case .column, .columns, .columnText: " -a '(\(main)_columns)'"
    case .words(let words):
      " -a " + fishQuoted("(\(main)_list " + words.map(fishQuoted).joined(separator: " ") + ")")
    case .choice(let words): " -a \(fishQuoted(words.joined(separator: " ")))"
    case .command:
      " -a \(fishQuoted(program.commandWords.joined(separator: " ")))"
    case .text, .name, .namedFile, .number, .numbers, .integer, .integers: ""
    }
  }

  private static func fishQuoted(_ text: String) -> String {
    "'"
      + text.reduce(into: "") { result, character in
        if character == "'" || character == "\\" { result.append("\\") }
        result.append(character)
      } + "'"
  }
}
