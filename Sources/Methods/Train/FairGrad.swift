package import FairpostLearning
internal import FairpostNumerics

/// `train fairgrad`: groups that fare worse than all rows together get more weight, step by step.
///
/// Maheshwari & Perrot, FairGrad: Fairness aware gradient descent (TMLR 2023). A cell is a label and a
/// group, P its share of the rows, and F how much better its rows fare than all (`Constraint`). F is
/// C e + C0 in the cells' error rates e, so a multiplier for each side of |F| <= tolerance turns into
/// row weights: at each step, on its minibatch,
///
///     mu+ = max(0, mu+ + rate (F - tolerance)),  mu- = max(0, mu- - rate (F + tolerance))
///     w   = 1 + C' (mu+ - mu-) / P
///
/// and the gradient is that of the mean of w(label, group) times the cross-entropy.
package struct FairGradMethod: TrainingMethod {
  /// What the groups are to have in common.
  package enum Constraint: String, Sendable, CaseIterable {
    /// The share of right decisions among rows of each label.
    case equalizedOdds = "equalized-odds"
    /// The share of right decisions among rows of label 1.
    case equalOpportunity = "equal-opportunity"
    /// The share of rows with each decision.
    case demographicParity = "demographic-parity"
    /// The share of right decisions.
    case accuracyParity = "accuracy-parity"
  }

  /// What can be chosen.
  package struct Settings: MethodSettings {
    /// The network.
    package var network = NetworkSettings()
    /// How it is trained.
    package var training = OptimiserSettings()
    /// What the groups are to have in common.
    package var constraint = Constraint.equalizedOdds
    /// How far a group may be from all rows together.
    package var tolerance = 0.0
    /// The step of the multipliers.
    package var fairnessRate = 0.01

    /// The defaults.
    package init() {}

    /// Everything that words can choose.
    package static var schema: Schema<Settings> {
      Schema(
        NetworkSettings.schema.fields.map { $0.within(\.network) }
          + OptimiserSettings.steps.map { $0.within(\.training) } + [
            .choice(
              "constraint", \.constraint, help: "what is to be equal in all groups",
              section: "Method"),
            .number(
              "tolerance", \.tolerance, in: 0...1,
              help: "how far a group may differ from all rows together", section: "Method"),
            .number(
              "fairness-rate", \.fairnessRate, in: 0...1e6,
              help: "how fast the weights of groups change", section: "Method"),
          ])
    }
  }

  package static let info = MethodInfo(
    "fairgrad", summary: "give more weight to groups that fare worse, adapted at every step",
    details: [
      "Maheshwari & Perrot, FairGrad: Fairness aware gradient descent, TMLR 2023",
      "The groups' differences are measured on the decisions of each minibatch, so --batch should be large enough for some rows of each label in each group. The last epoch is kept, because the epoch with the best validation loss would be an unfair one.",
    ])
  package static let validation = ValidationUse.judges

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package var needs: Set<TrainingNeed> { [.group] }
  package var plannedSteps: Int? { settings.training.epochs }

  package func shape(_ request: TrainingRequest) -> NetworkShape {
    settings.network.shape(request.data)
  }

  /// Rows with a label and a group.
  package func usedRows(_ request: TrainingRequest) -> [Int] {
    request.data.rowsOfLabelAndGroup
  }

  /// Trains one binary task.
  package func train(
    _ request: TrainingRequest, log: (TrainingLogLine) -> Void
  ) throws(TrainingError) -> TrainedNetwork {
    let tasks = request.data.tasks
    guard tasks.count == 1, case .binary = tasks[0].kind else { throw .needsOneBinaryTask }
    var request = request
    request.data = request.data.selecting(usedRows(request))
    request.validation = nil
    let data = request.data
    let labels = data.tasks[0].targets.map { Int($0) }
    let groups = data.groups.map { Int($0) }
    guard Set(groups).count > 1 else { throw .oneGroup }
    var cells = FairGradCells(
      labels: labels, groups: groups, weights: data.weights, settings: settings)
    let shape = shape(request)
    var workspace = Workspace(shape: shape)

    /// A step of the multipliers on some rows, from the decisions of these parameters.
    func follow(_ rows: [Int], _ parameters: [Double]) {
      workspace.forward(parameters, data.selecting(rows).batch())
      cells.step(
        labels: rows.map { labels[$0] }, groups: rows.map { groups[$0] },
        decisions: workspace.outputs.prefix(rows.count).map { $0 >= 0 ? 1 : 0 },
        weights: rows.map { data.weights[$0] })
    }
    var trained = try MLPMethod.fit(
      request, shape, settings.network, settings.training.trainer(seed: request.seed), log,
      weigh: { rows, parameters in
        follow(rows, parameters)
        return rows.map { cells.weight(labels[$0], groups[$0]) }
      },
      figures: {
        [
          ("largest_difference", cells.largestDifference),
          ("least_weight", cells.weights.min() ?? 1), ("greatest_weight", cells.weights.max() ?? 1),
        ]
      })
    follow(Array(0..<data.rows), trained.parameters)
    trained.figures.append(
      ("largest difference of a group to all training rows", cells.largestDifference))
    return trained
  }
}

