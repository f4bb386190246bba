package import FairpostFiles
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostSettings
internal import FairpostText

/// What is asked of an adaptation; nil for what the model was trained with.
package struct AdaptationRequest {
  /// The weight of the regulariser.
  package var gamma: Double?
  /// The regulariser's name.
  package var regulariser: String?
  /// The step size, and how many steps.
  package var rate: Double?
  package var steps: Int?
  /// What becomes of rows that differ from those of training.
  package var policy = ModelColumnPolicy()

  /// As in training.
  package init() {}
}

/// A model fine-tuned to the few rows of a new task.
package struct Adaptation {
  /// The model as it is now.
  package private(set) var file: ModelFile
  private let outcome: TrainingOutcome
  private let data: LearningData
  private let tally: FairpostPipeline.Tally
  private let words: String

  /// Adapts a model to the rows of a stream.
  package init(
    _ given: ModelFile, to input: Input, _ request: AdaptationRequest, _ console: Console
  ) throws {
    var file = given
    let model = file.model
    let stored = model.options
    let gamma = try request.gamma ?? given.option("gamma", or: 0)
    let regulariser =
      FairnessRegulariser(
        rawValue: request.regulariser ?? stored["regulariser"] ?? "dp")
      ?? .demographicParity
    let rate = try request.rate ?? given.option("inner-rate", or: 0.01)
    let steps = try request.steps ?? Int(given.option("inner-steps", or: 1))
    let group = gamma > 0 ? model.group : nil
    if gamma > 0, group?.protected.isEmpty ?? true {
      throw UsageError(
        "\(option: "gamma") needs a protected value, and the model was trained without one")
    }
    let (data, rows) = try ModelRows.read(
      model, input, request.policy, console, group: group)
    let protected = rows.protectedCode(group)
    if gamma > 0, !regulariser.applies(data, protected: protected) {
      console.note("no row belongs to the protected group, so the regulariser is skipped")
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
    self.file = file
    self.outcome = outcome
    self.data = data
    tally = rows.tally
    words = "\(steps) steps of \(NumberText.text(rate))"
  }

  /// Says what was learned from which rows.
  package func report(_ console: Console) {
    let labelled = data.tasks[0].targets.count { !$0.isNaN }
    console.summary(tally, ["\(words)"])
    if labelled < data.rows {
      console.note(
        "adapted on \(Console.grouped(labelled)) rows; \(Console.grouped(data.rows - labelled)) without a label left out"
      )
    }
    for line in outcome.warnings { console.note(line) }
    for figure in TrainingSummary.figures(file.model, data, training: data) {
      console.note("on the adaptation rows: \(figure.task): \(figure.words)")
    }
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
        hint:
          "give it: \(option: "gamma"), \(option: "rate"), \(option: "inner-steps")")
    }
    return number
  }
}
