internal import FairpostFiles
internal import FairpostLearning
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining

/// `fairpost predict`: a model's scores for a stream of rows.
enum PredictCommand: Command {
  static let spec = CommandSpec(
    "predict", summary: "append a model's scores to a stream", usage: "-m MODEL [FILE...]",
    examples: [
      Example("fairpost predict -m income.model test.csv", "append income.score"),
      Example(
        "fairpost predict -m both.model --task-weights 1,6 < test.csv",
        "choose the task weights of a yoto model"),
    ],
    details: CommandDetails.predict,
    memory:
      "Streams: holds the model (1 GiB at most), however many rows there are.",
    options: [
      OptionSpec("model", "m", .file("MODEL"), help: "the model", required: true, section: "Model"),
      taskWeights,
    ] + LearningOptions.policies + [
      OptionSpec(
        "flag", nil, .name("COL"),
        help: "append a column that says what was found in each row: missing, new-category",
        section: "Output")
    ] + CommonOptions.service,
    operands: OperandSpec(.file), seeAlso: ["train", "adjust", "evaluate"],
    section: "Training", passesRows: true)

  static let taskWeights = OptionSpec(
    "task-weights", nil, .numbers("X[,X...]", in: 0...1e300),
    help: "the task weights a yoto model predicts for, in the order of its tasks",
    defaultNote: "the middle of their ranges", section: "Model")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let path = options.text("model") ?? ""
    let file = try ModelFile(path: path)
    let policy = ModelColumnPolicy(options)
    let settings = try InputSettings.service(
      options, reads: file.model.encoder.columns.map(\.name), writes: file.model.scoreNames,
      absentIsMissing: policy.takesMissingColumns)
    if let service = try ServiceSettings(options) {
      try PredictFilter.serve(
        service, settings, path: path, policy, taskWeights: taskWeights(options),
        flag: options.text("flag"), overwrite: options.has("overwrite"), console)
      return .done
    }
    let input = try Input(inputPath(options), settings)
    let output = try OutputFile.open(options.text("output"))
    try predict(file.model, input, to: output, options, console)
    return .done
  }

  private static func taskWeights(_ options: ParsedOptions) -> [Double]? {
    options.has("task-weights") ? options.numbers("task-weights") : nil
  }

  /// Predicts a stream, as `train --predict` does too.
  static func predict(
    _ model: Model, _ input: Input, to output: OutputFile, _ options: ParsedOptions,
    _ console: Console
  ) throws {
    let bar = console.bar(size: input.size)
    let filter = try PredictFilter(
      model, input, ModelColumnPolicy(options),
      taskWeights: taskWeights(options), console)
    let tally = try input.filter(
      filter, to: output, flagColumn: options.text("flag"), overwrite: options.has("overwrite"),
      progress: bar)
    try output.commit()
    bar?.clear()
    console.summary(tally)
  }
}
