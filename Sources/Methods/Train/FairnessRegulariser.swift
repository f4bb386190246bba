public import Learning

/// The regularisers of Fair-MAML, as printed in the paper; one-sided, in [0, 1].
///
/// Both only push the protected group's scores up; neither compares groups.
public enum FairnessRegulariser: String, Sendable, Hashable, CaseIterable {
  /// 1 - mean predicted probability over the protected rows.
  case demographicParity = "dp"
  /// The same over protected rows with label 1.
  case equalOpportunity = "eop"

  /// The mean loss of the first task plus gamma times the regulariser.
  ///
  /// With no row to take the mean over, the regulariser is 0 (see `applies`).
  public func objective(_ data: LearningData, protected: Int32, gamma: Double) -> Objective {
    var objective = data.objective()
    guard gamma != 0 else { return objective }
    let members = members(data, protected: protected)
    let count = members.reduce(0, +)
    guard count > 0 else { return objective }
    let task = data.tasks[0]
    let softmax = task.kind.width == 2
    objective.sums.append(
      LossSum(
        loss: softmax ? .negativeSoftmaxProbability : .negativeProbability, output: 0,
        targets: [Double](repeating: 0, count: data.rows), weights: members.map { $0 / count }))
    objective.combination = .linear(
      [Double](repeating: 1, count: objective.sums.count - 1) + [gamma], constant: gamma)
    return objective
  }

  /// Whether the rows contain one the regulariser looks at.
  public func applies(_ data: LearningData, protected: Int32) -> Bool {
    members(data, protected: protected).contains { $0 > 0 }
  }

  private func members(_ data: LearningData, protected: Int32) -> [Double] {
    let labels = data.tasks[0].targets
    return data.groups.indices.map { row in
      data.groups[row] == protected && (self == .demographicParity || labels[row] == 1)
        ? data.weights[row] : 0
    }
  }
}
