internal import Learning
internal import Options

/// Options that several training methods share, declared once.
enum TrainingOptions {
  static let network = [
    OptionSpec(
      "hidden", nil, .numbers("N[,N...]", in: 1...100_000), help: "widths of the hidden layers",
      default: "64,64", section: "Network"),
    OptionSpec(
      "activation", nil, .choice("relu", "tanh"), help: "the function after a hidden layer",
      default: "relu", section: "Network"),
    OptionSpec(
      "initial", nil, .choice("uniform", "kaiming"),
      help:
        "how starting weights are drawn: uniform in +-1/sqrt(inputs), or normal with variance 2/inputs and biases 0",
      default: "uniform", section: "Network"),
  ]

  static let fullBatch = OptionSpec(
    "full-batch", help: "take all rows at once", section: "Training")

  static let patience = OptionSpec(
    "patience", nil, .integer("N", in: 1...Int.max),
    help: "epochs without a better validation loss before the end", default: "10",
    section: "Training")

  static let optimiser = [
    OptionSpec(
      "epochs", nil, .integer("N", in: 1...10_000_000), help: "passes over the rows",
      default: "100", section: "Training"),
    OptionSpec(
      "batch", nil, .integer("N", in: 1...Int.max), help: "rows of a minibatch", default: "128",
      section: "Training"),
    fullBatch,
    OptionSpec(
      "optimiser", nil, .choice("adam", "adamw", "sgd"), help: "the rule of a step",
      default: "adam", section: "Training"),
    OptionSpec(
      "rate", nil, .number("X", in: 0...1e6), help: "the step size", default: "0.001",
      section: "Training"),
    OptionSpec(
      "momentum", nil, .number("X", in: 0...1), help: "momentum of sgd", default: "0.9",
      section: "Training"),
    OptionSpec(
      "weight-decay", nil, .number("X", in: 0...1e6), help: "decay inside the rule of a step",
      default: "0", section: "Training"),
    OptionSpec(
      "l2", nil, .number("X", in: 0...1e6), help: "the penalty X/2 |W|^2 on weights, not biases",
      default: "0", section: "Training"),
    OptionSpec(
      "dropout", nil, .number("X", in: 0...0.99), help: "the share of hidden units left out",
      default: "0", section: "Training"),
    OptionSpec(
      "clip", nil, .number("X", in: 0...1e300), help: "the largest norm of a gradient",
      section: "Training"),
    patience,
  ]

  /// Options of what differentiates through inner steps.
  static func inner(rate: String) -> [OptionSpec] {
    [
      OptionSpec(
        "inner-rate", nil, .number("X", in: 0...1e6), help: "the inner step size", default: rate,
        section: "Method"),
      OptionSpec(
        "inner-steps", nil, .integer("N", in: 1...1000), help: "inner steps", default: "1",
        section: "Method"),
    ]
  }

  static func outerRate(_ rate: String) -> OptionSpec {
    OptionSpec(
      "outer-rate", nil, .number("X", in: 0...1e6), help: "the rate of Adam outside",
      default: rate, section: "Method")
  }

  static let order = OptionSpec(
    "order", nil, .choice("second", "first"),
    help: "whether the outer gradient goes through the inner steps", default: "second",
    section: "Method")

  static let regulariser = OptionSpec(
    "regulariser", nil, .choice("dp", "eop"),
    help: "1 - the protected rows' mean score, over all of them or those with label 1",
    default: "dp", section: "Method")
}

extension ParsedOptions {
  func shape(_ data: LearningData, conditions: Int = 0) -> NetworkShape {
    NetworkShape(
      inputs: data.features, hidden: numbers("hidden").map { Int($0) }, outputs: data.outputs,
      activation: choice("activation").flatMap { Activation(rawValue: $0) } ?? .relu,
      conditions: conditions)
  }

  var order: MetaOrder { choice("order").flatMap { MetaOrder(rawValue: $0) } ?? .second }

  var regulariser: FairnessRegulariser {
    choice("regulariser").flatMap { FairnessRegulariser(rawValue: $0) } ?? .demographicParity
  }

  func trainerSettings(seed: UInt64) -> TrainerSettings {
    var settings = TrainerSettings()
    settings.epochs = integer("epochs") ?? settings.epochs
    settings.batchSize = has("full-batch") ? nil : integer("batch") ?? settings.batchSize
    let decay = number("weight-decay") ?? 0
    switch choice("optimiser") {
    case "sgd": settings.rule = .sgd(momentum: number("momentum") ?? 0.9, decay: decay)
    case "adamw":
      settings.rule = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay)
    default: settings.rule = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay)
    }
    settings.rate = number("rate") ?? settings.rate
    settings.l2 = number("l2") ?? 0
    settings.dropout = number("dropout") ?? 0
    settings.clip = number("clip")
    settings.patience = integer("patience")
    settings.taskWeights = []
    settings.seed = seed
    return settings
  }
}
