internal import Learning
internal import Numerics

/// How well a model does, with the constant predictor beside it.
enum TrainingSummary {
  /// One line a task: figures on `rows`, and those of the constant that fits the training rows best.
  static func lines(
    _ model: Model, _ rows: LearningData, training: LearningData
  ) -> [String] {
    let outputs = outputs(model, rows)
    return zip(rows.tasks.indices, rows.offsets).map { place, offset in
      let task = rows.tasks[place]
      let used = rows.weights.indices.filter {
        rows.weights[$0] > 0 && !task.targets[$0].isNaN
      }
      guard !used.isEmpty else { return "\(task.name): no row has a label" }
      let weights = used.map { rows.weights[$0] }
      let targets = used.map { task.targets[$0] }
      func score(_ class: Int) -> [Double] {
        used.map { outputs[$0 * model.shape.outputs + offset + `class`] }
      }
      let known = labelled(training, place)
      let words =
        switch task.kind {
        case .binary: binary(score(0), targets, weights, known)
        case .regression: regression(score(0), targets, weights, known)
        case .multiclass(let classes):
          multiclass(classes.indices.map { score($0) }, targets, weights, known)
        }
      return "\(task.name): \(words)"
    }
  }

  /// The training rows' labels and weights for a task.
  private static func labelled(
    _ data: LearningData, _ place: Int
  ) -> (targets: [Double], weights: [Double]) {
    let targets = data.tasks[place].targets
    let used = targets.indices.filter { data.weights[$0] > 0 && !targets[$0].isNaN }
    return (used.map { targets[$0] }, used.map { data.weights[$0] })
  }

  private static func mean(_ values: [Double], _ weights: [Double]) -> Double {
    var top = 0.0
    var bottom = 0.0
    for (value, weight) in zip(values, weights) {
      top += value * weight
      bottom += weight
    }
    return top / bottom
  }

  private static func binary(
    _ logits: [Double], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> String {
    let losses = zip(logits, targets).map { logit, target in
      max(logit, 0) + Elementwise.logarithm(1 + Elementwise.exponential(-abs(logit)))
        - target * logit
    }
    let right = zip(logits, targets).map { ($0 > 0) == ($1 == 1) ? 1.0 : 0 }
    let share = mean(known.targets, known.weights)
    let constant = share > 0.5 ? 1.0 : 0
    let constantRight = targets.map { $0 == constant ? 1.0 : 0 }
    let constantLosses = targets.map { -Elementwise.logarithm($0 == 1 ? share : 1 - share) }
    let auc = area(logits, targets, weights)
    return "AUC \(text(auc)), accuracy \(text(mean(right, weights))), log loss "
      + "\(text(mean(losses, weights))); the constant predictor: AUC 0.5, accuracy "
      + "\(text(mean(constantRight, weights))), log loss \(text(mean(constantLosses, weights)))"
  }

  private static func regression(
    _ outputs: [Double], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> String {
    let constant = mean(known.targets, known.weights)
    let own = mean(zip(outputs, targets).map { ($0 - $1) * ($0 - $1) }, weights)
    let other = mean(targets.map { (constant - $0) * (constant - $0) }, weights)
    let explained = other > 0 ? 1 - own / other : .nan
    return "MSE \(text(own)), R2 \(text(explained)); the constant predictor: MSE \(text(other))"
  }

  private static func multiclass(
    _ logits: [[Double]], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> String {
    let rows = targets.indices
    let right = rows.map { row -> Double in
      let best = logits.indices.max { logits[$0][row] < logits[$1][row] } ?? 0
      return Double(best) == targets[row] ? 1 : 0
    }
    let losses = rows.map { row -> Double in
      let largest = logits.map { $0[row] }.max() ?? 0
      let sum = logits.reduce(0) { $0 + Elementwise.exponential($1[row] - largest) }
      return Elementwise.logarithm(sum) + largest - logits[Int(targets[row])][row]
    }
    let shares = logits.indices.map { place in
      mean(known.targets.map { $0 == Double(place) ? 1 : 0 }, known.weights)
    }
    let commonest = shares.indices.max { shares[$0] < shares[$1] } ?? 0
    let constantRight = targets.map { Int($0) == commonest ? 1.0 : 0 }
    let constantLosses = targets.map { -Elementwise.logarithm(shares[Int($0)]) }
    return "accuracy \(text(mean(right, weights))), log loss \(text(mean(losses, weights))); "
      + "the constant predictor: accuracy \(text(mean(constantRight, weights))), log loss "
      + text(mean(constantLosses, weights))
  }

  /// The weighted area under the ROC curve, ties counted half; NaN with one class.
  static func area(_ scores: [Double], _ targets: [Double], _ weights: [Double]) -> Double {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var below = 0.0
    var area = 0.0
    var positives = 0.0
    var place = 0
    while place < order.count {
      var end = place
      var tied = (positive: 0.0, negative: 0.0)
      while end < order.count, scores[order[end]] == scores[order[place]] {
        let row = order[end]
        if targets[row] == 1 {
          tied.positive += weights[row]
        } else {
          tied.negative += weights[row]
        }
        end += 1
      }
      area += tied.positive * (below + tied.negative / 2)
      below += tied.negative
      positives += tied.positive
      place = end
    }
    return positives > 0 && below > 0 ? area / (positives * below) : .nan
  }

  /// What the network gives for every row.
  private static func outputs(_ model: Model, _ rows: LearningData) -> [Double] {
    model.shape.outputs(
      model.parameters,
      rows.batch(conditions: (0..<rows.rows).flatMap { _ in model.conditions }))
  }

  /// The share of rows the model selects in each group, for a first binary task.
  static func selection(
    _ model: Model, _ rows: LearningData, groups: [String]
  ) -> [(group: String, share: Double, rows: Int)] {
    guard !rows.groups.isEmpty, case .binary? = model.tasks.first?.kind else { return [] }
    let outputs = outputs(model, rows)
    var totals = [Double](repeating: 0, count: groups.count)
    var selected = totals
    var counts = [Int](repeating: 0, count: groups.count)
    for row in 0..<rows.rows where rows.groups[row] >= 0 {
      let group = Int(rows.groups[row])
      counts[group] += 1
      totals[group] += rows.weights[row]
      if outputs[row * model.shape.outputs] > 0 { selected[group] += rows.weights[row] }
    }
    return groups.indices.filter { totals[$0] > 0 }.map {
      (groups[$0], selected[$0] / totals[$0], counts[$0])
    }
  }

  /// A figure for people.
  static func text(_ value: Double) -> String {
    value.isNaN ? "not estimable" : NumberText.text((value * 1e4).rounded() / 1e4)
  }
}
