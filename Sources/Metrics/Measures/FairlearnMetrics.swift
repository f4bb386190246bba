/// fairlearn's figures under fairlearn's names, with its numbers where a cell is empty.
///
/// There a rate without rows is 0, a ratio 0/0 is NaN, and the worst-case odds ratio is Python's `min`
/// over (TPR ratio, FPR ratio): NaN in the first counts, NaN in the second does not. Every figure that
/// rests on such a convention is flagged.
enum Fairlearn {
  /// A rate of a group, with whether its denominator is empty.
  static func rate(_ sums: GroupSums, _ hits: CellMask, _ among: CellMask) -> (Double, Bool) {
    let total = sums.tally(among).weight
    return total > 0 ? (sums.tally(hits).weight / total, false) : (0, true)
  }

  struct Part {
    var hits: CellMask
    var among: CellMask
    /// The same rate as it is defined here.
    var base: BaseMetric
    static let selection = Part(hits: .selected, among: .decided, base: .selectionRate)
    static let truePositive = Part(hits: .truePositive, among: .positives, base: .truePositiveRate)
    static let falsePositive = Part(
      hits: .falsePositive, among: .negatives, base: .falsePositiveRate)
    static let falseNegative = Part(
      hits: .falseNegative, among: .positives, base: .falseNegativeRate)
    static let trueNegative = Part(hits: .trueNegative, among: .negatives, base: .trueNegativeRate)
  }

  /// Difference or ratio of one rate, between groups or to overall.
  static func gap(_ context: EvaluationContext, _ part: Part, ratio: Bool, toOverall: Bool) -> (
    Double, Bool
  ) {
    var degenerate = false
    var values: [Double] = []
    for code in context.present {
      let (value, empty) = rate(context.groups[code].sums, part.hits, part.among)
      degenerate = degenerate || empty
      values.append(value)
    }
    let (whole, _) = rate(context.overall.sums, part.hits, part.among)
    let low = values.min() ?? .nan
    let high = values.max() ?? .nan
    switch (ratio, toOverall) {
    case (false, false): return (high - low, degenerate)
    case (false, true): return (values.map { abs($0 - whole) }.max() ?? .nan, degenerate)
    case (true, false): return (low / high, degenerate || high == 0)
    case (true, true):
      let ratios = values.map { value -> Double in
        let ratio = value / whole
        return ratio > 1 ? 1 / ratio : ratio
      }
      // Missing ratios are left out, as pandas does; all missing is missing.
      return (ratios.filter { !$0.isNaN }.min() ?? .nan, degenerate || whole == 0)
    }
  }

  private static func metric(
    _ id: String, _ name: String, _ formula: String, ratio: Bool, toOverall: Bool, mean: Bool,
    parts: [Part], isUsual: Bool
  ) -> Metric {
    let needs = parts.reduce(into: Needs()) { $0.formUnion($1.base.needs) }
    let definition = "fairlearn." + id
    return Metric(
      id: id, definition: definition, name: name, formula: formula,
      direction: ratio ? .higher : .lower, needs: needs,
      notEstimable: "no group has rows; an empty cell counts as rate 0 and is flagged",
      origin: "fairlearn", isDefault: isUsual && !toOverall && !mean,
      quantity: parts.map(\.quantity).joined(separator: " and "), bases: parts.map(\.base)
    ) { context in
      guard !context.present.isEmpty else { return [.unavailable("no group has rows")] }
      let gaps = parts.map { gap(context, $0, ratio: ratio, toOverall: toOverall) }
      let values = gaps.map(\.0)
      let value: Double
      if parts.count == 1 {
        value = values[0]
      } else if mean {
        let usable = values.filter { !$0.isNaN }
        value = usable.isEmpty ? .nan : usable.reduce(0, +) / Double(usable.count)
      } else if ratio {
        // Python's min keeps the first unless the second is smaller.
        value = values[1] < values[0] ? values[1] : values[0]
      } else {
        value = values[1] > values[0] ? values[1] : values[0]
      }
      var outcome = Outcome()
      outcome.value = value
      if value.isNaN { outcome.reason = "no group has a rate above 0" }
      outcome.flags = context.flags(context.present)
      // What it rests on: the rows of all its denominators.
      let among = parts.reduce(into: CellMask()) { $0.formUnion($1.among) }
      outcome.count = context.overall.sums.tally(among).rows
      if gaps.contains(where: \.1) || value.isNaN { outcome.flags.append("fairlearn-degenerate") }
      // The interval and the noise floor are those of the own definition, where it can be estimated.
      let aggregation: Aggregation =
        toOverall
        ? (ratio ? .ratioToOverall : .differenceToOverall) : (ratio ? .ratio : .difference)
      let pieces = parts.map { part in
        context.derive(
          part.base, aggregation, id: part.base.id + "." + aggregation.rawValue,
          parts: parts.count)
      }
      outcome.combine(pieces, ratio: ratio, mean: mean)
      outcome.least = context.present.flatMap { code in
        parts.map { context.groups[code].sums.tally($0.among).rows }
      }.min()
      return [outcome]
    }
  }

