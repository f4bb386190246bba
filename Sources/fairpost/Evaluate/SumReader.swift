internal import CSV
internal import Metrics
internal import Numerics
internal import Options
internal import Pipeline
internal import Transport

/// Reads a stream once and keeps nothing but sums by group: for figures that are sums.
///
/// Each block's sums are made on the worker that read it and are added in the order of the file, so
/// that the threads do not matter.
struct SumReader {
  let plan: EvaluationPlan
  let threshold: Double?
  let weight: WeightColumn?

  /// Whether a stream is enough for these metrics under these options.
  ///
  /// Squared and absolute errors of the constant predictor of a regression task need its mean label
  /// first, so errors that are not of binary labels alone hold their columns.
  static func suffices(
    _ metrics: [Metric], _ plan: EvaluationPlan, _ options: ParsedOptions
  ) -> Bool {
    guard options.text("at-rate") == nil, options.integer("permutations") ?? 0 == 0 else {
      return false
    }
    let isBootstrap = options.integer("bootstrap") ?? 0 > 0
    let errors: Needs = [.labels, .scores]
    return metrics.allSatisfy { metric in
      metric.isSum && (!metric.needs.contains(errors) || metric.needs.contains(.binary))
        && !(isBootstrap && metric.needs.contains(.scores))
    } && !plan.tasks.contains { $0.isMulticlass }
  }

  /// The sums, with what was counted besides.
  struct Reading {
    var streams: [StreamedSums]
    var tally: Pipeline.Tally
    var notes: [String]
  }

  /// What a stream shows of the labels and scores of a task.
  private struct Seen: Sendable {
    var distinct: [Double] = []
    var texts: [ByteText] = []
    var isZeroOne = true
    var isProbability = true
    var negatives = 0.0
    var positives = 0.0

    mutating func add(_ other: Seen) {
      for value in other.distinct where distinct.count < 3 && !distinct.contains(value) {
        distinct.append(value)
      }
      for text in other.texts where texts.count < 3 && !texts.contains(text) { texts.append(text) }
      isZeroOne = isZeroOne && other.isZeroOne
      isProbability = isProbability && other.isProbability
      negatives += other.negatives
      positives += other.positives
    }
  }

  /// One block on its way to be added.
  private struct Columns: Sendable {
    var labels: [[Double]]
    var scores: [[[Double]]]
    var decisions: [[Double]]
    var texts: [[ByteText]]
    var weights: [Double]
    var codes: [[Int32]]
    var newKeys: [[[ByteText]]]
    var worker: Int
  }

  private struct Part: Sendable {
    var sums: [[[SumAccumulator]]]
    var seen: [Seen]
    var missing: [Int]
    var newKeys: [[[ByteText]]]
    var worker: Int
  }

  private struct WorkerState {
    let id: Int
    var tables: [TupleTable]
    var handedOn: [Int]
  }

  private struct Total: Sendable {
    var sums: [[[SumAccumulator]]]
    var seen: [Seen]
    var missing: [Int]
    var merged: [TupleTable]
    var remap: [[[Int32]]] = []
  }

  func read(_ input: Input, progress: ProgressBar?) throws -> Reading {
    let widths = plan.attributes.map(\.count)
    let attributeCount = max(1, plan.attributes.count)
    let empty = plan.tasks.map { task in
      task.scores.map { _ in
        (0..<attributeCount).map { _ in
          SumAccumulator(groupCount: plan.attributes.isEmpty ? 1 : 0)
        }
      }
    }
    let total = Guarded(
      Total(
        sums: empty, seen: plan.tasks.map { _ in Seen() },
        missing: plan.attributes.map { _ in 0 }, merged: widths.map { TupleTable(width: $0) }))
    let workers = Guarded(0)
    let reader = self
    var report: (@Sendable (Int) -> Void)?
    if let progress { report = { blocks in progress.update(blocks: blocks) } }
    let tally: Pipeline.Tally = try input.run(
      onProgress: report,
      makeState: { () -> WorkerState in
        WorkerState(
          id: workers.withLock { number -> Int in
            defer { number += 1 }
            return number
          }, tables: widths.map { TupleTable(width: $0) }, handedOn: widths.map { _ in 0 })
      },
      transform: { (batch: inout Batch, state: inout WorkerState) -> Columns in
        reader.columns(&batch, &state)
      },
      finish: { (columns: Columns, _: Block, settled: Settled, state: inout WorkerState) -> Part in
        reader.sums(columns, dropped: settled.dropped, state.tables.map(\.tuples.count))
      },
      consume: { (part: Part, _: Pipeline.Tally) -> Void in
        total.withLock { reader.add(part, to: &$0) }
      })
    return try total.withLock { try finished($0, tally, input.name) }
  }

