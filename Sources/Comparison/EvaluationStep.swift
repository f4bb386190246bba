internal import FairpostEvaluation
internal import FairpostMetrics
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText
internal import FairpostTraining
internal import FairpostTransport

/// The figures of an arm's predictions of the test rows.
package struct EvaluationStep: Sendable {
  package let data: CompareData
  package let metrics: CompareMetrics
  package let threshold: Double
  /// The selection rate of the second comparison; nil for the label rate of the training rows.
  package let rate: Double?

  /// Draws behind a fair floor: its 95 % point over five seeds needs no more.
  private static let noiseDraws = 200

  /// Every figure of the test rows, once with the arm's decisions, once at an equal selection rate.
  package func figures(_ predictions: Predictions, _ split: CompareSplit) throws -> [CellFigure] {
    let rows = split.test
    let weights = data.weights(rows)
    var tasks: [TaskColumns] = []
    for (place, task) in metrics.tasks.enumerated() {
      var column = ScoreColumn(name: "score", values: [])
      column.decisions = predictions.decisions[place] ?? []
      let scores = predictions.scores[place]
      switch task.kind {
      case .multiclass:
        if column.decisions.isEmpty { column.decisions = Self.highest(scores, rows.count) }
      case .binary, .regression:
        if predictions.hasScores[place] { column.values = scores[0] }
        if task.kind == .binary, column.decisions.isEmpty {
          column = ScoreColumn(name: "score", values: scores[0], threshold: threshold)
        }
      }
      tasks.append(
        TaskColumns(
          name: task.name, kind: task.kind, labels: data.labels(place, rows), scores: [column]))
    }
    let attributes = data.attributes.indices.map { data.grouping($0, rows) }
    var options = EvaluationOptions()
    options.noiseDraws = Self.noiseDraws
    options.seed = split.seed
    options.protected = data.protectedKeys
    var result: [CellFigure] = []
    for (place, task) in metrics.tasks.enumerated() {
      if let reason = predictions.unsuited[place] {
        result += task.metrics.map {
          Self.unsuited($0, task.name, attributes[0].columns, reason)
        }
        continue
      }
      let own = try EvaluationData(
        count: rows.count, tasks: [tasks[place]], attributes: attributes, weights: weights)
      result += Evaluator(own, options: options).figures(task.metrics)
        .map { Self.cell($0, .own) }
      let deciding = task.metrics.filter {
        $0.needs.contains(.decisions) && !$0.needs.contains(.scores)
      }
      guard task.kind == .binary, !deciding.isEmpty else { continue }
      var equal = tasks[place]
      if equal.scores[0].values.isEmpty {
        // Without scores there is nothing to select the highest of.
        result += deciding.map { metric in
          CellFigure(
            key: CellFigure.Key(
              task: task.name, decisions: .equalRate, metric: metric.id,
              attribute: attributes[0].columns, group: nil, category: nil),
            value: nil, reason: "needs scores", count: rows.count, floor: nil)
        }
        continue
      }
      let asked = rate ?? labelRate(place, split)
      equal.scores[0].decisions = Decisions.atRate(
        asked, scores: equal.scores[0].values, weights: weights)
      let attained = Decisions.attained(asked, equal.scores[0].decisions, weights: weights)
      let atRate = try EvaluationData(
        count: rows.count, tasks: [equal], attributes: attributes, weights: weights)
      result += Evaluator(atRate, options: options).figures(deciding).map { figure in
        let cell = Self.cell(figure, .equalRate)
        guard let attained, !attained.isAsked, cell.value != nil else { return cell }
        return cell.marked(
          .rateNotAttainable,
          "tied scores select \(FigureTable.short(attained.rate)) instead of \(FigureTable.short(asked))"
        )
      }
    }
    if let reason = predictions.unsuited.lazy.compactMap({ $0 }).first {
      result += metrics.joint.map { Self.unsuited($0, "", attributes[0].columns, reason) }
    } else if !metrics.joint.isEmpty {
      let all = try EvaluationData(
        count: rows.count, tasks: tasks, attributes: attributes, weights: weights)
      result += Evaluator(all, options: options).figures(metrics.joint)
        .map { Self.cell($0, .own) }
    }
    return result
  }

  /// The weighted share of positive labels among the rows that are not tested.
  private func labelRate(_ task: Int, _ split: CompareSplit) -> Double {
    let rows = split.both
    let labels = data.labels(task, rows)
    var top = 0.0
    var bottom = 0.0
    for (row, label) in zip(rows, labels) where !label.isNaN {
      top += data.rows.weights[row] * label
      bottom += data.rows.weights[row]
    }
    return bottom > 0 ? top / bottom : 0.5
  }

  /// The class of the highest score, row by row; -1 where a score is missing.
  private static func highest(_ scores: [[Double]], _ count: Int) -> [Int16] {
    (0..<count).map { row in
      guard !scores.contains(where: { $0[row].isNaN }) else { return -1 }
      return Int16(scores.indices.max { scores[$0][row] < scores[$1][row] } ?? -1)
    }
  }

  /// The figure of a task that the arm leaves alone.
  private static func unsuited(
    _ metric: Metric, _ task: String, _ attribute: [String], _ reason: String
  ) -> CellFigure {
    CellFigure(
      key: CellFigure.Key(
        task: task, decisions: .own, metric: metric.id, attribute: attribute, group: nil,
        category: nil),
      value: nil, reason: reason, count: 0, floor: nil, mark: .notApplicable)
  }

  private static func cell(_ figure: Figure, _ decisions: CellFigure.Decisions) -> CellFigure {
    let isNumber = figure.value?.isFinite ?? true
    return CellFigure(
      key: CellFigure.Key(
        task: figure.task, decisions: decisions, metric: figure.metric,
        attribute: figure.attribute, group: figure.group, category: figure.category),
      value: isNumber ? figure.value : nil,
      reason: isNumber ? figure.reason : "not a finite number", count: figure.count,
      floor: figure.noise.flatMap { $0.band.isFinite ? $0.band : nil })
  }
}
