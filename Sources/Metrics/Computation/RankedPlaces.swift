internal import FairpostNumerics

/// Who stands where in the list of all scores from the greatest down.
///
/// Equal scores share their places evenly. A row of weight w takes w places, as if it stood there so often; survey
/// weights that sum to more than 2^24 are brought to a mean of 1, so that a list has no more places than can be
/// walked.
struct RankedPlaces: Sendable {
  /// The group of each entry, and the places it takes.
  private(set) var entries: [(group: Int, weight: Double)] = []
  /// The number of entries through each block of equal scores.
  private(set) var ends: [Int] = []
  /// The places of each group.
  private(set) var totals: [Double] = []

  /// All places.
  var count: Double { totals.reduce(0, +) }

  /// The list of some groups' scores.
  init(_ samples: [SortedSample]) {
    let rows = samples.reduce(0) { $0 + $1.tally.rows }
    let weight = samples.reduce(0) { $0 + $1.tally.weight }
    // Of frequencies the squares sum to the weight: they are rows already.
    let squares = samples.reduce(0) { $0 + $1.tally.squares }
    let scale = weight > 0x1p24 && squares != weight ? Double(rows) / weight : 1
    var (values, groups, weights): ([Double], [Int], [Double]) = ([], [], [])
    for (group, sample) in samples.enumerated() {
      var total = 0.0
      for place in sample.values.indices {
        let own = (sample.weights.isEmpty ? 1 : sample.weights[place]) * scale
        values.append(sample.values[place])
        groups.append(group)
        weights.append(own)
        total += own
      }
      totals.append(total)
    }
    let (sorted, order) = Sorting.sortedPairs(values)
    var end = sorted.count
    while end > 0 {
      var start = end - 1
      while start > 0, sorted[start - 1] == sorted[end - 1] { start -= 1 }
      var block: [Int: Double] = [:]
      if end - start == 1 {
        entries.append((groups[Int(order[start])], weights[Int(order[start])]))
      } else {
        for place in start..<end {
          block[groups[Int(order[place])], default: 0] += weights[Int(order[place])]
        }
        for (group, weight) in block.sorted(by: { $0.key < $1.key }) {
          entries.append((group, weight))
        }
      }
      ends.append(entries.count)
      end = start
    }
  }

  /// As many places of each group in an order drawn at random: what no rule looked at.
  func shuffled(_ stream: inout RandomStream) -> RankedPlaces {
    var result = self
    result.entries = totals.enumerated().flatMap { group, total in
      (0..<Int(total.rounded())).map { _ in (group, 1.0) }
    }
    for place in result.entries.indices.dropFirst().reversed() {
      result.entries.swapAt(place, stream.below(place + 1))
    }
    result.ends = Array(1...max(result.entries.count, 1))
    if result.entries.isEmpty { result.ends = [] }
    result.totals = totals.map { $0.rounded() }
    return result
  }

  /// Calls `body` with each block of equal scores: the place before it, its places, and its entries.
  private func eachBlock(_ body: (Double, Double, ArraySlice<(group: Int, weight: Double)>) -> Void)
  {
    var (before, start) = (CarriedPlace(), 0)
    for end in ends {
      let block = entries[start..<end]
      var own = 0.0
      for entry in block { own += entry.weight }
      body(before.value, own, block)
      before.add(own)
      start = end
    }
  }

  /// The mean attention of each group, 1 / log2(1 + place).
  var exposure: [Double] {
    var sums = totals.map { _ in 0.0 }
    // Attention up to a place, which grows evenly within one.
    var (place, through) = (0, 0.0)
    func attention(_ end: Double) -> Double {
      let whole = Int((end + 1e-9).rounded(.down))
      while place < whole {
        place += 1
        through += Self.attention(place)
      }
      let rest = end - Double(place)
      return rest > 1e-9 ? through + rest * Self.attention(place + 1) : through
    }
    var last = 0.0
    eachBlock { before, own, block in
      let end = attention(before + own)
      for entry in block { sums[entry.group] += (end - last) * entry.weight / own }
      last = end
    }
    return zip(sums, totals).map { $0 / $1 }
  }

  /// The places of each group among the first `first`.
  func counts(first: Double) -> [Double] {
    var counts = totals.map { _ in 0.0 }
    eachBlock { before, own, block in
      guard before < first else { return }
      let share = min(1, (first - before) / own)
      for entry in block { counts[entry.group] += share * entry.weight }
    }
    return counts
  }

  /// The attention-weighted mean, over all first parts of the list, of the Kullback-Leibler divergence of their
  /// groups' shares from those of the whole list.
  var divergence: Double {
    let whole = count
    let logs = totals.map { $0 > 0 ? Elementary.log($0 / whole) : 0 }
    var (counts, terms) = (totals.map { _ in 0.0 }, totals.map { _ in 0.0 })
    // The sums over groups of c log c and of c log(share), mended where a group's count grows.
    var (entropy, cross) = (0.0, 0.0)
    var (sum, attention) = (0.0, 0.0)
    var place = 1
    func set(_ group: Int, _ count: Double) {
      let term = count > 0 ? count * Elementary.log(count) : 0
      entropy += term - terms[group]
      cross += (count - counts[group]) * logs[group]
      (counts[group], terms[group]) = (count, term)
    }
    eachBlock { before, own, block in
      let start = block.map { counts[$0.group] }
      while Double(place) <= before + own + 1e-9 {
        let share = min(1, (Double(place) - before) / own)
        for (entry, count) in zip(block, start) { set(entry.group, count + share * entry.weight) }
        let size = Double(place)
        let value = max(0, (entropy - cross) / size - Elementary.log(size))
        sum += Self.attention(place) * value
        attention += Self.attention(place)
        place += 1
      }
      for (entry, count) in zip(block, start) { set(entry.group, count + entry.weight) }
    }
    return attention > 0 ? sum / attention : .nan
  }

  /// How much is seen of a place.
  private static func attention(_ place: Int) -> Double {
    0.693_147_180_559_945_3 / Elementary.log(1 + Double(place))
  }
}

/// A sum of places that carries what rounding loses.
private struct CarriedPlace {
  private var sum = 0.0
  private var lost = 0.0

  var value: Double { sum + lost }

  mutating func add(_ number: Double) {
    let next = sum + number
    lost += abs(sum) >= abs(number) ? (sum - next) + number : (number - next) + sum
    sum = next
  }
}
