public import Learning
internal import Numerics

/// Fair-MAML (Slack, Friedler & Givental, FAT* 2020, algorithm 1): weights that become fair and
/// accurate on a new task after one regularised step from K rows.
///
/// Repeat: draw a batch of tasks; for each draw K support rows and K other query rows and take
///
///     theta_i = theta - alpha grad [L + gamma R](theta; S_i)
///
/// then move theta by Adam along grad_theta sum_i [L + gamma R](theta_i; Q_i). The gradient goes
/// through the inner step, the regulariser's Hessian included.
public enum FairMAML {
  /// The settings of a run.
  public struct Settings: Sendable {
    /// Support rows of a task, and query rows.
    public var shots = 5
    /// Tasks of a batch.
    public var tasksPerBatch = 32
    /// Outer steps.
    public var iterations = 5000
    /// The inner rate alpha.
    public var innerRate = 0.3
    /// Inner steps.
    public var innerSteps = 1
    /// Adam's rate outside.
    public var outerRate = 1e-3
    /// Whether the outer gradient goes through the inner steps.
    public var order = MetaOrder.second
    /// The weight of the regulariser; the start of the multiplier where a tolerance is given.
    public var gamma = 0.0
    /// The regulariser.
    public var regulariser = FairnessRegulariser.demographicParity
    /// Learns gamma as the multiplier of "R on query rows <= tolerance" (primal-dual).
    public var tolerance: Double?
    /// The step of the multiplier.
    public var multiplierRate = 0.01
    /// The code of the protected group.
    public var protected: Int32 = 1
    /// Rows a task must have.
    public var minimumRows = 20
    /// Codes of tasks that are not trained on.
    public var heldOut: Set<Int32> = []
    /// Takes the tasks one after another: iteration t draws from the tasks seen so far.
    public var online = false
    /// What random choices are keyed by.
    public var seed: UInt64 = 1
    /// Threads; the result does not depend on them.
    public var threads = 1

    /// The defaults, those of the paper's synthetic experiment.
    public init() {}
  }

  /// What one outer step came to.
  public struct Iteration: Sendable {
    /// Counted from 0.
    public let number: Int
    /// The mean query objective of the batch's tasks at the adapted parameters.
    public let loss: Double
    /// The mean regulariser of query rows at the adapted parameters, where it applies.
    public let regulariser: Double
    /// The share of support batches with no row for the regulariser, which then is 0.
    public let withoutProtected: Double
    /// The weight of the regulariser.
    public let gamma: Double
  }

