internal import FairpostEvaluation
package import FairpostLearning
internal import FairpostMethods
package import FairpostNumerics
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostText
package import FairpostTransport

/// Labelled rows in memory, before they are encoded.
package struct TrainingRows {
  /// What a row is used for.
  package enum Part: UInt8 {
    case training, validation, neither
  }

  /// Feature columns by name.
  package var columns: [String: FeatureColumn] = [:]
  package var tasks: [LearningTask] = []
  package var weights: [Double] = []
  package var group: Grouping?
  /// Sensitive attributes beside it.
  package var others: [Grouping] = []
  /// The task of meta-learning of every row, and the tasks' names.
  package var episodes: (codes: [Int32], names: [ByteText])?
  /// What each row is for.
  package var parts: [Part] = []
  /// A hash of each row's key: of its id, or of the whole record.
  package var keys: [UInt64] = []
  /// A hash of each whole record, where it was asked for.
  package var records: [UInt64] = []
  /// Each row's id, where it was asked for.
  package var ids: (codes: [Int32], values: [ByteText])?
  package let tally: Tally
  package let count: Int

  /// Reads the columns that roles and plan name.
  ///
  /// - Parameters:
  ///   - group: the columns of the sensitive attribute, where it is needed.
  ///   - isValidation: the rows choose the best epoch: no split column, no tasks of meta-learning.
  ///   - others: the columns of more sensitive attributes.
  ///   - wantsRecords: whether to hash each whole record too.
  ///   - wantsIDs: whether to keep each row's id.
  package init(
    _ input: Input, _ roles: TrainingRoles, _ plan: TrainingPlan, group: [String], seed: UInt64,
    isValidation: Bool = false, others: [[String]] = [], wantsRecords: Bool = false,
    wantsIDs: Bool = false, bar: ProgressBar? = nil
  ) throws {
    var request = TableRequest()
    let numeric = plan.features.filter(\.isNumeric).map(\.name)
    let categorical = plan.features.filter { !$0.isNumeric }.map(\.name)
    let regressions = plan.tasks.filter(\.isRegression)
    let classified = plan.tasks.filter { !$0.isRegression }.map(\.name)
    request.numbers = try input.columns(numeric + regressions.map(\.name))
    let weight = try roles.weight.map { try WeightColumn($0, input) }
    if let weight { request.numbers.append(weight.column) }
    request.texts = try input.columns(categorical + classified)
    let split = isValidation ? nil : roles.split
    let taskColumn = isValidation ? nil : roles.taskColumn
    if let split { request.texts.append(try input.column(split)) }
    if let taskColumn { request.texts.append(try input.column(taskColumn)) }
    if wantsIDs, let id = roles.id { request.texts.append(try input.column(id)) }
    if !group.isEmpty { request.groups = [try input.columns(group)] }
    request.groups += try others.map { try input.columns($0) }
    request.hashes = [
      (
        StableHash(seed: seed, purpose: "train.record"),
        try roles.id.map { try input.column($0) }
      )
    ]
    if wantsRecords {
      request.hashes.append((StableHash(seed: 0, purpose: "train.whole-record"), nil))
    }
    // Rows to learn from settled themselves which labels there are.
    let known = isValidation ? plan.tasks.filter { !$0.isRegression } : []
    request.check = Self.check(
      labels: zip(known, request.texts.dropFirst(categorical.count)).map { ($0, $1) },
      logTargets: regressions.enumerated().filter { $1.isLog }.map {
        (numeric.count + $0, $1.name)
      },
      squared: regressions.enumerated().filter { !$1.isLog }.map {
        (numeric.count + $0, $1.name)
      },
      weight: weight.map { (numeric.count + regressions.count, $0) })
    let table = try input.table(request, progress: bar)

    tally = table.tally
    count = table.count
    guard count > 0 else { throw Failure(.badData, "\(input.name): there are no rows") }
    for (place, name) in numeric.enumerated() {
      columns[name] = .numeric(table.numbers[place])
    }
    for (place, name) in categorical.enumerated() {
      columns[name] = .categorical(
        codes: table.texts[place].codes, names: table.texts[place].values)
    }
    var number = numeric.count
    var text = categorical.count
    for task in plan.tasks {
      let targets: [Double]
      switch task.kind {
      case .regression(let logTarget):
        targets =
          logTarget
          ? table.numbers[number].map { Elementwise.logarithm($0) } : table.numbers[number]
        number += 1
      case .binary, .multiclass:
        let values = table.texts[text]
        let targetOf = try values.values.map { try task.target($0, input.name) }
        targets = values.codes.map { $0 < 0 ? .nan : targetOf[Int($0)] }
        text += 1
      }
      tasks.append(LearningTask(name: task.name, kind: task.kind, targets: targets))
    }
    weights =
      weight == nil ? [Double](repeating: 1, count: count) : table.numbers[number]
    try weight?.checkTotal(weights, input.name)
    parts = [Part](repeating: .training, count: count)
    if split != nil {
      let values = table.texts[text]
      let partOf = values.values.map { Self.part($0.description) }
      parts = values.codes.map { $0 < 0 ? .neither : partOf[Int($0)] }
      text += 1
    }
    if taskColumn != nil {
      episodes = (table.texts[text].codes, table.texts[text].values)
      text += 1
    }
    if wantsIDs, roles.id != nil { ids = table.texts[text] }
    self.group = group.isEmpty ? nil : table.groups.first
    self.others = Array(table.groups.dropFirst(group.isEmpty ? 0 : 1))
    keys = table.hashes[0]
    if wantsRecords { records = table.hashes[1] }
  }

  /// What a split column's value makes of a row.
  private static func part(_ value: String) -> Part {
    switch value {
    case "train": .training
    case "validation", "val", "valid": .validation
    default: .neither
    }
  }

  /// Rows that cannot be learned from are bad rows.
  private static func check(
    labels: [(task: ModelTask, column: ColumnReference)], logTargets: [(place: Int, name: String)],
    squared: [(place: Int, name: String)],
    weight: (place: Int, column: WeightColumn)?
  ) -> @Sendable (inout FairpostPipeline.Batch, [[Double]], [[Int32]]) -> Void {
    { batch, numbers, _ in
      for (task, column) in labels {
        for row in 0..<batch.count where !batch.isLeftOut(row) {
          let text = batch.text(row, column)
          if text.isEmpty || batch.missingTexts.contains(text) { continue }
          if let fault = task.fault(text) { batch.note(row, column.name, fault) }
        }
      }
      for (place, name) in logTargets {
        for row in numbers[place].indices where numbers[place][row] <= 0 {
          batch.note(
            row, name, "\(NumberText.text(numbers[place][row])) has no logarithm", canPass: false)
        }
      }
      for (place, name) in squared {
        for row in numbers[place].indices where abs(numbers[place][row]) > RowRules.largest {
          batch.note(
            row, name,
            "\(NumberText.text(numbers[place][row])) is too large for a label: errors are squared, so labels must lie within +-\(NumberText.text(RowRules.largest))",
            canPass: false)
        }
      }
      guard let weight else { return }
      weight.column.check(numbers[weight.place], &batch, countsZeros: false)
    }
  }

  /// A digest of the rows' records that no order or division changes.
  package var digest: UInt64 { keys.reduce(0) { $0 &+ $1 } }

  /// Takes rows of weight 0 out of the training rows and says how many they are.
  package mutating func leaveOutWeightless() -> Int {
    let rows = parts.indices.filter { parts[$0] == .training && weights[$0] == 0 }
    for row in rows { parts[row] = .neither }
    return rows.count
  }

  /// The rows of a part.
  package func rows(_ part: Part) -> [Int] { parts.indices.filter { parts[$0] == part } }

  /// Encoded rows of a part.
  package func encoded(_ encoder: Encoder, _ rows: [Int], name: String) throws -> LearningData {
    var counts = EncodingCounts()
    let inputs: [Double]
    let isWhole = rows.count == count
    do throws(EncodingError) {
      inputs = try encoder.encode(
        columns, rows: count, chosen: isWhole ? nil : rows, counts: &counts)
    } catch { throw Failure(.badData, "\(name): \(error.message)") }
    func chosen<Value>(_ values: [Value]) -> [Value] {
      isWhole || values.isEmpty ? values : rows.map { values[$0] }
    }
    return LearningData(
      features: encoder.width, inputs: inputs,
      tasks: tasks.map {
        LearningTask(name: $0.name, kind: $0.kind, targets: chosen($0.targets))
      }, weights: chosen(weights), groups: chosen(group?.codes ?? []),
      episodes: chosen(episodes?.codes ?? []))
  }
}

extension ModelTask {
  /// Whether a number is predicted.
  package var isRegression: Bool {
    if case .regression = kind { true } else { false }
  }

  /// The target of a label's text: 0 or 1, or the number of the class.
  fileprivate func target(_ text: ByteText, _ input: String) throws(Failure) -> Double {
    switch kind {
    case .binary(let positive): return TrainingPlan.same(text, positive) ? 1 : 0
    case .multiclass(let classes):
      if let place = classes.firstIndex(where: { ByteText($0) == text }) { return Double(place) }
      throw Failure(
        .badData, "\(input): column \"\(name)\": the class \"\(text)\" is not in the training rows")
    case .regression: return .nan
    }
  }
}
