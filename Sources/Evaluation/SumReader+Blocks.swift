package import FairpostCSV
internal import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostTransport

extension SumReader {
  /// Takes a block's columns.
  package func columns(_ batch: inout Batch, _ state: inout WorkerState) -> Columns {
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

  /// The share of a block's rows that stayed.
  package func part(
    _ columns: Columns, _ block: Block, dropped: [Int], _ state: inout WorkerState
  ) -> Part {
    var codes = columns.codes
    let rows = codes[0].count
    var isOut = [Bool](repeating: false, count: dropped.isEmpty ? 0 : rows)
    for row in dropped {
      isOut[row] = true
      for place in codes.indices { codes[place][row] = -1 }
    }
    var part = Part(newKeys: columns.newKeys, worker: columns.worker)
    for place in plan.attributes.indices {
      part.missing.append(codes[place].count { $0 < 0 } - dropped.count)
    }
    // Rows that were left out may hold any weight.
    var numbers = columns.weights
    if !numbers.isEmpty { for row in dropped { numbers[row] = 0 } }
    if weight?.isFrequency == true { part.frequencies = numbers.reduce(0, +) }
    let weights = weight.map { $0.weights(numbers) } ?? .none
    // Where there are several attributes, a cell is a combination of their groups.
    let cellCodes = codes.count > 1 ? state.combinations.encode(codes) : codes[0]
    part.newCombinations = Array(
      state.combinations.combinations[state.combinations.handedOn...])
    state.combinations.handedOn = state.combinations.combinations.count
    let cellGroups =
      codes.count > 1
      ? state.combinations.combinations.count
      : plan.attributes.isEmpty ? 1 : state.tables[0].tuples.count
    while state.places.count < 3 * cellGroups { state.places.append(0) }
    let groupCounts = codes.indices.map { place in
      plan.attributes.isEmpty ? 1 : state.tables[place].tuples.count
    }

    func missing(_ values: [Double]) -> Int {
      // Mostly there is nothing missing, which takes one quick pass to see.
      var all = 0
      for value in values { all &+= value.isNaN ? 1 : 0 }
      if all == 0 { return 0 }
      return values.indices.count { row in
        values[row].isNaN && (isOut.isEmpty || !isOut[row]) && (numbers.isEmpty || numbers[row] > 0)
      }
    }
    for (place, task) in plan.tasks.enumerated() {
      let labels = columns.labels[place]
      var seen = Seen()
      if case .binary(.some) = task.kind {
        seen.texts = columns.texts[place]
      } else {
        for text in columns.texts[place] { seen.facts.seeText(text) }
      }
      seen.look(at: labels, weights: columns.weights, isOut: isOut, block)
      seen.missing.count(task.label, missing(labels))
      for (score, values) in zip(task.scores, columns.scores[place]) {
        seen.missing.count(score.columns.first?.column, missing(values))
      }
      seen.missing.count(task.decision, missing(columns.decisions[place]))
      func accumulate(
        _ sums: inout [RowSums], _ scores: [Double], _ decisions: [Int16], isBinary: Bool
      ) {
        for attribute in codes.indices {
          sums[attribute].grow(to: groupCounts[attribute])
          sums[attribute].add(
            rows: 0..<rows, codes: codes[attribute], labels: labels, scores: scores,
            decisions: decisions, weights: weights, binary: isBinary)
        }
      }
      // A declared regression's cells know no labels.
      let isZeroOne = seen.facts.areZeroOne && task.kind != .regression
      var blocks: [CellBlock] = []
      for (index, scores) in columns.scores[place].enumerated() {
        let isDecided = task.decision(of: task.scores[index]) != nil
        var range = ScoreRange()
        range.see(isOut.isEmpty ? scores : scores.indices.filter { !isOut[$0] }.map { scores[$0] })
        seen.ranges.append(range)
        var decisions: [Int16] = []
        if isDecided {
          decisions = columns.decisions[place].map { $0.isNaN ? -1 : ($0 == 1 ? 1 : 0) }
        } else {
          let cut = threshold ?? 0.5
          decisions = scores.map { $0.isNaN ? -1 : ($0 >= cut ? 1 : 0) }
        }
        let kept = sumsScores ? scores : []
        let isBinary = task.kind != .regression
        if isZeroOne {
          accumulate(&state.sums.zeroOne[place][index], kept, decisions, isBinary: isBinary)
        } else {
          accumulate(&state.sums.other[place][index], kept, decisions, isBinary: isBinary)
        }
        if keepsScores, !scores.isEmpty {
          let cells = cellCodes.indices.map { row -> Int32 in
            let code = cellCodes[row]
            if code < 0 || scores[row].isNaN || (!numbers.isEmpty && numbers[row] == 0) {
              return -1
            }
            let label: Int32 =
              labels.isEmpty || labels[row].isNaN
              ? 2 : labels[row] == 1 ? 1 : labels[row] == 0 ? 0 : 2
            return code &* 3 &+ label
          }
          blocks.append(
            CellBlock(cells: cells, scores: scores, weights: numbers, places: &state.places))
        }
      }
      part.scores.append(blocks)
      var kept: CellBlock?
      if task.isPerhapsRegression, sumsScores {
        if !isZeroOne { accumulate(&state.sums.labels[place], labels, [], isBinary: false) }
        if keepsLabels {
          kept = labelBlock(
            labels, cellCodes, numbers, isZeroOne: seen.facts.areZeroOne, &state.places)
        }
      }
      part.labels.append(kept)
      part.seen.append(seen)
    }
    return part
  }

  /// Labels by cell; those that are all 0 and 1 as two values with their weights.
  private func labelBlock(
    _ labels: [Double], _ codes: [Int32], _ weights: [Double], isZeroOne: Bool,
    _ places: inout [Int32]
  ) -> CellBlock {
    guard isZeroOne else {
      return CellBlock(
        cells: codes.indices.map { codes[$0] < 0 || labels[$0].isNaN ? -1 : codes[$0] * 3 + 2 },
        scores: labels, weights: weights, places: &places)
    }
    if weights.isEmpty {
      var counts = [Int32](repeating: 0, count: 2 * places.count / 3)
      for row in codes.indices where codes[row] >= 0 && !labels[row].isNaN {
        counts[2 * Int(codes[row]) + (labels[row] == 1 ? 1 : 0)] &+= 1
      }
      return CellBlock(
        counts.indices.filter { counts[$0] > 0 }.map {
          (Int32($0 / 2 * 3 + 2), Double($0 % 2), Double(counts[$0]))
        })
    }
    var sums = ExactSums(count: 2 * places.count / 3)
    for row in codes.indices where codes[row] >= 0 && !labels[row].isNaN {
      sums.add(
        weights.isEmpty ? 1 : weights[row],
        at: 2 * Int(codes[row]) + (labels[row] == 1 ? 1 : 0))
    }
    // A weight of several parts, where one would be rounded.
    return CellBlock(
      (0..<sums.count).flatMap { place in
        (sums.sum(at: place)?.parts ?? []).map {
          (Int32(place / 2 * 3 + 2), Double(place % 2), $0)
        }
      })
  }
}

extension SumReader.Seen {
  /// Looks at a block's labels.
  package mutating func look(
    at labels: [Double], weights: [Double], isOut: [Bool], _ block: Block
  ) {
    var counts = (zeros: 0, ones: 0)
    let isWeighted = !weights.isEmpty
    for row in labels.indices {
      let label = labels[row]
      if label.isNaN || (!isOut.isEmpty && isOut[row]) { continue }
      let weight = isWeighted ? weights[row] : 1
      // Whoever counts for nothing does not say what the labels are.
      if weight == 0 { continue }
      if label == 0 {
        counts.zeros += 1
        if isWeighted { sums.add(weight, at: Self.zeros) }
      } else if label == 1 {
        counts.ones += 1
        if isWeighted { sums.add(weight, at: Self.ones) }
      } else {
        facts.seeOther(label, line: block.line(of: row) + 1)
        sums.add(product: weight, label, at: Self.otherLabels)
        sums.add(weight, at: Self.others)
      }
    }
    if !isWeighted {
      sums.add(Double(counts.zeros), at: Self.zeros)
      sums.add(Double(counts.ones), at: Self.ones)
    }
    facts.zeros += counts.zeros
    facts.ones += counts.ones
  }
}

extension EvaluationPlan.Task {
  /// Whether its labels may turn out to be numbers.
  var isPerhapsRegression: Bool {
    label != nil && (kind == .undeclared || kind == .regression)
  }
}
