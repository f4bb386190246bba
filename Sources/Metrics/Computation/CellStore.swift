internal import FairpostNumerics

/// One block's scores, put together by cell: group by label (0, 1, none).
package struct CellBlock: Sendable {
  private(set) var values: [Double] = []
  private(set) var weights: [Double] = []
  /// The cells that occur, in the order of their values.
  private(set) var spans: [(cell: Int32, count: Int32)] = []

  /// The scores of rows by cell; rows of cell -1 are left out.
  ///
  /// - Parameters:
  ///   - cells: group * 3 + label of every row, where 2 is no label.
  ///   - weights: one for each row; empty where each counts once.
  ///   - places: zeros, one for each possible cell; left as zeros.
  package init(cells: [Int32], scores: [Double], weights: [Double], places: inout [Int32]) {
    var count = 0
    for cell in cells where cell >= 0 {
      if places[Int(cell)] == 0 { spans.append((cell, 0)) }
      places[Int(cell)] += 1
      count += 1
    }
    var start: Int32 = 0
    for place in spans.indices {
      let cell = Int(spans[place].cell)
      spans[place].count = places[cell]
      places[cell] = start
      start += spans[place].count
    }
    values = [Double](repeating: 0, count: count)
    if !weights.isEmpty { self.weights = values }
    for row in cells.indices {
      let cell = Int(cells[row])
      if cell < 0 { continue }
      let at = Int(places[cell])
      values[at] = scores[row]
      if !weights.isEmpty { self.weights[at] = weights[row] }
      places[cell] += 1
    }
    for span in spans { places[Int(span.cell)] = 0 }
  }

  /// A block of few values, each with a weight.
  package init(_ entries: [(cell: Int32, value: Double, weight: Double)]) {
    for entry in entries {
      values.append(entry.value)
      weights.append(entry.weight)
      spans.append((entry.cell, 1))
    }
  }
}

/// The scores of a stream by cell: 8 bytes a row, and 8 more for a weight, until they are sorted.
///
/// Of more rows than are to be held as they stand, each different score of a cell is held once. Rows with
/// weights are held as they stand, whatever their number.
package struct CellStore: Sendable {
  private var values: [Segments] = []
  private var weights: [Segments] = []
  /// What was held as it stood and had to make room.
  private var counted: [SortedSample] = []
  /// The rows held as they stand, and the most there may be.
  private var held = 0
  private let most: Int

  /// An empty store, which holds so many rows as they stand.
  package init(most: Int = .max) { self.most = most }

  /// Adds a block whose group g is this store's group `groups[g]`.
  package mutating func add(_ block: CellBlock, groups: [Int32]) {
    var start = 0
    for span in block.spans {
      let (group, label) = span.cell.quotientAndRemainder(dividingBy: 3)
      let cell = Int(groups[Int(group)] * 3 + label)
      let range = start..<(start + Int(span.count))
      start = range.upperBound
      if !block.weights.isEmpty {
        while weights.count <= cell { weights.append(Segments()) }
        // Blocks before this one may have had no weights of their own.
        if cell < values.count, weights[cell].count < values[cell].count {
          weights[cell].append(ones: values[cell].count - weights[cell].count)
        }
        weights[cell].append(block.weights[range])
      } else if cell < weights.count, weights[cell].count > 0 {
        weights[cell].append(ones: range.count)
      }
      while values.count <= cell { values.append(Segments()) }
      values[cell].append(block.values[range])
    }
    held += block.values.count
    if held > most, weights.isEmpty { gather() }
  }

  /// Makes room: each different score of a cell with its number.
  private mutating func gather() {
    while counted.count < values.count { counted.append(SortedSample()) }
    for cell in values.indices where values[cell].count > 0 {
      var own = Segments()
      swap(&own, &values[cell])
      counted[cell] = counted[cell].merging(SortedSample(unweighted: own.joined()))
    }
    held = 0
  }

  /// The cells, each sorted once; the store is empty afterwards.
  ///
  /// - Parameter isFrequency: whether a weight counts that many rows.
  package mutating func sorted(isFrequency: Bool, threads: Int) -> SortedCells {
    var taken: [Segments] = []
    var weightsTaken: [Segments] = []
    swap(&taken, &values)
    swap(&weightsTaken, &weights)
    let before = counted
    counted = []
    // The largest first, so that the threads end together.
    let order = taken.indices.sorted { (taken[$0].count, $1) > (taken[$1].count, $0) }
    // Handed over one by one: an array with another owner would be copied to be sorted.
    let waiting = Guarded((values: consume taken, weights: consume weightsTaken))
    let made = Parallel.map(order.count, threads: threads) { place -> SortedSample in
      let cell = order[place]
      var own = Segments()
      var weights = Segments()
      waiting.withLock {
        swap(&$0.values[cell], &own)
        if cell < $0.weights.count { swap(&$0.weights[cell], &weights) }
      }
      var sample: SortedSample
      if weights.count == 0 {
        sample = SortedSample(unweighted: own.joined())
      } else {
        let joined = weights.joined()
        sample = SortedSample(
          own.joined(), weighted: joined, frequencies: isFrequency,
          rows: isFrequency ? Int(joined.reduce(0, +)) : joined.count)
      }
      guard cell < before.count, !before[cell].isEmpty else { return sample }
      sample = before[cell].merging(sample)
      return weights.count == 0 ? sample.asIfReadAtOnce : sample
    }
    var samples = [SortedSample](repeating: SortedSample(), count: order.count)
    for (place, cell) in order.enumerated() { samples[cell] = made[place] }
    return SortedCells(samples)
  }

  /// For each group the weighted sum of the values' distances from a center.
  ///
  /// - Parameter group: the group of each cell; negative where it has none.
  package func deviations(
    from center: Double, groups: Int, group: (_ cell: Int) -> Int32
  ) -> [Double] {
    // Exact, for the order of cells, and how the weights of equal values come in parts, follow the rows.
    var sums = ExactSums(count: groups)
    for cell in values.indices {
      let place = Int(group(cell))
      guard place >= 0 else { continue }
      let isWeighted = cell < weights.count && weights[cell].count > 0
      for (number, part) in values[cell].parts.enumerated() {
        for index in part.indices {
          let weight = isWeighted ? weights[cell].parts[number][index] : 1
          sums.add(product: weight, abs(part[index] - center), at: place)
        }
      }
      guard cell < counted.count else { continue }
      for (index, value) in counted[cell].values.enumerated() {
        sums.add(product: counted[cell].weight(index), abs(value - center), at: place)
      }
    }
    return (0..<groups).map { sums.value(at: $0) }
  }
}

