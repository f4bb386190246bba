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
