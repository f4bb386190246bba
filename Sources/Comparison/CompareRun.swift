internal import FairpostEvaluation
internal import FairpostJSON
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
package import FairpostOptions
package import FairpostPipeline
internal import FairpostTraining

/// One run of `compare`: reading, cells, table.
package struct CompareRun {
  private let options: ParsedOptions
  private let command: CommandSpec
  private let console: Console
  private let passes: TwicePass
  private let roles: TrainingRoles
  private let plan: ComparePlan
  private let threads: Int

  /// Looks up all columns and names; no data is read yet.
  package init(
    _ options: ParsedOptions, _ console: Console, _ path: String?, of command: CommandSpec
  ) throws {
    self.options = options
    self.command = command
    self.console = console
    threads = options.integer("threads") ?? Parallel.cores
    let settings = try InputSettings(options)
    passes = try TwicePass(
      path, settings, memoryLimit: (options.integer("memory") ?? 0) << 20)
    roles = try TrainingRoles(options, passes.firstPass)
    plan = try ComparePlan(options, roles, passes.firstPass.settings)
  }

  /// Does all cells and writes the table.
  package func run() throws -> ExitStatus {
    let outputs = try Outputs(options)
    let data = try CompareData(options, roles, passes)
    // What gives an answer away is the first thing to know.
    let isGivenAway = data.notes.first?.hasPrefix("check the features") ?? false
    if isGivenAway { console.note(data.notes[0]) }
    console.summary(data.rows.tally)
    for note in data.plan.notes + data.notes.dropFirst(isGivenAway ? 1 : 0) { console.note(note) }
    let drawsByID = plan.adjusters.values.contains { $0.method.needsID }
    if drawsByID || !plan.external.isEmpty { try refuseBadIDs(data) }
    let metrics = try CompareMetrics(options, data.plan)
    let external = try plan.external.map {
      try ExternalArm($0.name, $0.path, options, data.plan)
    }
    let work = CompareCells(
      data: data, arms: plan.arms, seeds: plan.seeds, limits: plan.limits,
      learners: plan.learners, adjusters: plan.adjusters,
      external: external,
      evaluation: EvaluationStep(
        data: data, metrics: metrics, threshold: options.number("threshold") ?? 0.5,
        rate: options.number("at-rate")),
      validationShare: options.number("validation-share") ?? 0.2,
      levels: options.integer("levels") ?? 50, standardises: !options.has("no-standardise"),
      adapts: !options.has("no-adapt"))
    let journal = try options.text("journal").map {
      try CompareJournal(
        $0, configuration: CompareConfig.decisive(options, command),
        data: data.digest, resumes: options.has("resume"))
    }
    let cells = try finish(work, journal)
    let table = ResultTable(plan: plan, metrics: metrics, cells: cells)
    try outputs.write(table, isQuiet: options.has("quiet"))
    guard table.hasFailures else { return .done }
    for arm in table.arms.indices {
      let failures = table.failures(arm)
      guard let (seed, reason) = failures.first else { continue }
      let more = failures.count > 1 ? " (and under \(failures.count - 1) other seeds)" : ""
      console.note("\(table.arms[arm].name), seed \(seed): \(reason)\(more)")
    }
    throw Failure(.badData, "some cells failed; the rest of the table is complete")
  }

  /// Ids by which predictions are matched, or something is drawn, must be there once each.
  private func refuseBadIDs(_ data: CompareData) throws {
    let missing = CompareSplit.keyHash("")
    if let row = data.rows.keys.firstIndex(of: missing) {
      throw Failure(
        .badData,
        "\(data.name): record \(row + 1): column \"\(roles.id ?? "")\": the record's id is missing")
    }
    var rowOf: [UInt64: Int] = [:]
    for (row, key) in data.rows.keys.enumerated() {
      guard let first = rowOf.updateValue(row, forKey: key) else { continue }
      throw Failure(
        .badData,
        "\(data.name): records \(first + 1) and \(row + 1) have the same id (column \"\(roles.id ?? "")\")"
      )
    }
  }

  /// All cells: those of the journal, and the others.
  private func finish(_ work: CompareCells, _ journal: CompareJournal?) throws -> [[CellResult?]] {
    let identities = plan.arms.map { identity($0, work.external) }
    var known = plan.arms.map { _ in [CellResult?](repeating: nil, count: plan.seeds.count) }
    if let journal {
      for arm in plan.arms.indices where plan.arms[arm].notApplicable == nil {
        for seed in plan.seeds.indices {
          known[arm][seed] = try journal.cell(identities[arm], plan.seeds[seed])
        }
      }
    }
    let finished = known
    let units = work.units { finished[$0][$1] != nil }
    let kept = finished.reduce(0) { $0 + $1.count { $0 != nil } }
    if kept > 0 { console.note("\(Console.grouped(kept)) finished cells are in the journal") }
    let state = Guarded(State(cells: known))
    let bar = ProgressBar(
      options.has("quiet") ? .never : options.choice("progress") ?? .auto,
      label: "fairpost compare", size: nil)
    let total = units.reduce(0) { $0 + $1.arms.count }
    let started = ProcessFacts.seconds
    let seeds = plan.seeds
    Parallel.forEach(units.count, threads: threads) { place in
      if state.withLock({ $0.error }) != nil { return }
      let unit = units[place]
      do {
        try work.run(unit) { arm, result in
          try journal?.keep(result, identities[arm], seeds[unit.seed])
          let done = state.withLock { state -> Int in
            state.cells[arm][unit.seed] = result
            state.done += 1
            return state.done
          }
          let left = (ProcessFacts.seconds - started) * Double(total - done) / Double(done)
          bar?.update("\(done) of \(total) cells, about \(Int(left)) s left")
        }
      } catch {
        state.withLock { $0.error = $0.error ?? error }
      }
    }
    bar?.clear()
    return try state.withLock { state in
      if let error = state.error { throw error }
      return state.cells
    }
  }

  private struct State {
    var cells: [[CellResult?]]
    var done = 0
    var error: (any Error)?
  }

  /// What tells an arm apart in a journal; other tools' predictions by what they hold.
  private func identity(_ arm: Arm, _ external: [ExternalArm]) -> String {
    guard case .external(let place) = arm.source else { return plan.identity(arm) }
    return "\(arm.identity) \(external[place].digest)"
  }
}

