package import FairpostCSV
internal import FairpostEvaluation
internal import FairpostLearning
internal import FairpostMethods
package import FairpostNumerics
package import FairpostPipeline
package import FairpostRoles
package import FairpostText
package import FairpostTransport

/// What `reweigh`, `resample` and `massage` share: rows with a binary label, a sensitive attribute
/// and, where asked for, weights and a ranker's scores.
package struct RebalanceRows {
  package let task: String
  /// The label's texts: negative, positive.
  package let texts: [ByteText]
  package let labels: [Double]
  package let group: Grouping
  package let weights: [Double]
  package let scores: [Double]
  package let keys: [UInt64]
  package let count: Int
  package let tally: Tally
  package let request: TableRequest
  /// The protected group, where one is named.
  package let protected: GroupKey?
  private let passes: TwicePass
  private let overwrite: Bool
  private let second: InputSettings

  /// Reads the first pass.
  ///
  /// - Parameters:
  ///   - second: how the rows are read again, to be written.
  ///   - makes: the column the command appends, looked up before the work.
  package init(
    _ passes: TwicePass, second: InputSettings, _ roles: RoleNames, seed: UInt64,
    needsScores: Bool, overwrite: Bool, makes: (String) -> String?
  ) throws {
    self.passes = passes
    self.second = second
    self.overwrite = overwrite
    let input = passes.firstPass
    let choice = try TaskDeclaration(roles.tasks.first ?? "", columns: input.header.names)
    let scoreColumn = roles.scores.first ?? "\(choice.name).score"
    task = choice.name
    if let made = makes(choice.name) {
      _ = try input.place(of: made, overwrite: overwrite)
    }
    let attribute = try SensitiveAttributes.checked(roles.groups).first ?? []
    let named = try ProtectedValues(roles.protected)
    try named.check([attribute])
    protected = named.key(attribute)
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(roles)
    try conflicts.take(choice.name, "the label (\(option: "task"))")
    if needsScores {
      try conflicts.take(scoreColumn, "the score")
    }
    for column in attribute {
      try conflicts.take(column, "a sensitive attribute (\(option: "group"))")
    }
    var request = TableRequest()
    request.texts = [try input.column(choice.name)]
    request.groups = [try input.columns(attribute)]
    let weight = try WeightColumn(roles, input)
    if let weight { request.numbers.append(weight.column) }
    if needsScores {
      request.numbers.append(try input.column(scoreColumn))
    }
    request.hashes = [
      (
        StableHash(seed: seed, purpose: "rebalance.record"),
        try roles.id.map { try input.column($0) }
      )
    ]
    let scoreName = needsScores ? request.numbers.last?.name : nil
    request.check = { batch, numbers, _ in
      weight?.check(numbers[0], &batch, countsZeros: false)
      if let scoreName, let scores = numbers.last {
        for row in scores.indices where scores[row].isNaN {
          batch.note(row, scoreName, "the score is missing")
        }
      }
    }
    self.request = request
    let table = try input.table(request)
    count = table.count
    tally = table.tally
    group = table.groups[0]
    keys = table.hashes[0]
    weights = weight == nil ? [Double](repeating: 1, count: table.count) : table.numbers[0]
    scores = needsScores ? table.numbers.last ?? [] : []

    let (codes, values) = table.texts[0]
    var facts = ColumnTypes.Facts()
    facts.present = values.count
    facts.values = Set(values.prefix(ColumnTypes.mostValues + 1))
    for code in codes where code >= 0 {
      if let number = TrainingPlan.number(values[Int(code)]) { facts.label.see(number, line: nil) }
    }
    facts.firstText = values.first { TrainingPlan.number($0) == nil }
    let kind = try TrainingPlan.kind(choice, facts, isLog: false, input.name)
    guard case .binary(let positive) = kind else {
      throw UsageError("\(option: "task") \(choice.name): expected a binary label")
    }
    let isPositive = values.map { TrainingPlan.same($0, positive) }
    labels = codes.map { $0 < 0 ? .nan : isPositive[Int($0)] ? 1 : 0 }
    texts = [
      zip(values, isPositive).first { !$1 }?.0 ?? "0",
      zip(values, isPositive).first { $1 }?.0 ?? "1",
    ]
  }

  /// The code of the protected group.
  package func protectedCode() throws -> Int32 {
    guard let protected else {
      let columns = group.columns.joined(separator: ",")
      throw UsageError("name the protected value: \(option: "protected") \(columns)=VALUE")
    }
    guard let code = group.keys.firstIndex(of: protected) else {
      let near = nearest(protected.description, in: group.keys.map(\.description))
      throw Failure(
        .badData,
        "\(passes.firstPass.name): no row belongs to the protected group \"\(protected)\"\(near.map { ": did you mean \"\($0)\"?" } ?? "")"
      )
    }
    return Int32(code)
  }

  /// The protected value in words, for people to check.
  package var protectedWords: String? { protected.map { ProtectedValues.words(group.columns, $0) } }

  /// What messages call the input.
  package var inputName: String { passes.firstPass.name }

  /// Rows without a label or a group, which stay as they are.
  package var unlabelled: Int {
    labels.indices.count { labels[$0].isNaN || group.codes[$0] < 0 }
  }

  /// Counts of what the rows lacked, for the summary.
  package var details: [Message] {
    unlabelled == 0
      ? [] : ["\(Console.grouped(unlabelled)) without a label or group, left unchanged"]
  }

  /// Up to this many groups a rate is said of each.
  private static let mostShown = 20

  /// The weighted share of positive labels in each group, for people: of many groups the least and
  /// the greatest.
  package func rates(_ labels: [Double], _ weights: [Double]) -> String {
    var top = [Double](repeating: 0, count: group.keys.count)
    var bottom = top
    for row in labels.indices where group.codes[row] >= 0 && !labels[row].isNaN {
      top[Int(group.codes[row])] += weights[row] * labels[row]
      bottom[Int(group.codes[row])] += weights[row]
    }
    let rates = top.indices.map { bottom[$0] > 0 ? top[$0] / bottom[$0] : .nan }
    func text(_ code: Int) -> String { "\(group.keys[code]) \(TrainingSummary.text(rates[code]))" }
    guard rates.count > Self.mostShown else {
      return rates.indices.map(text).joined(separator: ", ")
    }
    let known = rates.indices.filter { !rates[$0].isNaN }
    guard let low = known.min(by: { (rates[$0], $0) < (rates[$1], $1) }),
      let high = known.max(by: { (rates[$0], -$0) < (rates[$1], -$1) })
    else { return "\(Console.grouped(rates.count)) groups, none with a rate" }
    return
      "from \(text(low)) to \(text(high)) in \(Console.grouped(rates.count)) groups"
  }

  /// The second pass, row by row in order.
  package func secondPass() throws -> Input {
    try passes.secondPass(RowRewrite.settings(second))
  }

  /// Writes the rows with a new column.
  package func append(
    _ column: String, _ values: OutputColumn.Values, to output: OutputFile, bar: ProgressBar?
  ) throws -> Tally {
    try RowRewrite.append(
      column, values, to: try secondPass(), request, output: output, overwrite: overwrite, bar: bar)
  }
}
