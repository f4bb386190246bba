import FairpostOptions

/// A program with an option of every kind, for all tests here.
enum Sample {
  static let common = [
    OptionSpec(
      "output", "o", .file(), help: "write to FILE; '-' is standard output", section: "Output"),
    OptionSpec("quiet", "q", help: "say nothing", section: "Output"),
    OptionSpec("verbose", "v", help: "say more", section: "Output"),
    OptionSpec("help", "h", help: "show this help", section: "Output"),
    OptionSpec(
      "threads", nil, .integer("N", in: 1...Int.max), help: "use N threads",
      defaultNote: "the number of cores", section: "Output"),
    OptionSpec("debug", help: "print what nobody wants to see", hidden: true),
  ]
  static let adjust = CommandSpec(
    "adjust", summary: "move scores so that groups' distributions agree",
    usage: "[METHOD] [FILE...]",
    examples: [
      Example("fairpost adjust --score p --group sex < in.csv > out.csv", "Adjust it's simplest"),
      Example(".\\dot 'quoted' | fairpost adjust", ""),
    ],
    details: [
      "A paragraph with a \\ backslash, a `tick`, an 'apostrophe' and an e with acute é.",
      ".A paragraph that begins with a dot.",
    ],
    memory: "Keeps 16 bytes a row and score.",
    options: [
      OptionSpec(
        "score", "s", .column(), help: "a score column: of another [tool]", repeated: true,
        section: "Columns"),
      OptionSpec(
        "group", "g", .columns(), help: "sensitive columns", repeated: true, section: "Columns"),
      OptionSpec(
        "unseen", nil, .choice("error", "pool", "pass"), help: "what to do with unseen groups",
        default: "error", section: "Policies"),
      OptionSpec(
        "range", nil, .numbers("LOW,HIGH"), help: "the scores' range", section: "Policies"),
    ] + common,
    operands: OperandSpec(
      methods: [
        MethodSpec(
          "wasserstein", summary: "the barycentre of the groups' distributions",
          details: ["Each score is moved."],
          options: [
            OptionSpec(
              "epsilon", "e", .number("E", in: 0...1), help: "how much to keep", default: "0",
              section: "Method"),
            OptionSpec(
              "jitter", nil, .number("U", in: .leastNonzeroMagnitude ... .infinity), help: "noise"),
          ]),
        MethodSpec(
          "threshold", summary: "a threshold for each group",
          options: [
            OptionSpec("grid", nil, .number(), help: "step of the grid", required: true),
            OptionSpec("minimise", nil, .text(), help: "what to minimise"),
          ]),
      ], defaultMethod: "wasserstein"),
    exitNotes: [ExitNote(0, "done"), ExitNote(65, "bad data")], seeAlso: ["fit"])
  static let fit = CommandSpec(
    "fit", summary: "learn a map", usage: "METHOD [FILE...]", options: common,
    operands: OperandSpec(methods: adjust.operands.methods))
  static let apply = CommandSpec(
    "apply", summary: "use a map",
    options: [OptionSpec("model", "m", .file("MAP"), help: "the map", required: true)] + common,
    section: "Use")
  static let help = CommandSpec(
    "help", summary: "explain a command", usage: "[COMMAND]",
    options: [OptionSpec("about", nil, .command(), help: "the command")],
    operands: OperandSpec(.command, maximum: 1), section: "Use")
  static let completions = CommandSpec(
    "completions", summary: "print a completion script", usage: "SHELL",
    operands: OperandSpec(.choice(["bash", "zsh", "fish"]), minimum: 1, maximum: 1),
    section: "Use")
  static let secret = CommandSpec("__secret", summary: "hidden", hidden: true)
  static let program = ProgramSpec(
    "fairpost", summary: "make predictions fair to groups", version: "1.2.3",
    examples: [Example("fairpost adjust --score p < in.csv", "Simplest")],
    details: ["What it is, in some words."],
    options: [OptionSpec("version", help: "print the version")],
    commands: [adjust, fit, apply, help, completions, secret], defaultCommand: "adjust",
    exitNotes: [ExitNote(0, "done")], environment: [("NO_COLOR", "no colour")])
}
