internal import FairpostNumerics

/// How many rows, how much weight, and the sum of squared weights (for the effective size).
package struct Tally: Sendable, Equatable {
  /// The rows, frequencies counted.
  package var rows = 0
  /// The sum of weights.
  package var weight = 0.0
  /// The sum of squared weights.
  package var squares = 0.0

  /// An empty tally.
  package init() {}

  /// The number of rows that would give the same precision: (sum w)^2 / sum w^2.
  package var effective: Double { squares > 0 ? weight * weight / squares : 0 }

  static func += (left: inout Tally, right: Tally) {
    left.rows += right.rows
    left.weight += right.weight
    left.squares += right.squares
  }
}

/// Sums over the rows of one group that have a score.
package struct Moments: Sendable, Equatable {
  /// The rows with a score and a label.
  package var paired = Tally()
  /// The rows with a score.
  package var scored = Tally()
  /// Labels are summed as distances from this one, so that their spread does not cancel.
  var pivot: Double?
  /// Weighted sums: see `MomentIndex`.
  var sums = [Double](repeating: 0, count: MomentIndex.count)
  /// Binary labels and probabilities in ten bins of the score; empty where there are none.
  var bins: [CalibrationBin] = []
  /// Sums of losses that metrics have declared, of paired rows; all groups have the same ones.
  var losses: [LossSums] = []
  /// The rows of paired scores outside [0, 1].
  var outside = 0
  /// The score that all rows are known to have, the constant predictor's.
  var known: Double?

  /// Whether scores are probabilities of labels 0 and 1.
  var areProbabilities: Bool { !bins.isEmpty && outside == 0 }

  static func += (left: inout Moments, right: Moments) {
    var other = right
    if let pivot = left.pivot { other.turn(to: pivot) } else { left.pivot = right.pivot }
    left.paired += right.paired
    left.scored += right.scored
    for i in 0..<MomentIndex.count { left.sums[i] += other.sums[i] }
    left.outside += right.outside
    if left.losses.isEmpty {
      left.losses = right.losses
    } else {
      for i in right.losses.indices {
        left.losses[i].sum += right.losses[i].sum
        left.losses[i].square += right.losses[i].square
      }
    }
    if left.bins.isEmpty {
      left.bins = right.bins
    } else {
      for i in right.bins.indices { left.bins[i] += right.bins[i] }
    }
  }

  /// The same sums with labels as distances from another label.
  mutating func turn(to other: Double) {
    guard let pivot, pivot != other else { return }
    let d = pivot - other
    let w = paired.weight
    let (one, two) = (sums[MomentIndex.label], sums[MomentIndex.labelSquare])
    let three = sums[MomentIndex.labelCube]
    sums[MomentIndex.label] = one + d * w
    sums[MomentIndex.labelSquare] = two + d * (2 * one + d * w)
    sums[MomentIndex.labelCube] = three + d * (3 * two + d * (3 * one + d * w))
    sums[MomentIndex.labelFourth] += d * (4 * three + d * (6 * two + d * (4 * one + d * w)))
    let error = sums[MomentIndex.squaredError]
    let crossed = sums[MomentIndex.squaredErrorLabel]
    sums[MomentIndex.squaredErrorLabel] = crossed + d * error
    sums[MomentIndex.squaredErrorLabelSquare] += d * (2 * crossed + d * error)
    self.pivot = other
  }

  /// The sums of what the constant score `mean` would show on the same rows; absolute errors are
  /// left out, which need the labels one by one.
  func constant(_ mean: Double, _ all: Tally) -> Moments {
    var result = Moments()
    result.paired = paired
    result.scored = all
    result.sums[MomentIndex.score] = all.weight * mean
    result.sums[MomentIndex.scoreSquare] = all.weight * mean * mean
    guard paired.weight > 0 else { return result }
    var turned = self
    turned.turn(to: mean)
    result.pivot = mean
    result.sums[MomentIndex.label] = turned.sums[MomentIndex.label]
    let (two, four) = (turned.sums[MomentIndex.labelSquare], turned.sums[MomentIndex.labelFourth])
    result.sums[MomentIndex.labelSquare] = two
    result.sums[MomentIndex.labelCube] = turned.sums[MomentIndex.labelCube]
    result.sums[MomentIndex.labelFourth] = four
    result.sums[MomentIndex.squaredError] = two
    result.sums[MomentIndex.squaredErrorSquare] = four
    result.sums[MomentIndex.squaredErrorLabel] = turned.sums[MomentIndex.labelCube]
    result.sums[MomentIndex.squaredErrorLabelSquare] = four
    return result
  }
}

