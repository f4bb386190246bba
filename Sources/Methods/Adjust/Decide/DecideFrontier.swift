internal import FairpostTransport

/// The whole curve of `decide`: the greatest value for each tolerance, by its breakpoints.
///
/// The value is a concave, piecewise linear function of the tolerance, and a solution tells it with its slope,
/// the price of the tolerance. Two lines meet where a breakpoint may be: if the curve passes there it is one, else
/// both sides are looked at in the same way. That is two solutions a breakpoint, from one sorting of the records.
extension DecideMethod: FrontierMethod {
  package static var knob: String { "tolerance" }

  package func frontier(_ request: FitRequest, steps: Int) throws -> [FrontierStep] {
    let data = request.data
    let attribute = try data.onlyAttribute(info)
    let prepared = try prepared(data, 0, attribute, threads: request.threads)
    let isFree = settings.heldCriteria.flatMap { criterion in
      criterion.name.rates.map { _ in criterion.limit == nil }
    }
    guard settings.confidence == nil else {
      throw AdjustmentError.setting(
        SettingFault("confidence", nil, .unsuited("promises one tolerance, but a curve has many")))
    }
    guard isFree.contains(true) else {
      throw AdjustmentError.setting(
        SettingFault(
          "constraint", nil,
          .unsuited("needs a criterion without a limit: the curve tries every limit"))
      )
    }
    /// The best decisions under a tolerance.
    func solved(_ tolerance: Double) throws -> FrontierStep {
      var chosen = settings
      chosen.tolerance = tolerance
      let method = DecideMethod(chosen)
      let score = try method.solved(prepared, method.problem(prepared))
      let price = zip(isFree, score.prices.high).reduce(0) { sum, pair in
        pair.0 ? sum + pair.1.reduce(0, +) : sum
      }
      let adjustment = DecideAdjustment(
        columns: attribute.columns, keys: attribute.keys, scores: [score],
        otherwise: settings.otherwise, idColumn: request.idColumn, seed: request.seed)
      return FrontierStep(
        setting: tolerance, adjustment: adjustment, value: score.value,
        price: settings.isDeterministic || settings.objective == .f1 ? nil : price,
        lots: score.lotteryShare)
    }
    let (first, last) = (try solved(0), try solved(1))
    guard !settings.isDeterministic, settings.objective != .f1 else {
      // Neither is concave: evenly spaced tolerances up to where the limits no longer act.
      let end = widest(last)
      return try (0...steps).map { try solved(end * Double($0) / Double(steps)) }
    }
    var found = [first]
    try addBreakpoints(first, last, &found, solved)
    return breakpoints(found + [last])
  }

  /// The greatest distance of rates where nothing is limited.
  private func widest(_ step: FrontierStep) -> Double {
    guard let adjustment = step.adjustment as? DecideAdjustment else { return 1 }
    let score = adjustment.scores[0]
    return score.problem.parity.map { parity in
      let rates = score.problem.rates(parity.rate, score.before)
      return (rates.max() ?? 1) - (rates.min() ?? 0)
    }.max() ?? 1
  }

  /// Adds the breakpoints between two solutions, in order.
  private func addBreakpoints(
    _ left: FrontierStep, _ right: FrontierStep, _ found: inout [FrontierStep],
    _ solved: (Double) throws -> FrontierStep
  ) throws {
    guard let (start, rise) = left.line, let (end, fall) = right.line else { return }
    let (from, to) = (left.setting, right.setting)
    // Lines of one slope are one line; what is left of a difference is rounding.
    guard to - from > 1e-12, rise - fall > 1e-10 * (1 + rise) else { return }
    let place = (end - start + rise * from - fall * to) / (rise - fall)
    guard place > from + 1e-12, place < to - 1e-12 else { return }
    let middle = try solved(place)
    guard let (value, _) = middle.line else { return }
    if value >= start + rise * (place - from) - 1e-12 * (1 + abs(start)) {
      found.append(middle)
      return
    }
    try addBreakpoints(left, middle, &found, solved)
    found.append(middle)
    try addBreakpoints(middle, right, &found, solved)
  }

  /// The steps at which the curve bends; the last is where it stops rising.
  private func breakpoints(_ steps: [FrontierStep]) -> [FrontierStep] {
    var kept: [FrontierStep] = []
    for step in steps {
      while kept.count > 1, isOnLine(kept[kept.count - 2], kept[kept.count - 1], step) {
        kept.removeLast()
      }
      kept.append(step)
    }
    if let end = kept.last?.value, kept.count > 1, let before = kept[kept.count - 2].value,
      end - before <= 1e-12
    {
      kept.removeLast()
    }
    return kept
  }

  /// Whether a step lies on the line between its neighbours.
  private func isOnLine(
    _ left: FrontierStep, _ middle: FrontierStep, _ right: FrontierStep
  ) -> Bool {
    guard let start = left.value, let value = middle.value, let end = right.value else {
      return false
    }
    let share = (middle.setting - left.setting) / (right.setting - left.setting)
    return value - (start + share * (end - start)) <= 1e-12
  }
}

extension FrontierStep {
  /// The value and the slope, where both are known.
  fileprivate var line: (value: Double, slope: Double)? {
    guard let value, let price else { return nil }
    return (value, price)
  }
}
