internal import FairpostNumerics

/// Finds the best choice of one threshold for each group within the limits, exactly.
///
/// The limits hold where all groups' rates lie in a window: from its lower corner up to the tolerance above.
/// Both rates of a group rise along its curve, so that the thresholds within a window are one stretch of it.
/// A set of windows, a range of lower corners, is bounded by the sum of the groups' best gains in its widest
/// stretches. The set of the greatest bound is looked at first: where the thresholds that give the bound keep to
/// the limits they are the best there are; else the set is halved (branch and bound).
struct BestThresholds {
  /// Rules of one group that all select more and more.
  private struct Chain {
    let rules: [LabelWeights]
    /// For each parity the rate of each rule.
    let rates: [[Double]]
    /// The rules that keep to the group's own caps.
    let allowed: Range<Int>
    let isReversed: Bool
  }

  private let problem: DecisionProblem
  private let curves: [GroupCurve]
  /// Each group's chains: the thresholds, and the reversed rules where they are allowed.
  private let chains: [[Chain]]
  /// For each parity the rates that a lower corner can have.
  private let corners: [[Double]]

  /// Sets of windows that are looked at before the search is given up.
  private static let mostSets = 4_000_000

  init(_ problem: DecisionProblem, _ curves: [GroupCurve], reversed: Bool) {
    self.problem = problem
    self.curves = curves
    chains = curves.enumerated().map { group, curve in
      let forward = curve.thresholds.indices.map { curve.rule($0).decided }
      let totals = curve.totals
      let mirrored = forward.reversed().map {
        LabelWeights(
          negatives: totals.negatives - $0.negatives, positives: totals.positives - $0.positives)
      }
      return ([(forward, false)] + (reversed ? [(mirrored, true)] : [])).map { rules, isReversed in
        var allowed = 0..<rules.count
        for cap in problem.caps where cap.group == group {
          let base = cap.rate.base(totals)
          let rates = rules.map { cap.rate.count($0) / base }
          if cap.isUpper {
            let end = rates.firstPlace { $0 > cap.value + 1e-12 }
            allowed = allowed.lowerBound..<max(allowed.lowerBound, min(allowed.upperBound, end))
          } else {
            let start = rates.firstPlace { $0 >= cap.value - 1e-12 }
            allowed = min(max(allowed.lowerBound, start), allowed.upperBound)..<allowed.upperBound
          }
        }
        return Chain(
          rules: rules,
          rates: problem.parity.map { parity in
            let base = parity.rate.base(totals)
            return rules.map { parity.rate.count($0) / base }
          }, allowed: allowed, isReversed: isReversed)
      }
    }
    let all = chains.joined()
    corners = problem.parity.indices.map { parity in
      var sorted = all.flatMap { $0.rates[parity] }
      Sorting.sort(&sorted)
      var distinct: [Double] = []
      for rate in sorted where rate != distinct.last { distinct.append(rate) }
      return distinct
    }
  }

  /// The best rules; for F1 the goal is climbed as in the programme with lotteries.
  func best() throws(DecisionFault) -> [DecisionRule] {
    var level = 0.0
    var found = try best(problem.gain(level: level))
    guard problem.objective == .f1 else { return found }
    for _ in 0..<60 {
      let next = problem.value(found.map(\.decided))
      if next <= level + 1e-15 { break }
      level = next
      found = try best(problem.gain(level: level))
    }
    return found
  }

  /// A set of windows with the rules that give its bound: for each group its chain and place.
  private struct WindowSet {
    let bound: Double
    let ranges: [Range<Int>]
    let chosen: [(chain: Int, place: Int)]
  }

  private func best(_ gain: LinearGain) throws(DecisionFault) -> [DecisionRule] {
    let tables = chains.map { chains in
      chains.map { RangeMaximum($0.rules.map { gain.of($0) }) }
    }
    var heap = Heap<WindowSet> { $0.bound > $1.bound }
    if let all = set(corners.map { 0..<$0.count }, gain, tables) { heap.insert(all) }
    var seen = 0
    while let top = heap.takeFirst() {
      let rules = rules(top)
      if problem.excess(rules.map(\.decided)) <= 1e-12 { return rules }
      // The set is halved where it spans the most corners.
      guard
        let widest = top.ranges.indices.max(by: { top.ranges[$0].count < top.ranges[$1].count }),
        top.ranges[widest].count > 1
      else { continue }
      let range = top.ranges[widest]
      let middle = range.lowerBound + range.count / 2
      for half in [range.lowerBound..<middle, middle..<range.upperBound] {
        var ranges = top.ranges
        ranges[widest] = half
        if let set = set(ranges, gain, tables) { heap.insert(set) }
      }
      seen += 1
      if seen > Self.mostSets { throw .notProved(.infinity) }
    }
    throw .infeasible(parity: Array(problem.parity.indices), caps: Array(problem.caps.indices))
  }

  /// The set of windows of these lower corners; nil where some group has no rule in any of them.
  private func set(
    _ ranges: [Range<Int>], _ gain: LinearGain, _ tables: [[RangeMaximum]]
  ) -> WindowSet? {
    let ends = ranges.enumerated().map { parity, range in
      let (least, most) = (
        corners[parity][range.lowerBound], corners[parity][range.upperBound - 1]
      )
      return switch problem.parity[parity].limit {
      case .difference(let width): (least - 1e-12, most + width + 1e-12)
      case .ratio(let share): (least - 1e-12, most / share + 1e-12)
      }
    }
    var bound = gain.constant
    var chosen: [(chain: Int, place: Int)] = []
    for (group, chains) in chains.enumerated() {
      var best: (chain: Int, place: Int, gain: Double)?
      for (index, chain) in chains.enumerated() {
        var (first, end) = (chain.allowed.lowerBound, chain.allowed.upperBound)
        for (parity, (least, most)) in ends.enumerated() {
          first = max(first, chain.rates[parity].firstPlace { $0 >= least })
          end = min(end, chain.rates[parity].firstPlace { $0 > most })
        }
        guard first < end else { continue }
        let place = tables[group][index].place(in: first..<end)
        let value = gain.of(chain.rules[place])
        if let best, value <= best.gain { continue }
        best = (index, place, value)
      }
      guard let best else { return nil }
      bound += best.gain
      chosen.append((best.chain, best.place))
    }
    return WindowSet(bound: bound, ranges: ranges, chosen: chosen)
  }

  private func rules(_ set: WindowSet) -> [DecisionRule] {
    set.chosen.enumerated().map { group, choice in
      let chain = chains[group][choice.chain]
      let thresholds = curves[group].thresholds
      let place = chain.isReversed ? thresholds.count - 1 - choice.place : choice.place
      return DecisionRule(
        threshold: thresholds[place], isReversed: chain.isReversed,
        decided: chain.rules[choice.place])
    }
  }
}
