internal import FairpostNumerics

/// Which way a figure should go.
package enum Direction: Sendable, Equatable {
  /// More is better.
  case higher
  /// Less is better.
  case lower
  /// The closer to this value the better.
  case target(Double)
  /// Neither; a description.
  case none
}

/// What a metric needs from the data.
package struct Needs: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
  /// Labels that are numbers: 0 and 1, or others.
  package static let labels = Needs(rawValue: 1)
  /// Decisions for or against, 0 or 1.
  package static let decisions = Needs(rawValue: 2)
  /// Scores.
  package static let scores = Needs(rawValue: 4)
  /// Scores sorted by group: 16 bytes a row and score.
  package static let ranks = Needs(rawValue: 8)
  /// Feature columns.
  package static let features = Needs(rawValue: 16)
  /// A protected value.
  package static let protected = Needs(rawValue: 32)
  /// At least two tasks.
  package static let tasks = Needs(rawValue: 64)
  /// A numeric sensitive attribute.
  package static let continuous = Needs(rawValue: 128)
  /// Labels 0 and 1.
  package static let binary = Needs(rawValue: 256)
  /// A task with classes.
  package static let classes = Needs(rawValue: 512)
  /// The rows themselves, beyond sums and sorted scores.
  package static let rows = Needs(rawValue: 1024)
  /// Decisions of any kind: for or against, or for a class.
  package static let choices = Needs(rawValue: 4096)
  /// Labels that are classes.
  package static let classLabels = Needs(rawValue: 8192)
  /// A column in whose values people are alike.
  package static let strata = Needs(rawValue: 16384)
  /// Labels, to compare only rows that have the same one: base rates do not enter.
  static let sameLabel = Needs(rawValue: 2048)

  /// Whether sums over groups are all that is needed.
  var areSums: Bool { areStreamed && !contains(.ranks) }

  /// Whether sums over groups and sorted scores are all that is needed.
  var areStreamed: Bool {
    isDisjoint(with: [.features, .tasks, .continuous, .strata, .classes, .rows])
  }
}

/// A quantity of one group, from which the fairness figures are derived.
package struct BaseMetric: Sendable {
  /// The id, such as `true_positive_rate`.
  package let id: String
  /// The name for people.
  package let name: String
  /// The formula in plain text.
  package let formula: String
  /// Which way it should go.
  package let direction: Direction
  /// What it needs.
  package let needs: Needs
  /// When it cannot be estimated.
  package let notEstimable: String
  /// What a test of it asks; figures that rise or fall together, as a rate and its complement, share it.
  ///
  /// Nil is its own id.
  var quantity: String?
  /// Whether noise alone makes it larger: its resamples, which hold the noise twice, then lie above it.
  var growsWithNoise = false
  /// Whether it is shown without being asked for.
  var isDefault = false
  /// The figures over groups that are shown without being asked for.
  var defaultGaps: Set<Aggregation> = []
  /// What a row adds to it, where that is in none of the sums that are always taken.
  var loss: RowLoss?
  /// Whether a constant predictor's value takes the labels one by one, which sums of them do not give.
  var needsEachLabel = false
  let estimate: @Sendable (GroupView) -> Estimate?

  /// The same, shown without being asked for, with some of the figures over groups.
  fileprivate func shown(with gaps: Set<Aggregation> = []) -> BaseMetric {
    var result = self
    result.isDefault = true
    result.defaultGaps = gaps
    return result
  }
}

extension BaseMetric {
  private static func rate(
    _ id: String, _ name: String, _ formula: String, _ direction: Direction, _ needs: Needs,
    _ hits: CellMask, _ among: CellMask, quantity: String? = nil,
    transform: (@Sendable (Double) -> Double)? = nil
  ) -> BaseMetric {
    BaseMetric(
      id: id, name: name, formula: formula, direction: direction, needs: needs,
      notEstimable: "no rows in the denominator", quantity: quantity
    ) { view in
      let total = view.sums.tally(among)
      guard total.weight > 0 else { return nil }
      let p = view.sums.tally(hits).weight / total.weight
      return Estimate(
        value: transform?(p) ?? p, count: total.rows,
        spread: .proportion(p, total: total.effective, transform: transform),
        weight: transform == nil ? total.weight : nil)
    }
  }

