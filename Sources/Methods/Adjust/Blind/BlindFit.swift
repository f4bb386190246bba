internal import FairpostNumerics
internal import FairpostTransport

/// What a fit from probabilities is asked for, besides the records.
struct BlindFit {
  let columns: BlindColumns
  let output: String
  let classNames: [String]?
  let attribute: [String]
  let groups: [GroupKey]
  let problem: BlindProblem
  var isDeterministic = false
  var passesUnseen = false

  /// Fits to records whose columns stand in the order of `columns`.
  func fit(_ request: FitRequest) throws -> (adjustment: BlindAdjustment, notes: [String]) {
    let data = request.data
    let values = data.scores.map(\.values)
    let codes = columns.kind == .known ? data.attributes.first?.codes : nil
    let rows = (0..<(values.first?.count ?? 0)).filter { row in
      if let weights = data.weights, weights[row] == 0 { return false }
      if let codes, codes[row] < 0 { return false }
      return values.allSatisfy { !$0[row].isNaN }
    }
    guard !rows.isEmpty else { throw AdjustmentError.noRecords(score: columns.scores[0]) }
    let (classes, events) = (problem.classes, problem.events)
    var risks: [Double] = []
    var shares: [Double] = []
    risks.reserveCapacity(rows.count * classes)
    shares.reserveCapacity(rows.count * events)
    var own = [Double](repeating: 0, count: values.count)
    for row in rows {
      for place in values.indices { own[place] = values[place][row] }
      if let fault = columns.fault(own) {
        throw AdjustmentError.unusable(
          "column \"\(columns.all[fault.column])\": \(fault.words)")
      }
      risks += problem.risks(columns.classes(own))
      shares += columns.events(own, code: codes.map { Int($0[row]) } ?? 0, isJoint: problem.isJoint)
    }
    let program = BlindProgram(
      problem,
      BlindProgram.Records(
        risks: risks, events: shares,
        weights: data.weights.map { weights in rows.map { weights[$0] } }, count: rows.count),
      threads: request.threads)
    for constraint in problem.constraints {
      for group in groups.indices where program.base(constraint, group) <= 0 {
        let what =
          constraint.given.map { " with class \(classNames?[$0] ?? "\($0)")" } ?? ""
        throw AdjustmentError.unusable(
          "group \(groups[group])\(what) has no probability in any record, so that its rates cannot be estimated"
        )
      }
    }
    guard let solution = program.solve() else {
      throw AdjustmentError.notProved(score: columns.scores[0], gap: .nan)
    }
    let isMixed = solution.rules.count > 1 && !isDeterministic
    if isMixed, request.idColumn == nil {
      throw AdjustmentError.needsRecordID(
        "the best decisions within the limits choose at random between \(solution.rules.count) rules"
      )
    }
    let free = program.outcome(
      BlindRule(slopes: [Double](repeating: 0, count: classes * events), constant: nil))
    let parts =
      isDeterministic
      ? [
        BlindAdjustment.Part(
          rule: solution.single.rule, weight: 1, outcome: solution.single.outcome)
      ]
      : solution.rules.map {
        BlindAdjustment.Part(rule: $0.rule, weight: $0.weight, outcome: $0.outcome)
      }
    let adjustment = BlindAdjustment(
      columns: columns, output: output, classNames: classNames, attribute: attribute,
      groups: groups, idColumn: isMixed ? request.idColumn : nil,
      seed: isMixed ? request.seed : 0, passesUnseen: passesUnseen, problem: problem,
      means: program.means, parts: parts, bound: solution.bound, free: free,
      isDeterministic: isDeterministic, records: records(data, rows),
      passes: solution.passes,
      distributions: Parallel.map(values.count, threads: request.threads) { place in
        distribution(values[place], data, rows)
      })
    var notes = [adjustment.note()]
    let left = (values.first?.count ?? 0) - rows.count
    if left > 0 {
      notes.append(
        "\(left) record\(left == 1 ? "" : "s") without all probabilities left out of the fit")
    }
    return (adjustment, notes)
  }

  /// How many records there are: the sum of the frequencies where rows have them.
  private func records(_ data: CalibrationData, _ rows: [Int]) -> Int {
    guard data.frequency, let weights = data.weights else { return rows.count }
    return Int(exactly: rows.reduce(0) { $0 + weights[$1] }) ?? rows.count
  }

  private func distribution(
    _ values: [Double], _ data: CalibrationData, _ rows: [Int]
  ) -> Distribution {
    let list = rows.map { values[$0] }
    let whole =
      data.weights.map { weights in
        Distribution(list, weights: rows.map { weights[$0] }, frequencies: data.frequency)
      } ?? Distribution(list)
    return Compression.keep(Compression.knots(of: whole, limit: 512), of: whole)
  }
}
