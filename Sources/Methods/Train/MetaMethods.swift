public import Learning
public import Options

/// `train fair-maml`.
public enum FairMAMLMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "fair-maml", summary: "weights that become fair and accurate on a new task from K rows",
    reference: "Slack, Friedler & Givental, Fairness warnings and Fair-MAML, FAT* 2020",
    options: TrainingOptions.network + sharedOptions + [
      TrainingOptions.order,
      OptionSpec(
        "tolerance", nil, .number("X", in: 0...1),
        help: "learn gamma so that the regulariser stays below X", section: "Method"),
      OptionSpec("online", help: "take the tasks one after another", section: "Method"),
    ], needs: [.taskColumn])

  static let sharedOptions =
    [
      OptionSpec(
        "shots", nil, .integer("K", in: 1...1_000_000), help: "support rows of a task",
        default: "5", section: "Method"),
      OptionSpec(
        "tasks-per-batch", nil, .integer("N", in: 1...1_000_000), help: "tasks of an outer step",
        default: "32", section: "Method"),
      OptionSpec(
        "iterations", nil, .integer("N", in: 1...1_000_000_000), help: "outer steps",
        default: "5000", section: "Method"),
    ] + TrainingOptions.inner(rate: "0.3") + [
      TrainingOptions.outerRate("0.001"),
      OptionSpec(
        "gamma", nil, .text("X|auto"),
        help: "the weight of the regulariser; auto learns it from --tolerance", default: "0",
        section: "Method"),
      TrainingOptions.regulariser,
      OptionSpec(
        "min-task-rows", nil, .integer("N", in: 1...Int.max), help: "rows a task must have",
        default: "20", section: "Method"),
    ]

  /// The regulariser needs a protected group; without it a group that is named is for the log.
  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> {
    let regularised = options.text("gamma") != "0" || options.has("tolerance")
    if regularised { return [.taskColumn, .group, .protectedGroup] }
    let attributes = options.columns("group").count
    let isNamed = attributes == 1 || (attributes == 0 && options.has("protected"))
    return isNamed ? [.taskColumn, .group] : [.taskColumn]
  }

  /// Refuses a gamma that is neither a number nor `auto`.
  public static func check(_ options: ParsedOptions) throws(UsageError) {
    let text = options.text("gamma") ?? "0"
    if text == "auto" {
      guard options.has("tolerance") else {
        throw UsageError("--gamma auto needs --tolerance X: what the regulariser is to stay below")
      }
      return
    }
    guard let value = options.number("gamma"), value >= 0 else {
      throw UsageError("--gamma \(text): a number of at least 0 is wanted, or auto")
    }
  }

  static func settings(_ request: TrainingRequest) -> FairMAML.Settings {
    let options = request.options
    var settings = FairMAML.Settings()
    settings.shots = options.integer("shots") ?? settings.shots
    settings.tasksPerBatch = options.integer("tasks-per-batch") ?? settings.tasksPerBatch
    settings.iterations = options.integer("iterations") ?? settings.iterations
    settings.innerRate = options.number("inner-rate") ?? settings.innerRate
    settings.innerSteps = options.integer("inner-steps") ?? settings.innerSteps
    settings.outerRate = options.number("outer-rate") ?? settings.outerRate
    settings.order = options.order
    settings.gamma = options.number("gamma") ?? 0
    settings.regulariser = options.regulariser
    settings.tolerance = options.number("tolerance")
    settings.minimumRows = options.integer("min-task-rows") ?? settings.minimumRows
    settings.online = options.has("online")
    settings.protected = request.protected ?? 1
    settings.heldOut = request.heldOut
    settings.seed = request.seed
    settings.threads = request.threads
    settings.reportedGroups = options.has("log") ? request.groupNames.count : 0
    return settings
  }

  /// The inner steps on as many rows as `--shots` says.
  public static func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? {
    let settings = settings(request)
    guard rows.rows >= settings.shots else { return nil }
    return try FairMAML.adapt(
      shape: network.shape, parameters: network.parameters,
      support: rows.selecting(Array(0..<settings.shots)), rate: settings.innerRate,
      steps: settings.innerSteps, gamma: network.gamma ?? settings.gamma,
      regulariser: settings.regulariser,
      protected: settings.protected)
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
  public static func usedRows(_ request: TrainingRequest) -> [Int] {
    let settings = settings(request)
    return Episodes(
      request.data, minimum: max(settings.minimumRows, 2 * settings.shots),
      leavingOut: settings.heldOut
    ).rows.flatMap { $0 }
  }

  /// Meta-trains.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let shape = request.options.shape(request.data)
    let result = try FairMAML.fit(
      shape: shape, data: request.data, settings: settings(request),
      initial: request.start(shape)
    ) { log(line($0, request)) }
    var trained = TrainedNetwork(shape, result)
    trained.figures += try taskFigures(request)
    return trained
  }

  /// Which tasks took part, for the summary.
  static func taskFigures(
    _ request: TrainingRequest
  ) throws(TrainingError) -> [(name: String, value: Double)] {
    let counts = try FairMAML.taskCounts(request.data, settings(request))
    return [
      ("tasks learned from", Double(counts.learned)),
      ("tasks left out for having fewer than \(counts.rowsNeeded) rows", Double(counts.tooSmall)),
    ]
  }
}

