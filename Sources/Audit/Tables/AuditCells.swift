internal import FairpostCSV
package import FairpostNumerics
internal import FairpostPipeline
internal import FairpostRoles

/// People by every combination of categories, positions and periods: all that a table is made of.
///
/// Memory is by the number of combinations; scores, where there are any, are kept by combination.
package struct AuditCells: Sendable {
  /// Each combination: a text for each column, empty where it is missing.
  package var keys: [[ByteText]] = []
  /// The people of each combination and those selected; after `decide` where scores decide.
  package var counts: [Selected] = []
  /// The sums of weights of each combination and of those selected, two by two.
  package var weights = ExactSums()
  /// The scores of each combination; empty without scores.
  package var scores: [[Double]] = []
  /// What each score counts; empty where each counts one.
  package var scoreWeights: [[Double]] = []
  private var places: [[ByteText]: Int] = [:]

  /// The place of a combination.
  mutating func place(of key: [ByteText]) -> Int {
    if let known = places[key] { return known }
    let place = keys.count
    places[key] = place
    keys.append(key)
    counts.append(Selected(0, of: 0))
    weights.grow(to: 2 * place + 2)
    scores.append([])
    scoreWeights.append([])
    return place
  }

  /// What is called otherwise: a name for each text of a column.
  mutating func rename(_ names: [(column: Int, from: ByteText, to: ByteText)]) {
    guard !names.isEmpty else { return }
    var renamed = AuditCells()
    for (cell, key) in keys.enumerated() {
      let new = key.enumerated().map { column, text in
        names.first { $0.column == column && $0.from == text }?.to ?? text
      }
      let place = renamed.place(of: new)
      renamed.counts[place].n += counts[cell].n
      renamed.counts[place].k += counts[cell].k
      for part in 0..<2 {
        renamed.weights.add(weights, from: 2 * cell + part, at: 2 * place + part)
      }
      renamed.scores[place] += scores[cell]
      renamed.scoreWeights[place] += scoreWeights[cell]
    }
    self = renamed
  }
}

/// Reads files once, in blocks, into cells.
struct AuditReader: Sendable {
  /// The columns of categories, positions and periods.
  let columns: [String]
  /// Who was selected, where a column says so.
  let decision: DecisionColumn?
  let score: String?
  let weight: RoleNames.WeightName?
  /// The texts of decisions that do not mean selected, where one text is named for that; a few.
  let others = Guarded<Set<ByteText>>([])

  /// The column of decisions and the text that means selected, where it is named.
  struct DecisionColumn: Sendable {
    let name: String
    let selected: ByteText?
  }

  /// A block's rows on their way to be counted.
  private struct Rows: Sendable {
    /// Each row's combination, in the numbering of `sizes`; -1 where the row has no part.
    var places: [Int]
    var decisions: [Int8]
    var scores: [Double]
    var weights: [Double]
    var codes: [[Int32]]
    var newTexts: [[ByteText]]
    var worker: Int
  }

  /// A block's share.
  private struct Part: Sendable {
    /// In the numbering of the worker.
    var keys: [[Int32]] = []
    var counts: [Selected] = []
    var weights = ExactSums()
    var scores: [[Double]] = []
    var scoreWeights: [[Double]] = []
    var newTexts: [[ByteText]]
    var frequencies = 0.0
    var worker: Int
  }

  private struct State {
    let id: Int
    var tables: [TupleTable]
    var handedOn: [Int]
    var decisions = TupleTable(width: 1)
    /// What each text of the decisions means: 1, 0, or -2 where it is none.
    var meanings: [Int8] = []
  }

