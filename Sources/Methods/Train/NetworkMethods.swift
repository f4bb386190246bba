package import FairpostLearning
internal import FairpostNumerics

/// `train linear`: no hidden layer, solved to convergence.
package struct LinearMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The ridge penalty/2 |W|^2 beside the summed loss.
    package var penalty = 1.0

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema([
        .number(
          "penalty", \.penalty, in: 0...1e300,
          help:
            "the ridge penalty X/2 |W|^2, added to the summed loss (other tools call 1/X their C)",
          section: "Method")
      ])
    }
  }

  package static let info = MethodInfo(
    "linear", summary: "least squares, logistic or softmax regression, to convergence",
    details: ["Newton's method with a step search"])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  /// Heads without a trunk.
  package func shape(_ request: TrainingRequest) -> NetworkShape {
    NetworkShape(
      inputs: request.data.features, hidden: [], outputs: request.data.outputs,
      activation: .identity)
  }

  /// Fits a head per task.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let fit = try LinearTraining.fit(
      data: request.data, penalty: settings.penalty, threads: request.threads)
    if request.wantsLog { log(Self.line(request.data, fit.shape, fit.parameters)) }
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
package struct MLPMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The weight of a task's loss.
    package struct TaskWeight: Sendable, Equatable {
      /// The task's name.
      package var task: String
      /// The weight.
      package var weight: Double

      /// A task's weight.
      package init(_ task: String, _ weight: Double) {
        self.task = task
        self.weight = weight
      }

      var text: String { "\(task)=\(NumberText.text(weight))" }
    }

    /// The network.
    package var network = NetworkSettings()
    /// How it is trained.
    package var training = OptimiserSettings()
    /// The weights of tasks' losses; 1 where none is given.
    package var taskWeights: [TaskWeight] = []

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + OptimiserSettings.schema.fields.map { $0.within(\.training) } + [taskWeight])
    }

    private static var taskWeight: SettingField<Settings> {
      SettingField(
        "task-weight", nil, .text, "TASK=X",
        help: "the weight of a task's loss; 1 for tasks that are not named", isRepeated: true,
        section: "Training",
        read: { (text, settings) throws(SettingFault.Problem) in
          guard let equals = text.lastIndex(of: "="),
            let weight = SettingText.number(text[text.index(after: equals)...]), weight >= 0
          else { throw .wrongForm("expected TASK=X with X of at least 0") }
          settings.taskWeights.append(TaskWeight(String(text[..<equals]), weight))
        },
        write: { settings in
          settings.taskWeights.isEmpty
            ? nil : settings.taskWeights.map(\.text).joined(separator: ",")
        })
    }

    /// Refuses two weights for one task.
    package func check() throws(SettingFault) {
      for (place, one) in taskWeights.enumerated()
      where taskWeights[..<place].contains(where: { $0.task == one.task }) {
        throw SettingFault("task-weight", one.task, .givenTwice)
      }
    }

    /// Refuses weights of tasks that there are not.
    package func check(in context: MethodContext) throws(SettingFault) {
      for one in taskWeights where !context.tasks.contains(one.task) {
        throw SettingFault(
          "task-weight", one.text, .noSuchName(one.task, of: .task, known: context.tasks))
      }
    }
  }

  package static let info = MethodInfo(
    "mlp", summary: "a network with a shared trunk and a head for each task",
    details: ["Caruana, Multitask learning, Machine Learning 28 (1997)"])
  package static let validation = ValidationUse.choosesEpoch

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var plannedSteps: Int? { settings.training.epochs }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Trains by minibatches.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var trainer = settings.training.trainer(seed: request.seed)
    trainer.taskWeights = request.data.tasks.map { task in
      settings.taskWeights.first { $0.task == task.name }?.weight ?? 1
    }
    return try Self.fit(request, shape(request), settings.network, trainer, log)
  }

  static func fit(
    _ request: TrainingRequest, _ shape: NetworkShape, _ network: NetworkSettings,
    _ settings: TrainerSettings, _ log: (TrainingLogLine) -> Void,
    weigh: ((_ rows: [Int], _ parameters: [Double]) -> [Double])? = nil,
    figures: () -> [(name: String, value: Double)] = { [] }
  ) throws(TrainingError) -> TrainedNetwork {
    var settings = settings
    settings.threads = request.threads
    let scale = TargetScale(
      request.data, shape, dividing: request.standardises)
    let start = network.start(shape, request)
    guard start.count == shape.parameterCount else {
      throw .wrongParameterCount(found: start.count, expected: shape.parameterCount)
    }
    let result = try Trainer.fit(
      shape: shape, data: scale.scaled(request.data),
      validation: request.validation.map { scale.scaled($0) }, settings: settings,
      initial: request.initial == nil ? start : scale.scaled(start),
      log: { epoch in
        log(
          TrainingLogLine(
            step: epoch.epoch,
            figures: [
              ("training_loss", epoch.trainingLoss), ("validation_loss", epoch.validationLoss),
            ] + figures()))
      }, weigh: weigh)
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
package struct YOTOMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// How it is trained.
    package var training = OptimiserSettings()
    /// The smallest weight of each task; the last one also of those behind it.
    package var smallest = [0.25]
    /// The largest weight of each task; the last one also of those behind it.
    package var largest = [6.0]

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + OptimiserSettings.schema.fields.map { $0.within(\.training) } + [
            .numbers(
              "weight-from", \.smallest, in: 0...1e300, help: "the smallest weight of each task",
              section: "Method"),
            .numbers(
              "weight-to", \.largest, in: 0...1e300, help: "the largest weight of each task",
              section: "Method"),
          ])
    }

    /// The range of one task's weight.
    func range(_ task: Int) -> ClosedRange<Double> {
      let low = task < smallest.count ? smallest[task] : smallest.last ?? 0.25
      let high = task < largest.count ? largest[task] : largest.last ?? 6
      return low...max(low, high)
    }

    /// Refuses ranges that are none.
    package func check() throws(SettingFault) {
      for task in 0..<max(smallest.count, largest.count, 1) {
        let low = task < smallest.count ? smallest[task] : smallest.last ?? 0.25
        let high = task < largest.count ? largest[task] : largest.last ?? 6
        guard low <= high else {
          let text = { (values: [Double]) in
            values.map { NumberText.text($0) }.joined(separator: ",")
          }
          throw SettingFault(
            "weight-from", text(smallest), .above(setting: "weight-to", value: text(largest)))
        }
      }
    }

    /// Refuses numbers of weights that are neither 1 nor that of the tasks.
    package func check(in context: MethodContext) throws(SettingFault) {
      for (name, values) in [("weight-from", smallest), ("weight-to", largest)]
      where values.count > 1 && values.count != context.tasks.count {
        throw SettingFault(
          name, nil,
          .wrongCount(found: values.count, of: .tasks, expected: context.tasks.count))
      }
    }
  }

  package static let info = MethodInfo(
    "yoto",
    summary:
      "a network that learns for all weights of the tasks, which are chosen when it predicts",
    details: [
      "Dosovitskiy & Djolonga, You Only Train Once, ICLR 2020",
      "Choosing other task weights at prediction changes the errors little: on two tasks of synth loans by 0.1 and 0.2 % from one end of the range to the other, while networks trained at these ends differ by 2 and 3 % (Examples/yoto-knob.sh measures it). Where the trade-off between tasks matters, train mlp with --task-weight for each choice.",
    ])
  package static let validation = ValidationUse.choosesEpoch
  package static let isConditioned = true

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var plannedSteps: Int? { settings.training.epochs }

  /// Conditioned on a weight for each task.
  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data, conditions: request.data.tasks.count)
  }

  /// Trains with task weights drawn row by row.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var trainer = settings.training.trainer(seed: request.seed)
    trainer.conditionRanges = request.data.tasks.indices.map { settings.range($0) }
    var trained = try MLPMethod.fit(request, shape(request), settings.network, trainer, log)
    trained.conditions = trainer.conditionRanges.map { ($0.lowerBound + $0.upperBound) / 2 }
    return trained
  }
}

/// What prediction can be told by a conditioned network.
package struct PredictionSettings: MethodSettings {
  /// The weights of the tasks, in their order; empty for those the model stores.
  package var taskWeights: [Double] = []

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<PredictionSettings> {
    Schema([
      .numbers(
        "task-weights", \.taskWeights, in: 0...1e300,
        help: "the task weights a yoto model predicts for, in the order of its tasks",
        section: "Model")
    ])
  }

  /// Refuses a number of weights that is not that of the tasks.
  package func check(in context: MethodContext) throws(SettingFault) {
    guard !taskWeights.isEmpty, taskWeights.count != context.tasks.count else { return }
    throw SettingFault("task-weights", nil, .unsuited("takes a weight for each task"))
  }
}
