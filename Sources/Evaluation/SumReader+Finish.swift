internal import FairpostCSV
internal import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
internal import FairpostTransport

extension SumReader {
  /// The sums with their names, groups in sorted order.
  package func finished(
    _ total: inout Total, _ tally: FairpostPipeline.Tally, _ input: String
  ) throws -> Reading {
    var reading = Reading(streams: [], tally: tally, notes: [])
    for (attribute, missing) in zip(plan.attributes, total.missing) where missing > 0 {
      reading.notes.append(
        "\(Console.grouped(missing)) without \(attribute.map(\.name).joined(separator: ","))")
    }
    var missing = MissingValues()
    for seen in total.seen { missing.join(seen.missing) }
    reading.notes += missing.notes
    var orders: [(keys: [GroupKey], order: [Int])] = []
    for (place, attribute) in plan.attributes.enumerated() {
      let tuples = total.merged[place].tuples
      // Keys that only left-out rows had are gone.
      let used = tuples.indices.filter { group in
        total.sums.contains { task in
          task.contains { group < $0[place].groupCount && $0[place].rows(group) > 0 }
        }
      }
      let order = used.sorted { tuples[$0].lexicographicallyPrecedes(tuples[$1]) }
      let keys = order.map { GroupKey(tuples[$0]) }
      try EvaluationReader.checkGroups(
        Grouping(columns: attribute.map(\.name), keys: keys, codes: []), input)
      orders.append((keys, order))
    }
    if plan.attributes.isEmpty { orders = [([GroupKey([])], [0])] }
    // Where each cell's group stands in the sorted order of each attribute.
    let places = orders.indices.map { attribute -> [Int32] in
      if plan.attributes.isEmpty { return [0] }
      var inverse = [Int32](repeating: -1, count: total.merged[attribute].tuples.count)
      for (new, old) in orders[attribute].order.enumerated() { inverse[old] = Int32(new) }
      if plan.attributes.count == 1 { return inverse }
      return total.combined.map { $0[attribute] < 0 ? -1 : inverse[Int($0[attribute])] }
    }
    for (place, task) in plan.tasks.enumerated() {
      let seen = total.seen[place]
      let kind = try kind(task, seen, input)
      func stream(
        _ name: String, _ scoreKind: ScoreKind, _ attribute: Int, _ sums: SumAccumulator,
        hasScores: Bool,
        hasDecisions: Bool, cells: SortedCells?, places: [Int32]
      ) {
        reading.streams.append(
          StreamedSums(
            task: task.name, kind: kind, score: name, scoreKind: scoreKind,
            hasLabels: task.label != nil,
            hasScores: hasScores, hasDecisions: hasDecisions,
            columns: plan.attributes.isEmpty ? [] : plan.attributes[attribute].map(\.name),
            keys: orders[attribute].keys, sums: sums, cells: cells, places: places))
      }
      for index in task.scores.indices {
        let hasScores = !task.scores[index].columns.isEmpty
        let range = index < seen.ranges.count ? seen.ranges[index] : ScoreRange()
        if kind == .regression, task.kind == .undeclared, task.label != nil {
          try range.refuseExchanged(task: task.name, score: task.scores[index].name, input)
        }
        let isDecided = threshold != nil || task.decision(of: task.scores[index]) != nil
        let isUndecidable = kind == .binary && !isDecided && !range.isProbability
        if isUndecidable, decides {
          throw DefaultThreshold.refusal(range, task.scores[index].name, input)
        }
        let cells =
          keepsScores && hasScores
          ? total.scores[place][index].sorted(
            isFrequency: weight?.isFrequency ?? false, threads: threads) : nil
        let hasDecisions = isDecided || (kind == .binary && !isUndecidable)
        for attribute in orders.indices {
          let ordered = total.sums[place][index][attribute].rounded.reordered(
            orders[attribute].order)
          stream(
            task.scores[index].name, task.scores[index].kind, attribute,
            kind == .binary ? ordered : ordered.withoutCellLabels, hasScores: hasScores,
            hasDecisions: hasDecisions, cells: cells, places: places[attribute])
        }
      }
      guard task.label != nil else { continue }
      for attribute in orders.indices {
        let order = orders[attribute].order
        let groups = Int32(order.count)
        let sums: SumAccumulator
        if kind == .binary {
          sums = total.sums[place][0][attribute].rounded.reordered(order).constant(
            positives: seen.positives, negatives: seen.negatives)
        } else {
          let errors =
            keepsLabels
            ? total.labels[place].deviations(from: seen.mean, groups: order.count) {
              places[attribute][$0 / 3]
            } : nil
          sums = total.labelSums[place][attribute].rounded.reordered(order).constant(
            mean: seen.mean, total: total.sums[place][0][attribute].rounded.reordered(order),
            absoluteErrors: errors)
        }
        stream(
          "constant", .constant, attribute, sums, hasScores: true, hasDecisions: kind == .binary,
          cells: keepsScores ? SortedCells(constant: seen.mean, sums) : nil,
          places: (0..<groups).map { $0 })
      }
    }
    return reading
  }

  /// What the labels of a task turned out to be.
  private func kind(
    _ task: EvaluationPlan.Task, _ seen: Seen, _ input: String
  ) throws -> TaskKind {
    guard task.label != nil else {
      if case .binary = task.kind { return .binary }
      let isProbability = seen.ranges.allSatisfy(\.isProbability)
      return task.kind == .undeclared && isProbability ? .binary : .regression
    }
    switch task.kind {
    case .regression, .multiclass: return .regression
    case .binary(positive: nil): return .binary
    case .binary(let positive?):
      try LabelType.check(seen.texts.sorted(), positive: positive, task: task.name, input)
      return .binary
    case .undeclared:
      switch try seen.facts.found(task: task.name, input) {
      case .binary: return .binary
      case .regression: return .regression
      }
    }
  }
}
