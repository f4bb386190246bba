internal import FairpostNumerics
internal import FairpostTransport

extension EvaluationContext {
  /// The largest energy distance over pairs of groups of the first two tasks' scores.
  ///
  /// It looks at pairs of rows, so a sample of the records stands for large groups; it is chosen by
  /// record, and equal records are one point with their weight, so that a frequency is repeats.
  func energyDistance() -> Outcome {
    let tasks: [(task: TaskColumns, score: ScoreColumn)]
    switch counterparts() {
    case .columns(let columns): tasks = columns
    case .lacking(let reason): return .unavailable(reason)
    }
    let columns = tasks.prefix(2).map(\.score.values)
    guard columns.count == 2, columns.allSatisfy({ !$0.isEmpty }) else {
      return .unavailable("one of the first two tasks has no scores")
    }
    let codes = present
    let limit = min(1000, 7000 / max(codes.count, 1))
    guard limit >= 35 else { return .unavailable("there are more than 200 groups") }
    var points = [[EnergyPoint]](repeating: [], count: groups.count)
    let hash = StableHash(seed: options.seed, purpose: "energy distance rows")
    for row in 0..<data.count {
      let code = Int(grouping.codes[row])
      let x = columns[0][row]
      let y = columns[1][row]
      if code < 0 || x.isNaN || y.isNaN { continue }
      let record =
        data.recordHashes.isEmpty
        ? hash(x.bitPattern) ^ hash(y.bitPattern &+ 1) : data.recordHashes[row]
      points[code].append(EnergyPoint(x: x, y: y, weight: data.weight(row), key: hash(record)))
    }
    guard codes.allSatisfy({ !points[$0].isEmpty }) else {
      return .unavailable("a group has no rows with both scores")
    }
    let samples = codes.map { Array(EnergyPoint.merged(points[$0]).prefix(limit)) }
    func mean(_ a: [EnergyPoint], _ b: [EnergyPoint]) -> Double {
      var sum = 0.0
      var weight = 0.0
      for p in a {
        for q in b {
          let w = p.weight * q.weight
          let dx = p.x - q.x
          let dy = p.y - q.y
          sum += w * (dx * dx + dy * dy).squareRoot()
          weight += w
        }
      }
      return sum / weight
    }
    let inside = samples.map { mean($0, $0) }
    var largest = 0.0
    forPairs(samples.count) { i, j in
      largest = max(largest, 2 * mean(samples[i], samples[j]) - inside[i] - inside[j])
    }
    return plain(largest)
  }
}

/// A record's two scores.
private struct EnergyPoint {
  var x: Double
  var y: Double
  var weight: Double
  var key: UInt64

  /// Equal records as one, in the order of their keys.
  static func merged(_ points: [EnergyPoint]) -> [EnergyPoint] {
    var result: [EnergyPoint] = []
    for point in points.sorted(by: {
      ($0.key, $0.x, $0.y, $0.weight) < ($1.key, $1.x, $1.y, $1.weight)
    }) {
      if let last = result.last, last.key == point.key, last.x == point.x, last.y == point.y {
        result[result.count - 1].weight += point.weight
      } else {
        result.append(point)
      }
    }
    return result
  }
}