  /// Adds a file to the cells.
  ///
  /// - Returns: what was counted of it, and whether the text that means selected was there.
  func read(
    _ input: Input, into cells: inout AuditCells, progress: ProgressBar?
  ) throws -> (tally: Tally, foundSelected: Bool) {
    let references = try input.columns(columns)
    let decided = try decision.map { try input.column($0.name) }
    let scored = try score.map { try input.column($0) }
    let weighted = try weight.map { try input.column($0.column) }
    let rule = try weight.map { try WeightColumn($0, input) }
    struct Total: Sendable {
      var cells: AuditCells
      var remap: [[[ByteText]]] = []
      var frequencies = 0.0
    }
    let total = Guarded(Total(cells: cells))
    let workers = Guarded(0)
    let found = Guarded(decision?.selected == nil)
    let reader = self
    let columnCount = columns.count
    var report: (@Sendable (Int) -> Void)?
    if let progress { report = { blocks in progress.update(blocks: blocks) } }
    let tally: Tally = try input.run(
      onProgress: report,
      makeState: { () -> State in
        let id = workers.withLock { number -> Int in
          defer { number += 1 }
          return number
        }
        return State(
          id: id, tables: (0..<columnCount).map { _ in TupleTable(width: 1) },
          handedOn: [Int](repeating: 0, count: columnCount))
      },
      transform: { (batch: inout Batch, state: inout State) -> Rows in
        var rows = Rows(
          places: [], decisions: [], scores: [], weights: [], codes: [], newTexts: [],
          worker: state.id)
        for (place, reference) in references.enumerated() {
          rows.codes.append(batch.groups([reference], &state.tables[place]))
          rows.newTexts.append(
            state.tables[place].tuples[state.handedOn[place]...].map { $0[0] })
          state.handedOn[place] = state.tables[place].tuples.count
        }
        if let decided { rows.decisions = reader.decisions(&batch, decided, &state) }
        if let scored { rows.scores = batch.numbers(scored) }
        if let weighted, let rule {
          rows.weights = batch.numbers(weighted)
          rule.check(rows.weights, &batch)
        }
        reader.leaveOut(&rows, &batch, decided, scored)
        return rows
      },
      finish: { (rows: Rows, _, settled: Settled, state: inout State) -> Part in
        reader.part(rows, dropped: settled.dropped, state.tables.map { $0.tuples.count })
      },
      consume: { (part: Part, _) -> Void in
        try total.withLock { total in
          total.frequencies += part.frequencies
          try rule?.checkTotal(total.frequencies, input.name)
          while total.remap.count <= part.worker {
            total.remap.append([[ByteText]](repeating: [], count: columnCount))
          }
          for column in 0..<columnCount {
            total.remap[part.worker][column] += part.newTexts[column]
          }
          for (slot, key) in part.keys.enumerated() {
            let place = total.cells.place(
              of: key.enumerated().map { column, code in
                code < 0 ? ByteText([]) : total.remap[part.worker][column][Int(code)]
              })
            total.cells.counts[place].n += part.counts[slot].n
            total.cells.counts[place].k += part.counts[slot].k
            if part.weights.count > 0 {
              for half in 0..<2 {
                total.cells.weights.add(part.weights, from: 2 * slot + half, at: 2 * place + half)
              }
            }
            if !part.scores.isEmpty { total.cells.scores[place] += part.scores[slot] }
            if !part.scoreWeights.isEmpty {
              total.cells.scoreWeights[place] += part.scoreWeights[slot]
            }
          }
          // A worker has met the text only if some block of it was counted.
          if part.counts.contains(where: { $0.k > 0 }) { found.withLock { $0 = true } }
        }
      })
    cells = total.withLock { $0.cells }
    return (tally, found.withLock { $0 })
  }

  /// Each row's decision: 1, 0, or -1 where there is none; what is no decision makes the row bad.
  private func decisions(
    _ batch: inout Batch, _ column: ColumnReference, _ state: inout State
  ) -> [Int8] {
    let codes = batch.groups([column], &state.decisions)
    for tuple in state.decisions.tuples[state.meanings.count...] {
      state.meanings.append(meaning(of: tuple[0]))
      if decision?.selected != nil, state.meanings.last == 0 {
        others.withLock { if $0.count < 20 { $0.insert(tuple[0]) } }
      }
    }
    var values = [Int8](repeating: -1, count: codes.count)
    for (row, code) in codes.enumerated() where code >= 0 {
      let meaning = state.meanings[Int(code)]
      if meaning == -2 {
        batch.note(
          row, column.name,
          "\"\(state.decisions.tuples[Int(code)][0])\" is not a decision (1 and 0, yes and no, true and false are): name the value that means selected, as in \(column.name)=VALUE"
        )
      } else {
        values[row] = meaning
      }
    }
    return values
  }

  private func meaning(of text: ByteText) -> Int8 {
    if let selected = decision?.selected { return text == selected ? 1 : 0 }
    switch text.description.lowercased() {
    case "1", "yes", "y", "true", "t": return 1
    case "0", "no", "n", "false", "f": return 0
    default: break
    }
    if case .number(let value) = NumberText.parse(text.bytes) {
      if value == 1 { return 1 }
      if value == 0 { return 0 }
    }
    // The words for a missing number are no decision either, but say so themselves.
    if case .missing = NumberText.parse(text.bytes) { return -1 }
    return -2
  }

