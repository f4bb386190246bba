public import Learning
internal import Numerics
public import Options

/// `train linear`: no hidden layer, solved to convergence.
public enum LinearMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "linear", summary: "least squares, logistic and softmax regression to convergence",
    reference: "Newton's method with a step search",
    options: [
      OptionSpec(
        "penalty", nil, .number("X", in: 0...1e300),
        help: "the ridge X/2 |W|^2 beside the summed loss (1/C elsewhere)", default: "1",
        section: "Method")
    ])

  /// Heads without a trunk.
  public static func shape(_ request: TrainingRequest) -> NetworkShape {
    NetworkShape(
      inputs: request.data.features, hidden: [], outputs: request.data.outputs,
      activation: .identity)
  }

  /// Fits a head per task.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let fit = try LinearTraining.fit(
      data: request.data, penalty: request.options.number("penalty") ?? 1,
      threads: request.threads)
    if request.options.has("log") { log(line(request.data, fit.shape, fit.parameters)) }
    return TrainedNetwork(shape: fit.shape, parameters: fit.parameters)
  }

  /// Solved at once, so one line: the loss of every task where it ended.
  private static func line(
    _ data: LearningData, _ shape: NetworkShape, _ parameters: [Double]
  ) -> TrainingLogLine {
    var engine = Differentiator(shape: shape)
    let batch = data.batch()
    let losses = data.tasks.indices.map { task in
      let alone = data.objective(taskWeights: data.tasks.indices.map { $0 == task ? 1 : 0 })
      return (
        name: "loss.\(data.tasks[task].name)", value: engine.value(alone, parameters, batch)
      )
    }
    return TrainingLogLine(step: 0, figures: losses)
  }
}

/// `train mlp`: a shared trunk and a head per task.
public enum MLPMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "mlp", summary: "a network with a shared trunk and a head for each task",
    reference: "Caruana, Multitask learning, Machine Learning 28 (1997)",
    options: TrainingOptions.network + TrainingOptions.optimiser + [taskWeight])

  static let taskWeight = OptionSpec(
    "task-weight", nil, .text("TASK=X"), help: "the weight of a task's loss, 1 where none is given",
    repeated: true, section: "Training")

  /// Refuses weights that are none.
  public static func check(_ options: ParsedOptions) throws(UsageError) {
    let tasks = options.texts("task")
    for text in options.texts("task-weight") {
      guard let (name, weight) = weight(text), weight >= 0, weight.isFinite else {
        throw UsageError("--task-weight \(text): TASK=X is wanted, X at least 0")
      }
      guard tasks.contains(where: { $0 == name || $0.hasPrefix("\(name):") }) else {
        throw UsageError("--task-weight \(text): no --task is called \"\(name)\"")
      }
    }
  }

  private static func weight(_ text: String) -> (name: String, weight: Double)? {
    guard let equals = text.lastIndex(of: "="),
      let value = Double(text[text.index(after: equals)...])
    else { return nil }
    return (String(text[..<equals]), value)
  }

  /// Trains by minibatches.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var settings = request.options.trainerSettings(seed: request.seed)
    let weights = Dictionary(
      request.options.texts("task-weight").compactMap { weight($0) }, uniquingKeysWith: { $1 })
    settings.taskWeights = request.data.tasks.map { weights[$0.name] ?? 1 }
    return try fit(request, request.options.shape(request.data), settings, log)
  }

  static func fit(
    _ request: TrainingRequest, _ shape: NetworkShape, _ settings: TrainerSettings,
    _ log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var settings = settings
    settings.threads = request.threads
    let scale = TargetScale(
      request.data, shape, dividing: !request.options.has("no-standardise"))
    let start = request.start(shape)
    guard start.count == shape.parameterCount else {
      throw .wrongParameterCount(found: start.count, expected: shape.parameterCount)
    }
    let result = try Trainer.fit(
      shape: shape, data: scale.scaled(request.data),
      validation: request.validation.map { scale.scaled($0) }, settings: settings,
      initial: request.initial == nil ? start : scale.scaled(start)
    ) { epoch in
      log(
        TrainingLogLine(
          step: epoch.epoch,
          figures: [
            ("training_loss", epoch.trainingLoss), ("validation_loss", epoch.validationLoss),
          ]))
    }
    var trained = TrainedNetwork(shape, result)
    trained.parameters = scale.unscaled(result.parameters)
    return trained
  }
}

/// `train yoto`: one network for all weights of the tasks.
///
/// Every row draws its own task weights, the network is conditioned on them, and prediction chooses
/// them afterwards: Dosovitskiy & Djolonga, You Only Train Once (ICLR 2020), with one scalar scale
/// and shift a layer as in the multi-task Wasserstein paper.
public enum YOTOMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "yoto", summary: "a network conditioned on the weights of the tasks, chosen afterwards",
    reference: "Dosovitskiy & Djolonga, You Only Train Once, ICLR 2020",
    options: TrainingOptions.network + TrainingOptions.optimiser + [
      OptionSpec(
        "weight-from", nil, .numbers("X[,X...]", in: 0...1e300),
        help: "the smallest weight of each task", default: "0.25", section: "Method"),
      OptionSpec(
        "weight-to", nil, .numbers("X[,X...]", in: 0...1e300),
        help: "the largest weight of each task", default: "6", section: "Method"),
    ])

  /// Refuses ranges that are none.
  public static func check(_ options: ParsedOptions) throws(UsageError) {
    let tasks = options.texts("task")
    let (from, to) = (options.numbers("weight-from"), options.numbers("weight-to"))
    for (name, values) in [("weight-from", from), ("weight-to", to)]
    where values.count > 1 && !tasks.isEmpty && values.count != tasks.count {
      throw UsageError(
        "--\(name) has \(values.count) numbers for \(tasks.count) tasks: one for each is wanted, or one for all"
      )
    }
    for task in 0..<max(from.count, to.count, 1) {
      let low = task < from.count ? from[task] : from.last ?? 0.25
      let high = task < to.count ? to[task] : to.last ?? 6
      guard low <= high else {
        throw UsageError(
          "--weight-from \(options.text("weight-from") ?? "") is above --weight-to \(options.text("weight-to") ?? "")"
        )
      }
    }
  }

  /// Conditioned on a weight for each task.
  public static func shape(_ request: TrainingRequest) -> NetworkShape {
    request.options.shape(request.data, conditions: request.data.tasks.count)
  }

  /// Trains with task weights drawn row by row.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let from = request.options.numbers("weight-from")
    let to = request.options.numbers("weight-to")
    var settings = request.options.trainerSettings(seed: request.seed)
    settings.conditionRanges = request.data.tasks.indices.map { t in
      let low = t < from.count ? from[t] : from.last ?? 0.25
      return low...max(low, t < to.count ? to[t] : to.last ?? 6)
    }
    var trained = try MLPMethod.fit(request, shape(request), settings, log)
    trained.conditions = settings.conditionRanges.map { ($0.lowerBound + $0.upperBound) / 2 }
    return trained
  }
}