/// `train pretrained`.
public enum PretrainedMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "pretrained", summary: "one network for all tasks, the baseline of Fair-MAML",
    reference: "Slack, Friedler & Givental, Fairness warnings and Fair-MAML, FAT* 2020",
    options: TrainingOptions.network
      + FairMAMLMethod.sharedOptions.map { $0.name == "gamma" ? gamma : $0 },
    needs: [.taskColumn])

  /// Nothing is learned here, so it is a number; `check` has the words for `auto`.
  private static let gamma = OptionSpec(
    "gamma", nil, .text("X"), help: "the weight of the regulariser", default: "0",
    section: "Method")

  /// What the data must have under these options.
  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> {
    FairMAMLMethod.needs(options)
  }

  /// Refuses a gamma that is no number: nothing is learned here.
  public static func check(_ options: ParsedOptions) throws(UsageError) {
    if options.text("gamma") == "auto" {
      throw UsageError("--gamma auto is fair-maml's: pretrained takes a number")
    }
    try FairMAMLMethod.check(options)
  }

  /// Fine-tuned like the meta-learned weights.
  public static func adapted(
    _ network: TrainedNetwork, to rows: LearningData, _ request: TrainingRequest
  ) throws(TrainingError) -> [Double]? {
    try FairMAMLMethod.adapted(network, to: rows, request)
  }

  /// Rows of tasks that have enough of them.
  public static func usedRows(_ request: TrainingRequest) -> [Int] {
    FairMAMLMethod.usedRows(request)
  }

  /// Trains on all tasks' rows.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let shape = request.options.shape(request.data)
    let result = try Pretrained.fit(
      shape: shape, data: request.data, settings: FairMAMLMethod.settings(request),
      initial: request.start(shape)
    ) { log(FairMAMLMethod.line($0, request)) }
    var trained = TrainedNetwork(shape, result)
    trained.figures += try FairMAMLMethod.taskFigures(request)
    return trained
  }
}

/// `train faalgrad`.
public enum FaAlGradMethod: TrainingMethod {
  /// Name, summary, reference and options.
  public static let info = TrainingInfo(
    name: "faalgrad", summary: "aligns the groups' gradients by a meta-gradient",
    reference: "FaAlGrad: fairness through alignment of gradients across subpopulations",
    options: TrainingOptions.network + [
      OptionSpec(
        "support", nil, .text("RULE"),
        help: "config1, config2, share:P or swap:P: the rows of the inner steps",
        default: "config1", section: "Method")
    ] + TrainingOptions.inner(rate: "0.01") + [
      TrainingOptions.outerRate("0.01"),
      OptionSpec(
        "epochs", nil, .integer("N", in: 1...10_000_000), help: "passes at the most",
        default: "100", section: "Training"),
      TrainingOptions.patience,
      OptionSpec(
        "batch", nil, .integer("N", in: 1...Int.max), help: "rows of a minibatch",
        defaultNote: "all rows", section: "Training"),
      TrainingOptions.fullBatch,
      OptionSpec(
        "favourable", nil, .choice("0", "1"), help: "the favourable label of config2",
        defaultNote: "what the protected group gets less often", section: "Method"),
      OptionSpec(
        "align", nil, .number("X", in: 0...1e6),
        help: "an explicit alignment penalty instead of the meta-gradient", section: "Method"),
      OptionSpec(
        "gamma", nil, .number("X", in: 0...1e6), help: "the weight of a direct regulariser",
        default: "0", section: "Method"),
      TrainingOptions.regulariser, TrainingOptions.order,
    ], needs: [.group])

