package import FairpostLearning

/// `train nash`: groups bargain over the weights of training rows, then a base protocol goes on.
package struct NashMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// What the players bargain over.
    package enum Space: String, Sendable, CaseIterable {
      /// The weights of the training rows.
      case weights
      /// The parameters.
      case theta
    }

    /// The cells, the network and the steps.
    package var cells = CellChoices()
    /// The protocol without bargaining.
    package var base = BaseProtocol.gdro
    /// The epoch, counted from 1, from which nobody bargains.
    package var bargainEpochs = 15
    /// What the players bargain over.
    package var space = Space.weights

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        CellChoices.schema.fields.map { $0.within(\.cells) } + [
          .choice(
            "protocol", \.base,
            help:
              "what to minimise after bargaining, and wherever no direction is a gain for all: the mean loss of all cells (ltr), worst minus best group (forml), or the worst group (gdro)",
            section: "Method"),
          .integer(
            "bargain-epochs", \.bargainEpochs, "T", in: 0...10_000_001,
            help: "bargain in the epochs before epoch T (the first is 1)", section: "Method"),
          .choice(
            "space", \.space,
            help:
              "bargain over the rows' weights, or directly over the parameters, by the gradients of the training rows' cells (theta), which needs --group in the training rows and no validation rows",
            section: "Method"),
        ])
    }
  }

  package static let info = MethodInfo(
    "nash", summary: "groups bargain over the training rows' weights, for steps that help all",
    details: [
      "Nash bargaining in two-stage meta-learning, arXiv 2406.07029",
      "A few validation rows with a known group say what is fair; training rows need no group. In each minibatch the rows get weights under which a step lowers the validation loss of every cell (every group with every label), if such weights exist (the Nash bargaining solution). Otherwise, and from epoch --bargain-epochs on, only the protocol decides. Negative weights are cut to 0, which can undo a gain; --log shows it.",
      "The last epoch is kept.",
    ])
  package static let validation = ValidationUse.players

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> {
    settings.space == .theta ? [.group] : [.validationGroup]
  }

  package var plannedSteps: Int? { settings.cells.steps.epochs }

  package var weighsRows: Bool { settings.space == .weights }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.cells.steps.network.shape(request.data)
  }

  package func drawnForValidation(_ request: TrainingRequest) -> [Int] {
    settings.space == .theta ? [] : ReweightRun.drawn(request, perCell: settings.cells.perCell)
  }

  /// Learns.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var run = settings.cells.run(request)
    run.base = settings.base
    var work = try ReweightRun(request, settings.cells.steps.network)
    guard settings.space == .weights else {
      run.rule = .parameters(epochs: settings.bargainEpochs)
      run.loss = .crossEntropy
      run.players = .cell
      return try work.trainParameters(settings.cells, run, log: log)
    }
    run.rule = .bargain(epochs: settings.bargainEpochs)
    return try work.train(settings.cells, run, log: log)
  }
}
