internal import FairpostNumerics

extension Distribution {
  /// The share of the weight at or below `x`.
  package func cdf(_ x: Double) -> Double {
    let index = firstIndex(above: x)
    guard index < values.count else { return 1 }
    let before = index > 0 ? sum(through: index - 1) : 0
    guard let gaps, gaps[index] > 0, index > 0, values[index - 1] < x else { return before / total }
    let share = (x - values[index - 1]) / (values[index] - values[index - 1])
    return (before + gaps[index] * share) / total
  }

  /// The share of the weight strictly below `x`.
  package func cdfBelow(_ x: Double) -> Double {
    let index = firstIndex(notBelow: x)
    guard index < values.count else { return 1 }
    if values[index] == x { return sum(below: index) / total }
    return cdf(x)
  }

  /// The least value whose CDF is at least `level`: the step quantile inf{x: F(x) >= level}.
  package func quantile(_ level: Double) -> Double {
    let total = total
    let low = values.indices.dropLast().firstPlace { sum(through: $0) / total >= level }
    guard let gaps, gaps[low] > 0, low > 0, level <= sum(below: low) / total else {
      return values[low]
    }
    let start = sum(through: low - 1)
    let share = max(0, (level * total - start) / gaps[low])
    return values[low - 1] + (values[low] - values[low - 1]) * min(share, 1)
  }

  /// The place of a value on Hazen's scale, the middle of its interval of the CDF, by index.
  func middle(_ index: Int) -> Double {
    (sum(below: index) + sum(through: index)) / 2 / total
  }

  /// Hazen's quantile: linear between the middles of the values' intervals, constant outside.
  package func quantileHazen(_ level: Double) -> Double {
    let low = values.indices.firstPlace { middle($0) > level }
    guard low > 0 else { return values[0] }
    guard low < values.count else { return values[low - 1] }
    let (left, right) = (middle(low - 1), middle(low))
    return values[low - 1] + (values[low] - values[low - 1]) * ((level - left) / (right - left))
  }

  /// The first index whose value is above `x`.
  func firstIndex(above x: Double) -> Int {
    values.firstPlace { $0 > x }
  }

  /// The first index whose value is at least `x`.
  func firstIndex(notBelow x: Double) -> Int {
    values.firstPlace { $0 >= x }
  }

  /// No value has a larger share of the weight; with what lies beside it where that was compressed.
  package var largestAtom: Double {
    guard !isEmpty, total > 0 else { return 0 }
    let most = values.indices.reduce(0) { max($0, (masses?[$1] ?? 1) + (gaps?[$1] ?? 0)) }
    return most / total
  }
}