  /// Refuses a support rule that is none.
  public static func check(_ options: ParsedOptions) throws(UsageError) {
    let text = options.text("support") ?? "config1"
    guard support(text) != nil else {
      throw UsageError(
        "--support \(text): config1, config2, share:P or swap:P is wanted, P between 0 and 1")
    }
    if options.has("align"), options.choice("order") == "first" {
      throw UsageError("--align has no first order: it is a penalty of its own")
    }
  }

  /// The regulariser needs a protected group.
  public static func needs(_ options: ParsedOptions) -> Set<TrainingNeed> {
    (options.number("gamma") ?? 0) > 0 ? [.group, .protectedGroup] : [.group]
  }

  /// A support rule from its text; nil if it is none.
  public static func support(_ text: String) -> FaAlGrad.Support? {
    if text == "config1" { return .config1 }
    if text == "config2" { return .config2 }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let share = Double(String(parts[1])), share > 0, share < 1 else {
      return nil
    }
    return parts[0] == "share" ? .share(share) : parts[0] == "swap" ? .swap(share) : nil
  }

  /// Rows with a label and a group: each is of the support or of the query.
  public static func usedRows(_ request: TrainingRequest) -> [Int] {
    let data = request.data
    return (0..<data.rows).filter {
      data.weights[$0] > 0 && !data.tasks[0].targets[$0].isNaN && data.groups[$0] >= 0
    }
  }

  /// Trains.
  public static func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let options = request.options
    var settings = FaAlGrad.Settings()
    settings.support = support(options.text("support") ?? "config1") ?? .config1
    settings.protected = request.protected
    settings.favourable = options.integer("favourable")
    settings.innerRate = options.number("inner-rate") ?? settings.innerRate
    settings.innerSteps = options.integer("inner-steps") ?? settings.innerSteps
    settings.order = options.order
    settings.outerRate = options.number("outer-rate") ?? settings.outerRate
    settings.epochs = options.integer("epochs") ?? settings.epochs
    settings.patience = options.integer("patience")
    settings.batchSize = options.has("full-batch") ? nil : options.integer("batch")
    settings.align = options.number("align")
    settings.gamma = options.number("gamma") ?? 0
    settings.regulariser = options.regulariser
    settings.seed = request.seed
    settings.threads = request.threads
    settings.wantsFigures = options.has("log")
    let shape = options.shape(request.data)
    let start = request.start(shape)
    let before = try FaAlGrad.cosine(
      shape: shape, data: request.data, parameters: start, settings: settings)
    let result = try FaAlGrad.fit(
      shape: shape, data: request.data, validation: request.validation, settings: settings,
      initial: start
    ) { epoch in
      log(
        TrainingLogLine(
          step: epoch.number,
          figures: [
            ("outer_loss", epoch.outerLoss), ("validation_loss", epoch.validationLoss),
            ("cosine", epoch.cosine), ("regulariser", epoch.regulariser),
            ("without_protected", epoch.withoutProtected),
          ] + request.byGroup(epoch.groupLosses)))
    }
    let after = try FaAlGrad.cosine(
      shape: shape, data: request.data, parameters: result.parameters, settings: settings)
    var trained = TrainedNetwork(shape, result)
    trained.figures = [
      ("cosine of the gradients before", before), ("cosine of the gradients after", after),
    ]
    if settings.support == .config2 {
      for group in try FaAlGrad.supportedGroups(request.data, settings) {
        let favourable =
          settings.favourable ?? FaAlGrad.favourableLabel(request.data, protected: group)
        let name = request.protected == nil ? " of \(request.groupName(group))" : ""
        trained.figures.append(("favourable label\(name)", Double(favourable)))
      }
    }
    return trained
  }
}
