package import FairpostLearning
internal import FairpostNumerics

/// Fair-MAML (Slack, Friedler & Givental, FAT* 2020, algorithm 1): weights that become fair and
/// accurate on a new task after one regularised step from K rows.
///
/// Repeat: draw a batch of tasks; for each draw K support rows and K other query rows and take
///
///     theta_i = theta - alpha grad [L + gamma R](theta; S_i)
///
/// then move theta by Adam along grad_theta sum_i [L + gamma R](theta_i; Q_i). The gradient goes
/// through the inner step, the regulariser's Hessian included.
package enum FairMAML {
  /// The settings of a run.
  package struct Settings: Sendable {
    /// Support rows of a task, and query rows.
    package var shots = 5
    /// Tasks of a batch.
    package var tasksPerBatch = 32
    /// Outer steps.
    package var iterations = 5000
    /// The inner rate alpha.
    package var innerRate = 0.3
    /// Inner steps.
    package var innerSteps = 1
    /// Adam's rate outside.
    package var outerRate = 1e-3
    /// Whether the outer gradient goes through the inner steps.
    package var order = MetaOrder.second
    /// The weight of the regulariser; the start of the multiplier where a tolerance is given.
    package var gamma = 0.0
    /// The regulariser.
    package var regulariser = FairnessRegulariser.demographicParity
    /// Learns gamma as the multiplier of "R on query rows <= tolerance" (primal-dual).
    package var tolerance: Double?
    /// The step of the multiplier.
    package var multiplierRate = 0.01
    /// The code of the protected group.
    package var protected: Int32 = 1
    /// Rows a task must have.
    package var minimumRows = 20
    /// Codes of tasks that are not trained on.
    package var heldOut: Set<Int32> = []
    /// Takes the tasks one after another: iteration t draws from the tasks seen so far.
    package var online = false
    /// What random choices are keyed by.
    package var seed: UInt64 = 1
    /// Threads; the result does not depend on them.
    package var threads = 1
    /// Groups whose losses are reported, from code 0 on; the result does not depend on them.
    package var reportedGroups = 0

    /// The defaults, those of the paper's synthetic experiment.
    package init() {}
  }

  /// What one outer step came to.
  package struct Iteration: Sendable {
    /// Counted from 0.
    package let number: Int
    /// The mean query objective of the batch's tasks at the adapted parameters.
    package let loss: Double
    /// The mean regulariser of query rows at the adapted parameters, where it applies.
    package let regulariser: Double
    /// The share of support batches with no row for the regulariser, which then is 0.
    package let withoutProtected: Double
    /// The weight of the regulariser.
    package let gamma: Double
    /// The mean loss of every reported group's query rows, NaN where the batch has none: at the
    /// adapted parameters, or, of the baseline that does not adapt, at the step's start.
    package let groupLosses: [Double]
  }

  /// Trains weights to start from.
  package static func fit(
    shape: NetworkShape, data: LearningData, settings: Settings, initial: [Double]? = nil,
    log: (Iteration) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingResult {
    let episodes = try episodes(data, settings)
    let start = try shape.start(initial, seed: settings.seed)
    var outer = Optimiser(.usualAdam, rate: settings.outerRate, count: start.count)
    var gamma = settings.gamma
    let shots = settings.shots
    let regulariser = settings.regulariser
    let protected = settings.protected
    let isRegularised = settings.tolerance != nil || gamma != 0
    let room = regulariser.episodes(data, rows: shots, gamma: isRegularised ? gamma : nil)
    let groups = settings.reportedGroups
    let queryRoom = room.reporting(groups)
    var engine = MetaBatch(
      shape: shape, rate: settings.innerRate, steps: settings.innerSteps, order: settings.order,
      tasks: settings.tasksPerBatch, support: room, query: queryRoom)
    let ahead = DrawsAhead(episodes, settings)
    var gradient = start
    var report: Iteration?
    var result = try ThreadTeam.with(threads: settings.threads) { team throws(TrainingError) in
      let loop = EpochLoop(epochs: settings.iterations)
      return try loop.run(from: start) { iteration, parameters in
        let draws = ahead.draws(of: iteration, team)
        let support = draws.support
        let query = draws.query
        var values = queryRoom.coefficients.map { _ in 0.0 }
        Elementwise.clear(&gradient)
        let weight = isRegularised ? gamma : nil
        engine.addGradient(parameters, team: team, into: &gradient, values: &values) {
          tasks, supportRows, queryRows in
          let rows = tasks.lowerBound * shots..<tasks.upperBound * shots
          regulariser.fill(
            &supportRows, with: support[rows], of: data, protected: protected, gamma: weight)
          regulariser.fill(
            &queryRows, with: query[rows], of: data, protected: protected, gamma: weight)
          queryRows.fillReported(groups, with: query[rows], of: data)
        }
        outer.step(&parameters, gradient: gradient)
        let own = Self.report(
          iteration, values, draws, data, settings, isRegularised: isRegularised, gamma)
        report = own
        if let tolerance = settings.tolerance, own.regulariser.isFinite {
          gamma = max(0, gamma + settings.multiplierRate * (own.regulariser - tolerance))
        }
        return own.loss
      } log: { _, _ in
        if let report { log(report) }
      }
    }
    if settings.tolerance != nil { result.gamma = gamma }
    return result
  }

  /// Fine-tunes to a new task: the same regularised steps from K rows.
  package static func adapt(
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

  /// How many tasks there are to learn from, and how many are left out for want of rows.
  package static func taskCounts(
    _ data: LearningData, _ settings: Settings
  ) throws(TrainingError) -> (learned: Int, tooSmall: Int, rowsNeeded: Int) {
    let own = try episodes(data, settings)
    return (own.rows.count, own.tooSmall, max(settings.minimumRows, 2 * settings.shots))
  }

  /// The tasks with enough rows, or why there are too few.
  static func episodes(
    _ data: LearningData, _ settings: Settings
  ) throws(TrainingError) -> Episodes {
    guard data.tasks.count == 1 else { throw .needsOneBinaryTask }
    try Trainer.check(data)
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

  /// What an outer step came to, from the values of the query's sums.
  private static func report(
    _ iteration: Int, _ values: [Double], _ draws: Draws, _ data: LearningData,
    _ settings: Settings, isRegularised: Bool, _ gamma: Double
  ) -> Iteration {
    let tasks = Double(settings.tasksPerBatch)
    var loss = values[0]
    var regulariser = Double.nan
    if isRegularised {
      // R is 1 less the mean where there are rows for it, and 0 elsewhere.
      let applicable = draws.count(draws.query) {
        settings.regulariser.applies($0, of: data, protected: settings.protected)
      }
      let penalty = applicable + values[1]
      loss += gamma * penalty
      if applicable > 0 { regulariser = penalty / applicable }
    }
    let with = draws.count(draws.support) {
      settings.regulariser.applies($0, of: data, protected: settings.protected)
    }
    return Iteration(
      number: iteration, loss: loss / tasks, regulariser: regulariser,
      withoutProtected: 1 - with / tasks, gamma: gamma,
      groupLosses: GroupFigures.means(
        values.suffix(settings.reportedGroups), of: data, rows: draws.query))
  }
}

/// Draws for some iterations at once, on all threads: each has random numbers of its own, and one by
/// one they would be what the threads wait for.
private struct DrawsAhead {
  private let batches: [Guarded<Draws>]
  private let episodes: Episodes
  private let settings: FairMAML.Settings

  init(_ episodes: Episodes, _ settings: FairMAML.Settings) {
    self.episodes = episodes
    self.settings = settings
    let count = min(settings.iterations, 32)
    batches = (0..<count).map { _ in Guarded(Draws(episodes, shots: settings.shots)) }
  }

  /// The rows of an iteration's tasks; asked for in the order of the iterations.
  func draws(of iteration: Int, _ team: ThreadTeam) -> Draws {
    let place = iteration % batches.count
    if place == 0 {
      let (batches, settings, tasks) = (batches, settings, episodes.rows.count)
      team.run(min(batches.count, settings.iterations - iteration)) { at in
        let own = iteration + at
        var stream = RandomStream(
          seed: settings.seed, purpose: "maml.iteration", index: UInt64(own))
        let known =
          settings.online ? min(1 + own * tasks / settings.iterations, tasks) : tasks
        batches[at].withLock { $0.draw(settings.tasksPerBatch, known: known, &stream) }
      }
    }
    return batches[place].withLock { $0 }
  }
}

/// The rows of a batch of tasks: K to adapt with and K others to judge by, task by task.
private struct Draws: Sendable {
  private(set) var support: [Int] = []
  private(set) var query: [Int] = []
  private let episodes: Episodes
  private let shots: Int
  private var deck = Episodes.Deck()
  private var both: [Int] = []

  init(_ episodes: Episodes, shots: Int) {
    self.episodes = episodes
    self.shots = shots
  }

  /// Draws tasks among the first `known`, and rows of each.
  mutating func draw(_ tasks: Int, known: Int, _ stream: inout RandomStream) {
    support.removeAll(keepingCapacity: true)
    query.removeAll(keepingCapacity: true)
    for _ in 0..<tasks {
      both.removeAll(keepingCapacity: true)
      episodes.draw(2 * shots, of: stream.below(known), &stream, &deck, into: &both)
      support.append(contentsOf: both[..<shots])
      query.append(contentsOf: both[shots...])
    }
  }

  /// For how many tasks something holds of their rows.
  func count(_ rows: [Int], where holds: (ArraySlice<Int>) -> Bool) -> Double {
    var count = 0.0
    for first in stride(from: 0, to: rows.count, by: shots)
    where holds(rows[first..<first + shots]) { count += 1 }
    return count
  }
}