  /// Takes a block's columns.
  private func columns(_ batch: inout Batch, _ state: inout WorkerState) -> Columns {
    var columns = Columns(
      labels: [], scores: [], decisions: [], texts: [], weights: [], codes: [], newKeys: [],
      worker: state.id)
    for task in plan.tasks {
      var labels: [Double] = []
      var texts: [ByteText] = []
      if let label = task.label {
        switch task.kind {
        case .binary(let positive?):
          // Two texts: their numbers are decided by the first of them.
          for row in 0..<batch.count {
            let text = batch.text(row, label)
            if text.isEmpty || batch.input(isMissing: text) {
              labels.append(.nan)
            } else {
              labels.append(text == positive ? 1 : 0)
              if texts.count < 3, !texts.contains(text), !batch.isLeftOut(row) {
                texts.append(text)
              }
            }
          }
        case .binary(positive: nil):
          labels = batch.numbers(label)
          Self.checkZeroOne(labels, label.name, &batch)
        case .undeclared: (labels, texts) = batch.lenientNumbers(label)
        case .regression, .multiclass: labels = batch.numbers(label)
        }
      }
      columns.labels.append(labels)
      columns.texts.append(texts)
      columns.scores.append(
        task.scores.map { $0.columns.first.map { batch.numbers($0.column) } ?? [] })
      if let decision = task.decision {
        let values = batch.numbers(decision)
        Self.checkZeroOne(values, decision.name, &batch)
        columns.decisions.append(values)
      } else {
        columns.decisions.append([])
      }
    }
    if let weight {
      columns.weights = batch.numbers(weight.column)
      weight.check(columns.weights, &batch)
    }
    for (place, attribute) in plan.attributes.enumerated() {
      columns.codes.append(batch.groups(attribute, &state.tables[place]))
      columns.newKeys.append(Array(state.tables[place].tuples[state.handedOn[place]...]))
      state.handedOn[place] = state.tables[place].tuples.count
    }
    if plan.attributes.isEmpty { columns.codes = [[Int32](repeating: 0, count: batch.count)] }
    return columns
  }

  private static func checkZeroOne(_ values: [Double], _ name: String, _ batch: inout Batch) {
    for (row, value) in values.enumerated() where !value.isNaN && value != 0 && value != 1 {
      batch.note(row, name, "\(NumberText.text(value)) is neither 0 nor 1")
    }
  }

  /// The sums of a block's rows that stayed.
  private func sums(_ columns: Columns, dropped: [Int], _ groupCounts: [Int]) -> Part {
    var codes = columns.codes
    let rows = codes[0].count
    var isOut = [Bool](repeating: false, count: dropped.isEmpty ? 0 : rows)
    for row in dropped {
      isOut[row] = true
      for place in codes.indices { codes[place][row] = -1 }
    }
    var part = Part(
      sums: [], seen: [], missing: [], newKeys: columns.newKeys, worker: columns.worker)
    for place in plan.attributes.indices {
      part.missing.append(codes[place].count { $0 < 0 } - dropped.count)
    }
    let weights =
      weight.map { $0.weights(columns.weights.map { $0.isNaN || $0 < 0 ? 0 : $0 }) } ?? .none
    for (place, task) in plan.tasks.enumerated() {
      let labels = columns.labels[place]
      var seen = Seen()
      seen.texts = columns.texts[place]
      for (row, label) in labels.enumerated() where !label.isNaN {
        if !isOut.isEmpty, isOut[row] { continue }
        let weight = columns.weights.isEmpty ? 1 : columns.weights[row]
        if label == 1 {
          seen.positives += weight
        } else if label == 0 {
          seen.negatives += weight
        } else {
          seen.isZeroOne = false
        }
        if seen.distinct.count < 3, !seen.distinct.contains(label) { seen.distinct.append(label) }
      }
      var byScore: [[SumAccumulator]] = []
      for scores in columns.scores[place] {
        for (row, score) in scores.enumerated() where score < 0 || score > 1 {
          if isOut.isEmpty || !isOut[row] { seen.isProbability = false }
        }
        var decisions: [Int16] = []
        if !columns.decisions[place].isEmpty {
          decisions = columns.decisions[place].map { $0.isNaN ? -1 : ($0 == 1 ? 1 : 0) }
        } else {
          let cut = threshold ?? 0.5
          decisions = scores.map { $0.isNaN ? -1 : ($0 >= cut ? 1 : 0) }
        }
        byScore.append(
          codes.indices.map { attribute in
            let groups = plan.attributes.isEmpty ? 1 : groupCounts[attribute]
            var sums = SumAccumulator(groupCount: groups)
            sums.add(
              rows: 0..<rows, codes: codes[attribute], labels: labels, scores: scores,
              decisions: decisions, weights: weights,
              binary: task.kind != .regression)
            return sums
          })
      }
      part.sums.append(byScore)
      part.seen.append(seen)
    }
    return part
  }