/// Where a comparison's results go.
private struct Outputs {
  private let results: OutputFile
  private let isFile: Bool
  private let format: String
  private let cells: OutputFile?
  private let costs: OutputFile?

  /// Opens the files, so that one that cannot be made is found out before the work.
  init(_ options: ParsedOptions) throws {
    results = try OutputFile.open(options.text("output"))
    isFile = options.text("output").map { $0 != "-" } ?? false
    format =
      options.choice("format") ?? (!isFile && results.isTerminal ? "table" : "csv")
    cells = try options.text("cells").map { try OutputFile.open($0) }
    costs = try options.text("costs").map { try OutputFile.open($0) }
  }

  func write(_ table: ResultTable, isQuiet: Bool) throws {
    let aligned = { ResultText(table: table, style: .aligned).text() }
    switch format {
    case "table": try results.write(aligned())
    case "md": try results.write(ResultText(table: table, style: .markdown).text())
    default: try results.write(try ResultCSV.bytes(table))
    }
    try results.commit()
    if let cells {
      try cells.write(try ResultCSV.cells(table))
      try cells.commit()
    }
    if let costs {
      try costs.write(ResultCSV.costs(table))
      try costs.commit()
    }
    // A file keeps the figures; the answer is for whoever asked.
    if isFile, format == "csv", !isQuiet { try OutputFile.standard.write(aligned()) }
  }
}
