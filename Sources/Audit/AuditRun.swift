internal import FairpostCSV
package import FairpostEvaluation
internal import FairpostNumerics
package import FairpostText
package import FairpostPipeline
internal import FairpostRoles
internal import FairpostTransport

/// An audit from files to tables.
package struct AuditRun {
  /// What came of it.
  package struct Outcome: Sendable {
    /// What was asked for.
    package let request: AuditRequest
    /// The tables in order.
    package let tables: [AuditTable]
    /// How scores became selections, where they did.
    package var median: Median?
    /// What should be said before anything else.
    package var warnings: [Message] = []
    /// What was read.
    package var tally = Tally()
  }

  /// The median that scores are held against.
  package struct Median: Sendable {
    /// The score in the middle.
    package let value: Double
    /// Whether its people are those of known categories only.
    package let isOfIncluded: Bool
    /// The people whose scores it is the middle of.
    package let people: Double
    /// Those with this very score, who are not above.
    package let ties: Double
    /// Those above.
    package let above: Double
  }

  /// Reads the files and makes the tables.
  package static func run(
    _ request: AuditRequest, _ inputs: [Input], population: Input?, progress: ProgressBar?
  ) throws -> Outcome {
    try request.check()
    var columns: [String] = []
    let named =
      request.roles.groups.flatMap { $0 } + [request.position, request.period].compactMap { $0 }
    for column in named where !columns.contains(column) { columns.append(column) }
    let reader = AuditReader(
      columns: columns, decision: try decision(request, inputs[0]), score: request.score,
      weight: request.roles.weight)
    var cells = AuditCells()
    var tally = Tally()
    var found = false
    for input in inputs {
      let (own, foundSelected) = try reader.read(input, into: &cells, progress: progress)
      tally.add(own)
      found = found || foundSelected
    }
    let name = inputs.count == 1 ? inputs[0].name : "\(inputs.count) files"
    if let decision = reader.decision, let selected = decision.selected, !found {
      let others = reader.others.withLock { $0 }.sorted().map { "\"\($0)\"" }
      throw Failure(
        .badData,
        "\(name): column \"\(decision.name)\": no row says \"\(selected)\": found \(others.prefix(6).joined(separator: ", "))"
      )
    }
    cells.rename(try renames(request, columns))
    var outcome = try finished(request, cells, columns, name, population)
    if let decision = reader.decision, let selected = decision.selected {
      let others = reader.others.withLock { $0 }.sorted().map { "\"\($0)\"" }
      outcome.warnings.append(
        "\(decision.name): \"\(selected)\" counts as selected, everything else as not selected (\(others.prefix(6).joined(separator: ", "))\(others.count > 6 ? ", ..." : ""))"
      )
    }
    outcome.tally = tally
    return outcome
  }

  private static func finished(
    _ request: AuditRequest, _ start: AuditCells, _ columns: [String], _ name: String,
    _ population: Input?
  ) throws -> Outcome {
    var cells = start
    var median: Median?
    if request.score != nil, request.decision == nil {
      median = try decide(&cells, request, columns, name)
    }
    var people: AuditCells?
    if let population {
      let groups = request.roles.groups.flatMap { $0 }
      var own = AuditCells()
      let hasCounts = population.header.contains("n")
      let reader = AuditReader(
        columns: columns.filter { groups.contains($0) }, decision: nil, score: nil,
        weight: hasCounts ? RoleNames.WeightName("n", isFrequency: true) : nil)
      _ = try reader.read(population, into: &own, progress: nil)
      own.rename(try renames(request, columns))
      people = own
    }
    let maker = TableMaker(
      cells: cells, request: request, columns: columns,
      isWeighted: request.roles.weight?.isFrequency == false, threads: 1, population: people,
      references: try request.reference.map {
        let (column, text) = try AuditRequest.pair($0, "reference")
        return (column, ByteText(text))
      })
    try check(maker, name)
    var tables = maker.tables()
    for table in tables where table.rows.isEmpty && table.position == nil && table.period == nil {
      throw Failure(
        .badData,
        "\(name): column \"\(table.name)\": no row has a known category (\(Console.grouped(table.unknown.n)) are unknown)",
        hint:
          "any text counts as a category, except the empty one and those of \(option: "missing")")
    }
    if request.minimumCell > 0 { MinimumCell(request.minimumCell).hide(&tables) }
    var outcome = Outcome(request: request, tables: tables, median: median)
    outcome.warnings = warnings(tables, request)
    for column in [request.position, request.period].compactMap({ $0 }) {
      guard let place = columns.firstIndex(of: column) else { continue }
      let without = cells.keys.indices.reduce(0) {
        $0 + (cells.keys[$1][place].isEmpty ? cells.counts[$1].n : 0)
      }
      if without > 0 {
        outcome.warnings.append(
          "\(Console.grouped(without)) without \(column) appear only in the table of all together")
      }
    }
    return outcome
  }

  /// What must be said first: figures that look fine and mean nothing.
  private static func warnings(_ tables: [AuditTable], _ request: AuditRequest) -> [Message] {
    var warnings: [Message] = []
    for table in tables where table.position == nil && table.period == nil {
      let people = table.total.n + table.unknown.n
      let selected = table.total.k + table.unknown.k
      if selected == 0, warnings.isEmpty {
        warnings.append(
          "nobody is selected: there is no rate to compare with, so there are no ratios")
      } else if selected == people, warnings.isEmpty, request.decision != nil {
        warnings.append("everybody is selected: all rates are 1, and there is nothing to compare")
      }
      if table.rows.count == 1 {
        warnings.append(
          "\(table.name): there is only one known category (\(table.rows[0].key)), so nothing to compare it with"
        )
      }
      warnings += SimilarNames.notes(table.columns, table.rows.map(\.key)).prefix(
        table.columns.count == 1 ? 5 : 0
      ).map { "\($0); give them one name with \(option: "category") '\(table.name):TEXT=NAME'" }
    }
    if request.minimumCell > 0, request.scheme.name == "ll144" {
      warnings.append("\(option: "min-cell") hides counts that the rule requires")
    }
    return warnings
  }

  /// Refuses references that no row has, and numbers taken for categories.
  private static func check(_ maker: TableMaker, _ name: String) throws {
    for (column, text) in maker.references {
      guard let place = maker.columns.firstIndex(of: column) else {
        throw UsageError(
          "\(option: "reference") \(column)=\(text): \"\(column)\" is not a column of \(option: "group")"
        )
      }
      let texts = Set(maker.cells.keys.map { $0[place] })
      guard texts.contains(text) else {
        let near = nearest(text.description, in: texts.map(\.description).sorted())
        throw Failure(
          .badData, "\(name): column \"\(column)\": no row has the reference \"\(text)\"",
          hint: near.map { "did you mean \"\($0)\"?" })
      }
    }
    for (place, column) in maker.columns.enumerated() {
      let texts = Set(maker.cells.keys.map { $0[place] }).filter { !$0.isEmpty }
      guard texts.count > 200 else { continue }
      throw Failure(
        .badData,
        "\(name): column \"\(column)\": \(Console.grouped(texts.count)) different texts are too many for categories",
        hint: "cut a number into categories with \(option: "bin") \(column)=CUT,CUT")
    }
  }

  /// The column of decisions, and the text that means selected where one is named.
  fileprivate static func decision(
    _ request: AuditRequest, _ input: Input
  ) throws -> AuditReader.DecisionColumn? {
    guard let text = request.decision else { return nil }
    guard !input.header.contains(text), text.contains("=") else {
      return AuditReader.DecisionColumn(name: text, selected: nil)
    }
    let (name, value) = try AuditRequest.pair(text, "decision")
    return AuditReader.DecisionColumn(name: name, selected: ByteText(value))
  }

  private static func renames(
    _ request: AuditRequest, _ columns: [String]
  ) throws -> [(column: Int, from: ByteText, to: ByteText)] {
    var names: [(column: Int, from: ByteText, to: ByteText)] = []
    for text in request.renames {
      guard let colon = text.firstIndex(of: ":") else { continue }
      let column = String(text[..<colon])
      let (from, to) = try AuditRequest.pair(
        String(text[text.index(after: colon)...]), "category")
      guard let place = columns.firstIndex(of: column) else {
        throw UsageError(
          "\(option: "category") \(text): \"\(column)\" is not a column of \(option: "group"), \(option: "position") or \(option: "period")"
        )
      }
      names.append((place, ByteText(from), ByteText(to)))
    }
    return names
  }

  /// Counts those above the median as selected.
  private static func decide(
    _ cells: inout AuditCells, _ request: AuditRequest, _ columns: [String], _ name: String
  ) throws -> Median {
    let groups = request.roles.groups.flatMap { $0 }
    let places = columns.indices.filter { groups.contains(columns[$0]) }
    let taken = cells.keys.indices.filter { cell in
      !request.medianOfIncluded || places.allSatisfy { !cells.keys[cell][$0].isEmpty }
    }
    let sample = ScoreSample(
      taken.flatMap { cells.scores[$0] }, weights: taken.flatMap { cells.scoreWeights[$0] })
    guard let median = sample.median else {
      throw Failure(.badData, "\(name): no row has a score: there is no median")
    }
    let isFrequency = request.roles.weight?.isFrequency == true
    let isWeighted = request.roles.weight?.isFrequency == false
    for cell in cells.keys.indices {
      let weights = cells.scoreWeights[cell]
      var above = 0
      for (row, score) in cells.scores[cell].enumerated() where score > median {
        above += isFrequency ? Int(weights[row]) : 1
        if isWeighted { cells.weights.add(weights[row], at: 2 * cell + 1) }
      }
      cells.counts[cell].k = above
    }
    return Median(
      value: median, isOfIncluded: request.medianOfIncluded, people: sample.total,
      ties: sample.from(median) - sample.above(median), above: sample.above(median))
  }
}

extension RowCounts {
  /// The columns that an audit looks at.
  package init(_ request: AuditRequest, _ input: Input, digits: Int?) throws {
    try request.check()
    var columns: [Column] = []
    if let text = request.decision {
      let name = try AuditRun.decision(request, input)?.name ?? text
      columns.append(Column(try input.column(name), .text))
    }
    if let score = request.score {
      columns.append(Column(try input.column(score), .score(threshold: nil)))
    }
    let groups =
      request.roles.groups.flatMap { $0 }
      + [request.position, request.period]
      .compactMap { $0 }
    columns += try groups.map { Column(try input.column($0), .group) }
    try self.init(columns, weight: try WeightColumn(request.roles, input), digits: digits)
  }
}
