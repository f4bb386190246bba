internal import FairpostMetrics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost help`: the program's help, or a command's.
enum HelpCommand: Command {
  static let spec = CommandSpec(
    "help", summary: "show the help of the program, a command or a topic", usage: "[COMMAND]",
    examples: [
      Example("fairpost help split", "how to split a file"),
      Example("fairpost help words", "what the words mean"),
      Example("fairpost help metrics four-fifths", "the figures that have to do with a word"),
    ],
    details: [
      "Besides commands there are topics: tutorial, recipes, metrics (and words to search for), formats and words (the glossary)."
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
    if let extra = rest.first {
      throw UsageError("unexpected operand \"\(extra)\"", hint: "help takes one command or topic")
    }
    if let text = HelpTopics.text(topic) { return Program.show(text) }
    let command = try Program.spec.command(named: topic).withHelp
    return Program.show(HelpText.of(command, in: Program.spec, width: Program.width))
  }
}

/// Help on things that are no command.
enum HelpTopics {
  /// The text on a topic.
  static func text(_ topic: String) -> String? {
    switch topic {
    case "metrics": MetricRegistry.help
    case "words": Glossary.text(width: Program.width)
    default: nil
    }
  }
}