  private static let both: Needs = [.labels, .decisions, .binary]
  private static let byLabel: Needs = both.union(.sameLabel)

  /// The share of decisions for.
  static let selectionRate = rate(
    "selection_rate", "selection rate", "P(D=1)", .none, .decisions, .selected, .decided
  ).shown()
  static let baseRate = rate(
    "base_rate", "base rate", "P(Y=1)", .none, [.labels, .binary], .labelledPositive, .labelled
  ).shown()
  static let accuracy = rate(
    "accuracy", "accuracy", "P(D=Y)", .higher, both, [.trueNegative, .truePositive], .judged
  ).shown(with: [.difference, .groupMin])
  static let errorRate = rate(
    "error_rate", "error rate", "P(D!=Y)", .lower, both, [.falsePositive, .falseNegative],
    .judged, quantity: "accuracy")
  static let truePositiveRate = rate(
    "true_positive_rate", "true positive rate", "P(D=1|Y=1)", .higher, byLabel, .truePositive,
    .positives
  ).shown()
  static let falsePositiveRate = rate(
    "false_positive_rate", "false positive rate", "P(D=1|Y=0)", .lower, byLabel, .falsePositive,
    .negatives
  ).shown()
  static let falseNegativeRate = rate(
    "false_negative_rate", "false negative rate", "P(D=0|Y=1)", .lower, byLabel, .falseNegative,
    .positives, quantity: "true_positive_rate")
  static let trueNegativeRate = rate(
    "true_negative_rate", "true negative rate", "P(D=0|Y=0)", .higher, byLabel, .trueNegative,
    .negatives, quantity: "false_positive_rate")
  static let precision = rate(
    "precision", "precision", "P(Y=1|D=1)", .higher, both, .truePositive,
    [.truePositive, .falsePositive]
  ).shown()

  /// Shares of (label, decision) cells.
  static let rates: [BaseMetric] = [
    selectionRate, baseRate, accuracy, errorRate, truePositiveRate, falsePositiveRate,
    falseNegativeRate, trueNegativeRate, precision,
    rate(
      "false_discovery_rate", "false discovery rate", "P(Y=0|D=1)", .lower, both, .falsePositive,
      [.truePositive, .falsePositive], quantity: "precision"),
    rate(
      "negative_predictive_value", "negative predictive value", "P(Y=0|D=0)", .higher, both,
      .trueNegative, [.trueNegative, .falseNegative]),
    rate(
      "false_omission_rate", "false omission rate", "P(Y=1|D=0)", .lower, both, .falseNegative,
      [.trueNegative, .falseNegative], quantity: "negative_predictive_value"),
    rate(
      "f1", "F1", "2 TP / (2 TP + FP + FN)", .higher, both, .truePositive,
      [.truePositive, .falsePositive, .falseNegative], transform: { 2 * $0 / (1 + $0) }
    ).shown(),
    twoRates("balanced_accuracy", "balanced accuracy", "(TPR + TNR) / 2").shown(),
    twoRates(
      "label_auc", "AUC of the decisions", "(TPR + TNR) / 2: ROC AUC of D, not of the score"),
  ]

