internal import FairpostEvaluation
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// Every command, in the order of help.
let commands: [any Command.Type] = [
  SynthCommand.self,
  SplitCommand.self,
  ColumnsCommand.self,
  GroupsCommand.self,
  TrainCommand.self,
  PredictCommand.self,
  AdaptCommand.self,
  ReweighCommand.self,
  ResampleCommand.self,
  MassageCommand.self,
  FitCommand.self,
  MergeCommand.self,
  ApplyCommand.self,
  AdjustCommand.self,
  InspectCommand.self,
  VerifyCommand.self,
  EvaluateCommand.self,
  AuditCommand.self,
  CompareCommand.self,
  DriftCommand.self,
  FrontierCommand.self,
  MetricsCommand.self,
  ExportCommand.self,
  ExplainCommand.self,
  PlotCommand.self,
  ReportCommand.self,
  HelpCommand.self,
  CompletionsCommand.self,
  CompleteColumnsCommand.self,
  WriteManualCommand.self,
  SimulateCommand.self,
]

/// The program: words in, status out.
enum Program {
  /// The command that options without a command mean.
  static let defaultCommand = "adjust"

  /// What help, manual pages and completions are made of.
  static let spec = ProgramSpec(
    "fairpost", summary: "make the predictions of any model fair to groups",
    version: Version.number,
    examples: [
      Example("fairpost synth loans > loans.csv", "make a data set to try things on"),
      Example("fairpost split --column < loans.csv", "divide rows into train, calibrate and test"),
    ],
    details: [
      "fairpost is a set of Unix filters over CSV: each command reads a file or standard input and writes to standard output, so commands can be joined by pipes.",
      "Columns that a command does not write itself pass through unchanged, byte by byte. The result for a row depends only on the fitted file and that row.",
      "New here? \"fairpost help tutorial\" takes ten minutes. The other guides are recipes, metrics, formats and words (the glossary).",
    ],
    options: [
      OptionSpec("help", "h", help: "show this help"),
      OptionSpec("version", "V", help: "show the version, GSL's too"),
    ],
    commands: commands.map { $0.spec }, defaultCommand: defaultCommand,
    exitNotes: [
      ExitNote(0, "done"),
      ExitNote(1, "a check failed (evaluate --fail-if, verify, drift, audit --check)"),
      ExitNote(2, "a check is undecided: the data cannot tell"),
      ExitNote(64, "the command line is wrong"),
      ExitNote(65, "the data is wrong"), ExitNote(66, "an input cannot be opened"),
      ExitNote(70, "a fault of the program"), ExitNote(73, "an output cannot be made"),
      ExitNote(74, "reading or writing failed"), ExitNote(78, "a bad model or map file"),
    ],
    environment: [
      ("NO_COLOR", "no colour, whatever the terminal"),
      ("TMPDIR", "the folder for temporary files, which hold pipes beyond --memory"),
    ], topics: Topic.all.map(\.name))

  /// Runs the words of a command line.
  static func run(_ words: [String]) -> ExitStatus {
    SystemFile.occupyStandardStreams()
    Signals.start()
    GSL.start()
    var words = words
    guard let first = words.first else {
      Console.show(page: HelpText.of(spec))
      return .usage
    }
    switch first {
    case "--version", "-V": return show(Version.text)
    case "--help", "-h": return show(HelpText.of(spec, width: width))
    default: break
    }
    var name = "fairpost"
    do {
      if first.hasPrefix("-"), first != "-",
        spec.commands.contains(where: { $0.name == defaultCommand })
      {
        words.insert(defaultCommand, at: 0)
      }
      let word = words.removeFirst()
      let commandSpec = try spec.command(named: word)
      guard let command = commands.first(where: { $0.spec.name == commandSpec.name }) else {
        throw UsageError("there is no command \"\(word)\"")
      }
      name = "fairpost \(commandSpec.name)"
      let declared = commandSpec.withHelp
      let options = try Parser(declared, fileExists: { FileStatus.of($0) != nil }).parse(words)
      if options.has("help") {
        return show(
          HelpText.of(
            declared, method: options.methodWasNamed ? options.method : nil, in: spec,
            width: width))
      }
      try OutputClaims.check(options, commandSpec)
      let console = Console(
        command: commandSpec.name, isQuiet: options.has("quiet"),
        progress: options.choice("progress") ?? .auto)
      return try command.run(options, console)
    } catch let error as UsageError {
      Console.say(name, error.message)
      Console.say(name, error.hint ?? "see \(name) --help")
      return .usage
    } catch let error as Failure {
      Console.say(name, error.message)
      if let hint = error.hint { Console.say(name, hint) }
      return error.status
    } catch {
      Console.say(name, "internal fault: \(error)")
      return .internalFault
    }
  }

  /// Prints a text on standard output.
  static func show(_ text: String) -> ExitStatus {
    do {
      try OutputFile.standard.write(text)
      return .done
    } catch {
      Console.say("fairpost", error.message)
      return error.status
    }
  }

  /// The columns help may use.
  static var width: Int {
    if let columns = ProcessFacts.environment("COLUMNS").flatMap({ Int($0) }) {
      return max(40, min(columns, 120))
    }
    return max(40, min(SystemFile.standardOutput.terminalWidth ?? 80, 120))
  }

  /// Ends the process.
  static func exit(_ status: ExitStatus) -> Never { ProcessFacts.exit(status.rawValue) }
}
