internal import FairpostNumerics
internal import FairpostTransport

/// Permutation tests of figures over groups.
package enum Permutation {
  /// Adds p-values to figures over groups: the share of permuted data at least as far from fairness.
  ///
  /// Groups are permuted among all rows, among rows of the same label where the metric compares only
  /// those (there the test is of the figure and not of the base rates), and within strata likewise.
  package static func apply(
    to figures: [Figure], evaluator: Evaluator, metrics: [Metric], draws: Int
  ) -> [Figure] {
    guard draws > 0, !evaluator.data.attributes.isEmpty else { return figures }
    let keys = ResampledRecords(evaluator.data, seed: evaluator.options.seed).rowKeys
    var options = evaluator.options
    options.noiseDraws = 0
    options.intervals = false
    options.threads = 1
    let settings = options
    let data = evaluator.data
    // Rows in an order of their own, so that the order of the file does not matter.
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    let free = metrics.filter { $0.needs.isDisjoint(with: [.sameLabel, .strata]) }
    let conditional = metrics.filter { $0.needs.contains(.sameLabel) }
    let stratified = metrics.filter { $0.needs.contains(.strata) }
    let replicates = Parallel.map(draws, threads: evaluator.options.threads) { draw -> [Figure] in
      var result: [Figure] = []
      if !free.isEmpty {
        let permuted = permute(data, order, nil, draw, settings.seed)
        result += Evaluator(permuted, options: settings).figures(free)
      }
      if !stratified.isEmpty, let strata = data.strata {
        let permuted = permute(data, order, within: strata, draw, settings.seed)
        result += Evaluator(permuted, options: settings).figures(stratified)
      }
      if !conditional.isEmpty {
        for (place, task) in data.tasks.enumerated() {
          var permuted = permute(data, order, task, draw, settings.seed)
          permuted.tasks = [permuted.tasks[place]]
          result += Evaluator(permuted, options: settings).figures(
            conditional.filter { !$0.needs.contains(.tasks) })
        }
      }
      return result
    }
    var exceed: [FigureKey: Int] = [:]
    var seen: [FigureKey: Int] = [:]
    var observed: [FigureKey: (value: Double, direction: Direction)] = [:]
    let directions = Dictionary(
      metrics.map { ($0.id, $0.direction) }, uniquingKeysWith: { first, _ in first })
    for figure in figures where figure.group == nil {
      guard let value = figure.value, let direction = directions[figure.metric] else { continue }
      observed[FigureKey(figure)] = (value, direction)
    }
    for figure in replicates.joined() where figure.group == nil {
      let key = FigureKey(figure)
      guard let value = figure.value, let (truth, direction) = observed[key] else { continue }
      seen[key, default: 0] += 1
      let slack = 1e-12 * max(1, abs(truth))
      let farther: Bool
      switch direction {
      case .lower: farther = value >= truth - slack
      case .higher: farther = value <= truth + slack
      case .target(let goal): farther = abs(value - goal) >= abs(truth - goal) - slack
      case .none: farther = value >= truth - slack
      }
      if farther { exceed[key, default: 0] += 1 }
    }
    let between = Set(metrics.filter(\.isOverGroups).map(\.id))
    return figures.map { figure in
      let key = FigureKey(figure)
      guard figure.group == nil, between.contains(figure.metric), let count = seen[key] else {
        return figure
      }
      var result = figure
      result.hypothesis = metrics.first { $0.id == figure.metric }?.hypothesis(figure, data)
      result.pValue = Double(1 + exceed[key, default: 0]) / Double(1 + count)
      return result
    }
  }

  /// The data with every attribute's groups permuted, together, inside strata of the label.
  private static func permute(
    _ data: EvaluationData, _ order: [Int], _ task: TaskColumns?, _ draw: Int, _ seed: UInt64
  ) -> EvaluationData {
    let stratify = task.map { $0.kind != .regression && !$0.labels.isEmpty } ?? false
    return permute(data, order, draw, seed) { row in
      let label = stratify ? (task?.labels[row] ?? 0) : 0
      return label.isNaN ? -1 : label
    }
  }

  /// The same inside the strata of a column.
  private static func permute(
    _ data: EvaluationData, _ order: [Int], within strata: Grouping, _ draw: Int, _ seed: UInt64
  ) -> EvaluationData {
    permute(data, order, draw, seed) { Double(strata.codes[$0]) }
  }

  private static func permute(
    _ data: EvaluationData, _ order: [Int], _ draw: Int, _ seed: UInt64,
    _ stratum: (Int) -> Double
  ) -> EvaluationData {
    var strata: [Double: [Int]] = [:]
    for row in order { strata[stratum(row), default: []].append(row) }
    if case .frequencies(let counts) = data.weights {
      return dealt(data, counts, strata, draw, seed)
    }
    var source = Array(0..<data.count)
    for (stratum, rows) in strata.sorted(by: { $0.key < $1.key }) {
      var stream = RandomStream(
        seed: seed &+ UInt64(bitPattern: Int64(stratum)), purpose: "permutation",
        index: UInt64(draw))
      let shuffled = stream.permutation(rows.count)
      for (place, from) in shuffled.enumerated() { source[rows[place]] = rows[from] }
    }
    var result = data
    result.attributes = data.attributes.map { grouping in
      Grouping(
        columns: grouping.columns, keys: grouping.keys, codes: source.map { grouping.codes[$0] })
    }
    return result
  }
}

extension Permutation {
  /// The same of rows that stand for many records: each row is dealt as many groups as it has records,
  /// and becomes a row for each group it was dealt.
  private static func dealt(
    _ data: EvaluationData, _ counts: [Int], _ strata: [Double: [Int]], _ draw: Int, _ seed: UInt64
  ) -> EvaluationData {
    var rows: [Int] = []
    var codes: [[Int32]] = []
    var records: [Int] = []
    for (stratum, members) in strata.sorted(by: { $0.key < $1.key }) {
      var stream = RandomStream(
        seed: seed &+ UInt64(bitPattern: Int64(stratum)), purpose: "permutation",
        index: UInt64(draw))
      var held: [[Int32]: Int] = [:]
      for row in members { held[data.attributes.map { $0.codes[row] }, default: 0] += counts[row] }
      let groups = held.keys.sorted { $0.lexicographicallyPrecedes($1) }
      var left = groups.map { held[$0] ?? 0 }
      var all = left.reduce(0, +)
      for row in members {
        var wanted = counts[row]
        var pool = all
        for place in groups.indices where wanted > 0 {
          let taken = Draws.hypergeometric(
            drawn: wanted, good: left[place], total: pool, &stream)
          pool -= left[place]
          left[place] -= taken
          wanted -= taken
          if taken > 0 {
            rows.append(row)
            codes.append(groups[place])
            records.append(taken)
          }
        }
        all -= counts[row]
      }
    }
    var result = data.taking(rows)
    result.weights = .frequencies(records)
    result.attributes = data.attributes.enumerated().map { place, grouping in
      Grouping(columns: grouping.columns, keys: grouping.keys, codes: codes.map { $0[place] })
    }
    return result
  }
}
