internal import Numerics

/// Figures of numeric attributes, and of features.
enum AttributeMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "rank_correlation", name: "rank correlation with a numeric attribute",
      formula: "Spearman's rho of S and the attribute, ties at mid-rank", direction: .target(0),
      needs: [.scores, .continuous], notEstimable: "fewer than three rows, or one side is constant"
    ) { context in
      context.data.continuous.map { attribute in
        var outcome = context.rankCorrelation(attribute.values)
        outcome.attribute = [attribute.name]
        return outcome
      }
    },
    Metric(
      id: "largest_cut_gap", name: "largest gap over cuts of a numeric attribute",
      formula:
        "max over cuts t with at least 5 % on each side of |mean S (A <= t) - mean S (A > t)|",
      direction: .lower, needs: [.scores, .continuous],
      notEstimable: "no cut leaves 5 % on each side"
    ) { context in
      context.data.continuous.map { attribute in
        var outcome = context.largestCutGap(attribute.values)
        outcome.attribute = [attribute.name]
        return outcome
      }
    },
    Metric(
      id: "consistency", name: "consistency",
      formula:
        "1 - mean |D_i - mean D of its 5 nearest rows (itself included), Euclidean|; ties share",
      direction: .higher, needs: [.decisions, .features], notEstimable: "no decided rows"
    ) { context in [context.consistency(neighbours: 5)] },
  ]
}

