package import FairpostLearning
internal import FairpostNumerics

/// How well a model does, with the constant predictor beside it.
package enum TrainingSummary {
  /// How a model does at one task on some rows.
  package struct TaskFigure {
    package let task: String
    /// The figures in words, with those of the constant predictor.
    package let words: String
    /// The model's own figures in words.
    package let shortWords: String
    /// What the loss is called.
    package let lossName: String
    /// The mean loss; nil where no row has a label.
    package var loss: Double?
    /// The loss of the constant that fits the training rows best.
    package var constantLoss: Double?
    /// The loss of knowing nothing: the larger of the constant's and that of equal probabilities.
    package var ignorance: Double?
    /// Every labelled row's loss and weight.
    fileprivate var losses: [Double] = []
    fileprivate var weights: [Double] = []

    /// Whether the mean loss is larger by more than two standard errors of the rows' differences.
    package func isClearlyWorse(than other: TaskFigure) -> Bool {
      guard losses.count == other.losses.count, losses.count > 1 else { return false }
      let moments = WeightedMoments(zip(losses, other.losses).map { $0 - $1 }, weights: weights)
      let sum = weights.reduce(0, +)
      let squares = weights.reduce(0) { $0 + $1 * $1 }
      return moments.mean > 2 * moments.deviation * (squares / (sum * sum)).squareRoot()
    }
  }

  /// For each task the figures on `rows`, and those of the constant that fits the training rows best.
  package static func figures(
    _ model: Model, _ rows: LearningData, training: LearningData
  ) -> [TaskFigure] {
    let outputs = outputs(model, rows)
    return zip(rows.tasks.indices, rows.offsets).map { place, offset in
      let task = rows.tasks[place]
      let used = rows.weights.indices.filter {
        rows.weights[$0] > 0 && !task.targets[$0].isNaN
      }
      guard !used.isEmpty else {
        return TaskFigure(
          task: task.name, words: "no row has a label", shortWords: "no row has a label",
          lossName: "loss")
      }
      let weights = used.map { rows.weights[$0] }
      let targets = used.map { task.targets[$0] }
      func score(_ class: Int) -> [Double] {
        used.map { outputs[$0 * model.shape.outputs + offset + `class`] }
      }
      let known = labelled(training, place)
      return switch task.kind {
      case .binary: binary(task.name, score(0), targets, weights, known)
      case .regression: regression(task.name, score(0), targets, weights, known)
      case .multiclass(let classes):
        multiclass(task.name, classes.indices.map { score($0) }, targets, weights, known)
      }
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
    _ name: String, _ logits: [Double], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> TaskFigure {
    let losses = zip(logits, targets).map { logit, target in
      max(logit, 0) + Elementwise.logarithm(1 + Elementwise.exponential(-abs(logit)))
        - target * logit
    }
    let right = zip(logits, targets).map { ($0 > 0) == ($1 == 1) ? 1.0 : 0 }
    let share = mean(known.targets, known.weights)
    let constant = share > 0.5 ? 1.0 : 0
    let constantRight = targets.map { $0 == constant ? 1.0 : 0 }
    let constantLosses = targets.map { -Elementwise.logarithm($0 == 1 ? share : 1 - share) }
    let auc = ROCArea.value(logits, targets, weights)
    let loss = mean(losses, weights)
    let constantLoss = mean(constantLosses, weights)
    let own =
      "AUC \(text(auc)), accuracy \(text(mean(right, weights))), log loss \(text(loss))"
    return TaskFigure(
      task: name,
      words: own + "; the constant predictor: AUC 0.5, accuracy "
        + "\(text(mean(constantRight, weights))), log loss \(text(constantLoss))",
      shortWords: own, lossName: "log loss", loss: loss, constantLoss: constantLoss,
      ignorance: max(constantLoss, Elementwise.logarithm(2)), losses: losses, weights: weights)
  }

  private static func regression(
    _ name: String, _ outputs: [Double], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> TaskFigure {
    let constant = mean(known.targets, known.weights)
    let losses = zip(outputs, targets).map { ($0 - $1) * ($0 - $1) }
    let own = mean(losses, weights)
    let other = mean(targets.map { (constant - $0) * (constant - $0) }, weights)
    let explained = other > 0 ? 1 - own / other : .nan
    let words = "MSE \(text(own)), R2 \(text(explained))"
    // Labels that are all alike leave nothing to measure by.
    return TaskFigure(
      task: name, words: words + "; the constant predictor: MSE \(text(other))",
      shortWords: words, lossName: "MSE", loss: own, constantLoss: other,
      ignorance: other > 0 ? other : .infinity, losses: losses, weights: weights)
  }

  private static func multiclass(
    _ name: String, _ logits: [[Double]], _ targets: [Double], _ weights: [Double],
    _ known: (targets: [Double], weights: [Double])
  ) -> TaskFigure {
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
    let loss = mean(losses, weights)
    let constantLoss = mean(constantLosses, weights)
    let own = "accuracy \(text(mean(right, weights))), log loss \(text(loss))"
    return TaskFigure(
      task: name,
      words: own + "; the constant predictor: accuracy \(text(mean(constantRight, weights))), "
        + "log loss \(text(constantLoss))",
      shortWords: own, lossName: "log loss", loss: loss, constantLoss: constantLoss,
      ignorance: max(constantLoss, Elementwise.logarithm(Double(logits.count))), losses: losses,
      weights: weights)
  }

  /// What the network gives for every row.
  private static func outputs(_ model: Model, _ rows: LearningData) -> [Double] {
    model.shape.outputs(
      model.parameters,
      rows.batch(conditions: (0..<rows.rows).flatMap { _ in model.conditions }))
  }

  /// The share of rows the model selects in each group, for a first binary task.
  package static func selection(
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
  package static func text(_ value: Double) -> String {
    if value.isNaN { return "not estimable" }
    guard abs(value) < 1e11 else { return NumberText.text(value) }
    return NumberText.text((value * 1e4).rounded() / 1e4)
  }
}
