internal import FairpostComparison
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText

/// `fairpost compare`: fair training against adjusting afterwards.
enum CompareCommand: Command {
  static let spec = CommandSpec(
    "compare", summary: "compare fair training with adjusting afterwards, on the same rows",
    usage: "[FILE]",
    examples: [
      Example(
        "fairpost compare loans.csv --task repaid --group sex --exclude score --id id --methods linear,mlp,faalgrad -o results.csv",
        "three ways to learn, each with and without every adjustment"),
      Example(
        "fairpost compare loans.csv --task repaid --protected sex=F --exclude id,score --methods linear,reweigh+linear --sweep 'wasserstein.epsilon=0,0.5,1'",
        "pre-processing, and a knob at three settings"),
      Example(
        "fairpost compare loans.csv --task repaid --group sex --id id --arm bank=preds.csv --journal cells --resume",
        "another tool's predictions as an arm; finished cells are kept"),
    ],
    details: [
      "Every arm sees the same rows: under each seed the records are divided by a hash into train, calibrate and test. A model that is adjusted afterwards learns from train, its adjustment from calibrate; a model that is not learns from both. The figures are those of evaluate, of the test rows.",
      "Differences are paired by seed and taken to the plain model. Two intervals stand beside them: Student's over the seeds, and a wider one that allows for the rows that the seeds share (Nadeau and Bengio 2003), which the last lines go by. Decisions are compared twice: as each arm makes them, and at one selection rate. Where tied scores leave no decisions within a row of that rate (or a thousandth of the rows), the figure is marked ~, in CSV with the flag rate-not-attainable, and the arm is left off the front at this rate.",
      "The predictions of --arm must be out of sample, or the comparison is void: --print-split names the rows of each seed, so that another tool can learn from train and calibrate and predict test. An arm that is nearly perfect, or leads the best arm trained here by more than four half-widths of its interval and with at most 70 % of its errors, is called doubtful in the table.",
      "The constant predictor and a group-blind model are always there. A method that does not fit the data is marked as not applicable. A cell that fails is a row with its reason; the others are finished, and the exit status is 65. An arm with a failed cell has means over fewer seeds, which is said, and is left off the front; so is one that lacks a figure where others have it.",
      "Options of methods are given by --set and --sweep under the names that train and adjust have for them; yoto.task-weights chooses the weights of its tasks, which otherwise the validation rows choose.",
    ],
    memory:
      "Holds the rows as train does, and a copy of their features for each thread; the input is read twice, a pipe kept past --memory in a nameless temporary file.",
    options: CompareOptions.columns + CompareOptions.arms + CompareOptions.division
      + CompareOptions.figures + CompareOptions.output + CompareOptions.running
      + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1),
    exitNotes: [ExitNote(65, "a cell failed; the rest is complete")],
    seeAlso: ["train", "adjust", "evaluate", "reweigh"], section: "Comparing")

  static func run(_ given: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let options = try CompareConfig.options(given, spec.withHelp)
    if options.has("print-config") {
      return Program.show(
        String(decoding: try CompareConfig.text(options, spec), as: UTF8.self))
    }
    if options.has("print-split") {
      let request = try CompareRequest(options, spec)
      let input = try Input(inputPath(options), try InputSettings(options))
      let output = try OutputFile.open(options.text("output"))
      try CompareSplitList.write(request, input, to: output, console)
      return .done
    }
    guard !options.texts("task").isEmpty else {
      throw UsageError("--task is missing", hint: "--task COL[:TYPE]: a label column to predict")
    }
    if options.has("resume"), !options.has("journal") {
      throw UsageError("--resume goes with --journal DIR")
    }
    let passes = try TwicePass(
      inputPath(options), try InputSettings(options),
      memoryLimit: (options.integer("memory") ?? 0) << 20)
    let comparison = try CompareRun(try CompareRequest(options, spec), passes, console)
    let outputs = try ComparisonOutputs(options)
    let table = try comparison.table()
    try outputs.write(table, isQuiet: console.isQuiet)
    try comparison.refuseFailures(table)
    return .done
  }
}
