internal import FairpostMetrics
internal import FairpostOptions
internal import FairpostPipeline

/// `fairpost help`: the program's help, or a command's.
enum HelpCommand: Command {
  static let spec = CommandSpec(
    "help", summary: "show the help of the program or of a command", usage: "[COMMAND]",
    examples: [Example("fairpost help split", "how to split a file")],
    operands: OperandSpec(.command, maximum: 1), section: "About the program")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let topic = options.operands.first else {
      return Program.show(HelpText.of(Program.spec, width: Program.width))
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
    topic == "metrics" ? MetricRegistry.help : nil
  }
}
