internal import FairpostNumerics

/// Figures of numeric attributes, and of features.
enum AttributeMetrics {
  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "rank_correlation", name: "rank correlation with a numeric attribute",
      formula: "Spearman's rho of S and the attribute, ties at mid-rank", direction: .target(0),
      needs: [.scores, .continuous], notEstimable: "fewer than three rows, or one side is constant",
      scope: .rows
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
      notEstimable: "no cut leaves 5 % on each side", scope: .rows
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
        "1 - mean |D_i - mean D of its 5 nearest rows (itself included), Euclidean|; ties share, and a frequency counts as so many rows",
      direction: .higher, needs: [.decisions, .features], notEstimable: "no decided rows",
      scope: .rows
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
    var tally = Tally()
    // Exact, so that the order of the rows does not matter.
    var sums = ExactSums(count: 4)
    for (place, row) in rows.enumerated() {
      tally += data.tally(row)
      sums.add(weights[place], at: 0)
      sums.add(product: weights[place], x[place], at: 1)
      sums.add(product: weights[place], y[place], at: 2)
      sums.add(product: weights[place], weights[place], at: 3)
    }
    let total = sums.value(at: 0)
    guard total > 0 else { return .unavailable("no rows") }
    let mx = sums.value(at: 1) / total
    let my = sums.value(at: 2) / total
    var squares = ExactSums(count: 3)
    for i in x.indices {
      squares.add(product: weights[i], (x[i] - mx) * (x[i] - mx), at: 0)
      squares.add(product: weights[i], (y[i] - my) * (y[i] - my), at: 1)
      squares.add(product: weights[i], (x[i] - mx) * (y[i] - my), at: 2)
    }
    let (xx, yy, xy) = (squares.value(at: 0), squares.value(at: 1), squares.value(at: 2))
    guard xx > 0, yy > 0, tally.rows > 2 else { return .unavailable("one side is constant") }
    var outcome = Outcome()
    let value = max(-1, min(1, xy / (xx * yy).squareRoot()))
    outcome.value = value
    outcome.count = tally.rows
    var size = total * total / sums.value(at: 3)
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
    rows.sort {
      ($0.cut, $0.score, data.weight($0.row)) < ($1.cut, $1.score, data.weight($1.row))
    }
    // From the mean, so that variances do not cancel; exact, so that repeats are frequencies.
    var sums = ExactSums(count: 2)
    for row in rows {
      sums.add(product: data.weight(row.row), row.score, at: 0)
      sums.add(data.weight(row.row), at: 1)
    }
    let center = rows.isEmpty ? 0 : sums.value(at: 0) / sums.value(at: 1)
    var whole = RunningSide()
    for row in rows { whole.add(row.score - center, data.tally(row.row)) }
    let all = whole.side
    let weight = all.tally.weight
    var running = RunningSide()
    var largest: Double?
    var bounds: Interval?
    for (index, row) in rows.enumerated() {
      running.add(row.score - center, data.tally(row.row))
      guard index + 1 < rows.count, rows[index + 1].cut > row.cut else { continue }
      let left = running.side
      let right = all.without(left)
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
    outcome.count = all.tally.rows
    if let bounds {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = "simultaneous-student"
    }
    return outcome
  }

  /// Exact sums on the way from cut to cut.
  private struct RunningSide {
    private var tally = Tally()
    private var sums = ExactSums(count: 2)

    mutating func add(_ value: Double, _ one: Tally) {
      tally += one
      sums.add(product: one.weight, value, at: 0)
      sums.add(product: one.weight, value * value, at: 1)
    }

    var side: Side { Side(tally: tally, sum: sums.value(at: 0), square: sums.value(at: 1)) }
  }

  /// One side of a cut.
  private struct Side {
    var tally = Tally()
    var sum = 0.0
    var square = 0.0

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
