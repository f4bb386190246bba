package import FairpostLearning
internal import FairpostNumerics

/// `train faalgrad`.
package struct FaAlGradMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// The rows of the inner steps.
    package var support = FaAlGrad.Support.config1
    /// The inner step size.
    package var innerRate = 0.01
    /// Inner steps.
    package var innerSteps = 1
    /// The rate of Adam outside.
    package var outerRate = 0.01
    /// Passes at the most.
    package var epochs = 100
    /// Epochs without a better validation loss before the end.
    package var patience = 10
    /// Rows of a minibatch; nil takes all rows at once.
    package var batch: Int?
    /// Whether all rows are taken at once whatever `batch` says.
    package var isFullBatch = false
    /// The favourable label of configuration 2; nil finds it in the training labels.
    package var favourable: Int?
    /// The weight of an explicit alignment penalty in place of the meta-gradient.
    package var align: Double?
    /// The weight of a direct regulariser.
    package var gamma = 0.0
    /// The regulariser.
    package var regulariser = FairnessRegulariser.demographicParity
    /// Whether the outer gradient goes through the inner steps.
    package var order = MetaOrder.second

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(NetworkSettings.schema.fields.map { $0.within(\.network) } + own)
    }

    private static var own: [SettingField<Settings>] {
      [
        SettingField(
          "support", nil, .text, "RULE",
          help: "which rows the inner steps learn from: config1, config2, share:P or swap:P",
          section: "Method",
          read: { (text, settings) throws(SettingFault.Problem) in
            guard let support = FaAlGrad.Support(text) else {
              throw .wrongForm(
                "expected config1, config2, share:P or swap:P, with P between 0 and 1")
            }
            settings.support = support
          }, write: { $0.support.text }),
        MetaFields.innerRate(\.innerRate), MetaFields.innerSteps(\.innerSteps),
        MetaFields.outerRate(\.outerRate),
        .integer(
          "epochs", \.epochs, in: 1...10_000_000, help: "the most passes over the rows",
          section: "Training"),
        OptimiserSettings.patience(\.patience),
        .integer(
          "batch", \.batch, in: 1...Int.max, help: "rows of a minibatch",
          defaultNote: "all rows", section: "Training"),
        .flag("full-batch", \.isFullBatch, help: "take all rows at once", section: "Training"),
        SettingField(
          "favourable", nil, .choice(["0", "1"]), help: "the favourable label of config2",
          defaultNote: "the label that the protected group gets less often", section: "Method",
          read: { (text, settings) throws(SettingFault.Problem) in
            guard text == "0" || text == "1" else { throw .wrongKind(.choice(["0", "1"])) }
            settings.favourable = text == "1" ? 1 : 0
          }, write: { $0.favourable.map { String($0) } }),
        .number(
          "align", \.align, in: 0...1e6,
          help: "use an explicit penalty on misaligned gradients instead of the meta-gradient",
          section: "Method"),
        .number(
          "gamma", \.gamma, in: 0...1e6, help: "the weight of a direct regulariser",
          section: "Method"),
        MetaFields.regulariser(\.regulariser), MetaFields.order(\.order),
      ]
    }

    /// Refuses what the alignment penalty does not go with.
    package func check() throws(SettingFault) {
      if align != nil, order == .first {
        throw SettingFault(
          "align", nil, .unsuited("cannot be first-order: it is a separate penalty"))
      }
    }

    /// The settings of a run for a request.
    func run(_ request: TrainingRequest) -> FaAlGrad.Settings {
      var run = FaAlGrad.Settings()
      run.support = support
      run.protected = request.protected
      run.favourable = favourable
      run.innerRate = innerRate
      run.innerSteps = innerSteps
      run.order = order
      run.outerRate = outerRate
      run.epochs = epochs
      run.patience = patience
      run.batchSize = isFullBatch ? nil : batch
      run.align = align
      run.gamma = gamma
      run.regulariser = regulariser
      run.seed = request.seed
      run.threads = request.threads
      run.wantsFigures = request.wantsLog
      return run
    }
  }

  package static let info = MethodInfo(
    "faalgrad",
    summary: "align the groups' gradients, so that learning from one group helps the other",
    details: ["FaAlGrad: fairness through alignment of gradients across subpopulations"])
  package static let validation = ValidationUse.choosesEpoch

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  /// The regulariser needs a protected group.
  package var needs: Set<TrainingNeed> {
    settings.gamma > 0 ? [.group, .protectedGroup] : [.group]
  }

  package var plannedSteps: Int? { settings.epochs }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Rows with a label and a group: each is of the support or of the query.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    request.data.rowsOfLabelAndGroup
  }

  /// Trains.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let shape = settings.network.shape(request.data)
    let start = settings.network.start(shape, request)
    let run = settings.run(request)
    let before = try FaAlGrad.cosine(
      shape: shape, data: request.data, parameters: start, settings: run)
    let result = try FaAlGrad.fit(
      shape: shape, data: request.data, validation: request.validation, settings: run,
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
      shape: shape, data: request.data, parameters: result.parameters, settings: run)
    var trained = TrainedNetwork(shape, result)
    trained.figures = [
      ("cosine of the gradients before", before), ("cosine of the gradients after", after),
    ]
    if run.support == .config2 {
      for group in try FaAlGrad.supportedGroups(request.data, run) {
        let favourable =
          run.favourable ?? FaAlGrad.favourableLabel(request.data, protected: group)
        let name = request.protected == nil ? " of \(request.groupName(group))" : ""
        trained.figures.append(("favourable label\(name)", Double(favourable)))
      }
    }
    return trained
  }
}

extension FaAlGrad.Support {
  /// A support rule from its text; nil if it is none.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("config1", 1): self = .config1
    case ("config2", 1): self = .config2
    case ("share", 2), ("swap", 2):
      guard let share = SettingText.number(parts[1]), share > 0, share < 1 else { return nil }
      self = parts[0] == "share" ? .share(share) : .swap(share)
    default: return nil
    }
  }

  var text: String {
    switch self {
    case .config1: "config1"
    case .config2: "config2"
    case .share(let share): "share:\(NumberText.text(share))"
    case .swap(let share): "swap:\(NumberText.text(share))"
    }
  }
}
