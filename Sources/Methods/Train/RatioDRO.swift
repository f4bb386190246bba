package import FairpostLearning
internal import FairpostNumerics

/// `train rp-dro`: an adversary weighs the rows of each minibatch, and needs no groups.
///
/// Michel, Hashimoto & Neubig, Distributionally robust models with parametric likelihood ratios (ICLR
/// 2022). The adversary is a network of features and label whose outputs f give ratios
/// r_i = B softmax(f)_i in a minibatch of B rows. The model takes a step on the mean of r_i loss_i, the
/// adversary one on
///
///     - mean r_i loss_i + tau mean r_i log r_i
///
/// with its own minibatch, both from the same place. Its last layer starts at 0: all ratios at 1.
package struct RatioDROMethod: TrainingMethod {
  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network, and the adversary's.
    package var network = NetworkSettings()
    /// How it is trained.
    package var training = OptimiserSettings()
    /// The price of ratios that differ.
    package var temperature = 0.01
    /// The step size of the adversary.
    package var adversaryRate = 1e-3

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + OptimiserSettings.steps.map { $0.within(\.training) } + [
            .number(
              "temperature", \.temperature, in: 1e-9...1e9,
              help: "the price of unequal weights; a large price makes them equal",
              section: "Method"),
            .number(
              "adversary-rate", \.adversaryRate, in: 0...1e6,
              help: "the step size of the adversary", section: "Method"),
          ])
    }
  }

  package static let info = MethodInfo(
    "rp-dro", summary: "an adversary gives more weight to badly learned rows; no group needed",
    details: [
      "Michel, Hashimoto & Neubig, Distributionally robust models with parametric likelihood ratios, ICLR 2022",
      "The adversary sees features and label, and has hidden layers like the model's. The last epoch is kept; the paper chooses the epoch whose worst case over all adversaries is best.",
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var plannedSteps: Int? { settings.training.epochs }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Trains one task.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    guard request.data.tasks.count == 1 else { throw .needsOneTask }
    var request = request
    request.data = request.data.selecting(usedRows(request))
    request.validation = nil
    let shape = shape(request)
    // The model learns labels on their scale, and so does the adversary see them.
    let data = TargetScale(request.data, shape, dividing: request.standardises).scaled(request.data)
    let targets = data.tasks[0].targets
    let loss = data.tasks[0].kind.loss
    var model = Workspace(shape: shape)
    var adversary = LikelihoodRatios(
      data, targets, hidden: settings.network.hidden, seed: request.seed, settings)
    var trained = try MLPMethod.fit(
      request, shape, settings.network, settings.training.trainer(seed: request.seed), log,
      weigh: { rows, parameters in
        model.forward(parameters, data.selecting(rows).batch())
        let losses = rows.indices.map { place -> Double in
          var ignored = [Double](repeating: 0, count: loss.width)
          let own = Array(model.outputs[place * loss.width..<(place + 1) * loss.width])
          return loss.valueAndGradient(own, 0, targets[rows[place]], 1, into: &ignored)
        }
        return adversary.step(rows, losses)
      },
      figures: { [("largest_weight", adversary.largest)] })
    trained.figures.append(("largest weight of a row in the last minibatch", adversary.largest))
    return trained
  }
}

/// The adversary: a network whose softmax over a minibatch are the rows' ratios.
package struct LikelihoodRatios {
  /// The largest ratio of the last minibatch.
  private(set) var largest = 1.0
  private let inputs: [Double]
  private let width: Int
  private let temperature: Double
  private let shape: NetworkShape
  private var parameters: [Double]
  private var optimiser: Optimiser
  private var engine: Differentiator

  init(
    _ data: LearningData, _ targets: [Double], hidden: [Int], seed: UInt64,
    _ settings: RatioDROMethod.Settings
  ) {
    width = data.features + 1
    var inputs: [Double] = []
    inputs.reserveCapacity(data.rows * width)
    for row in 0..<data.rows {
      inputs += data.inputs[row * data.features..<(row + 1) * data.features]
      inputs.append(targets[row])
    }
    self.inputs = inputs
    temperature = settings.temperature
    shape = NetworkShape(inputs: width, hidden: hidden, outputs: 1, activation: .relu)
    parameters = shape.initialParameters(seed: seed, index: 1)
    let head = shape.layers[shape.layers.count - 1]
    for place in head.weights..<head.end { parameters[place] = 0 }
    optimiser = Optimiser(.usualAdam, rate: settings.adversaryRate, count: parameters.count)
    engine = Differentiator(shape: shape)
  }

  /// The ratios of some rows with these losses; then the adversary takes its step.
  mutating func step(_ rows: [Int], _ losses: [Double]) -> [Double] {
    var own: [Double] = []
    own.reserveCapacity(rows.count * width)
    for row in rows { own += inputs[row * width..<(row + 1) * width] }
    let batch = Batch(rows: rows.count, inputs: own)
    var workspace = Workspace(shape: shape)
    workspace.forward(parameters, batch)
    let shares = Self.softmax(Array(workspace.outputs.prefix(rows.count)))
    let slopes = Self.slopes(shares, losses, temperature: temperature)
    var gradient = [Double](repeating: 0, count: parameters.count)
    let objective = Objective([
      LossSum(loss: .linear, targets: slopes, weights: [Double](repeating: 1, count: rows.count))
    ])
    _ = engine.addGradient(objective, parameters, batch, into: &gradient)
    optimiser.step(&parameters, gradient: gradient)
    let ratios = shares.map { $0 * Double(rows.count) }
    largest = ratios.max() ?? 1
    return ratios
  }

  /// Shares that sum to 1.
  package static func softmax(_ outputs: [Double]) -> [Double] {
    let top = outputs.max() ?? 0
    let powers = outputs.map { Elementwise.exponential($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// What the adversary makes small.
  ///
  /// Of shares p it is - sum p_i loss_i + tau sum p_i log(B p_i).
  package static func value(_ shares: [Double], _ losses: [Double], temperature: Double) -> Double {
    zip(shares, losses).reduce(0) { sum, pair in
      let log = pair.0 > 0 ? Elementwise.logarithm(pair.0 * Double(shares.count)) : 0
      return sum + pair.0 * (temperature * log - pair.1)
    }
  }

  /// Its derivatives by the outputs.
  package static func slopes(_ shares: [Double], _ losses: [Double], temperature: Double)
    -> [Double]
  {
    let terms = zip(shares, losses).map { share, loss -> Double in
      let log = share > 0 ? Elementwise.logarithm(share * Double(shares.count)) : 0
      return temperature * (log + 1) - loss
    }
    let mean = zip(shares, terms).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(shares, terms).map { $0 * ($1 - mean) }
  }
}
