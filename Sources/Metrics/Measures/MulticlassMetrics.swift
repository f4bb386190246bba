internal import FairpostNumerics
internal import FairpostTransport

/// Figures of tasks with more than two classes: each class against the rest.
enum MulticlassMetrics {
  private static let both: Needs = [.classLabels, .choices, .classes]

  /// The metrics.
  static let all: [Metric] = [
    Metric(
      id: "class_accuracy", name: "accuracy", formula: "P(D=Y)", direction: .higher, needs: both,
      notEstimable: "no rows", isDefault: true, scope: .value
    ) { context in
      let groups = context.hits()
      var whole = (hits: Tally(), all: Tally())
      for group in groups {
        whole.hits += group.hits
        whole.all += group.all
      }
      return [context.share(whole.hits, whole.all, group: nil)]
        + groups.enumerated().map { context.share($1.hits, $1.all, group: $0) }
    },
    perClass("class_selection_rate", "selection rate", [.choices, .classes], .selectionRate),
    perClass("class_recall", "recall", both.union(.sameLabel), .truePositiveRate),
    perClass("class_precision", "precision", both, .precision),
    parity(
      "multiclass_demographic_parity_difference",
      "max over classes and pairs of |P(D=c|a) - P(D=c|b)|",
      [.choices, .classes], .selectionRate),
    parity(
      "multiclass_equal_opportunity_difference",
      "max over classes and pairs of |P(D=c|Y=c,a) - P(D=c|Y=c,b)|", both.union(.sameLabel),
      .truePositiveRate),
  ]

  private static func perClass(_ id: String, _ name: String, _ needs: Needs, _ base: BaseMetric)
    -> Metric
  {
    Metric(
      id: id, name: name + " of a class", formula: name + " of one class against the rest",
      direction: .none, needs: needs, notEstimable: "no rows in the denominator", scope: .value
    ) { context in
      context.classes().flatMap { category, oneClass in
        Metric.perGroup(base).compute(oneClass).map {
          var outcome = $0
          outcome.category = category
          return outcome
        }
      }
    }
  }

  private static func parity(_ id: String, _ formula: String, _ needs: Needs, _ base: BaseMetric)
    -> Metric
  {
    Metric(
      id: id, name: id.replacing("_", with: " "), formula: formula, direction: .lower,
      needs: needs, notEstimable: "a class has no rows in a group", isDefault: true
    ) { context in
      var pieces: [Outcome] = []
      let classes = context.classes()
      for (category, oneClass) in classes {
        let piece = oneClass.derive(
          base, .difference, id: id + category, parts: classes.count)
        if piece.value == nil {
          return [.unavailable("class \(category): " + (piece.reason ?? ""))]
        }
        pieces.append(piece)
      }
      var outcome = context.plain(pieces.compactMap(\.value).max() ?? 0)
      outcome.combine(pieces, ratio: false, mean: false)
      return [outcome]
    }
  }
}

extension EvaluationContext {
  /// One context per class: that class against the rest.
  fileprivate func classes() -> [(String, EvaluationContext)] {
    guard case .multiclass(let names) = task.kind else { return [] }
    return names.enumerated().map { code, name in
      var rows = RowSums(groupCount: groups.count)
      rows.add(
        rows: 0..<data.count, codes: grouping.codes, labels: task.labels, scores: [],
        decisions: score.decisions, weights: data.weights, binary: false, classCode: code)
      let sums = rows.rounded
      var overall = GroupSums()
      for part in sums.groups { overall += part }
      let context = replacing(
        groups: sums.groups.map { GroupView(sums: $0) }, overall: GroupView(sums: overall))
      return (name.description, context)
    }
  }

  fileprivate func hits() -> [(hits: Tally, all: Tally)] {
    var result = [(hits: Tally, all: Tally)](repeating: (Tally(), Tally()), count: groups.count)
    for row in 0..<data.count {
      let code = Int(grouping.codes[row])
      if code < 0 || score.decisions[row] < 0 || task.labels[row].isNaN { continue }
      let one = data.tally(row)
      if one.weight == 0 { continue }
      result[code].all += one
      if Double(score.decisions[row]) == task.labels[row] { result[code].hits += one }
    }
    return result
  }

  fileprivate func share(_ hits: Tally, _ all: Tally, group: Int?) -> Outcome {
    var outcome = Outcome(group: group)
    outcome.count = all.rows
    if let group { outcome.flags = flags([group]) }
    guard all.weight > 0 else {
      outcome.reason = "no rows"
      return outcome
    }
    let p = hits.weight / all.weight
    let estimate = Estimate(
      value: p, count: all.rows,
      spread: .proportion(p, total: all.effective, transform: nil))
    outcome.value = p
    if let bounds = estimate.interval(tail: options.tail) {
      outcome.lower = bounds.lower
      outcome.upper = bounds.upper
      outcome.method = estimate.method
    }
    return outcome
  }
}