  /// Adds a block's sums in the numbering of the whole.
  private func add(_ part: Part, to total: inout Total) {
    while total.remap.count <= part.worker {
      total.remap.append(plan.attributes.map { _ in [] })
    }
    for place in plan.attributes.indices {
      for key in part.newKeys[place] {
        total.remap[part.worker][place].append(total.merged[place].code(of: key))
      }
      total.missing[place] += part.missing[place]
    }
    let places = plan.attributes.isEmpty ? [[0]] : total.remap[part.worker]
    for task in part.sums.indices {
      total.seen[task].add(part.seen[task])
      for score in part.sums[task].indices {
        for attribute in part.sums[task][score].indices {
          total.sums[task][score][attribute].merge(
            part.sums[task][score][attribute], at: places[attribute])
        }
      }
    }
  }

  /// The sums with their names, groups in sorted order.
  private func finished(_ total: Total, _ tally: Pipeline.Tally, _ input: String) throws -> Reading
  {
    var reading = Reading(streams: [], tally: tally, notes: [])
    for (attribute, missing) in zip(plan.attributes, total.missing) where missing > 0 {
      reading.notes.append(
        "\(Console.grouped(missing)) without \(attribute.map(\.name).joined(separator: ","))")
    }
    var orders: [(keys: [GroupKey], order: [Int])] = []
    for (place, attribute) in plan.attributes.enumerated() {
      let tuples = total.merged[place].tuples
      // Keys that only left-out rows had are gone.
      let used = tuples.indices.filter { group in
        total.sums.contains { task in
          task.contains { group < $0[place].groups.count && $0[place].groups[group].total.rows > 0 }
        }
      }
      let order = used.sorted { tuples[$0].lexicographicallyPrecedes(tuples[$1]) }
      let keys = order.map { GroupKey(tuples[$0]) }
      try EvaluationReader.checkGroups(
        Grouping(columns: attribute.map(\.name), keys: keys, codes: []), input)
      orders.append((keys, order))
    }
    if plan.attributes.isEmpty { orders = [([GroupKey([])], [0])] }
    for (place, task) in plan.tasks.enumerated() {
      let seen = total.seen[place]
      let kind = try kind(task, seen, input)
      let hasDecisions =
        kind == .binary || threshold != nil || task.decision != nil
      func stream(_ name: String, _ attribute: Int, _ sums: SumAccumulator, hasScores: Bool) {
        reading.streams.append(
          StreamedSums(
            task: task.name, kind: kind, score: name, hasLabels: task.label != nil,
            hasScores: hasScores, hasDecisions: hasDecisions,
            columns: plan.attributes.isEmpty ? [] : plan.attributes[attribute].map(\.name),
            keys: orders[attribute].keys, sums: sums))
      }
      for (score, sums) in zip(task.scores, total.sums[place]) {
        for attribute in sums.indices {
          let ordered = sums[attribute].reordered(orders[attribute].order)
          stream(
            score.name, attribute, kind == .binary ? ordered : ordered.withoutCellLabels,
            hasScores: !score.columns.isEmpty)
        }
      }
      if task.label != nil, let first = total.sums[place].first {
        for attribute in first.indices {
          let sums = first[attribute].reordered(orders[attribute].order)
          // Sums of a regression's constant predictor need a second look at the labels.
          guard kind == .binary else { continue }
          stream(
            "constant", attribute,
            sums.constant(positives: seen.positives, negatives: seen.negatives), hasScores: true)
        }
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
      return task.kind == .undeclared && seen.isProbability ? .binary : .regression
    }
    switch task.kind {
    case .regression, .multiclass: return .regression
    case .binary(positive: nil): return .binary
    case .binary(let positive?):
      try LabelType.check(seen.texts.sorted(), positive: positive, task: task.name, input)
      return .binary
    case .undeclared:
      return try LabelType.of(
        distinct: seen.distinct, isZeroOne: seen.isZeroOne, texts: seen.texts, task: task.name,
        input)
    }
  }
}
