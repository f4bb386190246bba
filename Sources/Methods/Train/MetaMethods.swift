package import FairpostLearning
internal import FairpostNumerics

/// The weight of a regulariser: a number, or learned.
package enum RegulariserWeight: Sendable, Equatable {
  /// A number.
  case fixed(Double)
  /// Learned, from 0 on, as the multiplier of a tolerance.
  case learned

  /// The number to start with.
  package var start: Double {
    switch self {
    case .fixed(let weight): weight
    case .learned: 0
    }
  }

  var text: String {
    switch self {
    case .fixed(let weight): NumberText.text(weight)
    case .learned: "auto"
    }
  }
}

/// What can be chosen of learning from many tasks with K rows each.
package struct EpisodeSettings: MethodSettings {
  /// Support rows of a task.
  package var shots = 5
  /// Tasks of an outer step.
  package var tasksPerBatch = 32
  /// Outer steps.
  package var iterations = 5000
  /// The inner step size.
  package var innerRate = 0.3
  /// Inner steps.
  package var innerSteps = 1
  /// The rate of Adam outside.
  package var outerRate = 0.001
  /// The weight of the regulariser.
  package var gamma = RegulariserWeight.fixed(0)
  /// The regulariser.
  package var regulariser = FairnessRegulariser.demographicParity
  /// Rows a task must have.
  package var minimumRows = 20

  /// The defaults.
  package init() {}

  /// Everything that words can choose where the weight of the regulariser can be learned.
  package static var schema: Schema<EpisodeSettings> {
    Schema(
      fields(
        gamma: gamma(
          "X|auto", help: "the weight of the regulariser; auto learns it from --tolerance",
          wanted: "expected a number of at least 0, or auto", canLearn: true)))
  }

  /// The same where it cannot.
  static var fixedSchema: Schema<EpisodeSettings> {
    Schema(
      fields(
        gamma: gamma(
          "X", help: "the weight of the regulariser", wanted: "expected a number of at least 0",
          canLearn: false)))
  }

  private static func fields(
    gamma: SettingField<EpisodeSettings>
  ) -> [SettingField<EpisodeSettings>] {
    [
      .integer(
        "shots", \.shots, "K", in: 1...1_000_000,
        help: "rows of a task that each inner step learns from", section: "Method"),
      .integer(
        "tasks-per-batch", \.tasksPerBatch, in: 1...1_000_000, help: "tasks in each outer step",
        section: "Method"),
      .integer(
        "iterations", \.iterations, in: 1...1_000_000_000, help: "outer steps",
        section: "Method"),
      MetaFields.innerRate(\.innerRate), MetaFields.innerSteps(\.innerSteps),
      MetaFields.outerRate(\.outerRate), gamma, MetaFields.regulariser(\.regulariser),
      .integer(
        "min-task-rows", \.minimumRows, in: 1...Int.max, help: "leave out tasks with fewer rows",
        section: "Method"),
    ]
  }

  private static func gamma(
    _ placeholder: String, help: String, wanted: String, canLearn: Bool
  ) -> SettingField<EpisodeSettings> {
    SettingField(
      "gamma", nil, .text, placeholder, help: help, section: "Method",
      read: { (text, settings) throws(SettingFault.Problem) in
        if text == "auto", canLearn {
          settings.gamma = .learned
        } else if text == "auto" {
          throw .unsuited("only fair-maml has auto: pretrained takes a number")
        } else if let weight = SettingText.number(text[...]), weight >= 0 {
          settings.gamma = .fixed(weight)
        } else {
          throw .wrongForm(wanted)
        }
      }, write: { $0.gamma.text })
  }

  /// What the data must have; the regulariser needs a protected group.
  func needs(tolerance: Double?) -> Set<TrainingNeed> {
    gamma == .fixed(0) && tolerance == nil
      ? [.taskColumn] : [.taskColumn, .group, .protectedGroup]
  }

  /// Rows of tasks that have enough of them.
  func usedRows(_ request: TrainingRequest) -> [Int] {
    Episodes(
      request.data, minimum: max(minimumRows, 2 * shots), leavingOut: request.heldOut
    ).rows.flatMap { $0 }
  }

  /// The settings of a run for a request.
  func run(_ request: TrainingRequest) -> FairMAML.Settings {
    var settings = FairMAML.Settings()
    settings.shots = shots
    settings.tasksPerBatch = tasksPerBatch
    settings.iterations = iterations
    settings.innerRate = innerRate
    settings.innerSteps = innerSteps
    settings.outerRate = outerRate
    settings.gamma = gamma.start
    settings.regulariser = regulariser
    settings.minimumRows = minimumRows
    settings.protected = request.protected ?? 1
    settings.heldOut = request.heldOut
    settings.seed = request.seed
    settings.threads = request.threads
    settings.reportedGroups = request.wantsLog ? request.groupNames.count : 0
    return settings
  }
}

/// Settings of methods that differentiate through inner steps, each declared once.
enum MetaFields {
  static func innerRate<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, Double> & Sendable
  ) -> SettingField<Settings> {
    .number("inner-rate", place, in: 0...1e6, help: "the inner step size", section: "Method")
  }

  static func innerSteps<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, Int> & Sendable
  ) -> SettingField<Settings> {
    .integer("inner-steps", place, in: 1...1000, help: "inner steps", section: "Method")
  }

  static func outerRate<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, Double> & Sendable
  ) -> SettingField<Settings> {
    .number(
      "outer-rate", place, in: 0...1e6, help: "the step size of the outer optimiser (Adam)",
      section: "Method")
  }

  static func order<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, MetaOrder> & Sendable
  ) -> SettingField<Settings> {
    .choice(
      "order", place,
      help:
        "whether the outer gradient is propagated through the inner steps (second) or not (first)",
      section: "Method")
  }

  static func regulariser<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, FairnessRegulariser> & Sendable
  ) -> SettingField<Settings> {
    .choice(
      "regulariser", place,
      help: "1 - the protected rows' mean score, over all of them or those with label 1",
      section: "Method")
  }
}