  /// The metrics.
  static let all: [Metric] = {
    var result: [Metric] = []
    // The first three are shown without being asked for.
    let families: [(id: String, name: String, parts: [Part], isUsual: Bool)] = [
      ("demographic_parity", "demographic parity", [.selection], true),
      ("equal_opportunity", "equal opportunity", [.truePositive], true),
      ("equalized_odds", "equalized odds", [.truePositive, .falsePositive], true),
      ("selection_rate", "selection rate", [.selection], false),
      ("true_positive_rate", "true positive rate", [.truePositive], false),
      ("false_positive_rate", "false positive rate", [.falsePositive], false),
      ("false_negative_rate", "false negative rate", [.falseNegative], false),
      ("true_negative_rate", "true negative rate", [.trueNegative], false),
    ]
    for (id, name, parts, isUsual) in families {
      for ratio in [false, true] {
        for toOverall in [false, true] {
          for mean in parts.count > 1 ? [false, true] : [false] {
            let word = ratio ? "ratio" : "difference"
            let form =
              toOverall
              ? (ratio ? "min over groups of rate / overall, folded" : "max |rate - overall|")
              : (ratio ? "min / max" : "max - min")
            let rates = parts.map(\.text).joined(separator: ", ")
            let combination =
              parts.count == 1
              ? "" : mean ? "mean of the " : ratio ? "smaller of the " : "larger of the "
            result.append(
              metric(
                id + "_" + word + (toOverall ? "_to_overall" : "") + (mean ? "_mean" : ""),
                name + " " + word + (toOverall ? " to overall" : "") + (mean ? ", mean" : ""),
                combination + form + " of " + rates + "; a rate without rows is 0", ratio: ratio,
                toOverall: toOverall, mean: mean, parts: parts,
                isUsual: isUsual))
          }
        }
      }
    }
    return result
  }()
}

extension Fairlearn.Part {
  var text: String { base.formula }

  /// What a test of it asks.
  var quantity: String { base.quantity ?? base.id }
}

extension Outcome {
  /// Takes interval and chance level over from figures this one is the worst or the mean of.
  ///
  /// The pieces' lower bounds (upper ones of ratios) hold together. The chance level is that of the
  /// worst or the mean itself: the larger of two gaps is larger by chance than either.
  mutating func combine(_ pieces: [Outcome], ratio: Bool, mean: Bool) {
    let lowers = pieces.compactMap(\.lower)
    let uppers = pieces.compactMap(\.upper)
    if lowers.count == pieces.count, uppers.count == pieces.count, !pieces.isEmpty {
      if mean {
        lower = lowers.reduce(0, +) / Double(lowers.count)
        upper = uppers.reduce(0, +) / Double(uppers.count)
      } else {
        lower = ratio ? lowers.min() : lowers.max()
        upper = ratio ? uppers.min() : uppers.max()
      }
      method = "simultaneous-newcombe"
    }
    least = pieces.compactMap(\.least).min()
    let draws = pieces.map(\.fairDraws)
    guard let first = draws.first, draws.allSatisfy({ $0.count == first.count }) else { return }
    let combined = first.indices.map { place -> Double in
      let values = draws.map { $0[place] }
      if values.contains(where: \.isNaN) { return .nan }
      if mean { return values.reduce(0, +) / Double(values.count) }
      return (ratio ? values.min() : values.max()) ?? .nan
    }
    takeChance(combined, isRatio: ratio)
  }
}
