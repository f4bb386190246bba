extension Distribution {
  /// The largest Kolmogorov-Smirnov distance of any two groups.
  ///
  /// It is the largest gap between the highest and the lowest CDF at one point, so that one walk over
  /// all values does for any number of groups.
  ///
  /// - Precondition: every distribution is exact.
  package static func largestKolmogorovSmirnov(of groups: [Distribution]) -> Double {
    let groups = groups.filter { !$0.isEmpty }
    if groups.count < 2 { return 0 }
    if groups.count == 2 { return groups[0].kolmogorovSmirnov(to: groups[1]) }
    let totals = groups.map(\.total)
    var cursors = [Int](repeating: 0, count: groups.count)
    var next = Tournament(groups.map { $0.values[0] })
    // The least and, with its sign turned, the greatest CDF.
    var lowest = Tournament([Double](repeating: 0, count: groups.count))
    var highest = Tournament([Double](repeating: 0, count: groups.count))
    var largest = 0.0
    while next.least < .infinity {
      let x = next.least
      while next.least == x {
        let group = next.place
        let level = groups[group].sum(through: cursors[group]) / totals[group]
        cursors[group] += 1
        let isOver = cursors[group] == groups[group].values.count
        next.set(group, isOver ? .infinity : groups[group].values[cursors[group]])
        lowest.set(group, level)
        highest.set(group, -level)
      }
      largest = max(largest, -highest.least - lowest.least)
    }
    return largest
  }
}

/// The least of some numbers that change one at a time, in a logarithm of steps.
private struct Tournament {
  private var numbers: [Double]
  private var winners: [Int32]
  private let width: Int

  init(_ numbers: [Double]) {
    var width = 1
    while width < numbers.count { width *= 2 }
    self.width = width
    self.numbers = numbers + [Double](repeating: .infinity, count: width - numbers.count)
    winners = [Int32](repeating: 0, count: 2 * width)
    for place in 0..<width { winners[width + place] = Int32(place) }
    for node in stride(from: width - 1, to: 0, by: -1) { play(node) }
  }

  /// Where the least stands; of equals the first.
  var place: Int { Int(winners[1]) }

  var least: Double { numbers[place] }

  mutating func set(_ place: Int, _ number: Double) {
    numbers[place] = number
    var node = (width + place) / 2
    while node > 0 {
      play(node)
      node /= 2
    }
  }

  private mutating func play(_ node: Int) {
    let (left, right) = (winners[2 * node], winners[2 * node + 1])
    winners[node] = numbers[Int(right)] < numbers[Int(left)] ? right : left
  }
}