  private static func twoRates(_ id: String, _ name: String, _ formula: String) -> BaseMetric {
    BaseMetric(
      id: id, name: name, formula: formula, direction: .higher,
      needs: [.labels, .decisions, .binary, .sameLabel], notEstimable: "a label does not occur",
      quantity: "balanced_accuracy"
    ) { view in
      let positives = view.sums.tally(.positives)
      let negatives = view.sums.tally(.negatives)
      guard positives.weight > 0, negatives.weight > 0 else { return nil }
      let p = view.sums.tally(.truePositive).weight / positives.weight
      let q = view.sums.tally(.trueNegative).weight / negatives.weight
      return Estimate(
        value: (p + q) / 2, count: positives.rows + negatives.rows,
        spread: .twoProportions(p, positives.effective, q, negatives.effective))
    }
  }

  private static func mean(
    _ id: String, _ name: String, _ formula: String, _ direction: Direction, _ needs: Needs,
    sum: Int, square: Int, paired: Bool, isLoss: Bool = true, most: Double = 1,
    ofProbabilities: Bool = false, greatest: Double = .infinity, quantity: String? = nil
  ) -> BaseMetric {
    BaseMetric(
      id: id, name: name, formula: formula, direction: direction, needs: needs,
      notEstimable: ofProbabilities ? "no rows, or scores outside [0, 1]" : "no rows",
      quantity: quantity
    ) { view in
      let moments = view.sums.moments
      if ofProbabilities, moments.outside > 0 { return nil }
      let tally = paired ? moments.paired : moments.scored
      guard tally.weight > 0 else { return nil }
      if !isLoss, let known = moments.known {
        return Estimate(
          value: known, count: tally.rows,
          spread: .normal(error: 0, degrees: max(1, tally.effective - 1)), weight: tally.weight)
      }
      return mean(
        moments.sums[sum], moments.sums[square], tally, isLoss: isLoss,
        isProbability: moments.areProbabilities, most: most, greatest: greatest)
    }
  }

  /// A mean from a sum and a sum of squares, with what is known of its spread.
  ///
  /// - Parameters:
  ///   - most: what one row adds at most where scores are probabilities.
  ///   - greatest: what the mean cannot be above.
  static func mean(
    _ sum: Double, _ square: Double, _ tally: Tally, isLoss: Bool, isProbability: Bool = false,
    most: Double = 1, greatest: Double = .infinity
  ) -> Estimate? {
    guard tally.weight > 0 else { return nil }
    let value = sum / tally.weight
    let squares = square / tally.weight
    // What is left of equal numbers is rounding.
    let variance = squares - value * value > 1e-14 * squares ? squares - value * value : 0
    let degrees = tally.effective - 1
    if variance == 0 {
      // Nothing was seen to vary, which says how rare other values are, not that there are none.
      return Estimate(
        value: value, count: tally.rows,
        spread: isProbability
          ? .unseen(mean: value, most: most, size: tally.effective, isRoot: false) : .unknown,
        weight: tally.weight)
    }
    let error = (variance / max(degrees, 1)).squareRoot()
    return Estimate(
      value: value, count: tally.rows,
      spread: degrees <= 0
        ? .unknown
        : isLoss && value > 0
          // A few large losses make mean and error alike uncertain: half the degrees.
          ? .multiplicative(base: 0, error: error / value, degrees: max(1, degrees / 2))
          : .normal(error: error, degrees: degrees), weight: tally.weight, most: greatest)
  }

  /// The mean score.
  static let meanScore = mean(
    "mean_score", "mean score", "mean S", .none, .scores, sum: MomentIndex.score,
    square: MomentIndex.scoreSquare, paired: false, isLoss: false
  ).shown(with: [.difference])

  /// The mean squared error.
  static let squaredError = mean(
    "mse", "mean squared error", "mean (S-Y)^2", .lower, [.labels, .scores],
    sum: MomentIndex.squaredError, square: MomentIndex.squaredErrorSquare, paired: true)

  /// The mean absolute error.
  static let absoluteError: BaseMetric = {
    var metric = mean(
      "mae", "mean absolute error", "mean |S-Y|", .lower, [.labels, .scores],
      sum: MomentIndex.absoluteError, square: MomentIndex.squaredError, paired: true
    ).shown()
    metric.needsEachLabel = true
    return metric
  }()

