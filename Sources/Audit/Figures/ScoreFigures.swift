internal import FairpostNumerics

/// Scores in ascending order with the people who stand behind each, and what audits ask of them.
package struct ScoreSample: Sendable {
  /// The scores, ascending.
  package let values: [Double]
  /// How many people each stands for; empty where each stands for one.
  package let weights: [Double]
  /// The people.
  package let total: Double

  /// A sample in any order.
  package init(_ values: [Double], weights: [Double] = [], threads: Int = 1) {
    if weights.isEmpty {
      var sorted = values
      Sorting.sort(&sorted, threads: threads)
      self.values = sorted
      self.weights = []
      total = Double(values.count)
    } else {
      let order = Sorting.order(values, threads: threads)
      self.values = order.map { values[Int($0)] }
      self.weights = order.map { weights[Int($0)] }
      total = weights.reduce(0, +)
    }
  }

  private func weight(_ place: Int) -> Double { weights.isEmpty ? 1 : weights[place] }

  private static func between(_ a: Double, _ b: Double) -> Double {
    (a + b).isFinite ? (a + b) / 2 : a / 2 + b / 2
  }

  /// The middle score, or the mean of the two middle ones.
  package var median: Double? {
    guard total > 0 else { return nil }
    if weights.isEmpty {
      let middle = values.count / 2
      if values.count % 2 == 1 { return values[middle] }
      return Self.between(values[middle - 1], values[middle])
    }
    var below = 0.0
    for place in values.indices where weight(place) > 0 {
      below += weight(place)
      if 2 * below > total { return values[place] }
      if 2 * below == total {
        let next = values.indices.first { $0 > place && weight($0) > 0 } ?? place
        return Self.between(values[place], values[next])
      }
    }
    return values.last
  }

  /// The people above a score.
  package func above(_ score: Double) -> Double {
    if weights.isEmpty { return Double(values.count - values.firstPlace { $0 > score }) }
    return (values.firstPlace { $0 > score }..<values.count).reduce(0) { $0 + weight($1) }
  }

  /// The people with that score or a higher one.
  package func from(_ score: Double) -> Double {
    if weights.isEmpty { return Double(values.count - values.firstPlace { $0 >= score }) }
    return (values.firstPlace { $0 >= score }..<values.count).reduce(0) { $0 + weight($1) }
  }

  /// The scores from which the top shares begin; none where nobody would be selected.
  ///
  /// Equal scores are taken alike: the nearest share counts, of two equally near ones the smaller.
  package func thresholds(top shares: [Double]) -> [Double?] {
    var best = shares.map { (distance: abs($0 * total), threshold: Double?.none) }
    var selected = 0.0
    for place in values.indices.reversed() {
      selected += weight(place)
      if place > 0, values[place - 1] == values[place] { continue }
      for share in shares.indices {
        let distance = abs(selected - shares[share] * total)
        if distance < best[share].distance { best[share] = (distance, values[place]) }
      }
    }
    return best.map(\.threshold)
  }
}

/// The mean and spread of a group's scores, from sums that are added exactly.
package struct ScoreMoments: Sendable {
  /// The people, the sum of scores and the sum of their squares about the first pass's mean.
  package let count: Double
  /// The mean.
  package let mean: Double
  /// The sum of squared distances from the mean.
  package let squares: Double

  /// The moments of some scores.
  package init(_ values: [Double], weights: [Double] = []) {
    var sums = ExactSums(count: 2)
    for (place, value) in values.enumerated() {
      let weight = weights.isEmpty ? 1 : weights[place]
      sums.add(weight, at: 0)
      sums.add(product: weight, value, at: 1)
    }
    count = sums.value(at: 0)
    mean = count > 0 ? sums.value(at: 1) / count : .nan
    var distances = ExactSums(count: 1)
    for (place, value) in values.enumerated() {
      let distance = value - mean
      distances.add(
        product: weights.isEmpty ? distance : distance * weights[place], distance, at: 0)
    }
    squares = distances.value(at: 0)
  }

  /// The moments of several groups together.
  package init(_ parts: [ScoreMoments]) {
    let used = parts.filter { $0.count > 0 }
    count = used.reduce(0) { $0 + $1.count }
    let total = count
    let center = used.reduce(0) { $0 + $1.mean * $1.count } / total
    mean = total > 0 ? center : .nan
    squares = used.reduce(0) {
      $0 + $1.squares + $1.count * ($1.mean - center) * ($1.mean - center)
    }
  }

  /// The standard deviation, with one person less in the denominator.
  package var deviation: Double? { count > 1 ? (squares / (count - 1)).squareRoot() : nil }

  /// The difference of means in standard deviations of everybody in the table.
  package func standardised(against other: ScoreMoments, among all: ScoreMoments) -> Double? {
    guard count > 0, other.count > 0, let deviation = all.deviation, deviation > 0 else {
      return nil
    }
    return (mean - other.mean) / deviation
  }

  /// Cohen's d: the difference of means in the common standard deviation of both groups.
  package func cohen(against other: ScoreMoments) -> Double? {
    let freedom = count + other.count - 2
    guard freedom > 0, squares + other.squares > 0 else { return nil }
    return (mean - other.mean) / ((squares + other.squares) / freedom).squareRoot()
  }
}
