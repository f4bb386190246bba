internal import FairpostNumerics

/// A group's scores from the greatest down: blocks of equal scores with their weights.
struct RankedBlocks: Sendable {
  /// The distinct scores, descending.
  let values: [Double]
  /// The weight above each block; one more entry, the whole weight.
  let above: [Double]
  /// The sum of the scores above each block, each times its weight; one more entry, the whole sum.
  let sums: [Double]
  /// Whether all weights are whole numbers.
  let isWhole: Bool

  /// The whole weight.
  var total: Double { above[values.count] }

  /// The blocks of some scores.
  init(_ scores: [Double], weights: [Double]?) {
    let (sorted, order) = Sorting.sortedPairs(scores)
    var (values, above, sums): ([Double], [Double], [Double]) = ([], [0], [0])
    var (weight, sum) = (CarriedSum(), CarriedSum())
    var end = sorted.count
    while end > 0 {
      var start = end - 1
      while start > 0, sorted[start - 1] == sorted[end - 1] { start -= 1 }
      var block = Double(end - start)
      if let weights {
        // In an order of their own, so that the order of rows is no matter.
        block = (start..<end).map { weights[Int(order[$0])] }.sorted().reduce(0, +)
      }
      weight.add(block)
      sum.add(block * sorted[start])
      values.append(sorted[start])
      above.append(weight.value)
      sums.append(sum.value)
      end = start
    }
    (self.values, self.above, self.sums) = (values, above, sums)
    isWhole = weights?.allSatisfy { $0 == $0.rounded() } ?? true
  }

  /// The weight of scores above (`orAt`: at or above) a value.
  func weight(above value: Double, orAt: Bool) -> Double { above[place(value, orAt: orAt)] }

  /// The number of blocks above (`orAt`: at or above) a value.
  private func place(_ value: Double, orAt: Bool) -> Int {
    values.firstPlace { orAt ? $0 < value : $0 <= value }
  }

  /// The block in which an amount taken from the top ends; nil where it is nothing.
  func block(endOf amount: Double) -> Int? {
    guard amount > 0 else { return nil }
    return values.indices.dropLast().firstPlace { above[$0 + 1] >= amount }
  }

  /// The sum of the scores that an amount taken from the top has, on average.
  func sum(of amount: Double) -> Double {
    guard let block = block(endOf: amount) else { return 0 }
    return sums[block] + (amount - above[block]) * values[block]
  }
}
