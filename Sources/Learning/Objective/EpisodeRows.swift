/// Rows of many tasks of meta-learning: as many for each, one task after another, with the sum over
/// tasks of a linear combination of per-row losses.
package struct EpisodeRows: Sendable {
  /// How many tasks.
  package var tasks: Int
  /// The rows of each.
  package var rows: Int
  /// Features of all rows.
  package var inputs: [Double]
  /// Sums over the rows of all tasks; the weights already hold each task's share.
  package var sums: [LossSum]
  /// What each sum counts.
  package var coefficients: [Double]

  /// Rows from their parts.
  package init(
    tasks: Int, rows: Int, inputs: [Double], sums: [LossSum], coefficients: [Double]
  ) {
    self.tasks = tasks
    self.rows = rows
    self.inputs = inputs
    self.sums = sums
    self.coefficients = coefficients
  }

  /// Rows of all tasks.
  var count: Int { tasks * rows }

  /// Room for more tasks with the sums of one.
  func repeated(_ tasks: Int) -> EpisodeRows {
    func times(_ numbers: [Double]) -> [Double] {
      (0..<tasks).flatMap { _ in numbers }
    }
    let sums = sums.map {
      LossSum(
        loss: $0.loss, output: $0.output, targets: times($0.targets), weights: times($0.weights))
    }
    return EpisodeRows(
      tasks: tasks, rows: rows, inputs: times(inputs), sums: sums, coefficients: coefficients)
  }

  /// The rows of one task.
  func batch(_ task: Int) -> Batch {
    let width = inputs.count / max(count, 1)
    return Batch(
      rows: rows, inputs: Array(inputs[task * rows * width..<(task + 1) * rows * width]))
  }

  /// What is summed over the rows of one task.
  func objective(_ task: Int) -> Objective {
    let range = task * rows..<(task + 1) * rows
    return Objective(
      sums.map {
        LossSum(
          loss: $0.loss, output: $0.output, targets: Array($0.targets[range]),
          weights: Array($0.weights[range]))
      }, .linear(coefficients))
  }

  /// dF/d outputs into `delta`, and the value of every sum where it is wanted.
  func gradient(
    outputs: [Double], width: Int, values: inout [Double], wantsValues: Bool,
    delta: inout [Double]
  ) {
    for i in 0..<count * width { delta[i] = 0 }
    for (k, sum) in sums.enumerated() {
      if wantsValues { values[k] += sum.value(outputs, width) }
      sum.addDelta(outputs, width, coefficients[k], &delta)
    }
  }

  /// The derivative of dF/d outputs along a direction, given that of the outputs.
  func tangent(outputs: [Double], tangents: [Double], width: Int, into delta: inout [Double]) {
    for i in 0..<count * width { delta[i] = 0 }
    for (k, sum) in sums.enumerated() {
      sum.addTangent(outputs, tangents, width, coefficients[k], &delta)
    }
  }
}
