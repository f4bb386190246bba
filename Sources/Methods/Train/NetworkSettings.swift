package import FairpostLearning

/// What can be chosen of a network, by every method that trains one.
package struct NetworkSettings: MethodSettings {
  /// The widths of the hidden layers.
  package var hidden = [64, 64]
  /// The function after a hidden layer.
  package var activation = Activation.relu
  /// How starting weights are drawn.
  package var initial = InitialLaw.uniform

  /// The defaults.
  package init() {}

  /// Everything that words can choose.
  package static var schema: Schema<NetworkSettings> {
    Schema([
      .integers(
        "hidden", \.hidden, in: 1...100_000, help: "widths of the hidden layers",
        section: "Network"),
      .choice(
        "activation", \.activation, ["relu", "tanh"],
        help: "the activation function of the hidden layers",
        section: "Network"),
      .choice(
        "initial", \.initial,
        help:
          "how starting weights are drawn: uniform in +-1/sqrt(inputs), or normal with variance 2/inputs and biases 0",
        section: "Network"),
    ])
  }

  /// The shape of a network for these data.
  func shape(_ data: LearningData, conditions: Int = 0) -> NetworkShape {
    NetworkShape(
      inputs: data.features, hidden: hidden, outputs: data.outputs, activation: activation,
      conditions: conditions)
  }

  /// The weights to start from: those that were given, or drawn ones.
  func start(_ shape: NetworkShape, _ request: TrainingRequest) -> [Double] {
    request.initial ?? shape.initialParameters(seed: request.seed, law: initial)
  }
}