/// The cells of a label and a group: how their rows fare, and the weight that follows from it.
package struct FairGradCells: Sendable {
  /// How much better the rows of each cell fare than all, as last measured; 0 before.
  package private(set) var differences: [Double]
  /// The multipliers of F <= tolerance and of F >= -tolerance.
  package private(set) var multipliers: [(above: Double, below: Double)]
  /// The weight of a row of each cell.
  package private(set) var weights: [Double]
  /// F's derivatives by the cells' error rates, a row for each F.
  package let matrix: [[Double]]
  /// The share of each cell.
  package let shares: [Double]

  private let groups: Int
  private let settings: FairGradMethod.Settings

  /// The cells of training rows, label after label.
  package init(
    labels: [Int], groups codes: [Int], weights: [Double], settings: FairGradMethod.Settings
  ) {
    self.settings = settings
    let groups = (codes.max() ?? -1) + 1
    self.groups = groups
    let count = 2 * groups
    let total = weights.reduce(0, +)
    var cell = [Double](repeating: 0, count: count)
    for (row, label) in labels.enumerated() {
      cell[label * groups + codes[row]] += weights[row] / total
    }
    let ofGroup = (0..<groups).map { cell[$0] + cell[groups + $0] }
    let ofLabel = [cell[..<groups].reduce(0, +), cell[groups...].reduce(0, +)]
    var matrix = [[Double]](
      repeating: [Double](repeating: 0, count: count), count: count)
    for label in 0..<2 {
      for group in 0..<groups {
        for other in 0..<groups {
          let own = group == other ? 1.0 : 0
          let row = label * groups + group
          let (same, opposite) = (label * groups + other, (1 - label) * groups + other)
          switch settings.constraint {
          case .equalizedOdds:
            matrix[row][same] = Self.ratio(cell[same], ofLabel[label]) - own
          case .equalOpportunity:
            if label == 1 { matrix[row][same] = Self.ratio(cell[same], ofLabel[label]) - own }
          case .demographicParity:
            matrix[row][same] = cell[same] - own * Self.ratio(cell[same], ofGroup[other])
            matrix[row][opposite] =
              own * Self.ratio(cell[opposite], ofGroup[other]) - cell[opposite]
          case .accuracyParity:
            // The same F stands in both labels' rows, and each label counts half.
            matrix[row][same] = (ofGroup[other] - own) / 2
            matrix[row][opposite] = (ofGroup[other] - own) / 2
          }
        }
      }
    }
    self.matrix = matrix
    shares =
      settings.constraint == .accuracyParity ? ofGroup + ofGroup : cell
    differences = [Double](repeating: 0, count: count)
    multipliers = [(above: Double, below: Double)](repeating: (0, 0), count: count)
    self.weights = [Double](repeating: 1, count: count)
  }

  /// The largest |F|.
  package var largestDifference: Double { differences.reduce(0) { max($0, abs($1)) } }

  /// The weight of a row.
  package func weight(_ label: Int, _ group: Int) -> Double { weights[label * groups + group] }

  /// Measures F on some rows, moves the multipliers by it, and makes the weights anew.
  ///
  /// A cell without rows keeps what was measured last.
  package mutating func step(
    labels: [Int], groups codes: [Int], decisions: [Int], weights rowWeights: [Double]
  ) {
    measure(labels, codes, decisions, rowWeights)
    for cell in differences.indices {
      let (rate, tolerance) = (settings.fairnessRate, settings.tolerance)
      multipliers[cell].above = max(
        0, multipliers[cell].above + rate * (differences[cell] - tolerance))
      multipliers[cell].below = max(
        0, multipliers[cell].below - rate * (differences[cell] + tolerance))
    }
    for cell in weights.indices {
      var sum = 0.0
      for (row, multiplier) in multipliers.enumerated() {
        sum += matrix[row][cell] * (multiplier.above - multiplier.below)
      }
      weights[cell] = 1 + Self.ratio(sum, shares[cell])
    }
  }

  /// F of each cell that has rows here.
  private mutating func measure(
    _ labels: [Int], _ codes: [Int], _ decisions: [Int], _ rowWeights: [Double]
  ) {
    for label in 0..<2 {
      // Which rows a cell is about, and what counts among them.
      var all = [Double](repeating: 0, count: groups)
      var good = all
      for (row, own) in labels.enumerated() {
        var isMeant = true
        var isGood = decisions[row] == own
        switch settings.constraint {
        case .equalizedOdds: isMeant = own == label
        case .equalOpportunity: isMeant = own == label && label == 1
        case .demographicParity: isGood = decisions[row] == label
        case .accuracyParity: break
        }
        guard isMeant else { continue }
        all[codes[row]] += rowWeights[row]
        if isGood { good[codes[row]] += rowWeights[row] }
      }
      let overall = Self.ratio(good.reduce(0, +), all.reduce(0, +))
      for group in 0..<groups where all[group] > 0 {
        differences[label * groups + group] = good[group] / all[group] - overall
      }
    }
  }

  /// A quotient; 0 where there is nothing to divide by.
  private static func ratio(_ part: Double, _ whole: Double) -> Double {
    whole > 0 ? part / whole : 0
  }
}
