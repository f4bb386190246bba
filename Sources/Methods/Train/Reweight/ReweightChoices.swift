package import FairpostLearning

/// What can be chosen of learning with rows' weights, whatever sets the weights.
package struct StepChoices: MethodSettings {
  /// The network.
  package var network = NetworkSettings()
  /// Passes over the rows.
  package var epochs = 50
  /// Rows of a minibatch.
  package var batch = 128
  /// Whether all rows are taken at once.
  package var isFullBatch = false
  /// The step size.
  package var rate = 1e-3
  /// The momentum of a step.
  package var momentum = 0.9
  /// The decay inside a step.
  package var weightDecay = 5e-4
  /// The share of hidden units left out in training.
  package var dropout = 0.2

  /// The published defaults.
  package init() { network.hidden = [128, 64] }

  /// Everything that words can choose.
  package static var schema: Schema<StepChoices> {
    Schema(
      NetworkSettings.schema.fields.map { $0.within(\.network) } + [
        .integer(
          "epochs", \.epochs, in: 1...10_000_000, help: "passes over the rows",
          section: "Training"),
        .integer(
          "batch", \.batch, in: 1...Int.max,
          help: "rows of a minibatch; an incomplete last one is left out", section: "Training"),
        .flag("full-batch", \.isFullBatch, help: "take all rows at once", section: "Training"),
        .number("rate", \.rate, in: 0...1e6, help: "the step size", section: "Training"),
        .number(
          "momentum", \.momentum, in: 0...1, help: "momentum of the steps", section: "Training"),
        .number(
          "weight-decay", \.weightDecay, in: 0...1e6, help: "weight decay in each step",
          section: "Training"),
        .number(
          "dropout", \.dropout, in: 0...0.99,
          help: "the share of hidden units left out at random (dropout)",
          section: "Training"),
      ])
  }

  /// The settings of a run.
  func run(_ request: TrainingRequest) -> ReweightSettings {
    var settings = ReweightSettings()
    settings.epochs = epochs
    settings.batchSize = isFullBatch ? nil : batch
    settings.rate = rate
    settings.momentum = momentum
    settings.decay = weightDecay
    settings.dropout = dropout
    settings.seed = request.seed
    settings.threads = request.threads
    return settings
  }
}

/// What can be chosen of learning rows' weights from validation cells.
package struct CellChoices: MethodSettings {
  /// What becomes of a group that has no validation row with some label.
  package enum EmptyCells: String, Sendable, CaseIterable {
    /// It is an error.
    case fail
    /// The cell is left out, which the summary says.
    case skip
  }

  /// The network and the steps.
  package var steps = StepChoices()
  /// Who has a say.
  package var players = ValidationCells.Players.cell
  /// What a validation row costs.
  package var loss = ValidationLoss.crossEntropyAndSoftF1
  /// The size of the weights.
  package var norm = WeightNorm.l2
  /// Validation rows drawn for each cell where none are given.
  package var perCell = 10
  /// What becomes of an empty cell.
  package var emptyCells = EmptyCells.fail

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<CellChoices> {
    Schema(
      StepChoices.schema.fields.map { $0.within(\.steps) } + [
        .integer(
          "validation-per-cell", \.perCell, in: 1...1_000_000,
          help:
            "where no option names validation rows, draw N rows of each group with each label from the training rows, at most half of them",
          section: "Validation"),
        .choice(
          "empty-cells", \.emptyCells,
          help:
            "a group without a validation row of some label: fail (error), or leave it out with a warning (skip)",
          section: "Validation"),
        .choice(
          "validation-loss", \.loss,
          help:
            "the loss of a validation row: the cross-entropy, alone or with a soft F1 term added",
          section: "Method"),
        .choice(
          "players", \.players,
          help: "who bargains: every group with every label, or every group",
          section: "Method"),
        .choice(
          "weight-norm", \.norm, ["l2", "l1"],
          help: "the norm that the weights of a minibatch are scaled to", section: "Method"),
      ])
  }

  /// The settings of a run.
  func run(_ request: TrainingRequest) -> ReweightSettings {
    var settings = steps.run(request)
    settings.players = players
    settings.loss = loss
    settings.norm = norm
    return settings
  }
}
