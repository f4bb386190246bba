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
    usage: "[FILE...]",
    examples: [
      Example(
        "fairpost compare loans.csv --task repaid --group sex --exclude score --id id --methods linear,mlp,faalgrad -o results.csv",
        "try three ways to learn, each with and without every adjustment"),
      Example(
        "fairpost compare loans.csv --task repaid --protected sex=F --exclude id,score --methods linear,reweigh+linear --sweep 'wasserstein.epsilon=0,0.5,1'",
        "add pre-processing, and try an option at three values"),
      Example(
        "fairpost compare loans.csv --task repaid --group sex --id id --arm bank=preds.csv --journal cells --resume",
        "add another tool's predictions as an arm; keep finished runs and resume from them"),
    ],
    details: CommandDetails.compare,
    memory:
      "Holds the rows as train does, and a copy of their features for each thread; the input is read twice, and a pipe is kept in memory, beyond --memory in a temporary file.",
    options: CompareOptions.columns + CompareOptions.arms + CompareOptions.division
      + CompareOptions.figures + CompareOptions.output + CompareOptions.running
      + [CommonOptions.seed] + CommonOptions.reader,
    operands: OperandSpec(.file),
    exitNotes: [ExitNote(65, "a run failed; the rest is complete")],
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
      throw UsageError("--resume needs --journal DIR")
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