/// `train fair-maml`.
package struct FairMAMLMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// The tasks and steps.
    package var episodes = EpisodeSettings()
    /// Whether the outer gradient goes through the inner steps.
    package var order = MetaOrder.second
    /// What a learned weight keeps the regulariser below.
    package var tolerance: Double?
    /// Whether the tasks are taken one after another.
    package var isOnline = false

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + EpisodeSettings.schema.fields.map { $0.within(\.episodes) } + [
            MetaFields.order(\.order),
            .number(
              "tolerance", \.tolerance, in: 0...1,
              help: "learn gamma so that the regulariser stays below X", section: "Method"),
            .flag(
              "online", \.isOnline, help: "take the tasks one after another", section: "Method"),
          ])
    }

    /// Refuses a weight that is learned from nothing.
    package func check() throws(SettingFault) {
      guard episodes.gamma == .learned, tolerance == nil else { return }
      throw SettingFault(
        "gamma", "auto",
        .needs(
          setting: "tolerance", placeholder: "X",
          why: "the limit below which the regulariser is to stay"))
    }

    func run(_ request: TrainingRequest) -> FairMAML.Settings {
      var settings = episodes.run(request)
      settings.order = order
      settings.tolerance = tolerance
      settings.online = isOnline
      return settings
    }
  }

  package static let info = MethodInfo(
    "fair-maml",
    summary: "learn starting weights that become fair and accurate on a new task from K rows",
    details: ["Slack, Friedler & Givental, Fairness warnings and Fair-MAML, FAT* 2020"])
  package static let validation = ValidationUse.none

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> {
    settings.episodes.needs(tolerance: settings.tolerance)
  }

  package var reportsGroups: Bool { true }
  package var plannedSteps: Int? { settings.episodes.iterations }
  package var minimumTaskRows: Int? { settings.episodes.minimumRows }

  package func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? {
    try Self.adapted(network, to: rows, settings.run(request))
  }

  /// The inner steps on as many rows as there are shots.
  static func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ settings: FairMAML.Settings
  ) throws(TrainingError) -> [Double]? {
    guard rows.rows >= settings.shots else { return nil }
    return try FairMAML.adapt(
      shape: network.shape, parameters: network.parameters,
      support: rows.selecting(Array(0..<settings.shots)), rate: settings.innerRate,
      steps: settings.innerSteps, gamma: network.gamma ?? settings.gamma,
      regulariser: settings.regulariser, protected: settings.protected)
  }

  static func line(
    _ iteration: FairMAML.Iteration, _ request: TrainingRequest
  ) -> TrainingLogLine {
    TrainingLogLine(
      step: iteration.number,
      figures: [
        ("loss", iteration.loss), ("regulariser", iteration.regulariser),
        ("gamma", iteration.gamma), ("without_protected", iteration.withoutProtected),
      ] + request.byGroup(iteration.groupLosses))
  }

  /// Rows of tasks that have enough of them.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    settings.episodes.usedRows(request)
  }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Meta-trains.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let shape = settings.network.shape(request.data)
    let run = settings.run(request)
    let result = try FairMAML.fit(
      shape: shape, data: request.data, settings: run,
      initial: settings.network.start(shape, request)
    ) { log(Self.line($0, request)) }
    var trained = TrainedNetwork(shape, result)
    trained.figures += try Self.taskFigures(request, run)
    return trained
  }

  /// Which tasks took part, for the summary.
  static func taskFigures(
    _ request: TrainingRequest, _ settings: FairMAML.Settings
  ) throws(TrainingError) -> [(name: String, value: Double)] {
    let counts = try FairMAML.taskCounts(request.data, settings)
    return [
      ("tasks learned from", Double(counts.learned)),
      ("tasks left out for having fewer than \(counts.rowsNeeded) rows", Double(counts.tooSmall)),
    ]
  }
}

/// `train pretrained`.
package struct PretrainedMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// The tasks and steps.
    package var episodes = EpisodeSettings()

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + EpisodeSettings.fixedSchema.fields.map { $0.within(\.episodes) })
    }
  }

  package static let info = MethodInfo(
    "pretrained", summary: "one network for all tasks, the baseline of Fair-MAML",
    details: ["Slack, Friedler & Givental, Fairness warnings and Fair-MAML, FAT* 2020"])
  package static let validation = ValidationUse.none

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { settings.episodes.needs(tolerance: nil) }
  package var reportsGroups: Bool { true }
  package var plannedSteps: Int? { settings.episodes.iterations }
  package var minimumTaskRows: Int? { settings.episodes.minimumRows }

  /// Fine-tuned like the meta-learned weights.
  package func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? {
    try FairMAMLMethod.adapted(network, to: rows, settings.episodes.run(request))
  }

  /// Rows of tasks that have enough of them.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    settings.episodes.usedRows(request)
  }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Trains on all tasks' rows.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let shape = settings.network.shape(request.data)
    let run = settings.episodes.run(request)
    let result = try Pretrained.fit(
      shape: shape, data: request.data, settings: run,
      initial: settings.network.start(shape, request)
    ) { log(FairMAMLMethod.line($0, request)) }
    var trained = TrainedNetwork(shape, result)
    trained.figures += try FairMAMLMethod.taskFigures(request, run)
    return trained
  }
}
