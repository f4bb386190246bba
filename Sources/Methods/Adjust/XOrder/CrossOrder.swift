/// The order of two groups' records among each other: the dynamic programme of xOrder.
///
/// Cui, Pan, Zhang & Wang, Towards model-agnostic post-hoc adjustment for balancing ranking fairness and algorithm
/// utility (KDD 2021). Each group keeps its own order; a path through the grid of "so many of the first, so many of
/// the second are placed" merges them. A path is worth the pairs of a positive above the other group's negatives,
/// less the weighted difference of the groups' shares of such pairs. Without the difference the best path is exact;
/// with it a cell keeps the better of its two ways, which need not lead to the best.
package struct CrossOrder: Sendable {
  /// What the groups' difference is of.
  package enum Disparity: String, CaseIterable, Sendable {
    /// The chance that a positive of one group is above a negative of the other.
    case xauc
    /// The chance that a positive of one group is above a negative of either.
    case prf
  }

  /// Whether each record of the first and the second group is positive, from the greatest score down.
  private let first: [Bool]
  private let second: [Bool]
  /// The negatives of each group behind so many of its records.
  private let firstLeft: [Double]
  private let secondLeft: [Double]
  private let disparity: Disparity
  /// What the difference counts, as pairs.
  private let scale: Double
  private let weights: (first: Double, second: Double)

  /// The problem of two groups, each with both labels.
  ///
  /// - Parameter tradeOff: what the difference counts as a share of all pairs of a positive and a negative.
  package init(first: [Bool], second: [Bool], disparity: Disparity, tradeOff: Double) {
    (self.first, self.second, self.disparity) = (first, second, disparity)
    func left(_ labels: [Bool]) -> [Double] {
      var result = [Double](repeating: 0, count: labels.count + 1)
      for place in labels.indices.reversed() {
        result[place] = result[place + 1] + (labels[place] ? 0 : 1)
      }
      return result
    }
    (firstLeft, secondLeft) = (left(first), left(second))
    let negatives = (first: firstLeft[0], second: secondLeft[0])
    let positives = (
      first: Double(first.count) - negatives.first, second: Double(second.count) - negatives.second
    )
    let all = negatives.first + negatives.second
    scale = tradeOff * (positives.first + positives.second) * all
    switch disparity {
    case .xauc:
      weights = (
        scale / (positives.first * negatives.second), scale / (positives.second * negatives.first)
      )
    case .prf: weights = (scale / (positives.first * all), scale / (positives.second * all))
    }
  }

  /// A row of the grid: what the way to each cell is worth, in pairs and in signed difference.
  private struct Row {
    var pairs: [Double]
    var difference: [Double]
  }

  /// The merged order, place by place whether it is of the second group, with its pairs and the difference that counts.
  ///
  /// The ways are kept as one bit a cell for a block of rows at a time; only the rows between blocks are kept of
  /// the others, and a block is walked again when the way leads back into it.
  ///
  /// - Parameter budget: the bits to keep at once.
  package func solve(budget: Int = 1 << 30) -> (order: [Bool], pairs: Double, difference: Double) {
    let width = second.count + 1
    let height = first.count + 1
    let size = max(1, min(height, budget / width))
    var starts: [Row] = []
    var row = Row(pairs: [], difference: [])
    for start in stride(from: 0, to: height, by: size) {
      starts.append(row)
      row = walk(row, start..<min(start + size, height), nil)
    }
    let result = (row.pairs[width - 1], row.difference[width - 1])
    var order: [Bool] = []
    order.reserveCapacity(first.count + second.count)
    var (i, j) = (first.count, second.count)
    var block = starts.count - 1
    while i > 0 || j > 0 {
      let rows = (block * size)..<min((block + 1) * size, height)
      var bits = [UInt64](repeating: 0, count: (rows.count * width + 63) / 64)
      _ = walk(starts[block], rows) { cell in bits[cell >> 6] |= 1 << UInt64(cell & 63) }
      while i >= rows.lowerBound, i > 0 || j > 0 {
        let cell = (i - rows.lowerBound) * width + j
        let isSecond = bits[cell >> 6] >> UInt64(cell & 63) & 1 == 1
        order.append(isSecond)
        if isSecond { j -= 1 } else { i -= 1 }
      }
      block -= 1
    }
    return (order.reversed(), result.0, result.1)
  }

  /// Walks rows of the grid, and marks the cells that are reached by placing a record of the second group.
  private func walk(_ above: Row, _ rows: Range<Int>, _ mark: ((Int) -> Void)?) -> Row {
    let width = second.count + 1
    var pairs = above.pairs.isEmpty ? [Double](repeating: 0, count: width) : above.pairs
    var difference =
      above.difference.isEmpty ? [Double](repeating: 0, count: width) : above.difference
    for i in rows {
      let isPositive = i > 0 && first[i - 1]
      for j in 0..<width {
        // By placing a record of the first group: from the cell above.
        var (viaFirst, firstDifference) = (pairs[j], difference[j])
        if isPositive {
          viaFirst += secondLeft[j]
          let seen = disparity == .xauc ? secondLeft[j] : secondLeft[j] + firstLeft[i]
          firstDifference += weights.first * seen
        }
        guard j > 0 else {
          (pairs[0], difference[0]) = (viaFirst, firstDifference)
          continue
        }
        var (viaSecond, secondDifference) = (pairs[j - 1], difference[j - 1])
        if second[j - 1] {
          viaSecond += firstLeft[i]
          let seen = disparity == .xauc ? firstLeft[i] : firstLeft[i] + secondLeft[j]
          secondDifference -= weights.second * seen
        }
        let isSecond =
          i == 0
          || viaSecond - abs(secondDifference) >= viaFirst - abs(firstDifference)
        pairs[j] = isSecond ? viaSecond : viaFirst
        difference[j] = isSecond ? secondDifference : firstDifference
        if isSecond { mark?((i - rows.lowerBound) * width + j) }
      }
    }
    return Row(pairs: pairs, difference: difference)
  }
}
