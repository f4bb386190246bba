internal import FairpostLearning

/// From a request to a network, for all methods that learn with rows' weights.
struct ReweightRun {
  private let request: TrainingRequest
  private let network: NetworkSettings
  private let outcome: NetworkShape
  private let classes: Int
  private var observations: [TrainingObservation] = []

  init(_ request: TrainingRequest, _ network: NetworkSettings) throws(TrainingError) {
    self.request = request
    self.network = network
    outcome = network.shape(request.data)
    classes = try Self.classes(request.data)
  }

  /// How many labels the one task has; 1 for a number.
  static func classes(_ data: LearningData) throws(TrainingError) -> Int {
    guard data.tasks.count == 1 else { throw .needsOneTask }
    switch data.tasks[0].kind {
    case .binary: return 2
    case .multiclass(let classes): return classes.count
    case .regression: return 1
    }
  }

  /// The rows that validate, where they come from the training rows.
  static func drawn(_ request: TrainingRequest, perCell: Int) -> [Int] {
    guard request.validation == nil else { return [] }
    let classes: Int
    do { classes = try self.classes(request.data) } catch { return [] }
    return CellDraw(request, classes: classes, perCell: perCell).validation
  }

  // MARK: Learning

  /// Learns with weights from validation cells.
  mutating func train(
    _ choices: CellChoices, _ settings: ReweightSettings, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    try Trainer.check(request.data)
    var rows = Array(0..<request.data.rows)
    let validation: LearningData
    if let given = request.validation {
      validation = given
    } else {
      let draw = CellDraw(request, classes: classes, perCell: choices.perCell)
      validation = request.data.selecting(draw.validation)
      rows = draw.training
      for (cell, count) in draw.few {
        observations.append(
          .fewDrawn(group: request.groupName(cell.group), label: label(cell.label), rows: count))
      }
    }
    let cells = ValidationCells(scaled(validation), classes: classes)
    if cells.rows < validation.rows {
      observations.append(.validationRowsLeftOut(rows: validation.rows - cells.rows))
    }
    try check(cells, choices.emptyCells)
    return try learn(rows, cells, settings, log)
  }

  /// Learns by bargaining over the parameters: the players are cells of the training rows.
  mutating func trainParameters(
    _ choices: CellChoices, _ settings: ReweightSettings, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    try Trainer.check(request.data)
    let cells = ValidationCells(scaled(request.data), classes: classes)
    try check(cells, choices.emptyCells)
    return try learn(Array(0..<request.data.rows), cells, settings, log)
  }

  /// Learns by the largest losses; nobody bargains.
  mutating func trainLargest(
    _ settings: ReweightSettings, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    try Trainer.check(request.data)
    return try learn(Array(0..<request.data.rows), nil, settings, log)
  }

  /// Refuses cells that nobody can bargain for.
  private mutating func check(
    _ cells: ValidationCells, _ empty: CellChoices.EmptyCells
  ) throws(TrainingError) {
    guard !cells.groups.isEmpty else { throw .noValidationCells }
    guard cells.groups.count > 1 else { throw .oneValidationGroup }
    if let cell = cells.missing.first, empty == .fail {
      throw .emptyValidationCell(group: cell.group, label: label(cell.label))
    }
    for cell in cells.missing {
      observations.append(
        .cellLeftOut(group: request.groupName(cell.group), label: label(cell.label)))
    }
  }

  /// Labels that are numbers, on the scale that is learned.
  private func scaled(_ data: LearningData) -> LearningData {
    TargetScale(request.data, outcome, dividing: request.standardises).scaled(data)
  }

  private mutating func learn(
    _ rows: [Int], _ cells: ValidationCells?, _ settings: ReweightSettings,
    _ log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let isBinary = classes == 2 && outcome.outputs == 1
    let scale = TargetScale(request.data, outcome, dividing: request.standardises)
    let logits = TwoLogits(outcome)
    let shape = isBinary ? logits.two : outcome
    var start = shape.initialParameters(seed: request.seed, law: network.initial)
    if let given = request.initial {
      if given.count == shape.parameterCount {
        start = scale.scaled(given)
      } else if isBinary, given.count == outcome.parameterCount {
        start = logits.unfolded(given)
      } else {
        throw .wrongParameterCount(found: given.count, expected: outcome.parameterCount)
      }
    }
    if let buffer = request.momentum, buffer.count != shape.parameterCount {
      throw .wrongParameterCount(found: buffer.count, expected: shape.parameterCount)
    }
    let before = cells?.losses(shape, start, settings.loss) ?? []
    let words = ReweightWords(
      request, cells, settings, labels: (0..<classes).map { label($0) })
    var epochs: [ReweightEpoch] = []
    let isWhole = rows.count == request.data.rows
    let data = scale.scaled(isWhole ? request.data : request.data.selecting(rows))
    let result = try ReweightTrainer.fit(
      shape: shape, data: data, cells: cells,
      settings: settings, initial: start, buffer: request.momentum
    ) { epoch in
      epochs.append(epoch)
      log(words.line(epoch))
    }
    var trained = TrainedNetwork(
      shape: outcome,
      parameters: isBinary ? logits.folded(result.parameters) : scale.unscaled(result.parameters))
    trained.bestEpoch = settings.epochs - 1
    trained.epochs = settings.epochs
    trained.figures = words.figures(epochs)
    trained.observations = observations + words.observations(epochs, before: before)
    trained.rowWeights = [Double](repeating: .nan, count: request.data.rows)
    for (place, row) in rows.enumerated() { trained.rowWeights[row] = result.meanWeights[place] }
    return trained
  }

  /// The name of a label.
  private func label(_ label: Int) -> String {
    switch request.data.tasks[0].kind {
    case .multiclass(let classes): classes[label]
    case .binary: "\(label)"
    case .regression: ""
    }
  }
}