  /// Takes out rows without a decision or score, and those that count for nothing.
  private func leaveOut(
    _ rows: inout Rows, _ batch: inout Batch, _ decided: ColumnReference?,
    _ scored: ColumnReference?
  ) {
    rows.places = [Int](repeating: 0, count: batch.count)
    var (undecided, unscored) = (0, 0)
    for row in 0..<batch.count {
      let isWithoutDecision = decided != nil && rows.decisions[row] < 0
      // A decision counts without a score; only the figures of scores do without the row then.
      let isWithoutScore = scored != nil && decided == nil && rows.scores[row].isNaN
      let countsNothing = !rows.weights.isEmpty && rows.weights[row] == 0
      guard isWithoutDecision || isWithoutScore || countsNothing else { continue }
      rows.places[row] = -1
      if batch.isLeftOut(row) || countsNothing { continue }
      if isWithoutDecision { undecided += 1 } else { unscored += 1 }
    }
    if let decided { batch.tally("without \(decided.name), left out", undecided) }
    guard let scored else { return }
    batch.tally("without \(scored.name), left out", unscored)
    if decided != nil {
      let missing = (0..<batch.count).count {
        rows.places[$0] >= 0 && rows.scores[$0].isNaN && !batch.isLeftOut($0)
      }
      batch.tally("without \(scored.name), counted in rates only", missing)
    }
  }

  /// Counts a block's rows by combination.
  private func part(_ whole: Rows, dropped: [Int], _ sizes: [Int]) -> Part {
    var rows = whole
    for row in dropped { rows.places[row] = -1 }
    var part = Part(newTexts: rows.newTexts, worker: rows.worker)
    // The number of a row's combination, as digits of the columns' codes.
    var product = 1
    for (column, size) in sizes.enumerated() {
      let (next, isTooMany) = product.multipliedReportingOverflow(by: size + 1)
      guard !isTooMany else { return byKeys(rows, part) }
      let codes = rows.codes[column]
      for row in codes.indices where rows.places[row] >= 0 {
        rows.places[row] += (Int(codes[row]) + 1) * product
      }
      product = next
    }
    if product <= 4096 {
      var slots = [Int32](repeating: -1, count: product)
      for row in rows.places.indices where rows.places[row] >= 0 {
        let place = rows.places[row]
        if slots[place] < 0 { slots[place] = Int32(open(&part, rows, row)) }
        rows.places[row] = Int(slots[place])
      }
    } else {
      var slots: [Int: Int] = [:]
      for row in rows.places.indices where rows.places[row] >= 0 {
        let place = rows.places[row]
        let slot = slots[place] ?? open(&part, rows, row)
        slots[place] = slot
        rows.places[row] = slot
      }
    }
    count(rows, &part)
    return part
  }

  /// The same where there are more combinations than a number can tell apart.
  private func byKeys(_ whole: Rows, _ start: Part) -> Part {
    var (rows, part) = (whole, start)
    var slots: [[Int32]: Int] = [:]
    for row in rows.places.indices where rows.places[row] >= 0 {
      let key = rows.codes.map { $0[row] }
      let slot = slots[key] ?? open(&part, rows, row)
      slots[key] = slot
      rows.places[row] = slot
    }
    count(rows, &part)
    return part
  }

  /// A new combination, that of a row.
  private func open(_ part: inout Part, _ rows: Rows, _ row: Int) -> Int {
    part.keys.append(rows.codes.map { $0[row] })
    part.counts.append(Selected(0, of: 0))
    return part.keys.count - 1
  }

  /// Adds each row to its combination.
  private func count(_ rows: Rows, _ part: inout Part) {
    let isDecided = !rows.decisions.isEmpty
    let isFrequency = weight?.isFrequency == true
    let isWeighted = weight?.isFrequency == false
    if isWeighted { part.weights.grow(to: 2 * part.keys.count) }
    if !rows.scores.isEmpty {
      part.scores = [[Double]](repeating: [], count: part.keys.count)
      if !rows.weights.isEmpty { part.scoreWeights = part.scores }
    }
    if rows.weights.isEmpty && rows.scores.isEmpty {
      var counts = part.counts
      for row in rows.places.indices where rows.places[row] >= 0 {
        counts[rows.places[row]].n += 1
        if isDecided { counts[rows.places[row]].k += Int(rows.decisions[row]) }
      }
      part.counts = counts
      return
    }
    for row in rows.places.indices where rows.places[row] >= 0 {
      let slot = rows.places[row]
      let weight = rows.weights.isEmpty ? 1 : rows.weights[row]
      let isSelected = isDecided && rows.decisions[row] == 1
      let people = isFrequency ? Int(weight) : 1
      part.counts[slot].n += people
      if isSelected { part.counts[slot].k += people }
      if isFrequency { part.frequencies += weight }
      if isWeighted {
        part.weights.add(weight, at: 2 * slot)
        if isSelected { part.weights.add(weight, at: 2 * slot + 1) }
      }
      if !rows.scores.isEmpty, !rows.scores[row].isNaN {
        part.scores[slot].append(rows.scores[row])
        if !rows.weights.isEmpty { part.scoreWeights[slot].append(weight) }
      }
    }
  }
}