/// One bin of a reliability diagram.
struct CalibrationBin: Sendable, Equatable {
  var tally = Tally()
  /// Weighted sums of the score, the label, and the squared gap of the two.
  var score = 0.0
  var label = 0.0
  var squaredError = 0.0

  static func += (left: inout CalibrationBin, right: CalibrationBin) {
    left.tally += right.tally
    left.score += right.score
    left.label += right.label
    left.squaredError += right.squaredError
  }
}

/// Where each sum is kept: of scores, then over rows with both of labels (as distances from the
/// pivot), of errors and losses and their squares, and of squared errors times labels.
enum MomentIndex {
  static let score = 0
  static let scoreSquare = 1
  static let label = 2
  static let labelSquare = 3
  static let squaredError = 4
  static let squaredErrorSquare = 5
  static let absoluteError = 6
  static let logLoss = 7
  static let logLossSquare = 8
  static let labelCube = 9
  static let labelFourth = 10
  static let squaredErrorLabel = 11
  static let squaredErrorLabelSquare = 12
  static let count = 13
}

/// One group's counts by label and decision, and its sums: everything a sum-type figure needs.
///
/// Cells are label * 3 + decision, where 2 stands for missing.
package struct GroupSums: Sendable, Equatable {
  /// The nine cells.
  package var cells = [Tally](repeating: Tally(), count: 9)
  /// The sums over rows with a score.
  package var moments = Moments()
  /// All rows of the group.
  package var total = Tally()

  /// Empty sums.
  package init() {}

  /// Adds another part of the same group.
  package static func += (left: inout GroupSums, right: GroupSums) {
    for i in 0..<9 { left.cells[i] += right.cells[i] }
    left.moments += right.moments
    left.total += right.total
  }

  /// The cells chosen by a mask, together.
  func tally(_ mask: CellMask) -> Tally {
    var result = Tally()
    for i in 0..<9 where mask.rawValue & (1 << i) != 0 { result += cells[i] }
    return result
  }
}

/// A set of (label, decision) cells.
package struct CellMask: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
  static let trueNegative = CellMask(rawValue: 1 << 0)
  static let falsePositive = CellMask(rawValue: 1 << 1)
  static let falseNegative = CellMask(rawValue: 1 << 3)
  static let truePositive = CellMask(rawValue: 1 << 4)
  static let negatives: CellMask = [.trueNegative, .falsePositive]
  static let positives: CellMask = [.falseNegative, .truePositive]
  static let judged: CellMask = [.negatives, .positives]
  static let selected: CellMask = [.falsePositive, .truePositive, CellMask(rawValue: 1 << 7)]
  static let decided: CellMask = [
    .judged, CellMask(rawValue: 1 << 6), CellMask(rawValue: 1 << 7),
  ]
  static let labelledPositive: CellMask = [.positives, CellMask(rawValue: 1 << 5)]
  static let labelled: CellMask = [
    .judged, CellMask(rawValue: 1 << 2), CellMask(rawValue: 1 << 5),
  ]
}

/// Sums for every group of one attribute, for one score of one task.
package struct SumAccumulator: Sendable, Equatable {
  /// The groups, in the order of the grouping's codes.
  package private(set) var groups: [GroupSums]

  /// An accumulator for a number of groups.
  package init(groupCount: Int) {
    groups = [GroupSums](repeating: GroupSums(), count: groupCount)
  }

  mutating func add(_ sums: GroupSums, to group: Int) { groups[group] += sums }

  mutating func replace(_ group: Int, _ sums: GroupSums) { groups[group] = sums }
}

/// The log loss of a probability, clipped as scikit-learn does (machine epsilon).
func logLoss(label: Double, score: Double) -> Double {
  let p = min(max(score, 0x1p-52), 1 - 0x1p-52)
  return label == 1 ? -Elementary.log(p) : -Elementary.log1p(-p)
}
