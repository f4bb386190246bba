internal import FairpostNumerics

extension EvaluationContext {
  /// One minus the mean distance of a decision to the mean decision of the nearest rows.
  ///
  /// A row of frequency f is f rows among the neighbours too. Survey weights count relative to their
  /// mean: so many rows of average weight are looked at.
  func consistency(neighbours: Int) -> Outcome {
    let rows = (0..<data.count).filter { row in
      score.decisions[row] >= 0 && !data.features.contains { $0[row].isNaN }
    }
    guard !rows.isEmpty else { return .unavailable("no decided rows") }
    let queries = consistencyQueries(rows)
    let near = Neighbourhood(self, rows, neighbours: Double(neighbours))
    let parts = Parallel.map(queries.count, threads: options.threads) { near.distance(queries[$0]) }
    // Exact, so that the order of the rows does not matter.
    var tally = Tally()
    var sums = ExactSums(count: 2)
    for (row, part) in zip(queries, parts) {
      tally += data.tally(row)
      sums.add(product: data.weight(row), part, at: 0)
      sums.add(data.weight(row), at: 1)
    }
    let weight = sums.value(at: 1)
    guard weight > 0 else { return .unavailable("no decided rows") }
    let mean = sums.value(at: 0) / weight
    var outcome = Outcome()
    outcome.value = 1 - mean
    outcome.count = tally.rows
    if queries.count < rows.count { outcome.flags = ["sampled"] }
    let degrees = tally.effective - 1
    guard options.intervals, degrees > 0 else { return outcome }
    var squares = ExactSums(count: 1)
    for (row, part) in zip(queries, parts) {
      squares.add(product: data.weight(row), (part - mean) * (part - mean), at: 0)
    }
    let half =
      Tails.studentQuantile(1 - options.tail / 2, degrees: degrees)
      * (squares.value(at: 0) / weight / degrees).squareRoot()
    outcome.lower = max(0, 1 - mean - half)
    outcome.upper = min(1, 1 - mean + half)
    outcome.method = "student"
    return outcome
  }

  /// The rows whose neighbours are looked at.
  ///
  /// Beyond so many records, a sample keyed by the record stands for all; repeats of a record are in it
  /// together or not at all.
  private func consistencyQueries(_ rows: [Int]) -> [Int] {
    let limit = 5000
    guard rows.count > limit else { return rows }
    let hash = StableHash(seed: options.seed, purpose: "consistency rows")
    let keys = rows.map { row -> UInt64 in
      if !data.recordHashes.isEmpty { return hash(data.recordHashes[row]) }
      var key: UInt64 = 0
      for column in data.features { key = hash(key ^ column[row].bitPattern) }
      return key
    }
    let distinct = Set(keys).sorted()
    guard distinct.count > limit else { return rows }
    let last = distinct[limit - 1]
    return rows.indices.filter { keys[$0] <= last }.map { rows[$0] }
  }
}

/// The rows among which neighbours are sought.
private struct Neighbourhood: Sendable {
  private let columns: [[Double]]
  private let features: [[Double]]
  private let decisions: [Double]
  private let all: [Int16]
  /// How many rows each counts for; empty where each counts once.
  private var counts: [Double] = []
  private let wanted: Double

  init(_ context: EvaluationContext, _ rows: [Int], neighbours: Double) {
    let data = context.data
    features = data.features
    all = context.score.decisions
    columns = data.features.map { column in rows.map { column[$0] } }
    decisions = rows.map { Double(context.score.decisions[$0]) }
    var total = Double(rows.count)
    switch data.weights {
    case .none: break
    case .frequencies:
      counts = rows.map { data.weight($0) }
      total = counts.reduce(0, +)
    case .survey:
      var sum = ExactSums(count: 1)
      for row in rows { sum.add(data.weight(row), at: 0) }
      let mean = sum.value(at: 0) / Double(rows.count)
      counts = rows.map { data.weight($0) / mean }
    }
    wanted = min(neighbours, total)
  }

  /// How far a row's decision is from the mean of those nearest to it, itself included.
  func distance(_ row: Int) -> Double {
    let count = decisions.count
    var distances = [Double](repeating: 0, count: count)
    for (feature, column) in columns.enumerated() {
      let center = features[feature][row]
      for i in 0..<count {
        let gap = column[i] - center
        distances[i] += gap * gap
      }
    }
    let cut = counts.isEmpty ? cutOfRows(distances) : cutOfCounts(distances)
    var (near, nearSum, tied, tiedSum) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<count where distances[i] <= cut {
      let times = counts.isEmpty ? 1 : counts[i]
      if distances[i] < cut {
        near += times
        nearSum += times * decisions[i]
      } else {
        tied += times
        tiedSum += times * decisions[i]
      }
    }
    let mean = (nearSum + (wanted - near) * tiedSum / tied) / wanted
    return abs(Double(all[row]) - mean)
  }

  /// The distance within which the wanted number of rows lies.
  private func cutOfRows(_ distances: [Double]) -> Double {
    // The least few, rising: hardly any row is nearer than the last of them.
    var nearest = [Double](repeating: .infinity, count: Int(wanted))
    for distance in distances where distance < nearest[nearest.count - 1] {
      var place = nearest.count - 1
      while place > 0, nearest[place - 1] > distance {
        nearest[place] = nearest[place - 1]
        place -= 1
      }
      nearest[place] = distance
    }
    return nearest[nearest.count - 1]
  }

  /// The same where rows count for several, or for parts of one.
  private func cutOfCounts(_ distances: [Double]) -> Double {
    // The least distances, rising, with what they count for; what is beyond the wanted is dropped.
    var nearest: [(distance: Double, count: Double)] = []
    var held = 0.0
    for (place, distance) in distances.enumerated() {
      if held >= wanted, let last = nearest.last, distance >= last.distance { continue }
      var at = nearest.count
      while at > 0, nearest[at - 1].distance > distance { at -= 1 }
      nearest.insert((distance, counts[place]), at: at)
      held += counts[place]
      while let last = nearest.last, held - last.count >= wanted {
        held -= last.count
        nearest.removeLast()
      }
    }
    return nearest.last?.distance ?? .infinity
  }
}
