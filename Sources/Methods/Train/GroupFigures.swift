internal import FairpostLearning
internal import FairpostNumerics

/// What a training log says of groups: figures beside the training, which they do not change.
enum GroupFigures {
  /// The mean loss of every group's rows, NaN for a group without labelled rows.
  static func losses(
    _ data: LearningData, groups: Int, _ parameters: [Double], _ engine: inout Differentiator
  ) -> [Double] {
    (0..<groups).map { group in
      let part = data.selecting(data.groups.indices.filter { Int(data.groups[$0]) == group })
      let objective = part.objective()
      return objective.sums.isEmpty ? .nan : engine.value(objective, parameters, part.batch())
    }
  }

  /// Sums by group over the groups' weights in the rows.
  static func means(_ sums: ArraySlice<Double>, of data: LearningData, rows: [Int]) -> [Double] {
    guard !sums.isEmpty else { return [] }
    var weights = sums.map { _ in 0.0 }
    for row in rows where data.groups[row] >= 0 {
      weights[Int(data.groups[row])] += data.weights[row]
    }
    return zip(sums, weights).map { $1 > 0 ? $0 / $1 : .nan }
  }
}

extension EpisodeRows {
  /// The same with a sum for each group that counts for nothing: its value is there to be read.
  func reporting(_ groups: Int) -> EpisodeRows {
    var result = self
    let none = [Double](repeating: 0, count: tasks * rows)
    for _ in 0..<groups {
      result.sums.append(LossSum(loss: sums[0].loss, targets: none, weights: none))
      result.coefficients.append(0)
    }
    return result
  }

  /// Sets those sums, the last ones, to the losses of the groups' rows.
  mutating func fillReported(
    _ groups: Int, with chosen: ArraySlice<Int>, of data: LearningData
  ) {
    let first = sums.count - groups
    for group in 0..<groups {
      for (at, row) in chosen.enumerated() {
        sums[first + group].targets[at] = data.tasks[0].targets[row]
        sums[first + group].weights[at] = Int(data.groups[row]) == group ? data.weights[row] : 0
      }
    }
  }
}
