package import FairpostCSV
package import FairpostMethods
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostSettings
internal import FairpostText

/// What an adjustment makes of the records it was fitted to: a column for each score, by record.
package struct KnownValues: Sendable {
  package let columns: [[Double]]

  /// Values that are known.
  package init(columns: [[Double]]) { self.columns = columns }

  /// The records the values belong to.
  package var count: Int { columns.first?.count ?? 0 }

  /// The error of a file whose second reading has other records than its first.
  package static func changed(_ name: String) -> Failure {
    Failure(.badData, "\(name): the file changed while it was read")
  }
}

/// The filter under `apply` and `adjust`: scores in, adjusted scores behind them.
package struct ApplyFilter: RowFilter {
  package let columnNames: [String]
  package let flagNames = [
    "clamped", "shifted", "pooled", "unseen", "missing-group", "missing-score", "passed",
    "small-cell",
  ]
  private static let flagOutcomes: [Outcome] = [
    .clamped, .shifted, .pooled, .unseenGroup, .missingGroup, .missingScore, .passed, .smallCell,
  ]
  private static let summaryWords = [
    "clamped to the fitted range", "shifted beyond the fitted range", "through a pooled map",
    "of unseen groups", "without a group", "without a score", "left as they were", "of small cells",
  ]

  private let adjustment: any Adjustment
  private let scores: [ColumnReference]
  private let groups: [[ColumnReference]]
  private let id: ColumnReference?
  private let idHash: StableHash
  private let wantsSteps: Bool
  private let tables: [TupleTable]
  private let known: KnownValues?
  private let voice: SettingVoice
  private let inputName: String

  /// Looks up the columns the adjustment needs.
  package init(
    _ adjustment: any Adjustment, _ input: Input, seed: UInt64, wantsSteps: Bool,
    _ voice: SettingVoice, known: KnownValues? = nil
  ) throws {
    self.known = known
    self.voice = voice
    inputName = input.name
    self.adjustment = adjustment
    self.wantsSteps = wantsSteps
    scores = try input.columns(adjustment.scoreColumns)
    groups = try adjustment.groupColumns.map { try input.columns($0) }
    id = try adjustment.idColumn.map { try input.column($0) }
    idHash = StableHash(seed: seed, purpose: "record")
    tables = zip(adjustment.groupColumns, adjustment.groupKeys).map {
      TupleTable(width: $0.count, known: $1)
    }
    columnNames = Self.columnNames(
      scores: adjustment.scoreColumns, groups: adjustment.groupColumns, wantsSteps: wantsSteps,
      outputs: adjustment.outputColumns(of:))
  }

  /// The columns that an adjustment of these scores writes.
  package static func columnNames(
    scores: [String], groups: [[String]], wantsSteps: Bool, outputs: (String) -> [String]
  ) -> [String] {
    var names: [String] = []
    for score in scores {
      let outputs = outputs(score)
      if wantsSteps, let last = outputs.last {
        names += groups.dropLast().map { "\(last).\($0.joined(separator: "+"))" }
      }
      // Several scores may be decided together.
      names += outputs.filter { !names.contains($0) }
    }
    return names
  }

  package func makeWorker() -> [TupleTable] { tables }

  package func process(
    _ batch: inout Batch, _ tables: inout [TupleTable]
  ) throws -> [OutputColumn.Values] {
    if let known { return try take(known, &batch) }
    var codes: [[Int32]] = []
    for place in groups.indices { codes.append(batch.groups(groups[place], &tables[place])) }
    if let id {
      for row in 0..<batch.count where batch.text(row, id).isEmpty {
        batch.note(row, id.name, "the record's id is missing")
      }
    }
    let keys = id.map { batch.hashes($0, idHash) }
    if adjustment.readsTogether { return together(codes, keys, &batch) }
    var columns: [OutputColumn.Values] = []
    for score in scores.indices {
      let values = batch.numbers(scores[score])
      let result = adjustment.apply(
        score: score, values: values, codes: codes, keys: keys, steps: wantsSteps)
      note(result.outcomes, score: score, codes, in: &batch)
      columns += result.columns.map { .numbers($0) }
    }
    return columns
  }

  /// The results of all scores together.
  private func together(
    _ codes: [[Int32]], _ keys: [UInt64]?, _ batch: inout Batch
  ) -> [OutputColumn.Values] {
    let values = scores.map { batch.numbers($0) }
    for row in 0..<batch.count {
      if let fault = adjustment.rowFault(values.map { $0[row] }) {
        batch.note(row, scores[fault.score].name, fault.words)
      }
    }
    let result = adjustment.apply(together: values, codes: codes, keys: keys)
    note(result.outcomes, score: 0, codes, in: &batch)
    guard let choices = adjustment.choices else { return result.columns.map { .numbers($0) } }
    let texts = choices.map { Dialect.comma.quoted(Array($0.utf8)) } + [[]]
    return result.columns.map { column in
      .choices(column.map { $0.isNaN ? Int32(choices.count) : Int32($0) }, from: texts)
    }
  }

  /// Writes values that the fit knows already.
  private func take(
    _ known: KnownValues, _ batch: inout Batch
  ) throws -> [OutputColumn.Values] {
    let rows = batch.firstRecord..<(batch.firstRecord + batch.count)
    guard rows.upperBound <= known.count else { throw KnownValues.changed(inputName) }
    return known.columns.indices.map { score in
      let values = Array(known.columns[score][rows])
      var missing = 0
      for row in values.indices where values[row].isNaN {
        missing += 1
        if let bit = Self.flagOutcomes.firstIndex(of: .missingScore) { batch.flag(row, bit) }
      }
      if let bit = Self.flagOutcomes.firstIndex(of: .missingScore) {
        batch.tally(Self.summaryWords[bit], missing)
      }
      return .numbers(values)
    }
  }

  /// Counts and flags what was done to the rows; refused ones are bad rows.
  private func note(_ outcomes: [Outcome], score: Int, _ codes: [[Int32]], in batch: inout Batch) {
    var counts = Array(repeating: 0, count: Self.flagOutcomes.count)
    // A bad value is counted as that, not as a missing one.
    let bad = batch.badRows
    for row in outcomes.indices {
      let outcome = outcomes[row]
      if outcome.isEmpty || batch.isLeftOut(row) { continue }
      if outcome == .missingScore, !bad.isEmpty, bad.contains(row) { continue }
      if outcome.contains(.refused) {
        refuse(row, outcome, score, codes, in: &batch)
        continue
      }
      for (bit, flag) in Self.flagOutcomes.enumerated() where outcome.contains(flag) {
        counts[bit] += 1
        batch.flag(row, bit)
      }
      if outcome.contains(.dropped) { batch.leaveOut(row) }
    }
    for (word, count) in zip(Self.summaryWords, counts) { batch.tally(word, count) }
  }

  private func refuse(
    _ row: Int, _ outcome: Outcome, _ score: Int, _ codes: [[Int32]], in batch: inout Batch
  ) {
    let place = codes.indices.first { codes[$0][row] < 0 }
    let columns = groups[place ?? 0]
    let name = columns.map(\.name).joined(separator: ",")
    let group = columns.map { batch.text(row, $0).description }.joined(separator: ", ")
    let option = voice.name(adjustment.setting(against: outcome))
    if outcome.contains(.missingGroup) {
      batch.note(row, name, "the group is missing (see \(option))")
    } else if outcome.contains(.unseenGroup) {
      batch.note(row, name, "the group \"\(group)\" was not in the fit (see \(option))")
    } else if outcome.contains(.smallCell) {
      let what = columns.count == 1 && groups.count == 1 ? "the group" : "the combination of groups"
      batch.note(
        row, name, "\(what) \"\(group)\" had no usable record in the fit (see \(option))")
    } else {
      let value = batch.text(row, scores[score])
      batch.note(
        row, scores[score].name,
        "the score \(value) is outside its group's fitted range (see \(option))")
    }
  }
}
