package import FairpostText

/// Reads a command's words in the manner of GNU: `--x=v`, `--x v`, `-o f`, `-of`, bundled
/// switches, `--` before operands, `-` as an operand; abbreviated names are refused.
package struct Parser: Sendable {
  private let command: CommandSpec
  private let fileExists: @Sendable (String) -> Bool
  private let everyOption: [OptionSpec]

  /// A parser for a command.
  ///
  /// - Parameter fileExists: tells a file from a mistyped METHOD where the command has a default
  ///   method; without it every word that is no method is taken for a file.
  package init(
    _ command: CommandSpec, fileExists: @escaping @Sendable (String) -> Bool = { _ in true }
  ) {
    self.command = command
    self.fileExists = fileExists
    everyOption = command.everyOption
  }

  /// Reads the words that follow the command's name.
  ///
  /// Where `--help` is declared and stands before any `--`, nothing else is checked: the result
  /// holds `help` and the method, if one is named.
  package func parse(_ words: [String]) throws(UsageError) -> ParsedOptions {
    if let help = helpRequest(words) { return help }
    var scan = Scan()
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--" {
        scan.afterDashes = scan.operands.count
        scan.operands += words[index...]
        break
      } else if word.hasPrefix("--") {
        try readLong(word, words, &index, into: &scan)
      } else if word.hasPrefix("-"), word != "-" {
        try readShorts(word, words, &index, into: &scan)
      } else {
        scan.operands.append(word)
      }
    }
    let method = try takeMethod(from: &scan)
    let options = command.options(with: method.name)
    var parsed = ParsedOptions(declared: options)
    parsed.method = method.name
    parsed.methodWasNamed = method.wasNamed
    parsed.operands = scan.operands
    parsed.given = scan.given
    try check(parsed, options)
    return parsed
  }

  /// What was found while reading, before the method is known.
  private struct Scan {
    var given: [(name: String, value: String)] = []
    var operands: [String] = []
    /// How many operands stood before `--`; nil without one.
    var afterDashes: Int?
  }
}

// MARK: Reading

extension Parser {
  private func helpRequest(_ words: [String]) -> ParsedOptions? {
    guard let help = command.options.first(where: { $0.name == "help" }) else { return nil }
    let head = words.prefix { $0 != "--" }
    let spellings = ["--help"] + (help.short.map { ["-\($0)"] } ?? [])
    guard head.contains(where: spellings.contains) else { return nil }
    var parsed = ParsedOptions(declared: command.options)
    parsed.given = [("help", "")]
    parsed.method = head.first { command.method(named: $0) != nil }
    parsed.methodWasNamed = parsed.method != nil
    return parsed
  }

  private func readLong(
    _ word: String, _ words: [String], _ index: inout Int, into scan: inout Scan
  ) throws(UsageError) {
    let body = word.dropFirst(2)
    let equals = body.firstIndex(of: "=")
    let name = String(body[..<(equals ?? body.endIndex)])
    guard let option = everyOption.first(where: { $0.name == name }) else {
      throw unknown(long: name)
    }
    guard option.value != nil else {
      guard equals == nil else { throw UsageError("--\(name) takes no value") }
      scan.given.append((name, ""))
      return
    }
    if let equals {
      scan.given.append((name, String(body[body.index(after: equals)...])))
    } else {
      scan.given.append((name, try nextValue(of: option, "--\(name)", words, &index)))
    }
  }

  private func readShorts(
    _ word: String, _ words: [String], _ index: inout Int, into scan: inout Scan
  ) throws(UsageError) {
    var letters = word.dropFirst()
    while let letter = letters.first {
      letters = letters.dropFirst()
      guard let option = everyOption.first(where: { $0.short == letter }) else {
        throw unknown(short: letter, in: word)
      }
      guard option.value != nil else {
        scan.given.append((option.name, ""))
        continue
      }
      if letters.isEmpty {
        scan.given.append((option.name, try nextValue(of: option, "-\(letter)", words, &index)))
      } else if letters.first == "=" {
        // GNU would take the "=" into the value, and a file of that name is never meant.
        throw UsageError(
          "\"\(word)\" is not an option",
          hint: "write -\(letter) VALUE or --\(option.name)=VALUE")
      } else {
        scan.given.append((option.name, String(letters)))
      }
      return
    }
  }

  private func nextValue(
    of option: OptionSpec, _ shown: String, _ words: [String], _ index: inout Int
  ) throws(UsageError) -> String {
    let placeholder = option.value?.placeholder ?? "VALUE"
    guard index < words.count else {
      throw UsageError("\(shown) needs a value", hint: "\(shown) \(placeholder)")
    }
    let value = words[index]
    guard !isOption(value) else {
      throw UsageError(
        "\(shown) needs a value, and \"\(value)\" is an option",
        hint: "write --\(option.name)=\(value) if it is meant as the value")
    }
    index += 1
    return value
  }

