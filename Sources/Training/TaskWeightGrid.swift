package import FairpostLearning
internal import FairpostNumerics

/// A conditioned model's losses over a grid of task weights.
package enum TaskWeightGrid {
  /// Values each task's weight takes.
  private static let steps = 5
  /// More tasks than this would make the grid too large: each task then varies by itself.
  private static let mostCrossed = 3

  /// The mean loss of every task at every point of the grid.
  package static func trials(_ model: Model, _ rows: LearningData) -> [ModelTrial] {
    var engine = Differentiator(shape: model.shape)
    return points(model).map { weights in
      let conditions = (0..<rows.rows).flatMap { _ in weights }
      let losses = rows.tasks.indices.map { place -> Double in
        let only = rows.tasks.indices.map { $0 == place ? 1.0 : 0 }
        let objective = rows.objective(taskWeights: only)
        return engine.value(objective, model.parameters, rows.batch(conditions: conditions))
      }
      return ModelTrial(conditions: weights, losses: losses)
    }
  }

  /// The range each task's weight was drawn from.
  package static func ranges(_ model: Model) -> [ClosedRange<Double>] {
    func ends(_ name: String, _ fallback: Double) -> [Double] {
      let values = (model.options[name] ?? "").split(separator: ",").compactMap { Double($0) }
        .filter(\.isFinite)
      return model.tasks.indices.map { $0 < values.count ? values[$0] : values.last ?? fallback }
    }
    let low = ends("weight-from", 0.25)
    let high = ends("weight-to", 6)
    return zip(low, high).map { $0...max($0, $1) }
  }

  private static func points(_ model: Model) -> [[Double]] {
    let axes = ranges(model).map { range in
      (0..<steps).map {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / Double(steps - 1)
      }
    }
    guard axes.count <= mostCrossed else {
      return axes.indices.flatMap { place in
        axes[place].map { value in
          var point = model.conditions
          point[place] = value
          return point
        }
      }
    }
    return axes.reduce([[]]) { points, axis in points.flatMap { p in axis.map { p + [$0] } } }
  }
}
