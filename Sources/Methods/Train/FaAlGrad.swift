package import FairpostLearning
internal import FairpostNumerics

/// FaAlGrad: fairness through the alignment of the groups' gradients, by a meta-gradient.
///
/// Inner steps descend the loss of the support rows X_s, the outer Adam step descends the loss of
/// the query rows X_q at the adapted parameters, as a function of where the inner steps started:
///
///     theta_i = theta_{i-1} - eta grad L(theta_{i-1}; X_s),  i = 1 ... I
///     theta   = Adam(theta, grad_theta L(theta_I; X_q))
///
/// Predictions use theta. To first order in eta the outer gradient is
/// grad L_q - eta grad(grad L_q . grad L_s): the two gradients are pushed to agree. Each inner step
/// starts from the last one's result, which the authors' published code does not do.
package enum FaAlGrad {
  /// Which rows are support; the others are query.
  package enum Support: Hashable, Sendable {
    /// Configuration 1: the protected rows.
    case config1
    /// Configuration 2: the rows that contradict the prevailing association of group and label.
    case config2
    /// Protected rows, as many as this share of all rows.
    case share(Double)
    /// Rows that are not protected, as many as this share of all rows.
    case swap(Double)
  }

  /// The settings of a run.
  package struct Settings: Sendable {
    /// Which rows are support.
    package var support = Support.config1
    /// The code of the protected group; nil rotates through the groups, one an epoch.
    package var protected: Int32?
    /// The favourable label of configuration 2; nil finds it in the training labels.
    package var favourable: Int?
    /// The inner rate eta.
    package var innerRate = 0.01
    /// Inner steps I.
    package var innerSteps = 1
    /// Whether the outer gradient goes through the inner steps.
    package var order = MetaOrder.second
    /// Adam's rate.
    package var outerRate = 0.01
    /// Passes over the rows at the most.
    package var epochs = 100
    /// Epochs without a lower validation loss before the end.
    package var patience: Int? = 10
    /// Rows of a support and of a query minibatch; nil takes all rows at once.
    package var batchSize: Int?
    /// The weight of an explicit alignment penalty in place of the meta-learning form.
    ///
    /// The objective becomes
    /// L(all rows) - align grad L_s . grad L_q.
    package var align: Double?
    /// The weight of a direct regulariser, added to both losses.
    package var gamma = 0.0
    /// The regulariser.
    package var regulariser = FairnessRegulariser.demographicParity
    /// What random choices are keyed by.
    package var seed: UInt64 = 1
    /// Threads; the result does not depend on them.
    package var threads = 1
    /// Whether epochs report the groups' losses, the regulariser and the cosine, which takes as long
    /// as the epoch itself.
    package var wantsFigures = true

    /// The defaults.
    package init() {}
  }

  /// What one epoch came to.
  package struct Epoch: Sendable {
    /// Counted from 0.
    package let number: Int
    /// The mean outer objective before the epoch's steps.
    package let outerLoss: Double
    /// The validation loss after the epoch; NaN without validation rows.
    package let validationLoss: Double
    /// The mean loss of every group after the epoch; empty, and the next NaN, where nobody asked.
    package let groupLosses: [Double]
    /// The regulariser over all rows of the protected group after the epoch.
    package let regulariser: Double
    /// The share of minibatches with no row for the regulariser.
    package let withoutProtected: Double
    /// The cosine of the support and query gradients after the epoch.
    package let cosine: Double
    /// The parameters after the epoch.
    package let parameters: [Double]
    /// Whether this is the best epoch so far.
    package let isBest: Bool
  }

  /// Trains one binary task.
  package static func fit(
    shape: NetworkShape, data: LearningData, validation: LearningData? = nil, settings: Settings,
    initial: [Double]? = nil, log: (Epoch) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingResult {
    guard data.tasks.count == 1, data.tasks[0].kind.width == 1 else { throw .needsOneBinaryTask }
    try Trainer.check(data)
    let start = try shape.start(initial, seed: settings.seed)
    let supported = try supportedGroups(data, settings)
    let splits = try supported.map { group throws(TrainingError) in
      try split(data, protected: group, settings)
    }
    // Of all rows, whatever the sizes of minibatches: the two losses stand for the whole split.
    let shares = splits.map { split in
      let support = split.support.reduce(0) { $0 + data.weights[$1] }
      return support / (support + split.query.reduce(0) { $0 + data.weights[$1] })
    }
    var outer = Optimiser(.usualAdam, rate: settings.outerRate, count: start.count)
    var meta = MetaGradient(
      shape: shape, rate: settings.innerRate, steps: settings.innerSteps, order: settings.order,
      threads: settings.threads)
    var engine = Differentiator(shape: shape, threads: settings.threads)
    let judge = validation.map { validation in
      { (parameters: [Double]) in
        engine.value(validation.objective(), parameters, validation.batch())
      }
    }
    let groupCount = Int(data.groups.max() ?? -1) + 1
    var gradient = [Double](repeating: 0, count: start.count)
    // All rows at once: the same two lists in every epoch of a group's turn.
    var whole: (turn: Int, task: MetaTask)?
    func task(_ turn: Int, _ support: [Int], _ query: [Int]) -> MetaTask {
      if settings.batchSize == nil, let whole, whole.turn == turn { return whole.task }
      // The rows of another turn go before those of this one come.
      whole = nil
      let task = metaTask(data, support, query, supported[turn], settings)
      if settings.batchSize == nil { whole = (turn, task) }
      return task
    }

    var withoutProtected = 0.0
    let loop = EpochLoop(epochs: settings.epochs, patience: settings.patience)
    return try loop.run(from: start, judge: judge) { epoch, parameters in
      let turn = epoch % supported.count
      var stream = RandomStream(
        seed: settings.seed, purpose: "faalgrad.epoch", index: UInt64(epoch))
      let batches = minibatches(splits[turn], settings.batchSize, &stream)
      var total = 0.0
      var without = 0
      for (support, query) in batches {
        let task = task(turn, support, query)
        if !settings.regulariser.applies(
          (support + query)[...], of: data, protected: supported[turn])
        {
          without += 1
        }
        Elementwise.clear(&gradient)
        if let align = settings.align {
          total += alignedGradient(
            task, share: shares[turn], align, parameters, &engine, into: &gradient)
        } else {
          total += meta.addGradient(task, parameters, into: &gradient)
        }
        outer.step(&parameters, gradient: gradient)
      }
      withoutProtected = Double(without) / Double(batches.count)
      return total / Double(batches.count)
    } log: { report, parameters in
      let turn = report.epoch % supported.count
      log(
        Epoch(
          number: report.epoch, outerLoss: report.trainingLoss,
          validationLoss: report.validationLoss,
          groupLosses: settings.wantsFigures
            ? GroupFigures.losses(data, groups: groupCount, parameters, &engine) : [],
          regulariser: settings.wantsFigures
            ? settings.regulariser.value(
              data, protected: supported[turn], parameters, &engine) : .nan,
          withoutProtected: withoutProtected,
          cosine: settings.wantsFigures
            ? cosine(task(turn, splits[turn].support, splits[turn].query), parameters, &engine)
            : .nan,
          parameters: parameters, isBest: report.isBest))
    }
  }

  /// The favourable label as the training rows suggest it: what the protected group gets less often.
  package static func favourableLabel(_ data: LearningData, protected: Int32) -> Int {
    let labels = data.tasks[0].targets
    var counts = [0.0, 0.0]
    var positives = [0.0, 0.0]
    for row in labels.indices where !labels[row].isNaN && data.groups[row] >= 0 {
      let side = data.groups[row] == protected ? 1 : 0
      counts[side] += data.weights[row]
      positives[side] += data.weights[row] * labels[row]
    }
    return positives[1] * counts[0] < positives[0] * counts[1] ? 1 : 0
  }

  /// Support and query rows for one protected group.
  package static func split(
    _ data: LearningData, protected: Int32, _ settings: Settings
  ) throws(TrainingError) -> (support: [Int], query: [Int]) {
    let labels = data.tasks[0].targets
    let rows = labels.indices.filter {
      data.weights[$0] > 0 && !labels[$0].isNaN && data.groups[$0] >= 0
    }
    let isProtected = rows.map { data.groups[$0] == protected }
    let protectedCount = isProtected.filter { $0 }.count
    guard protectedCount > 0, protectedCount < rows.count else { throw .oneGroup }
    switch settings.support {
    case .config1:
      return (
        zip(rows, isProtected).filter { $1 }.map(\.0),
        zip(rows, isProtected).filter { !$1 }.map(\.0)
      )
    case .config2:
      let favourable =
        Double(settings.favourable ?? favourableLabel(data, protected: protected))
      for (group, label) in [(1, 0), (1, 1), (0, 0), (0, 1)]
      where !zip(rows, isProtected).contains(where: {
        $1 == (group == 1) && labels[$0] == Double(label)
      }) {
        throw .emptyCell(group: protected, isMember: group == 1, label: label)
      }
      // Protected with the label they are denied, others with the label they are spared.
      let contradicts = zip(rows, isProtected).map { row, isProtected in
        isProtected == (labels[row] == favourable)
      }
      return (
        zip(rows, contradicts).filter { $1 }.map(\.0),
        zip(rows, contradicts).filter { !$1 }.map(\.0)
      )
    case .share(let share), .swap(let share):
      var wantsProtected = true
      if case .swap = settings.support { wantsProtected = false }
      let candidates = zip(rows, isProtected).filter { $1 == wantsProtected }.map(\.0)
      let wanted = Int((share * Double(rows.count)).rounded())
      guard wanted >= 1, wanted <= candidates.count else {
        throw .shareTooLarge(
          group: protected, isMember: wantsProtected,
          largest: Double(candidates.count) / Double(rows.count))
      }
      var stream = RandomStream(
        seed: settings.seed, purpose: "faalgrad.support", index: UInt64(protected))
      let drawn = stream.permutation(candidates.count).prefix(wanted)
      let chosen = Set(drawn.map { candidates[$0] })
      return (rows.filter { chosen.contains($0) }, rows.filter { !chosen.contains($0) })
    }
  }

  /// The groups whose rows are supported in turn.
  static func supportedGroups(
    _ data: LearningData, _ settings: Settings
  ) throws(TrainingError) -> [Int32] {
    let groups = Set(data.groups.filter { $0 >= 0 }).sorted()
    guard groups.count > 1 else { throw .oneGroup }
    return settings.protected.map { [$0] } ?? groups
  }

  /// Support and query batches, drawn separately; the shorter list starts again when it is used up.
  private static func minibatches(
    _ split: (support: [Int], query: [Int]), _ size: Int?, _ stream: inout RandomStream
  ) -> [(support: [Int], query: [Int])] {
    guard let size else { return [split] }
    let support = stream.permutation(split.support.count).map { split.support[$0] }
    let query = stream.permutation(split.query.count).map { split.query[$0] }
    let count = (max(support.count, query.count) + size - 1) / size
    func slice(_ rows: [Int], _ index: Int) -> [Int] {
      let parts = (rows.count + size - 1) / size
      let start = index % parts * size
      return Array(rows[start..<min(start + size, rows.count)])
    }
    return (0..<count).map { (slice(support, $0), slice(query, $0)) }
  }

  private static func metaTask(
    _ data: LearningData, _ support: [Int], _ query: [Int], _ protected: Int32,
    _ settings: Settings
  ) -> MetaTask {
    let inner = data.selecting(support)
    let outer = data.selecting(query)
    return MetaTask(
      support: inner.batch(),
      supportObjective: settings.regulariser.objective(
        inner, protected: protected, gamma: settings.gamma), query: outer.batch(),
      queryObjective: settings.regulariser.objective(
        outer, protected: protected, gamma: settings.gamma))
  }

  /// The gradient of the aligned form, where support rows have some share of all rows' weight.
  ///
  /// grad [L(all) - align g_s . g_q] = grad L - align (H_q g_s + H_s g_q).
  private static func alignedGradient(
    _ task: MetaTask, share: Double, _ align: Double, _ parameters: [Double],
    _ engine: inout Differentiator, into gradient: inout [Double]
  ) -> Double {
    let zero = [Double](repeating: 0, count: parameters.count)
    var support = zero
    var query = zero
    let lossSupport = engine.addGradient(
      task.supportObjective, parameters, task.support, into: &support)
    let lossQuery = engine.addGradient(
      task.queryObjective, parameters, task.query, into: &query)
    var bend = zero
    engine.addHessianProduct(task.queryObjective, parameters, support, task.query, into: &bend)
    engine.addHessianProduct(
      task.supportObjective, parameters, query, task.support, into: &bend)
    Elementwise.add(share, times: support, to: &gradient)
    Elementwise.add(1 - share, times: query, to: &gradient)
    Elementwise.add(-align, times: bend, to: &gradient)
    return share * lossSupport + (1 - share) * lossQuery - align * Elementwise.dot(support, query)
  }

  /// The cosine of the support and the query gradient at some parameters; with rotating groups
  /// that of the first.
  package static func cosine(
    shape: NetworkShape, data: LearningData, parameters: [Double], settings: Settings
  ) throws(TrainingError) -> Double {
    guard data.tasks.count == 1, data.tasks[0].kind.width == 1 else { throw .needsOneBinaryTask }
    guard parameters.count == shape.parameterCount else {
      throw .wrongParameterCount(found: parameters.count, expected: shape.parameterCount)
    }
    let protected = try supportedGroups(data, settings)[0]
    let rows = try split(data, protected: protected, settings)
    var engine = Differentiator(shape: shape, threads: settings.threads)
    return cosine(
      metaTask(data, rows.support, rows.query, protected, settings), parameters, &engine)
  }

  private static func cosine(
    _ task: MetaTask, _ parameters: [Double], _ engine: inout Differentiator
  ) -> Double {
    var support = [Double](repeating: 0, count: parameters.count)
    var query = support
    _ = engine.addGradient(task.supportObjective, parameters, task.support, into: &support)
    _ = engine.addGradient(task.queryObjective, parameters, task.query, into: &query)
    let norms = (Elementwise.dot(support, support) * Elementwise.dot(query, query)).squareRoot()
    return norms > 0 ? Elementwise.dot(support, query) / norms : .nan
  }
}