  /// Whether a word in the place of a value is an option of this command, so that a forgotten
  /// value is noticed; a negative number is none, nor is any other text with a dash.
  private func isOption(_ word: String) -> Bool {
    if word == "--" { return true }
    if word.hasPrefix("--") {
      let name = word.dropFirst(2).prefix { $0 != "=" }
      return everyOption.contains { $0.name == name }
    }
    guard word.hasPrefix("-"), word.count == 2, decimalNumber(word) == nil else { return false }
    return everyOption.contains { $0.short == word.second }
  }
}

// MARK: The method and the checks

extension Parser {
  private func takeMethod(
    from scan: inout Scan
  ) throws(UsageError) -> (name: String?, wasNamed: Bool) {
    let methods = command.operands.methods.map(\.name)
    guard !methods.isEmpty else { return (nil, false) }
    let beforeDashes = scan.afterDashes ?? scan.operands.count
    let fallback = command.operands.defaultMethod
    guard beforeDashes > 0, let word = scan.operands.first else {
      guard let fallback else { throw noMethod(methods) }
      return (fallback, false)
    }
    if methods.contains(word) {
      scan.operands.removeFirst()
      return (word, true)
    }
    let near = nearest(word, in: methods)
    guard let fallback else {
      throw UsageError(
        "\(command.name) has no method \"\(word)\"",
        hint: near.map { "did you mean \"\($0)\"?" }
          ?? "it is one of \(methods.joined(separator: ", "))")
    }
    if let near, word != "-", !fileExists(word) {
      throw UsageError(
        "\"\(word)\" is neither a method of \(command.name) nor a file",
        hint: "did you mean \"\(near)\"?")
    }
    // In front of other words, one that is no file is more likely a METHOD.
    if scan.operands.count > 1, word != "-", !fileExists(word) {
      throw UsageError(
        "\"\(word)\" is neither a method of \(command.name) nor a file",
        hint: "the methods are \(methods.joined(separator: ", "))")
    }
    return (fallback, false)
  }

  private func check(_ parsed: ParsedOptions, _ options: [OptionSpec]) throws(UsageError) {
    var seen = Set<String>()
    for (name, value) in parsed.given {
      guard let option = options.first(where: { $0.name == name }) else {
        throw ofAnotherMethod(name, parsed.method)
      }
      guard seen.insert(name).inserted || option.repeated else {
        throw UsageError("--\(name) is given twice", hint: "give it once")
      }
      try check(value, of: option)
    }
    for option in options where option.required && !seen.contains(option.name) {
      let placeholder = option.value.map { " \($0.placeholder)" } ?? ""
      throw UsageError(
        "--\(option.name) is missing", hint: "--\(option.name)\(placeholder): \(option.help)")
    }
    let (minimum, maximum) = (command.operands.minimum, command.operands.maximum)
    if parsed.operands.count < minimum {
      throw UsageError(
        "an operand is missing", hint: "\(command.name) \(command.usage)")
    }
    if let maximum, parsed.operands.count > maximum {
      throw UsageError(
        "unexpected operand \"\(parsed.operands[maximum])\"",
        hint: "\(command.name) "
          + (maximum == 0 ? "takes no operands" : "takes at most \(maximum)"))
    }
  }

  private func check(_ value: String, of option: OptionSpec) throws(UsageError) {
    guard let kind = option.value?.kind, !kind.accepts(value) else { return }
    let near: String? = if case .choice(let words) = kind { nearest(value, in: words) } else { nil }
    let asked = kind.requirement ?? "a value"
    throw UsageError(
      "--\(option.name) must be \(asked), not \"\(value)\"",
      hint: near.map { "did you mean \"\($0)\"?" })
  }
}

// MARK: Errors

extension Parser {
  private func noMethod(_ methods: [String]) -> UsageError {
    UsageError(
      "\(command.name) needs a METHOD as its first word",
      hint: "one of \(methods.joined(separator: ", "))")
  }

  private func unknown(long name: String) -> UsageError {
    let names = everyOption.filter { !$0.hidden }.map(\.name)
    let fuller = name.isEmpty ? [] : names.filter { $0.hasPrefix(name) }
    if !fuller.isEmpty {
      let list = fuller.map { "--\($0)" }.joined(separator: " or ")
      return UsageError(
        "there is no option --\(name)", hint: "names are not abbreviated, write \(list)")
    }
    return UsageError(
      "there is no option --\(name)",
      hint: nearest(name, in: names).map { "did you mean --\($0)?" })
  }

  private func unknown(short letter: Character, in word: String) -> UsageError {
    let body = word.dropFirst().prefix { $0 != "=" }
    if body.count > 1, everyOption.contains(where: { $0.name == body }) {
      return UsageError("\"\(word)\" is not an option", hint: "did you mean --\(body)?")
    }
    return UsageError("there is no option -\(letter)")
  }

  private func ofAnotherMethod(_ name: String, _ method: String?) -> UsageError {
    let owners = command.operands.methods.filter { candidate in
      candidate.options.contains { $0.name == name }
    }.map(\.name)
    return UsageError(
      "the method \(method ?? "") has no option --\(name)",
      hint: "it belongs to \(owners.joined(separator: ", "))")
  }
}

extension String {
  fileprivate var second: Character? { dropFirst().first }
}
