/// A threshold rule of one group, with the weights of both labels that it decides 1.
struct DecisionRule: Sendable, Equatable {
  /// A score at or above it is decided 1; infinite for "nobody".
  let threshold: Double
  /// Whether scores below the threshold are decided 1 instead.
  let isReversed: Bool
  /// What it decides 1 of the records it was fitted to.
  let decided: LabelWeights

  /// The decision on a score.
  func decides(_ score: Double) -> Bool { (score >= threshold) != isReversed }
}

/// The convex hull of what one group's threshold rules reach: whatever a lottery among them can do is a
/// point of it, and the best rule for any linear goal is one of its corners.
struct RocHull: Sendable {
  /// The corners from "nobody" to "everybody" with the most positives for their negatives.
  let upper: [DecisionRule]
  /// The other corners, likewise with the fewest positives; the ends are not among them.
  let lower: [DecisionRule]

  /// All corners.
  var rules: [DecisionRule] { upper + lower }

  /// A hull from its corners.
  init(upper: [DecisionRule], lower: [DecisionRule]) { (self.upper, self.lower) = (upper, lower) }

  /// Whether what a rule decides lies within the hull.
  func holds(_ decided: LabelWeights) -> Bool {
    guard let end = upper.last?.decided else { return false }
    let size = max(end.negatives, end.positives)
    /// Whether the point lies on the given side of every edge of a chain.
    func isBeside(_ chain: [LabelWeights], sign: Double) -> Bool {
      zip(chain, chain.dropFirst()).allSatisfy { from, to in
        let (x, y) = (
          (to.negatives - from.negatives) / size, (to.positives - from.positives) / size
        )
        let cross =
          x * (decided.positives - from.positives) / size
          - y * (decided.negatives - from.negatives) / size
        return sign * cross <= 1e-9 * (abs(x) + abs(y))
      }
    }
    let nobody = LabelWeights(negatives: 0, positives: 0)
    return isBeside(upper.map(\.decided), sign: 1)
      && isBeside([nobody] + lower.map(\.decided) + [end], sign: -1)
  }

  /// The hull of a curve.
  ///
  /// - Parameter reversed: whether rules that decide low scores 1 are allowed too.
  init(_ curve: GroupCurve, reversed: Bool) {
    let forward = curve.thresholds.indices.map { place in
      DecisionRule(
        threshold: curve.thresholds[place], isReversed: false,
        decided: LabelWeights(
          negatives: curve.negatives[place], positives: curve.positives[place]))
    }
    let chains = Chains(totals: curve.totals, isWhole: curve.isWhole)
    var upper = chains.chain(forward, sign: 1)
    var lower = chains.chain(forward, sign: -1)
    if reversed {
      let (first, second) = (upper, lower)
      func joined(_ own: [DecisionRule], _ others: [DecisionRule]) -> [DecisionRule] {
        // A forward rule stands before a reversed one that does the same.
        let mirrored = others.map { chains.mirrored($0) }
        return (own + mirrored).sorted { left, right in
          (left.decided.negatives, left.decided.positives, left.isReversed ? 1 : 0)
            < (right.decided.negatives, right.decided.positives, right.isReversed ? 1 : 0)
        }
      }
      upper = chains.chain(joined(first, second), sign: 1)
      lower = chains.chain(joined(second, first), sign: -1)
    }
    self.upper = upper
    self.lower = Array(lower.dropFirst().dropLast())
  }
}

/// Builds one side of a hull after the other.
private struct Chains {
  let totals: LabelWeights
  let isWhole: Bool

  /// The rule that decides the others 1.
  func mirrored(_ rule: DecisionRule) -> DecisionRule {
    DecisionRule(
      threshold: rule.threshold, isReversed: !rule.isReversed,
      decided: LabelWeights(
        negatives: totals.negatives - rule.decided.negatives,
        positives: totals.positives - rule.decided.positives))
  }

  /// The corners of the upper (sign 1) or lower (-1) side, of rules sorted by what they decide 1.
  func chain(_ rules: [DecisionRule], sign: Int) -> [DecisionRule] {
    var kept: [DecisionRule] = []
    for rule in rules {
      if let last = kept.last, last.decided == rule.decided { continue }
      while kept.count > 1,
        !turns(kept[kept.count - 2].decided, kept[kept.count - 1].decided, rule.decided, sign)
      {
        kept.removeLast()
      }
      kept.append(rule)
    }
    return kept
  }

  /// Whether the middle of three points lies beyond the line through the others.
  private func turns(_ a: LabelWeights, _ b: LabelWeights, _ c: LabelWeights, _ sign: Int) -> Bool {
    if isWhole {
      func step(_ from: LabelWeights, _ to: LabelWeights) -> (Int128, Int128) {
        // Whole numbers of at most 53 bits, which convert in one step as an Int64.
        (
          Int128(Int64(to.negatives - from.negatives)), Int128(Int64(to.positives - from.positives))
        )
      }
      let (ab, ac) = (step(a, b), step(a, c))
      let cross = ab.0 * ac.1 - ab.1 * ac.0
      return sign > 0 ? cross < 0 : cross > 0
    }
    guard totals.negatives > 0, totals.positives > 0 else { return false }
    func step(_ from: LabelWeights, _ to: LabelWeights) -> (Double, Double) {
      (
        (to.negatives - from.negatives) / totals.negatives,
        (to.positives - from.positives) / totals.positives
      )
    }
    let (ab, ac) = (step(a, b), step(a, c))
    let height = Double(sign) * (ab.1 * ac.0 - ab.0 * ac.1)
    return height > 1e-14 * (abs(ac.0) + abs(ac.1))
  }
}
