package import FairpostCSV
internal import FairpostEvaluation
internal import FairpostLearning
internal import FairpostMethods
package import FairpostNumerics
package import FairpostOptions
package import FairpostPipeline
internal import FairpostRoles
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
  private let options: ParsedOptions

  /// The options all three have.
  package static let options: [OptionSpec] = [
    OptionSpec(
      "task", "t", .text("COL[:binary=VALUE]"), help: "the label column, with its positive value",
      required: true, section: "Columns"),
    OptionSpec(
      "group", "g", .columns("COL[,COL...]"),
      help: "the sensitive attribute; several columns are their intersection", required: true,
      section: "Columns"),
    OptionSpec(
      "weight", nil, .column(), help: "weights the rows already have", section: "Columns"),
    CommonOptions.id,
  ]

  /// The protected value, where one is needed.
  package static let protected = OptionSpec(
    "protected", nil, .text("COL=VALUE"), help: "the protected value of a sensitive column",
    repeated: true, section: "Columns")

  /// The ranker's scores, where they are needed.
  package static let score = OptionSpec(
    "score", nil, .column(), help: "scores that rank the rows, higher for label 1",
    defaultNote: "TASK.score", section: "Columns")

  /// How a pipe is kept.
  package static let memory = OptionSpec(
    "memory", nil, .integer("MIB", in: 0...1_000_000), help: "how much of a pipe to keep in memory",
    default: "1024", section: "General")

  /// Reads the first pass.
  ///
  /// - Parameter makes: the column the command appends, looked up before the work.
  package init(
    _ path: String?, _ options: ParsedOptions, needsScores: Bool, makes: (String) -> String?
  ) throws {
    self.options = options
    var settings = try InputSettings(options)
    settings.rejects = nil
    passes = try TwicePass(
      path, settings, memoryLimit: (options.integer("memory") ?? 0) << 20)
    let input = passes.firstPass
    let choice = try TaskDeclaration(options.text("task") ?? "", columns: input.header.names)
    task = choice.name
    if let made = makes(choice.name) {
      _ = try input.place(of: made, overwrite: options.has("overwrite"))
    }
    let attribute = try SensitiveAttributes.named(options).first ?? []
    let named = try ProtectedValues(options)
    try named.check([attribute])
    protected = named.key(attribute)
    var conflicts = RoleConflicts()
    try conflicts.takeWeightAndID(options)
    try conflicts.take(choice.name, "the label (--task)")
    if needsScores {
      try conflicts.take(options.text("score") ?? "\(choice.name).score", "the score")
    }
    for column in attribute { try conflicts.take(column, "a sensitive attribute (--group)") }
    var request = TableRequest()
    request.texts = [try input.column(choice.name)]
    request.groups = [try input.columns(attribute)]
    let weight = try WeightColumn(options, input)
    if let weight { request.numbers.append(weight.column) }
    if needsScores {
      request.numbers.append(
        try input.column(options.text("score") ?? "\(choice.name).score"))
    }
    request.hashes = [
      (
        StableHash(seed: UInt64(options.integer("seed") ?? 0), purpose: "rebalance.record"),
        try options.text("id").map { try input.column($0) }
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
      throw UsageError("--task \(choice.name): a binary label is wanted here")
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
      throw UsageError("name the protected value: --protected \(columns)=VALUE")
    }
    guard let code = group.keys.firstIndex(of: protected) else {
      let near = nearest(protected.description, in: group.keys.map(\.description))
      throw Failure(
        .badData,
        "\(passes.firstPass.name): no row is of the protected group \"\(protected)\"\(near.map { ": did you mean \"\($0)\"?" } ?? "")"
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
  package var details: [String] {
    unlabelled == 0
      ? [] : ["\(Console.grouped(unlabelled)) without a label or group, left as they are"]
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
    try passes.secondPass(RowRewrite.settings(try InputSettings(options)))
  }

  /// Writes the rows with a new column.
  package func append(_ column: String, _ values: OutputColumn.Values, bar: ProgressBar?) throws
    -> Tally
  {
    let output = try OutputFile.open(options.text("output"))
    let tally = try RowRewrite.append(
      column, values, to: try secondPass(), request, output: output,
      overwrite: options.has("overwrite"), bar: bar)
    try output.commit()
    return tally
  }
}