extension EvaluationContext {
  fileprivate func rankCorrelation(_ attribute: [Double]) -> Outcome {
    var rows: [Int] = []
    for row in attribute.indices
    where !attribute[row].isNaN && !score.values[row].isNaN && data.weight(row) > 0 {
      rows.append(row)
    }
    guard let first = rows.first,
      rows.contains(where: { attribute[$0] != attribute[first] }),
      rows.contains(where: { score.values[$0] != score.values[first] })
    else { return .unavailable("one side is constant") }
    let weights = rows.map { data.weight($0) }
    let x = midRanks(rows.map { attribute[$0] }, weights)
    let y = midRanks(rows.map { score.values[$0] }, weights)
    let total = weights.reduce(0, +)
    guard total > 0 else { return .unavailable("no rows") }
    var (mx, my) = (0.0, 0.0)
    for i in x.indices {
      mx += weights[i] * x[i] / total
      my += weights[i] * y[i] / total
    }
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      xx += weights[i] * (x[i] - mx) * (x[i] - mx)
      yy += weights[i] * (y[i] - my) * (y[i] - my)
      xy += weights[i] * (x[i] - mx) * (y[i] - my)
    }
    guard xx > 0, yy > 0, rows.count > 2 else { return .unavailable("one side is constant") }
    var outcome = Outcome()
    let value = max(-1, min(1, xy / (xx * yy).squareRoot()))
    outcome.value = value
    outcome.count = rows.count
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    var size = total * total / squares
    if case .frequencies = data.weights { size = total }
    if size > 3, abs(value) < 1 {
      // Fisher's transformation with the variance of Bonett and Wright.
      let center = 0.5 * Elementary.log((1 + value) / (1 - value))
      let half =
        Normal.quantile(1 - options.tail / 2) * ((1 + value * value / 2) / (size - 3)).squareRoot()
      func back(_ t: Double) -> Double { 2 * Elementary.logistic(2 * t) - 1 }
      outcome.lower = back(center - half)
      outcome.upper = back(center + half)
      outcome.method = "fisher"
    }
    return outcome
  }

  fileprivate func largestCutGap(_ attribute: [Double]) -> Outcome {
    var rows: [(cut: Double, score: Double, row: Int)] = []
    for row in attribute.indices
    where !attribute[row].isNaN && !score.values[row].isNaN && data.weight(row) > 0 {
      rows.append((attribute[row], score.values[row], row))
    }
    rows.sort { ($0.cut, $0.score) < ($1.cut, $1.score) }
    // From the middle, so that variances do not cancel.
    let center = rows.isEmpty ? 0 : rows[rows.count / 2].score
    var whole = Side()
    for row in rows { whole.add(row.score - center, data.tally(row.row)) }
    let weight = whole.tally.weight
    var left = Side()
    var largest: Double?
    var bounds: Interval?
    for (index, row) in rows.enumerated() {
      left.add(row.score - center, data.tally(row.row))
      guard index + 1 < rows.count, rows[index + 1].cut > row.cut else { continue }
      let right = whole.without(left)
      guard left.tally.weight >= 0.05 * weight, right.tally.weight >= 0.05 * weight else {
        continue
      }
      let gap = abs(left.mean - right.mean)
      largest = max(largest ?? 0, gap)
      let degrees = min(left.tally.effective, right.tally.effective) - 1
      guard options.intervals, degrees > 0 else { continue }
      let error = (left.errorSquare + right.errorSquare).squareRoot()
      let upper = gap + Tails.studentQuantile(1 - options.tail / 2, degrees: degrees) * error
      // All cuts at once: the supremum of a standardised bridge between 5 and 95 % is a maximum
      // over not much more than thirty independent places.
      let lower = gap - Tails.studentQuantile(1 - options.tail / 60, degrees: degrees) * error
      bounds = Interval(max(bounds?.lower ?? 0, lower), max(bounds?.upper ?? 0, upper))
    }
    guard let largest else { return .unavailable("no cut leaves 5 % on each side") }
    var outcome = Outcome()
    outcome.value = largest
    outcome.count = whole.tally.rows
    if let bounds {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-student"
    }
    return outcome
  }

  /// One side of a cut.
  private struct Side {
    var tally = Tally()
    var sum = 0.0
    var square = 0.0

    mutating func add(_ value: Double, _ one: Tally) {
      tally += one
      sum += one.weight * value
      square += one.weight * value * value
    }

    func without(_ other: Side) -> Side {
      var rest = self
      rest.tally.rows -= other.tally.rows
      rest.tally.weight -= other.tally.weight
      rest.tally.squares -= other.tally.squares
      rest.sum -= other.sum
      rest.square -= other.square
      return rest
    }

    var mean: Double { sum / tally.weight }

    /// The square of the mean's standard error.
    var errorSquare: Double {
      max(0, square / tally.weight - mean * mean) / max(tally.effective - 1, 1)
    }
  }

  fileprivate func consistency(neighbours: Int) -> Outcome {
    let rows = (0..<data.count).filter { row in
      score.decisions[row] >= 0 && !data.features.contains { $0[row].isNaN }
    }
    guard !rows.isEmpty else { return .unavailable("no decided rows") }
    // Beyond this many, a sample keyed by the record stands for all.
    var queries = rows
    let limit = 5000
    if rows.count > limit {
      let hash = StableHash(seed: options.seed, purpose: "consistency rows")
      func key(_ row: Int) -> UInt64 {
        if !data.recordHashes.isEmpty { return hash(data.recordHashes[row]) }
        var key: UInt64 = 0
        for column in data.features { key = hash(key ^ column[row].bitPattern) }
        return key
      }
      queries = Array(rows.map { (key($0), $0) }.sorted { $0 < $1 }.prefix(limit).map(\.1))
    }
    let decisions = rows.map { Double(score.decisions[$0]) }
    let columns = data.features.map { column in rows.map { column[$0] } }
    let features = data.features
    let all = score.decisions
    let wanted = Double(min(neighbours, rows.count))
    let count = rows.count
    let asked = queries
    let parts = Parallel.map(asked.count, threads: options.threads) { index -> Double in
      let row = asked[index]
      var distances = [Double](repeating: 0, count: count)
      for (feature, column) in columns.enumerated() {
        let center = features[feature][row]
        for i in 0..<count {
          let gap = column[i] - center
          distances[i] += gap * gap
        }
      }
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
      let cut = nearest[nearest.count - 1]
      var (near, nearSum, tied, tiedSum) = (0.0, 0.0, 0.0, 0.0)
      for i in 0..<count {
        if distances[i] < cut {
          near += 1
          nearSum += decisions[i]
        } else if distances[i] == cut {
          tied += 1
          tiedSum += decisions[i]
        }
      }
      let mean = (nearSum + (wanted - near) * tiedSum / tied) / wanted
      return abs(Double(all[row]) - mean)
    }
    var sum = 0.0
    var weight = 0.0
    for (index, part) in parts.enumerated() {
      sum += data.weight(queries[index]) * part
      weight += data.weight(queries[index])
    }
    guard weight > 0 else { return .unavailable("no decided rows") }
    var outcome = Outcome()
    let mean = sum / weight
    outcome.value = 1 - mean
    outcome.count = queries.count
    if options.intervals {
      var all = Tally()
      var squares = 0.0
      for (index, part) in parts.enumerated() {
        all += data.tally(queries[index])
        squares += data.weight(queries[index]) * (part - mean) * (part - mean)
      }
      let degrees = all.effective - 1
      if degrees > 0 {
        let half =
          Tails.studentQuantile(1 - options.tail / 2, degrees: degrees)
          * (squares / weight / degrees).squareRoot()
        outcome.lower = max(0, 1 - mean - half)
        outcome.upper = min(1, 1 - mean + half)
        outcome.method = "student"
      }
    }
    if queries.count < rows.count { outcome.flags = ["sampled"] }
    return outcome
  }
}

/// Ranks with ties at the middle; a weight counts as that many repeats.
func midRanks(_ values: [Double], _ weights: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var before = 0.0
  var start = 0
  while start < order.count {
    var end = start
    var tie = 0.0
    while end < order.count, values[order[end]] == values[order[start]] {
      tie += weights[order[end]]
      end += 1
    }
    for i in start..<end { ranks[order[i]] = before + (tie + 1) / 2 }
    before += tie
    start = end
  }
  return ranks
}
