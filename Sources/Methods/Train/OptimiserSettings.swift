internal import FairpostLearning

/// What can be chosen of training by minibatches.
package struct OptimiserSettings: MethodSettings {
  /// The rule of a step.
  package enum Rule: String, Sendable, CaseIterable {
    case adam, adamw, sgd
  }

  /// Passes over the rows.
  package var epochs = 100
  /// Rows of a minibatch.
  package var batch = 128
  /// Whether all rows are taken at once.
  package var isFullBatch = false
  /// The rule of a step.
  package var rule = Rule.adam
  /// The step size.
  package var rate = 1e-3
  /// The momentum of `sgd`.
  package var momentum = 0.9
  /// The decay inside the rule of a step.
  package var weightDecay = 0.0
  /// The ridge l2/2 |W|^2 on weights, not on biases.
  package var l2 = 0.0
  /// The share of hidden units left out in training.
  package var dropout = 0.0
  /// The largest norm of a gradient.
  package var clip: Double?
  /// Epochs without a better validation loss before the end.
  package var patience = 10

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<OptimiserSettings> {
    Schema(steps + [patience(\.patience)])
  }

  /// The same for a method that does not choose among its epochs.
  static var steps: [SettingField<OptimiserSettings>] {
    [
      .integer(
        "epochs", \.epochs, in: 1...10_000_000, help: "passes over the rows",
        section: "Training"),
      .integer("batch", \.batch, in: 1...Int.max, help: "rows of a minibatch", section: "Training"),
      .flag("full-batch", \.isFullBatch, help: "take all rows at once", section: "Training"),
      .choice("optimiser", \.rule, help: "the optimiser", section: "Training"),
      .number("rate", \.rate, in: 0...1e6, help: "the step size", section: "Training"),
      .number("momentum", \.momentum, in: 0...1, help: "momentum of sgd", section: "Training"),
      .number(
        "weight-decay", \.weightDecay, in: 0...1e6, help: "weight decay inside the optimiser",
        section: "Training"),
      .number(
        "l2", \.l2, in: 0...1e6, help: "the penalty X/2 |W|^2 on weights, not biases",
        section: "Training"),
      .number(
        "dropout", \.dropout, in: 0...0.99,
        help: "the share of hidden units left out at random (dropout)",
        section: "Training"),
      .number(
        "clip", \.clip, in: 0...1e300, help: "cut gradients to this norm", section: "Training"),
    ]
  }

  /// How long a method waits for a better epoch.
  static func patience<Settings: MethodSettings>(
    _ place: any WritableKeyPath<Settings, Int> & Sendable
  ) -> SettingField<Settings> {
    .integer(
      "patience", place, in: 1...Int.max,
      help: "stop after N epochs without a better validation loss", section: "Training")
  }

  /// The trainer's settings.
  func trainer(seed: UInt64) -> TrainerSettings {
    var settings = TrainerSettings()
    settings.epochs = epochs
    settings.batchSize = isFullBatch ? nil : batch
    settings.rule =
      switch rule {
      case .sgd: .sgd(momentum: momentum, decay: weightDecay)
      case .adamw: .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: weightDecay)
      case .adam: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: weightDecay)
      }
    settings.rate = rate
    settings.l2 = l2
    settings.dropout = dropout
    settings.clip = clip
    settings.patience = patience
    settings.seed = seed
    return settings
  }
}
