internal import FairpostCSV
package import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostText
package import FairpostTransport

/// Reads the columns of a plan into memory and makes tasks, decisions and groups of them.
package struct EvaluationReader {
  package let plan: EvaluationPlan
  package let settings: DecisionSettings
  package let weight: WeightColumn?
  package let seed: UInt64

  /// A reader for a plan.
  package init(
    plan: EvaluationPlan, settings: DecisionSettings, weight: WeightColumn?, seed: UInt64
  ) {
    self.plan = plan
    self.settings = settings
    self.weight = weight
    self.seed = seed
  }

  /// How decisions come from scores.
  package struct DecisionSettings {
    package var threshold: Double?
    package var rate: Double?
    /// Whether a figure that is asked for looks at decisions.
    package var isNeeded = true

    /// Settings from their values.
    package init(threshold: Double? = nil, rate: Double? = nil, isNeeded: Bool = true) {
      self.threshold = threshold
      self.rate = rate
      self.isNeeded = isNeeded
    }
  }

  /// What was read.
  package struct Reading {
    package var data: EvaluationData
    package var tally: FairpostPipeline.Tally
    /// What people should know of it.
    package var notes: [Message]
    /// The sum of the records' hashes, as hexadecimal digits; empty where it was not asked for.
    package var digest = ""
  }

  package func read(
    _ input: Input, progress: ProgressBar?, wantsDigest: Bool = false, share: Double = 1
  ) throws -> Reading {
    var request = TableRequest()
    let layout = Layout(plan, weight, &request)
    if let id = plan.id { request.hashes = [(StableHash(seed: seed, purpose: "record"), id)] }
    let check = layout.check(weight)
    request.check = check
    // Of very many rows a share is kept, by the records' hashes; the digest is of all of them.
    let digest = Guarded<UInt64>(0)
    if wantsDigest {
      let hash = StableHash(seed: 0, purpose: "digest")
      request.check = { (batch, numbers, groups) in
        check?(&batch, numbers, groups)
        var sum: UInt64 = 0
        for (row, value) in batch.hashes(nil, hash).enumerated() where !batch.isLeftOut(row) {
          sum &+= value
          if share < 1, Double(value) * 0x1p-64 >= share { batch.leaveOut(row) }
        }
        let part = sum
        digest.withLock { $0 &+= part }
      }
    }
    var table = try input.table(request, progress: progress)
    for grouping in table.groups { try Self.checkGroups(grouping, input.name) }
    try weight?.checkTotal(table.numbers[layout.weight], input.name)

    let weights = weight.map { $0.weights(table.numbers[layout.weight]) } ?? .none
    var notes: [Message] = []
    // Before columns are given up for what is made of them.
    let missing = missing(layout, table)
    var tasks: [TaskColumns] = []
    for (place, task) in plan.tasks.enumerated() {
      tasks.append(
        try columns(task, layout.tasks[place], &table, weights, input.name, &notes))
    }
    let named = plan.attributes + (plan.strata.isEmpty ? [] : [plan.strata])
    for (attribute, grouping) in zip(named, table.groups) {
      let missing = grouping.codes.count { $0 < 0 }
      if missing > 0 {
        notes.append(
          "\(Console.grouped(missing)) without \(attribute.map(\.name).joined(separator: ","))")
      }
    }
    notes += missing.notes
    // The strata, where there are some, stand behind the attributes.
    let groups = Array(table.groups.prefix(plan.attributes.count))
    let strata = plan.strata.isEmpty ? nil : table.groups.last
    do {
      let data = try EvaluationData(
        count: table.count, tasks: tasks, attributes: groups, weights: weights,
        features: layout.features.map { table.numbers[$0] },
        continuous: zip(plan.continuous, layout.continuous).map {
          ContinuousAttribute(name: $0.name, values: table.numbers[$1])
        }, strata: strata, recordHashes: plan.id == nil ? [] : table.hashes[0])
      var reading = Reading(data: data, tally: table.tally, notes: notes)
      if wantsDigest {
        let digits = String(digest.withLock { $0 }, radix: 16)
        reading.digest = String(repeating: "0", count: 16 - digits.count) + digits
      }
      return reading
    } catch { throw Failure(.badData, "\(input.name): \(error)") }
  }

  /// The rows that lack a label, a score or a decision.
  private func missing(_ layout: Layout, _ table: Table) -> MissingValues {
    let weights = weight.map { _ in table.numbers[layout.weight] }
    func rows(_ isMissing: (Int) -> Bool) -> Int {
      (0..<table.count).count { isMissing($0) && weights?[$0] != 0 }
    }
    func rows(_ column: Layout.Task.Label) -> Int {
      switch column {
      case .none: 0
      case .number(let place): rows { table.numbers[place][$0].isNaN }
      case .lenient(let place): rows { table.lenient[place].values[$0].isNaN }
      case .text(let place): rows { table.texts[place].codes[$0] < 0 }
      }
    }
    var missing = MissingValues()
    for (task, places) in zip(plan.tasks, layout.tasks) {
      missing.count(task.label, rows(places.label))
      for (score, columns) in zip(task.scores, places.scores) {
        for (column, place) in zip(score.columns, columns) {
          missing.count(column.column, rows { table.numbers[place][$0].isNaN })
        }
      }
      missing.count(task.decision, rows(places.decision))
    }
    return missing
  }

  /// Where each column of a plan stands in a table.
  private struct Layout {
    struct Task {
      package enum Label {
        case none
        case number(Int)
        case lenient(Int)
        case text(Int)
      }
      package var label = Label.none
      package var decision: Label = .none
      package var scores: [[Int]] = []
    }
    var tasks: [Task] = []
    var features: [Int] = []
    var continuous: [Int] = []
    var weight = 0
    /// Columns that must hold 0 and 1, with their places among the numbers.
    var zeroOne: [(name: String, place: Int)] = []

    init(_ plan: EvaluationPlan, _ weightColumn: WeightColumn?, _ request: inout TableRequest) {
      func number(_ column: ColumnReference) -> Int {
        if let place = request.numbers.firstIndex(of: column) { return place }
        request.numbers.append(column)
        return request.numbers.count - 1
      }
      for task in plan.tasks {
        var layout = Task()
        if let label = task.label {
          switch task.kind {
          case _ where task.isMulticlass:
            layout.label = .text(request.texts.count)
            request.texts.append(label)
          case .binary(positive: .some):
            layout.label = .text(request.texts.count)
            request.texts.append(label)
          case .binary(positive: nil):
            layout.label = .number(number(label))
            zeroOne.append((label.name, number(label)))
          case .undeclared, .multiclass:
            layout.label = .lenient(request.lenient.count)
            request.lenient.append(label)
          case .regression: layout.label = .number(number(label))
          }
        }
        if let decision = task.decision {
          if task.isMulticlass {
            layout.decision = .text(request.texts.count)
            request.texts.append(decision)
          } else {
            layout.decision = .number(number(decision))
            zeroOne.append((decision.name, number(decision)))
          }
        }
        layout.scores = task.scores.map { $0.columns.map { number($0.column) } }
        tasks.append(layout)
      }
      features = plan.features.map { number($0) }
      continuous = plan.continuous.map { number($0) }
      if let weightColumn {
        // A place of its own: a weight may also be a feature.
        weight = request.numbers.count
        request.numbers.append(weightColumn.column)
      }
      request.groups = plan.attributes + (plan.strata.isEmpty ? [] : [plan.strata])
    }

    func check(
      _ weightColumn: WeightColumn?
    ) -> (@Sendable (inout Batch, [[Double]], [[Int32]]) -> Void)? {
      if zeroOne.isEmpty, weightColumn == nil { return nil }
      return { [zeroOne, weight] batch, numbers, _ in
        for (name, place) in zeroOne {
          for (row, value) in numbers[place].enumerated()
          where !value.isNaN && value != 0 && value != 1 {
            batch.note(row, name, "\(NumberText.text(value)) is neither 0 nor 1", canPass: false)
          }
        }
        if let weightColumn { weightColumn.check(numbers[weight], &batch) }
      }
    }
  }

  /// A task's columns.
  private func columns(
    _ task: EvaluationPlan.Task, _ layout: Layout.Task, _ table: inout Table,
    _ weights: RowWeights, _ input: String, _ notes: inout [Message]
  ) throws -> TaskColumns {
    if task.isMulticlass { return try classes(task, layout, table, weights) }
    var kind = TaskKind.binary
    var labels: [Double] = []
    switch layout.label {
    case .none: break
    case .number(let place):
      labels = table.numbers[place]
      if task.kind == .regression { kind = .regression }
    case .lenient(let place):
      let known: [Double]? =
        switch weights {
        case .none: nil
        case .survey(let values): values
        case .frequencies(let values): values.map(Double.init)
        }
      switch try LabelFacts(table, place, weights: known).found(task: task.name, input) {
      case .binary: kind = .binary
      case .regression: kind = .regression
      }
      labels = table.lenient[place].values
      table.lenient[place].values = []
      // A label that counts for nothing need not be one of those the task has.
      if let known { for row in known.indices where known[row] == 0 { labels[row] = .nan } }
    case .text(let place):
      guard case .binary(let positive?) = task.kind else { break }
      labels = try LabelType.binary(
        table.texts[place], positive: positive, task: task.name, input)
    }
    let scores = layout.scores.map { $0.isEmpty ? [] : table.numbers[$0[0]] }
    if labels.isEmpty, task.kind == .regression {
      kind = .regression
    } else if labels.isEmpty, task.kind == .undeclared {
      // Without labels, scores that are all probabilities are taken for such.
      let isProbability = scores.allSatisfy { $0.allSatisfy { $0.isNaN || ($0 >= 0 && $0 <= 1) } }
      kind = isProbability ? .binary : .regression
    }
    let decided: [Int16]? =
      if case .number(let place) = layout.decision {
        table.numbers[place].map { $0.isNaN ? -1 : Int16($0) }
      } else { nil }
    var result = TaskColumns(name: task.name, kind: kind, labels: labels, scores: [])
    for (score, values) in zip(task.scores, scores) {
      var range = ScoreRange()
      range.see(values)
      if kind == .regression, task.kind == .undeclared, !labels.isEmpty {
        try range.refuseExchanged(task: task.name, score: score.name, input)
      }
      var column = ScoreColumn(name: score.name, values: values, kind: score.kind)
      if let decided, task.decision(of: score) != nil {
        column.decisions = decided
      } else if let rate = settings.rate {
        column.decisions = Decisions.atRate(rate, scores: values, weights: weights)
      } else if settings.threshold == nil, kind == .binary, !range.isProbability {
        // No decisions: only figures that need none are asked for.
        if settings.isNeeded { throw DefaultThreshold.refusal(range, score.name, input) }
      } else if let threshold = settings.threshold ?? (kind == .binary ? 0.5 : nil) {
        column = ScoreColumn(
          name: score.name, values: values, threshold: threshold, kind: score.kind)
      }
      result.scores.append(column)
    }
    if !labels.isEmpty { result.scores.append(Decisions.constant(result, weights: weights)) }
    return result
  }

  /// The columns of a task with classes; the decision is the class of the highest score.
  private func classes(
    _ task: EvaluationPlan.Task, _ layout: Layout.Task, _ table: Table, _ weights: RowWeights
  ) throws -> TaskColumns {
    var names: Set<ByteText> = []
    for score in task.scores {
      names.formUnion(score.columns.compactMap(\.category).map { ByteText($0) })
    }
    func texts(_ label: Layout.Task.Label) -> (codes: [Int32], values: [ByteText])? {
      guard case .text(let place) = label else { return nil }
      return table.texts[place]
    }
    let labelled = texts(layout.label)
    let decided = texts(layout.decision)
    names.formUnion(labelled?.values ?? [])
    names.formUnion(decided?.values ?? [])
    let classes = names.sorted()
    guard classes.count < Int(Int16.max) else {
      throw Failure(
        .badData, "column \"\(task.name)\": \(classes.count) classes are too many to be classes")
    }
    let codes = Dictionary(
      zip(classes, classes.indices.map { Int16($0) }), uniquingKeysWith: { first, _ in first })
    func recoded(_ column: (codes: [Int32], values: [ByteText])) -> [Int16] {
      let map = column.values.map { codes[$0] ?? -1 }
      return column.codes.map { $0 < 0 ? -1 : map[Int($0)] }
    }
    var result = TaskColumns(
      name: task.name, kind: .multiclass(classes: classes),
      labels: labelled.map { recoded($0).map { $0 < 0 ? .nan : Double($0) } } ?? [], scores: [])
    for (score, places) in zip(task.scores, layout.scores) {
      if let decided {
        result.scores.append(
          ScoreColumn(
            name: score.name, values: [], decisions: recoded(decided), kind: score.kind))
        continue
      }
      let order = score.columns.indices
        .compactMap { index in score.columns[index].category.map { (ByteText($0), places[index]) } }
        .sorted { $0.0 < $1.0 }
      guard !order.isEmpty else {
        throw UsageError(
          "task \(task.name) is multiclass: its scores are \(task.name).score.CLASS, or name \(task.name).decision"
        )
      }
      let decisions = (0..<table.count).map { row -> Int16 in
        var best: (value: Double, code: Int16)?
        for (name, place) in order {
          let value = table.numbers[place][row]
          if value.isNaN { return -1 }
          if best.map({ value > $0.value }) ?? true { best = (value, codes[name] ?? -1) }
        }
        return best?.code ?? -1
      }
      result.scores.append(
        ScoreColumn(name: score.name, values: [], decisions: decisions, kind: score.kind))
    }
    if labelled != nil { result.scores.append(Decisions.constant(result, weights: weights)) }
    return result
  }

  /// Refuses a number with many values as an attribute.
  package static func checkGroups(_ grouping: Grouping, _ input: String) throws {
    guard grouping.columns.count == 1, grouping.keys.count > 50 else { return }
    let numeric = grouping.keys.allSatisfy {
      if case .number = NumberText.parse($0.parts[0].bytes) { return true }
      return false
    }
    guard numeric else { return }
    let name = grouping.columns[0]
    throw Failure(
      .badData,
      "\(input): column \"\(name)\": \(Console.grouped(grouping.keys.count)) groups of a number",
      hint:
        "cut it into groups with \(option: "bin") \(name)=CUT,CUT or take it as a number with \(option: "continuous") \(name)"
    )
  }
}