  /// Trains weights to start from.
  public static func fit(
    shape: NetworkShape, data: LearningData, settings: Settings, initial: [Double]? = nil,
    log: (Iteration) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingResult {
    let episodes = try episodes(data, settings)
    var parameters = initial ?? shape.initialParameters(seed: settings.seed)
    guard parameters.count == shape.parameterCount else {
      throw .wrongParameterCount(found: parameters.count, expected: shape.parameterCount)
    }
    var outer = Optimiser(.usualAdam, rate: settings.outerRate, count: parameters.count)
    var gamma = settings.gamma
    let engines = MetaBatch(
      shape: shape, rate: settings.innerRate, steps: settings.innerSteps, order: settings.order,
      threads: settings.threads)
    for iteration in 0..<settings.iterations {
      var stream = RandomStream(
        seed: settings.seed, purpose: "maml.iteration", index: UInt64(iteration))
      let known =
        settings.online
        ? min(1 + iteration * episodes.rows.count / settings.iterations, episodes.rows.count)
        : episodes.rows.count
      var tasks: [MetaTask] = []
      var queries: [LearningData] = []
      var without = 0
      for _ in 0..<settings.tasksPerBatch {
        let drawn = episodes.draw(
          stream.below(known), shots: settings.shots, queries: settings.shots, &stream)
        let support = data.selecting(drawn.support)
        let query = data.selecting(drawn.query)
        if !settings.regulariser.applies(support, protected: settings.protected) { without += 1 }
        tasks.append(metaTask(support, query, gamma, settings))
        queries.append(query)
      }
      let step = engines.gradient(tasks, parameters)
      outer.step(&parameters, gradient: step.gradient)
      guard step.losses.allSatisfy(\.isFinite), parameters.allSatisfy(\.isFinite) else {
        throw .diverged(epoch: iteration)
      }
      let penalty = meanRegulariser(shape, queries, step.adapted, settings)
      log(
        Iteration(
          number: iteration, loss: step.losses.reduce(0, +) / Double(tasks.count),
          regulariser: penalty, withoutProtected: Double(without) / Double(tasks.count),
          gamma: gamma))
      if let tolerance = settings.tolerance, penalty.isFinite {
        gamma = max(0, gamma + settings.multiplierRate * (penalty - tolerance))
      }
    }
    return TrainingResult(
      parameters: parameters, bestEpoch: settings.iterations - 1, epochs: settings.iterations)
  }

  /// Fine-tunes to a new task: the same regularised steps from K rows.
  public static func adapt(
    shape: NetworkShape, parameters: [Double], support: LearningData, rate: Double, steps: Int,
    gamma: Double, regulariser: FairnessRegulariser, protected: Int32
  ) throws(TrainingError) -> [Double] {
    guard support.rows > 0 else { throw .noRows }
    guard parameters.count == shape.parameterCount else {
      throw .wrongParameterCount(found: parameters.count, expected: shape.parameterCount)
    }
    let objective = regulariser.objective(support, protected: protected, gamma: gamma)
    guard !objective.sums.isEmpty else { throw .noLabels(task: support.tasks[0].name) }
    var engine = Differentiator(shape: shape)
    var adapted = parameters
    var gradient = parameters
    for step in 0..<steps {
      Elementwise.clear(&gradient)
      _ = engine.addGradient(objective, adapted, support.batch(), into: &gradient)
      Elementwise.add(-rate, times: gradient, to: &adapted)
      guard adapted.allSatisfy(\.isFinite) else { throw .diverged(epoch: step) }
    }
    return adapted
  }

  /// The tasks with enough rows, or why there are too few.
  static func episodes(
    _ data: LearningData, _ settings: Settings
  ) throws(TrainingError) -> Episodes {
    guard data.tasks.count == 1 else { throw .needsOneBinaryTask }
    switch data.tasks[0].kind {
    case .binary: break
    case .multiclass(let classes) where classes.count == 2: break
    default: throw .needsOneBinaryTask
    }
    let needed = max(settings.minimumRows, 2 * settings.shots)
    let episodes = Episodes(data, minimum: needed, leavingOut: settings.heldOut)
    guard !episodes.rows.isEmpty else { throw .tooFewEpisodes(found: 0, rowsNeeded: needed) }
    return episodes
  }

  private static func metaTask(
    _ support: LearningData, _ query: LearningData, _ gamma: Double, _ settings: Settings
  ) -> MetaTask {
    let protected = settings.protected
    return MetaTask(
      support: support.batch(),
      supportObjective: settings.regulariser.objective(
        support, protected: protected, gamma: gamma), query: query.batch(),
      queryObjective: settings.regulariser.objective(query, protected: protected, gamma: gamma))
  }

  /// The mean of R on query rows over the tasks where it applies; NaN where it nowhere does.
  private static func meanRegulariser(
    _ shape: NetworkShape, _ queries: [LearningData], _ adapted: [[Double]],
    _ settings: Settings
  ) -> Double {
    guard settings.tolerance != nil || settings.gamma != 0 else { return .nan }
    var engine = Differentiator(shape: shape)
    var total = 0.0
    var count = 0.0
    for (query, parameters) in zip(queries, adapted)
    where settings.regulariser.applies(query, protected: settings.protected) {
      var objective = settings.regulariser.objective(
        query, protected: settings.protected, gamma: 1)
      objective.sums.removeFirst()
      objective.combination = .linear([1], constant: 1)
      total += engine.value(objective, parameters, query.batch())
      count += 1
    }
    return count > 0 ? total / count : .nan
  }
}
