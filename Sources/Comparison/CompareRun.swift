internal import FairpostEvaluation
internal import FairpostJSON
internal import FairpostLearning
internal import FairpostMethods
internal import FairpostMetrics
internal import FairpostNumerics
package import FairpostPipeline
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// One run of `compare`: reading, cells, table.
package struct CompareRun {
  private let request: CompareRequest
  private let console: Console
  private let passes: TwicePass
  private let roles: TrainingRoles
  private let plan: ComparePlan
  private let threads: Int

  /// Looks up all columns and names; no data is read yet.
  package init(_ request: CompareRequest, _ passes: TwicePass, _ console: Console) throws {
    self.request = request
    self.console = console
    self.passes = passes
    threads = passes.firstPass.settings.threads
    roles = try TrainingRoles(request.columns, passes.firstPass)
    plan = try ComparePlan(request, roles, passes.firstPass.settings)
  }

  /// Does all cells.
  package func table() throws -> ResultTable {
    let data = try CompareData(request, roles, passes)
    // What gives an answer away is the first thing to know.
    let isGivenAway = data.notes.first?.after("check the features") != nil
    if isGivenAway { console.note(data.notes[0]) }
    console.summary(data.rows.tally)
    for note in data.plan.notes + data.notes.dropFirst(isGivenAway ? 1 : 0) { console.note(note) }
    let drawsByID = plan.adjusters.values.contains { $0.method.needsID }
    if drawsByID || !plan.external.isEmpty { try refuseBadIDs(data) }
    let metrics = try CompareMetrics(request, data.plan)
    let external = try plan.external.map {
      try ExternalArm(
        $0.name, $0.path, request, data.plan, like: passes.firstPass.settings)
    }
    let work = CompareCells(
      data: data, arms: plan.arms, seeds: plan.seeds, limits: plan.limits,
      learners: plan.learners, adjusters: plan.adjusters,
      external: external,
      evaluation: EvaluationStep(
        data: data, metrics: metrics, threshold: request.threshold ?? 0.5,
        rate: request.rate),
      validationShare: request.validationShare,
      levels: request.levels, standardises: request.standardises,
      adapts: request.adapts)
    let journal = try request.journal.map {
      try CompareJournal(
        $0, configuration: request.configuration, data: data.digest, resumes: request.resumes)
    }
    let cells = try finish(work, journal)
    return ResultTable(
      plan: plan, metrics: metrics, cells: cells, leaks: data.leaks.map(\.description),
      smallGroups: smallGroups(data))
  }

  /// The groups with few test rows under some seed, the smallest first.
  private func smallGroups(_ data: CompareData) -> [ResultTable.SmallGroup] {
    let attribute = data.attributes[0]
    var fewest = [Int](repeating: .max, count: attribute.keys.count)
    for seed in plan.seeds {
      var counts = [Int](repeating: 0, count: attribute.keys.count)
      for row in CompareSplit(data, seed: seed, limits: plan.limits).test
      where attribute.codes[row] >= 0 { counts[Int(attribute.codes[row])] += 1 }
      for code in counts.indices { fewest[code] = min(fewest[code], counts[code]) }
    }
    return fewest.indices.filter { fewest[$0] < ResultTable.SmallGroup.limit }
      .sorted { (fewest[$0], $0) < (fewest[$1], $1) }
      .map { ResultTable.SmallGroup(name: attribute.keys[$0].description, rows: fewest[$0]) }
  }

  /// Says which cells failed and why, and ends where some did.
  package func refuseFailures(_ table: ResultTable) throws(Failure) {
    guard table.hasFailures else { return }
    for arm in table.arms.indices {
      let failures = table.failures(arm)
      guard let (seed, reason) = failures.first else { continue }
      let more = failures.count > 1 ? " (and under \(failures.count - 1) other seeds)" : ""
      console.note("\(table.arms[arm].name), seed \(seed): \(reason)\(more)")
    }
    throw Failure(.badData, "some runs failed; the rest of the table is complete")
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
    if kept > 0 { console.note("\(Console.grouped(kept)) finished runs are in the journal") }
    let state = Guarded(State(cells: known))
    let bar = console.bar()
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
          bar?.update("\(done) of \(total) runs, about \(Int(left)) s left")
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
