internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline

/// One subcommand: what it declares and what it does.
///
/// A new command is one file in `Commands/` and one line in `commands`; the parser, help, manual
/// pages and completions read the declaration.
protocol Command: Sendable {
  /// Name, help, options and operands.
  static var spec: CommandSpec { get }
  /// Does the work; the result is the exit status.
  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus
}

extension Command {
  /// The one input file a command reads, nil for standard input.
  static func inputPath(_ options: ParsedOptions) -> String? { options.operands.first }

  /// The seed of every random choice.
  static func seed(_ options: ParsedOptions) -> UInt64 { UInt64(options.integer("seed") ?? 0) }
}
