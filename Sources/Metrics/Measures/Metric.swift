internal import FairpostNumerics

/// Of what a metric is a figure; what compares groups needs at least two of them.
package enum MetricScope: Sendable {
  /// Of everybody, and of each group.
  case value
  /// Of each group alone, and nothing without groups.
  case eachGroup
  /// Of the least or the greatest group.
  case extreme
  /// Of groups against each other: not estimable with one.
  case comparison
  /// Of rows, whatever their groups.
  case rows
}

/// A metric as a value: what it is called, what it computes, and what it is when it cannot be estimated.
package struct Metric: Sendable {
  /// The id by which it is asked for.
  package let id: String
  /// The definition's id; aliases share the definition of what they stand for.
  package let definition: String
  /// The name for people.
  package let name: String
  /// The formula in plain text.
  ///
  /// S is the score, D the decision, Y the label.
  package let formula: String
  /// Which way it should go.
  package let direction: Direction
  /// What it needs.
  package let needs: Needs
  /// When it is not estimable.
  package let notEstimable: String
  /// The project whose name this is, for aliases.
  package let origin: String?
  /// Whether it is one of the figures shown without being asked for.
  package let isDefault: Bool
  /// Of what it is a figure.
  package let scope: MetricScope
  /// Whether its interval is drawn from the rows, for want of a closed form.
  let isResampled: Bool
  /// What its permutation test asks: figures of one quantity test one hypothesis.
  let quantity: String
  /// Whether it compares one group with the others, rather than all groups.
  let isDirected: Bool
  /// Whether noise alone makes it larger, so that resamples lie above it.
  let growsWithNoise: Bool
  /// The quantities of one group it is made of; none where it is made otherwise.
  let bases: [BaseMetric]
  let compute: @Sendable (EvaluationContext) -> [Outcome]

  init(
    id: String, definition: String? = nil, name: String, formula: String, direction: Direction,
    needs: Needs, notEstimable: String, origin: String? = nil, isDefault: Bool = false,
    scope: MetricScope = .comparison, isResampled: Bool = false, quantity: String? = nil,
    isDirected: Bool = false, growsWithNoise: Bool = false, bases: [BaseMetric] = [],
    compute: @escaping @Sendable (EvaluationContext) -> [Outcome]
  ) {
    self.id = id
    self.definition = definition ?? id
    self.name = name
    self.formula = formula
    self.direction = direction
    self.needs = needs
    self.notEstimable = notEstimable
    self.origin = origin
    self.isDefault = isDefault
    self.scope = scope
    self.isResampled = isResampled
    self.quantity = quantity ?? self.definition
    self.isDirected = isDirected
    self.growsWithNoise = growsWithNoise
    self.bases = bases
    self.compute = compute
  }

  /// The same definition under another name.
  func alias(_ id: String, origin: String) -> Metric {
    Metric(
      id: id, definition: definition, name: name, formula: formula, direction: direction,
      needs: needs, notEstimable: notEstimable, origin: origin, scope: scope,
      isResampled: isResampled, quantity: quantity, isDirected: isDirected,
      growsWithNoise: growsWithNoise, bases: bases, compute: compute)
  }
}

extension Metric {
  /// Whether it is made of the values of several groups; the least and the greatest have no direction
  /// of their own.
  package var looksAtGroups: Bool { scope == .comparison || scope == .extreme }

  /// Whether it is a figure over groups rather than of a group, and has a way it should go.
  package var isOverGroups: Bool { direction != .none && looksAtGroups }

  /// Figures of each group that rest on the rows this one rests on: those it is made of, else the
  /// commonest with the same needs.
  package var ofEachGroup: [Metric] {
    var parts = bases
    if parts.isEmpty {
      parts = [.selectionRate, .meanScore]
      if needs.contains(.labels) { parts += [.truePositiveRate, .falsePositiveRate] }
    }
    return parts.compactMap { MetricRegistry.find($0.id) }
  }

  /// Whether a constant predictor's value takes the labels one by one.
  package var needsEachLabel: Bool { bases.contains(where: \.needsEachLabel) }

  /// Whether it is made of sums over groups, so that a stream is enough.
  package var isSum: Bool { needs.areSums }

  /// Whether it is made of sums over groups and of sorted scores, so that rows need not be held.
  package var isStreamed: Bool { needs.areStreamed }

  /// A base metric for every group, with the overall value first (group empty).
  static func perGroup(_ base: BaseMetric) -> Metric {
    Metric(
      id: base.id, name: base.name, formula: base.formula, direction: base.direction,
      needs: base.needs, notEstimable: base.notEstimable,
      isDefault: base.isDefault, scope: .value,
      quantity: base.quantity ?? base.id, growsWithNoise: base.growsWithNoise, bases: [base]
    ) { context in
      let estimates = context.estimates(base)
      func outcome(_ rows: Int, _ estimate: Estimate?, _ group: Int?) -> Outcome {
        var result = Outcome(group: group)
        result.count = rows
        if let group { result.flags = context.flags([group]) }
        guard let estimate else {
          result.reason = base.notEstimable
          return result
        }
        result.value = estimate.value
        result.count = estimate.count
        if context.options.intervals,
          let bounds = estimate.interval(tail: context.options.tail)
        {
          // A loss is not negative.
          result.lower = base.direction == .lower ? max(0, bounds.lower) : bounds.lower
          result.upper = bounds.upper
          result.method = estimate.method
        }
        return result
      }
      var outcomes = [outcome(context.overall.sums.total.rows, estimates.overall, nil)]
      outcomes.reserveCapacity(context.groups.count + 1)
      for group in context.groups.indices {
        outcomes.append(
          outcome(context.groups[group].sums.total.rows, estimates.groups[group], group))
      }
      return outcomes
    }
  }

  /// A figure over groups derived from a base metric.
  static func derived(_ base: BaseMetric, _ aggregation: Aggregation) -> Metric {
    let id = base.id + "." + aggregation.rawValue
    var needs = base.needs
    if aggregation == .directedRatio || aggregation == .directedDifference {
      needs.insert(.protected)
    }
    return Metric(
      id: id, name: base.name + ", " + aggregation.rawValue.replacing("_", with: " "),
      formula: aggregation.formula + " of " + base.formula,
      direction: aggregation.direction(base.direction), needs: needs,
      notEstimable: "a group's value is not estimable (" + base.notEstimable
        + "), or a denominator is 0",
      isDefault: base.defaultGaps.contains(aggregation),
      scope: aggregation.isExtreme ? .extreme : .comparison, quantity: base.quantity ?? base.id,
      isDirected: needs.contains(.protected), growsWithNoise: base.growsWithNoise, bases: [base]
    ) { context in [context.derive(base, aggregation, id: id)] }
  }
}