  /// The log loss.
  static let logLoss = mean(
    "log_loss", "log loss", "mean -log P(Y), P clipped to [2^-52, 1-2^-52]", .lower,
    [.labels, .scores, .binary], sum: MomentIndex.logLoss, square: MomentIndex.logLossSquare,
    paired: true, most: FairpostMetrics.logLoss(label: 1, score: 0), ofProbabilities: true
  ).shown()

  /// Means over rows, and functions of them.
  static let means: [BaseMetric] = {
    let both: Needs = [.labels, .scores]
    return [
      meanScore,
      squaredError,
      BaseMetric(
        id: "rmse", name: "root mean squared error", formula: "sqrt(mean (S-Y)^2)",
        direction: .lower, needs: both, notEstimable: "no rows", quantity: "mse"
      ) { view in
        guard let base = squaredError.estimate(view) else { return nil }
        let value = base.value.squareRoot()
        if case .unseen(let mean, let most, let size, _) = base.spread {
          return Estimate(
            value: value, count: base.count,
            spread: .unseen(mean: mean, most: most, size: size, isRoot: true))
        }
        guard case .multiplicative(_, let error, let degrees) = base.spread else {
          return Estimate(value: value, count: base.count, spread: base.spread)
        }
        return Estimate(
          value: value, count: base.count,
          spread: .multiplicative(base: 0, error: error / 2, degrees: degrees))
      }.shown(with: [.groupMax]),
      absoluteError,
      BaseMetric(
        id: "r2", name: "R squared", formula: "1 - sum (S-Y)^2 / sum (Y - mean Y)^2",
        direction: .higher, needs: both, notEstimable: "fewer than two different labels"
      ) { view in
        view.sums.moments.explained
      }.shown(),
      logLoss,
      mean(
        "brier", "Brier score", "mean (S-Y)^2", .lower, [.labels, .scores, .binary],
        sum: MomentIndex.squaredError, square: MomentIndex.squaredErrorSquare, paired: true,
        ofProbabilities: true, greatest: 1, quantity: "mse"
      ).shown(),
    ]
  }()

  /// Figures of sorted scores.
  static let ranked: [BaseMetric] = [
    BaseMetric(
      id: "auc", name: "ROC AUC", formula: "P(S+ > S-) + P(S+ = S-)/2", direction: .higher,
      needs: [.labels, .scores, .ranks, .binary, .sameLabel], notEstimable: "a label does not occur"
    ) { view in
      guard let ranked = view.ranked, let area = ranked.area() else { return nil }
      let positives = ranked.tally(label: 1)
      let negatives = ranked.tally(label: 0)
      let size = min(positives.effective, negatives.effective)
      return Estimate(
        value: area.value, count: positives.rows + negatives.rows,
        spread: .area(variance: area.variance, size: size))
    }.shown(with: [.difference, .groupMin]),
    BaseMetric(
      id: "ece", name: "expected calibration error",
      formula: "sum over 10 equal-width bins of share x |mean Y - mean S|", direction: .lower,
      needs: [.labels, .scores, .binary], notEstimable: "no rows, or scores outside [0, 1]",
      growsWithNoise: true
    ) { view in
      guard view.sums.moments.outside == 0 else { return nil }
      return CalibrationError.estimate(view.sums.moments.bins)
    }.shown(),
    BaseMetric(
      id: "ece_equal_mass", name: "expected calibration error, bins of equal mass",
      formula: "sum over 10 bins of a tenth of the scores each of share x |mean Y - mean S|",
      direction: .lower, needs: [.labels, .scores, .ranks, .binary],
      notEstimable: "no rows, or scores outside [0, 1]", growsWithNoise: true
    ) { view in
      guard let ranked = view.ranked, view.sums.moments.outside == 0 else { return nil }
      return CalibrationError.estimate(CalibrationError.equalMass(ranked))
    },
  ]
}
