package import FairpostLearning

/// `train dro`: the rows with the largest losses make each step.
package struct DROMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network and the steps.
    package var steps = StepChoices()
    /// The share of a minibatch's rows.
    package var share = 0.4
    /// The size of the weights.
    package var norm = WeightNorm.none

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        StepChoices.schema.fields.map { $0.within(\.steps) } + [
          .number(
            "share", \.share, in: 0...1,
            help: "the share of each minibatch to learn from, the rows with the largest losses",
            section: "Method"),
          .choice(
            "weight-norm", \.norm,
            help: "the norm that weights are scaled to; none leaves each weight at 1",
            section: "Method"),
        ])
    }
  }

  package static let info = MethodInfo(
    "dro",
    summary: "learn from the rows with the largest losses in each minibatch; no group needed",
    details: [
      "Levy, Carmon, Duchi & Sidford, Large-scale methods for distributionally robust optimization, NeurIPS 2020: the conditional value at risk",
      "--share 1 --weight-norm l2 is the plain baseline of the Nash bargaining paper. The last epoch is kept.",
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var plannedSteps: Int? { settings.steps.epochs }

  package var weighsRows: Bool { true }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.steps.network.shape(request.data)
  }

  /// Learns.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    var run = settings.steps.run(request)
    run.rule = .largest(share: settings.share)
    run.norm = settings.norm
    var work = try ReweightRun(request, settings.steps.network)
    return try work.trainLargest(run, log: log)
  }
}
