package import FairpostLearning
internal import FairpostNumerics

/// The regularisers of Fair-MAML, as printed in the paper; one-sided, in [0, 1].
///
/// Both only push the protected group's scores up; neither compares groups.
package enum FairnessRegulariser: String, Sendable, Hashable, CaseIterable {
  /// 1 - mean predicted probability over the protected rows.
  case demographicParity = "dp"
  /// The same over protected rows with label 1.
  case equalOpportunity = "eop"

  /// Room for one task's rows with the sums of `fill`: the mean loss of the first task, and the
  /// regulariser less 1 with the weight gamma where one is given.
  func episodes(_ data: LearningData, rows: Int, gamma: Double?) -> EpisodeRows {
    let kind = data.tasks[0].kind
    let none = [Double](repeating: 0, count: rows)
    var sums = [LossSum(loss: kind.loss, targets: none, weights: none)]
    if gamma != nil { sums.append(LossSum(loss: loss(kind), targets: none, weights: none)) }
    return EpisodeRows(
      tasks: 1, rows: rows, inputs: [Double](repeating: 0, count: rows * data.features),
      sums: sums, coefficients: gamma.map { [1, $0] } ?? [1])
  }

  /// Sets the rows of tasks that follow one another; without a row to take the mean over, the
  /// regulariser is 0.
  func fill(
    _ episodes: inout EpisodeRows, with chosen: ArraySlice<Int>, of data: LearningData,
    protected: Int32, gamma: Double?
  ) {
    Dense.gather(chosen, of: data.inputs, width: data.features, into: &episodes.inputs)
    for task in 0..<episodes.tasks {
      let first = task * episodes.rows
      var total = 0.0
      var members = 0.0
      for at in first..<first + episodes.rows {
        let row = chosen[chosen.startIndex + at]
        total += data.weights[row]
        members += member(row, data, protected)
      }
      for at in first..<first + episodes.rows {
        let row = chosen[chosen.startIndex + at]
        episodes.sums[0].targets[at] = data.tasks[0].targets[row]
        episodes.sums[0].weights[at] = data.weights[row] / total
        if gamma != nil {
          episodes.sums[1].weights[at] = members > 0 ? member(row, data, protected) / members : 0
        }
      }
    }
    if let gamma { episodes.coefficients[1] = gamma }
  }

  /// The mean loss of the first task plus gamma times the regulariser.
  ///
  /// With no row to take the mean over, the regulariser is 0 (see `applies`).
  package func objective(_ data: LearningData, protected: Int32, gamma: Double) -> Objective {
    var objective = data.objective()
    guard gamma != 0 else { return objective }
    let members = members(data, protected: protected)
    let count = members.reduce(0, +)
    guard count > 0 else { return objective }
    objective.sums.append(
      LossSum(
        loss: loss(data.tasks[0].kind), output: 0,
        targets: [Double](repeating: 0, count: data.rows), weights: members.map { $0 / count }))
    objective.combination = .linear(
      [Double](repeating: 1, count: objective.sums.count - 1) + [gamma], constant: gamma)
    return objective
  }

  /// Its value; NaN with no row it looks at.
  func value(
    _ data: LearningData, protected: Int32, _ parameters: [Double],
    _ engine: inout Differentiator
  ) -> Double {
    let members = members(data, protected: protected)
    let count = members.reduce(0, +)
    guard count > 0 else { return .nan }
    let mean = LossSum(
      loss: loss(data.tasks[0].kind), targets: [Double](repeating: 0, count: data.rows),
      weights: members.map { $0 / count })
    return engine.value(Objective([mean], .linear([1], constant: 1)), parameters, data.batch())
  }

  /// Whether the rows contain one the regulariser looks at.
  package func applies(_ data: LearningData, protected: Int32) -> Bool {
    members(data, protected: protected).contains { $0 > 0 }
  }

  /// Whether some of the rows contain one the regulariser looks at.
  func applies(_ rows: ArraySlice<Int>, of data: LearningData, protected: Int32) -> Bool {
    rows.contains { member($0, data, protected) > 0 }
  }

  private func members(_ data: LearningData, protected: Int32) -> [Double] {
    data.groups.indices.map { member($0, data, protected) }
  }

  /// The weight of a row in the mean, 0 for rows it does not look at.
  private func member(_ row: Int, _ data: LearningData, _ protected: Int32) -> Double {
    guard row < data.groups.count, data.groups[row] == protected else { return 0 }
    return self == .demographicParity || data.tasks[0].targets[row] == 1 ? data.weights[row] : 0
  }

  /// Minus the probability of label 1.
  private func loss(_ kind: TaskKind) -> Loss {
    kind.width == 2 ? .negativeSoftmaxProbability : .negativeProbability
  }
}
