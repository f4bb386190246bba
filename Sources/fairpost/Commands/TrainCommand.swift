internal import FairpostEvaluation
internal import FairpostFiles
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostSettings
internal import FairpostText
internal import FairpostTraining

/// `fairpost train`: a model from labelled rows.
enum TrainCommand: Command {
  static let spec = CommandSpec(
    "train", summary: "learn a model from labelled rows", usage: "METHOD [FILE...]",
    examples: [
      Example(
        "fairpost train linear --task repaid --group sex --id id -o repaid.model loans.csv",
        "fit a logistic regression that does not see the sex"),
      Example(
        "fairpost train mlp --task repaid --task amount --group sex --exclude id -o both.model --validation-share 0.2 loans.csv",
        "fit one network for a decision and a number"),
      Example(
        "fairpost train nash --task repaid --group sex --validation known.csv -o agreed.model loans.csv",
        "let the groups of a few validation rows bargain; loans.csv needs no column sex"),
      Example(
        "fairpost train faalgrad --task label --protected sex=Female -o aligned.model train.csv",
        "align the gradients of the groups"),
    ],
    details: CommandDetails.train,
    memory:
      "Holds the rows twice, as read and as features: 16 bytes a feature, label and weight, and some copies of the network; faalgrad instead holds the features and its two lists of rows. The input is read twice, and a pipe is kept in memory, beyond --memory in a temporary file.",
    options: LearningOptions.options + [
      OptionSpec(
        "target-transform", nil, .text("[TASK=]log"),
        help: "learn the logarithm of a regression label", repeated: true, section: "Columns"),
      OptionSpec(
        "validation", nil, .file(),
        help:
          "rows to choose the best epoch by; for nash, ltr, forml and gdro, rows whose groups guide every step",
        section: "Validation"),
      OptionSpec(
        "validation-share", nil, .number("X", in: 0...0.9),
        help:
          "hold out this share of the rows to choose the best epoch by, by a hash of the record (or of its --id) and --seed; 0 learns from all rows",
        defaultNote:
          "0.2 for methods with --patience, if no other option names validation rows and at least 50 rows have a label",
        section: "Validation"),
      OptionSpec(
        "no-standardise", help: "do not standardise numbers", section: "Features"),
      OptionSpec(
        "levels", nil, .integer("N", in: 1...10_000),
        help: "how many categories of a column to keep; rarer ones are merged into one",
        default: "50", section: "Features"),
      OptionSpec(
        "held-out", nil, .text("NAME[,NAME...]|count:N"),
        help: "tasks of --task-column to hold out: by name, or N of them drawn by --seed",
        section: "Validation"),
      OptionSpec(
        "init", nil, .file(),
        help:
          "start from the weights of this model, matched by the names of columns, categories and tasks, or of this list of layers, matched by position",
        section: "Training"),
      OptionSpec(
        "log", nil, .output(), help: "write the figures of every epoch or iteration here (CSV)",
        section: "Output"),
      OptionSpec(
        "save-weights", nil, .output(),
        help:
          "for nash, ltr, forml, gdro and dro: write each training row's mean weight here, by --id (CSV)",
        section: "Output"),
      OptionSpec(
        "predict", nil, .file(),
        help: "then write the predictions for this file to standard output; needs -o",
        section: "Output"),
      CommonOptions.memory,
      CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(
      .file, methods: trainingMethods.map { MethodSpec($0) }),
    seeAlso: ["predict", "adapt", "inspect", "adjust"], section: "Training")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    guard let type = trainingMethods.first(where: { $0.info.name == options.method }) else {
      throw UsageError("there is no method \"\(options.method ?? "")\"")
    }
    let method: any TrainingMethod
    do { method = try type.init(given: options.given(for: type)) } catch {
      throw error.usage(.command)
    }
    let predicted = options.text("predict")
    if predicted != nil, options.text("output") ?? "-" == "-" {
      throw UsageError("--predict writes to standard output, so the model needs -o FILE")
    }
    for name in ["log", "save-weights"] where predicted != nil && options.text(name) == "-" {
      throw UsageError(
        "--predict and --\(name) - both write to standard output",
        hint: "give one of them a file: --\(name) FILE")
    }
    let settings = try InputSettings(options)
    var first = settings
    first.rejects = nil
    let passes = try TwicePass(
      inputPath(options), first, memoryLimit: (options.integer("memory") ?? 0) << 20)
    let training = try TrainingRun(
      method, try LearningRequest(options), passes, second: settings, console, .command)
    let file = try training.run()
    let output = try OutputFile.open(options.text("output"))
    try output.write(try file.bytes())
    try output.commit()
    if let predicted {
      var own = settings.besides
      own.rows = []
      try PredictCommand.predict(
        file.model, try Input(predicted, own), to: .standard, options, console)
    }
    return .done
  }
}
