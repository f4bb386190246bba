internal import FairpostComparison
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostText
internal import FairpostTraining

/// What `compare` can be told.
enum CompareOptions {
  static let columns: [OptionSpec] =
    [
      OptionSpec(
        "task", "t", .text("COL[:TYPE]"),
        help:
          "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, found in the labels where it is not given; repeat for several tasks",
        repeated: true, section: "Columns")
    ]
    + LearningOptions.options.filter { $0.name != "task" && $0.name != "split-column" } + [
      OptionSpec(
        "target-transform", nil, .text("[TASK=]log"),
        help: "learn the logarithm of a regression label", repeated: true, section: "Columns")
    ]

  static let arms: [OptionSpec] = [
    OptionSpec(
      "methods", nil, .columns("NAME[,NAME...]"),
      help:
        "training methods, with pre-processing before a +: \(trainingMethods.map { $0.info.name }.joined(separator: ", ")); \(preprocessingMethods.map { "\($0.info.name)+" }.joined(separator: ", "))",
      default: "linear,mlp,fairgrad,badr", section: "Arms"),
    OptionSpec(
      "adjust", nil, .columns("NAME[,NAME...]"),
      help:
        "what follows each of them: none, \(adjustmentMethods.map { $0.info.name }.joined(separator: ", "))",
      default: CompareNames.unasked.joined(separator: ","),
      section: "Arms"),
    OptionSpec(
      "set", nil, .text("NAME.OPTION=VALUE"),
      help: "an option of a method or adjustment, as train and adjust have it", repeated: true,
      section: "Arms"),
    OptionSpec(
      "sweep", nil, .text("NAME.OPTION=V,V[;...]"),
      help:
        "an arm for each value of an option, and for each combination of several; values that hold commas are divided by |",
      repeated: true, section: "Arms"),
    OptionSpec(
      "plain", nil, .text("NAME"),
      help: "the method that differences are taken to, without adjustment",
      defaultNote: "the first of --methods", section: "Arms"),
    OptionSpec(
      "arm", nil, .namedFile(),
      help:
        "another tool's predictions as an arm, matched by --id: TASK.fair or else TASK.score, and TASK.decision. Each must be out of sample: made by a model that did not learn from the row, for instance by cross-validation, or with a column \"seed\" for each row that --print-split calls test under that seed",
      repeated: true, section: "Arms"),
    OptionSpec(
      "score", nil, .column(),
      help: "the score column in the files of --arm, paired with --task in order", repeated: true,
      section: "Arms"),
  ]

  static let division: [OptionSpec] = [
    OptionSpec(
      "seeds", nil, .integer("N", in: 1...10_000),
      help: "divide, train and evaluate this often, from --seed on", default: "5",
      section: "Division"),
    OptionSpec(
      "fractions", "f", .text("NAME=F[,NAME=F...]"),
      help:
        "the shares of train, calibrate and test; arms without adjustment learn from train and calibrate",
      default: "train=0.6,calibrate=0.2,test=0.2", section: "Division"),
    OptionSpec(
      "validation-share", nil, .number("X", in: 0...0.9),
      help:
        "the share of its training rows on which a method that has --patience chooses its best epoch, and yoto its task weights",
      default: "0.2", section: "Division"),
    OptionSpec(
      "no-adapt",
      help:
        "predict with meta-learned weights as they are, not adapted to each task of --task-column by its own training rows",
      section: "Arms"),
    OptionSpec(
      "no-standardise", help: "take numbers as they are", section: "Features"),
    OptionSpec(
      "levels", nil, .integer("N", in: 1...10_000),
      help: "categories of a column that are kept by name; rarer ones together are one",
      default: "50", section: "Features"),
  ]

