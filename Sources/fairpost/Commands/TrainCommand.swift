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
    "train", summary: "learn a model from labelled rows", usage: "METHOD [FILE]",
    examples: [
      Example(
        "fairpost train linear --task repaid --group sex --id id -o repaid.model loans.csv",
        "a logistic regression that does not see the sex"),
      Example(
        "fairpost train mlp --task repaid --task amount --group sex --exclude id -o both.model --validation-share 0.2 loans.csv",
        "one network for a decision and a number"),
      Example(
        "fairpost train nash --task repaid --group sex --validation known.csv -o agreed.model loans.csv",
        "the groups of a few validation rows bargain; loans.csv needs no sex"),
      Example(
        "fairpost train faalgrad --task label --protected sex=Female -o aligned.model train.csv",
        "gradients of the groups brought into line"),
    ],
    details: [
      "Every column that has no other role becomes a feature: numbers are standardised, categories become a feature each, and a missing value is marked. Sensitive columns, labels, ids, weights and what --exclude names never do (but see --include-group). A column is of numbers if all its values are.",
      "Columns that fairpost itself writes (NAME.score, NAME.fair, NAME.decision, NAME.massaged, weight, split) are no features unless --include names them, nor is NAME where NAME.massaged is the task. A feature that alone predicts the label or the group nearly perfectly is named in the first line of the summary.",
      "A row without a label of one task still trains the others. mlp, yoto and faalgrad hold a fifth of the rows out by a hash of the record or id, keep the epoch that does best on them, and stop early; the summary shows the figures of both parts, and of a linear model on the rows held out. --validation-share 0 learns from every row, and then the last epoch stays. nash, ltr, forml and gdro hold out a few rows of every group with every label (--validation-per-cell) unless validation rows are given, and keep the last epoch. linear has no epochs and is only judged on validation rows; fair-maml and pretrained take as many steps as they are told, and tasks held out (--held-out) judge them. A network that ends ten times worse than the constant predictor is an error.",
      "A weight or frequency counts a row so many times in everything that is learned, means, deviations and the commonest categories included; 0 leaves it out. A label that training rows did not have is a bad value in validation rows.",
      "The model is a JSON file with all that prediction needs; fairpost inspect reads it aloud.",
    ],
    memory:
      "Holds the rows twice, as read and as features: 16 bytes a feature, label and weight, and some copies of the network; faalgrad holds its two lists of rows besides the features, not besides the rows as read. The input is read twice, a pipe kept past --memory in a nameless temporary file.",
    options: LearningOptions.options + [
      OptionSpec(
        "target-transform", nil, .text("[TASK=]log"),
        help: "learn the logarithm of a regression label", repeated: true, section: "Columns"),
      OptionSpec(
        "validation", nil, .file(),
        help:
          "rows to choose the best epoch on; for nash, ltr, forml and gdro, rows whose groups have a say in every step",
        section: "Validation"),
      OptionSpec(
        "validation-share", nil, .number("X", in: 0...0.9),
        help:
          "keep this share of the rows back to choose the best epoch on, by a hash of the record (of its --id, where one is named) and --seed; 0 learns from all rows",
        defaultNote:
          "0.2 for methods with --patience where no other option names validation rows and at least 50 rows have a label",
        section: "Validation"),
      OptionSpec(
        "no-standardise", help: "take numbers as they are", section: "Features"),
      OptionSpec(
        "levels", nil, .integer("N", in: 1...10_000),
        help: "categories of a column that are kept by name; rarer ones together are one",
        default: "50", section: "Features"),
      OptionSpec(
        "held-out", nil, .text("NAME[,NAME...]|count:N"),
        help: "tasks of --task-column to leave out: by name, or N of them drawn by --seed",
        section: "Validation"),
      OptionSpec(
        "init", nil, .file(),
        help:
          "start from the weights in this model, matched by the names of columns, categories and tasks, or in this list of layers, taken by position",
        section: "Training"),
      OptionSpec(
        "log", nil, .output(), help: "write the figures of every epoch or iteration here (CSV)",
        section: "Output"),
      OptionSpec(
        "save-weights", nil, .output(),
        help:
          "write each training row's mean weight here, by --id (CSV); for nash, ltr, forml, gdro and dro",
        section: "Output"),
      OptionSpec(
        "predict", nil, .file(),
        help: "then write the predictions of this file on standard output; needs -o",
        section: "Output"),
      OptionSpec(
        "memory", nil, .integer("MIB", in: 0...1_000_000),
        help: "how much of a pipe to keep in memory", default: "1024", section: "General"),
      CommonOptions.seed,
    ] + CommonOptions.reader,
    operands: OperandSpec(
      .file, maximum: 1, methods: trainingMethods.map { MethodSpec($0) }),
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
      throw UsageError("--predict writes on standard output, so the model needs -o FILE")
    }
    for name in ["log", "save-weights"] where predicted != nil && options.text(name) == "-" {
      throw UsageError(
        "--predict and --\(name) - both write on standard output",
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
      var own = settings
      own.rejects = nil
      own.rows = []
      try PredictCommand.predict(
        file.model, try Input(predicted, own), to: .standard, options, console)
    }
    return .done
  }
}
