/// The exact distribution of the number selected from one group, given both groups' sizes and the
/// number selected in all (Fisher's test).
///
/// Weights are made outward from the mode by the ratio of neighbours, where the mode weighs 1: no
/// factorials, so that nothing overflows and little is rounded.
package struct Hypergeometric: Sendable {
  /// The smallest number that is possible.
  package let first: Int
  /// The weight of `first` and of each number after it; the largest is 1.
  ///
  /// Numbers too unlikely for a Double are left out at both ends.
  package let weights: [Double]

  /// Tables whose probabilities differ by no more are equally likely: R's rule.
  package static let tie = 1 + 1e-7

  /// The number from a group of `size` among `total` people of whom `selected` are selected.
  package init(size: Int, selected: Int, total: Int) {
    let lowest = max(0, selected - (total - size))
    let highest = min(size, selected)
    let mode = min(
      highest, max(lowest, Int((Double(size) + 1) * (Double(selected) + 1) / (Double(total) + 2))))
    // The weight of k + 1 over that of k.
    func ratio(_ k: Int) -> Double {
      Double(size - k) * Double(selected - k)
        / (Double(k + 1) * Double(total - size - selected + k + 1))
    }
    var above: [Double] = []
    var weight = 1.0
    var k = mode
    while k < highest {
      weight *= ratio(k)
      if weight < 1e-305 { break }
      above.append(weight)
      k += 1
    }
    var below: [Double] = []
    weight = 1
    k = mode
    while k > lowest {
      weight /= ratio(k - 1)
      if weight < 1e-305 { break }
      below.append(weight)
      k -= 1
    }
    first = k
    weights = below.reversed() + [1] + above
  }

  private init(first: Int, weights: [Double]) {
    self.first = first
    self.weights = weights
  }

  /// The distribution of the sum of two independent numbers.
  package func convolved(with other: Hypergeometric) -> Hypergeometric {
    var sums = [Double](repeating: 0, count: weights.count + other.weights.count - 1)
    for (place, weight) in weights.enumerated() {
      for (step, factor) in other.weights.enumerated() { sums[place + step] += weight * factor }
    }
    let largest = sums.max() ?? 1
    return Hypergeometric(first: first + other.first, weights: sums.map { $0 / largest })
  }

  /// What the tests say of an observed number.
  package func tests(_ observed: Int) -> Tests {
    let place = observed - first
    let own = weights.indices.contains(place) ? weights[place] : 0
    let limit = own * Self.tie
    // What a sum loses to rounding is summed beside it: small weights are not lost beside large ones.
    func sum(_ isTaken: (Int, Double) -> Bool) -> Double {
      var (sum, lost) = (0.0, 0.0)
      for (index, weight) in weights.enumerated() where isTaken(index, weight) {
        let next = sum + weight
        lost += sum >= weight ? weight - (next - sum) : sum - (next - weight)
        sum = next
      }
      return sum + lost
    }
    let total = sum { _, _ in true }
    let notAbove = sum { $1 <= limit }
    let equal = sum { $1 <= limit && $1 * Self.tie >= own }
    return Tests(
      twoSided: min(1, notAbove / total), midP: (notAbove - 0.5 * equal) / total,
      less: min(1, sum { index, _ in index <= place } / total),
      greater: min(1, sum { index, _ in index >= place } / total))
  }

  /// The p-values of an exact test.
  package struct Tests: Sendable, Equatable {
    /// Of tables no more likely than the one seen.
    package let twoSided: Double
    /// Of less likely tables, and half of equally likely ones.
    package let midP: Double
    /// Of as few selected or fewer.
    package let less: Double
    /// Of as many selected or more.
    package let greater: Double
  }
}
