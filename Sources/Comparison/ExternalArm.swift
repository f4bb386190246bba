internal import FairpostCSV
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
package import FairpostTraining

/// Another tool's predictions, matched by the record's id.
package struct ExternalArm: Sendable {
  package let name: String
  /// For each task its score columns and decisions, in the order of the file.
  private let scores: [[[Double]]]
  private let decisions: [[Double]?]
  /// A record, and the seed its prediction is for where the file says it.
  private struct Key: Hashable {
    let record: UInt64
    let seed: UInt64?
  }
  private let rowOf: [Key: Int]
  private let hasSeeds: Bool
  /// A digest of what was read.
  package let digest: UInt64

  /// Reads a file; its ids must be there once each.
  package init(
    _ name: String, _ path: String, _ comparison: CompareRequest, _ plan: TrainingPlan,
    like data: InputSettings
  ) throws {
    self.name = name
    var settings = InputSettings()
    settings.delimiter = data.delimiter
    settings.missing = data.missing
    let input = try Input(path, settings)
    guard let idColumn = comparison.columns.roles.id else {
      throw UsageError(
        "\(option: "arm") \(name): predictions are matched to rows by id: name its column with \(option: "id") COL"
      )
    }
    let id = try input.column(idColumn)
    var request = TableRequest()
    // The same hash as that of the data's own ids.
    request.hashes = [(CompareSplit.keyHash, id)]
    let named = comparison.columns.roles.scores
    if !named.isEmpty, named.count != plan.tasks.count {
      throw UsageError(
        "\(option: "task") and \(option: "score") are paired in order, but there are \(plan.tasks.count) and \(named.count)"
      )
    }
    var scorePlaces: [[Int]] = []
    var decisionPlaces: [Int?] = []
    for (place, task) in plan.tasks.enumerated() {
      let decision = "\(task.name).decision"
      let isBinary = if case .binary = task.kind { true } else { false }
      var names = named.isEmpty ? task.scoreNames : [named[place]]
      if named.isEmpty {
        let fair = names.map { ScoreName.derived($0, "fair") }
        if fair.allSatisfy({ input.header.contains($0) }) { names = fair }
      }
      let hasDecision = isBinary && input.header.contains(decision)
      if hasDecision, !names.allSatisfy({ input.header.contains($0) }) { names = [] }
      scorePlaces.append(names.indices.map { request.numbers.count + $0 })
      request.numbers += try input.columns(names)
      decisionPlaces.append(hasDecision ? request.numbers.count : nil)
      if hasDecision { request.numbers.append(try input.column(decision)) }
    }
    let seedColumn = input.header.contains("seed") ? try input.column("seed") : nil
    hasSeeds = seedColumn != nil
    if let seedColumn { request.numbers.append(seedColumn) }
    let zeroOne = zip(plan.tasks, decisionPlaces).compactMap { task, place in
      place.map { ("\(task.name).decision", $0) }
    }
    request.check = { batch, numbers, _ in
      for row in 0..<batch.count where batch.text(row, id).isEmpty {
        batch.note(row, idColumn, "the record's id is missing")
      }
      if seedColumn != nil, let seeds = numbers.last {
        for (row, seed) in seeds.enumerated() where UInt64(exactly: seed) == nil {
          batch.note(row, "seed", "the seed is no whole number of at least 0", canPass: false)
        }
      }
      for (name, place) in zeroOne {
        for (row, value) in numbers[place].enumerated()
        where !value.isNaN && value != 0 && value != 1 {
          batch.note(row, name, "\(NumberText.text(value)) is neither 0 nor 1", canPass: false)
        }
      }
    }
    request.wantsLines = true
    let table = try input.table(request)
    var rowOf: [Key: Int] = [:]
    for (row, record) in table.hashes[0].enumerated() {
      let key = Key(
        record: record,
        seed: seedColumn == nil ? nil : table.numbers.last.flatMap { UInt64(exactly: $0[row]) })
      if let first = rowOf.updateValue(row, forKey: key) {
        throw Failure(
          .badData,
          "\(path):\(table.lines[row]): column \"\(idColumn)\": the record of line \(table.lines[first]) has the same id\(seedColumn == nil ? "" : " and seed")"
        )
      }
    }
    self.rowOf = rowOf
    scores = scorePlaces.map { $0.map { table.numbers[$0] } }
    decisions = decisionPlaces.map { $0.map { table.numbers[$0] } }
    for (place, task) in plan.tasks.enumerated() where comparison.threshold == nil {
      guard case .binary = task.kind, decisionPlaces[place] == nil,
        let column = scorePlaces[place].first
      else { continue }
      var range = ScoreRange()
      range.see(table.numbers[column])
      if !range.isProbability {
        throw range.refusal(
          column: request.numbers[column].name, path,
          hint:
            "\(option: "threshold") T decides 1 for scores of at least T, or give a column \(task.name).decision"
        )
      }
    }
    let hash = StableHash(seed: 0, purpose: "compare.external")
    digest = (0..<table.count).reduce(0) { state, row in
      table.numbers.reduce(hash(state ^ table.hashes[0][row])) {
        hash($0 ^ $1[row].bitPattern)
      }
    }
  }

  /// The predictions of some records, which must all be there.
  package func predictions(_ keys: [UInt64], seed: UInt64) throws(CompareFault) -> Predictions {
    var rows: [Int] = []
    for key in keys {
      guard let row = rowOf[Key(record: key, seed: hasSeeds ? seed : nil)] else { continue }
      rows.append(row)
    }
    guard rows.count == keys.count else {
      throw .failed(
        "\(keys.count - rows.count) of \(keys.count) test rows have no prediction\(hasSeeds ? " under this seed" : "")"
      )
    }
    var result = Predictions(scores.map { $0.map { column in rows.map { column[$0] } } })
    for task in scores.indices {
      let values = result.scores[task] + (decisions[task].map { d in [rows.map { d[$0] }] } ?? [])
      let missing = values.reduce(0) { $0 + $1.count(where: \.isNaN) }
      guard missing == 0 else {
        throw .failed("\(missing) predictions of test rows are missing")
      }
      result.hasScores[task] = !scores[task].isEmpty
      if let own = decisions[task] {
        result.decisions[task] = rows.map { own[$0] == 1 ? 1 : 0 }
      }
    }
    return result
  }
}
