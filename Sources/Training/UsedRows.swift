package import FairpostLearning
internal import FairpostPipeline
package import FairpostText

/// How many rows a method truly learned from, and why the others were left out.
package struct UsedRows {
  /// The rows that were used; a frequency counts as so many rows.
  package let count: Int
  /// What was left out, in words.
  package let notes: [Message]

  /// Counts them.
  ///
  /// - Parameters:
  ///   - used: the rows that the method used, as it says.
  ///   - data: the rows it was given.
  ///   - weightless: rows of weight 0, which are not among these.
  ///   - drawn: rows among these that validate, and are not learned from.
  package init(
    _ used: [Int], of data: LearningData, isFrequency: Bool, needsGroup: Bool, weightless: Int,
    drawn: [Int] = []
  ) {
    var isUsed = [Bool](repeating: false, count: data.rows)
    for row in used { isUsed[row] = true }
    for row in drawn { isUsed[row] = true }
    let isDrawn = Set(drawn)
    let used = drawn.isEmpty ? used : used.filter { !isDrawn.contains($0) }
    func total(_ rows: [Int]) -> Int {
      guard isFrequency else { return rows.count }
      return Int(exactly: rows.reduce(0) { $0 + data.weights[$1] }) ?? rows.count
    }
    count = total(used)
    func hasLabel(_ row: Int) -> Bool { data.tasks.contains { !$0.targets[row].isNaN } }
    var reasons: [(String, [Int])] = []
    func add(_ words: String, where holds: (Int) -> Bool) {
      let rows = isUsed.indices.filter { !isUsed[$0] && holds($0) }
      for row in rows { isUsed[row] = true }
      if !rows.isEmpty { reasons.append((words, rows)) }
    }
    add("without a label") { !hasLabel($0) }
    if !data.episodes.isEmpty { add("without a task") { data.episodes[$0] < 0 } }
    if needsGroup, !data.groups.isEmpty { add("without a group") { data.groups[$0] < 0 } }
    add("belong to tasks with too few rows") { _ in true }
    var notes: [Message] = []
    if weightless > 0 {
      notes.append("rows of weight 0, left out: \(Console.grouped(weightless))")
    }
    if !drawn.isEmpty {
      notes.append(
        "drawn as validation rows: \(Console.grouped(drawn.count)) (\(option: "validation-per-cell"))"
      )
    }
    if !reasons.isEmpty {
      let texts = reasons.map { "\(Console.grouped(total($0.1))) \($0.0)" }
      notes.append("rows left out: \(texts.joined(separator: ", "))")
    }
    if data.tasks.count > 1 {
      for task in data.tasks {
        let own = total(used.filter { !task.targets[$0].isNaN })
        if own < count {
          notes.append("of these rows \(Console.grouped(own)) have a label of \(task.name)")
        }
      }
    }
    self.notes = notes
  }
}

extension LearningData {
  /// Whether some row that counts has a label.
  package var hasLabels: Bool {
    tasks.contains { task in
      task.targets.indices.contains { weights[$0] > 0 && !task.targets[$0].isNaN }
    }
  }
}
