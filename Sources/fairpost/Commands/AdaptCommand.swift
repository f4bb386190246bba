internal import FairpostFiles
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostOptions
internal import FairpostPipeline
internal import FairpostSettings
internal import FairpostText
internal import FairpostTraining

/// `fairpost adapt`: a model fine-tuned to a new task from a few rows.
enum AdaptCommand: Command {
  static let spec = CommandSpec(
    "adapt", summary: "fine-tune a model for a new task with a few rows",
    usage: "-m MODEL [FILE...]",
    examples: [
      Example(
        "head -11 nj.csv | fairpost adapt -m meta.model -o nj.model",
        "adapt to a new state with ten rows, by the steps the model was meta-trained for")
    ],
    details: CommandDetails.adapt,
    memory: "Holds the rows, and the model (1 GiB at most).",
    options: [
      OptionSpec(
        "model", "m", .file("MODEL"), help: "the model to start from", required: true,
        section: "Model"),
      OptionSpec(
        "inner-steps", nil, .integer("N", in: 0...1_000_000), help: "gradient steps",
        defaultNote: "the model's, else 1", section: "Adaptation"),
      OptionSpec(
        "rate", nil, .number("X", in: 0...1e6), help: "the step size",
        defaultNote: "the model's inner rate, else 0.01", section: "Adaptation"),
      OptionSpec(
        "gamma", nil, .number("X", in: 0...1e6), help: "the weight of the regulariser",
        defaultNote: "the model's", section: "Adaptation"),
      OptionSpec(
        "regulariser", nil, .choice("dp", "eop"),
        help: "the regulariser: over all protected rows (dp), or those with label 1 (eop)",
        defaultNote: "the model's", section: "Adaptation"),
    ] + LearningOptions.policies + CommonOptions.reader,
    operands: OperandSpec(.file), seeAlso: ["train", "predict"],
    section: "Training")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    let file = try ModelFile(path: options.text("model") ?? "")
    guard file.model.shape.conditions == 0 else {
      throw UsageError(
        "a yoto model is not fine-tuned: predict --task-weights chooses among its predictions")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    var request = AdaptationRequest()
    request.gamma = options.number("gamma")
    request.regulariser = options.text("regulariser")
    request.rate = options.number("rate")
    request.steps = options.integer("inner-steps")
    request.policy = ModelColumnPolicy(options)
    let adapted = try Adaptation(file, to: input, request, console)
    let output = try OutputFile.open(options.text("output"))
    try output.write(try adapted.file.bytes())
    try output.commit()
    adapted.report(console)
    return .done
  }
}