/// Numbers that come in pieces: parts that are filled and never moved, so that nothing is copied to
/// grow and no more than a part lies idle.
private struct Segments: Sendable {
  private(set) var parts: [[Double]] = []
  private(set) var count = 0
  private var room = 0
  private static let longest = 1 << 15

  mutating func append(_ numbers: ArraySlice<Double>) {
    if numbers.count <= min(room, 16) {
      // Of many groups a block has few rows each.
      let last = parts.count - 1
      for number in numbers { parts[last].append(number) }
      count += numbers.count
      room -= numbers.count
      return
    }
    var rest = numbers
    while !rest.isEmpty {
      let taken = rest.prefix(prepare())
      parts[parts.count - 1].append(contentsOf: taken)
      count += taken.count
      room -= taken.count
      rest = rest.dropFirst(taken.count)
    }
  }

  mutating func append(ones: Int) {
    for _ in 0..<ones { append([1][...]) }
  }

  /// The room in the last part, a new one where it is full; parts grow with what there is.
  private mutating func prepare() -> Int {
    if room == 0 {
      room = min(Self.longest, max(16, count))
      var part: [Double] = []
      part.reserveCapacity(room)
      parts.append(part)
    }
    return room
  }

  /// All in one array; the parts are given up one by one.
  mutating func joined() -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count)
    for place in parts.indices {
      result.append(contentsOf: parts[place])
      parts[place] = []
    }
    return result
  }
}

/// Cells whose scores are sorted: what all groups of all attributes are put together from.
package struct SortedCells: Sendable {
  /// One sample for each cell, group * 3 + label.
  let samples: [SortedSample]

  init(_ samples: [SortedSample]) { self.samples = samples }

  /// The cells of a score that is the same for all rows of these sums.
  package init(constant score: Double, _ sums: SumAccumulator) {
    samples = sums.groups.flatMap { group in
      (0..<3).map { label in
        var tally = Tally()
        for decision in 0..<3 { tally += group.cells[label * 3 + decision] }
        return score.isNaN ? SortedSample() : SortedSample(constant: score, tally)
      }
    }
  }

  /// The groups of an attribute: group g is made of the cells whose `groups` says g, -1 of none.
  ///
  /// Without `labels` all scores count as unlabelled.
  func ranked(_ groups: [Int32], count: Int, labels: Bool) -> [RankedGroup] {
    var pieces = [[[SortedSample]]](repeating: [[], [], []], count: count)
    for cell in samples.indices where cell / 3 < groups.count && groups[cell / 3] >= 0 {
      pieces[Int(groups[cell / 3])][labels ? cell % 3 : 2].append(samples[cell])
    }
    return pieces.map {
      RankedGroup(positives: $0[1], negatives: $0[0], unlabelled: $0[2])
    }
  }
}