  static let figures: [OptionSpec] = [
    OptionSpec(
      "metrics", nil, .columns("ID[,ID...]"),
      help: "these figures beside the two axes; \"fairpost help metrics\" lists them",
      repeated: true, section: "Figures"),
    OptionSpec(
      "performance", nil, .text("ID"), help: "the figure that counts as performance",
      defaultNote: "accuracy, rmse, class_accuracy by the type of task", section: "Figures"),
    OptionSpec(
      "fairness", nil, .text("ID"), help: "the figure that counts as fairness",
      defaultNote:
        "demographic_parity_difference, ks, multiclass_demographic_parity_difference by type",
      section: "Figures"),
    OptionSpec(
      "margin", nil, .number("X", in: 0...1e300),
      help: "the loss of performance that counts as none in the last lines",
      defaultNote: "a hundredth of the plain model's performance", section: "Figures"),
    OptionSpec(
      "threshold", nil, .number("T"), help: "scores from T on are decided 1", default: "0.5",
      section: "Figures"),
    OptionSpec(
      "at-rate", nil, .number("R", in: 0...1),
      help: "the selection rate at which decisions are compared a second time",
      defaultNote: "the label rate of the training rows", section: "Figures"),
    OptionSpec(
      "level", nil, .number("P", in: 0.5...0.9999), help: "the level of intervals",
      default: "0.95", section: "Figures"),
  ]

  static let output: [OptionSpec] = [
    OptionSpec(
      "print-split",
      help:
        "write the part of every row under every seed (CSV: the --id or the row's number, seed, part), and do nothing else; split --as-compare writes the same",
      section: "Output"),
    OptionSpec(
      "format", nil, .choice("table", "csv", "md"), help: "how results are written",
      defaultNote: "csv into a file or pipe, with a table on standard output; else a table",
      section: "Output"),
    CommonOptions.width,
    OptionSpec(
      "cells", nil, .output(), help: "write every cell's figures, seed by seed, here (CSV)",
      section: "Output"),
    OptionSpec(
      "costs", nil, .output(),
      help: "write time and memory of every cell here (CSV); they differ from run to run",
      section: "Output"),
  ]

  static let running: [OptionSpec] = [
    OptionSpec(
      "journal", nil, .file("DIR"), help: "keep every finished cell in this folder",
      section: "Running"),
    OptionSpec(
      "resume", help: "go on with the finished cells of --journal", section: "Running"),
    OptionSpec(
      "config", nil, .file(),
      help: "take options from this JSON file; the command line wins", section: "Running"),
    OptionSpec(
      "print-config", help: "print the options that hold as such a file, and do nothing else",
      section: "Running"),
    OptionSpec(
      "memory", nil, .integer("MIB", in: 0...1_000_000),
      help: "how much of a pipe to keep in memory", default: "1024", section: "General"),
  ]
}

extension CompareRequest {
  /// What a command line asks for.
  ///
  /// - Parameter command: the command, whose options decide what a finished cell is good for.
  init(_ options: ParsedOptions, _ command: CommandSpec) throws(UsageError) {
    self.init()
    columns = try LearningColumns(options)
    methods = options.columns("methods").flatMap { $0 }
    adjustments = options.columns("adjust").flatMap { $0 }
    settings = options.texts("set")
    sweeps = options.texts("sweep")
    plain = options.text("plain")
    for text in options.texts("arm") {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex,
        text.index(after: equals) != text.endIndex
      else { throw UsageError("--arm \(text): NAME=FILE is wanted") }
      arms.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
    seedCount = options.integer("seeds") ?? 5
    seed = UInt64(options.integer("seed") ?? 0)
    fractions = options.text("fractions") ?? ""
    validationShare = options.number("validation-share") ?? 0.2
    adapts = !options.has("no-adapt")
    standardises = !options.has("no-standardise")
    levels = options.integer("levels") ?? 50
    metrics = options.has("metrics") ? options.columns("metrics").flatMap { $0 } : nil
    performance = options.text("performance")
    fairness = options.text("fairness")
    margin = options.number("margin")
    threshold = options.has("threshold") ? options.number("threshold") : nil
    rate = options.number("at-rate")
    level = options.number("level") ?? 0.95
    journal = options.text("journal")
    resumes = options.has("resume")
    configuration = CompareConfig.decisive(options, command)
  }
}

extension SplitPlan {
  /// The parts a command line asks for.
  init(_ options: ParsedOptions) throws(UsageError) {
    guard let count = options.integer("count") else {
      if options.has("per") || options.has("parts") {
        throw UsageError("--per and --parts go with --count")
      }
      try self.init(
        fractions: options.text("fractions") ?? "",
        stratify: options.text("stratify").map { columnNames($0) })
      return
    }
    if options.has("fractions") || options.has("stratify") {
      throw UsageError("--count excludes --fractions and --stratify")
    }
    try self.init(
      count: count, per: options.text("per").map { columnNames($0) } ?? [],
      parts: (options.text("parts") ?? "").split(separator: ",").map(String.init))
  }
}
