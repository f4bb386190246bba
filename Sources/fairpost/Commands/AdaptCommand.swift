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
    "adapt", summary: "fine-tune a model to a new task from a few rows", usage: "-m MODEL [FILE]",
    examples: [
      Example(
        "head -11 nj.csv | fairpost adapt -m meta.model -o nj.model",
        "ten rows of a new state, with the steps the model was meta-trained for")
    ],
    details: [
      "Takes plain gradient steps over all rows at once, with the regulariser, rate and steps the model was trained with unless told otherwise. Features are made as the model's own training rows made them.",
      "Rows without the protected group leave the regulariser out, which is said.",
    ],
    memory: "Holds the rows, and the model, which has 1 GiB at most.",
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
        help: "the regulariser: over all protected rows, or those with label 1",
        defaultNote: "the model's", section: "Adaptation"),
    ] + LearningOptions.policies + CommonOptions.reader,
    operands: OperandSpec(.file, maximum: 1), seeAlso: ["train", "predict"],
    section: "Training")

  static func run(_ options: ParsedOptions, _ console: Console) throws -> ExitStatus {
    var file = try ModelFile(path: options.text("model") ?? "")
    let model = file.model
    guard model.shape.conditions == 0 else {
      throw UsageError("a yoto model is adapted by --task-weights, when it predicts")
    }
    let input = try Input(inputPath(options), try InputSettings(options))
    let stored = model.options
    let gamma = try options.number("gamma") ?? file.option("gamma", or: 0)
    let regulariser =
      FairnessRegulariser(
        rawValue: options.text("regulariser") ?? stored["regulariser"] ?? "dp")
      ?? .demographicParity
    let rate = try options.number("rate") ?? file.option("inner-rate", or: 0.01)
    let steps = try options.integer("inner-steps") ?? Int(file.option("inner-steps", or: 1))
    let group = gamma > 0 ? model.group : nil
    if gamma > 0, group?.protected.isEmpty ?? true {
      throw UsageError("--gamma needs a protected value, and the model was trained without one")
    }
    let (data, rows) = try ModelRows.read(
      model, input, ModelColumnPolicy(options), console, group: group)
    let protected = rows.protectedCode(group)
    if gamma > 0, !regulariser.applies(data, protected: protected) {
      console.note("no row is of the protected group: the regulariser is 0")
    }
    do {
      file.model.parameters = try FairMAML.adapt(
        shape: model.shape, parameters: model.parameters, support: data, rate: rate, steps: steps,
        gamma: gamma, regulariser: regulariser, protected: protected)
      try Soundness.check(model.shape, file.model.parameters, conditions: [], on: data)
    } catch {
      throw error.failure(input: input.name, nil, .command)
    }
    let outcome = TrainingOutcome(
      model: file.model, training: data, validation: nil, adapts: false)
    try outcome.refuseDivergence(input.name)
    let labelled = data.tasks[0].targets.count { !$0.isNaN }
    file.model.options["adapted"] =
      "\(steps) steps of \(NumberText.text(rate)) on \(labelled) rows, gamma \(NumberText.text(gamma)), \(regulariser.rawValue)"
    let output = try OutputFile.open(options.text("output"))
    try output.write(try file.bytes())
    try output.commit()
    console.summary(rows.tally, ["\(steps) steps of \(NumberText.text(rate))"])
    if labelled < data.rows {
      console.note(
        "adapted on \(Console.grouped(labelled)) rows; \(Console.grouped(data.rows - labelled)) without a label are left out"
      )
    }
    for line in outcome.warnings { console.note(line) }
    for figure in TrainingSummary.figures(file.model, data, training: data) {
      console.note("on the adaptation rows: \(figure.task): \(figure.words)")
    }
    return .done
  }
}

extension ModelFile {
  /// A number among the model's stored options, held to the range that the command's option has.
  fileprivate func option(_ name: String, or fallback: Double) throws(Failure) -> Double {
    guard let text = model.options[name] else { return fallback }
    guard let number = Double(text), number >= 0, number <= 1e6 else {
      throw Failure(
        .badModel,
        "the model's option \(name) is \"\(text)\", where a number between 0 and 1e6 is expected",
        hint: "give it: --gamma, --rate, --inner-steps")
    }
    return number
  }
}
