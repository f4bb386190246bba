internal import FairpostComparison
internal import FairpostEvaluation
internal import FairpostMethods
internal import FairpostOptions
internal import FairpostText
internal import FairpostTraining

/// What `compare` can be told.
enum CompareOptions {
  static let columns: [OptionSpec] =
    [
      OptionSpec(
        "task", "t", .columnText("COL[:TYPE]"),
        help:
          "a label column to predict; TYPE is binary, binary=POSITIVE, multiclass or regression, and without it the labels decide; repeat the option for several tasks",
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
        "what is done after each of them: none, \(adjustmentMethods.map { $0.info.name }.joined(separator: ", "))",
      default: CompareNames.unasked.joined(separator: ","),
      section: "Arms"),
    OptionSpec(
      "set", nil, .text("NAME.OPTION=VALUE"),
      help: "set an option of a method or adjustment, as in train and adjust", repeated: true,
      section: "Arms"),
    OptionSpec(
      "sweep", nil, .text("NAME.OPTION=V,V[;...]"),
      help:
        "try each value of an option as an arm of its own, and each combination of several options; separate values that contain commas by |",
      repeated: true, section: "Arms"),
    OptionSpec(
      "plain", nil, .text("NAME"),
      help: "the method, without adjustment, that differences are measured against",
      defaultNote: "the first of --methods", section: "Arms"),
    OptionSpec(
      "arm", nil, .namedFile(),
      help:
        "add another tool's predictions as an arm, matched by --id: TASK.fair or else TASK.score, and TASK.decision. They must come from models that did not learn from the row, for instance by cross-validation; or a column \"seed\" says under which seed a prediction counts, for the rows that --print-split calls test under that seed",
      repeated: true, section: "Arms"),
    OptionSpec(
      "score", nil, .column(),
      help: "the score column in the files of --arm, paired with --task in order", repeated: true,
      section: "Arms"),
  ]

  static let division: [OptionSpec] = [
    OptionSpec(
      "seeds", nil, .integer("N", in: 1...10_000),
      help: "divide, train and evaluate N times, under the seeds from --seed on", default: "5",
      section: "Division"),
    OptionSpec(
      "fractions", "f", .text("NAME=F[,NAME=F...]"),
      help:
        "the shares of train, calibrate and test; arms without adjustment learn from train and calibrate",
      default: "train=0.6,calibrate=0.2,test=0.2", section: "Division"),
    OptionSpec(
      "validation-share", nil, .number("X", in: 0...0.9),
      help:
        "the share of the training rows by which a method with --patience chooses its best epoch, and yoto its task weights",
      default: "0.2", section: "Division"),
    OptionSpec(
      "no-adapt",
      help:
        "use meta-learned models unchanged, instead of adapting them to each task of --task-column by its training rows",
      section: "Arms"),
    OptionSpec(
      "no-standardise", help: "do not standardise numbers", section: "Features"),
    OptionSpec(
      "levels", nil, .integer("N", in: 1...10_000),
      help: "how many categories of a column to keep; rarer ones are merged into one",
      default: "50", section: "Features"),
  ]

  static let figures: [OptionSpec] = [
    OptionSpec(
      "metrics", nil, .words("ID[,ID...]", MetricSearch.ids),
      help: "also compute these figures, beside the two axes; \"fairpost help metrics\" lists them",
      repeated: true, section: "Figures"),
    OptionSpec(
      "performance", nil, .text("ID"), help: "the figure that measures performance",
      defaultNote: "accuracy, rmse, class_accuracy by the type of task", section: "Figures"),
    OptionSpec(
      "fairness", nil, .text("ID"), help: "the figure that measures fairness",
      defaultNote:
        "demographic_parity_difference, ks, multiclass_demographic_parity_difference by type",
      section: "Figures"),
    OptionSpec(
      "margin", nil, .number("X", in: 0...1e300),
      help: "the largest loss of performance that is negligible, for the sentences below the table",
      defaultNote: "a hundredth of the plain model's performance", section: "Figures"),
    OptionSpec(
      "threshold", nil, .number("T"), help: "scores of at least T are decided 1", default: "0.5",
      section: "Figures"),
    OptionSpec(
      "at-rate", nil, .number("R", in: 0...1),
      help: "the selection rate at which decisions are compared a second time",
      defaultNote: "the label rate of the training rows", section: "Figures"),
    OptionSpec(
      "level", nil, .number("P", in: 0.5...0.9999), help: "the confidence level of intervals",
      default: "0.95", section: "Figures"),
  ]

  static let output: [OptionSpec] = [
    OptionSpec(
      "print-split",
      help:
        "only write which part each row falls into under each seed (CSV: the --id or the row's number, seed, part); split --as-compare gives the same parts",
      section: "Output"),
    OptionSpec(
      "format", nil, .choice("table", "csv", "md"), help: "how results are written",
      defaultNote:
        "on a terminal, a table; into a file or pipe, csv, with the table on standard output",
      section: "Output"),
    CommonOptions.width,
    OptionSpec(
      "cells", nil, .output(), help: "write the figures of every arm and seed here (CSV)",
      section: "Output"),
    OptionSpec(
      "costs", nil, .output(),
      help: "write time and memory of every arm and seed here (CSV); they differ from run to run",
      section: "Output"),
  ]

  static let running: [OptionSpec] = [
    OptionSpec(
      "journal", nil, .file("DIR"), help: "keep every finished run in this folder",
      section: "Running"),
    OptionSpec(
      "resume", help: "continue with the finished runs of --journal", section: "Running"),
    OptionSpec(
      "config", nil, .file(),
      help: "take options from this JSON file; options on the command line take precedence",
      section: "Running"),
    OptionSpec(
      "print-config", help: "only print all options in effect, as such a file",
      section: "Running"),
    CommonOptions.memory,
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
      else { throw UsageError("--arm \(text): expected NAME=FILE") }
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
        throw UsageError("--per and --parts need --count")
      }
      try self.init(
        fractions: options.text("fractions") ?? "",
        stratify: options.text("stratify").map { columnNames($0) })
      return
    }
    if options.has("fractions") || options.has("stratify") {
      throw UsageError("--count cannot be used with --fractions or --stratify")
    }
    try self.init(
      count: count, per: options.text("per").map { columnNames($0) } ?? [],
      parts: (options.text("parts") ?? "").split(separator: ",").map(String.init))
  }
}
