internal import FairpostNumerics

/// What each threshold would do to one group: the weights of labels 0 and 1 that lie at or above it.
struct GroupCurve: Sendable {
  /// The thresholds from "nobody" (infinite) down to the group's least score ("everybody").
  let thresholds: [Double]
  /// The weight of label 0 at or above each threshold: false positives.
  let negatives: [Double]
  /// The weight of label 1 at or above each threshold: true positives.
  let positives: [Double]
  /// The heaviest record of each label.
  let heaviest: LabelWeights
  /// Whether every number above is whole and small enough to be exact.
  let isWhole: Bool

  /// The whole weight of the group's labels.
  var totals: LabelWeights {
    LabelWeights(
      negatives: negatives[negatives.count - 1], positives: positives[positives.count - 1])
  }

  /// The curve of a group's records.
  ///
  /// Sums run over the records in an order of their own values, so that the order of rows is no matter.
  ///
  /// - Parameter labels: 1 or 0 of each score.
  init(scores: [Double], labels: [Double], weights: [Double]?) {
    let (sorted, order) = Sorting.sortedPairs(scores)
    var thresholds = [Double.infinity]
    var (negatives, positives) = ([0.0], [0.0])
    var (below, above) = (CarriedSum(), CarriedSum())
    var heaviest = LabelWeights(negatives: 0, positives: 0)
    var end = sorted.count
    while end > 0 {
      var start = end - 1
      while start > 0, sorted[start - 1] == sorted[end - 1] { start -= 1 }
      if let weights {
        let block = (start..<end).map { (labels[Int(order[$0])], weights[Int(order[$0])]) }
        for (label, weight) in block.count > 1 ? block.sorted(by: <) : block {
          if label == 1 {
            above.add(weight)
            heaviest.positives = max(heaviest.positives, weight)
          } else {
            below.add(weight)
            heaviest.negatives = max(heaviest.negatives, weight)
          }
        }
      } else {
        for place in start..<end {
          if labels[Int(order[place])] == 1 { above.add(1) } else { below.add(1) }
        }
      }
      thresholds.append(sorted[start])
      negatives.append(below.value)
      positives.append(above.value)
      end = start
    }
    if weights == nil { heaviest = LabelWeights(negatives: 1, positives: 1) }
    self.heaviest = heaviest
    self.thresholds = thresholds
    self.negatives = negatives
    self.positives = positives
    isWhole =
      (weights?.allSatisfy { $0 == $0.rounded() } ?? true) && below.value + above.value < 0x1p53
  }
}

/// The weights of both labels: of a group, or of those that a rule decides 1.
struct LabelWeights: Sendable, Equatable {
  var negatives: Double
  var positives: Double

  var all: Double { negatives + positives }
}

/// A sum that carries what rounding loses.
struct CarriedSum {
  private var sum = 0.0
  private var lost = 0.0

  var value: Double { sum + lost }

  mutating func add(_ number: Double) {
    let next = sum + number
    lost += abs(sum) >= abs(number) ? (sum - next) + number : (number - next) + sum
    sum = next
  }
}
