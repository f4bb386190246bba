/// The numbers of a group that every first part of a list must hold: FA*IR's table.
///
/// Zehlike et al., FA*IR: a fair top-k ranking algorithm (CIKM 2017). A list whose places fall to the group by
/// independent coins of chance p has, in its first j places, fewer than m(j) of it only with a probability of at
/// most alpha; but it is looked at in k places, so that it fails somewhere more often. The exact probability
/// follows from the numbers of the group so far, and the adjusted table is the largest that a fair list fails
/// with a probability of at most alpha.
package struct FairTable: Sendable, Equatable {
  /// The least number in the first places, one after the other.
  package let minima: [Int]
  /// The probability that a list of fair coins is below one of them.
  package let failProbability: Double
  /// The least alpha that has this table.
  package let alphaFrom: Double
  /// The alpha below which it ends.
  package let alphaBelow: Double

  /// The table at a level for each place by itself.
  ///
  /// - Parameters:
  ///   - places: the length of the list.
  ///   - chance: the share of the group in a fair list.
  package init(places: Int, chance: Double, alpha: Double) {
    var minima: [Int] = []
    // The chances of 0, 1, ... of the group among the places so far: of any list, and of one that never failed.
    var (all, passing) = ([1.0], [1.0])
    var (from, below) = (0.0, 1.0)
    for _ in 0..<places {
      all = Self.next(all, chance)
      passing = Self.next(passing, chance)
      var (minimum, sum) = (0, all[0])
      var before = 0.0
      while sum <= alpha * (1 + 1e-12), minimum + 1 < all.count {
        minimum += 1
        before = sum
        sum += all[minimum]
      }
      minima.append(minimum)
      from = max(from, before)
      below = min(below, sum)
      for count in 0..<minimum { passing[count] = 0 }
    }
    self.minima = minima
    failProbability = max(0, 1 - passing.reduce(0, +))
    (alphaFrom, alphaBelow) = (from, below)
  }

  /// The largest table that a fair list fails with a probability of at most alpha.
  package static func adjusted(places: Int, chance: Double, alpha: Double) -> FairTable {
    let plain = FairTable(places: places, chance: chance, alpha: alpha)
    if plain.failProbability <= alpha { return plain }
    // At level 0 nothing is asked of any place; a table holds for a stretch of levels, so that few are tried.
    var (good, bad) = (FairTable(places: places, chance: chance, alpha: 0), plain)
    while good.alphaBelow < bad.alphaFrom {
      let middle = (good.alphaBelow + bad.alphaFrom) / 2
      let table = FairTable(places: places, chance: chance, alpha: middle)
      if table.failProbability <= alpha { good = table } else { bad = table }
    }
    // One table may lie between: it begins where the good one ends.
    let last = FairTable(places: places, chance: chance, alpha: good.alphaBelow)
    return last.failProbability <= alpha ? last : good
  }

  private static func next(_ row: [Double], _ chance: Double) -> [Double] {
    var result = [Double](repeating: 0, count: row.count + 1)
    for (count, value) in row.enumerated() {
      result[count] += value * (1 - chance)
      result[count + 1] += value * chance
    }
    return result
  }
}
