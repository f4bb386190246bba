internal import FairpostEvaluation
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost help`: the program's help, or a command's.
enum HelpCommand: Command {
  static let spec = CommandSpec(
    "help", summary: "show the help of the program, a command, a method or a topic",
    usage: "[COMMAND [METHOD]|METHOD|TOPIC]",
    examples: [
      Example("fairpost help split", "how to split a file"),
      Example("fairpost help tutorial", "from a biased score to a fair one, in seven steps"),
      Example("fairpost help words", "what the words mean"),
      Example("fairpost help metrics four-fifths", "the figures that have to do with a word"),
    ],
    details: [
      "The topics are tutorial, recipes, metrics (which may be followed by words to search for), formats and words (the glossary). They are manual pages too, as in man fairpost-tutorial."
    ],
    operands: OperandSpec(.command, maximum: 8), section: "About the program")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let topic = options.operands.first else {
      return Program.show(HelpText.of(Program.spec, width: Program.width))
    }
    let rest = Array(options.operands.dropFirst())
    if topic == "metrics", !rest.isEmpty {
      return try MetricsCommand.run(try Parser(MetricsCommand.spec).parse(rest), console)
    }
    if rest.isEmpty, let page = Topic.all.first(where: { $0.name == topic }) {
      return Program.show(HelpText.of(page, width: Program.width))
    }
    // A method's name alone is enough.
    let isCommand = Program.spec.commands.contains { $0.name == topic }
    let owner =
      isCommand ? nil : Program.spec.shownCommands.first { $0.method(named: topic) != nil }
    let command = try (owner ?? Program.spec.command(named: topic)).withHelp
    let words = owner == nil ? rest : [topic] + rest
    if let extra = words.first(where: { command.method(named: $0) == nil })
      ?? words.dropFirst().first
    {
      throw UsageError(
        "unexpected operand \"\(extra)\"",
        hint: "help takes a command, one of its methods, or a topic")
    }
    return Program.show(
      HelpText.of(command, method: words.first, in: Program.spec, width: Program.width))
  }
}
